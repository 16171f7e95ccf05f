/**
 * Resolves a template as CloudFormation does before it makes anything: checks parameters against their
 * constraints, evaluates Rules and Conditions, drops parts that a false condition excludes, and replaces
 * intrinsic functions. References to resources stay as they are, unless `attributes` knows them. No emulator
 * evaluates Rules or patterns.
 */
import type { Json, JsonObject, Output, Parameter, Resource, Template } from './template.ts';

export interface World {
  region?: string;
  accountId?: string;
  partition?: string;
  urlSuffix?: string;
  stackName?: string;
  /** Values for Fn::ImportValue, by export name. */
  imports?: Record<string, string>;
  /** Values for Ref and GetAtt of a resource. undefined leaves the reference in place. */
  attributes?: (logicalId: string, attribute: string | undefined) => string | undefined;
}

export interface Resolved {
  Conditions: Record<string, boolean>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, Output>;
}

/** CloudFormation would refuse these parameters before it makes anything. */
export class Refused extends Error {}

const nothing = Symbol('AWS::NoValue');
type Value = Json | typeof nothing;

/**
 * The template as CloudFormation would carry it out. Parameters are given as on the command line. @throws
 * Refused
 */
export function resolve(template: Template, given: Record<string, string>, world: World = {}): Resolved {
  return new Resolver(template, given, world).resolve();
}

class Resolver {
  readonly #template: Template;
  readonly #world: World;
  readonly #parameters: Record<string, Json>;
  readonly #conditions = new Map<string, boolean>();

  constructor(template: Template, given: Record<string, string>, world: World) {
    this.#template = template;
    this.#world = world;
    this.#parameters = readParameters(template.Parameters ?? {}, given);
  }

