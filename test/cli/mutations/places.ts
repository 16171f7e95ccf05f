/** The places of a template's resources of Genesys Cloud, and what operators do there. */
import type { Data, Path } from './forms.ts';

export type Members = { [name: string]: Data };

/** A value of a resource's properties, or all of them. */
export interface Place {
  template: Members;
  logicalId: string;
  type: string;
  properties: Members;
  /** From the properties. */
  inner: Path;
  value: Data | undefined;
}

/** A finding that a planted fault must have. */
export interface Fault {
  rule: string;
  /** The path of the value whose line the finding has; the line of the name where it is a group. */
  at: Path;
  /** As findings have it. */
  path: string;
  /** Fits problem and remedy. */
  says: RegExp;
}

export interface Planted {
  template: Members;
  faults: Fault[];
}

export const isMembers = (value: Data | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isCall = (value: Data | undefined): boolean =>
  isMembers(value) && Object.keys(value).length === 1 && /^(Ref|Fn::)/.test(Object.keys(value)[0] ?? '');

export function* placesOf(template: Members): Generator<Place> {
  for (const [logicalId, resource] of Object.entries(template['Resources'] as Members)) {
    const { Type: type, Properties: properties } = resource as Members;
    if (!String(type).startsWith('Custom::Genesys') || !isMembers(properties)) continue;
    const walk = function* (value: Data, inner: Path): Generator<Place> {
      yield { template, logicalId, type: String(type), properties, inner, value };
      if (typeof value !== 'object' || value === null) return;
      for (const [name, part] of Object.entries(value) as [string, Data][])
        yield* walk(part, [...inner, Array.isArray(value) ? Number(name) : name]);
    };
    yield* walk(properties, []);
  }
}

export const get = (root: Data | undefined, path: Path): Data | undefined =>
  path.reduce<Data | undefined>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Members)[String(name)]
        : undefined,
    root,
  );

/** A copy with another value in a place; without one the member goes. Members keep their order. */
export function put(root: Members, path: Path, value: Data | undefined): Members {
  const copy = structuredClone(root);
  const parent = get(copy, path.slice(0, -1));
  const name = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(name), 1, ...(value === undefined ? [] : [value]));
  else if (!isMembers(parent)) throw new Error(`no place ${path.join('.')}`);
  else if (value === undefined) delete parent[name];
  else parent[name] = value;
  return copy;
}

/** A copy in which a member has another name. */
export function rename(root: Members, path: Path, name: string): Members {
  const outer = path.slice(0, -1);
  const entries = Object.entries(get(root, outer) as Members);
  const renamed = Object.fromEntries(entries.map(([old, part]) => [old === path.at(-1) ? name : old, part]));
  return outer.length === 0 ? structuredClone(renamed) : put(root, outer, renamed);
}

export const pathOf = ({ logicalId, inner }: Pick<Place, 'logicalId' | 'inner'>): Path => [
  'Resources',
  logicalId,
  'Properties',
  ...inner,
];

export const nameOf = ({ logicalId, inner }: Pick<Place, 'logicalId' | 'inner'>, ...further: Path) =>
  [logicalId, ...inner, ...further].join('.');

/** Two letters in the middle change places. */
export function misspelt(name: string): string {
  for (let at = Math.floor(name.length / 2); at > 0; at -= 1) {
    const [one = '', other = ''] = [name[at - 1], name[at]];
    if (one.toLowerCase() !== other.toLowerCase())
      return `${name.slice(0, at - 1)}${other}${one}${name.slice(at + 1)}`;
  }
  return `${name}${name.at(-1)}`;
}
