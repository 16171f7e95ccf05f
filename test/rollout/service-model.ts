/**
 * AWS's own description of CloudFormation's API: botocore's service model, which comes with the pinned AWS
 * CLI. It reads and judges requests of the Query protocol, and writes answers in its form. A call that passes
 * here has the names, types, ranges and choices that AWS knows.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

export type Value = string | number | boolean | Value[] | { [name: string]: Value };
export type Structure = { [name: string]: Value };

interface Shape {
  type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'long' | 'boolean' | 'timestamp' | 'double';
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  required?: string[];
  enum?: string[];
  min?: number;
  max?: number;
  pattern?: string;
  error?: { code: string; httpStatusCode: number };
}

interface Model {
  operations: Record<
    string,
    {
      input?: { shape: string };
      output?: { shape: string; resultWrapper?: string };
      errors?: { shape: string }[];
    }
  >;
  shapes: Record<string, Shape>;
}

/** The model does not allow the request. */
export class InvalidRequest extends Error {}

function load(): Model {
  const lib = resolve(import.meta.dirname, '../../.tools/python/lib');
  for (const python of readdirSync(lib)) {
    const file = join(lib, python, 'site-packages/botocore/data/cloudformation/2010-05-15/service-2.json.gz');
    if (existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Model;
  }
  throw new Error(`There is no botocore below ${lib}.`);
}

const model = load();

function shapeOf(name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`The model has no shape ${name}.`);
  return shape;
}

/** Names of all operations of CloudFormation. */
export const operationNames = () => Object.keys(model.operations);

/**
 * Reads the input of an operation from a request's form. @throws InvalidRequest with the part that the model
 * does not allow
 */
export function readInput(form: URLSearchParams): { operation: string; input: Structure } {
  const operation = form.get('Action') ?? '';
  const known = model.operations[operation];
  if (known === undefined) throw new InvalidRequest(`no operation ${operation}`);
  const tree: Tree = {};
  for (const [name, value] of form) {
    if (name !== 'Action' && name !== 'Version') put(tree, name.split('.'), value);
  }
  if (known.input === undefined) return { operation, input: {} };
  return { operation, input: read(known.input.shape, tree, operation) as Structure };
}

type Tree = { [name: string]: Tree | string };

function put(tree: Tree, [name = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) tree[name] = value;
  else {
    const next = tree[name] ?? {};
    if (typeof next === 'string') throw new InvalidRequest(`${name} is both a value and a structure`);
    tree[name] = next;
    put(next, rest, value);
  }
}

function read(shapeName: string, node: Tree | string, path: string): Value {
  const shape = shapeOf(shapeName);
  switch (shape.type) {
    case 'structure': {
      if (typeof node === 'string') throw new InvalidRequest(`${path} is a structure`);
      const unknown = Object.keys(node).filter((name) => shape.members?.[name] === undefined);
      if (unknown.length > 0) throw new InvalidRequest(`${path} has no ${unknown.join(', ')}`);
      const missing = (shape.required ?? []).filter((name) => node[name] === undefined);
      if (missing.length > 0) throw new InvalidRequest(`${path} needs ${missing.join(', ')}`);
      return Object.fromEntries(
        Object.entries(node).map(([name, child]) => {
          const member = shape.members?.[name]?.shape ?? '';
          return [name, read(member, child, `${path}.${name}`)];
        }),
      );
    }
    case 'list': {
      if (node === '') return [];
      const items = typeof node === 'string' ? undefined : node['member'];
      if (typeof items !== 'object') throw new InvalidRequest(`${path} is a list`);
      const list = Object.keys(items)
        .sort((a, b) => Number(a) - Number(b))
        .map((index) => read(shape.member?.shape ?? '', items[index] ?? '', `${path}[${index}]`));
      bounds(shape, list.length, path);
      return list;
    }
    default:
      if (typeof node !== 'string') throw new InvalidRequest(`${path} is a ${shape.type}`);
      return scalar(shape, node, path);
  }
}

function scalar(shape: Shape, text: string, path: string): Value {
  if (shape.type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw new InvalidRequest(`${path} is a boolean`);
    return text === 'true';
  }
  if (shape.type === 'integer' || shape.type === 'long') {
    if (!/^-?\d+$/.test(text)) throw new InvalidRequest(`${path} is a whole number`);
    bounds(shape, Number(text), path);
    return Number(text);
  }
  if (shape.enum !== undefined && !shape.enum.includes(text)) {
    throw new InvalidRequest(`${path} is one of ${shape.enum.join(', ')}`);
  }
  bounds(shape, text.length, path);
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`).test(text)) {
    throw new InvalidRequest(`${path} does not match ${shape.pattern}`);
  }
  return text;
}

function bounds({ min, max }: Shape, size: number, path: string): void {
  if (min !== undefined && size < min) throw new InvalidRequest(`${path} is below ${min}`);
  if (max !== undefined && size > max) throw new InvalidRequest(`${path} is above ${max}`);
}

const escaped = (text: string) =>
  text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c);

function write(shapeName: string, value: Value, path: string): string {
  const shape = shapeOf(shapeName);
  if (shape.type === 'list') {
    return (value as Value[])
      .map((one) => `<member>${write(shape.member?.shape ?? '', one, path)}</member>`)
      .join('');
  }
  if (shape.type === 'structure') {
    return Object.entries(value as Structure)
      .map(([name, child]) => {
        const member = shape.members?.[name];
        if (member === undefined) throw new Error(`${path} answers ${name}, which the model does not know.`);
        return `<${name}>${write(member.shape, child, `${path}.${name}`)}</${name}>`;
      })
      .join('');
  }
  if (shape.enum !== undefined && !shape.enum.includes(String(value))) {
    throw new Error(`${path} answers ${value}, which is none of ${shape.enum.join(', ')}.`);
  }
  return escaped(String(value));
}

/** The body of an answer. @throws Error when the model does not allow the answer */
export function writeOutput(operation: string, output: Structure): string {
  const shape = model.operations[operation]?.output?.shape;
  const result =
    shape === undefined ? '' : `<${operation}Result>${write(shape, output, operation)}</${operation}Result>`;
  return `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${result}<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${operation}Response>`;
}

/** Status and body of an error: one that the model lists for the operation, or a validation error. */
export function writeError(
  operation: string,
  exception: string,
  message: string,
): { status: number; body: string } {
  const listed = (model.operations[operation]?.errors ?? []).some(({ shape }) => shape === exception);
  if (!listed && exception !== 'ValidationError') {
    throw new Error(`${operation} does not answer ${exception}.`);
  }
  const known = listed ? shapeOf(exception).error : undefined;
  return {
    status: known?.httpStatusCode ?? 400,
    body: `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${known?.code ?? exception}</Code><Message>${escaped(message)}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  };
}
