/** docs/doctor.md has every check as the code has it, and every assumption is looked up or says why not. */
import { parse } from 'yaml';
import { assumptionChecks, notLookedUp } from '../../../cli/doctor/assumptions.ts';
import { areas } from '../../../cli/doctor/checks.ts';
import { doctor } from '../../../cli/doctor/command.ts';
import { LIMITS } from '../../../cli/doctor/function.ts';
import { EXPIRY, KEY } from '../../../cli/doctor/ledger.ts';
import { anchorOf, readPage, section } from '../../docs/markdown.ts';

const page = await readPage('docs/doctor.md');

/** The rows of a section's table, as lists of cells. */
const rowsOf = (text: string) =>
  [...text.matchAll(/^\| (.*) \|$/gm)]
    .map(([, row = '']) => row.split(' | '))
    .filter(([first = '']) => !/^-|^(check|entry|service|option)$/.test(first));

const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(', ') || 'nothing';
const linkTo = (entry: string) => `[${entry}](assumptions.md#${anchorOf(entry.replaceAll('`', ''))})`;

test.each(areas.filter(({ title }) => title !== 'Assumptions'))(
  'the table of "$title" is that of the code',
  ({ title, checks }) => {
    expect(rowsOf(section(page, `### ${title}`))).toEqual(
      checks.map(({ id, title: rule, reads }) => [`\`${id}\``, rule, code(reads)]),
    );
  },
);

test('the table of assumptions is that of the code', () => {
  expect(rowsOf(section(page, '### Assumptions'))).toEqual(
    assumptionChecks.map(({ id, entry, reads }) => [`\`${id}\``, linkTo(entry), code(reads)]),
  );
});

test('every entry of docs/assumptions.md is looked up, or the page says why nobody can', async () => {
  const entries = [...(await readPage('docs/assumptions.md')).matchAll(/^### (.*)$/gm)].map(
    ([, entry = '']) => entry,
  );
  const known = [...assumptionChecks.map(({ entry }) => entry), ...Object.keys(notLookedUp)];
  expect(known.sort()).toEqual(entries.sort());
  const rows = rowsOf(section(page, '### Assumptions that nobody can look up by reading'));
  expect(rows).toEqual(
    Object.entries(notLookedUp).map(([entry, why]) => [linkTo(entry), why.replace(/^takes /, '')]),
  );
});

test('the permissions are those by which the checks read', () => {
  const reads = areas.flatMap(({ checks }) => checks.flatMap((check) => check.reads));
  const wanted = new Set(reads.filter((one) => /^[a-z0-9]+:[A-Z]/.test(one)));
  const named = rowsOf(section(page, '## Permissions')).flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...wanted].sort());
});

test('the ids are unique, and each is said once', () => {
  const ids = areas.flatMap(({ checks }) => checks.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test('the options are those of the command', () => {
  const named = [...page.matchAll(/^\| `--([a-z-]+)/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(Object.keys(doctor().options ?? {}).sort());
  for (const name of named) expect(doctor().usage).toContain(`--${name}`);
});

test('the checks of function and ledger ask for what the templates say', async () => {
  const tags = [
    '!Ref',
    '!Sub',
    '!If',
    '!GetAtt',
    '!Equals',
    '!Not',
    '!Join',
    '!And',
    '!Or',
    '!Select',
    '!Split',
  ];
  const customTags = tags.flatMap((tag) =>
    (['map', 'seq', undefined] as const).map((collection) => ({
      tag,
      ...(collection === undefined ? {} : { collection }),
      resolve: (value: unknown) => value,
    })),
  );
  const template = parse(await readPage('templates/provider.yaml'), { customTags }) as {
    Resources: Record<string, { Properties: Record<string, unknown> }>;
  };
  expect(template.Resources['ProviderFunction']?.Properties).toMatchObject(LIMITS);
  for (const file of ['templates/provider.yaml', 'templates/ledger.yaml']) {
    const { Resources } = parse(await readPage(file), { customTags }) as typeof template;
    expect(Resources['Ledger']?.Properties).toMatchObject({
      KeySchema: [{ AttributeName: KEY, KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: EXPIRY, Enabled: true },
    });
  }
});
