import * as z from 'zod/mini';
import { isDeeper, isPlainObject } from '../../common/objects.ts';
import { nearest } from '../../common/text.ts';
import { coerceBySchema, coerceJsonSchema, isPlainText } from './json-schema.ts';
import { leaf, ofKind, ValueError } from './kinds.ts';

// lifecycle/ imports these three from here.
export { type PropertySchema, parseProperties } from './parse-properties.ts';
export { nearest };

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
  if (typeof input === 'string' && !input.isWellFormed())
    throw new ValueError('must be text of whole characters');
  if (typeof input === 'string') return input;
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  throw new ValueError('must be text');
}

interface TextOptions {
  min?: number;
  max?: number;
  pattern?: RegExp;
  hint?: string;
  /** Says more than the hint about a value that has a known other form; undefined for any other value. */
  explain?: (value: string) => string | undefined;
}

/** Text of `min` (default 1) to `max` characters, matching a pattern that `hint` explains. */
export function text(options: TextOptions = {}) {
  return leaf(textKind(options), (input) => readText(input, options));
}

const textKind = ({ min = 1, max, pattern }: TextOptions) =>
  ({ kind: 'text', min, ...(max ? { max } : {}), ...(pattern ? { pattern } : {}) }) as const;

function readText(input: unknown, { min = 1, max, pattern, hint, explain }: TextOptions): string {
  const value = asText(input);
  if (value.length < min)
    throw new ValueError(min === 1 ? 'must not be empty' : `must have at least ${min} characters`);
  if (max !== undefined && value.length > max)
    throw new ValueError(`must have at most ${max} characters, not ${value.length}`);
  if (!pattern || pattern.test(value)) return value;
  const explained = explain?.(value);
  if (explained !== undefined) throw new ValueError(explained);
  throw new ValueError(hint ?? `must match ${pattern.source}`);
}

/**
 * A list of at most `max` texts. Empty texts are left out, since an empty parameter of the type
 * CommaDelimitedList may come as one of them.
 */
export function textList(max: number, each: TextOptions = {}) {
  return leaf({ kind: 'textList', max, each: textKind(each) }, (input): string[] => {
    if (!Array.isArray(input)) throw new ValueError('must be a list of texts');
    if (input.length > max) throw new ValueError(`must have at most ${max} entries, not ${input.length}`);
    return input.flatMap((entry, index) => (entry === '' ? [] : [readEntry(entry, index, each)]));
  });
}

function readEntry(entry: unknown, index: number, options: TextOptions): string {
  try {
    return readText(entry, options);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(`has a wrong entry ${index + 1}, which ${error.message}`);
  }
}

export function flag() {
  return leaf({ kind: 'flag' }, (input) => {
    if (input === true || input === 'true') return true;
    if (input === false || input === 'false') return false;
    throw new ValueError('must be true or false', meant(input, ['true', 'false']));
  });
}

export function wholeNumber(min: number, max: number) {
  return leaf({ kind: 'wholeNumber', min, max }, (input) => {
    const value = typeof input === 'string' && /^-?\d{1,15}$/.test(input) ? Number(input) : input;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new ValueError(`must be a whole number from ${min} to ${max}`);
    }
    return value;
  });
}

export function choice<const T extends readonly string[]>(...values: T) {
  return leaf({ kind: 'choice', values }, (input): T[number] => {
    if (!values.includes(input as string))
      throw new ValueError(`must be one of ${values.join(', ')}`, meant(input, values));
    return input as T[number];
  });
}

/** An object with text values only; the keys are free. */
export function textMap() {
  return leaf({ kind: 'textMap' }, (input): Record<string, string> => {
    if (!isPlainObject(input)) throw new ValueError('must be an object with text values');
    return Object.fromEntries(
      Object.entries(input).map(([key, value]) => {
        try {
          return [key, asText(value)];
        } catch {
          throw new ValueError(`must hold text under ${key}`);
        }
      }),
    );
  });
}

/**
 * A JSON Schema as an object, whose scalars came as strings, or as JSON text, which is taken as it is; so is
 * an object that is `typed`, since it never went through CloudFormation.
 */
export function jsonSchema({ typed = false } = {}) {
  return leaf({ kind: 'jsonSchema' }, (input): Record<string, unknown> => {
    if (typeof input === 'string') {
      const value = jsonText(input);
      if (!isPlainObject(value)) throw new ValueError('must be a JSON Schema: an object');
      return value;
    }
    if (!isPlainObject(input)) throw new ValueError('must be a JSON Schema, as an object or as JSON text');
    refuseDeep(input);
    return typed ? input : coerceJsonSchema(input);
  });
}

/**
 * A free-form object: as JSON text with its types, or as an object whose scalars are strings and need a
 * schema.
 */
export type FreeForm = { typed: Record<string, unknown> } | { untyped: Record<string, unknown> };

export function freeForm() {
  return leaf({ kind: 'freeForm' }, (input): FreeForm => {
    if (typeof input === 'string') {
      const value = jsonText(input);
      if (!isPlainObject(value)) throw new ValueError('must be a JSON object');
      return { typed: value };
    }
    if (!isPlainObject(input)) throw new ValueError('must be an object, or JSON text of an object');
    refuseDeep(input);
    return { untyped: input };
  });
}

/** With its types: JSON text has them, an object's strings get them from a JSON Schema. */
export const typedBy = (form: FreeForm, schema: unknown): Record<string, unknown> =>
  'typed' in form ? form.typed : (coerceBySchema(form.untyped, schema) as Record<string, unknown>);

/** Equal free forms, as far as that can be told without a schema. */
export const canonicalFreeForm = (form: FreeForm): FreeForm =>
  'untyped' in form && isPlainText(form.untyped) ? { typed: form.untyped } : form;

function jsonText(input: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    throw new ValueError('is text, but no valid JSON: check its commas, quotes and braces');
  }
  refuseDeep(value);
  return value;
}

/** Levels of a JSON value; Genesys Cloud allows 50 in a contract. */
const MOST_LEVELS = 200;

/** A walk through a value needs stack for each level. */
function refuseDeep(value: unknown): void {
  if (isDeeper(value, MOST_LEVELS)) throw new ValueError('is nested too deeply');
}

/**
 * The listed value that an author may have meant. A third of the letters may differ: the values are short
 * words.
 */
const meant = (input: unknown, values: readonly string[]): string | undefined =>
  typeof input === 'string' ? nearest(input, values, Math.floor(input.length / 3)) : undefined;
