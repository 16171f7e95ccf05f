/** The npm package: its content, its links, and what an installation brings. */
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import { templateFiles } from '../../scripts/build/templates/template.ts';
import { namedFiles } from '../../scripts/release/npm-package.ts';
import { withOutsideLinks } from '../../scripts/release/package-links.ts';
import {
  filesBelow,
  installedPackage,
  type UnpackedPackage,
  unpackedPackage,
} from '../support/npm-package.ts';

const root = resolve(import.meta.dirname, '../..');
const REPOSITORY = { address: 'https://github.com/acme/genesys-cloud-cfn', tag: 'v1.2.3' };
const PAGES = `${REPOSITORY.address}/blob/${REPOSITORY.tag}`;
const MEGABYTE = 1_000_000;

let plain: UnpackedPackage;
let released: UnpackedPackage;

beforeAll(async () => {
  plain = await unpackedPackage();
  released = await unpackedPackage(REPOSITORY);
});
afterAll(async () => {
  await plain.remove();
  await released.remove();
});

const textOf = ({ folder }: UnpackedPackage, file: string) => readFileSync(join(folder, file), 'utf8');

test('the npm package holds the packages, every template, schemas and docs, and nothing else', () => {
  const expected = [
    ...[
      'provider.zip',
      'endpoint.zip',
      'operations.zip',
      'cli.mjs',
      'remote.mjs',
      'index.cjs',
      'index.d.mts',
      'index.d.cts',
    ].map((name) => `dist/${name}`),
    'dist/THIRD-PARTY-LICENSES.txt',
    ...templateFiles().map((name) => `templates/${name}`),
    ...['package.json', 'LICENSE', 'SECURITY.md', 'README.md', 'CHANGELOG.md'],
  ];
  expect(plain.files).toEqual(expect.arrayContaining(expected));
  const foreign = plain.files.filter(
    (file) => !expected.includes(file) && !/^(schemas\/.+\.json|docs\/.+\.(md|svg|png))$/.test(file),
  );
  expect(foreign).toEqual([]);
});

test('every file that package.json names is in the package', () => {
  const named = namedFiles(JSON.parse(textOf(plain, 'package.json')));
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((file) => !plain.files.includes(file))).toEqual([]);
});

test('the package says what it is about, and needs no other package', () => {
  const manifest = JSON.parse(textOf(plain, 'package.json'));
  expect(manifest.keywords).toEqual(
    expect.arrayContaining(['cloudformation', 'custom-resource', 'genesys-cloud']),
  );
  expect(manifest.keywords).toEqual([...manifest.keywords].sort());
  expect(manifest.description).toMatch(/CloudFormation.*Genesys Cloud/);
  const unwanted = /dependencies|^scripts$|^overrides$/i;
  expect(Object.keys(manifest).filter((member) => unwanted.test(member))).toEqual([]);
});

test('the package of a release names its repository, and one of a checkout names none', () => {
  expect(JSON.parse(textOf(released, 'package.json'))).toMatchObject({
    repository: { url: `git+${REPOSITORY.address}.git` },
    homepage: `${REPOSITORY.address}#readme`,
    bugs: { url: `${REPOSITORY.address}/issues` },
  });
  expect(JSON.parse(textOf(plain, 'package.json'))).not.toHaveProperty('repository');
});

const LINK = /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g;
const withoutCode = (text: string) => text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');

interface Link {
  page: string;
  target: string;
}

function linksOf(unpacked: UnpackedPackage): Link[] {
  return unpacked.files
    .filter((file) => file.endsWith('.md'))
    .flatMap((page) =>
      [...withoutCode(textOf(unpacked, page)).matchAll(LINK)].map(([, target = '']) => ({ page, target })),
    );
}

const isRelative = ({ target }: Link) => !/^[a-z]+:/.test(target);
const isDead = ({ folder }: UnpackedPackage, { page, target }: Link) =>
  !existsSync(join(folder, normalize(join(dirname(page), target))));

