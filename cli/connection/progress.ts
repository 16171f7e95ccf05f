/** The line at the foot of a terminal that says how far a command is. A pipe or a file gets none. */
import type { Streams } from '../command.ts';

const CLEAR = '\r\x1b[K';
const NARROWEST = 80;

export function progressOn(stream: Streams['problems'] & { isTTY?: boolean; columns?: number }) {
  const write = (text: string) => {
    if (stream.isTTY === true) stream.write(text);
  };
  return {
    show: (text: string) => write(`${CLEAR}${text.slice(0, (stream.columns ?? NARROWEST) - 1)}`),
    clear: () => write(CLEAR),
  };
}
