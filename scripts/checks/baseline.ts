/**
 * Builds the provider of the baseline, the oldest version from which an upgrade has to work. Its commit is in
 * `test/upgrade/baseline.json`. The source comes from git history, the npm packages from this checkout.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const NOTE = join(root, 'test/upgrade/baseline.json');
const CACHE = join(root, '.tools/baseline');

export interface Baseline {
  version: string;
  /** The full id of the commit. */
  commit: string;
}

export const baseline = JSON.parse(readFileSync(NOTE, 'utf8')) as Baseline;

/**
 * The folder with the source of a commit and its packages in `dist/`. The first call builds it, later ones
 * find it in `.tools/`.
 * @throws Error when the clone does not have the commit
 */
export async function baselineFolder({ version, commit }: Baseline = baseline): Promise<string> {
  const folder = join(CACHE, commit);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  // A folder of its own and one rename at the end: two processes may build at once, and one may be stopped.
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  try {
    await requireCommit(version, commit);
    await extract(commit, draft);
    await symlink(join(root, 'node_modules'), join(draft, 'node_modules'));
    await execute(process.execPath, await buildOf(draft), { cwd: draft, env: withoutLoaders() });
    await rm(join(draft, 'node_modules'));
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** The arguments of Node by which a commit builds its packages: `scripts/package.ts`, or another place. */
async function buildOf(folder: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const [, ...args] = scripts.build.split(' ');
  return args;
}

async function requireCommit(version: string, commit: string): Promise<void> {
  try {
    await execute('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: root });
  } catch (cause) {
    const what = `Commit ${commit} of version ${version} is not in this clone.`;
    throw new Error(`${what} A shallow clone gets it by: git fetch --unshallow`, { cause });
  }
}

/** Writes the files of a commit into a folder, by git alone: a fresh machine may have no tar. */
async function extract(commit: string, folder: string): Promise<void> {
  const index = `${folder}.index`;
  const git = (...args: string[]) =>
    execute('git', args, { cwd: root, env: { ...process.env, GIT_INDEX_FILE: index } });
  try {
    await git('read-tree', commit);
    await git('checkout-index', '--all', `--prefix=${folder}/`);
  } finally {
    await rm(index, { force: true });
  }
}

/** Jest's options for Node do not concern the build. */
function withoutLoaders(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  return environment;
}

/** Prints the place of the baseline's package, which it builds where it is missing. */
export async function run(): Promise<void> {
  console.log(join(await baselineFolder(), 'dist/provider.zip'));
}

if (import.meta.main) await run();