test.each(['checkout', 'release'])('no page in the package of a %s has a dead relative link', (kind) => {
  const unpacked = kind === 'release' ? released : plain;
  const links = linksOf(unpacked).filter(isRelative);
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter((link) => isDead(unpacked, link))).toEqual([]);
});

test('a link to a file outside of a released package leads to that file in the repository', () => {
  const outside = linksOf(released)
    .map(({ target }) => target)
    .filter((target) => target.startsWith(PAGES));
  expect(outside).toContain(`${PAGES}/CONTRIBUTING.md`);
  expect(outside.filter((target) => !existsSync(join(root, target.slice(PAGES.length))))).toEqual([]);
});

test('every template, schema and package that a page of the package names is in it', () => {
  // A name with a place for something, such as `templates/<name>.yaml`, is no file.
  // dist/ also gets reports of commands that run in a checkout, as JSON.
  const FILE = /`((?:templates|schemas)\/[\w./-]+\.(?:yaml|json)|dist\/[\w.-]+\.(?:zip|mjs|cjs|txt))`/g;
  const named = plain.files
    .filter((file) => file.endsWith('.md'))
    .flatMap((page) => [...textOf(plain, page).matchAll(FILE)].map(([, file = '']) => ({ page, file })));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ file }) => !plain.files.includes(file))).toEqual([]);
});

test.each([
  ['a file of the package', 'docs/a.md', '[b](b.md#c)', '[b](b.md#c)', '[b](b.md#c)'],
  ['a folder of the package', 'README.md', '[b](docs/)', '[b](docs/)', '[b](docs/)'],
  ['a file outside of it', 'docs/a.md', '[b](../test/R.md#c)', `[b](${PAGES}/test/R.md#c)`, 'b'],
  ['a file outside, by code', 'README.md', '[`b[0]`](gone.md)', `[\`b[0]\`](${PAGES}/gone.md)`, '`b[0]`'],
  [
    'an address',
    'README.md',
    '[b](https://example.com)',
    '[b](https://example.com)',
    '[b](https://example.com)',
  ],
  ['an anchor', 'README.md', '[b](#c)', '[b](#c)', '[b](#c)'],
  ['code', 'README.md', '```md\n[b](gone.md)\n```', '```md\n[b](gone.md)\n```', '```md\n[b](gone.md)\n```'],
])('a link to %s', (_what, page, text, inRelease, inCheckout) => {
  const files = ['README.md', 'docs/a.md', 'docs/b.md'];
  expect(withOutsideLinks(page, text, files, PAGES)).toBe(inRelease);
  expect(withOutsideLinks(page, text, files, undefined)).toBe(inCheckout);
});

describe('installed in an empty folder, with an empty home and without the network', () => {
  let installed: Awaited<ReturnType<typeof installedPackage>>;
  beforeAll(async () => {
    installed = await installedPackage(plain.tarball);
  });
  afterAll(() => installed.remove());

  test('it is the only package, and has at most 5 MB', async () => {
    const folders = await readdir(join(installed.folder, 'node_modules'));
    expect(folders.filter((name) => !name.startsWith('.'))).toEqual(['genesys-cloud-cfn']);
    expect(await filesBelow(join(installed.folder, 'node_modules/genesys-cloud-cfn'))).toEqual(plain.files);
    expect(plain.bytes).toBeLessThan(5 * MEGABYTE);
  });

  test('npx genesys-cloud-cfn validate finds nothing in the examples', async () => {
    const examples = 'node_modules/genesys-cloud-cfn/templates/examples';
    const { code, stdout, stderr } = await installed.run('npx', ['genesys-cloud-cfn', 'validate', examples]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[1-9]\d* resources of Genesys Cloud in [1-9]\d* templates: nothing found\n$/);
  });

  test('npx genesys-cloud-cfn validate finds a fault', async () => {
    const faulty = join(root, 'test/cli/broken/value-enum.yaml');
    const { code, stdout } = await installed.run('npx', ['genesys-cloud-cfn', 'validate', faulty]);
    expect(code).toBe(1);
    expect(stdout).toContain('must be one of GET, POST');
  });
});
