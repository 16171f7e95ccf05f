/**
 * `make bench` measures sizes, cold start, calls, latencies, stacks, cost and the other sections of bench/.
 * It prints tables and writes dist/bench.json and, without QUICK=1, docs/performance.md and its chart.
 * Arguments are keys of sections; the other sections keep their last figures. Without arguments all run.
 * The exit code is 1 when a section could not be measured. A missed goal does not change it, because times
 * depend on the machine.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { packageAll } from '../build/package.ts';
import { chart } from './chart.ts';
import { asMarkdown, asText, sectionOf } from './report.ts';
import type { Options, Section } from './section.ts';
import type { StackRun } from './stack.ts';
import { round, type Summary } from './statistics.ts';

const root = resolve(import.meta.dirname, '../..');
const performanceFile = join(root, 'docs/performance.md');

interface Entry {
  key: string;
  title: string;
  /** A section whose file is missing is left out. */
  file: string;
  /** The section takes minutes even with QUICK=1, so QUICK=1 leaves it out unless its key is an argument. */
  slow?: true;
  run: (
    module: Record<string, (options?: unknown) => Promise<unknown>>,
    options: Options,
  ) => Promise<unknown> | undefined;
}

const entries: Entry[] = [
  {
    key: 'package',
    title: 'Package',
    file: 'package.ts',
    run: (module, options) => module['packageSection']?.(options),
  },
  {
    key: 'coldLoad',
    title: 'Cold start',
    file: 'cold-load.ts',
    run: (module, options) => module['coldLoad']?.(options),
  },
  { key: 'calls', title: 'Calls', file: 'calls.ts', run: (module, options) => module['calls']?.(options) },
  {
    key: 'latency',
    title: 'Latency',
    file: 'latency.ts',
    run: (module, options) => module['latency']?.(options),
  },
  { key: 'stack', title: 'Stacks', file: 'stack.ts', run: (module, options) => module['stack']?.(options) },
  { key: 'cost', title: 'Cost', file: 'cost.ts', run: (module, options) => module['cost']?.(options) },
  {
    key: 'faultCells',
    title: 'Faults at every call',
    file: 'faults.ts',
    slow: true,
    run: (module, options) => module['faultCells']?.(options),
  },
  {
    key: 'deaths',
    title: 'Deaths at every call',
    file: 'faults.ts',
    slow: true,
    run: (module, options) => module['deaths']?.(options),
  },
  {
    key: 'surroundings',
    title: 'Hostile surroundings',
    file: 'faults.ts',
    slow: true,
    run: (module, options) => module['surroundings']?.(options),
  },
  {
    key: 'throughZip',
    title: 'Faults through the zip, and generated cases',
    file: 'faults.ts',
    slow: true,
    run: (module, options) => module['faultsThroughZip']?.(options),
  },
  {
    key: 'endpoint',
    title: 'Data-action endpoint',
    file: 'endpoint.ts',
    run: (module, options) => module['endpoint']?.(options),
  },
  {
    key: 'validate',
    title: 'Validation',
    file: 'validate.ts',
    run: (module, options) => module['validate']?.(options),
  },
];

/** A section with the time and the load of its last measurement. */
type Measured = Section & { measuredAt: string; seconds: number; loadAverage: number };
type Machine = { node: string; processors: string; memoryGigabytes: number };

