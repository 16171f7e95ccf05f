/** A copy of the source in a folder of its own, in which a check may break things. */
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const folders = [
  'common',
  'provider',
  'endpoint',
  'cli',
  'operations',
  'local',
  'test',
  'scripts',
  'schemas',
  'templates',
];
const files = ['package.json', 'tsconfig.json', 'jest.config.ts'];

/** Copies the source, with links to the tools and packages of this checkout. The caller removes the copy. */
export async function copyOfSource(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  for (const part of [...folders, ...files]) {
    await cp(join(root, part), join(folder, part), { recursive: true });
  }
  for (const part of ['node_modules', '.tools']) await symlink(join(root, part), join(folder, part));
  return folder;
}
