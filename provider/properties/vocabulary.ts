import * as z from 'zod/mini';
import { PropertyError } from '../runtime/errors.ts';
import { coerceJsonSchema } from './json-schema.ts';

/**
 * The vocabulary of resource properties. CloudFormation turns every scalar into a string, so each kind takes
 * the string as well as the value, by its own rule and never by guess.
 */

type Invalid = { code: 'custom'; message: string; input: unknown };

/** What a kind of property takes, for tools that describe or check templates (scripts/schemas.ts, scripts/cli/). */
export type Kind =
  | { kind: 'text'; min: number; max?: number; pattern?: RegExp }
  | { kind: 'flag' }
  | { kind: 'wholeNumber'; min: number; max: number }
  | { kind: 'choice'; values: readonly string[] }
  | { kind: 'textMap' }
  | { kind: 'jsonSchema' }
  | { kind: 'freeForm' }
  /** One of several forms, each a schema; which one is told by `choose`. */
  | { kind: 'forms'; forms: Record<string, unknown>; choose(input: unknown): unknown };

const kinds = new WeakMap<object, Kind>();

/** The kind of a leaf of a property schema; undefined for objects and for what wraps another schema. */
export const kindOf = (schema: object): Kind | undefined => kinds.get(schema);

function ofKind<S extends object>(schema: S, kind: Kind): S {
  kinds.set(schema, kind);
  return schema;
}

/** A parser from the form that CloudFormation sends; throws a sentence that fits behind "<path>: ". */
function parsed<T>(kind: Kind, parse: (input: unknown) => T) {
  const schema = z.pipe(
    z.unknown(),
    z.transform((input, context: { issues: unknown[] }): T => {
      try {
        return parse(input);
      } catch (error) {
        const invalid: Invalid = { code: 'custom', message: (error as Error).message, input };
        context.issues.push(invalid);
        return z.NEVER;
      }
    }),
  );
  return ofKind(schema, kind);
}

/** One of several forms, told apart by what is there: the problems are those of the form that was meant. */
export function forms<const F extends Record<string, z.ZodMiniType>>(
  all: F,
  choose: (input: unknown) => keyof F & string,
) {
  const of = (input: unknown) => all[choose(input)] as z.ZodMiniType<z.infer<F[keyof F]>>;
  const schema = z.pipe(
    z.unknown(),
    z.transform((input, context: { issues: unknown[] }): z.infer<F[keyof F]> => {
      const result = of(input).safeParse(input);
      if (result.success) return result.data;
      context.issues.push(...result.error.issues);
      return z.NEVER;
    }),
  );
  return ofKind(schema, { kind: 'forms', forms: all, choose: of });
}

function asText(input: unknown): string {
  // Half a character can be sent nowhere.
  if (typeof input === 'string' && !input.isWellFormed()) throw new Error('must be text of whole characters');
  if (typeof input === 'string') return input;
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  throw new Error('must be text');
}

/** Text of `min` (default 1) to `max` characters, matching a pattern that `hint` explains. */
export function text(options: { min?: number; max?: number; pattern?: RegExp; hint?: string } = {}) {
  const { min = 1, max, pattern, hint } = options;
  const kind = { kind: 'text', min, ...(max ? { max } : {}), ...(pattern ? { pattern } : {}) } as const;
  return parsed(kind, (input) => {
    const value = asText(input);
    if (value.length < min)
      throw new Error(min === 1 ? 'must not be empty' : `must have at least ${min} characters`);
    if (max !== undefined && value.length > max)
      throw new Error(`must have at most ${max} characters, not ${value.length}`);
    if (pattern && !pattern.test(value)) throw new Error(hint ?? `must match ${pattern.source}`);
    return value;
  });
}

export function flag() {
  return parsed({ kind: 'flag' }, (input) => {
    if (input === true || input === 'true') return true;
    if (input === false || input === 'false') return false;
    throw new Error('must be true or false');
  });
}

