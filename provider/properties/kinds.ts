import * as z from 'zod/mini';
import { valueIssue } from './issues.ts';

/**
 * The values of a kind of property, for tools that describe or check templates (scripts/build/schemas.ts,
 * cli/validate/).
 */
export type Kind =
  | { kind: 'text'; min: number; max?: number; pattern?: RegExp }
  | { kind: 'flag' }
  | { kind: 'wholeNumber'; min: number; max: number }
  | { kind: 'choice'; values: readonly string[] }
  | { kind: 'textMap' }
  | { kind: 'textList'; max: number; each: Extract<Kind, { kind: 'text' }> }
  | { kind: 'jsonSchema' }
  | { kind: 'freeForm' }
  /** One of several forms, each a schema; which one is told by `choose`. */
  | { kind: 'forms'; forms: Record<string, unknown>; choose(input: unknown): unknown };

const kinds = new WeakMap<object, Kind>();

/** The kind of a leaf of a property schema; undefined for objects and for what wraps another schema. */
export const kindOf = (schema: object): Kind | undefined => kinds.get(schema);

/** Notes the kind of a schema. */
export function ofKind<S extends object>(schema: S, kind: Kind): S {
  kinds.set(schema, kind);
  return schema;
}

/** A value is none of its kind. */
export class ValueError extends Error {
  readonly nearest: string | undefined;

  /** @param problem continues the sentence that begins with the property's path: `must not be empty` */
  constructor(problem: string, nearest?: string) {
    super(problem);
    this.nearest = nearest;
  }
}

/**
 * A schema whose values are read from the form that CloudFormation sends.
 * @param parse throws ValueError
 */
export function leaf<T>(kind: Kind, parse: (input: unknown) => T) {
  const schema = z.pipe(
    z.unknown(),
    z.transform((input, context: { issues: unknown[] }): T => {
      try {
        return parse(input);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        context.issues.push(valueIssue(error.message, error.nearest, input));
        return z.NEVER;
      }
    }),
  );
  return ofKind(schema, kind);
}
