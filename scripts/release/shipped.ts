/**
 * The third-party packages that a release contains. Every package of the checkout is a development
 * dependency, because users get bundles. So the bundles say what ships, and audit, SBOM and licences follow.
 * `node scripts/release/shipped.ts` writes shipped.json after a change of dependencies; a test compares it
 * with the bundles. With a folder as argument it writes a package.json and a lockfile of these packages, on
 * which `npm audit` and `npm sbom` work.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { packageName, shippedIn } from './licences.ts';

const root = resolve(import.meta.dirname, '../..');
const listFile = join(import.meta.dirname, 'shipped.json');

/** The list of shipped.json: folders of the packages as the lockfile has them, `node_modules/yaml`. */
export const shippedPackages = (): string[] => JSON.parse(readFileSync(listFile, 'utf8'));

/** Builds every bundle of a release. */
export async function shippedMetafiles(): Promise<Metafile[]> {
  // The packages that build are not installed where only the list is read.
  const { bundle, bundleCli, bundleLibrary, bundleRemote, packages } = await import('../build/package.ts');
  const folder = await mkdtemp(join(tmpdir(), 'shipped-'));
  try {
    const functions = packages.map((pack) => bundle(pack, join(folder, pack.name)));
    return await Promise.all([
      ...functions,
      bundleCli(join(folder, 'cli.mjs')),
      bundleRemote(join(folder, 'remote.mjs')),
      bundleLibrary(join(folder, 'index.cjs')),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  [member: string]: unknown;
}

interface Lockfile {
  name: string;
  version: string;
  packages: Record<string, LockedPackage>;
  [member: string]: unknown;
}

/**
 * A package.json and its lockfile that hold the given packages and nothing else. A dependency that no bundle
 * contains is left out.
 * @throws Error for a package that the lockfile does not have
 */
export function manifestOf(folders: readonly string[], lock: Lockfile): { manifest: object; lock: Lockfile } {
  const names = new Set(folders.map(packageName));
  const entries = folders.map((folder): [string, LockedPackage] => {
    const entry = lock.packages[folder];
    if (entry === undefined) throw new Error(`package-lock.json has no ${folder}: run npm ci`);
    const { dev, devOptional, peerDependencies, peerDependenciesMeta, optionalDependencies, ...kept } = entry;
    const needed = Object.entries(kept.dependencies ?? {}).filter(([name]) => names.has(name));
    return [folder, { ...kept, dependencies: Object.fromEntries(needed) }];
  });
  const top = entries.filter(([folder]) => folder === `node_modules/${packageName(folder)}`);
  const { name, version } = lock;
  const dependencies = Object.fromEntries(
    top.map(([folder, entry]) => [packageName(folder), entry.version ?? '']),
  );
  const manifest = { name, version, license: 'Apache-2.0', dependencies };
  return { manifest, lock: { ...lock, packages: { '': manifest, ...Object.fromEntries(entries) } } };
}

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Writes the list of the checkout, or a manifest and a lockfile of what is shipped into a folder. */
export async function run([folder]: string[]): Promise<void> {
  if (folder === undefined) {
    writeFileSync(listFile, asJson(shippedIn(await shippedMetafiles())));
    return;
  }
  const whole = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const { manifest, lock } = manifestOf(shippedPackages(), whole);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), asJson(manifest));
  writeFileSync(join(folder, 'package-lock.json'), asJson(lock));
}

if (import.meta.main) await run(process.argv.slice(2));
