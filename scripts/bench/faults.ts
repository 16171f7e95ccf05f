/**
 * Sections `faultCells`, `deaths`, `surroundings` and `throughZip`: every fault at every call, every death of
 * the process, surroundings that are hostile for longer than one call, and ten thousand generated cases. The
 * number of broken promises has to be 0. Each takes a quarter of an hour or so. Needs dist/provider.zip.
 */
import { spawn } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { scenarios } from '../../local/faults/matrix.ts';
import type { MatrixResult } from '../../local/faults/run-matrix.ts';
import { eachOf, sample } from '../../local/faults/sample.ts';
import {
  boundaries,
  type Kill,
  nameOfKill,
  nameOfZipFault,
  runKill,
  runZipFault,
  type ZipFault,
  zipSequels,
} from '../../local/faults/through-zip.ts';
import type { Finding, FindingKind } from '../../local/faults/verdicts.ts';
import { serverFaults } from '../../local/server-faults.ts';
import { sectionOf } from './report.ts';
import { atMost, type Options, type Section } from './section.ts';

const root = resolve(import.meta.dirname, '../..');
const code = join(root, 'dist/provider.zip');

/** The broken promises of a section: each count has to be 0. */
interface Broken {
  unanswered: number;
  late: number;
  duplicates: number;
  orphans: number;
  leaks: number;
  wrongIds: number;
  /** Untrue answers, and operations that did not converge or roll back. */
  untrue: number;
  /** Broken rules of CloudFormation's protocol. */
  violations: number;
}

/** Deaths by SIGKILL for each operation, spread over its calls; each takes about 15 s of waiting. */
const KILLS = 8;
/** Faults for each operation through the zip, spread over its calls. */
const ZIP_FAULTS = 5;

/** With `quick`, one case in this many runs. */
const QUICK = 12;

type Run = Pick<Options, 'quick' | 'say'>;

/** Cells of the fault matrix: type, operation, call, fault, once or for the whole invocation. */
export const faultCells = (run: Run): Promise<Section> =>
  virtual('cells', run, {
    title: 'Faults at every call',
    note: 'Each type, operation and call with each fault, once and for the whole invocation, in virtual time.',
  });

/** Deaths of the process before and after every call. */
export const deaths = (run: Run): Promise<Section> =>
  virtual('crashes', run, {
    title: 'Deaths at every call',
    note: 'The process dies before or after each call, in virtual time; a sample dies by SIGKILL through the zip below.',
  });

/** Cells of the plan of hostile surroundings: value of an axis, operation, type, kind of death. */
export const surroundings = (run: Run): Promise<Section> =>
  virtual('axes', run, {
    title: 'Hostile surroundings',
    note: 'Spells of 404, 503 and 403, deployments that are tried again, ledgers that are restored, emptied or throttled, content outside that changes, clocks that differ, and weeks between requests, each with each type, operation and kind of death.',
  });

async function virtual(
  what: 'cells' | 'crashes' | 'axes',
  { quick, say }: Run,
  { title, note }: { title: string; note: string },
): Promise<Section> {
  const { count, findings } = await matrix(what, quick ? QUICK : 1);
  return judged(what, title, note, { cases: count }, findings, say);
}

/** Samples through the packaged zip in real time, and ten thousand generated cases. */
export async function faultsThroughZip({ quick, say }: Run): Promise<Section> {
  const share = quick ? QUICK : 1;
  // The zip waits for deadlines in real time. The generated cases compute meanwhile, at low priority, so that
  // they do not delay the zip.
  const [{ faulty, killed }, generated] = await Promise.all([
    throughZip(share),
    partOf(['properties', '0', String(share)], constants.priority.PRIORITY_LOW),
  ]);
  const section = judged(
    'throughZip',
    'Faults through the zip, and generated cases',
    'A sample of faults, and of deaths by SIGKILL, through the packaged zip; all of them would take hours, since a killed function counts as alive until its timeout. Generated cases run in virtual time.',
    { faults: faulty.count, deaths: killed.count, generated: generated.count },
    [faulty, killed, generated].flatMap(({ findings }) => findings),
    say,
  );
  if (!quick)
    section.goals.push(atMost('throughZip.generated below 10,000', Math.max(0, 10_000 - generated.count), 0));
  return section;
}

