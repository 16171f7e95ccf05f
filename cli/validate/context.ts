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
