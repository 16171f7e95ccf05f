/** Resolves the functions of a template as CloudFormation does, as far as it can be told beforehand. */
import { type Call, member, textOf, type Value } from '../templates/template.ts';
import { withReferences } from './references.ts';
import {
  type Evaluated,
  isMap,
  isSame,
  joined,
  keyOf,
  type MaybeNothing,
  NO_VALUE,
  Unknown,
} from './values.ts';

/** The values that functions refer to. */
export interface Scope {
  /** The template. */
  template: Value;
  /** Values of parameters and pseudo parameters by name. */
  parameters: ReadonlyMap<string, Evaluated>;
  /** Conditions that were resolved already. */
  conditions: Map<string, Truth>;
  /** Ref of a resource. */
  ref(logicalId: string): Evaluated;
  /** Fn::GetAtt of a resource. */
  attribute(logicalId: string, name: string): Evaluated;
  /** The value of an export; undefined where there is none. */
  exported(name: string): string | undefined;
  /** Takes up a fault by which CloudFormation refuses the template. */
  fault(message: string): void;
}

const unknown = (key: string, why: string) => new Unknown({ key, why });

/** The properties of a resource that are there in the end. */
export function evaluateProperties(
  type: string,
  value: Value | undefined,
  scope: Scope,
): { [name: string]: Evaluated } {
  const evaluated = value === undefined ? {} : evaluate(value, scope);
  const isCustom = type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
  return isMap(evaluated) ? withReferences(evaluated, isCustom) : {};
}

function evaluate(value: Value, scope: Scope): MaybeNothing {
  switch (value.kind) {
    case 'scalar':
      return String(value.value ?? '');
    case 'list':
      return value.items.map((item) => evaluate(item, scope)).filter((item) => item !== NO_VALUE);
    case 'map': {
      const members = [...value.entries].map(
        ([name, entry]) => [name, evaluate(entry.value, scope)] as const,
      );
      return Object.fromEntries(members.filter((one): one is [string, Evaluated] => one[1] !== NO_VALUE));
    }
    case 'call':
      return call(value, scope);
  }
}

/** A text; anything else has no place where a text belongs. */
const asText = (value: MaybeNothing): string | Unknown => {
  if (typeof value === 'string' || value instanceof Unknown) return value;
  return unknown(`no text ${value === NO_VALUE ? '' : keyOf(value)}`, 'a value that is no text');
};

const itemsOf = (argument: Value): Value[] => (argument.kind === 'list' ? argument.items : [argument]);

function call({ name, argument }: Call, scope: Scope): MaybeNothing {
  const items = itemsOf(argument);
  const at = (index: number): MaybeNothing => {
    const item = items[index];
    return item === undefined ? '' : evaluate(item, scope);
  };
  const text = (index: number) => asText(at(index));
  switch (name) {
    case 'Ref':
      return reference(textOf(argument) ?? '', scope);
    case 'Fn::GetAtt': {
      const path = argument.kind === 'list' ? items.map((_, index) => text(index)) : [];
      const [logicalId = '', ...attribute] = path.length > 0 ? path : (textOf(argument) ?? '').split('.');
      if (typeof logicalId !== 'string') return unknown(keyOf(path), 'an attribute');
      const attributeName = joined(attribute.flatMap((part, index) => (index > 0 ? ['.', part] : [part])));
      if (typeof attributeName !== 'string') return unknown(keyOf(path), `an attribute of ${logicalId}`);
      return scope.attribute(logicalId, attributeName);
    }
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::If':
      return choose(items, scope);
    case 'Fn::FindInMap':
      return found([text(0), text(1), text(2)], scope);
    case 'Fn::Join': {
      const list = at(1);
      if (!Array.isArray(list)) return unknown(`join ${keyOf([text(0), asText(list)])}`, whyOf(list));
      const between = text(0);
      return joined(list.flatMap((item, index) => (index > 0 ? [between, asText(item)] : [asText(item)])));
    }
    case 'Fn::Select': {
      const list = at(1);
      const index = text(0);
      if (Array.isArray(list) && typeof index === 'string') return list[Number(index)] ?? '';
      return unknown(`select ${keyOf([index, list === NO_VALUE ? '' : list])}`, whyOf(list));
    }
    case 'Fn::Split': {
      const [by, from] = [text(0), text(1)];
      if (typeof by === 'string' && typeof from === 'string') return from.split(by);
      return unknown(`split ${keyOf([by, from])}`, whyOf(from));
    }
    case 'Fn::ImportValue': {
      const exportName = asText(evaluate(argument, scope));
      if (typeof exportName !== 'string') return unknown(`import ${exportName.key}`, whyOf(exportName));
      const value = scope.exported(exportName);
      if (value !== undefined) return value;
      scope.fault(`No export named ${exportName} found.`);
      return unknown(`import ${exportName}`, `the export ${exportName}, which is not there`);
    }
    case 'Fn::Base64': {
      const plain = asText(evaluate(argument, scope));
      if (typeof plain === 'string') return Buffer.from(plain).toString('base64');
      return unknown(`base64 ${plain.key}`, whyOf(plain));
    }
    default: {
      const evaluated = evaluate(argument, scope);
      return unknown(`${name} ${evaluated === NO_VALUE ? '' : keyOf(evaluated)}`, `the function ${name}`);
    }
  }
}

