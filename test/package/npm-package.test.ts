import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packageAll } from '../../scripts/package.ts';
import { templateFiles } from '../templates/template.ts';

const root = resolve(import.meta.dirname, '../..');

interface Packed {
  files: { path: string; size: number }[];
  unpackedSize: number;
}

/** The files that `npm pack` would put into the package, without the network and with a cache of its own. */
async function pack(): Promise<Packed> {
  const cache = await mkdtemp(join(tmpdir(), 'npm-cache-'));
  try {
    const stdout = await new Promise<string>((done, fail) => {
      execFile(
        'npm',
        ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline', '--cache', cache],
        { cwd: root, maxBuffer: 16 * 1024 * 1024 },
        (error, out) => (error === null ? done(out) : fail(error)),
      );
    });
    const [packed] = JSON.parse(stdout) as [Packed];
    return packed;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

test('the npm package holds the packages, every template, schemas and docs, and nothing else', async () => {
  // `make test` has built the packages. Several tests must not build them at once.
  const built = ['provider.zip', 'endpoint.zip', 'cli.mjs'];
  if (!built.every((name) => existsSync(join(root, 'dist', name)))) await packageAll();
  const { files, unpackedSize } = await pack();
  const paths = files.map(({ path }) => path);
  const expected = [
    ...built.map((name) => `dist/${name}`),
    ...templateFiles().map((name) => `templates/${name}`),
  ];
  expect(paths).toEqual(expect.arrayContaining([...expected, 'package.json', 'LICENSE']));
  const foreign = paths.filter(
    (path) =>
      !/^(dist\/(provider|endpoint)\.zip|dist\/cli\.mjs|templates\/.+\.yaml|schemas\/.+\.json|docs\/.+\.(md|svg|png)|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
        path,
      ),
  );
  expect(foreign).toEqual([]);
  expect(files.filter(({ size }) => size === 0)).toEqual([]);
  expect(unpackedSize).toBeLessThan(10_000_000);
});
