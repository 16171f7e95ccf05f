/**
 * The glossary explains each term once, in one sentence with a noun as its subject, and only terms that are
 * used.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacksNoun, sentencesOf } from '../support/words.ts';
import { pages, prose, readPage, root } from './markdown.ts';

const PAGE = 'docs/glossary.md';
const LONGEST_SENTENCE_WORDS = 40;

const rows = [...(await readPage(PAGE)).matchAll(/^\| (.+) \| (.+) \|$/gm)]
  .map(([, term = '', meaning = '']) => ({ term, meaning }))
  .filter(({ term }) => term !== 'term');
const terms = rows.flatMap(({ term }) => term.split(', '));

test('some thirty terms are explained, each once', () => {
  expect(terms.length).toBeGreaterThan(20);
  expect(terms.filter((term, at) => terms.indexOf(term) !== at)).toEqual([]);
});

test.each(rows)('$term: one sentence, with a noun as its subject', ({ meaning }) => {
  const sentences = sentencesOf([meaning]);
  expect(sentences).toEqual([expect.stringMatching(/\.$/)]);
  expect(sentences.filter(lacksNoun)).toEqual([]);
  expect(meaning.split(' ').length).toBeLessThanOrEqual(LONGEST_SENTENCE_WORDS);
});

/**
 * All that a reader may meet beside the glossary: the provider's source, and the prose of the other pages.
 */
const elsewhere = [
  ...readdirSync(join(root, 'provider'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'provider', name), 'utf8')),
  ...(await Promise.all((await pages()).filter((page) => page !== PAGE).map(readPage))).map(prose),
].join('\n');

test.each(terms)('%s is a word of the code or of another page', (term) => {
  const words = term.replace(/ \(.*\)$/, '').split(' ');
  expect(elsewhere).toMatch(new RegExp(`\\b${words.join('[ -]?')}`, 'i'));
});

test.each(['docs/README.md', 'CONTRIBUTING.md', 'docs/architecture.md'])('%s leads to it', async (page) => {
  expect(await readPage(page)).toMatch(/\]\((?:docs\/)?glossary\.md\)/);
});
