/**
 * `make test`: lint, types, the linter and the sizes of the templates, then every jest test against the
 * packaged zips.
 * `make test-fast` (`--fast`): lint, types and the unit tests, which need no package and start no process.
 * `make lint` (`--lint-only`): no tests.
 * Ends with one line alone, `N passed, N failed`, and exits 1 when anything failed.
 * Other arguments are paths and options for jest.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

interface Sum {
  passed: number;
  failed: number;
}

/** Runs a command with its output shown; resolves to its exit code. */
function exitCodeOf(command: string, commandArgs: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((done) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      done(127);
    });
    child.on('exit', (code) => done(code ?? 1));
  });
}

async function check(name: string, command: string, commandArgs: string[]): Promise<Sum> {
  const started = Date.now();
  const ok = (await exitCodeOf(command, commandArgs)) === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/** Runs jest and counts its tests. A file that cannot be loaded counts as one failure. */
async function jest(jestArgs: string[]): Promise<Sum> {
  const scratch = await mkdtemp(join(tmpdir(), 'genesys-cloud-cfn-'));
  const report = join(scratch, 'jest.json');
  const code = await exitCodeOf(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...jestArgs],
    { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  );
  const sum = { passed: 0, failed: 0 };
  if (existsSync(report)) {
    const result = JSON.parse(await readFile(report, 'utf8'));
    sum.passed = result.numPassedTests;
    sum.failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  }
  if (code !== 0 && sum.failed === 0) sum.failed = 1;
  await rm(scratch, { recursive: true, force: true });
  return sum;
}

async function templates(): Promise<string[]> {
  const entries = await readdir(join(root, 'templates'), { recursive: true });
  return entries.filter((name) => name.endsWith('.yaml')).map((name) => join('templates', name));
}

/** Runs the checks and tests; resolves to the exit code. */
export async function run(args: string[]): Promise<number> {
  const fast = args.includes('--fast');
  const others = args.filter((arg) => !['--fast', '--lint-only'].includes(arg));
  const sums = [
    await check('format and lint', 'biome', ['check', '.']),
    await check('types', 'tsc', ['--noEmit']),
  ];
  if (fast) {
    sums.push(await jest(others.length > 0 ? others : ['test/unit/']));
  } else {
    // -c I: informational checks too; any finding is a failure.
    const lint = ['-c', 'I', '-e', '--', ...(await templates())];
    sums.push(await check('templates: cfn-lint', 'cfn-lint', lint));
    sums.push(await check('templates: sizes', process.execPath, ['scripts/build/template-sizes.ts']));
    if (!args.includes('--lint-only')) {
      sums.push(await check('package', process.execPath, ['scripts/build/package.ts']));
      sums.push(await jest(others));
    }
  }
  const passed = sums.reduce((total, sum) => total + sum.passed, 0);
  const failed = sums.reduce((total, sum) => total + sum.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

// A test may leave a handle open.
if (import.meta.main) process.exit(await run(process.argv.slice(2)));
