/** A CloudFormation template with the place of every value, from YAML or JSON, short forms included. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml';

/** Both count from 1. */
export interface Place {
  line: number;
  column: number;
}

export interface Scalar {
  kind: 'scalar';
  value: string | number | boolean | null;
  at: Place;
}
export interface Entry {
  key: Place;
  value: Value;
}
export interface Members {
  kind: 'map';
  entries: Map<string, Entry>;
  at: Place;
}
export interface List {
  kind: 'list';
  items: Value[];
  at: Place;
}
/** An intrinsic function, by its full name: `Ref`, `Fn::Sub`, … */
export interface Call {
  kind: 'call';
  name: string;
  argument: Value;
  at: Place;
}
export type Value = Scalar | Members | List | Call;

/** The text is no YAML or JSON. */
export class SyntaxProblem extends Error {
  readonly at: Place;
  constructor(message: string, at: Place) {
    super(message);
    this.at = at;
  }
}

/** A template, and the place of its first alias. @throws SyntaxProblem */
export function parseTemplate(text: string): { template: Value; alias?: Place } {
  const lines = new LineCounter();
  // CloudFormation reads YAML 1.1; tags that the parser does not know stay on their nodes. Under the log
  // level "silent" a second document would be no error.
  const document = withoutTraces(() =>
    parseDocument(text, {
      lineCounter: lines,
      schema: 'yaml-1.1',
      logLevel: 'error',
      // Its messages would repeat place and line.
      prettyErrors: false,
      // The parser compares each key with each other one; they are looked for below.
      uniqueKeys: false,
    }),
  );
  const [problem] = document.errors;
  if (problem) {
    const { line, col } = lines.linePos(Math.max(0, problem.pos[0]));
    const isSecondDocument = problem.code === 'MULTIPLE_DOCS';
    throw new SyntaxProblem(
      isSecondDocument
        ? 'a second document begins, and CloudFormation reads one'
        : inPlainWords(problem.message),
      { line, column: col },
    );
  }
  const source: Source = { lines, anchors: new Map(), open: new Set(), size: 0, depth: 0 };
  const template = valueFrom(document.contents, source);
  return { template, ...(source.alias === undefined ? {} : { alias: source.alias }) };
}

/** The parser makes a warning of every short form, and each would take a trace of the stack. */
function withoutTraces(parse: () => Document.Parsed<ParsedNode>): Document.Parsed<ParsedNode> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parse();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The parser gives up where it runs out of stack. */
const inPlainWords = (problem: string) => (/call stack/.test(problem) ? TOO_DEEP : problem);

const TOO_DEEP = 'the values are nested too deeply';
/** More levels than any template has. */
const MOST_LEVELS = 200;
/** More values than any template has: aliases of aliases multiply. */
const MOST_VALUES = 300_000;

interface Source {
  lines: LineCounter;
  /** The newest node of each anchor so far. The parser's own search goes through the whole document. */
  anchors: Map<string, Node>;
  /** The place of the first alias. */
  alias?: Place;
  /** The values of the aliases on the way. */
  open: Set<Node>;
  /** Values so far. */
  size: number;
  /** Values around this one. */
  depth: number;
}

function valueFrom(node: Node | null | undefined, source: Source): Value {
  const at = placeOf(node, source);
  source.size += 1;
  if (source.size > MOST_VALUES) throw new SyntaxProblem('aliases make too many values', at);
  if (isAlias(node)) return aliased(node, source, at);
  noteAnchor(node, source);
  const call = node?.tag === undefined ? undefined : /^!([A-Za-z]\w*)$/.exec(node.tag)?.[1];
  source.depth += 1;
  if (source.depth > MOST_LEVELS) throw new SyntaxProblem(TOO_DEEP, at);
  const value = untagged(node, source, at);
  source.depth -= 1;
  if (call === undefined) return value;
  const name = call === 'Ref' || call === 'Condition' ? call : `Fn::${call}`;
  return { kind: 'call', name, argument: value, at };
}

/** Inside of an alias the anchors are those that were noted before. */
function noteAnchor(node: Node | null | undefined, { anchors, open }: Source): void {
  const anchor = (node as { anchor?: string } | null | undefined)?.anchor;
  if (node && anchor !== undefined && open.size === 0) anchors.set(anchor, node);
}

