import type { ConnectionOptions } from '../connection/connect.ts';
import type { Place } from './findings.ts';

export const formats = ['pretty', 'json'] as const;

/** The options of a run, judged. */
export interface DriftOptions extends ConnectionOptions {
  /** Name or id of the stack whose objects alone are looked at. */
  stack?: string;
  /** The end of an earlier look. */
  after?: Place;
  format: (typeof formats)[number];
}
