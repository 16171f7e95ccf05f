/**
 * `make mutants`: puts one deliberate defect at a time into a copy of the source, and runs the fast suite
 * there. A defect that no test notices survives: exit code 1. Argument: a part of a defect's name, for those
 * alone.
 */
import { execFile, spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baselineFolder } from './baseline.ts';
import { copyOfSource } from './copy.ts';
import { mutants } from './mutations.ts';

/** Tests of the provider that are fast, and need neither a package nor an emulator. */
const fastSuite = [
  'test/references/wire-format',
  'test/unit/genesys/login',
  'test/unit/genesys/status',
  'test/unit/ledger',
  'test/unit/lifecycle',
  'test/unit/protocol',
  'test/unit/runtime',
  'test/protocol/adoption/owners',
  'test/protocol/answered-ids',
  'test/protocol/contract',
  'test/protocol/ownership',
  'test/protocol/events',
  'test/protocol/leases',
  'test/protocol/budgets',
  'test/protocol/refusals',
  'test/protocol/rules',
  'test/protocol/threats',
];
/** Tests of the packaged provider, which goes on with objects of the baseline. */
const upgradeSuite = ['test/upgrade'];
/** Time limit for a defect that makes a test run for ever. The suite itself takes a minute. */
const SUITE_MILLISECONDS = 300_000;

/** The names of the first failing tests; none when the suite passes. */
async function suite(folder: string, isOfUpgrades = false): Promise<string[]> {
  if (!isOfUpgrades) return tests(folder, fastSuite);
  await promisify(execFile)(process.execPath, ['scripts/build/package.ts'], { cwd: folder });
  return tests(folder, upgradeSuite);
}

function tests(folder: string, paths: string[]): Promise<string[]> {
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      ['node_modules/jest/bin/jest.js', '--bail', '--silent', '--testTimeout=20000', '--forceExit', ...paths],
      {
        cwd: folder,
        // A group of its own, so that its workers end with it.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
      },
    );
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, SUITE_MILLISECONDS);
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late) return done(['a test that does not end']);
      const failed = [...output.matchAll(/^ {2}● (.+)$/gm)].map(([, name]) => name ?? '');
      done(code === 0 ? [] : failed.length > 0 ? failed : [`exit code ${code}: ${output.slice(-500)}`]);
    });
  });
}

/** Runs the defects whose name has this part; resolves to the exit code. */
export async function run([wanted = '']: string[]): Promise<number> {
  const chosen = mutants.filter(({ name }) => name.includes(wanted));
  // The build needs the history, which the copy lacks. The copy finds the baseline in .tools/.
  if (chosen.some(({ isOfUpgrades }) => isOfUpgrades)) await baselineFolder();
  const folder = await copyOfSource();
  let survivors = 0;
  try {
    for (const isOfUpgrades of new Set(chosen.map((mutant) => mutant.isOfUpgrades ?? false))) {
      const healthy = await suite(folder, isOfUpgrades);
      if (healthy.length > 0) throw new Error(`the suite fails without a defect: ${healthy[0]}`);
    }
    for (const { file, find } of mutants) {
      if ((await readFile(join(folder, file), 'utf8')).split(find).length !== 2)
        throw new Error(`${file} does not hold once: ${find}`);
    }
    console.log('without a defect the suite passes\n');
    for (const { name, file, find, replace, isOfUpgrades } of chosen) {
      const path = join(folder, file);
      const source = await readFile(path, 'utf8');
      await writeFile(
        path,
        source.replace(find, () => replace),
      );
      const [killer] = await suite(folder, isOfUpgrades);
      await writeFile(path, source);
      if (killer === undefined) survivors += 1;
      console.log(`${killer === undefined ? 'SURVIVES' : 'killed  '}  ${name.padEnd(46)}  ${killer ?? ''}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`\n${survivors === 0 ? 'no defect survives' : `${survivors} survive`}`);
  return survivors === 0 ? 0 : 1;
}

// A suite that was killed may leave a handle open.
if (import.meta.main) process.exit(await run(process.argv.slice(2)));