function aliased(alias: Alias, source: Source, at: Place): Value {
  source.alias ??= at;
  const node = source.anchors.get(alias.source);
  if (node === undefined) throw new SyntaxProblem(`the alias *${alias.source} has no anchor`, at);
  if (source.open.has(node)) throw new SyntaxProblem(`the alias *${alias.source} is part of itself`, at);
  source.open.add(node);
  const value = valueFrom(node, source);
  source.open.delete(node);
  return value;
}

function untagged(node: Node | null | undefined, source: Source, at: Place): Value {
  if (isMap<Node, Node | null>(node)) {
    const entries = new Map<string, Entry>();
    const written = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.source ?? key.value) : '';
      const place = placeOf(key, source);
      if (isAlias(key)) source.alias ??= place;
      else noteAnchor(key, source);
      const entry = { key: place, value: valueFrom(value, source) };
      if (written.has(name)) throw new SyntaxProblem(`the key ${name} is there twice`, entry.key);
      written.add(name);
      if (name !== '<<') entries.set(name, entry);
      else mergeInto(entries, entry.value, node);
    }
    const [first] = entries;
    if (entries.size === 1 && first && /^(Ref|Fn::\w+)$/.test(first[0]))
      return { kind: 'call', name: first[0], argument: first[1].value, at };
    return { kind: 'map', entries, at };
  }
  if (isSeq<Node>(node))
    return { kind: 'list', items: node.items.map((item) => valueFrom(item, source)), at };
  const value = isScalar(node) ? node.value : null;
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  // Dates and the like are text to CloudFormation.
  if (value !== null && !plain)
    return { kind: 'scalar', value: String((node as { source?: string }).source), at };
  return { kind: 'scalar', value: plain ? value : null, at };
}

/**
 * Adds the members of a merge key (`<<`), whose value is a map or a list of maps. A name that the map itself
 * has wins, and of several maps the first (YAML 1.1, merge key).
 */
function mergeInto(entries: Map<string, Entry>, merged: Value, into: YAMLMap<Node, Node | null>): void {
  const own = new Set(into.items.map(({ key }) => (isScalar(key) ? String(key.source ?? key.value) : '')));
  for (const map of merged.kind === 'list' ? merged.items : [merged]) {
    if (map.kind !== 'map') continue;
    for (const [name, entry] of map.entries) {
      if (!own.has(name) && !entries.has(name)) entries.set(name, entry);
    }
  }
}

function placeOf(node: Node | null | undefined, { lines }: Source): Place {
  const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
  return { line, column: col };
}

// ---- looking into values

/** Stands for what is known at deployment only. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** A member of a map; undefined for everything that has none. */
export const member = (value: Value | undefined, name: string): Value | undefined =>
  value?.kind === 'map' ? value.entries.get(name)?.value : undefined;

export const textOf = (value: Value | undefined): string | undefined =>
  value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;

const isNoValue = (value: Value) =>
  value.kind === 'call' && value.name === 'Ref' && textOf(value.argument) === 'AWS::NoValue';

/** The entries of a map without those that are removed by AWS::NoValue. */
export const present = ({ entries }: Members): [string, Entry][] =>
  [...entries].filter(([, { value }]) => !isNoValue(value));

/** The values that an `Fn::If` chooses from (nested ones too); any other value is its own and only branch. */
export function branches(value: Value): Value[] {
  if (value.kind === 'call' && value.name === 'Fn::If' && value.argument.kind === 'list') {
    return value.argument.items.slice(1).flatMap(branches);
  }
  return isNoValue(value) ? [] : [value];
}

/** A member of a map, or of each map that an `Fn::If` chooses from; every branch of it. */
export const branchesOf = (value: Value | undefined, name: string): Value[] =>
  (value === undefined ? [] : branches(value)).flatMap((branch) => {
    const part = member(branch, name);
    return part === undefined ? [] : branches(part);
  });

/**
 * The value that a dotted path leads to, or the last one on the way that the template has. Names may hold
 * dots.
 */
export function deepest(root: Value, path: string): Value {
  if (path === '' || root.kind !== 'map') return root;
  const [next] = [...root.entries]
    .filter(([name]) => path === name || path.startsWith(`${name}.`))
    .sort(([one], [other]) => other.length - one.length);
  return next === undefined ? root : deepest(next[1].value, path.slice(next[0].length + 1));
}

