/**
 * A part of a matrix in a process of its own: `node local/faults/run-matrix.ts <cells|crashes|axes> <part>
 * <parts>`, or a share of the generated cases: `node local/faults/run-matrix.ts properties 0 <share>`.
 * Prints its findings as one line of JSON, and its progress to standard error.
 */
import { runAxisCell } from './axes.ts';
import { axesPlan, nameOfAxisCell } from './axes-plan.ts';
import {
  type Cell,
  type Crash,
  cellsAt,
  crashesAt,
  nameOf,
  nameOfCrash,
  places,
  runCell,
  runCrash,
  scenarios,
} from './matrix.ts';
import { anyEvent, anyOrder, anyStrings, anyStringsOfAnyType } from './properties.ts';
import type { Finding, FindingKind } from './verdicts.ts';

export interface MatrixResult {
  /** Number of cells or crash points. */
  count: number;
  findings: { name: string; kind: FindingKind; what: string }[];
}

/** Cells between two lines of progress. */
const PROGRESS = 500;

/**
 * Limit for a cell that hangs, in real time. An ordinary cell takes a tenth of a second. A cell whose ledger
 * refuses until the deadline repeats some thousand calls, half a minute of computing.
 */
const STUCK_MILLISECONDS = 600_000;

async function guarded(name: string, run: () => Promise<Finding[]>): Promise<MatrixResult['findings']> {
  const { promise, resolve } = Promise.withResolvers<Finding[]>();
  const timer = setTimeout(
    () => resolve([{ kind: 'unanswered', what: 'it does not end' }]),
    STUCK_MILLISECONDS,
  );
  run().then(resolve, (error: unknown) => resolve([{ kind: 'untrue', what: String(error) }]));
  const findings = await promise;
  clearTimeout(timer);
  return findings.map((finding) => ({ name, ...finding }));
}

/** Cases of each property. The bench counts their sum as `properties`. */
const GENERATED = [
  { name: 'any event', run: anyEvent, runs: 8_950 },
  { name: 'any strings', run: anyStrings, runs: 450 },
  { name: 'any strings of any type', run: anyStringsOfAnyType, runs: 450 },
  { name: 'any order', run: anyOrder, runs: 150 },
];

async function generated(share: number): Promise<MatrixResult> {
  const result: MatrixResult = { count: 0, findings: [] };
  for (const { name, run, runs } of GENERATED) {
    const of = Math.ceil(runs / share);
    result.count += of;
    await run(of).catch((error: Error) =>
      result.findings.push({ name, kind: 'untrue', what: error.message }),
    );
  }
  return result;
}

async function matrix(what: string | undefined, part: number, parts: number): Promise<MatrixResult> {
  const jobs: { name: string; run: () => Promise<Finding[]> }[] = [];
  for (const { type, operation } of scenarios) {
    const at = await places(type, operation);
    const axes = what === 'axes' ? axesPlan([{ type, operation, places: at }]) : [];
    jobs.push(...axes.map((cell) => ({ name: nameOfAxisCell(cell), run: () => runAxisCell(cell) })));
    for (const place of at) {
      const cells: Cell[] = what === 'cells' ? cellsAt(type, operation, place) : [];
      const crashes: Crash[] = what === 'crashes' ? crashesAt(type, operation, place) : [];
      jobs.push(...cells.map((cell) => ({ name: nameOf(cell), run: () => runCell(cell) })));
      jobs.push(...crashes.map((crash) => ({ name: nameOfCrash(crash), run: () => runCrash(crash) })));
    }
  }
  // Faults come in pairs, once and for the whole invocation, and the second takes far longer. A pair stays
  // together, so that the parts take equally long.
  const mine = jobs.filter((_, index) => Math.floor(index / 2) % parts === part);
  const findings: MatrixResult['findings'] = [];
  for (const [index, { name, run }] of mine.entries()) {
    findings.push(...(await guarded(name, run)));
    if ((index + 1) % PROGRESS === 0)
      console.error(`${what} ${part}: ${index + 1} of ${mine.length}, ${findings.length} findings`);
  }
  return { count: mine.length, findings };
}

const [what, part = '0', parts = '1'] = process.argv.slice(2);
const result =
  what === 'properties' ? await generated(Number(parts)) : await matrix(what, Number(part), Number(parts));
process.stdout.write(`${JSON.stringify(result)}\n`, () =>
  // Promises of killed containers never settle and would keep the process alive.
  process.exit(0),
);
