import type { ConnectionOptions } from '../connection/connect.ts';

export const formats = ['pretty', 'json', 'markdown'] as const;

/** The options of a run, judged. */
export interface PlanOptions extends ConnectionOptions {
  /** Path of the template; missing where a change set has it. */
  template?: string;
  /** Name or id of the stack that is to be deployed; missing where the ARN of a change set says it. */
  stack?: string;
  /** Name or ARN. */
  changeSet?: string;
  /** `Key=Value`, or files, in the order of the command line. */
  parameters: string[];
  format: (typeof formats)[number];
}
