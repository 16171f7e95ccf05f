/** Reads a CloudFormation template so that two can be compared: `!Ref x` and `{Ref: x}` are the same. */
import { type CollectionTag, parse, type ScalarTag } from 'yaml';

export interface Resource {
  Type: string;
  Condition?: unknown;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Properties?: Record<string, unknown>;
}

export interface Parameter {
  Type: string;
  Default?: unknown;
  AllowedValues?: unknown[];
}

export interface Output {
  Condition?: unknown;
  Export?: { Name: unknown };
}

export interface Template {
  Parameters?: Record<string, Parameter>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, Output>;
}

const names =
  'Ref Condition Base64 Cidr And Equals If Not Or FindInMap GetAtt GetAZs ImportValue Join Select Split Sub Transform';

const shortForms = names.split(' ').flatMap((name) => {
  const long = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const tag = `!${name}`;
  const plain = (node: { toJSON(): unknown }) => ({ [long]: node.toJSON() });
  return [
    {
      tag,
      resolve: (text: string) => ({ [long]: name === 'GetAtt' ? text.split(/\.(.*)/s).slice(0, 2) : text }),
    },
    { tag, collection: 'seq' as const, resolve: plain },
    { tag, collection: 'map' as const, resolve: plain },
  ];
}) as (ScalarTag | CollectionTag)[];

export const parseTemplate = (text: string): Template => parse(text, { customTags: shortForms }) as Template;
