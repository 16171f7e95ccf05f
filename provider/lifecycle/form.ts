/**
 * The two fingerprints of what a request wants. The form is everything that is applied: equal forms need no
 * write. The identity is the part that cannot change in place: another identity is a replacement.
 */
import type { Form, ObjectRecord } from '../ledger/index.ts';
import { fingerprintBy } from '../runtime/canonical.ts';
import type { ResourceType } from './resource-type.ts';

type RawProperties = Record<string, unknown>;
type AnyType = Pick<ResourceType<unknown>, 'replacement' | 'defaults' | 'resolvedFrom' | 'notApplied'>;

/** Version of the rules below. A change of a rule needs a new version, and a new format of the ledger. */
const RULES_VERSION = 1;
const fingerprint = (value: unknown) => fingerprintBy(RULES_VERSION, value);

/** Properties of every type that steer the protocol and are applied to nothing. */
const PROTOCOL_PROPERTIES = ['ServiceToken', 'ServiceTimeout', 'Nonce'];

/** The form that raw properties ask for, as CloudFormation sent them. */
export function formOf(type: AnyType, properties: RawProperties): Form {
  const left = [...PROTOCOL_PROPERTIES, ...(type.notApplied ?? [])];
  const applied = Object.entries(properties).filter(([name]) => !left.includes(name));
  const nonce = properties['Nonce'];
  return {
    fingerprint: fingerprint(Object.fromEntries(applied)),
    ...(nonce === undefined ? {} : { nonce: fingerprint(nonce) }),
  };
}

export const sameForm = (a: Form | undefined, b: Form) =>
  a !== undefined && a.fingerprint === b.fingerprint && a.nonce === b.nonce;

/** Whether an object had this form, now or before; the `Nonce` beside it does not count. */
export const wasApplied = (record: ObjectRecord | undefined, form: Form) =>
  record?.applied.some((applied) => applied.fingerprint === form.fingerprint) ?? false;

/** The last two forms, newest first. */
export const withForm = (applied: readonly Form[], form: Form): Form[] =>
  [form, ...applied.filter((other) => other.fingerprint !== form.fingerprint)].slice(0, 2);

/** The identity of typed properties. A default counts as absent: writing it out changes nothing. */
export const identityOf = (type: AnyType, properties: unknown): string =>
  fingerprint(type.replacement.map((name) => fixedValue(type, properties as RawProperties, name)));

/** Whether typed properties describe the object that a record is about, as far as it cannot change. */
export function hasIdentity(type: AnyType, properties: unknown, { identity }: ObjectRecord): boolean {
  if (identity === identityOf(type, properties)) return true;
  const writtenOut = type.replacement.map(
    (name) => fixedValue(type, properties as RawProperties, name) ?? type.defaults?.[name as string] ?? null,
  );
  return identity === fingerprint(writtenOut);
}

/** The identity of properties that no longer parse, by their text and by the text of what they refer to. */
export const rawIdentityOf = (type: AnyType, properties: RawProperties): string =>
  fingerprint(
    [...type.replacement, ...(type.resolvedFrom ?? [])].map((name) => fixedValue(type, properties, name)),
  );

function fixedValue(type: AnyType, properties: RawProperties, name: string): unknown {
  const value = properties[name] ?? null;
  return value === type.defaults?.[name] ? null : value;
}
