import type { ConnectionOptions } from '../connection/connect.ts';

export const formats = ['pretty', 'json'] as const;

/** The objects to export. `value` is a name or an id. */
export type Selection =
  | { by: 'integration' | 'action' | 'category' | 'stack'; value: string }
  | { by: 'all' };

/** The options of a run, judged. */
export interface ExportOptions extends ConnectionOptions {
  selection: Selection;
  /** The folder that gets the files. */
  output: string;
  /** Files of the folder that differ are overwritten. */
  force: boolean;
  /** Definitions stand in the template, and not in files. */
  inline: boolean;
  format: (typeof formats)[number];
}
