/** Pages are read by people in a hurry: paragraphs are short, and sentences have nouns as subjects. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lacksNoun, sentencesOf } from '../support/words.ts';
import { pages, readPage, root } from './markdown.ts';

/** Pages and folders that are still to be rewritten; the list only ever shrinks. */
const NOT_YET: readonly string[] = [
  'docs/templates',
  'docs/endpoint',
  'local',
  'test/README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
];

const LONGEST_PARAGRAPH_WORDS = 90;

const done = (await pages()).filter(
  (page) => !NOT_YET.some((one) => page === one || page.startsWith(`${one}/`)),
);

interface Paragraph {
  line: number;
  text: string;
}

/** Paragraphs, list items and cells of tables, without code blocks, quotes and headings. */
function paragraphsOf(page: string): Paragraph[] {
  const found: Paragraph[] = [];
  let inCode = false;
  let goesOn = false;
  page.split('\n').forEach((line, at) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) inCode = !inCode;
    const isText = !inCode && !isFence && line.trim() !== '' && !/^(?:#|>|<!--|\|[\s|:-]+$)/.test(line);
    const begins = /^\s*(?:[-*]|\d+\.)\s/.test(line);
    if (!isText) goesOn = false;
    else if (line.startsWith('|')) {
      goesOn = false;
      found.push(...line.split(/(?<!\\)\|/).map((text) => ({ line: at + 1, text: text.trim() })));
    } else if (goesOn && !begins) {
      const last = found.at(-1);
      if (last) last.text += ` ${line.trim()}`;
    } else {
      found.push({ line: at + 1, text: line.replace(/^\s*(?:[-*]|\d+\.)\s+/, '').trim() });
      goesOn = true;
    }
  });
  return found.filter(({ text }) => text !== '');
}

/** Text as it is read: a link is its words, and code is one word. */
const readable = (text: string) => text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/`[^`]*`/g, 'code');

const words = (text: string) => readable(text).split(/\s+/).length;

test('the pages that are still to be rewritten are there', () => {
  expect(done.length).toBeGreaterThan(25);
  expect(NOT_YET.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe.each(done)('%s', (page) => {
  const said = ({ line, text }: Paragraph) => `${page}:${line}: ${text}`;

  test(`has no paragraph above ${LONGEST_PARAGRAPH_WORDS} words`, async () => {
    const long = paragraphsOf(await readPage(page)).filter(
      ({ text }) => words(text) > LONGEST_PARAGRAPH_WORDS,
    );
    expect(long.map(said)).toEqual([]);
  });

  test('has no sentence with a clause as its subject', async () => {
    const nounless = paragraphsOf(await readPage(page)).flatMap(({ line, text }) =>
      sentencesOf([readable(text)])
        .filter(lacksNoun)
        .map((sentence) => said({ line, text: sentence })),
    );
    expect(nounless).toEqual([]);
  });
});

test.each<[string, string, Paragraph[]]>([
  [
    'a paragraph over two lines',
    'One\ntwo.\n\nThree.',
    [
      { line: 1, text: 'One two.' },
      { line: 4, text: 'Three.' },
    ],
  ],
  [
    'items of a list',
    '- One\n  two.\n- Three.',
    [
      { line: 1, text: 'One two.' },
      { line: 3, text: 'Three.' },
    ],
  ],
  [
    'cells of a table',
    '| a | b |\n|---|---|',
    [
      { line: 1, text: 'a' },
      { line: 1, text: 'b' },
    ],
  ],
  ['no code, heading or quote', '# One\n\n```sh\ntwo\n```\n\n> `three`', []],
])('the pages are read by paragraphs: %s', (_what, text, expected) => {
  expect(paragraphsOf(text)).toEqual(expected);
});
