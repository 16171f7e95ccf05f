/** The folder that gets the files of an export. */
import { access, constants, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { CallerError } from '../connection/endings.ts';

/**
 * Refuses a place that cannot get the files, before the long look at the organization.
 * @throws CallerError
 */
export async function refuseUnwritable(folder: string): Promise<void> {
  const found = await statOf(folder);
  if (found === undefined) {
    const parent = dirname(folder);
    if (parent !== folder) await refuseUnwritable(parent);
    return;
  }
  if (!found.isDirectory()) throw new CallerError(`${folder} is a file, and --output needs a folder.`);
  await onFiles(folder, () => access(folder, constants.W_OK | constants.X_OK));
}

/** @throws CallerError where the file system refuses */
async function onFiles<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CallerError(`${path} cannot be read or written (${code}). Name another folder by --output.`);
  }
}

async function statOf(path: string) {
  return onFiles(path, () =>
    stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }),
  );
}

/**
 * Writes the files. A folder with other files, or with other bytes, is refused without `force`.
 * @param files texts by their path in the folder
 * @returns the paths of files in the folder that are none of these
 * @throws CallerError
 */
export async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
  force: boolean,
): Promise<string[]> {
  const there = await filesIn(folder);
  const others = there.filter((path) => !files.has(path));
  if (!force) await refuseOther(folder, files, there, others);
  for (const [path, text] of files) {
    const file = join(folder, ...path.split('/'));
    await onFiles(file, async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    });
  }
  return others;
}

async function filesIn(folder: string): Promise<string[]> {
  if ((await statOf(folder)) === undefined) return [];
  const entries = await onFiles(folder, () => readdir(folder, { recursive: true, withFileTypes: true }));
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

async function refuseOther(
  folder: string,
  files: ReadonlyMap<string, string>,
  there: readonly string[],
  others: readonly string[],
): Promise<void> {
  const [other] = others;
  if (other !== undefined) {
    throw new CallerError(
      `The folder ${folder} has other files, such as ${other}. Name an empty folder, or give --force, which leaves them.`,
    );
  }
  for (const path of there) {
    const file = join(folder, ...path.split('/'));
    const text = await onFiles(file, () => readFile(file, 'utf8'));
    if (text === files.get(path)) continue;
    throw new CallerError(
      `The folder ${folder} has another ${path}. Name an empty folder, or give --force, which overwrites it.`,
    );
  }
}
