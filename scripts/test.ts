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

const root = resolve(import.meta.dirname, '..');
const args = process.argv.slice(2);
const lintOnly = args.includes('--lint-only');
const fast = args.includes('--fast');
let passed = 0;
let failed = 0;

/** Runs a command with its output shown; resolves to its exit code. */
function run(command: string, commandArgs: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
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

async function check(name: string, command: string, commandArgs: string[]): Promise<void> {
  const started = Date.now();
  const ok = (await run(command, commandArgs)) === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (ok) passed += 1;
  else failed += 1;
}

/** Runs jest and adds its tests to the sum. A file that cannot be loaded counts as one failure. */
async function jest(jestArgs: string[]): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'genesys-cloud-cfn-'));
  const report = join(scratch, 'jest.json');
  const code = await run(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...jestArgs],
    { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  );
  if (existsSync(report)) {
    const result = JSON.parse(await readFile(report, 'utf8'));
    passed += result.numPassedTests;
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  } else {
    failed += 1;
  }
  if (code !== 0 && failed === 0) failed += 1;
  await rm(scratch, { recursive: true, force: true });
}

async function templates(): Promise<string[]> {
  if (!existsSync(join(root, 'templates'))) return [];
  const entries = await readdir(join(root, 'templates'), { recursive: true });
  return entries.filter((name) => name.endsWith('.yaml')).map((name) => join('templates', name));
}

await check('format and lint', 'biome', ['check', '.']);
await check('types', 'tsc', ['--noEmit']);

if (fast) {
  const others = args.filter((arg) => arg !== '--fast');
  await jest(others.length > 0 ? others : ['test/unit/']);
} else {
  const files = await templates();
  // -c I: informational checks too; any finding is a failure.
  if (files.length > 0) await check('templates: cfn-lint', 'cfn-lint', ['-c', 'I', '-e', '--', ...files]);
  await check('templates: sizes', process.execPath, ['scripts/template-sizes.ts']);
  if (!lintOnly) {
    await check('package', process.execPath, ['scripts/package.ts']);
    await jest(args);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
