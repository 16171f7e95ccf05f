/** The pages of docs/templates/ list the parameters and outputs of the templates. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { accepted } from '../../scripts/lint/accepted.ts';
import { current, currentGuardPage, guardPage, pageOf, templates } from '../../scripts/template-docs.ts';

const files = await templates();

describe.each(files)('the page of %s', (template) => {
  const page = existsSync(pageOf(template)) ? readFileSync(pageOf(template), 'utf8') : '';

  test('has the tables that its template has (else: node scripts/template-docs.ts)', async () => {
    expect(page).toBe(await current(template, page));
  });

  test('says what for, shows it, and says what it needs, its limits, its cost, how to verify it and how to take it down', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Picture',
      'Parameters',
      'Outputs',
      'Dependencies',
      'Limits',
      'Cost',
      'Verify',
      'Teardown',
    ]);
    expect(page).toContain('```mermaid\n');
    expect(page).toMatch(/^# `templates\/.*`\n\n\S/);
  });
});

test('the page about Guard has every suppressed rule with its reason (else: node scripts/template-docs.ts)', async () => {
  const page = readFileSync(guardPage, 'utf8');
  expect(page).toBe(await currentGuardPage(page));
});

test('the page about strict tools has every accepted rule with its reason (else: make lint-templates)', () => {
  const page = readFileSync(guardPage, 'utf8');
  const missing = Object.entries(accepted).filter(
    ([rule, reason]) => !page.includes(`| \`${rule}\` | ${reason} |`),
  );
  expect(missing).toEqual([]);
});

test('no page is left over, and every link between pages leads somewhere', () => {
  const folder = dirname(pageOf('x'));
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
  const expected = [
    ...files.map((file) => basename(pageOf(file))),
    'README.md',
    'creation-checks.md',
    'guard.md',
    'replacement.md',
    'vpc-sizing.md',
  ];
  expect(pages.sort()).toEqual(expected.sort());
  const broken = pages.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\]\(([^)#:]+\.(?:md|yaml))\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !existsSync(join(folder, link))),
  );
  expect(broken).toEqual([]);
});
