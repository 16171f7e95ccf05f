/** The npm package as a user gets it: built, packed and unpacked, without the network. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packageAll } from '../../scripts/build/package.ts';
import { packNpmPackage, type Repository } from '../../scripts/release/npm-package.ts';

const root = resolve(import.meta.dirname, '../..');
const BUILT = [
  'provider.zip',
  'endpoint.zip',
  'operations.zip',
  'cli.mjs',
  'remote.mjs',
  'index.cjs',
  'index.d.mts',
  'index.d.cts',
];

/** Builds dist/ where it is not built. `make test` has built it, and several tests must not do so at once. */
export async function buildOnce(): Promise<void> {
  if (!BUILT.every((name) => existsSync(join(root, 'dist', name)))) await packageAll();
}

export interface UnpackedPackage {
  tarball: string;
  /** The folder with package.json. */
  folder: string;
  /** Paths of all files, from `folder`. */
  files: string[];
  /** Bytes of all files. */
  bytes: number;
  remove(): Promise<void>;
}

/** Packs the package and unpacks it into a folder of its own. */
export async function unpackedPackage(repository?: Repository): Promise<UnpackedPackage> {
  await buildOnce();
  const parent = await mkdtemp(join(tmpdir(), 'npm-package-test-'));
  const tarball = packNpmPackage(parent, repository);
  // A fresh machine has Python, but not always tar.
  await promisify(execFile)('python3', ['-m', 'tarfile', '-e', tarball, parent]);
  const folder = join(parent, 'package');
  const files = await filesBelow(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return {
    tarball,
    folder,
    files,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}

/** Paths of the files below a folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** An empty folder in which the package is installed as a user does it, with an empty home and no network. */
export async function installedPackage(tarball: string): Promise<{
  folder: string;
  run(command: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  remove(): Promise<void>;
}> {
  const parent = await mkdtemp(join(tmpdir(), 'npm-install-test-'));
  const [folder, home] = [join(parent, 'empty'), join(parent, 'home')];
  await mkdir(folder);
  await mkdir(home);
  const env = { PATH: process.env['PATH'], HOME: home, npm_config_offline: 'true' };
  const run = (command: string, args: readonly string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      execFile(command, args, { cwd: folder, env }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
    });
  const { code, stderr } = await run('npm', ['install', '--no-audit', '--no-fund', tarball]);
  if (code !== 0) throw new Error(stderr);
  return { folder, run, remove: () => rm(parent, { recursive: true, force: true }) };
}
