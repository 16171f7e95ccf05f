import type { ConnectionOptions } from '../connection/connect.ts';

export const formats = ['pretty', 'json'] as const;
export const settlements = ['success', 'failure'] as const;
export type Settlement = (typeof settlements)[number];

/** The options of a run, judged. */
export interface UnstickOptions extends ConnectionOptions {
  /** The number of an event in the list, or its RequestId; missing for the list. */
  which?: string;
  /** The answer to give by hand. */
  settle?: Settlement;
  /** The reason of a failure. */
  reason?: string;
  /** Takes the event out of the queue where nobody waits for its answer. */
  remove: boolean;
  /** Does not ask for the name of the stack. */
  yes: boolean;
  format: (typeof formats)[number];
}
