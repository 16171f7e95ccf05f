/** What a section of the bench hands to the runner. */
export interface Section {
  /** What is measured, in a few words. */
  title: string;
  columns: string[];
  rows: (string | number)[][];
  /** How to read the figures, and why a goal was missed. */
  notes: string[];
  goals: Goal[];
  /** Everything, under the section's key in dist/bench.json. */
  figures: Record<string, unknown>;
}

export interface Goal {
  name: string;
  value: number;
  limit: number;
  met: boolean;
}

export interface Options {
  /** Fewer runs and sizes, so that everything takes less than three minutes. */
  quick: boolean;
  /** A folder for what a section builds; removed at the end. */
  folder: string;
  /** Said to whoever waits. */
  say: (text: string) => void;
}

/** A goal that holds where the value is at most the limit. */
export const atMost = (name: string, value: number, limit: number): Goal => ({
  name,
  value,
  limit,
  met: value <= limit,
});
