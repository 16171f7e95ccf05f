/**
 * Writes the JSON Schemas of the resource types (schemas/*.json) from the provider's own property schemas.
 * They have the style of CloudFormation's registry and serve editors and tools that check templates.
 * A test compares the files with the output of this script.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ownMember } from '../../common/objects.ts';
import { innerOf, isOpen, isOptional, type Kind, kindOf, shapeOf } from '../../provider/properties/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';

export const schemasFolder = join(resolve(import.meta.dirname, '../..'), 'schemas');

type JsonSchema = Record<string, unknown>;

/** One type, with the paths of the descriptions that were used. */
interface Account {
  typeName: string;
  /** By path. */
  descriptions: Readonly<Record<string, string>>;
  used: Set<string>;
}

/**
 * Returns the content of each type's schema by file name.
 * @throws Error for a property without a description, and for a description without a property
 */
export function generateTypeSchemas(): Map<string, string> {
  return new Map(
    resourceTypes.map((type) => {
      const { typeName, schema, attributes, replacement } = type;
      const described = type.about;
      const account = { typeName, descriptions: described.properties, used: new Set<string>() };
      const { properties, required } = objectSchema(schema, [], account);
      const unused = Object.keys(described.properties).filter((path) => !account.used.has(path));
      if (unused.length > 0) throw new Error(`${typeName}: described, but no property: ${unused.join(', ')}`);
      const readOnly = attributes.map((name) => {
        const description = described.attributes[name];
        if (description === undefined) throw new Error(`${typeName}: attribute ${name} has no description`);
        return [name, { type: 'string', description }] as const;
      });
      const undocumented = Object.keys(described.attributes).filter((name) => !attributes.includes(name));
      if (undocumented.length > 0)
        throw new Error(`${typeName}: described, but no attribute: ${undocumented.join(', ')}`);
      const written = Object.keys(properties as JsonSchema);
      const document = {
        typeName,
        description: described.description,
        additionalProperties: false,
        properties: { ...(properties as JsonSchema), ...withoutKnown(readOnly, written) },
        required,
        ...(described.oneSetOf && { anyOf: described.oneSetOf.map((names) => ({ required: names })) }),
        createOnlyProperties: ['ServiceToken', ...replacement].map(pointer),
        // An attribute that is also a property can be written, so it is not read-only.
        readOnlyProperties: attributes.filter((name) => !written.includes(name)).map(pointer),
        primaryIdentifier: [pointer(attributes[0] ?? '')],
      };
      const file = `${typeName.replace('Custom::', '')}.json`;
      return [file, `${JSON.stringify(document, null, 2)}\n`] as const;
    }),
  );
}

const pointer = (name: string) => `/properties/${name}`;

const withoutKnown = (entries: (readonly [string, JsonSchema])[], known: string[]) =>
  Object.fromEntries(entries.filter(([name]) => !known.includes(name)));

function objectSchema(schema: unknown, path: string[], account: Account): JsonSchema {
  const shape = Object.entries(shapeOf(schema) ?? {});
  const required = shape.filter(([, part]) => !isOptional(part)).map(([name]) => name);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      shape.map(([name, part]) => [name, propertySchema(part, [...path, name], account)]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}

function propertySchema(schema: unknown, path: string[], account: Account): JsonSchema {
  const inner = innerOf(schema);
  const kind = kindOf(inner as object);
  const description = descriptionOf(path, account);
  if (kind?.kind === 'forms') return { description, oneOf: formSchemas(kind, path, account) };
  return { description, ...(kind === undefined ? objectSchema(inner, path, account) : leafSchema(kind)) };
}

function descriptionOf(path: string[], { typeName, descriptions, used }: Account): string {
  const name = path.join('.');
  const description = ownMember(descriptions, name);
  if (description === undefined) throw new Error(`${typeName}: property ${name} has no description`);
  used.add(name);
  return description;
}

/** Named forms are written out in full; a file in the format of another system stays open. */
function formSchemas(
  { forms }: Extract<Kind, { kind: 'forms' }>,
  path: string[],
  account: Account,
): JsonSchema[] {
  return Object.values(forms).map((form) => {
    const kind = kindOf(form as object);
    if (kind !== undefined) return leafSchema(kind);
    return isOpen(form)
      ? { type: 'object', properties: { S3: false, SecretArn: false } }
      : objectSchema(form, path, account);
  });
}

function leafSchema(kind: Kind): JsonSchema {
  switch (kind.kind) {
    case 'text':
      return {
        type: 'string',
        ...(kind.min > 0 ? { minLength: kind.min } : {}),
        ...(kind.max === undefined ? {} : { maxLength: kind.max }),
        ...(kind.pattern === undefined ? {} : { pattern: portable(kind.pattern) }),
      };
    case 'flag':
      return { type: 'boolean' };
    case 'wholeNumber':
      return { type: 'integer', minimum: kind.min, maximum: kind.max };
    case 'choice':
      return { type: 'string', enum: kind.values };
    case 'textMap':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'textList':
      return { type: 'array', maxItems: kind.max, items: leafSchema(kind.each) };
    case 'jsonSchema':
    case 'freeForm':
      return { type: ['object', 'string'] };
    case 'forms':
      throw new Error('forms are no leaf');
  }
}

/**
 * JSON Schema has no flags, so they are written into the pattern. This covers letters and dots, which is all
 * that the property schemas use.
 */
function portable({ source, flags }: RegExp): string {
  if (flags === '') return source;
  const unknown = flags.replace(/[is]/g, '');
  if (unknown !== '' || /\\[a-z]|\[/i.test(source))
    throw new Error(`/${source}/${flags} has no portable form`);
  const letters = flags.includes('i')
    ? source.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`)
    : source;
  return flags.includes('s') ? letters.replaceAll('.', '[\\s\\S]') : letters;
}

/** Writes schemas/. */
export async function run(): Promise<void> {
  await mkdir(schemasFolder, { recursive: true });
  for (const [file, content] of generateTypeSchemas()) {
    await writeFile(join(schemasFolder, file), content);
    console.log(`wrote schemas/${file}`);
  }
}

if (import.meta.main) await run();
