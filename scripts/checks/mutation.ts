/**
 * `make mutation FOLDER=provider/protocol`: StrykerJS puts every small change that it knows into a copy of
 * the folder, one at a time, and runs the folder's unit tests against each. It prints the changes that no
 * test notices, and the score. It judges the tests and refuses nothing.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { copyOfSource } from './copy.ts';
import { percentOf, type Report, scoresOf, sumOf, survivorsOf } from './mutation/report.ts';
import { jestPlugin, setUp, strykerProgram } from './mutation/tools.ts';

/** The folders that can be judged, with their tests: those that take milliseconds and start no process. */
const testsOf: Readonly<Record<string, { folder: string; files: string }>> = {
  'provider/ledger': { folder: 'test/unit/ledger', files: '*' },
  // The tests of all combinations take seconds.
  'provider/lifecycle': { folder: 'test/unit/lifecycle', files: '!(*-combinations)' },
  'provider/properties': { folder: 'test/unit/properties', files: '*' },
  'provider/protocol': { folder: 'test/unit/protocol', files: '*' },
  endpoint: { folder: 'test/endpoint', files: '{authenticate,request,secrets,settings,signature}' },
};

const REPORT = 'mutation.json';
/** The folder of the whole reports. */
const kept = resolve(import.meta.dirname, '../../dist/mutation');

/** StrykerJS's configuration. */
const configurationOf = (folder: string, tests: { folder: string; files: string }) => ({
  mutate: [`${folder}/*.ts`],
  testRunner: 'jest',
  plugins: [jestPlugin],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  coverageAnalysis: 'perTest',
  // The folder is a copy already.
  inPlace: true,
  concurrency: availableParallelism(),
  // Jest never lets go of the ES modules of a run, so a process that goes on takes gigabytes.
  maxTestRunnerReuse: 100,
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: REPORT },
  jest: {
    configFile: 'jest.config.ts',
    enableFindRelatedTests: false,
    config: {
      // Jest lists the files below its roots for each change, so these are few.
      roots: [`<rootDir>/${tests.folder}`],
      testMatch: [`<rootDir>/${tests.folder}/${tests.files}.test.ts`],
      watchman: false,
      // A change may make a test wait for ever. Failing soon is quicker than ending the process.
      testTimeout: 3_000,
    },
  },
});

/** Judges the tests of one folder; resolves to the exit code. */
export async function run([folder = '']: string[]): Promise<number> {
  const tests = testsOf[folder];
  if (tests === undefined) {
    console.error(
      `Name a folder: ${Object.keys(testsOf).join(', ')}. Example: make mutation FOLDER=endpoint`,
    );
    return 2;
  }
  setUp();
  const copy = await copyOfSource();
  try {
    await writeFile(join(copy, 'stryker.json'), JSON.stringify(configurationOf(folder, tests)));
    const code = await exitCodeOf([strykerProgram, 'run', 'stryker.json'], copy);
    if (code !== 0) return code;
    const report = await readFile(join(copy, REPORT), 'utf8');
    await mkdir(kept, { recursive: true });
    await writeFile(join(kept, `${folder.replaceAll('/', '-')}.json`), report);
    show(JSON.parse(report) as Report, folder);
    return 0;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function exitCodeOf(args: string[], cwd: string): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd, stdio: 'inherit' });
    child.on('error', fail);
    child.on('close', (code) => done(code ?? 1));
  });
}

function show(report: Report, folder: string): void {
  const scores = scoresOf(report);
  console.log(`\n${survivorsOf(report).join('\n')}\n`);
  console.log(row('', ['noticed', 'survived', 'not run', 'score']));
  for (const [name, score] of [...scores, [folder, sumOf(scores.values())] as const])
    console.log(row(name, [score.noticed, score.survived, score.notRun, `${percentOf(score).toFixed(1)} %`]));
}

const row = (name: string, cells: (string | number)[]) =>
  name.padEnd(40) + cells.map((cell) => String(cell).padStart(9)).join('');

if (import.meta.main) process.exit(await run(process.argv.slice(2)));
