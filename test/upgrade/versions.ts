/** The unpacked packages of the baseline and of the version at hand. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzip } from '../../local/cloudformation/zip.ts';
import { baselineFolder } from '../../scripts/checks/baseline.ts';

/** Folders with the unpacked zips. */
export interface Versions {
  baseline: string;
  atHand: string;
}

/** The source of the baseline. */
export const source = await baselineFolder();

/** @returns the folders, and a function that removes them */
export async function unpackVersions(): Promise<{ versions: Versions; remove: () => Promise<void> }> {
  const scratch = await mkdtemp(join(tmpdir(), 'upgrade-'));
  const versions = { baseline: join(scratch, 'baseline'), atHand: join(scratch, 'at-hand') };
  await unzip(await readFile(join(source, 'dist/provider.zip')), versions.baseline);
  await unzip(await readFile(join(import.meta.dirname, '../../dist/provider.zip')), versions.atHand);
  return { versions, remove: () => rm(scratch, { recursive: true, force: true }) };
}
