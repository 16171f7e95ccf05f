/**
 * Which parameters of the templates replace a resource when they change, after CloudFormation's own schemas
 * of resources, as cfn-lint carries them.
 */
import { join, resolve } from 'node:path';
import { schemas } from '../release/update-check.ts';
import { holdsData, namePropertyOf } from './templates/names.ts';
import {
  type Json,
  objects,
  type Resource,
  readTemplate,
  references,
  type Template,
} from './templates/template.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Replacement {
  template: string;
  /** Logical id of the resource. */
  id: string;
  type: string;
  /** Property whose change replaces the resource. */
  property: string;
  /** Parameters that the property comes from. */
  parameters: string[];
  /** The resource has a name that must be free. */
  hasFixedName: boolean;
  /** The name itself is the property, so the new resource has another one. */
  isName: boolean;
  holdsData: boolean;
  /** The old resource stays beside the new one. */
  keepsOld: boolean;
  /** An output names the resource, so others may use it. */
  isNamedInOutputs: boolean;
}

const createOnly = schemas();

/** Top-level properties whose change replaces a resource of the type. */
const replacing = (type: string) => [...new Set(createOnly(type).map((path) => path.split('/')[0] ?? ''))];

/** Names that a value refers to: parameters and resources, through conditions too. */
function* referred(json: Json | undefined, template: Template): Generator<string> {
  yield* references(json);
  for (const [, { 'Fn::If': choice, Condition }] of objects(json)) {
    const [condition] = [choice].flat();
    for (const name of [condition, Condition])
      if (typeof name === 'string') yield* referred(template.Conditions?.[name], template);
  }
}

/** Every property of a template that replaces its resource. Without parameters, only a release changes it. */
export function replacements(file: string): Replacement[] {
  const template = readTemplate(file);
  const inOutputs = new Set(
    Object.values(template.Outputs ?? {}).flatMap(({ Value }) => [...referred(Value, template)]),
  );
  return Object.entries(template.Resources).flatMap(([id, resource]) =>
    replacing(resource.Type)
      .filter((property) => resource.Properties?.[property] !== undefined)
      .map((property) => {
        const names = [...new Set(referred(resource.Properties?.[property], template))];
        return {
          template: file,
          id,
          type: resource.Type,
          property,
          parameters: names.filter((name) => template.Parameters?.[name] !== undefined),
          hasFixedName: isNamed(resource, template),
          isName: property === namePropertyOf(resource.Type),
          holdsData: holdsData(resource.Type),
          keepsOld: resource.UpdateReplacePolicy === 'Retain',
          isNamedInOutputs: inOutputs.has(id),
        };
      }),
  );
}

/** Whether the resource has a name that comes from no other resource. */
function isNamed(resource: Resource, template: Template): boolean {
  const value = resource.Properties?.[namePropertyOf(resource.Type) ?? ''];
  return value !== undefined && ![...referred(value, template)].some((name) => name in template.Resources);
}

/** The sentences of a parameter's description that say what becomes of a resource when it changes. */
export function warningOf(file: string, parameter: string): string {
  const text = readTemplate(file).Parameters?.[parameter]?.Description ?? '';
  return text
    .split(/(?<=\.) /)
    .filter((sentence) => /replace|change|new one|another one/i.test(sentence))
    .join(' ');
}

/** Whether a replacement touches more than its own stack: a name, data, or a value that others may use. */
export const matters = ({ hasFixedName, holdsData: data, isNamedInOutputs }: Replacement): boolean =>
  hasFixedName || data || isNamedInOutputs;

/** The new resource needs the name of the old one, so CloudFormation refuses the replacement. */
export const isRefused = ({ hasFixedName, isName }: Replacement): boolean => hasFixedName && !isName;

/** The page about replacements. */
export const replacementPage = join(root, 'docs/templates/replacement.md');

/** The table of the page: the replacements that matter, by template. */
export function replacementTable(files: string[]): string {
  const rows = files
    .flatMap(replacements)
    .filter(matters)
    .map((one) => {
      const touched = [
        ...(one.hasFixedName ? ['fixed name'] : []),
        ...(one.holdsData ? ['data'] : []),
        ...(one.isNamedInOutputs ? ['outputs'] : []),
      ];
      const parameters = one.parameters.map((name) => `\`${name}\``).join(', ');
      const outcome = isRefused(one)
        ? 'refused: the name is taken'
        : `a new one; the old one ${one.keepsOld ? 'stays' : 'is deleted'}`;
      const said = [...new Set(one.parameters.map((name) => warningOf(one.template, name)))].join(' ');
      return `| ${one.template.replace(/\.yaml$/, '')}: \`${one.id}\` | \`${one.property}\` | ${parameters || 'a release only'} | ${touched.join(', ')} | ${outcome} | ${said} |`;
    });
  return [
    '| resource | property | from | touches | a change makes | the page says |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
