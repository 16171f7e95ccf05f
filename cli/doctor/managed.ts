/** The objects of the ledger beside what Genesys Cloud lists, and the form that was applied last. */
import { isPlainObject } from '../../common/objects.ts';
import { MissingPermissionError } from '../../provider/genesys/index.ts';
import type { ObjectRecord } from '../../provider/ledger/index.ts';
import { sealedFor } from '../../provider/lifecycle/operation.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { unseal } from '../../provider/runtime/sealing.ts';
import { isDenied } from './aws.ts';
import type { Facts } from './facts.ts';
import { type Fact, factOf, NotLookedAtError, needs } from './outcome.ts';

/** An object that a stack owns. */
export interface Managed {
  record: ObjectRecord;
  /** `<stack>/<logical id>` */
  name: string;
  /** As Genesys Cloud lists it; undefined where no list shows it. */
  listed: Record<string, unknown> | undefined;
}

const known = new WeakMap<Facts, Map<string, Fact<Managed[]>>>();

/** The objects of a kind that stacks own in the organization. @throws NotLookedAtError */
export function managed(facts: Facts, kind: string): Promise<Managed[]> {
  const ofRun = known.get(facts) ?? new Map<string, Fact<Managed[]>>();
  known.set(facts, ofRun);
  const fact = ofRun.get(kind) ?? factOf('managed-objects', () => read(kind, facts));
  ofRun.set(kind, fact);
  return fact();
}

async function read(kind: string, facts: Facts): Promise<Managed[]> {
  const type = resourceTypes.find((one) => one.kind === kind);
  const { id: organization } = await facts.organization();
  const { objects } = await facts.ledger();
  const records = objects.filter(
    (record) =>
      record.kind === kind && record.organization === organization && record.believedGoneAt === undefined,
  );
  if (records.length === 0 || type === undefined) return [];
  const looking = { session: await facts.session(), aws: facts.services, deadline: facts.deadline };
  const listed = new Map<string, Record<string, unknown>>();
  try {
    for await (const one of type.drift.list(looking)) {
      if (isPlainObject(one) && typeof one['id'] === 'string') listed.set(one['id'], one);
    }
  } catch (error) {
    if (error instanceof MissingPermissionError) throw new NotLookedAtError('other-fault', 'see permissions');
    throw error;
  }
  return records.map((record) => ({
    record,
    name: `${record.owner.stackId.split('/')[1] ?? record.owner.stackId}/${record.owner.logicalId}`,
    listed: listed.get(record.id),
  }));
}

/** The properties that were applied last; undefined where the ledger has none. @throws NotLookedAtError */
export async function propertiesOf(
  { record }: Managed,
  facts: Facts,
): Promise<Record<string, unknown> | undefined> {
  const sealed = record.applied[0]?.typed;
  if (sealed === undefined) return undefined;
  const of = sealedFor(record.organization, record.kind, record.id);
  try {
    const text = await unseal({ aws: facts.services }, sealed, of, facts.deadline);
    const properties: unknown = JSON.parse(text ?? 'null');
    return isPlainObject(properties) ? properties : undefined;
  } catch (error) {
    if (isDenied(error)) throw needs('secretsmanager:GetSecretValue of the secret that seals the ledger');
    throw new NotLookedAtError('other-fault', 'see sealing-secret');
  }
}
