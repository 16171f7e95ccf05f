/**
 * Imports in provider/ run one way: entries → resources → lifecycle → protocol, properties, ledger, genesys →
 * runtime. The four in the middle know nothing of each other, and each can be read, tested and replaced by
 * itself.
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
/**
 * The rooms that a room may import beside itself. Files beside the rooms are entries and their wiring: they
 * may import all.
 */
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

test('the map in docs/architecture.md shows the imports that there are', async () => {
  const page = await readFile(resolve(provider, '../docs/architecture.md'), 'utf8');
  const [, map = ''] = /```mermaid\nflowchart LR\n([\s\S]*?)```/.exec(page) ?? [];
  const drawn = [...map.matchAll(/^ *(\w+) --> (.+)$/gm)].flatMap(([, from = '', to = '']) =>
    to.split(' & ').map((room) => `${from} → ${room}`),
  );
  const found = all.flatMap(({ from, to }) =>
    to === undefined || to === '' || to === from ? [] : [`${from || 'entries'} → ${to}`],
  );
  expect(drawn.sort()).toEqual([...new Set(found)].sort());
});

test.each(WITH_ONE_DOOR)('%s is imported by its index.ts only', (room) => {
  const past = all.filter(
    ({ from, to, target }) => to === room && from !== room && target !== `${room}/index.ts`,
  );
  expect(past.map(said)).toEqual([]);
});

test.each(ROOMS)(
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

// ---- the local world

const local = resolve(provider, '../local');

/** Imports of every file under local/, by file: paths from local/ for files, names for packages. */
async function localImports(): Promise<Map<string, string[]>> {
  const files = (await readdir(local, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const entries = files.map(async (file) => {
    const found = [...(await readFile(join(local, file), 'utf8')).matchAll(IMPORT)];
    const named = found.map(([, , specifier = '']) =>
      specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
    );
    return [file, named] as const;
  });
  return new Map(await Promise.all(entries));
}

const importsOfLocal = await localImports();

/** `<file> imports <target>` for the imports of a folder of local/ that leave it by a relative path. */
const leaving = (folder: string) =>
  [...importsOfLocal].flatMap(([file, targets]) =>
    file.startsWith(`${folder}/`)
      ? targets
          .filter((target) => target.startsWith('..') || importsOfLocal.has(target))
          .filter((target) => !target.startsWith(`${folder}/`))
          .map((target) => `${file} imports ${target}`)
      : [],
  );

test('local/genesys-cloud imports nothing outside itself, and only packages that it names', async () => {
  const { dependencies, devDependencies } = JSON.parse(
    await readFile(join(local, 'genesys-cloud/package.json'), 'utf8'),
  );
  const packages = [...importsOfLocal]
    .filter(([file]) => file.startsWith('genesys-cloud/'))
    .flatMap(([, targets]) => targets.filter((target) => /^[@a-z]/.test(target)))
    .filter((target) => !target.startsWith('node:') && !importsOfLocal.has(target));
  expect(leaving('genesys-cloud')).toEqual([]);
  expect([...new Set(packages)].sort()).toEqual(
    // The SDK is read by the generator of the models, not imported.
    Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => name !== 'purecloud-platform-client-v2')
      .sort(),
  );
});

test('local/genesys-cloud takes its packages in the versions of the checkout', async () => {
  const manifest = async (file: string) => {
    const { dependencies, devDependencies } = JSON.parse(await readFile(file, 'utf8'));
    return { ...dependencies, ...devDependencies };
  };
  const root = await manifest(resolve(local, '../package.json'));
  const own = await manifest(join(local, 'genesys-cloud/package.json'));
  expect(own).toEqual(Object.fromEntries(Object.keys(own).map((name) => [name, root[name]])));
});

test.each(['cloudformation', 'aws'])('local/%s imports only local/clock.ts from outside', (folder) => {
  expect(leaving(folder).filter((line) => !line.endsWith(' imports clock.ts'))).toEqual([]);
});

test('nothing in local/ imports the product, a test or a script', () => {
  const outside = [...importsOfLocal].flatMap(([file, targets]) =>
    targets.filter((target) => target.startsWith('..')).map((target) => `${file} imports ${target}`),
  );
  expect(outside).toEqual([]);
});

test('no file in local/ imports itself through others, types included', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const target of importsOfLocal.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of importsOfLocal.keys()) visit(file, []);
  expect(circles).toEqual([]);
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
