/** Section `package`: bytes of the zip, unpacked, and of each dependency, beside a plain bundle. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { bundle, packages, zip } from '../build/package.ts';
import { buildBundles } from './bundles.ts';
import { atMost, type Options, type Section } from './section.ts';

/** The largest zip that the project ships. */
export const zipBytesLimit = 230_000;

export interface DependencyBytes {
  name: string;
  /** Bytes that are loaded with the entry file. */
  eager: number;
  /** Bytes in chunks that are loaded on demand. */
  lazy: number;
}

/** Bytes by npm package, or by `provider/<room>` for our own source, from esbuild's account of a build. */
export function dependencyBytes(metafile: Metafile, entry = 'index.mjs'): DependencyBytes[] {
  const entryFile = Object.keys(metafile.outputs).find((name) => name.endsWith(`/${entry}`)) ?? entry;
  const eager = new Set<string>();
  const pending = [entryFile];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (eager.has(file)) continue;
    eager.add(file);
    for (const { kind, path } of metafile.outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && path in metafile.outputs) pending.push(path);
    }
  }
  const found = new Map<string, DependencyBytes>();
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(input);
      const entryOf = found.get(name) ?? { name, eager: 0, lazy: 0 };
      entryOf[eager.has(file) ? 'eager' : 'lazy'] += bytesInOutput;
      found.set(name, entryOf);
    }
  }
  return [...found.values()].sort((a, b) => b.eager + b.lazy - a.eager - a.lazy);
}

/** The npm package of an input file, or the folder of our own source. */
export function packageOf(input: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
  return inPackage ?? input.split('/').slice(0, 2).join('/');
}

export async function packageSection({ folder, say }: Options): Promise<Section> {
  say('building the bundles');
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  const unpacked = join(folder, 'package/provider');
  const metafile = await bundle(provider, unpacked);
  const zipFile = join(folder, 'package/provider.zip');
  await zip(unpacked, zipFile);
  const zipBytes = (await stat(zipFile)).size;
  const plainFile = (await buildBundles(join(folder, 'package/bundles'))).plain;
  const plain = await readFile(plainFile);
  // A zip with one file has its deflated bytes and about two hundred more.
  const plainZipBytes = gzipSync(plain).length;
  const files = (await readdir(unpacked, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  const unpackedBytes = sizes.reduce((sum, size) => sum + size, 0);
  const dependencies = dependencyBytes(metafile);
  const eagerBytes = dependencies.reduce((sum, { eager }) => sum + eager, 0);
  return {
    title: 'Size of the package',
    columns: ['', 'provider', 'plain bundle', 'ratio'],
    rows: [
      ['zip, bytes', zipBytes, plainZipBytes, (zipBytes / plainZipBytes).toFixed(2)],
      ['unpacked, bytes', unpackedBytes, plain.length, (unpackedBytes / plain.length).toFixed(2)],
      ['loaded at start, bytes', eagerBytes, plain.length, (eagerBytes / plain.length).toFixed(2)],
      ...dependencies
        .slice(0, 12)
        .map(({ name, eager, lazy }) => [
          `${name}, bytes (at start / when needed)`,
          `${eager} / ${lazy}`,
          '',
          '',
        ]),
    ],
    notes: [
      'Plain bundle: the same entry by `esbuild --bundle --minify --platform=node`, with the Genesys Cloud SDK through its own entry point.',
    ],
    goals: [atMost('package.zipBytes', zipBytes, zipBytesLimit)],
    figures: {
      zipBytes,
      unpackedBytes,
      eagerBytes,
      dependencies,
      reference: { zipBytes: plainZipBytes, unpackedBytes: plain.length },
    },
  };
}
