/**
 * The hook for pre-commit (.pre-commit-hooks.yaml). Its command runs on the names of files, which pre-commit
 * passes. pre-commit itself installs from a registry, so it is not run here.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const [hook] = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as {
  id: string;
  entry: string;
  args: string[];
  language: string;
  files: string;
}[];
if (hook === undefined) throw new Error('there is no hook');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const run = promisify(execFile);

const FAULTY = join(import.meta.dirname, 'broken/value-enum.yaml');
const SOUND = join(import.meta.dirname, 'sound/lambda.yaml');

let clone: string;
let folder: string;

beforeAll(async () => {
  // npm builds the command in a clone, so the build may need only files that git has.
  clone = await mkdtemp(join(tmpdir(), 'clone-'));
  const { stdout } = await run('git', ['ls-files', '-z'], { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  const tracked = stdout
    .split('\0')
    .filter((file) => /^(package|scripts|cli|common|provider|endpoint)/.test(file));
  for (const file of tracked) {
    await mkdir(dirname(join(clone, file)), { recursive: true });
    await cp(join(root, file), join(clone, file));
  }
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  // The packages are there, so nothing is installed.
  const [command = '', ...args] = manifest.scripts.prepare.split(' ');
  await run(command, args, { cwd: clone });
  folder = await mkdtemp(join(tmpdir(), 'pre-commit-'));
});
afterAll(async () => {
  await rm(clone, { recursive: true });
  await rm(folder, { recursive: true });
});

/** The hook on the files of a commit, as pre-commit passes them: names from the top, after its arguments. */
async function commit(files: Record<string, string | { copyOf: string }>, args = hook?.args ?? []) {
  const place = await mkdtemp(join(folder, 'repository-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    if (typeof content === 'string') await writeFile(join(place, name), content);
    else await copyFile(content.copyOf, join(place, name));
  }
  const names = Object.keys(files).filter((name) => new RegExp(hook?.files ?? '').test(name));
  const [command = '', ...words] = hook?.entry.split(' ') ?? [];
  const script = join(clone, manifest.bin[command]);
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(
      process.execPath,
      [script, ...words, ...args, ...names],
      { cwd: place },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

test('the hook runs a command of the package, which npm builds when it installs from git', () => {
  expect(hook.language).toBe('node');
  expect(Object.keys(manifest.bin)).toContain(hook.entry.split(' ')[0]);
  expect(manifest.scripts.prepare).toBe('node scripts/build/prepare.mjs');
});

test('a clone without packages gets them first, without their scripts and not globally', async () => {
  const place = await mkdtemp(join(folder, 'clone-'));
  await mkdir(join(place, 'scripts/build'), { recursive: true });
  await cp(join(root, 'scripts/build/prepare.mjs'), join(place, 'scripts/build/prepare.mjs'));
  await writeFile(join(place, 'scripts/build/package.ts'), 'console.log("built", process.argv[2]);');
  await mkdir(join(place, 'bin'));
  await writeFile(join(place, 'bin/npm'), '#!/bin/sh\necho "npm $*"\n', { mode: 0o755 });
  const env = { PATH: `${join(place, 'bin')}:${process.env['PATH']}` };
  const { stdout } = await run(process.execPath, [join(place, 'scripts/build/prepare.mjs')], { env });
  expect(stdout).toBe('npm ci --no-global --ignore-scripts\nbuilt --command\n');
});

test('an older Node is told which one is needed', async () => {
  const script = `Object.defineProperty(process.versions, 'node', { value: '22.17.1' });
    await import(${JSON.stringify(join(root, 'scripts/build/prepare.mjs'))});`;
  await expect(run(process.execPath, ['--input-type=module', '-e', script])).rejects.toMatchObject({
    code: 2,
    stderr: 'Node 22.17.1 is too old: genesys-cloud-cfn is built by Node 22.18 or newer.\n',
  });
});

test('a commit of sound templates passes, whatever other files of their kinds it has', async () => {
  const { code, stdout } = await commit({
    'stacks/sound.yaml': { copyOf: SOUND },
    'docker-compose.yml': 'services: {}',
    'package.json': '{}',
    'chart/deployment.yaml': '{{ no YAML }}',
    'notes.md': 'Custom::',
  });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '3 resources of Genesys Cloud in 1 template: nothing found\n',
  });
});

test.each([
  'faulty.yaml',
  'faulty.yml',
  'faulty.template',
  'a folder/faulty.yaml',
  '-x.yaml',
  '--watch.yaml',
])('a fault in %s fails the commit', async (name) => {
  const { code, stdout } = await commit({ [name]: { copyOf: FAULTY }, 'sound.yaml': { copyOf: SOUND } });
  expect(code).toBe(1);
  expect(stdout.startsWith(`${name}:57:15: value: `)).toBe(true);
});

test('a commit without a template passes', async () => {
  expect((await commit({ 'package.json': '{}' })).code).toBe(0);
});

test('arguments of the user take the place of those of the hook', async () => {
  const warned = { copyOf: join(import.meta.dirname, 'broken/service-timeout-missing.yaml') };
  expect((await commit({ 'a.yaml': warned })).code).toBe(0);
  expect((await commit({ 'a.yaml': warned }, ['--strict', '--'])).code).toBe(1);
});
