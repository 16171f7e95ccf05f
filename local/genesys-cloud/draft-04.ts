import { isObject, type JsonObject } from './json.ts';

const SCHEMAS = new Set([
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'items',
  'not',
  'oneOf',
]);
const MAPS_OF_SCHEMAS = new Set(['definitions', 'dependencies', 'patternProperties', 'properties']);

/**
 * A schema of draft 4, in the words of draft 7. Contracts usually name draft 4, and exports that Genesys
 * publishes have nested `id`s (MyPureCloud, salesforce-create-case-data-action-module). A `$ref` is refused
 * elsewhere, so no `id` is ever referred to.
 */
export function fromDraft04(schema: JsonObject): JsonObject {
  const { $schema: _, $id: _id, ...rest } = schema;
  if (typeof rest['id'] === 'string') delete rest['id'];
  for (const [exclusive, inclusive] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const limit = rest[inclusive];
    // In draft 4 these are flags beside the limit; since draft 6 they are the limit.
    if (typeof rest[exclusive] !== 'boolean') continue;
    const isExclusive = rest[exclusive];
    delete rest[exclusive];
    if (!isExclusive || limit === undefined) continue;
    delete rest[inclusive];
    rest[exclusive] = limit;
  }
  return Object.fromEntries(
    Object.entries(rest).map(([keyword, value]) => [keyword, inside(keyword, value)]),
  );
}

function inside(keyword: string, value: unknown): unknown {
  if (MAPS_OF_SCHEMAS.has(keyword) && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, schemaOf(part)]));
  if (!SCHEMAS.has(keyword)) return value;
  return Array.isArray(value) ? value.map(schemaOf) : schemaOf(value);
}

const schemaOf = (value: unknown): unknown => (isObject(value) ? fromDraft04(value) : value);