/** A dynamic reference: CloudFormation puts what it finds there into the text. */
const isDynamic = (data: unknown) => typeof data === 'string' && data.includes('{{resolve:');

/** Plain data, with UNKNOWN in the place of what a function answers or a dynamic reference brings. */
export function dataOf(value: Value): unknown {
  switch (value.kind) {
    case 'scalar':
      // A null is a fault of its own.
      return value.value === null || isDynamic(value.value) ? UNKNOWN : value.value;
    case 'list':
      return value.items.map(dataOf);
    case 'map':
      return Object.fromEntries(present(value).map(([name, entry]) => [name, dataOf(entry.value)]));
    case 'call': {
      const literal = substituted(value)?.literal;
      return literal === undefined || isDynamic(literal) ? UNKNOWN : literal;
    }
  }
}

export function isKnown(data: unknown): boolean {
  if (data === UNKNOWN) return false;
  if (data === null || typeof data !== 'object') return true;
  return Object.values(data).every(isKnown);
}

/** Data without what is unknown: members and items are left out. */
export function knownPart(data: unknown): unknown {
  if (Array.isArray(data)) return data.filter((item) => item !== UNKNOWN).map(knownPart);
  if (data === null || typeof data !== 'object') return data;
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, part]) => part !== UNKNOWN)
      .map(([name, part]) => [name, knownPart(part)]),
  );
}

/** The text of `Fn::Sub` after its substitutions. */
export interface Substitution {
  /** Names in `${…}` that CloudFormation replaces, without those of the function's own map. */
  variables: string[];
  /** The text with `${!x}` as `${x}`, and NUL in the place of each variable. */
  text: string;
  /** The text, where its variables are at most those that stand for the place of the stack. */
  literal?: string;
}

/** Values of pseudo parameters whose form is always the same. */
const EXAMPLES: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
};

export function substituted(value: Value): Substitution | undefined {
  if (value.kind !== 'call' || value.name !== 'Fn::Sub') return undefined;
  const { argument } = value;
  const template = textOf(argument.kind === 'list' ? argument.items[0] : argument);
  if (template === undefined) return undefined;
  const map = argument.kind === 'list' ? argument.items[1] : undefined;
  const own = map?.kind === 'map' ? [...map.entries.keys()] : [];
  const variables: string[] = [];
  const text = template.replace(/\$\{(!?)([^}]*)\}/g, (_all, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    variables.push(name.trim());
    return '\0';
  });
  const isKnownPlace = variables.every((name) => Object.hasOwn(EXAMPLES, name) && !own.includes(name));
  let next = 0;
  const literal = isKnownPlace
    ? text.replaceAll('\0', () => {
        next += 1;
        return EXAMPLES[variables[next - 1] ?? ''] ?? '';
      })
    : undefined;
  return {
    variables: variables.filter((name) => !own.includes(name)),
    text,
    ...(literal === undefined ? {} : { literal }),
  };
}

/** Every value below one, itself included. */
export function* everyValue(value: Value): Generator<Value> {
  yield value;
  if (value.kind === 'list') for (const item of value.items) yield* everyValue(item);
  if (value.kind === 'call') yield* everyValue(value.argument);
  if (value.kind === 'map') for (const { value: part } of value.entries.values()) yield* everyValue(part);
}

/** The names in a value: logical ids and parameters, with the attribute where one is asked for. */
export interface Reference {
  name: string;
  attribute?: string;
  at: Place;
}

export function* referencesOf(root: Value): Generator<Reference> {
  for (const value of everyValue(root)) {
    if (value.kind !== 'call') continue;
    const { name, argument, at } = value;
    if (name === 'Ref') {
      const of = textOf(argument);
      if (of !== undefined) yield { name: of, at };
    } else if (name === 'Fn::GetAtt') {
      const path =
        argument.kind === 'list' ? argument.items.map(textOf) : (textOf(argument) ?? '').split('.');
      const [of, ...attribute] = path;
      if (of !== undefined && attribute.every((part) => part !== undefined))
        yield { name: of, attribute: attribute.join('.'), at };
    } else {
      for (const variable of substituted(value)?.variables ?? []) {
        const [of = '', ...attribute] = variable.split('.');
        yield { name: of, at, ...(attribute.length > 0 ? { attribute: attribute.join('.') } : {}) };
      }
    }
  }
}
