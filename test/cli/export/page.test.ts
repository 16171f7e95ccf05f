/** docs/export.md and the help describe what the command takes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exporting } from '../../../cli/export/command.ts';
import { MOST } from '../../../cli/export/parts.ts';

const page = await readFile(join(import.meta.dirname, '../../../docs/export.md'), 'utf8');
const command = exporting();
const options = Object.keys(command.options ?? {});

test.each(options.map((option) => [option]))('--%s is in the help and in the table of the page', (option) => {
  expect(command.usage).toContain(`  --${option}`);
  expect(page).toMatch(new RegExp(`^\\| \`--${option}[ \`]`, 'm'));
});

test('the page has no option that the command lacks, and every exit code of the help', () => {
  const named = [...page.matchAll(/^\| `--([a-z-]+)/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual([...options].sort());
  for (const code of [0, 1, 2, 3]) {
    expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
    expect(command.usage).toMatch(new RegExp(`\\b${code} `));
  }
});

test('the page has the limits of a part', () => {
  for (const limit of Object.values(MOST)) expect(page).toContain(limit.toLocaleString('en-US'));
});
