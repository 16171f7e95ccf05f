/**
 * One row of the tables beside this file: template, fault, parameters, words of the refusal, and the Region
 * where it is wrong.
 */
export type Refusal = [
  template: string,
  wrong: string,
  parameters: Record<string, string>,
  refusal: RegExp,
  region?: string,
];

export const subnetA = 'subnet-0aaaaaaaaaaaaaaaa';
export const subnetB = 'subnet-0bbbbbbbbbbbbbbbb';
export const group = 'sg-0aaaaaaaaaaaaaaaa';
