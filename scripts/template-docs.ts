/**
 * Writes the tables of parameters and outputs in docs/templates/ from the templates themselves, between markers.
 * `node scripts/template-docs.ts` writes; a test fails where a page is not what this would write.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');

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

/** Paths of the templates below templates/. */
export async function templates(): Promise<string[]> {
  const names = await readdir(join(root, 'templates'), { recursive: true });
  return names.filter((name) => name.endsWith('.yaml')).sort();
}

/** Path of a template's page: `kms/recording-key.yaml` has `docs/templates/kms-recording-key.md`. */
export function pageOf(template: string): string {
  return join(root, 'docs/templates', template.replaceAll('/', '-').replace(/\.yaml$/, '.md'));
}

/** The page with its tables as the template has them; throws when a marker is missing. */
export async function current(template: string, page: string): Promise<string> {
  // Intrinsic functions stand where no table looks, so their tags need no meaning here.
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
  return between(between(page, 'parameters', parameters.join('\n\n')), 'outputs', outputs);
}

function parameterRow(name: string, parameter: Parameter | undefined): string {
  if (parameter === undefined) throw new Error(`no parameter ${name}`);
  const { Default, Description, ConstraintDescription } = parameter;
  const value = Default === undefined ? 'required' : Default === '' ? 'empty' : `\`${Default}\``;
  const rule = ConstraintDescription[0]?.toUpperCase() + ConstraintDescription.slice(1);
  return `| \`${name}\` | ${value} | ${cell(Description)} ${cell(rule)}. |`;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');

function between(page: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, ...rest] = page.split(start);
  const after = rest[0]?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`no ${start} … ${end}`);
  return `${before}${start}\n${content}\n${end}${after}`;
}

if (import.meta.main) {
  for (const template of await templates()) {
    const file = pageOf(template);
    await writeFile(file, await current(template, await readFile(file, 'utf8')));
    console.log(file.slice(root.length + 1));
  }
}
