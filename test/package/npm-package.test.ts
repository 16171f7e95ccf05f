import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, resolve } from 'node:path';
import { packageAll } from '../../scripts/build/package.ts';
import { templateFiles } from '../../scripts/build/templates/template.ts';
import { withOutsideLinks } from '../../scripts/release/package-links.ts';

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
      !/^(dist\/(provider|endpoint)\.zip|dist\/cli\.mjs|templates\/.+\.yaml|schemas\/.+\.json|docs\/.+\.(md|svg|png)|package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/.test(
        path,
      ),
  );
  expect(foreign).toEqual([]);
  expect(files.filter(({ size }) => size === 0)).toEqual([]);
  expect(unpackedSize).toBeLessThan(10_000_000);
});

const REPOSITORY = 'https://github.com/acme/genesys-cloud-cfn/blob/v1.2.3';
const LINK = /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g;
const withoutCode = (text: string) => text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');

test('no link of a packaged page is dead: it leads into the package, or to a file of the repository', async () => {
  const paths = (await pack()).files.map(({ path }) => path);
  const pages = paths.filter((path) => path.endsWith('.md'));
  const links = pages.flatMap((page) => {
    const text = withOutsideLinks(page, readFileSync(join(root, page), 'utf8'), paths, REPOSITORY);
    return [...withoutCode(text).matchAll(LINK)].map(([, target = '']) => ({ page, target }));
  });
  const inside = links.filter(({ target }) => !/^[a-z]+:/.test(target));
  const dead = inside.filter(({ page, target }) => {
    const path = normalize(join(dirname(page), target)).replace(/\/$/, '');
    return !paths.some((one) => one === path || one.startsWith(`${path}/`));
  });
  expect(inside.length).toBeGreaterThan(100);
  expect(dead).toEqual([]);
  const outside = links.map(({ target }) => target).filter((target) => target.startsWith(REPOSITORY));
  expect(outside).toContain(`${REPOSITORY}/CONTRIBUTING.md`);
  expect(outside.filter((target) => !existsSync(join(root, target.slice(REPOSITORY.length))))).toEqual([]);
});

test.each([
  ['a file of the package', 'docs/a.md', '[b](b.md#c)', '[b](b.md#c)'],
  ['a folder of the package', 'README.md', '[b](docs/)', '[b](docs/)'],
  ['a file outside of it', 'docs/a.md', '[b](../test/README.md#c)', `[b](${REPOSITORY}/test/README.md#c)`],
  ['an address', 'README.md', '[b](https://example.com)', '[b](https://example.com)'],
  ['an anchor', 'README.md', '[b](#c)', '[b](#c)'],
  ['code', 'README.md', '```md\n[b](gone.md)\n```', '```md\n[b](gone.md)\n```'],
])('a link to %s', (_what, page, text, expected) => {
  expect(withOutsideLinks(page, text, ['README.md', 'docs/a.md', 'docs/b.md'], REPOSITORY)).toBe(expected);
});

test('the package can be found in the registry: it says what it is about', () => {
  const { keywords, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(keywords).toEqual(expect.arrayContaining(['cloudformation', 'custom-resource', 'genesys-cloud']));
  expect(keywords).toEqual([...keywords].sort());
  expect(description).toMatch(/CloudFormation.*Genesys Cloud/);
});
