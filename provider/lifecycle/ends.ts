/** The ends of an object, apart from the plans: a first Create loads these few lines, and no plan. */
import type { EndRules, ObjectRecord, OwnerRecord } from '../ledger/index.ts';
import type { RawProperties, RemoteObject } from './resource-type.ts';

/** The end of an object. */
export type End = 'delete' | 'retain' | 'put back';

/** Undoing goes by the adoption, also of an object that kept its origin `created` within its stack. */
export const undoingOf = ({ record }: RemoteObject): End => (record?.adoption ? 'put back' : 'delete');

/** A replacement that was taken back made it, or its Delete failed: a later request removes it. */
export const isLeftOver = ({ objects }: OwnerRecord, { kind, id }: Pick<ObjectRecord, 'kind' | 'id'>) =>
  objects.some((object) => object.leftover && object.kind === kind && object.id === id);

const RULES = ['OnDelete', 'DeletionGuard'];
/** Characters of a rule that is kept. Every valid one is shorter. */
const LONGEST_RULE = 32;

/** The properties that say how an object ends. */
export const endRulesOf = (properties: RawProperties): EndRules =>
  Object.fromEntries(
    RULES.flatMap((name) => {
      const value = properties[name];
      return typeof value === 'string' && value.length <= LONGEST_RULE ? [[name, value]] : [];
    }),
  );

/** Properties with the rules of another object. */
export const withEndRules = (properties: RawProperties, rules: EndRules): RawProperties => ({
  ...Object.fromEntries(Object.entries(properties).filter(([name]) => !RULES.includes(name))),
  ...rules,
});
