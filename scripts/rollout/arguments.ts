/** Arguments of a roll-out command: its help, and refusals in one line. */
import { CallerError } from '../../cli/connection/endings.ts';

/** Prints the options of a command that was asked for them, and ends it. */
export function showHelp(text: string): never {
  console.log(text);
  process.exit(0);
}

/** @throws CallerError with the problem and the way to the options */
export function refuse(problem: string): never {
  throw new CallerError(`${problem} --help lists the options.`);
}

/** The value of an option that is a whole number. @throws CallerError for any other text */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  return refuse(`${option} is a whole number from ${least}, not ${text || 'empty'}.`);
}
