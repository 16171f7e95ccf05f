import { isPlainObject } from '../../common/objects.ts';

/**
 * CloudFormation hands a JSON Schema over with every scalar turned into a string. The keyword decides what a
 * string was: `minLength: "3"` is a number, `additionalProperties: "false"` a boolean; `enum`, `const` and
 * `default` follow the `type` beside them and stay strings without one.
 */
const NUMBERS = new Set([
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
  'minimum',
  'maximum',
  'multipleOf',
  'exclusiveMinimum',
  'exclusiveMaximum',
]);
/** Draft 4 has these two as booleans. */
const NUMBERS_OR_BOOLEANS = new Set(['exclusiveMinimum', 'exclusiveMaximum']);
const BOOLEANS = new Set(['uniqueItems', 'readOnly', 'writeOnly', 'deprecated', 'nullable']);
const SCHEMAS_OR_BOOLEANS = new Set([
  'additionalProperties',
  'additionalItems',
  'unevaluatedProperties',
  'unevaluatedItems',
  'items',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
]);
const MAPS_OF_SCHEMAS = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependentSchemas',
]);
const LISTS_OF_SCHEMAS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const VALUES = new Set(['const', 'default']);
const LISTS_OF_VALUES = new Set(['enum', 'examples']);

/** Deeper nesting is left as it came; Genesys Cloud allows 50 levels. */
const DEPTH = 60;

export function coerceJsonSchema(schema: Record<string, unknown>, depth = 0): Record<string, unknown> {
  if (depth > DEPTH) return schema;
  const type = schema['type'];
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, coerceKeyword(keyword, value, type, depth)]),
  );
}

function coerceKeyword(keyword: string, value: unknown, type: unknown, depth: number): unknown {
  if (NUMBERS_OR_BOOLEANS.has(keyword) && (value === 'true' || value === 'false')) return value === 'true';
  if (NUMBERS.has(keyword)) return number(value);
  if (BOOLEANS.has(keyword)) return boolean(value);
  if (SCHEMAS_OR_BOOLEANS.has(keyword)) return schemaOrBoolean(value, depth);
  if (MAPS_OF_SCHEMAS.has(keyword) && isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, schemaOrBoolean(part, depth)]),
    );
  }
  if (LISTS_OF_SCHEMAS.has(keyword) && Array.isArray(value))
    return value.map((part) => schemaOrBoolean(part, depth));
  if (VALUES.has(keyword)) return coerceValue(value, type);
  if (LISTS_OF_VALUES.has(keyword) && Array.isArray(value))
    return value.map((part) => coerceValue(part, type));
  return value;
}

function schemaOrBoolean(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.map((part) => schemaOrBoolean(part, depth));
  return isPlainObject(value) ? coerceJsonSchema(value, depth + 1) : boolean(value);
}

/** A value of the given JSON Schema type (or list of types) from the string it came as. */
export function coerceValue(value: unknown, type: unknown): unknown {
  if (typeof value !== 'string') return value;
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('string')) return value;
  if (types.includes('boolean') && (value === 'true' || value === 'false')) return value === 'true';
  if (types.includes('integer') || types.includes('number')) return number(value);
  if (types.includes('null') && value === 'null') return null;
  return value;
}

/** A free-form object whose scalars came as strings, typed by the JSON Schema that describes it. */
export function coerceBySchema(value: unknown, schema: unknown, depth = 0): unknown {
  if (!isPlainObject(schema) || depth > DEPTH) return value;
  if (Array.isArray(value)) return value.map((part) => coerceBySchema(part, schema['items'], depth + 1));
  if (!isPlainObject(value)) return coerceValue(value, schema['type']);
  const properties = isPlainObject(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      coerceBySchema(
        part,
        Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties'],
        depth + 1,
      ),
    ]),
  );
}

/** Whether all scalars in a value are texts that no schema makes another type of. */
export function isPlainText(value: unknown): boolean {
  if (value !== null && typeof value === 'object') return Object.values(value).every(isPlainText);
  return typeof value === 'string' && number(value) === value && !['true', 'false', 'null'].includes(value);
}

/** The value with every scalar as text: equal for values that differ by the types of scalars alone. */
export function untyped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untyped);
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, untyped(part)]));
  return value === undefined ? undefined : String(value);
}

function number(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : value;
}

function boolean(value: unknown): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}
