/** The result of one section of the bench. */
export interface Section {
  /** The subject of the measurement, in a few words. */
  title: string;
  columns: string[];
  rows: (string | number)[][];
  /** Explanations of the figures and of missed goals. */
  notes: string[];
  goals: Goal[];
  /** All figures; dist/bench.json has them under the section's key. */
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
  /** A folder for the section's builds; it is removed at the end. */
  folder: string;
  /** Tells the person who waits. */
  say: (text: string) => void;
}

/** A goal that holds where the value is at most the limit. */
export const atMost = (name: string, value: number, limit: number): Goal => ({
  name,
  value,
  limit,
  met: value <= limit,
});
