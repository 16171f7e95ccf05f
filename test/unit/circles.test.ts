/** Files that import each other in a circle cannot be read, tested or moved alone. Imports of types count. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Files below a folder, each with the files that it imports. */
function importsOf(folder: string): Map<string, string[]> {
  const files = readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(root, folder, String(name)))
    .filter((name) => name.endsWith('.ts'));
  return new Map(
    files.map((file) => {
      const specifiers = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
      return [file, [...specifiers].map(([, specifier = '']) => resolve(dirname(file), specifier))];
    }),
  );
}

/** The first circle that is found, as names of files. */
function circleIn(imports: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...way, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle.map((name) => relative(root, name));
  }
  return undefined;
}

test.each(['provider', 'endpoint', 'local', 'scripts/cli'])(
  'no files of %s import each other in a circle',
  (folder) => {
    const imports = importsOf(folder);
    expect([...imports.values()].flat().length).toBeGreaterThan(5);
    expect(circleIn(imports)).toBeUndefined();
  },
);

test('a circle is found', () => {
  const circle = new Map([
    ['/a', ['/b']],
    ['/b', ['/c', '/d']],
    ['/c', []],
    ['/d', ['/b']],
  ]);
  expect(circleIn(circle)?.map((name) => join(root, name))).toEqual(['/b', '/d', '/b']);
});
