import type * as z from 'zod/mini';
import { isPlainObject, ownMember } from '../../common/objects.ts';
import { nearest } from '../../common/text.ts';
import { unresolvedReferences } from './dynamic-references.ts';
import type { IssueDetails } from './issues.ts';
import { kindOf } from './kinds.ts';
import { PropertyError, type PropertyProblem, problemAt } from './property-error.ts';
import { innerOf, shapeOf } from './shape.ts';

/** A schema of a resource's properties (a `z.strictObject`). */
export type PropertySchema<T> = z.ZodMiniType<T>;

/** Whether references that CloudFormation has not resolved are refused. */
export type References = 'refused' | 'accepted';

/** A rollback takes what was applied before. */
export const referencesFor = ({ appliedBefore }: { appliedBefore: boolean }): References =>
  appliedBefore ? 'accepted' : 'refused';

/**
 * The typed properties.
 * @param of what they are, for the message
 * @throws PropertyError that names each path and what is wrong with it, and for unknown names the nearest
 * known one
 */
export function parseProperties<T>(
  schema: PropertySchema<T>,
  input: Record<string, unknown>,
  { of = 'properties', references = 'refused' }: { of?: string; references?: References } = {},
): T {
  const unresolved = references === 'refused' ? unresolvedReferences(input) : [];
  const result = schema.safeParse(input);
  if (result.success && unresolved.length === 0) return result.data;
  const problems = result.success ? [] : problemsOf(result.error.issues, schema, input);
  const isUnresolved = (at: string) => unresolved.some(({ path }) => path === at);
  throw new PropertyError([...unresolved, ...problems.filter(({ path }) => !isUnresolved(path))], of);
}

/** The problems of a value by a schema; paths begin below it. */
export function problemsIn(schema: PropertySchema<unknown>, input: unknown): PropertyProblem[] {
  const result = schema.safeParse(input);
  return result.success ? [] : problemsOf(result.error.issues, schema, input);
}

/** An issue of zod. */
interface Issue {
  code: string;
  path: PropertyKey[];
  message: string;
  /** The unknown names, of the code `unrecognized_keys`. */
  keys?: string[];
  /** Of the code `custom`: what issues.ts put there; a refinement of a schema has none. */
  params?: IssueDetails;
}

const problemsOf = (issues: unknown, schema: unknown, input: unknown): PropertyProblem[] =>
  (issues as Issue[]).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownNames(issue, schema, input)
      : [problemOf(issue, valueAt(input, issue.path.map(String)))],
  );

function unknownNames({ path, keys = [] }: Issue, schema: unknown, input: unknown): PropertyProblem[] {
  const above = path.map(String);
  const known = Object.keys(shapeOf(schemaAt(schema, above, input)) ?? {});
  return keys.map((key) => {
    const at = [...above, key].join('.');
    const near = nearest(key, known);
    if (near !== undefined || above.length === 0 || known.length === 0) {
      if (near === undefined) return problemAt(at, 'is unknown: remove it', { fault: 'unknown' });
      return problemAt(at, 'is unknown', { fault: 'unknown', nearest: [...above, near].join('.') });
    }
    // A group has few names: a name that is like none of them may be another word for one.
    return problemAt(at, `is unknown: ${above.join('.')} takes ${known.join(', ')}`, { fault: 'unknown' });
  });
}

function problemOf({ code, path, message, params }: Issue, value: unknown): PropertyProblem {
  const isCustom = code === 'custom';
  const details: IssueDetails = params ?? { fault: isCustom ? 'rule' : 'value' };
  const at = path.map(String).join('.');
  if (details.fault === 'value' && value === undefined)
    return problemAt(at, 'is required', { fault: 'missing' });
  return problemAt(at, isCustom ? message : 'must be an object', details);
}

const valueAt = (input: unknown, path: string[]): unknown =>
  path.reduce((at, key) => (isPlainObject(at) ? ownMember(at, key) : undefined), input);

/**
 * The schema of a part of the input; where a schema has several forms, that of the form which the input has.
 */
function schemaAt(schema: unknown, path: string[], input: unknown): unknown {
  const inner = innerOf(schema);
  const kind = kindOf(inner as object);
  if (kind?.kind === 'forms') return schemaAt(kind.choose(input), path, input);
  const [name, ...rest] = path;
  if (name === undefined) return inner;
  return schemaAt(ownMember(shapeOf(inner) ?? {}, name), rest, valueAt(input, [name]));
}
