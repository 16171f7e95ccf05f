/** The parts that all subcommands share: options, streams, exit codes, and the fault of a wrong call. */
import type { ParseArgsConfig, ParseArgsOptionsConfig } from 'node:util';

/** Where a command reads and writes; the process's own streams by default. */
export interface Streams {
  input: NodeJS.ReadableStream;
  out: { write(text: string): unknown };
  problems: { write(text: string): unknown };
}

/**
 * `found`: the command found a fault. `wrong`: the caller has to change something, or the command could not
 * do its work. `differs`: something is not as it was deployed, or will be another object.
 */
export const EXIT = { fine: 0, found: 1, wrong: 2, differs: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command was called in a way that cannot be meant. Its message is printed with the usage. */
export class WrongUse extends Error {}

/** The values of a command's options, as `parseArgs` reads them. */
export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** A subcommand of `genesys-cloud-cfn`. */
export interface Command {
  name: string;
  /** Its line in the list of commands. */
  summary: string;
  /** Its help. */
  usage: string;
  options: ParseArgsOptionsConfig & ParseArgsConfig['options'];
  /** @throws WrongUse */
  run(values: Values, positionals: string[], streams: Streams): Promise<ExitCode>;
}