/** Measures the sections with these keys, or all; resolves to the exit code. */
export async function run(wanted: string[]): Promise<number> {
  const quick = process.env['QUICK'] === '1';
  const unknown = wanted.filter((key) => !entries.some((entry) => entry.key === key));
  if (unknown.length > 0) {
    console.error(`No section ${unknown.join(', ')}; there are ${entries.map(({ key }) => key).join(', ')}`);
    return 2;
  }

  const started = performance.now();
  // Some sections run the packaged zip.
  await packageAll();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const reportFile = join(root, 'dist/bench.json');
  // Sections that were not asked for keep their figures from an earlier run of the same kind.
  const kept: Record<string, Measured> = await readFile(reportFile, 'utf8')
    .then((text) => JSON.parse(text))
    .then((earlier) => (earlier.quick === quick ? (earlier.sections ?? {}) : {}))
    .catch(() => ({}));
  const measured: Record<string, Measured> = {};
  const failures: string[] = [];
  try {
    for (const { key, title, file, slow, run } of entries) {
      const path = join(root, 'scripts/bench', file);
      if (!existsSync(path) || (wanted.length > 0 ? !wanted.includes(key) : quick && slow)) continue;
      const from = performance.now();
      try {
        const module = await import(path);
        const figures = await run(module, { quick, folder, say: (text) => console.error(`${key}: ${text}`) });
        if (figures === undefined) throw new Error(`${file} exports no such section`);
        const section = sectionOf(title, figures);
        measured[key] = {
          ...section,
          measuredAt: new Date().toISOString(),
          seconds: round((performance.now() - from) / 1000),
          loadAverage: round(loadavg()[0] ?? 0),
        };
        console.log(asText(section));
      } catch (error) {
        failures.push(key);
        console.error(`${key} could not be measured:`, error);
      }
      console.error(`${key}: ${round((performance.now() - from) / 1000)} s`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  const sections = entries.flatMap(({ key }): [string, Measured][] => {
    const section = measured[key] ?? kept[key];
    return section === undefined ? [] : [[key, section]];
  });
  const goals = sections.flatMap(([, section]) => section.goals);
  console.log('\nGoals');
  for (const { name, value, limit, met } of goals) {
    console.log(`${met ? 'met   ' : 'missed'}  ${name} ${value}, at most ${limit}`);
  }
  const machine = {
    node: process.version,
    processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} (${arch()})`,
    memoryGigabytes: round(totalmem() / 2 ** 30),
  };
  const report = {
    measuredAt: new Date().toISOString(),
    quick,
    seconds: round((performance.now() - started) / 1000),
    machine,
    goals,
    ...Object.fromEntries(sections.map(([key, { figures }]) => [key, figures])),
    sections: Object.fromEntries(sections),
  };
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (!quick && failures.length === 0) await writeDocument(machine, sections);
  console.log(
    `\ndist/bench.json, ${report.seconds} s${failures.length > 0 ? `; not measured: ${failures.join(', ')}` : ''}`,
  );
  return failures.length > 0 ? 1 : 0;
}

/** Replaces the tables between the marks of docs/performance.md, and the chart beside it. */
async function writeDocument(machine: Machine, sections: [string, Measured][]): Promise<void> {
  const goals = sections.flatMap(([, section]) => section.goals);
  const [open, close] = ['<!-- written by make bench -->', '<!-- end of what make bench writes -->'];
  const document = await readFile(performanceFile, 'utf8');
  const [before, rest] = document.split(open);
  const after = rest?.split(close)[1];
  if (before === undefined || after === undefined) throw new Error('docs/performance.md has lost its marks');
  const text = [
    open,
    '',
    `Measured with Node ${machine.node} on ${machine.processors}, ${machine.memoryGigabytes} GB. A load average above the number of processors says that the machine had other work, too.`,
    '',
    '| goal | measured | at most | |',
    '| --- | --: | --: | --- |',
    ...goals.map(
      ({ name, value, limit, met }) => `| ${name} | ${value} | ${limit} | ${met ? 'met' : '**missed**'} |`,
    ),
    '',
    ...sections.flatMap(([, section]) => [
      asMarkdown(section),
      `- Measured on ${section.measuredAt.slice(0, 16).replace('T', ' ')} UTC in ${Math.round(section.seconds)} s, load average ${section.loadAverage}.`,
      '',
    ]),
    close,
  ].join('\n');
  await writeFile(performanceFile, before + text + after);

  const figures = Object.fromEntries(sections.map(([key, section]) => [key, section.figures]));
  const cold = figures['coldLoad'] as
    | { milliseconds: Record<string, Summary>; timeToFirstAnswer: { milliseconds: Record<string, Summary> } }
    | undefined;
  const runs = figures['stack']?.['runs'] as StackRun[] | undefined;
  if (cold === undefined || runs === undefined) return;
  const values = (summaries: Record<string, Summary>) =>
    (
      [
        ['provider', summaries['provider']],
        ['Secrets Manager client alone', summaries['secretsClient']],
        ['plain bundle', summaries['plain']],
      ] as const
    ).flatMap(([name, summary]) => (summary === undefined ? [] : [{ name, summary }]));
  await writeFile(
    join(root, 'docs/performance.svg'),
    chart({
      bars: [
        { label: 'import', values: values(cold.milliseconds) },
        { label: 'process start to first answer', values: values(cold.timeToFirstAnswer.milliseconds) },
      ],
      runs,
    }),
  );
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
