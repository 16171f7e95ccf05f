/**
 * The two fingerprints of what a request wants. The form is everything that is applied: equal forms need no
 * write. The identity is the part that cannot change in place: another identity is a replacement.
 */
import { fingerprintBy } from '../../common/canonical-json.ts';
import { isDeeper } from '../../common/objects.ts';
import { type Form, type ObjectRecord, sameProperties } from '../ledger/index.ts';
import { invalidProperty, PropertyError, parseProperties, untyped } from '../properties/index.ts';
import type { ResourceType } from './resource-type.ts';

type RawProperties = Record<string, unknown>;
type AnyType = Pick<ResourceType<unknown>, 'replacement' | 'defaults' | 'resolvedFrom' | 'notApplied'>;
type ParsedType = AnyType & Pick<ResourceType<unknown>, 'schema' | 'canonical'>;

const MOST_LEVELS = 500;

/** Version of the rules below. A change of a rule needs a new version, and a new format of the ledger. */
const RULES_VERSION = 1;
const fingerprint = (value: unknown) => fingerprintBy(RULES_VERSION, value);

/** Properties of every type that steer the protocol and are applied to nothing. */
const PROTOCOL_PROPERTIES = ['ServiceToken', 'ServiceTimeout', 'Nonce'];

/** The form that raw properties ask for, as CloudFormation sent them. */
export function formOf(type: ParsedType, properties: RawProperties): Form {
  refuseDeep(properties);
  const raw = fingerprint(applied(type, properties));
  const nonce = properties['Nonce'];
  return {
    fingerprint: typedFingerprint(type, properties) ?? raw,
    raw,
    ...(nonce === undefined ? {} : { nonce: fingerprint(nonce) }),
  };
}

/** No property that parses is as deep, and a fingerprint needs stack for each level. @throws PropertyError */
function refuseDeep(properties: RawProperties): void {
  for (const [name, value] of Object.entries(properties))
    if (isDeeper(value, MOST_LEVELS)) throw invalidProperty(name, 'is nested too deeply');
}

/** Undefined for properties that do not parse. */
function typedFingerprint(type: ParsedType, properties: RawProperties): string | undefined {
  try {
    const typed = parseProperties(type.schema, properties, { references: 'accepted' });
    return fingerprint(applied(type, (type.canonical?.(typed) ?? typed) as RawProperties));
  } catch (error) {
    if (error instanceof PropertyError) return undefined;
    throw error;
  }
}

function applied(type: AnyType, properties: RawProperties): RawProperties {
  const left = [...PROTOCOL_PROPERTIES, ...(type.notApplied ?? [])];
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !left.includes(name)));
}

/** Whether an object had this form, now or before; the `Nonce` beside it does not count. */
export const wasApplied = (record: ObjectRecord | undefined, form: Form) =>
  appliedLike([record], form) !== undefined;

/** A form of before that is equal to the wanted one, and the object that had it. */
export function appliedLike(
  records: readonly (ObjectRecord | undefined)[],
  form: Form,
): { record: ObjectRecord; form: Form } | undefined {
  for (const record of records) {
    const like = record?.applied.find((one) => sameProperties(one, form));
    if (record && like) return { record, form: like };
  }
  return undefined;
}

/** The last two forms, newest first. An equal one of before has kept the same texts sealed. */
export function withForm(applied: readonly Form[], form: Form): Form[] {
  const { outside, typed } = applied.find((other) => sameProperties(other, form)) ?? {};
  const kept = { ...(outside === undefined ? {} : { outside }), ...(typed === undefined ? {} : { typed }) };
  return [{ ...kept, ...form }, ...applied.filter((other) => !sameProperties(other, form))].slice(0, 2);
}

/**
 * The identity of typed properties. A default counts as absent: writing it out changes nothing. The types of
 * scalars do not count: CloudFormation has lost them, and an author may write a contract anew without them.
 */
export const identityOf = (type: AnyType, properties: unknown): string =>
  fingerprint(untyped(type.replacement.map((name) => fixedValue(type, properties as RawProperties, name))));

/** Whether typed properties describe the object that a record is about, as far as it cannot change. */
export function hasIdentity(type: AnyType, properties: unknown, { identity }: ObjectRecord): boolean {
  if (identity === identityOf(type, properties)) return true;
  const writtenOut = type.replacement.map(
    (name) => fixedValue(type, properties as RawProperties, name) ?? type.defaults?.[name as string] ?? null,
  );
  return identity === fingerprint(untyped(writtenOut));
}

/** The identity of properties that no longer parse, by their text and by the text of what they refer to. */
export const rawIdentityOf = (type: AnyType, properties: RawProperties): string =>
  fingerprint(
    untyped(
      [...type.replacement, ...(type.resolvedFrom ?? [])].map((name) => fixedValue(type, properties, name)),
    ),
  );

function fixedValue(type: AnyType, properties: RawProperties, name: string): unknown {
  const value = properties[name] ?? null;
  return value === type.defaults?.[name] ? null : value;
}
