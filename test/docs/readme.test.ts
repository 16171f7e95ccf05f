/** README.md is what a newcomer reads first: short, plain, and true about what is released. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sentencesOf } from '../support/words.ts';
import { codeBlocks, prose, readPage, root } from './markdown.ts';

const MOST_LINES = 110;
const MOST_WORDS_OF_A_SENTENCE_ON_AVERAGE = 25;
const MOST_LINES_OF_THE_TEMPLATE = 10;

const page = await readPage('README.md');

test(`it has at most ${MOST_LINES} lines`, () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
});

test(`its sentences have at most ${MOST_WORDS_OF_A_SENTENCE_ON_AVERAGE} words on average`, () => {
  const text = prose(page)
    .replaceAll(/\]\([^)]*\)/g, ']')
    .split('\n')
    .filter((line) => !/^[#|<]/.test(line));
  const lengths = sentencesOf(text).map((sentence) => sentence.split(/\s+/).length);
  expect(lengths.length).toBeGreaterThan(20);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  expect(mean).toBeLessThanOrEqual(MOST_WORDS_OF_A_SENTENCE_ON_AVERAGE);
});

test('it shows a picture, both commands for the trial, and some lines of a template', () => {
  expect(codeBlocks(page, 'mermaid')).toHaveLength(1);
  expect(codeBlocks(page, 'sh')[0]).toMatch(/^make demo .*\nmake test /);
  const [template = ''] = codeBlocks(page, 'yaml');
  expect(template.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES_OF_THE_TEMPLATE);
});

test('it names the version of the package, in the status and in the keys', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const named = page.match(/\b\d+\.\d+\.\d+\b/g) ?? [];
  expect(named.length).toBeGreaterThanOrEqual(3);
  expect(new Set(named)).toEqual(new Set([version]));
});
