/** The line at the foot of a terminal that says how far a command is. A pipe or a file gets no such line. */
const out = process.stdout;
const CLEAR = '\r\x1b[K';
const NARROWEST = 80;

let foot: (() => string) | undefined;

const clear = () => foot && out.write(CLEAR);
const draw = () => foot && out.write(foot().slice(0, (out.columns || NARROWEST) - 1));

/** Prints a line above the foot. */
export function printLine(line: string): void {
  clear();
  console.log(line);
  draw();
}

interface Work {
  /** Such as `Regions`. */
  what: string;
  /** How many there are; without it, the foot has the time only. */
  total?: number;
}

/**
 * Shows on a terminal how long the work takes and how many parts are done, each second anew.
 * @param run gets a function to call when a part is done
 */
export async function withProgress<Result>(
  { what, total }: Work,
  run: (partDone: () => void) => Promise<Result>,
): Promise<Result> {
  if (!out.isTTY) return run(() => undefined);
  const began = Date.now();
  let done = 0;
  foot = () => `${elapsed(Date.now() - began)}  ${total === undefined ? '' : `${done} of ${total} `}${what}`;
  const again = () => {
    clear();
    draw();
  };
  draw();
  const timer = setInterval(again, 1000).unref();
  try {
    return await run(() => {
      done += 1;
      again();
    });
  } finally {
    clearInterval(timer);
    clear();
    foot = undefined;
  }
}

/** Minutes and seconds. */
function elapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
