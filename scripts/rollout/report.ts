/** Output for a person: one line for each event, and a table at the end. */
import { cut } from '../../common/text.ts';

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
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

/** One line that fits a table's cell. */
export function brief(text: string, length = 160): string {
  return cut(text.replace(/\s+/g, ' ').trim(), length);
}

/** The value of an option that is a whole number; any other text ends the command with its usage. */
export function wholeNumber(help: string, option: string, text: string, least: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  return usage(help, `${option} is a whole number from ${least}, not ${text}.`);
}

/** Prints the problem with a command's arguments and its usage, and ends with 2. */
export function usage(text: string, problem?: string): never {
  if (problem !== undefined) console.error(`${problem}\n`);
  console.error(text);
  process.exit(2);
}
