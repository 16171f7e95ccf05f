import { isObject, type JsonObject } from './json.ts';
import type { ActionContract } from './store.ts';
import { compile } from './validation.ts';

const simpleTypes = new Set(['string', 'integer', 'number', 'boolean', 'null']);
const reservedNames = new Set(['orgId', 'integrationId', 'rawRequest']);
const maximumDepth = 50;

/** No source says that a property needs a type, so one without is taken. */
const isSimple = (type: unknown): boolean => type === undefined || simpleTypes.has(String(type));

const typesOf = (schema: JsonObject): unknown[] =>
  Array.isArray(schema['type']) ? schema['type'] : [schema['type']];

/**
 * The faults of a contract, in words. The rules are in help.mypurecloud.com "Add contracts to custom actions"
 * (?p=141876): flat input, simple names, no nested arrays in the output, no `$ref`; and JSON not deeper than
 * 50.
 */
export function contractProblems(contract: ActionContract): string[] {
  const { inputSchema } = contract.input;
  const { successSchema } = contract.output;
  return [
    ...schemaProblems('contract.input.inputSchema', inputSchema),
    ...inputProblems(inputSchema),
    ...schemaProblems('contract.output.successSchema', successSchema),
    ...nestedArrays('contract.output.successSchema', successSchema),
  ];
}

function schemaProblems(path: string, schema: JsonObject): string[] {
  const problems: string[] = [];
  if (!typesOf(schema).includes('object') && !(path.includes('output') && schema['type'] === 'array'))
    problems.push(`${path} must be of type object`);
  if (usesRef(schema)) problems.push(`${path} uses $ref, which is not supported`);
  else if (depth(schema) > maximumDepth) problems.push(`${path} is nested deeper than ${maximumDepth}`);
  else
    try {
      compile(schema);
    } catch (error) {
      problems.push(`${path} is not a valid JSON Schema: ${error instanceof Error ? error.message : error}`);
    }
  return problems;
}

function inputProblems(schema: JsonObject): string[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `contract.input.inputSchema.properties.${name}`;
    const problems: string[] = [];
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name))
      problems.push(`${path}: a name starts with a letter and has letters, digits, _ and - only`);
    if (reservedNames.has(name)) problems.push(`${path}: the name is reserved`);
    if (!isObject(property) || !typesOf(property).every(isSimple))
      problems.push(`${path}: the input is flat: string, integer, number, boolean or null`);
    return problems;
  });
}

function nestedArrays(path: string, schema: unknown, insideArray = false): string[] {
  if (!isObject(schema)) return [];
  const isArray = typesOf(schema).includes('array');
  if (isArray && insideArray) return [`${path}: arrays of arrays are not supported`];
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return [
    ...Object.entries(properties).flatMap(([name, property]) =>
      nestedArrays(`${path}.properties.${name}`, property),
    ),
    ...nestedArrays(`${path}.items`, schema['items'], true),
  ];
}

function usesRef(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(usesRef);
  if (!isObject(value)) return false;
  return typeof value['$ref'] === 'string' || Object.values(value).some(usesRef);
}

/** The depth of a JSON value. It counts no further than one level beyond the maximum. */
export function depth(value: unknown, level = 0): number {
  if (typeof value !== 'object' || value === null || level > maximumDepth) return level;
  return Math.max(level + 1, ...Object.values(value).map((part) => depth(part, level + 1)));
}

/** The schema for `flatten=true`: one property for every leaf, with its path as the name. */
export function flattened(schema: JsonObject): JsonObject {
  const leaves: JsonObject = {};
  const walk = (prefix: string, part: unknown): void => {
    if (!isObject(part)) return;
    if (isObject(part['properties']))
      for (const [name, property] of Object.entries(part['properties']))
        walk(prefix === '' ? name : `${prefix}.${name}`, property);
    else if (isObject(part['items'])) walk(`${prefix}[*]`, part['items']);
    else leaves[prefix] = part;
  };
  walk('', schema);
  return { ...schema, properties: leaves };
}
