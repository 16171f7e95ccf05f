/** The question before anything is answered or removed. */
import { createInterface } from 'node:readline';
import type { Streams } from '../command.ts';
import { CallerError } from '../connection/endings.ts';

/**
 * Waits until a person has typed the word.
 * @throws CallerError where there is no terminal, and where another word was typed
 */
export async function confirm(
  { question, word }: { question: string; word: string },
  { input, problems }: Pick<Streams, 'input' | 'problems'>,
): Promise<void> {
  if ((input as { isTTY?: boolean }).isTTY !== true)
    throw new CallerError(`${question} Without a terminal, say so by --yes.`);
  problems.write(`${question}\nType ${word} to go on: `);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      if (line.trim() === word) return;
      break;
    }
  } finally {
    lines.close();
  }
  throw new CallerError('Nothing was done: the name does not match.');
}
