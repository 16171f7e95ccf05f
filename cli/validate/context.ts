import { nearest } from '../../common/text.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { type Members, member, type Place, textOf, type Value } from '../templates/template.ts';
import type { Rule } from './findings.ts';

/** A resource of Genesys Cloud, wherever in the template. */
export interface Resource {
  logicalId: string;
  typeName: string;
  declaration: Value;
  /** An empty map where there are none. */
  properties: Members;
  at: Place;
}

/** The template, and the way to say what is wrong in it. */
export interface Context {
  template: Value;
  /** Every declaration by logical id. */
  declarations: Map<string, Value>;
  resources: Resource[];
  report(rule: Rule, at: Place, path: string, message: string, fix: string): void;
}

/** The type of a declared resource; undefined where the template has no such resource, or no type of it. */
export const typeOf = (logicalId: string, { declarations }: Pick<Context, 'declarations'>) =>
  textOf(member(declarations.get(logicalId), 'Type'));

const TYPE_NAMES = resourceTypes.map(({ typeName }) => typeName);
const MISSPELT_LETTERS = { ofType: 4, ofName: 2 };

/**
 * The resource type of the provider that a misspelt one means. Others may have custom resources of such names
 * as well: only a name that is nearly one of these is misspelt.
 */
export function meantType(typeName: string): string | undefined {
  if (TYPE_NAMES.includes(typeName)) return undefined;
  const last = (name: string) => name.split('::').at(-1) ?? '';
  const near = nearest(last(typeName), TYPE_NAMES.map(last), MISSPELT_LETTERS.ofName);
  return (
    nearest(typeName, TYPE_NAMES, MISSPELT_LETTERS.ofType) ?? TYPE_NAMES.find((name) => last(name) === near)
  );
}
