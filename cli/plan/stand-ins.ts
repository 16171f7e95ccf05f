/**
 * Fills unknown values in, so that the provider's own rules can judge the rest of a resource. A value that is
 * the same as in the deployed form is taken from there; any other one gets a stand-in, and is reported.
 */
import { isPlainObject, ownMember } from '../../common/objects.ts';
import { registerSecretOfRequest } from '../../common/redaction.ts';
import { innerOf, kindOf, shapeOf, untyped } from '../../provider/properties/index.ts';
import { digestOf, type Evaluated, isMap, isSame, type Source, Unknown, unknownsIn } from './values.ts';

export type Raw = string | Raw[] | { [name: string]: Raw };

/** A property whose value is known at the deployment only. */
export interface Open {
  path: string;
  why: string;
}

export interface Filled {
  /** The new properties; undefined where there are none. */
  properties: { [name: string]: Raw };
  old: { [name: string]: Raw };
  /** The old properties hold stand-ins. */
  isOldAssumed: boolean;
  /** The new properties that may differ from the old ones, or be anything. */
  open: Open[];
  /** Every stand-in. */
  standIns: string[];
}

export interface ToFill {
  properties: { [name: string]: Evaluated };
  old: { [name: string]: Evaluated };
  /** The typed form that was applied last, where the ledger has it. */
  applied: unknown;
  schema: unknown;
  /** Account for stand-ins that have to be ARNs. */
  account: string;
  /** Whether an unknown value at this path may differ, although its source is the same. */
  mayChange(path: string): boolean;
}

export function filled({ properties, old, applied, schema, account, mayChange }: ToFill): Filled {
  const open = new Map<string, Open>();
  const standIns = new Set<string>();
  let isOldAssumed = false;
  const standInFor = (value: Unknown, path: string, salt = '') =>
    standIn(value, schemaAt(schema, path.split('.')), account, salt);

  const oldValue = (value: Unknown, path: string): string => {
    const known = untyped(valueAt(applied, path));
    if (typeof known !== 'string') {
      isOldAssumed = true;
      const text = standInFor(value, path);
      standIns.add(text);
      return text;
    }
    if (value.sources.some(({ isSecret }) => isSecret)) registerSecretOfRequest(known);
    return known;
  };
  const newValue = (value: Unknown, path: string): string => {
    const before = valueAt(old, path) as Evaluated | undefined;
    if (before instanceof Unknown && isSame(before, value) && !mayChange(path)) return oldValue(before, path);
    const text = standInFor(value, path, 'new');
    open.set(path, { path, why: value.sources.map(({ why }) => why).join(', ') });
    standIns.add(text);
    return text;
  };
  return {
    old: replaced(old, oldValue) as Filled['old'],
    properties: replaced(properties, newValue) as Filled['properties'],
    isOldAssumed,
    open: [...open.values()],
    standIns: [...standIns],
  };
}

export const hasUnknown = (value: Evaluated): boolean => unknownsIn(value).next().done !== true;

function replaced(value: Evaluated, by: (value: Unknown, path: string) => string, path = ''): Raw {
  const below = (name: string | number) => (path === '' ? String(name) : `${path}.${name}`);
  if (value instanceof Unknown) return by(value, path);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((item, index) => replaced(item, by, below(index)));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, replaced(part, by, below(name))]),
  );
}

/** The value at a path. Names may hold dots, so the longest name that fits goes first. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  if (Array.isArray(value)) {
    const [index = '', ...rest] = path.split('.');
    return valueAt(value[Number(index)], rest.join('.'));
  }
  if (!isPlainObject(value) && !isMap(value)) return undefined;
  const names = Object.keys(value).filter((name) => path === name || path.startsWith(`${name}.`));
  const name = names.sort((one, other) => other.length - one.length)[0];
  return name === undefined ? undefined : valueAt(ownMember(value, name), path.slice(name.length + 1));
}

function schemaAt(schema: unknown, [name, ...rest]: string[]): unknown {
  if (schema === undefined || name === undefined || name === '') return schema;
  return schemaAt(ownMember(shapeOf(schema) ?? {}, name), rest);
}

interface Judging {
  safeParse(input: unknown): { success: boolean };
}

/** A text in place of an unknown one, of a form that the property takes where one of the usual forms fits. */
function standIn(value: Unknown, schema: unknown, account: string, salt: string): string {
  const mark = (source: Source) => digestOf(`${source.key}${salt}`);
  const text = value.parts
    .map((part) => (typeof part === 'string' ? part : `unknown-${mark(part)}`))
    .join('');
  if (schema === undefined || shapeOf(schema) !== undefined) return text;
  const forms = value.only === undefined ? [text] : formsOf(mark(value.only), account);
  const values = choicesOf(schema);
  const judge = schema as Judging;
  return [...forms, ...values].find((form) => judge.safeParse(form).success) ?? text;
}

const choicesOf = (schema: unknown): readonly string[] => {
  const kind = kindOf(innerOf(schema) as object);
  return kind?.kind === 'choice' ? kind.values : [];
};

/** The usual forms of values that come from other resources. */
const formsOf = (mark: string, account: string): string[] => [
  `unknown-${mark}`,
  `arn:aws:iam::${account}:role/unknown-${mark}`,
  `arn:aws:kms:us-east-1:${account}:alias/unknown-${mark}`,
  `arn:aws:secretsmanager:us-east-1:${account}:secret:/genesys/credentials/unknown-${mark}`,
  `arn:aws:secretsmanager:us-east-1:${account}:secret:/genesys/oauth/unknown-${mark}`,
  '1',
  'true',
  '{}',
];