  resolve(): Resolved {
    for (const rule of Object.values(this.#template.Rules ?? {})) {
      if (rule.RuleCondition !== undefined && !this.#test(rule.RuleCondition)) continue;
      for (const { Assert, AssertDescription } of rule.Assertions) {
        if (!this.#test(Assert)) throw new Refused(AssertDescription ?? 'an assertion without description');
      }
    }
    const kept = <T extends { Condition?: string }>(all: Record<string, T>) =>
      Object.entries(all).filter(([, one]) => one.Condition === undefined || this.#condition(one.Condition));
    const Resources: Record<string, Resource> = {};
    for (const [id, { Condition: _, ...resource }] of kept(this.#template.Resources)) {
      Resources[id] = {
        ...resource,
        ...(resource.Metadata === undefined
          ? {}
          : { Metadata: this.#value(resource.Metadata) as JsonObject }),
        Properties: this.#value(resource.Properties ?? {}) as JsonObject,
      };
    }
    const Outputs: Record<string, Output> = {};
    for (const [id, { Condition: _, ...output }] of kept(this.#template.Outputs ?? {})) {
      Outputs[id] = this.#value(output as unknown as JsonObject) as unknown as Output;
    }
    const Conditions: Record<string, boolean> = {};
    for (const name of Object.keys(this.#template.Conditions ?? {})) Conditions[name] = this.#condition(name);
    return { Conditions, Resources, Outputs };
  }

  #condition(name: string): boolean {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const expression = this.#template.Conditions?.[name];
    if (expression === undefined) throw new Error(`no condition ${name}`);
    const holds = this.#test(expression);
    this.#conditions.set(name, holds);
    return holds;
  }

  /** Evaluates a condition or an assertion. */
  #test(expression: Json): boolean {
    const [name, argument] = call(expression) ?? [];
    const list = () => argument as Json[];
    switch (name) {
      case 'Condition':
        return this.#condition(argument as string);
      case 'Fn::And':
        return list().every((one) => this.#test(one));
      case 'Fn::Or':
        return list().some((one) => this.#test(one));
      case 'Fn::Not':
        return !this.#test(list()[0] ?? null);
      case 'Fn::Equals':
        return text(this.#json(list()[0] ?? null)) === text(this.#json(list()[1] ?? null));
      case 'Fn::Contains':
        return (this.#json(list()[0] ?? null) as Json[])
          .map(text)
          .includes(text(this.#json(list()[1] ?? null)));
      case 'Fn::EachMemberIn': {
        const allowed = (this.#json(list()[1] ?? null) as Json[]).map(text);
        return (this.#json(list()[0] ?? null) as Json[]).every((one) => allowed.includes(text(one)));
      }
      case 'Fn::EachMemberEquals': {
        const wanted = text(this.#json(list()[1] ?? null));
        return (this.#json(list()[0] ?? null) as Json[]).every((one) => text(one) === wanted);
      }
      default:
        throw new Error(`not a condition: ${JSON.stringify(expression)}`);
    }
  }

  #json(json: Json): Json {
    const value = this.#value(json);
    if (value === nothing) throw new Error(`no value: ${JSON.stringify(json)}`);
    return value;
  }

  #value(json: Json): Value {
    if (Array.isArray(json)) return json.map((one) => this.#value(one)).filter((one) => one !== nothing);
    if (typeof json !== 'object' || json === null) return json;
    const [name, argument] = call(json) ?? [];
    if (name !== undefined && argument !== undefined) return this.#call(name, argument);
    const entries = Object.entries(json).map(([key, one]) => [key, this.#value(one)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== nothing));
  }

  #call(name: string, argument: Json): Value {
    const list = argument as Json[];
    switch (name) {
      case 'Ref':
        return this.#ref(argument as string) ?? { Ref: argument };
      case 'Fn::GetAtt':
        return this.#attribute(list[0] as string, list[1] as string) ?? { 'Fn::GetAtt': argument };
      case 'Fn::If':
        return this.#value((this.#condition(list[0] as string) ? list[1] : list[2]) ?? null);
      case 'Fn::Sub':
        return Array.isArray(argument)
          ? this.#sub(list[0] as string, (list[1] ?? {}) as JsonObject)
          : this.#sub(argument as string, {});
      case 'Fn::Join': {
        const parts = this.#json(list[1] ?? null);
        return Array.isArray(parts) && parts.every(isScalar)
          ? parts.map(text).join(list[0] as string)
          : { 'Fn::Join': [list[0] ?? '', parts] };
      }
      case 'Fn::Split': {
        const whole = this.#json(list[1] ?? null);
        return isScalar(whole)
          ? text(whole).split(list[0] as string)
          : { 'Fn::Split': [list[0] ?? '', whole] };
      }
      case 'Fn::Select': {
        const from = this.#json(list[1] ?? null);
        const index = Number(this.#json(list[0] ?? null));
        return Array.isArray(from) ? (from[index] ?? null) : { 'Fn::Select': [index, from] };
      }
      case 'Fn::FindInMap': {
        const [map, key, field] = list.map((one) => text(this.#json(one)));
        const found = this.#template.Mappings?.[map ?? '']?.[key ?? '']?.[field ?? ''];
        if (found === undefined) throw new Refused(`no ${field} for ${key} in mapping ${map}`);
        return found;
      }
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => `${this.#pseudo('AWS::Region')}${zone}`);
      case 'Fn::Cidr': {
        const [block, count, bits] = list.map((one) => this.#json(one));
        return cidr(text(block ?? ''), Number(count), Number(bits));
      }
      case 'Fn::ImportValue': {
        const found = this.#world.imports?.[text(this.#json(argument))];
        return found ?? { 'Fn::ImportValue': this.#json(argument) };
      }
      default:
        throw new Error(`not resolved here: ${name}`);
    }
  }

  #ref(name: string): Value | undefined {
    if (name === 'AWS::NoValue') return nothing;
    if (name in this.#parameters) return this.#parameters[name];
    return this.#pseudo(name) ?? this.#attribute(name, undefined);
  }

  #attribute(logicalId: string, attribute: string | undefined): string | undefined {
    if (!(logicalId in this.#template.Resources)) throw new Error(`nothing is named ${logicalId}`);
    return this.#world.attributes?.(logicalId, attribute);
  }

  #pseudo(name: string): string | undefined {
    const region = this.#world.region ?? 'eu-west-1';
    const stack = this.#world.stackName ?? 'stack';
    const account = this.#world.accountId ?? '111122223333';
    const partition = this.#world.partition ?? 'aws';
    return {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::Partition': partition,
      'AWS::URLSuffix': this.#world.urlSuffix ?? 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/00000000-0000-0000-0000-000000000000`,
    }[name];
  }

  /** Fn::Sub. A variable that names a resource stays where nothing is known about the resource. */
  #sub(pattern: string, variables: JsonObject): Json {
    const left: JsonObject = {};
    const replaced = pattern.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => {
      if (name.startsWith('!')) return whole;
      const [first = '', ...rest] = name.split('.');
      const value =
        name in variables
          ? this.#json(variables[name] ?? null)
          : rest.length > 0
            ? this.#attribute(first, rest.join('.'))
            : this.#ref(name);
      if (value === undefined) return whole;
      if (isScalar(value)) return text(value);
      if (value === nothing) throw new Error(`no value for ${name} in ${pattern}`);
      left[name] = value;
      return whole;
    });
    if (Object.keys(left).length > 0) return { 'Fn::Sub': [replaced, left] };
    return /\$\{[^!]/.test(replaced) ? { 'Fn::Sub': replaced } : replaced.replaceAll('${!', '${');
  }
}

/** Name and argument, when the object is an intrinsic function. */
function call(json: Json): [string, Json] | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const [[name, argument] = [], ...more] = Object.entries(json);
  if (name === undefined || argument === undefined || more.length > 0) return undefined;
  return name === 'Ref' || name === 'Condition' || name.startsWith('Fn::') ? [name, argument] : undefined;
}

function isScalar(json: unknown): json is string | number | boolean {
  return typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean';
}

function text(json: Json): string {
  if (!isScalar(json)) throw new Error(`not a scalar: ${JSON.stringify(json)}`);
  return String(json);
}

function readParameters(
  declared: Record<string, Parameter>,
  given: Record<string, string>,
): Record<string, Json> {
  for (const name of Object.keys(given)) {
    if (!(name in declared)) throw new Refused(`Parameters: [${name}] do not exist in the template`);
  }
  return Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => [name, readParameter(name, parameter, given[name])]),
  );
}

/** Each member of a list has to meet the constraints. */
function readParameter(name: string, parameter: Parameter, given: string | undefined): Json {
  const value = given ?? parameter.Default?.toString();
  if (value === undefined) throw new Refused(`Parameters: [${name}] must have values`);
  const isList = parameter.Type === 'CommaDelimitedList' || parameter.Type.startsWith('List<');
  const members = isList ? value.split(',').map((member) => member.trim()) : [value];
  for (const member of members) {
    const { AllowedPattern, AllowedValues, MinValue, MaxValue } = parameter;
    const ok =
      (AllowedPattern === undefined || new RegExp(`^(?:${AllowedPattern})$`).test(member)) &&
      (AllowedValues === undefined || AllowedValues.map(String).includes(member)) &&
      (parameter.Type !== 'Number' || (member !== '' && Number.isFinite(Number(member)))) &&
      (MinValue === undefined || Number(member) >= MinValue) &&
      (MaxValue === undefined || Number(member) <= MaxValue);
    if (!ok)
      throw new Refused(
        `Parameter ${name}: ${parameter.ConstraintDescription ?? 'violates its constraints'}`,
      );
  }
  if (isList) return value === '' ? [''] : members;
  return parameter.Type === 'Number' ? Number(value) : value;
}

/** Fn::Cidr for IPv4: `count` blocks with `bits` host bits each. */
function cidr(block: string, count: number, bits: number): string[] {
  const [address = ''] = block.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return Array.from({ length: count }, (_, i) => {
    const n = start + i * 2 ** bits;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.')}/${32 - bits}`;
  });
}
