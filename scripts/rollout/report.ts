/** Output for a person: one line for each event, and a table at the end. */
import { printLine } from './progress.ts';

/** Columns as wide as their longest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** Prints the time of day before each line, so that a person can tell waiting from hanging. */
export function say(line: string): void {
  printLine(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
