/** StrykerJS in a folder of its own below .tools/, from the lockfile in this folder. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathOfTheMachine } from '../lint/tools.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, '.tools/mutation');
const packages = join(folder, 'node_modules/@stryker-mutator');
const PINS = ['package.json', 'package-lock.json', '.npmrc'];

/** The program, and the plugin that runs Jest. */
export const strykerProgram = join(packages, 'core/bin/stryker.js');
export const jestPlugin = join(packages, 'jest-runner/dist/src/index.js');

/** Installs the tools, and again when the lockfile changes. @throws Error without network or npm */
export function setUp(): void {
  const note = join(folder, 'installed.json');
  const lockfile = readFileSync(join(import.meta.dirname, 'package-lock.json'), 'utf8');
  if (existsSync(note) && readFileSync(note, 'utf8') === lockfile) return;
  console.log('installing StrykerJS into .tools/mutation (about 60 MB)');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of PINS) cpSync(join(import.meta.dirname, name), join(folder, name));
  const PATH = pathOfTheMachine(process.env['PATH'] ?? '');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  if (status !== 0) throw new Error('npm could not install StrykerJS');
  writeFileSync(note, lockfile);
}
