/** Reads a CloudFormation template; short forms (`!Ref x`) become their long forms (`{Ref: x}`). */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CollectionTag, parse, type ScalarTag } from 'yaml';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Parameter {
  Type: string;
  Default?: string | number;
  Description?: string;
  AllowedPattern?: string;
  AllowedValues?: (string | number)[];
  ConstraintDescription?: string;
  MinValue?: number;
  MaxValue?: number;
  NoEcho?: boolean;
}

export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Metadata?: JsonObject;
  Properties?: JsonObject;
}

export interface Output {
  Description?: string;
  Condition?: string;
  Value: Json;
  Export?: { Name: Json };
}

export interface Rule {
  RuleCondition?: Json;
  Assertions: { Assert: Json; AssertDescription?: string }[];
}

export interface Template {
  Description: string;
  Metadata: JsonObject;
  Parameters?: Record<string, Parameter>;
  Rules?: Record<string, Rule>;
  Mappings?: Record<string, Record<string, Record<string, Json>>>;
  Conditions?: Record<string, Json>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, Output>;
}

/** Every object in a JSON tree, with its path. */
export function* objects(json: Json | undefined, path = ''): Generator<[string, JsonObject]> {
  if (typeof json !== 'object' || json === null) return;
  if (!Array.isArray(json)) yield [path, json];
  for (const [key, child] of Object.entries(json)) yield* objects(child, `${path}/${key}`);
}

/**
 * The names that a value refers to, by Ref, Fn::GetAtt or Fn::Sub. An output of another stack is also yielded
 * as `Id.Outputs.Name`.
 */
export function* references(json: Json | undefined): Generator<string> {
  for (const [, { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text }] of objects(json)) {
    if (typeof Ref === 'string') yield Ref;
    if (Array.isArray(attribute)) {
      yield String(attribute[0]);
      yield attribute.join('.');
    }
    const [pattern] = [text].flat();
    if (typeof pattern === 'string')
      for (const [, name = ''] of pattern.matchAll(/\$\{([A-Za-z0-9]+)/g)) yield name;
  }
}

const root = resolve(import.meta.dirname, '../../..');

/** Paths of all templates below templates/, such as `kms/recording-key.yaml`. */
export function templateFiles(): string[] {
  return readdirSync(join(root, 'templates'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}

/** The text of a template, by its path below templates/. */
export function templateText(file: string): string {
  return readFileSync(join(root, 'templates', file), 'utf8');
}

const parsed = new Map<string, Template>();

/**
 * A template by its path below templates/. Parsing takes long, so it is done once; every caller gets a copy.
 */
export function readTemplate(file: string): Template {
  const template = parsed.get(file) ?? parseTemplate(templateText(file));
  parsed.set(file, template);
  return structuredClone(template);
}

export const parseTemplate = (text: string): Template => parse(text, { customTags: shortForms }) as Template;

const functions = [
  'Base64 Cidr And Equals If Not Or FindInMap GetAtt GetAZs ImportValue Join Select Split Sub Transform',
  'Contains EachMemberEquals EachMemberIn RefAll ValueOf ValueOfAll GetStackOutput ToJsonString Length',
].flatMap((line) => line.split(' '));

const longName = (name: string) => (name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`);

const shortForms: (ScalarTag | CollectionTag)[] = [...functions, 'Ref', 'Condition'].flatMap((name) => [
  {
    tag: `!${name}`,
    resolve: (text: string) => ({
      [longName(name)]:
        name === 'GetAtt' ? [text.slice(0, text.indexOf('.')), text.slice(text.indexOf('.') + 1)] : text,
    }),
  },
  {
    tag: `!${name}`,
    collection: 'seq' as const,
    resolve: (node: { toJSON(): unknown }) => ({ [longName(name)]: node.toJSON() }),
  },
  {
    tag: `!${name}`,
    collection: 'map' as const,
    resolve: (node: { toJSON(): unknown }) => ({ [longName(name)]: node.toJSON() }),
  },
]) as (ScalarTag | CollectionTag)[];
