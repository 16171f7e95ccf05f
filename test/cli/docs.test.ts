/** docs/validate.md describes what the command does. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../cli/main.ts';

const root = resolve(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/validate.md'), 'utf8');
const commands = [...page.matchAll(/```sh\nnpx genesys-cloud-cfn (.+)\n```(?:\n```text\n([\s\S]+?)```)?/g)];

test('the page shows commands', () => {
  expect(commands.length).toBeGreaterThanOrEqual(3);
});

test.each(commands.map(([, line = '', output]) => [line, output] as const))('%s', async (line, output) => {
  let said = '';
  const before = process.cwd();
  process.chdir(root);
  try {
    const code = await run(line.split(' '), { out: { write: (text) => (said += text) } });
    expect(code).toBe(output === undefined ? 0 : 1);
  } finally {
    process.chdir(before);
  }
  if (output !== undefined) expect(said).toBe(output);
});

test('every rule has its line in the table', async () => {
  const source = await readFile(join(root, 'cli/validate/findings.ts'), 'utf8');
  const rules = source.match(/(?<=^ {2}\| ')[a-z-]+/gm);
  expect([...page.matchAll(/^\| `([a-z][a-z-]*)` \|/gm)].map(([, rule]) => rule)).toEqual(rules);
});
