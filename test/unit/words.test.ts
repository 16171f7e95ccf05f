/**
 * Comments are short, fit the formatter's width and have nouns as subjects, and every folder says what
 * belongs there. Prose has the same rules in test/docs/words.test.ts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { type Comment, commentsOf, lacksNoun, sentencesOf } from '../support/words.ts';

const root = resolve(import.meta.dirname, '../..');
const ROOMS = ['common', 'provider', 'endpoint', 'cli', 'operations', 'scripts', 'local', 'test'];

const LONGEST_COMMENT = 12;
const LONGEST_HEADER = 10;
const SHORTEST_HEADER_WORDS = 15;
const { lineWidth } = (
  JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as { formatter: { lineWidth: number } }
).formatter;
const MARKERS: Record<string, '//' | '#'> = { '.ts': '//', '.mjs': '//', '.sh': '#', '.py': '#' };

/** Source files below a folder, as paths from the root. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) in MARKERS)
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(?:^|\/)(?:node_modules|__pycache__)\//.test(path))
    .sort();
}

const sources = ROOMS.flatMap(sourcesBelow);
const marker = (path: string) => MARKERS[extname(path)] ?? '//';
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Everything in the sources that breaks a rule, as `file:line: what`. */
function breaches(rule: (comment: Comment) => readonly string[]): string[] {
  return sources.flatMap((path) =>
    commentsOf(read(path), marker(path)).flatMap((comment) =>
      rule(comment).map((what) => `${path}:${comment.line}: ${what}`),
    ),
  );
}

/** A drawn timeline, an example or a block of code may take more room than prose. */
const isDrawn = ({ text }: Comment) => text.some((line) => /@example|```|[─—-]{3}|={3}/.test(line));

function tooLong(comment: Comment): string[] {
  const { length } = comment.text;
  return length <= LONGEST_COMMENT || isDrawn(comment) ? [] : [`${length} lines`];
}

/** A long address cannot be broken, so its line may be as long as it is. */
const tooWide = ({ lines, trailing }: Comment) =>
  trailing ? [] : lines.filter((line) => line.length > lineWidth && !/https?:\S{60}/.test(line));

const nounless = ({ text }: Comment) => sentencesOf(text).filter(lacksNoun);

test('there are sources to judge', () => {
  expect(sources.length).toBeGreaterThan(200);
});

test(`no comment has more than ${LONGEST_COMMENT} lines of prose`, () => {
  expect(breaches(tooLong)).toEqual([]);
});

test('comments fit the width of the formatter', () => {
  expect(breaches(tooWide)).toEqual([]);
});

test('no sentence of a comment has a clause as its subject', () => {
  expect(breaches(nounless)).toEqual([]);
});

/**
 * The header of a folder: how its index.ts begins, or its README.md up to the first heading below the title.
 */
function headerOf(folder: string): string[] | undefined {
  const [index, readme] = ['index.ts', 'README.md'].map((name) => join(folder, name));
  if (index !== undefined && existsSync(join(root, index))) {
    const [first] = commentsOf(read(index));
    if (first?.line === 1) return first.text.filter((line) => line !== '');
  }
  if (readme === undefined || !existsSync(join(root, readme))) return undefined;
  const [top = ''] = read(readme)
    .replace(/^# .*\n/, '')
    .split(/^##? /m);
  return top.split('\n').filter((line) => line.trim() !== '');
}

/**
 * Folders with sources. Below test/, a folder in a folder repeats a room of the product and needs no header
 * of its own.
 */
const folders = [...new Set(sources.map((path) => path.slice(0, path.lastIndexOf('/'))))].filter(
  (folder) => !folder.startsWith('test/') || folder.split('/').length === 2,
);

test.each(folders)('%s has a header that says what belongs there and what does not', (folder) => {
  const header = headerOf(folder);
  if (header === undefined) throw new Error('There is no index.ts or README.md that begins with a header.');
  expect(header.length).toBeLessThanOrEqual(LONGEST_HEADER);
  const text = header.join(' ');
  expect(text.split(/\s+/).length).toBeGreaterThanOrEqual(SHORTEST_HEADER_WORDS);
  expect(text).toMatch(/\b(?:not|nothing|no|never|only|elsewhere)\b/i);
});

describe('a rule finds what breaks it', () => {
  const findings = (source: string) =>
    commentsOf(source).flatMap((comment) => [...tooLong(comment), ...tooWide(comment), ...nounless(comment)]);

  test.each([
    ['a clause as subject', '// That there is none is not kept.', ['That there is none is not kept.']],
    ['behind code', 'const a = 1; // Who asks gets it.', ['Who asks gets it.']],
    ['in a second sentence', '/** It stays. What is\n * gone stays gone. */', ['What is gone stays gone.']],
    ['behind a tag', '/**\n * Reads.\n * @throws What it threw.\n */', ['What it threw.']],
    ['too many lines', `/**\n${' * one\n'.repeat(12)} */`, ['14 lines']],
    ['too wide a line', `// ${'word '.repeat(25)}`.trimEnd(), [`// ${'word '.repeat(25)}`.trimEnd()]],
  ])('%s', (_what, source, expected) => {
    expect(findings(source)).toEqual(expected);
  });

  test.each([
    ['a noun as subject', '// The record is not cached.'],
    ['a question', '// What is gone?'],
    ['a word that only begins like one', '// Thatch. Whole. Whose it is, the record says.'],
    ['text that is no comment', "const a = 'b // That is none';"],
    ['a drawn timeline', `/**\n * |--- lease ---|\n${' * one\n'.repeat(12)} */`],
    ['a long address', `// https://docs.aws.amazon.com/${'a'.repeat(120)}`],
  ])('and leaves alone %s', (_what, source) => {
    expect(findings(source)).toEqual([]);
  });
});
