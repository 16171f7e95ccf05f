/**
 * One row of the tables beside this file: a template, what is wrong, the parameters, and what the refusal
 * says.
 */
export type Refusal = [template: string, wrong: string, parameters: Record<string, string>, refusal: RegExp];

export const subnetA = 'subnet-0aaaaaaaaaaaaaaaa';
export const subnetB = 'subnet-0bbbbbbbbbbbbbbbb';
export const group = 'sg-0aaaaaaaaaaaaaaaa';
