/**
 * Writes tables into docs/templates/ between markers: parameters and outputs into each template's page,
 * suppressed findings into guard.md. The source is the templates themselves.
 * `node scripts/build/template-docs.ts` writes. A test fails where a page differs from its output.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isMap, isScalar, isSeq, parse, parseDocument } from 'yaml';
import { deployCommands } from './deploy-commands.ts';
import { replacementPage, replacementTable } from './replacement.ts';

const root = resolve(import.meta.dirname, '../..');

interface Parameter {
  Type: string;
  Default?: string | number;
  Description: string;
  ConstraintDescription: string;
}

interface Template {
  Metadata: Record<string, { ParameterGroups?: { Label: { default: string }; Parameters: string[] }[] }>;
  Parameters?: Record<string, Parameter>;
  Outputs: Record<string, { Description: string; Condition?: string; Export?: unknown }>;
}

/** Paths of the templates, relative to templates/. */
export async function templates(): Promise<string[]> {
  const names = await readdir(join(root, 'templates'), { recursive: true });
  return names.filter((name) => name.endsWith('.yaml')).sort();
}

/** Path of a template's page: `kms/recording-key.yaml` has `docs/templates/kms-recording-key.md`. */
export function pageOf(template: string): string {
  return join(root, 'docs/templates', template.replaceAll('/', '-').replace(/\.yaml$/, '.md'));
}

/** The page with the tables of its template filled in. @throws Error when a marker is missing */
export async function current(template: string, page: string): Promise<string> {
  // The tables read no values with intrinsic functions, so unknown tags may be ignored.
  const { Metadata, Parameters, Outputs } = parse(await readFile(join(root, 'templates', template), 'utf8'), {
    logLevel: 'silent',
  }) as Template;
  const groups = Metadata['AWS::CloudFormation::Interface']?.ParameterGroups ?? [];
  const parameters = groups.map(({ Label, Parameters: names }) =>
    [
      `**${Label.default}**`,
      '',
      '| parameter | default | meaning |',
      '|---|---|---|',
      ...names.map((name) => parameterRow(name, Parameters?.[name])),
    ].join('\n'),
  );
  const outputs = [
    '| output | meaning |',
    '|---|---|',
    ...Object.entries(Outputs).map(
      ([name, { Description, Condition, Export }]) =>
        `| \`${name}\` | ${cell(Description)}${Export ? ' Exported.' : ''}${Condition ? ' Not always there.' : ''} |`,
    ),
  ].join('\n');
  const tables = between(between(page, 'parameters', parameters.join('\n\n')), 'outputs', outputs);
  return between(tables, 'deploy', deployCommands(template));
}

/** The page about CloudFormation Guard. */
export const guardPage = join(root, 'docs/templates/guard.md');

/** The Guard page with each suppressed rule and the reason that the template gives. */
export async function currentGuardPage(page: string): Promise<string> {
  /** Templates and logical ids, by rule and reason. */
  const where = new Map<string, Map<string, string[]>>();
  for (const template of await templates()) {
    const { contents, errors } = parseDocument(await readFile(join(root, 'templates', template), 'utf8'), {
      logLevel: 'silent',
    });
    if (errors.length > 0 || !isMap(contents)) throw new Error(`${template} is no template`);
    const resources = contents.get('Resources', true);
    if (!isMap(resources)) continue;
    for (const { key: id, value: resource } of resources.items) {
      const rules = isMap(resource)
        ? resource.getIn(['Metadata', 'guard', 'SuppressedRules'], true)
        : undefined;
      if (!isSeq(rules)) continue;
      for (const rule of rules.items) {
        if (!isScalar(rule) || !rule.comment) throw new Error(`${template} ${id}: a rule without its reason`);
        const row = `\`${rule.value}\`|${rule.comment.trim()}`;
        const places = where.get(row) ?? new Map<string, string[]>();
        where.set(row, places.set(template, [...(places.get(template) ?? []), `\`${id}\``]));
      }
    }
  }
  const rows = [...where]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([row, places]) => {
      const [rule, reason] = row.split('|');
      const resources = [...places].map(
        ([template, ids]) => `${template.slice(0, -'.yaml'.length)}: ${ids.join(', ')}`,
      );
      return `| ${rule} | ${resources.join('; ')} | ${cell(reason ?? '')} |`;
    });
  return between(page, 'suppressed', ['| rule | resources | reason |', '|---|---|---|', ...rows].join('\n'));
}

function parameterRow(name: string, parameter: Parameter | undefined): string {
  if (parameter === undefined) throw new Error(`no parameter ${name}`);
  const { Default, Description, ConstraintDescription } = parameter;
  const value = Default === undefined ? 'required' : Default === '' ? 'empty' : `\`${Default}\``;
  const rule = ConstraintDescription[0]?.toUpperCase() + ConstraintDescription.slice(1);
  return `| \`${name}\` | ${value} | ${cell(Description)} ${cell(rule)}. |`;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');

/** The page with the text between the two markers of a name replaced. @throws Error when one is missing */
export function between(page: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, ...rest] = page.split(start);
  const after = rest[0]?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`no ${start} … ${end}`);
  return `${before}${start}\n${content}\n${end}${after}`;
}

/** Writes the tables. */
export async function run(): Promise<void> {
  for (const template of await templates()) {
    const file = pageOf(template);
    await writeFile(file, await current(template, await readFile(file, 'utf8')));
    console.log(file.slice(root.length + 1));
  }
  await writeFile(guardPage, await currentGuardPage(await readFile(guardPage, 'utf8')));
  const page = await readFile(replacementPage, 'utf8');
  await writeFile(replacementPage, between(page, 'replacements', replacementTable(await templates())));
}

if (import.meta.main) await run();
