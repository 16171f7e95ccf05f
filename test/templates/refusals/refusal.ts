import type { World } from '../../../scripts/build/templates/resolve.ts';

/**
 * One row of the tables beside this file: template, fault, parameters, words of the refusal, and the place
 * if it is not eu-west-1.
 */
export type Refusal = [
  template: string,
  wrong: string,
  parameters: Record<string, string>,
  refusal: RegExp,
  world?: World,
];

export const subnetA = 'subnet-0aaaaaaaaaaaaaaaa';
export const subnetB = 'subnet-0bbbbbbbbbbbbbbbb';
export const group = 'sg-0aaaaaaaaaaaaaaaa';
