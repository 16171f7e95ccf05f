/**
 * Writes the lists of resource types that stand outside the provider: the parameter ResourceTypes of the
 * templates, and the tables between markers in README.md, docs/README.md and docs/getting-started.md. The
 * source is the types' own declarations. `node scripts/build/type-lists.ts` writes; a test fails where a file
 * differs from its output.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { resourceTypes } from '../../provider/resources/index.ts';
import { between } from './template-docs.ts';

const root = resolve(import.meta.dirname, '../..');

/** Each file with lists, and its text with the lists filled in. @throws Error where a list has no place */
export const typeLists: Readonly<Record<string, (text: string) => string>> = {
  'README.md': (text) => between(text, 'resource types', typeTable()),
  'docs/getting-started.md': (text) => between(text, 'permissions', permissionTable()),
  'docs/README.md': (text) => between(text, 'resource types', pageList()),
  'templates/provider.yaml': parameterOf,
  'templates/stacksets/provider.yaml': parameterOf,
};

/** Path of a type's page: `Custom::GenesysDataAction` has `docs/resources/data-action.md`. */
export function typePage(typeName: string): string {
  const name = typeName.replace('Custom::Genesys', '').replace(/(?<=[a-z])(?=[A-Z])/g, '-');
  return `docs/resources/${name.toLowerCase()}.md`;
}

/** The same path for a link on a page of docs/. */
const pageFromDocs = (typeName: string) => typePage(typeName).replace('docs/', '');

function parameterOf(template: string): string {
  const names = resourceTypes.map(({ typeName }) => typeName).sort();
  const byDefault = resourceTypes.filter(({ servedByDefault }) => servedByDefault);
  const parameter =
    /^( {2}ResourceTypes:\n(?: {4}Type: .*\n)) {4}Default: .*\n((?: {4}Description: .*\n) {4}AllowedValues: )\[.*\]\n/m;
  if (!parameter.test(template)) throw new Error('no parameter ResourceTypes with Default and AllowedValues');
  return template.replace(
    parameter,
    (_, start: string, description: string) =>
      `${start}    Default: ${byDefault.map(({ typeName }) => typeName).join(',')}\n${description}[${names.join(', ')}]\n`,
  );
}

function permissionTable(): string {
  const rows = resourceTypes.flatMap(({ typeName, about, servedByDefault }) => {
    const page = pageFromDocs(typeName);
    const label = `[\`${typeName}\`](${page})`;
    const onRequest = servedByDefault ? '' : ', only where the provider serves it';
    return [
      [`${label}${onRequest}`, about.permissions] as const,
      ...Object.entries(about.furtherPermissions ?? {}).map(([use, permission]) => {
        const linked = use.replace(/^\w+/, (name) => `[\`${name}\`](${page}#${name.toLowerCase()})`);
        return [`${label}, for ${linked}`, [permission]] as const;
      }),
    ];
  });
  return [
    '| for | permissions |',
    '|---|---|',
    ...rows.map(([use, permissions]) => `| ${use} | ${permissions.map((one) => `\`${one}\``).join(', ')} |`),
  ].join('\n');
}

function typeTable(): string {
  const rows = resourceTypes.map(({ typeName, about, attributes }) => {
    const [sentence = ''] = about.description.split(/\.(?= |$)/);
    const makes = `${sentence[0]?.toLowerCase()}${sentence.slice(1)}`;
    return `| \`${typeName}\` | ${makes} | \`${attributes[0]}\` | [reference](${typePage(typeName)}) |`;
  });
  return ['| type | makes | `Ref` is | page |', '|---|---|---|---|', ...rows].join('\n');
}

function pageList(): string {
  return resourceTypes.map(({ typeName }) => `- [${typeName}](${pageFromDocs(typeName)})`).join('\n');
}

/** Writes the lists. */
export async function run(): Promise<void> {
  for (const [file, current] of Object.entries(typeLists)) {
    const path = join(root, file);
    await writeFile(path, current(await readFile(path, 'utf8')));
    console.log(file);
  }
}

if (import.meta.main) await run();
