import { fingerprint } from '../runtime/canonical.ts';

/**
 * The ledger's items. Nothing in them is secret: an applied form is kept as its fingerprint, and the
 * configuration of an adopted object is sealed.
 */

/** A logical resource of a stack, which may own objects. */
export interface Owner {
  stackId: string;
  logicalId: string;
}

/** One write to Genesys Cloud that makes something, noted before it is sent; or one adoption. */
export interface Step {
  /** The kind of thing: `credential`, `integration`, `action`, `key-configuration`. */
  kind: string;
  state: 'intended' | 'made' | 'undone';
  /**
   * Facts, such as a unique name, that find the thing when the outcome of its write is unknown, or that undo
   * it.
   */
  marker: Record<string, string>;
  /** The id in Genesys Cloud, once it is known. */
  id?: string;
  /** The name that the thing will go by, where the logical resource keeps it: see NameRecord. */
  claim?: string;
  /** The object was there before. Undoing puts it back. */
  adopted?: true;
}

/**
 * One request (StackId + RequestId), from before its first write until it is forgotten after a week.
 *
 *     begin            succeed                 the answer was taken
 *       │                 │                             │
 *       ▼                 ▼                             ▼
 *     running ───────▶ succeeded ──────────────────▶ closed    a repeat is owed nothing
 *       │ │                                             ▲
 *       │ └─ fail ──▶ failed ───────────────────────────┘      a repeat fails again
 *       │               │
 *       └──── undo ─────┴──▶ undone                            a repeat is superseded
 *
 * A repeat of a succeeded attempt gets the same answer. One of a running attempt waits for the end of the
 * lease.
 */
export interface Attempt extends Owner {
  requestId: string;
  requestType: string;
  resourceType: string;
  state: 'running' | 'succeeded' | 'failed' | 'closed' | 'undone';
  lease: Lease;
  /**
   * A newer request of the same logical resource has begun: the invocation that works on this one undoes its
   * steps.
   */
  cancelled?: boolean;
  /** The organization of the first call. */
  organization?: string;
  steps: Step[];
  /** The answer of a succeeded attempt. */
  answer?: { physicalId: string; data: Record<string, string> };
  /** The time at which CloudFormation took the answer, in milliseconds since the epoch. */
  closedAt?: number;
  /** The reason of a failed attempt. */
  reason?: string;
}

/**
 * The right of one invocation to work on an attempt. It is not renewed: it lasts until Lambda has killed that
 * invocation, so that two never work on the same attempt.
 *
 *     A: begin ── intend ── make ──╳ dies                      │ until (A is dead by now)
 *     B, a twin:       waits a second, looks, waits, looks …   │ takes the attempt up, from A's steps
 */
export interface Lease {
  holder: string;
  /** Milliseconds since the epoch. */
  until: number;
}

export const leaseIsOver = ({ until }: Lease, now: number) => until <= now;

/** Whether an invocation works on an attempt at this moment, or may do so. */
export const isAtWork = ({ state, lease }: Attempt, now: number) =>
  state === 'running' && !leaseIsOver(lease, now);

/** Whether an attempt was undone, or is to be undone by whoever works on it. */
export const isTakenBack = ({ state, cancelled }: Attempt) => state === 'undone' || cancelled === true;

/** Steps whose work is there still, or may be. */
export const standing = (steps: readonly Step[]) => steps.filter(({ state }) => state !== 'undone');

