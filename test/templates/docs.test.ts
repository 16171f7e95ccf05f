/** The pages of docs/templates/ list the parameters and outputs of the templates. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { needsCapability } from '../../scripts/build/deploy-commands.ts';
import {
  current,
  currentGuardPage,
  guardPage,
  pageOf,
  templates,
} from '../../scripts/build/template-docs.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';
import { accepted } from '../../scripts/checks/lint/accepted.ts';

const files = await templates();

describe.each(files)('the page of %s', (template) => {
  const page = existsSync(pageOf(template)) ? readFileSync(pageOf(template), 'utf8') : '';

  test('has the tables that its template has (else: node scripts/build/template-docs.ts)', async () => {
    expect(page).toBe(await current(template, page));
  });

  test('says what for, shows it, and says what it needs, its limits, its cost, how to verify it and how to take it down', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Picture',
      'Parameters',
      'Outputs',
      'Dependencies',
      'Deploy',
      'Limits',
      'Cost',
      'Verify',
      'Teardown',
    ]);
    expect(page).toContain('```mermaid\n');
    expect(page).toMatch(/^# `templates\/.*`\n\n\S/);
  });
});

describe.each(files)('the commands on the page of %s', (template) => {
  const page = existsSync(pageOf(template)) ? readFileSync(pageOf(template), 'utf8') : '';
  const blocks = [...page.matchAll(/```sh\n(aws cloudformation deploy [^`]*)```/g)].map(
    ([, block = '']) => block,
  );

  test.each(blocks.map((block, i) => [i, block] as const))(
    'number %i deploys it with parameters that it takes',
    (_i, block) => {
      // The shell itself takes the command apart.
      const script = `aws() { printf '%s\\0' "$@"; }\n${block.replaceAll(/<[a-z][^<>\n]*>/g, 'placeholder')}`;
      const words = execFileSync('/bin/bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\0');
      const valueAfter = (option: string) => words[words.indexOf(option) + 1];
      if (valueAfter('--template-file') !== `templates/${template}`) return;
      expect(words.includes('CAPABILITY_IAM')).toBe(needsCapability(template));
      const given = words
        .slice(words.indexOf('--parameter-overrides') + 1)
        .filter((word) => /^[A-Za-z0-9]+=/.test(word))
        .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
      expect(() => resolve(readTemplate(template), Object.fromEntries(given))).not.toThrow();
    },
  );

  test('are there', () => {
    expect(blocks.filter((block) => block.includes(`--template-file templates/${template}`))).not.toEqual([]);
  });
});

/** How a page calls a resource of a type that may stay when its stack is deleted. */
const wordOf: Record<string, RegExp> = {
  'AWS::CloudFormation::StackSet': /stack set/i,
  'AWS::DynamoDB::Table': /ledger|table/i,
  'AWS::EC2::EIP': /Elastic IP/,
  'AWS::IAM::Role': /role/i,
  'AWS::KMS::Alias': /alias/i,
  'AWS::KMS::Key': /key/i,
  'AWS::KMS::ReplicaKey': /key|replica/i,
  'AWS::Logs::LogGroup': /log/i,
  'AWS::S3::Bucket': /bucket/i,
  'AWS::SecretsManager::Secret': /secret/i,
};

test.each(files)('the page of %s says under Teardown what stays when the stack is deleted', (template) => {
  const [, teardown = ''] = readFileSync(pageOf(template), 'utf8').split('## Teardown');
  const stays = Object.values(readTemplate(template).Resources)
    .filter(({ DeletionPolicy = '' }) => DeletionPolicy.startsWith('Retain'))
    .map(({ Type }) => Type);
  expect(stays.filter((type) => !(wordOf[type] ?? /^$/).test(teardown))).toEqual([]);
});

test('the page about Guard has every suppressed rule with its reason (else: node scripts/build/template-docs.ts)', async () => {
  const page = readFileSync(guardPage, 'utf8');
  expect(page).toBe(await currentGuardPage(page));
});

test('the page about strict tools has every accepted rule with its reason (else: make lint-templates with GUARD_RULES)', () => {
  const page = readFileSync(guardPage, 'utf8');
  const missing = Object.entries(accepted).filter(
    ([rule, reason]) => !page.includes(`| \`${rule}\` | ${reason} |`),
  );
  expect(missing).toEqual([]);
});

test("the page about strict tools has checkov's suppressions as the templates have them (else: make lint-templates with GUARD_RULES)", () => {
  const skips = files.flatMap((file) =>
    Object.values(readTemplate(file).Resources).flatMap(({ Metadata = {} }) => {
      const { skip = [] } = (Metadata['checkov'] ?? {}) as { skip?: { id: string; comment: string }[] };
      return skip.map(({ id, comment }) => `| \`${id}\` | ${comment} |`);
    }),
  );
  const rows = [...new Set(skips)].map((row) => `${row} ${skips.filter((other) => other === row).length} |`);
  const page = readFileSync(guardPage, 'utf8');
  expect(page.split('\n').filter((line) => line.startsWith('| `CKV_'))).toEqual(rows.sort());
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
