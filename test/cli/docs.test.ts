/** docs/validate.md describes what the command does. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { run } from '../../cli/main.ts';
import { section } from '../docs/markdown.ts';

const root = resolve(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/validate.md'), 'utf8');
const commands = [...page.matchAll(/```sh\nnpx genesys-cloud-cfn (.+)\n```(?:\n```text\n([\s\S]+?)```)?/g)];

/** Names in the first column of the tables. */
const namesIn = (text: string) => [...text.matchAll(/^\| `([a-z][a-z-]*)` \|/gm)].map(([, name]) => name);

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
  expect(namesIn(section(page, '## What it finds'))).toEqual(rules);
});

test('the page has every input of the GitHub Action with its default, and the hook by its name', async () => {
  const text = section(page, '## In GitHub Actions');
  const { inputs, outputs } = parse(await readFile(join(root, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { default: string }>;
    outputs: Record<string, unknown>;
  };
  expect(namesIn(text)).toEqual(Object.keys(inputs));
  for (const [name, input] of Object.entries(inputs))
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| \`${input.default}\` \\|$`, 'm'));
  for (const name of Object.keys(outputs)) expect(text).toContain(`outputs.${name} }}`);
  const [hook] = parse(await readFile(join(root, '.pre-commit-hooks.yaml'), 'utf8'));
  expect(section(page, '## In a commit')).toContain(`- id: ${hook.id}\n`);
  expect(section(page, '## In a commit')).toContain(`${hook.minimum_pre_commit_version} or newer`);
});
