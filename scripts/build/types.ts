/**
 * The declarations of the npm package (dist/index.d.mts and dist/index.d.cts): the properties and attributes
 * of each resource type with their descriptions, and the function `validateTemplate`.
 * They come from the same JSON Schemas as schemas/*.json, so they say what the provider says.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resourceTypes } from '../../provider/resources/index.ts';
import { generateTypeSchemas } from './schemas.ts';

const root = resolve(import.meta.dirname, '../..');

/** The part of JSON Schema that generateTypeSchemas() writes. */
interface JsonSchema {
  description?: string;
  type?: string | string[];
  enum?: string[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  properties?: Record<string, JsonSchema | false>;
  required?: string[];
}

interface TypeSchema extends JsonSchema {
  description: string;
  properties: Record<string, JsonSchema>;
  readOnlyProperties: string[];
  anyOf?: { required: string[] }[];
}

/** The text of the declarations. */
export function declarations(): string {
  const schemas = generateTypeSchemas();
  const types = resourceTypes.map(({ typeName, attributes }) => {
    const file = `${typeName.replace('Custom::', '')}.json`;
    const schema = JSON.parse(schemas.get(file) ?? '{}') as TypeSchema;
    return declarationsOfType(typeName, schema, attributes);
  });
  return [HEADER, ...types, IN_TEMPLATE, functionDeclarations()].join('\n');
}

const HEADER = `/**
 * Properties of the custom resources of genesys-cloud-cfn, as a template has them. Each type is named for its
 * resource type: \`DataActionProperties\` belongs to \`Custom::GenesysDataAction\`.
 */
// Without this line every declaration would be exported, those too that only serve others.
export {};
`;

const IN_TEMPLATE = `/** An intrinsic function of CloudFormation, as JSON has it. */
export type Intrinsic = { [F in IntrinsicName]: { [name in F]: unknown } }[IntrinsicName];
type IntrinsicName =
  | 'Ref'
  | \`Fn::\${'Base64' | 'Cidr' | 'FindInMap' | 'GetAtt' | 'GetAZs' | 'If' | 'ImportValue' | 'Join' | 'Length'}\`
  | \`Fn::\${'Select' | 'Split' | 'Sub' | 'ToJsonString' | 'Transform'}\`;

/** Properties with an intrinsic function in place of any value: \`InTemplate<DataActionProperties>\`. */
export type InTemplate<T> = T extends unknown ? { [K in keyof T]: ValueOrIntrinsic<T[K]> } : never;
type ValueOrIntrinsic<V> = V | Intrinsic | (V extends object ? InTemplate<V> : never);

type WithRequired<T, K extends keyof T> = T & { [name in K]-?: T[name] };
`;

function declarationsOfType(typeName: string, schema: TypeSchema, attributes: readonly string[]): string {
  const name = typeName.replace('Custom::Genesys', '');
  const readOnly = schema.readOnlyProperties.map((pointer) => pointer.replace('/properties/', ''));
  const written = Object.fromEntries(
    Object.entries(schema.properties).filter(([property]) => !readOnly.includes(property)),
  );
  const members = membersOf({ ...schema, properties: written }, 1);
  const about = docstring(`Properties of \`${typeName}\`. ${schema.description}`, 0);
  const attributeNames = attributes.map((attribute) => `'${attribute}'`).join(' | ');
  const listed = `${docstring(`Attributes of \`${typeName}\`, for \`Fn::GetAtt\`.`, 0)}export type ${name}Attribute = ${attributeNames};\n`;
  if (schema.anyOf === undefined)
    return `${about}export interface ${name}Properties {\n${members}}\n\n${listed}`;
  const sets = schema.anyOf.map(({ required }) => {
    return `WithRequired<${name}Members, ${required.map((one) => `'${one}'`).join(' | ')}>`;
  });
  return [
    `interface ${name}Members {\n${members}}\n`,
    `${about}export type ${name}Properties =\n  | ${sets.join('\n  | ')};\n`,
    listed,
  ].join('\n');
}

function membersOf({ properties = {}, required = [] }: JsonSchema, depth: number): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const indent = '  '.repeat(depth);
      if (schema === false) return `${indent}${name}?: never;\n`;
      const optional = required.includes(name) ? '' : '?';
      const about = schema.description === undefined ? '' : docstring(schema.description, depth);
      return `${about}${indent}${name}${optional}: ${typeOf(schema, depth)};\n`;
    })
    .join('');
}

/** @throws Error for a schema that no case covers, since a type that is too wide would hide a mistake */
function typeOf(schema: JsonSchema, depth: number): string {
  if (schema.oneOf !== undefined) return schema.oneOf.map((form) => typeOf(form, depth)).join(' | ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `'${value}'`).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type }, depth)).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items ?? {}, depth)})[]`;
    case 'object':
      return objectType(schema, depth);
    default:
      throw new Error(`no declaration for ${JSON.stringify(schema)}`);
  }
}

function objectType(schema: JsonSchema, depth: number): string {
  const { additionalProperties: others, properties } = schema;
  if (typeof others === 'object') return `Record<string, ${typeOf(others, depth)}>`;
  if (properties === undefined) return 'Record<string, unknown>';
  const open = others === false ? '' : `${'  '.repeat(depth + 1)}[name: string]: unknown;\n`;
  return `{\n${open}${membersOf(schema, depth + 1)}${'  '.repeat(depth)}}`;
}

function docstring(text: string, depth: number): string {
  return `${'  '.repeat(depth)}/** ${text.replaceAll('*/', '*\\/')} */\n`;
}

/** The declarations around `validateTemplate`, as the sources of the command have them. */
function functionDeclarations(): string {
  const command = (file: string) => readFileSync(join(root, 'cli', file), 'utf8');
  const findings = command('validate/findings.ts');
  return [
    exported(command('templates/template.ts'), 'Place'),
    ...['Rule', 'Severity', 'Finding'].map((name) => exported(findings, name)),
    `/**
 * Checks the resources of Genesys Cloud in one CloudFormation template, as \`genesys-cloud-cfn validate\` does.
 * It calls neither AWS nor Genesys Cloud.
 * @param file name of the template, for the findings
 * @param text the template, YAML or JSON
 * @returns how many resources were checked, and what is wrong, in the order of the text
 */
export function validateTemplate(file: string, text: string): { resources: number; findings: Finding[] };
`,
  ].join('\n');
}

/** An exported type of a source file with its docstring. @throws Error when the file has none of this name */
function exported(source: string, name: string): string {
  const pattern = `(?:^/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?^export (?:interface ${name}\\b[\\s\\S]*?^\\}|type ${name} =[\\s\\S]*?;)$`;
  const [found] = new RegExp(pattern, 'm').exec(source) ?? [];
  if (found === undefined) throw new Error(`no type ${name}`);
  return `${found}\n`;
}