export function wholeNumber(min: number, max: number) {
  return parsed({ kind: 'wholeNumber', min, max }, (input) => {
    const value = typeof input === 'string' && /^-?\d{1,15}$/.test(input) ? Number(input) : input;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`);
    }
    return value;
  });
}

export function choice<const T extends readonly string[]>(...values: T) {
  return parsed({ kind: 'choice', values }, (input): T[number] => {
    if (!values.includes(input as string)) throw new Error(`must be one of ${values.join(', ')}`);
    return input as T[number];
  });
}

/** An object with text values only; the keys are free. */
export function textMap() {
  return parsed({ kind: 'textMap' }, (input): Record<string, string> => {
    if (!isPlainObject(input)) throw new Error('must be an object with text values');
    return Object.fromEntries(
      Object.entries(input).map(([key, value]) => {
        try {
          return [key, asText(value)];
        } catch {
          throw new Error(`must hold text under ${key}`);
        }
      }),
    );
  });
}

/**
 * A JSON Schema as an object, whose scalars came as strings, or as JSON text, which is taken as it is; so is an
 * object that is `typed`, since it never went through CloudFormation.
 */
export function jsonSchema({ typed = false } = {}) {
  return parsed({ kind: 'jsonSchema' }, (input): Record<string, unknown> => {
    if (typeof input === 'string') {
      const value = jsonText(input);
      if (!isPlainObject(value)) throw new Error('must be a JSON Schema: an object');
      return value;
    }
    if (!isPlainObject(input)) throw new Error('must be a JSON Schema, as an object or as JSON text');
    return typed ? input : coerceJsonSchema(input);
  });
}

/** A free-form object: as JSON text with its types, or as an object whose scalars are strings and need a schema. */
export type FreeForm = { typed: Record<string, unknown> } | { untyped: Record<string, unknown> };

export function freeForm() {
  return parsed({ kind: 'freeForm' }, (input): FreeForm => {
    if (typeof input === 'string') {
      const value = jsonText(input);
      if (!isPlainObject(value)) throw new Error('must be a JSON object');
      return { typed: value };
    }
    if (!isPlainObject(input)) throw new Error('must be an object, or JSON text of an object');
    return { untyped: input };
  });
}

function jsonText(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    throw new Error('is text, but no valid JSON');
  }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A schema of a resource's properties (a `z.strictObject`). */
export type PropertySchema<T> = z.ZodMiniType<T>;

/** Properties that a person sees at once; more are counted. */
const MAX_PROBLEMS = 5;

/**
 * The typed properties.
 * @throws PropertyError that names each path and what is wrong with it, and for unknown names the nearest known one;
 * it begins with `Invalid <what>`.
 */
export function parseProperties<T>(
  schema: PropertySchema<T>,
  input: Record<string, unknown>,
  what = 'properties',
): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) =>
    problemsOf(issue as unknown as Issue, schema, input),
  );
  const shown = problems.slice(0, MAX_PROBLEMS).join('; ');
  const more = problems.length > MAX_PROBLEMS ? `; and ${problems.length - MAX_PROBLEMS} more` : '';
  throw new PropertyError(`Invalid ${what}: ${shown}${more}.`);
}

interface Issue {
  code: string;
  path: PropertyKey[];
  message: string;
  keys?: string[];
}

function problemsOf(issue: Issue, schema: unknown, input: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownNames(schema, path);
    return (issue.keys ?? []).map((key) => {
      const near = nearest(key, known);
      return `${clip([...path, key].join('.'))} is unknown${near === undefined ? '' : `: did you mean ${[...path, near].join('.')}?`}`;
    });
  }
  const name = path.join('.') || 'the properties';
  const value = path.reduce<unknown>((at, key) => (isPlainObject(at) ? at[key] : undefined), input);
  if (value === undefined && issue.code !== 'custom') return [`${name} is required`];
  if (value === undefined && !isRule(issue)) return [`${name} is required`];
  return [`${clip(name)} ${issue.code === 'custom' ? issue.message : 'must be an object'}`];
}

/** Rules between properties (`z.refine`) bring a path without a value of their own. */
const isRule = (issue: Issue) => issue.code === 'custom' && !/^must |^is text/.test(issue.message);

const clip = (name: string) => (name.length > 120 ? `${name.slice(0, 120)}…` : name);

/** The property names that a schema knows at a path. */
function knownNames(schema: unknown, path: string[]): string[] {
  let at: unknown = schema;
  for (const key of path) at = shapeOf(at)?.[key];
  return Object.keys(shapeOf(at) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  let def = (schema as { _zod?: { def?: Record<string, unknown> } } | undefined)?._zod?.def;
  while (def && def['shape'] === undefined && def['innerType'] !== undefined) {
    def = (def['innerType'] as { _zod: { def: Record<string, unknown> } })._zod.def;
  }
  return def?.['shape'] as Record<string, unknown> | undefined;
}

/** The known name that is nearest to a misspelt one, if any is near: `within` so many letters that differ. */
export function nearest(
  name: string,
  known: readonly string[],
  within = Math.max(2, Math.floor(name.length / 2)),
): string | undefined {
  if (name.length > 100) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= within ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