/** An object in Genesys Cloud. An object without a record is owned by nobody. */
export interface ObjectRecord {
  kind: string;
  id: string;
  organization: string;
  owner: Owner;
  /** The way in which it came to its stack; the default of `OnDelete` follows it. */
  origin: 'created' | 'adopted' | 'taken-over';
  /**
   * The adoption of an object that was there before. Undoing puts such an object back, and deletes any other.
   */
  adoption?: Adoption;
  createdAt: number;
  /** The last two applied forms, newest first; empty until a request succeeded. */
  applied: Form[];
  /** A write was begun and not finished, so the object may differ from its newest form. */
  dirty: boolean;
  /** Fingerprint of the properties that cannot change in place. */
  identity: string;
  attributes: Record<string, string>;
  /** Facts that the resource type needs later: ids of parts, or the state before a takeover. */
  details: Record<string, string>;
  /** Names that the logical resource keeps for it; two while it is renamed. */
  claims?: string[];
  /**
   * The newest form that a request failed with before it wrote anything: going back from it needs no write.
   */
  refused?: Form;
  /**
   * When the object was found to be gone, in milliseconds since the epoch: calls answered 404, and no list
   * showed it. Nobody saw its deletion, so its record stays, and a clean-up does not delete it if it is seen
   * again.
   */
  believedGoneAt?: number;
}

/** A name of which a place has one, kept for a logical resource from before its object is made. */
export interface NameRecord {
  /** Place and name. */
  name: string;
  owner: Owner;
}

/** The way of an object to the owner that has adopted it, and back. */
export interface Adoption {
  /** The request that adopted it. */
  requestId: string;
  /** Its configuration of before, sealed: a configuration made by hand may hold a secret. */
  before: string;
  /** A rollback has begun to put it back. */
  rollback?: 'begun';
  /** The stack was seen complete after the adoption, so no rollback undoes it any more. */
  isFinal?: true;
  /** The record of its former owner; missing where it had none. */
  previous?: ObjectRecord;
}

/** The fingerprints of the properties that were applied, and that of the `Nonce` beside them. */
export interface Form {
  /** Of the properties with their types, in one spelling. */
  fingerprint: string;
  /** Of the properties as CloudFormation sent them. */
  raw?: string;
  /** The things outside of the template that the properties named, sealed: a rollback needs them again. */
  outside?: string;
  nonce?: string;
}

/** A logical resource, with its objects and the order of its requests. */
export interface OwnerRecord extends Owner {
  /**
   * The objects that it owns: two while a replacement waits for its clean-up. A later request removes an
   * object that is left over, because its replacement was taken back or its Delete failed.
   */
  objects: { kind: string; id: string; organization: string; leftover?: boolean }[];
  /** Signing date of the newest request, in milliseconds since the epoch. */
  newestSignedAt?: number;
  /** RequestId of the request that an invocation works on. */
  current?: string;
  /** RequestId of the newest Create, until CloudFormation names an object of its own. */
  newestCreate?: string;
  /** The object that the last Create or Update answered, and when. */
  answered?: { id: string; at: number };
  /** RequestIds of replacements that were begun, and neither finished nor undone. */
  unfinished: string[];
}

/** A lock, held until that time, in milliseconds since the epoch. */
export interface Lock {
  until: number;
}

export const lockIsFree = (lock: Lock | undefined, now: number) => lock === undefined || lock.until <= now;

export const attemptKey = (stackId: string, requestId: string) => `ATTEMPT#${stackId}#${requestId}`;
export const objectKey = (kind: string, id: string) => `OBJECT#${kind}#${id}`;
export const ownerKey = ({ stackId, logicalId }: Owner) => `OWNER#${stackId}#${logicalId}`;
/** By digest: a name may be longer than a key of the table. */
export const nameKey = (name: string) => `NAME#${fingerprint(name)}`;
export const lockKey = (name: string) => `LOCK#${name}`;

export const sameOwner = (a: Owner, b: Owner) => a.stackId === b.stackId && a.logicalId === b.logicalId;

/** An owner in words: `Action of stack orders (arn:…)`. */
export const describeOwner = ({ stackId, logicalId }: Owner) =>
  `${logicalId} of stack ${stackId.split('/')[1] ?? stackId} (${stackId})`;

const WEEK_SECONDS = 7 * 24 * 3600;

/** The time at which DynamoDB may forget an attempt, in seconds since the epoch. */
export const attemptExpiry = (now: number) => Math.floor(now / 1000) + WEEK_SECONDS;
