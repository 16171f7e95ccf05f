/** The end of a roll-out command that fails: one line for a person, and an exit code for a pipeline. */
import { endingOf } from '../../cli/connection/endings.ts';

/** Ends the process with one line where the command fails, whatever throws. */
export function endWithOneLine(): void {
  process.on('uncaughtException', (error) => {
    const { line, code } = endingOf(error);
    console.error(line);
    process.exit(code);
  });
}

interface Failure {
  /** Such as a Region. */
  target: string;
  error: unknown;
}

/**
 * Ends a command that failed for some of its targets: a line for each failure, and how to go on. The exit
 * code is 2 where the caller has to change something for each of them.
 * @param summary such as `1 of 2 Regions failed`
 */
export function endWithFailures(failures: readonly Failure[], summary: string): never {
  const endings = failures.map(({ target, error }) => ({ target, ...endingOf(error) }));
  for (const { target, line } of endings) console.error(`${target}: ${line}`);
  console.error(`${summary}; mend the cause and run the same command again.`);
  process.exit(endings.every(({ code }) => code === 2) ? 2 : 1);
}