function judged(
  key: string,
  title: string,
  note: string,
  counts: Record<string, number>,
  findings: MatrixResult['findings'],
  say: Options['say'],
): Section {
  for (const { name, kind, what } of findings.slice(0, 20)) say(`${name}: ${kind}: ${what}`);
  const of = (wanted: FindingKind) => findings.filter(({ kind }) => kind === wanted).length;
  const broken: Broken = {
    unanswered: of('unanswered'),
    late: of('late'),
    duplicates: of('duplicates'),
    orphans: of('orphans'),
    leaks: of('leaks'),
    wrongIds: of('wrongIds'),
    untrue: of('untrue'),
    violations: of('violations'),
  };
  return {
    ...sectionOf(title, { ...counts, ...broken }),
    notes: [note],
    goals: [atMost(`${key}.brokenPromises`, findings.length, 0)],
  };
}

/** Runs a whole matrix in at most four processes, one for each processor. */
async function matrix(what: 'cells' | 'crashes' | 'axes', share: number): Promise<MatrixResult> {
  const parts = Math.min(4, availableParallelism());
  const results = await Promise.all(
    Array.from({ length: parts }, (_, part) => partOf([what, String(part), String(parts * share)])),
  );
  return {
    count: results.reduce((sum, { count }) => sum + count, 0),
    findings: results.flatMap(({ findings }) => findings),
  };
}

function partOf(
  args: string[],
  priority: number = constants.priority.PRIORITY_NORMAL,
): Promise<MatrixResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'local/faults/run-matrix.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.pid !== undefined) setPriority(child.pid, priority);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', fail);
    child.on('close', (exit) => {
      if (exit === 0) done(JSON.parse(output) as MatrixResult);
      else fail(new Error(`${args.join(' ')} of the matrix ended with ${exit}`));
    });
  });
}

/** Runs samples of both matrices in real time. */
async function throughZip(share: number): Promise<{ faulty: MatrixResult; killed: MatrixResult }> {
  const kills: Kill[] = [];
  const faults: ZipFault[] = [];
  // The package's process starts with an empty organization, so there is nothing to take over.
  const possible = scenarios.filter(({ operation }) => operation !== 'take over');
  const measured = await eachOf(possible, 4, async ({ type, operation }) => ({
    type,
    operation,
    sent: await boundaries(code, type, operation),
  }));
  for (const { type, operation, sent } of measured) {
    const calls = Array.from({ length: sent }, (_, index) => index + 1);
    const points = calls.flatMap((nth) =>
      zipSequels.flatMap((sequel) =>
        (['before', 'after'] as const).map((when): Kill => ({ type, operation, nth, when, sequel })),
      ),
    );
    kills.push(...sample(points, Math.ceil(KILLS / share)));
    const cells = calls.flatMap((nth) =>
      serverFaults.map((fault): ZipFault => ({ type, operation, nth, fault })),
    );
    faults.push(...sample(cells, Math.ceil(ZIP_FAULTS / share)));
  }
  return {
    faulty: await all(faults, nameOfZipFault, (fault) => runZipFault(code, fault)),
    killed: await all(kills, nameOfKill, (kill) => runKill(code, kill)),
  };
}

async function all<T>(
  cells: readonly T[],
  name: (cell: T) => string,
  run: (cell: T) => Promise<Finding[]>,
): Promise<MatrixResult> {
  // The cases wait more than they compute, so many can run at once.
  const findings = await eachOf(cells, 16, async (cell) =>
    (await run(cell)).map((finding) => ({ name: name(cell), ...finding })),
  );
  return { count: cells.length, findings: findings.flat() };
}
