/** A reader can check every assumption: its entry says how, by one command (judged in commands.test.ts). */
import { codeBlocks, readPage, section } from './markdown.ts';

const text = await readPage('docs/assumptions.md');
const titles = [...text.matchAll(/^### (.*)$/gm)].map((match) => match[1] ?? '');

test('there are assumptions', () => {
  expect(titles.length).toBeGreaterThan(15);
});

test.each(titles)('%s: says what is assumed, what happens either way, and one command', (title) => {
  const part = section(text, `### ${title}`);
  expect(part).toMatch(/^\*\*Assumed:\*\* /m);
  expect(part).toMatch(/^\*\*Either way:\*\* /m);
  const commands = codeBlocks(part, 'sh');
  expect(commands).toHaveLength(1);
  expect(commands[0]?.trim().split('\n')).toHaveLength(1);
});
