/**
 * Imports in provider/ run one way: entries → resources → lifecycle → protocol, properties, ledger, genesys → runtime.
 * The four in the middle know nothing of each other, and each can be read, tested and replaced by itself.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';

const provider = resolve(import.meta.dirname, '../../provider');

const ROOMS = [
  'resources',
  'lifecycle',
  'connectivity',
  'protocol',
  'properties',
  'ledger',
  'genesys',
  'runtime',
];
/** What a room may import beside itself. Files beside the rooms are entries and their wiring: they may import all. */
const ALLOWED: Record<string, readonly string[]> = {
  resources: ['lifecycle', 'properties', 'ledger', 'genesys', 'runtime'],
  lifecycle: ['protocol', 'properties', 'ledger', 'genesys', 'runtime'],
  connectivity: ['protocol', 'properties', 'runtime'],
  protocol: ['runtime'],
  properties: ['runtime'],
  ledger: ['runtime'],
  genesys: ['runtime'],
  runtime: [],
};

/** Rooms with one door: other rooms and the entries import their index.ts and no other file. */
const WITH_ONE_DOOR = ['protocol', 'ledger', 'genesys', 'connectivity'];
/** Rooms that still have circles inside. */
const WITH_CIRCLES = ['lifecycle', 'resources'];
/** Rooms that still lack an index.ts with a header. */
const WITHOUT_HEADER = ['properties', 'resources'];

interface Import {
  file: string;
  /** Room of the importing file; '' for an entry. */
  from: string;
  specifier: string;
  /** The imported file, by its path in provider/; undefined for a package. */
  target: string | undefined;
  /** Room that is imported; '' for a file beside the rooms; undefined for a package. */
  to: string | undefined;
}

const roomOf = (path: string) => (path.includes('/') ? (path.split('/')[0] ?? '') : '');

const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*)(['"])([^'"]+)\1/g;

async function imports(): Promise<Import[]> {
  const files = (await readdir(provider, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const found = await Promise.all(
    files.map(async (file) =>
      [...(await readFile(join(provider, file), 'utf8')).matchAll(IMPORT)].map(
        ([, , specifier = '']): Import => {
          const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined;
          const to = target === undefined ? undefined : roomOf(target);
          return { file, from: roomOf(file), specifier, target, to };
        },
      ),
    ),
  );
  return found.flat();
}

const all = await imports();
const said = ({ file, specifier }: Import) => `${file} imports ${specifier}`;

test('the rooms of provider/ are the known ones', () => {
  expect([...new Set(all.map(({ from }) => from))].filter((room) => room !== '').sort()).toEqual(
    [...ROOMS].sort(),
  );
  expect(all.filter(({ to }) => to !== undefined).length).toBeGreaterThan(50);
});

test.each(ROOMS)('%s imports only what it may', (room) => {
  const wrong = all.filter(
    ({ from, to }) => from === room && to !== undefined && to !== room && !ALLOWED[room]?.includes(to),
  );
  expect(wrong.map(said)).toEqual([]);
});

test.each(WITH_ONE_DOOR)('%s is imported by its index.ts only', (room) => {
  const past = all.filter(
    ({ from, to, target }) => to === room && from !== room && target !== `${room}/index.ts`,
  );
  expect(past.map(said)).toEqual([]);
});

/** Circles of files, each once: `a.ts imports b.ts imports a.ts`. */
function circles(imports: Pick<Import, 'file' | 'target'>[]): string[] {
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (file: string, way: string[]): void => {
    if (way.includes(file)) {
      found.add([...way.slice(way.indexOf(file)), file].join(' imports '));
      return;
    }
    if (done.has(file)) return;
    for (const { target } of imports.filter((one) => one.file === file && one.target !== undefined))
      visit(target as string, [...way, file]);
    done.add(file);
  };
  for (const { file } of imports) visit(file, []);
  return [...found];
}

test('no files of provider/ import each other in a circle; an import of a type counts', () => {
  const considered = all.filter(({ from, to }) => !(WITH_CIRCLES.includes(from) && to === from));
  expect(circles(considered)).toEqual([]);
});

test('a circle of files is found, however long it is', () => {
  const imports = [
    ['a.ts', 'b.ts'],
    ['b.ts', 'c.ts'],
    ['b.ts', 'd.ts'],
    ['d.ts', 'b.ts'],
    ['e.ts', 'e.ts'],
  ].map(([file = '', target]) => ({ file, target }));
  expect(circles(imports)).toEqual(['b.ts imports d.ts imports b.ts', 'e.ts imports e.ts']);
});

test.each(ROOMS.filter((room) => !WITHOUT_HEADER.includes(room)))(
  '%s begins with a header of at most ten lines, which says what belongs there',
  async (room) => {
    const index = await readFile(join(provider, room, 'index.ts'), 'utf8');
    const [header = ''] = /^\/\*\*[\s\S]*?\*\//.exec(index) ?? [];
    expect(header).not.toBe('');
    expect(header.split('\n').length).toBeLessThanOrEqual(10);
  },
);

test('nothing in provider/ imports a test, a script or the endpoint', () => {
  const outside = all.filter(({ to }) => to?.startsWith('..'));
  expect(outside.map(said)).toEqual([]);
});

test('CloudFormation is named in no package of genesys/, and Genesys Cloud in none of protocol/', () => {
  const packages = (room: string) =>
    all.filter(({ from, to }) => from === room && to === undefined).map(({ specifier }) => specifier);
  expect(packages('genesys').filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
  expect(packages('protocol').filter((name) => name.startsWith('purecloud-'))).toEqual([]);
  expect(packages('ledger').filter((name) => name.startsWith('purecloud-'))).toEqual([]);
});

test('no regular expression is made from text in provider/ and endpoint/: a hostile one would block the process', async () => {
  const made: string[] = [];
  for (const folder of [provider, resolve(provider, '../endpoint')]) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      if (/\bRegExp\s*\(/.test(await readFile(join(folder, file), 'utf8'))) made.push(file);
    }
  }
  expect(made).toEqual([]);
});
