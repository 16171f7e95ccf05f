import * as z from 'zod/mini';
import { RefusedError } from '../../common/errors.ts';
import { describeOwner, type ObjectRecord, type Owner, sameOwner } from '../ledger/index.ts';
import { choice, flag, text } from '../properties/index.ts';
import { placeOf } from '../runtime/stack-names.ts';
import { type Operation, ownerOf, stepOf } from './operation.ts';
import type { AdoptionRules } from './resource-type.ts';
import { readSoon } from './waiting.ts';

/** Properties of the types whose objects can be taken over, and left behind. */
export const adoptionProperties = {
  /** Whether an object of this name that is there is taken over instead of making one. */
  AdoptExisting: z.optional(flag()),
  /** The id of the one to take over. */
  ExistingId: z.optional(text({ max: 256 })),
  OnDelete: z.optional(choice('Delete', 'Retain')),
};

/** Those of them that are no part of the applied form. Another `ExistingId` is: it means another object. */
export const NOT_APPLIED = ['AdoptExisting', 'OnDelete'] as const;

export interface AdoptionProperties {
  AdoptExisting?: boolean | undefined;
  ExistingId?: string | undefined;
}

/** How these properties speak when they are raw. */
export const adoptionRules: Omit<AdoptionRules, 'putBack'> = {
  saysAdopted: (properties) =>
    String(properties['AdoptExisting']) === 'true' || properties['ExistingId'] !== undefined,
  namedId: ({ ExistingId }) => (typeof ExistingId === 'string' ? ExistingId : undefined),
  wantedEnd: ({ OnDelete }) =>
    OnDelete === undefined ? undefined : OnDelete === 'Delete' ? 'delete' : 'retain',
};

/** Either an id, or the name. */
export const eitherOfBoth = <P extends AdoptionProperties>() =>
  z.refine<P>(({ AdoptExisting, ExistingId }) => AdoptExisting !== true || ExistingId === undefined, {
    path: ['ExistingId'],
    message: 'names the one to take over: leave AdoptExisting out',
  });

/** Where to look for the object to take over. */
export interface Candidates<T> {
  kind: string;
  /** As a person calls it: `data action`. */
  noun: string;
  /** The object that a replacement replaces: it is not taken over. */
  predecessorId: string | undefined;
  read(id: string): Promise<T>;
  /** Ids of those that have the name, in the same place. */
  named(): Promise<string[]>;
  /** @throws RefusedError where the object cannot become what the properties say. */
  check(found: T): void | Promise<void>;
}

/**
 * The object to take over; `value` is missing where an earlier delivery of this request has taken it already.
 */
export interface Found<T> {
  id: string;
  value?: T;
  record?: ObjectRecord | undefined;
}

/**
 * The object that a Create has to take over; undefined where it makes one.
 * @throws RefusedError where it must not: it is not there, another's, not unique, or cannot become what is
 * asked for.
 */
export async function findExisting<T>(
  properties: AdoptionProperties,
  candidates: Candidates<T>,
  operation: Operation,
): Promise<Found<T> | undefined> {
  const { kind, noun } = candidates;
  const step = stepOf(operation, kind);
  if (step) return step.adoptedBy !== undefined && step.id !== undefined ? { id: step.id } : undefined;
  const ids = await idsOf(properties, candidates);
  const looked = await Promise.all(
    ids.map(async (id) => {
      const read = await readSoon(() => candidates.read(id), operation);
      return read && { id, value: read[0] };
    }),
  );
  // The list of names goes on showing what was deleted a moment ago.
  const [found, ...others] = looked.filter((one) => one !== undefined);
  if (others.length > 0) {
    const several = [found, ...others].map((one) => one?.id).join(', ');
    throw new RefusedError(
      `Several objects have the name of this ${noun}: ${several}. Say by ExistingId, in place of AdoptExisting, which one is to be taken over.`,
    );
  }
  if (found === undefined) {
    const { ExistingId: id } = properties;
    if (ids.length === 0 || id === undefined) return undefined;
    throw new RefusedError(
      `There is no ${noun} ${id} in the Genesys Cloud organization ${operation.organization.id}. Check ExistingId; to make a new one, leave it out.`,
    );
  }
  await candidates.check(found.value);
  return { ...found, record: await recordOfFree(found.id, candidates, operation) };
}

/** Ids of what the properties want to take over. */
async function idsOf<T>(
  { AdoptExisting = false, ExistingId }: AdoptionProperties,
  { predecessorId, named }: Candidates<T>,
): Promise<string[]> {
  const ids = ExistingId === undefined ? (AdoptExisting ? await named() : []) : [ExistingId];
  // An object that was taken over once and is gone gets another one in its place.
  return ids.filter((id) => id !== predecessorId);
}

/** The record of an object that nobody else lays claim to. @throws RefusedError that names the owner. */
async function recordOfFree<T>(
  id: string,
  { kind, noun }: Candidates<T>,
  operation: Operation,
): Promise<ObjectRecord | undefined> {
  const asking = ownerOf(operation);
  const record = await operation.ledger.object(kind, id, operation.deadline);
  if (record === undefined && operation.settings.otherLedgers && !operation.appliedBefore) {
    throw new RefusedError(
      `The ${noun} ${id} may belong to a stack of another provider, whose ledger this provider does not know (its parameter OtherLedgers). Let the providers share one ledger; then deploy this again.`,
    );
  }
  if (record === undefined || sameOwner(record.owner, asking)) return record;
  if (record.owner.stackId === asking.stackId) {
    // A logical resource may be renamed; but not before its stack is there.
    const status = await operation.aws.stackStatus(asking.stackId, operation.deadline);
    if (status === undefined)
      throw new RefusedError(
        `The ${noun} ${id} belongs to ${record.owner.logicalId} of this stack, and whether the stack rolls back cannot be asked: a rename could not be undone. Let the provider's role ask CloudFormation, or keep the logical id.`,
      );
    if (status !== 'CREATE_IN_PROGRESS') return record;
    throw new RefusedError(
      `The ${noun} ${id} belongs to ${record.owner.logicalId} of this stack: two resources cannot have the same one. Give it another Name or ExistingId.`,
    );
  }
  const owner = await livingOwner(record, operation);
  if (owner === undefined) return record;
  throw new RefusedError(
    `The ${noun} ${id} belongs to ${owner}. Set OnDelete: Retain there, deploy, and remove it there; then deploy this again.`,
  );
}

/**
 * The owner that still has an object, for a reason; undefined where its stack is gone, or has left it behind.
 * A stack that cannot be asked counts as living.
 */
export async function livingOwner(
  { id, owner }: ObjectRecord,
  operation: Operation,
): Promise<string | undefined> {
  const isHeld = isInReach(owner, operation)
    ? await operation.aws.stackHolds(owner, id, operation.deadline)
    : undefined;
  if (isHeld === false) return undefined;
  return `${describeOwner(owner)}${isHeld ? '' : ', and whether that stack still has it cannot be asked'}`;
}

/** Whether a stack is of the provider's account and Region: what is said of others would mean nothing. */
function isInReach({ stackId }: Owner, { request }: Operation): boolean {
  return placeOf(stackId) === placeOf(String(request.properties['ServiceToken']));
}
