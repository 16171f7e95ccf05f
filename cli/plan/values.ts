/**
 * The values of a template as CloudFormation resolves them: every scalar is text. A value that is known at
 * the deployment only stands as an `Unknown`. Two of them are equal where nothing between both deployments
 * can have changed them.
 */
import { createHash } from 'node:crypto';

/** A source of an unknown value. */
export interface Source {
  /** Equal keys mean equal values. */
  key: string;
  /** The reason in words: `attribute Arn of Role`. */
  why: string;
  /** Its value must not be shown, wherever it comes from. */
  isSecret?: true;
}

/** A text of which parts are unknown. */
export class Unknown {
  readonly parts: readonly (string | Source)[];

  constructor(...parts: readonly (string | Source)[]) {
    this.parts = parts;
  }

  get sources(): Source[] {
    return this.parts.filter((part) => typeof part !== 'string');
  }

  /** The one source of a value that has no other part. */
  get only(): Source | undefined {
    const [first, ...others] = this.parts;
    return others.length === 0 && typeof first === 'object' ? first : undefined;
  }

  get key(): string {
    return this.parts.map((part) => (typeof part === 'string' ? part : `\0${part.key}\0`)).join('');
  }
}

export type Evaluated = string | Unknown | Evaluated[] | { [name: string]: Evaluated };

/** Removes the property that has it. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');
export type MaybeNothing = Evaluated | typeof NO_VALUE;

export const isMap = (value: unknown): value is { [name: string]: Evaluated } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);

/** Texts and unknown texts one after the other. */
export function joined(parts: readonly (string | Unknown)[]): string | Unknown {
  const all: (string | Source)[] = [];
  for (const part of parts.flatMap((one) => (one instanceof Unknown ? one.parts : [one]))) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else if (part !== '') all.push(part);
  }
  return all.every((part) => typeof part === 'string') ? all.join('') : new Unknown(...all);
}

/** One text for equal values. */
export function keyOf(value: Evaluated | undefined): string {
  return JSON.stringify(value ?? null, (_name, part: unknown) => {
    if (part instanceof Unknown) return { '\0unknown': part.key };
    if (!isMap(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

export const isSame = (one: Evaluated | undefined, other: Evaluated | undefined): boolean =>
  keyOf(one) === keyOf(other);

/** A short text that belongs to a key alone. */
export const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 12);

/** Every unknown value below one, with its path. */
export function* unknownsIn(value: Evaluated, path = ''): Generator<{ path: string; value: Unknown }> {
  if (value instanceof Unknown) yield { path, value };
  else if (typeof value !== 'string')
    for (const [name, part] of Object.entries(value))
      yield* unknownsIn(part as Evaluated, path === '' ? name : `${path}.${name}`);
}

/** The paths at which two values differ. */
export function differingPaths(
  one: Evaluated | undefined,
  other: Evaluated | undefined,
  path = '',
): string[] {
  if (isSame(one, other)) return [];
  if (!isMap(one) || !isMap(other)) return [path];
  const names = [...new Set([...Object.keys(other), ...Object.keys(one)])];
  return names.flatMap((name) =>
    differingPaths(
      Object.hasOwn(one, name) ? one[name] : undefined,
      Object.hasOwn(other, name) ? other[name] : undefined,
      path === '' ? name : `${path}.${name}`,
    ),
  );
}
