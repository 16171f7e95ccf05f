/**
 * Imports run one way. Between the top-level folders: scripts → cli → provider → common, and operations →
 * cli. The endpoint and the local world stand on common, too. test/ may import all, and nobody imports test/.
 * Inside provider/: entries → resources → lifecycle → protocol, properties, ledger, genesys → runtime. The
 * four in the middle know nothing of each other, and each can be read, tested and replaced by itself.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The folders of code, and the others that each may import. */
const FOLDERS: Record<string, readonly string[]> = {
  common: [],
  provider: ['common'],
  endpoint: ['common'],
  cli: ['common', 'provider'],
  operations: ['common', 'provider', 'cli'],
  local: ['common', 'provider'],
  scripts: ['common', 'provider', 'endpoint', 'cli', 'operations', 'local'],
};

/** The rooms of provider/, and the others that each may import. */
const ROOMS: Record<string, readonly string[]> = {
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

const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*)(['"])([^'"]+)\1/g;

/** The imports of each file: files by their path in the checkout, packages by name. */
async function importsOf(folder: string): Promise<[file: string, targets: string[]][]> {
  const files = (await readdir(join(root, folder), { recursive: true }))
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
  return Promise.all(
    files.map(async (file) => {
      const found = [...(await readFile(join(root, file), 'utf8')).matchAll(IMPORT)];
      const targets = found.map(([, , specifier = '']) =>
        specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
      );
      return [file, targets];
    }),
  );
}

const tree = new Map((await Promise.all([...Object.keys(FOLDERS), 'test'].map(importsOf))).flat());
const isFile = (target: string) => tree.has(target) || target.startsWith('..');

/** `<file> imports <target>` for each import of a file by a file that the rule refuses. */
const refused = (isWrong: (file: string, target: string) => boolean) =>
  [...tree].flatMap(([file, targets]) =>
    targets
      .filter((target) => isFile(target) && isWrong(file, target))
      .map((target) => `${file} imports ${target}`),
  );

const topOf = (path: string) => path.split('/')[0] ?? '';
/** The room of provider/ that holds a file; `entries` for a file beside the rooms. */
const roomOf = (path: string) => {
  const [top, room = '', ...rest] = path.split('/');
  if (top !== 'provider') return undefined;
  return rest.length > 0 ? room : 'entries';
};

/** The arrows of a map of the page: the first or second flow chart. */
async function drawn(which: number): Promise<string[]> {
  const page = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const charts = [...page.matchAll(/```mermaid\nflowchart LR\n([\s\S]*?)```/g)];
  return [...(charts[which]?.[1] ?? '').matchAll(/^ *([\w-]+) --> (.+)$/gm)].flatMap(
    ([, from = '', to = '']) => to.split(' & ').map((room) => `${from} → ${room}`),
  );
}

/** The arrows between places, as the imports show them. */
const arrows = (placeOf: (path: string) => string | undefined, passes = (_from: string) => true) => {
  const found = [...tree].flatMap(([file, targets]) =>
    targets.filter(isFile).map((target) => [placeOf(file), placeOf(target)] as const),
  );
  return [
    ...new Set(
      found.flatMap(([from, to]) =>
        from !== undefined && to !== undefined && from !== to && passes(from) ? [`${from} → ${to}`] : [],
      ),
    ),
  ];
};

// ---- the whole tree

test('the top-level folders of code are the known ones', async () => {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const ours = folders.map(({ name }) => name).filter((name) => !['dist', 'node_modules'].includes(name));
  const withCode = await Promise.all(
    ours.map(async (name) => [name, (await importsOf(name)).length > 0] as const),
  );
  expect(withCode.flatMap(([name, has]) => (has ? [name] : [])).sort()).toEqual(
    [...Object.keys(FOLDERS), 'test'].sort(),
  );
});

test.each(Object.keys(FOLDERS))('%s/ imports only the folders that it may', (folder) => {
  const wrong = refused(
    (file, target) =>
      topOf(file) === folder && topOf(target) !== folder && !FOLDERS[folder]?.includes(topOf(target)),
  );
  expect(wrong).toEqual([]);
});

test('the first map of docs/architecture.md shows the imports between the folders', async () => {
  expect((await drawn(0)).sort()).toEqual(arrows(topOf, (from) => from !== 'test').sort());
});

/** The circles of imports, each as its files in order. */
function circlesIn(imports: Map<string, string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

test('no file imports itself through others, types included', () => {
  expect(circlesIn(tree)).toEqual([]);
});

test('a circle is found', () => {
  const imports = { a: ['b'], b: ['c', 'd'], c: [], d: ['b'] };
  expect(circlesIn(new Map(Object.entries(imports)))).toEqual(['b → d → b']);
});

// ---- the provider

test('the rooms of provider/ are the known ones', () => {
  const rooms = new Set([...tree.keys()].map(roomOf).filter((room) => room && room !== 'entries'));
  expect([...rooms].sort()).toEqual(Object.keys(ROOMS).sort());
});

test.each(Object.keys(ROOMS))('%s imports only what it may', (room) => {
  const wrong = refused((file, target) => {
    const to = roomOf(target);
    return roomOf(file) === room && to !== undefined && to !== room && !ROOMS[room]?.includes(to);
  });
  expect(wrong).toEqual([]);
});

test('the second map of docs/architecture.md shows the imports inside provider/', async () => {
  const found = arrows(roomOf).filter((arrow) => !arrow.endsWith('→ entries'));
  expect((await drawn(1)).sort()).toEqual(found.sort());
});

test.each(WITH_ONE_DOOR)('%s is imported by its index.ts only', (room) => {
  const past = refused((file, target) => {
    const isInside = roomOf(file) === room || topOf(file) !== 'provider';
    return !isInside && roomOf(target) === room && target !== `provider/${room}/index.ts`;
  });
  expect(past).toEqual([]);
});

test.each(['common', ...Object.keys(ROOMS).map((room) => `provider/${room}`)])(
  '%s begins with a header of at most ten lines, which says what belongs there',
  async (room) => {
    const index = await readFile(join(root, room, 'index.ts'), 'utf8');
    const [header = ''] = /^\/\*\*[\s\S]*?\*\//.exec(index) ?? [];
    expect(header).not.toBe('');
    expect(header.split('\n').length).toBeLessThanOrEqual(10);
  },
);

test('CloudFormation is named in no package of genesys/, and Genesys Cloud in none of protocol/', () => {
  const packages = (room: string) =>
    [...tree].flatMap(([file, targets]) =>
      roomOf(file) === room ? targets.filter((target) => !isFile(target)) : [],
    );
  expect(packages('genesys').filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
  expect(packages('protocol').filter((name) => name.startsWith('purecloud-'))).toEqual([]);
  expect(packages('ledger').filter((name) => name.startsWith('purecloud-'))).toEqual([]);
});

test('no regular expression is made from text in provider/, endpoint/, operations/ and common/: a hostile one would block the process', async () => {
  const made: string[] = [];
  for (const file of tree.keys()) {
    if (!['provider', 'endpoint', 'operations', 'common'].includes(topOf(file))) continue;
    if (/\bRegExp\s*\(/.test(await readFile(join(root, file), 'utf8'))) made.push(file);
  }
  expect(made).toEqual([]);
});

// ---- the local world

/** The imports of a folder of local/ that leave it, other than those of common/. */
const leaving = (folder: string) =>
  refused(
    (file, target) =>
      file.startsWith(`local/${folder}/`) &&
      !target.startsWith(`local/${folder}/`) &&
      topOf(target) !== 'common',
  );

test('local/genesys-cloud imports nothing outside itself, and only packages that it names', async () => {
  const { dependencies, devDependencies } = JSON.parse(
    await readFile(join(root, 'local/genesys-cloud/package.json'), 'utf8'),
  );
  const targets = [...tree].flatMap(([file, named]) =>
    file.startsWith('local/genesys-cloud/') ? named : [],
  );
  const packages = targets.filter(
    (target) => /^[@a-z]/.test(target) && !isFile(target) && !target.startsWith('node:'),
  );
  expect(targets.filter((target) => isFile(target) && !target.startsWith('local/genesys-cloud/'))).toEqual(
    [],
  );
  expect([...new Set(packages)].sort()).toEqual(
    // The SDK is read by the generator of the models, not imported.
    Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => name !== 'purecloud-platform-client-v2')
      .sort(),
  );
});

test('local/genesys-cloud takes its packages in the versions of the checkout', async () => {
  const manifest = async (file: string) => {
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, file), 'utf8'));
    return { ...dependencies, ...devDependencies };
  };
  const all = await manifest('package.json');
  const own = await manifest('local/genesys-cloud/package.json');
  expect(own).toEqual(Object.fromEntries(Object.keys(own).map((name) => [name, all[name]])));
});

test.each(['cloudformation', 'aws'])('local/%s imports only common/ from outside', (folder) => {
  expect(leaving(folder)).toEqual([]);
});

test('only local/provider and local/faults know the product', () => {
  const wrong = refused(
    (file, target) =>
      topOf(file) === 'local' && topOf(target) === 'provider' && !/^local\/(provider|faults)\//.test(file),
  );
  expect(wrong).toEqual([]);
});
