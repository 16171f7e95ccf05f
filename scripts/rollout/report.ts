/** What a person sees: a line per event, a table at the end. */
import { cut } from '../../provider/runtime/text.ts';

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

/** The time of day before each line, so that waiting can be told from hanging. */
export function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One line, no longer than a table's cell should be. */
export function brief(text: string, length = 160): string {
  return cut(text.replace(/\s+/g, ' ').trim(), length);
}

/** The value of an option that counts something; anything else ends the command with its usage. */
export function wholeNumber(help: string, option: string, text: string, least: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  return usage(help, `${option} is a whole number from ${least}, not ${text}.`);
}

/** Prints what is wrong with a command's arguments and ends with 2. */
export function usage(text: string, problem?: string): never {
  if (problem !== undefined) console.error(`${problem}\n`);
  console.error(text);
  process.exit(2);
}
