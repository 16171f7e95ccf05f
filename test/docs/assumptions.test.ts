/** A reader can check every assumption: its entry says how, and the calls that it names exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks, readPage, root, section } from './markdown.ts';

const text = await readPage('docs/assumptions.md');
const titles = [...text.matchAll(/^### (.*)$/gm)].map((match) => match[1] ?? '');

/** Paths of the API as the SDK's classes have them, `{…}` for a parameter. */
function pathsOfTheApi(): string[] {
  const folder = join(root, 'node_modules/purecloud-platform-client-v2/src/purecloud-platform-client-v2/api');
  return readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/'(\/api\/v2\/[^']*)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
}

/**
 * Whether a command calls a path of the API. A variable of the command stands for a parameter of the path.
 */
function isCall(called: string, path: string): boolean {
  const [ours, theirs] = [called.split('/'), path.split('/')];
  return (
    ours.length === theirs.length && theirs.every((part, at) => part.startsWith('{') || part === ours[at])
  );
}

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

test('the commands call what the API has', () => {
  const known = pathsOfTheApi();
  const called = codeBlocks(text, 'sh').flatMap((block) =>
    [...block.matchAll(/\$API(\/api\/v2\/[^\s"'?|;)]*)/g)].map((match) => match[1] ?? ''),
  );
  expect(called.length).toBeGreaterThan(15);
  expect(called.filter((call) => !known.some((path) => isCall(call, path)))).toEqual([]);
});
