import { isPlainObject } from '../../../common/objects.ts';
import { nearest } from '../../../common/text.ts';
import { invalidProperty } from '../../properties/index.ts';

/**
 * Limits of a data action's contract, checked before anything is made (Genesys Cloud help 141876,
 * "contracts"): the input is flat; names begin with a letter and hold letters, digits, `_` and `-`; three
 * names are taken; the output has no arrays in arrays; no `$ref` anywhere, which includes the schemas of JSON
 * Schema's other keywords.
 */
const SCALARS = ['string', 'integer', 'number', 'boolean', 'null'];
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
const TAKEN = ['orgId', 'integrationId', 'rawRequest'];
const TYPES = [...SCALARS, 'object', 'array'];
/** Keywords of JSON Schema that hold a schema, and those that hold a list or a map of them. */
const ONE_SCHEMA = ['not', 'if', 'then', 'else', 'additionalProperties', 'additionalItems', 'contains'];
const SCHEMAS_BY_PLACE_OR_NAME = ['anyOf', 'allOf', 'oneOf', 'patternProperties', 'definitions', '$defs'];

/** @throws PropertyError that names the path. */
export function checkContract(contract: {
  Input: Record<string, unknown>;
  Output: Record<string, unknown>;
}): void {
  refuseWrapped(contract.Input, 'Contract.Input', 'inputSchema');
  refuseWrapped(contract.Output, 'Contract.Output', 'successSchema');
  checkSchema(contract.Input, 'Contract.Input', false);
  checkSchema(contract.Output, 'Contract.Output', false);
  const input = contract.Input;
  if (input['type'] !== undefined && input['type'] !== 'object')
    fail('Contract.Input', 'must be a JSON Schema of type object');
  const properties = input['properties'];
  if (properties === undefined) return;
  if (!isPlainObject(properties)) fail('Contract.Input.properties', 'must be an object');
  for (const [name, schema] of Object.entries(properties as Record<string, unknown>)) {
    const path = `Contract.Input.properties.${name}`;
    if (!NAME.test(name))
      fail(
        path,
        'has a name that Genesys Cloud does not take: use a letter first, then letters, digits, _ and -',
      );
    if (TAKEN.includes(name))
      fail(path, `has a name that Genesys Cloud uses itself (${TAKEN.join(', ')}): choose another name`);
    const types = isPlainObject(schema) ? [schema['type']].flat() : [];
    if (types.some((type) => type !== undefined && !SCALARS.includes(String(type)))) {
      fail(path, `must be ${SCALARS.join(', ')}: the input of a data action is flat`);
    }
  }
}

/** The API and exported files have the schema one level deeper. */
function refuseWrapped(schema: Record<string, unknown>, path: string, wrapper: string): void {
  if (schema['type'] === undefined && isPlainObject(schema[wrapper]))
    fail(`${path}.${wrapper}`, `is one level too many: write the schema under ${path} itself`);
}

function checkSchema(schema: unknown, path: string, insideArray: boolean): void {
  if (!isPlainObject(schema)) return;
  if (schema['$ref'] !== undefined)
    fail(`${path}.$ref`, 'is not allowed by Genesys Cloud: write the schema out');
  const types = [schema['type']].flat();
  for (const type of types) {
    if (type !== undefined && !TYPES.includes(String(type)))
      fail(`${path}.type`, `must be one of ${TYPES.join(', ')}`, nearest(String(type), TYPES, 2));
  }
  if (insideArray && types.includes('array'))
    fail(path, 'is an array in an array, which Genesys Cloud does not take: put an object in between');
  const { properties, items, required } = schema;
  if (
    required !== undefined &&
    !(Array.isArray(required) && required.every((name) => typeof name === 'string'))
  ) {
    fail(`${path}.required`, 'must be a list of names');
  }
  if (properties !== undefined && !isPlainObject(properties)) fail(`${path}.properties`, 'must be an object');
  for (const [name, part] of Object.entries((properties as Record<string, unknown> | undefined) ?? {})) {
    if (!isPlainObject(part) && typeof part !== 'boolean')
      fail(`${path}.properties.${name}`, 'must be a JSON Schema');
    checkSchema(part, `${path}.properties.${name}`, false);
  }
  const insideItems = types.includes('array') || insideArray;
  for (const [at, item] of Array.isArray(items) ? items.entries() : [])
    checkSchema(item, `${path}.items.${at}`, insideItems);
  checkSchema(items, `${path}.items`, insideItems);
  for (const keyword of ONE_SCHEMA) checkSchema(schema[keyword], `${path}.${keyword}`, false);
  for (const keyword of SCHEMAS_BY_PLACE_OR_NAME) {
    const parts = schema[keyword];
    if (typeof parts !== 'object' || parts === null) continue;
    // Alternatives of what stands in an array stand in it, too.
    for (const [name, part] of Object.entries(parts))
      checkSchema(part, `${path}.${keyword}.${name}`, Array.isArray(parts) && insideArray);
  }
}

function fail(path: string, problem: string, near?: string): never {
  throw invalidProperty(path, problem, { fault: 'value', nearest: near });
}