const whyOf = (value: MaybeNothing): string =>
  (value instanceof Unknown ? value.sources[0]?.why : undefined) ??
  'a value that is known at deployment only';

function reference(name: string, scope: Scope): MaybeNothing {
  if (name === 'AWS::NoValue') return NO_VALUE;
  return scope.parameters.get(name) ?? scope.ref(name);
}

function substitute(argument: Value, scope: Scope): Evaluated {
  const [template, own] = itemsOf(argument);
  const variables = own?.kind === 'map' ? own : undefined;
  const parts: (string | Unknown)[] = [];
  let end = 0;
  const source = textOf(template) ?? '';
  for (const match of source.matchAll(/\$\{(!?)([^}]*)\}/g)) {
    const [all, literal = '', inner = ''] = match;
    parts.push(source.slice(end, match.index));
    end = match.index + all.length;
    const name = inner.trim();
    const [logicalId = '', ...attribute] = name.split('.');
    const given = member(variables, name);
    if (literal === '!') parts.push(`\${${inner}}`);
    else if (given !== undefined) parts.push(asText(evaluate(given, scope)));
    else if (attribute.length > 0) parts.push(asText(scope.attribute(logicalId, attribute.join('.'))));
    else parts.push(asText(reference(name, scope)));
  }
  parts.push(source.slice(end));
  return joined(parts);
}

function found(keys: (string | Unknown)[], { template }: Scope): Evaluated {
  let value = member(template, 'Mappings');
  for (const key of keys) {
    if (typeof key !== 'string') return unknown(`mapping ${keyOf(keys)}`, whyOf(key));
    value = member(value, key);
  }
  if (value === undefined) return unknown(`mapping ${keyOf(keys)}`, 'a mapping that is not there');
  if (value.kind === 'list') return value.items.map((item) => textIn(item));
  return textIn(value);
}

const textIn = (value: Value) => (value.kind === 'scalar' ? String(value.value ?? '') : '');

// ---- conditions

/** Whether something holds; an Unknown where only the deployment shows it. */
export type Truth = boolean | Unknown;

function choose([name, ...branches]: Value[], scope: Scope): MaybeNothing {
  const holds = conditionHolds(textOf(name) ?? '', scope);
  const [ifTrue, ifFalse] = branches.map((branch) => () => evaluate(branch, scope));
  if (!(holds instanceof Unknown)) return (holds ? ifTrue : ifFalse)?.() ?? NO_VALUE;
  const one: MaybeNothing = ifTrue === undefined ? NO_VALUE : ifTrue();
  const other: MaybeNothing = ifFalse === undefined ? NO_VALUE : ifFalse();
  const both: readonly MaybeNothing[] = [one, other];
  const keys = both.map((branch) => (branch === NO_VALUE ? '' : keyOf(branch)));
  if (keys[0] === keys[1]) return one;
  return new Unknown({ ...holds.sources[0], key: `if ${holds.key} ${keys.join(' ')}`, why: whyOf(holds) });
}

/** A condition of the template by its name. */
export function conditionHolds(name: string, scope: Scope): Truth {
  const known = scope.conditions.get(name);
  if (known !== undefined) return known;
  const condition = member(member(scope.template, 'Conditions'), name);
  const open = unknown(`condition ${name}`, `the condition ${name}`);
  // A condition that refers to itself is refused by CloudFormation.
  scope.conditions.set(name, open);
  const truth = condition === undefined ? open : holds(condition, scope);
  scope.conditions.set(name, truth);
  return truth;
}

function holds(value: Value, scope: Scope): Truth {
  if (value.kind === 'map') {
    const name = textOf(member(value, 'Condition'));
    if (name !== undefined) return conditionHolds(name, scope);
  }
  if (value.kind !== 'call') return textIn(value) === 'true';
  const items = itemsOf(value.argument);
  switch (value.name) {
    case 'Condition':
      return conditionHolds(textOf(value.argument) ?? '', scope);
    case 'Fn::Equals': {
      const [one, other] = items.map((item) => evaluate(item, scope));
      if (one === undefined || other === undefined || one === NO_VALUE || other === NO_VALUE) return false;
      if (isSame(one, other)) return true;
      const open = [one, other].find((side) => side instanceof Unknown);
      return open === undefined
        ? false
        : new Unknown({ key: `equals ${keyOf([one, other])}`, why: whyOf(open) });
    }
    case 'Fn::Not': {
      const [inner] = items.map((item) => holds(item, scope));
      if (inner instanceof Unknown) return new Unknown({ key: `not ${inner.key}`, why: whyOf(inner) });
      return inner !== true;
    }
    case 'Fn::And':
    case 'Fn::Or': {
      // One of these alone decides, whatever the unknown ones are.
      const decides = value.name === 'Fn::Or';
      const parts = items.map((item) => holds(item, scope));
      if (parts.includes(decides)) return decides;
      const open = parts.filter((part) => part instanceof Unknown);
      const [first] = open;
      if (first === undefined) return !decides;
      return new Unknown({ key: `${value.name} ${open.map(({ key }) => key).join(' ')}`, why: whyOf(first) });
    }
    default: {
      const evaluated = evaluate(value, scope);
      if (evaluated instanceof Unknown) return evaluated;
      return evaluated === 'true';
    }
  }
}
