/**
 * Packs the npm package from a copy of its files, so the checkout stays as it is. In the copy the links of
 * the pages work without the checkout, and package.json holds only what users of the package need.
 * `node scripts/release/npm-package.ts <folder> [<address of the repository> <tag>]` writes the tarball into
 * the folder. The build has to be in dist/ (`make package`).
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { withOutsideLinks } from './package-links.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Repository {
  /** `https://github.com/acme/genesys-cloud-cfn` */
  address: string;
  /** The tag of the release. */
  tag: string;
}

/**
 * Packs the package into a folder and returns the path of the tarball.
 * @param repository the place where the release is made; without one the package names none
 * @throws Error where a file that package.json names was not built
 */
export function packNpmPackage(folder: string, repository?: Repository): string {
  const staging = mkdtempSync(join(tmpdir(), 'npm-package-'));
  try {
    const files = packagedFiles();
    const manifest = publishedManifest(repository);
    const missing = namedFiles(manifest).filter((file) => !files.includes(file));
    if (missing.length > 0) throw new Error(`${missing.join(', ')} is missing: run make package`);
    for (const file of files) {
      mkdirSync(join(staging, dirname(file)), { recursive: true });
      cpSync(join(root, file), join(staging, file));
    }
    writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const pages = repository && `${repository.address}/blob/${repository.tag}`;
    for (const page of files.filter((file) => file.endsWith('.md'))) {
      const path = join(staging, page);
      writeFileSync(path, withOutsideLinks(page, readFileSync(path, 'utf8'), files, pages));
    }
    mkdirSync(folder, { recursive: true });
    const [packed] = npmPack(staging, ['--pack-destination', resolve(folder)]);
    return join(resolve(folder), packed.filename);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Paths of the files that `npm pack` takes from the checkout. */
function packagedFiles(): string[] {
  const [packed] = npmPack(root, ['--dry-run']);
  return packed.files.map(({ path }) => path);
}

type Packed = [{ filename: string; files: { path: string }[] }];

function npmPack(folder: string, options: readonly string[]): Packed {
  const args = ['pack', '--json', '--ignore-scripts', '--offline', ...options];
  return JSON.parse(
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }),
  );
}

interface Manifest {
  bin: Record<string, string>;
  files: string[];
  exports: Record<string, unknown>;
  [member: string]: unknown;
}

/** package.json as users get it: without scripts and packages for development, with its repository. */
function publishedManifest(repository: Repository | undefined): Manifest {
  const { scripts, devDependencies, overrides, ...kept } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Manifest;
  if (repository === undefined) return kept as Manifest;
  const { address } = repository;
  return {
    ...(kept as Manifest),
    // The registry's provenance compares it with the repository that made the release.
    repository: { type: 'git', url: `git+${address}.git` },
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
  };
}

/** The files that the manifest names one by one: commands, files, entry points. */
export function namedFiles({ bin, files, exports }: Manifest): string[] {
  const targets = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as object).flatMap(targets);
  const named = [...Object.values(bin), ...files.filter((file) => /\.\w+$/.test(file)), ...targets(exports)];
  return [...new Set(named.map((file) => file.replace(/^\.\//, '')))].filter((file) => !file.includes('*'));
}

/** Packs into a folder and prints the file's place; returns the exit code. */
export function run([folder, address, tag]: string[]): number {
  if (folder === undefined || (address !== undefined && (tag === undefined || !URL.canParse(address)))) {
    console.error('Usage: node scripts/release/npm-package.ts <folder> [<address of the repository> <tag>]');
    return 2;
  }
  console.log(
    packNpmPackage(folder, address === undefined || tag === undefined ? undefined : { address, tag }),
  );
  return 0;
}

if (import.meta.main) process.exitCode = run(process.argv.slice(2));
