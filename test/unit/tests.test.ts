/** Rules for the tests themselves: the fast loop stays fast, and every file can be read at a sitting. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const tests = join(root, 'test');
const LINES_LIMIT = 500;

/** Modules that take seconds: other processes, builds of the packages, AWS and the packaged provider. */
const SLOW = [
  'node:child_process',
  'local/aws/ministack.ts',
  'local/cloudformation/lambda-invoker.ts',
  'local/world.ts',
  'scripts/build/package.ts',
];

const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();
const read = (name: string) => readFileSync(join(tests, name), 'utf8');

/** The modules that a file imports: packages by name, files by their path from the root. */
function importsOf(name: string): string[] {
  return [...read(name).matchAll(/\bfrom '([^']+)'/g)].map(([, specifier = '']) =>
    specifier.startsWith('.') ? relative(root, resolve(dirname(join(tests, name)), specifier)) : specifier,
  );
}

/** A test file together with every file under test/ that it uses. */
function withSupport(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const path of importsOf(name)) {
    if (path.startsWith('test/')) withSupport(relative('test', path), seen);
  }
  return seen;
}

test.each(files.filter((name) => name.startsWith('unit/') && name.endsWith('.test.ts')))(
  'a unit test starts no process and builds no package: %s',
  (name) => {
    const slow = [...withSupport(name)].flatMap((file) =>
      importsOf(file)
        .filter((path) => SLOW.includes(path))
        .map((path) => `${file} imports ${path}`),
    );
    expect(slow).toEqual([]);
  },
);

test(`no file of tests is longer than ${LINES_LIMIT} lines`, () => {
  const long = files
    .map((name) => ({ name, lines: read(name).split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_LIMIT);
  expect(long).toEqual([]);
});
