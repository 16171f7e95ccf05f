import { ownMember } from '../../common/objects.ts';
import { nearest } from '../../common/text.ts';
import {
  innerOf,
  isOpen,
  isOptional,
  kindOf,
  type PropertySchema,
  problemsIn,
  shapeOf,
} from '../../provider/properties/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import {
  branches,
  dataOf,
  deepest,
  isKnown,
  knownPart,
  type Members,
  member,
  type Place,
  present,
  substituted,
  textOf,
  UNKNOWN,
  type Value,
} from '../templates/template.ts';
import type { Context, Resource } from './context.ts';

/** Names, presence and values of a resource's properties, by the provider's own schema. */
export function checkProperties(resource: Resource, context: Context): void {
  const type = resourceTypes.find(({ typeName }) => typeName === resource.typeName);
  if (type === undefined) return;
  checkMembers(resource.properties, type.schema, [], { resource, context });
  checkServiceToken(resource, context);
}

interface Where {
  resource: Resource;
  context: Context;
}

function checkMembers(value: Members, schema: unknown, path: string[], where: Where): void {
  const shape = shapeOf(schema) ?? {};
  const { resource, context } = where;
  const at = path.length === 0 ? resource.at : value.at;
  const name = (key: string) => [resource.logicalId, ...path, key].join('.');
  for (const [key, entry] of present(value)) {
    const part = ownMember(shape, key);
    if (part !== undefined) checkValue(entry.value, part, [...path, key], where);
    else if (!isOpen(schema) && !key.startsWith('Fn::')) {
      const near = nearest(key, Object.keys(shape));
      context.report(
        'unknown-property',
        entry.key,
        name(key),
        `${key} is unknown`,
        near === undefined
          ? `${path.join('.') || resource.typeName} takes ${Object.keys(shape).join(', ')}.`
          : `Write ${near}.`,
      );
    }
  }
  // An included part may hold what seems to be missing.
  if (value.entries.has('Fn::Transform')) return;
  for (const [key, part] of Object.entries(shape)) {
    if (isOptional(part) || present(value).some(([written]) => written === key)) continue;
    if (hasMisspelt(value, key, Object.keys(shape))) continue;
    reportMissing(name(key), at, [...path, key], where);
  }
}

export function reportMissing(name: string, at: Place, path: string[], { resource, context }: Where): void {
  const description = descriptionOf(resource.typeName, path.join('.')) ?? '';
  context.report('required', at, name, 'is required', `Add ${path.join('.')}: ${description}`);
}

function checkValue(value: Value, schema: unknown, path: string[], where: Where): void {
  for (const branch of branches(value)) {
    const inner = innerOf(schema);
    const kind = kindOf(inner as object);
    if (kind?.kind === 'forms') {
      const data = dataOf(branch);
      if (data === UNKNOWN) continue;
      const form = kind.choose(data);
      if (branch.kind === 'map' && shapeOf(form) !== undefined) checkMembers(branch, form, path, where);
      checkLeaf(branch, inner, path, where);
    } else if (kind !== undefined) checkLeaf(branch, inner, path, where);
    else if (branch.kind === 'map') checkMembers(branch, inner, path, where);
    else if (branch.kind !== 'call') {
      const { resource, context } = where;
      const members = Object.keys(shapeOf(inner) ?? {}).join(', ');
      context.report(
        'value',
        branch.at,
        [resource.logicalId, ...path].join('.'),
        'must be an object',
        `Write it as an object with ${members}.`,
      );
    }
  }
}

/** A value by its own kind; what is unknown is left out of it. */
function checkLeaf(value: Value, schema: unknown, path: string[], where: Where): void {
  const data = dataOf(value);
  if (data === UNKNOWN) return;
  const kind = kindOf(schema as object);
  const complete = isKnown(data);
  // Rules over a whole form need all of it.
  if (!complete && kind?.kind === 'forms') return;
  const { resource, context } = where;
  const problems = problemsIn(schema as PropertySchema<unknown>, complete ? data : knownPart(data));
  for (const { path: inside, fault, problem, nearest: meant } of problems) {
    // Members were judged one by one: what is left are rules between them.
    if (inside !== '' && fault !== 'rule') continue;
    const name = [...path, ...(inside === '' ? [] : [inside])].join('.');
    const description = descriptionOf(resource.typeName, name);
    context.report(
      kind?.kind === 'forms' && inside === '' ? 'definition' : 'value',
      deepest(value, inside).at,
      `${resource.logicalId}.${name}`,
      problem,
      meant === undefined ? (description ?? 'See the reference of the resource type.') : `Write ${meant}.`,
    );
  }
}

/** Whether a name that is missing is there misspelt, which is reported by itself. */
export const hasMisspelt = (members: Members, missing: string, known: string[]): boolean =>
  present(members).some(([written]) => !known.includes(written) && nearest(written, known) === missing);

/** The properties of a resource type. */
export function namesOf(typeName: string): string[] {
  const type = resourceTypes.find((one) => one.typeName === typeName);
  return Object.keys(shapeOf(type?.schema) ?? {});
}

/** A token that was written out must be one. */
function checkServiceToken({ logicalId, properties }: Resource, { report }: Context): void {
  const token = member(properties, 'ServiceToken');
  if (token === undefined) return;
  const text = substituted(token)?.text ?? textOf(token);
  // A variable of Fn::Sub may be the whole token, or its beginning.
  if (text === undefined || text === '' || /^\0(?:\0*$|.*:)/s.test(text)) return;
  if (/^arn:(?:[a-z-]+|\0):(lambda|sns):(?:[a-z0-9-]+|\0):(?:\d{12}|\0):/.test(text)) return;
  if (/^\{\{resolve:/.test(text)) return;
  report(
    'service-token',
    token.at,
    `${logicalId}.ServiceToken`,
    `${text.replaceAll('\0', '…')} is no ARN of a function`,
    "Use Fn::ImportValue with the name of the provider's export, such as genesys-cloud-ServiceToken.",
  );
}

/** The description of a property, or of the one that it is a part of. */
function descriptionOf(typeName: string, path: string): string | undefined {
  const type = resourceTypes.find((one) => one.typeName === typeName);
  // The members of a file have none of their own.
  for (let name = path; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const description = type && ownMember(type.about.properties, name);
    if (description !== undefined) return description;
  }
  return undefined;
}
