import { fingerprint } from '../../common/canonical-json.ts';

/**
 * The ledger's items. Nothing in them is secret: an applied form is kept as its fingerprint and sealed, and
 * the configuration of an adopted object is sealed.
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
  /** The object was there before, and the attempt of this id has adopted it. Undoing puts it back. */
  adoptedBy?: string;
}

/**
 * One generation of a request, from before its first write until it is forgotten after a week. It is kept for
 * longer while the attempt has failed and a step is not undone. CloudFormation sends a request in a new
 * generation when a deployment is tried again: with the same RequestId and a new ResponseURL (aws/aws-cdk
 * issue 35957).
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
 * lease. All this holds for the newest generation. A repeat of an earlier one does nothing and answers
 * nothing, because CloudFormation waits for the newest one.
 */
export interface Attempt extends Owner {
  /** The RequestId and a digest of the ResponseURL: `<RequestId>/<16 hex digits>`. */
  attemptId: string;
  requestId: string;
  requestType: string;
  resourceType: string;
  /** Signing date of the ResponseURL, in milliseconds since the epoch. */
  signedAt?: number;
  /** Fingerprint of everything that the event asks for. */
  content: string;
  state: 'running' | 'succeeded' | 'failed' | 'closed' | 'undone';
  lease: Lease;
  /**
   * RequestId of the newer request that gives this one up: the invocation that works on this one undoes its
   * steps. It is the same RequestId where a newer generation has begun.
   */
  cancelledBy?: string;
  /** The organization of the first call. */
  organization?: string;
  steps: Step[];
  answer?: Success;
  /** The time at which CloudFormation took the answer, in milliseconds since the epoch. */
  closedAt?: number;
  /** The reason of a failed attempt. */
  reason?: string;
}

/** The answer of a succeeded attempt. */
export interface Success {
  physicalId: string;
  data: Record<string, string>;
  /** The object that the answer names, in its form of then; missing for a Delete. */
  object?: { kind: string; form: Form };
}

/** The answer of an attempt that succeeded; undefined for one that did not, or was undone since. */
export const successOf = ({ state, answer }: Attempt): Success | undefined =>
  state === 'succeeded' || state === 'closed' ? answer : undefined;

/**
 * The right of one invocation to work on an attempt. Every write of the attempt renews it. Where none came
 * for 5 s, a write of its own does.
 *
 *     s   0      5           18  20        25                 40
 *         │      │            │   │         │                  │
 *     A:  write ─╳ dies, or cannot reach the table             │
 *         │      │            │   └ until   │                  │
 *         │      │            └ calls in flight are aborted    │
 *         │      └ a call of up to 12 s begins at 6 s at the latest
 *     B:  looks once a second ───────────── └ takes over       └ has looked for unique names
 *
 * B looks for unfinished objects for longer than the index lags behind (15 s).
 *
 * So no call of A begins or goes on while B works, even if their clocks are 5 s apart or A was only slow. If
 * nobody takes over, A goes on with its next call as soon as it can renew its lease again.
 */
export interface Lease {
  holder: string;
  /** Milliseconds since the epoch. */
  until: number;
}

export const LEASE_MILLISECONDS = 20_000;
/** A lease is renewed when this much of it has passed. */
export const RENEW_MILLISECONDS = 5_000;
/** Calls end this long before the lease does. */
export const LEASE_MARGIN_MILLISECONDS = 2_000;
/** An invocation that takes an attempt over waits this long beyond its lease, because clocks may differ. */
const TAKE_OVER_MILLISECONDS = 5_000;

/** Whether an invocation works on an attempt at this moment, or may do so. */
export const isAtWork = ({ state, lease }: Attempt, now: number) =>
  state === 'running' && now < lease.until + TAKE_OVER_MILLISECONDS;

/** Whether an attempt was undone, or is to be undone by whoever works on it. */
export const isTakenBack = ({ state, cancelledBy }: Attempt) =>
  state === 'undone' || cancelledBy !== undefined;

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
  /** A stack was seen complete with the object, so no rollback undoes any more how it came there. */
  isFinal?: true;
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
  /** The attempt that adopted it. */
  attemptId: string;
  /** Its configuration of before, sealed: a configuration made by hand may hold a secret. */
  before: string;
  /** A rollback has begun to put it back. */
  rollback?: 'begun';
  /** The record of its former owner; missing where it had none. */
  previous?: ObjectRecord;
}

/** The end that a former owner wants for an object. */
export type FormerEnd = 'delete' | 'retain';

/** The fingerprints of the properties that were applied, and that of the `Nonce` beside them. */
export interface Form {
  /** Of the properties with their types, in one spelling. */
  fingerprint: string;
  /** Of the properties as CloudFormation sent them. */
  raw?: string;
  /** The things outside of the template that the properties named, sealed: a rollback needs them again. */
  outside?: string;
  /**
   * The typed properties, sealed: `drift` compares them with the object. Missing where they found no room,
   * or could not be sealed.
   */
  typed?: string;
  nonce?: string;
}

/**
 * Whether two forms have equal properties, by the typed ones or by the text. A newer version may type a text
 * in another way, and an object must still be able to go back to it.
 */
export const sameProperties = (a: Form, b: Form) =>
  a.fingerprint === b.fingerprint || (a.raw !== undefined && a.raw === b.raw);

export const sameForm = (a: Form | undefined, b: Form | undefined) =>
  a !== undefined && b !== undefined && sameProperties(a, b) && a.nonce === b.nonce;

/** Properties that are applied to nothing, and that a Delete reads: `OnDelete`, `DeletionGuard`. */
export type EndRules = Record<string, string>;

/** A logical resource, with its objects and the order of its requests. */
export interface OwnerRecord extends Owner {
  /**
   * The objects that it owns: two while a replacement waits for its clean-up. A later request removes an
   * object that is left over, because its replacement was taken back or its Delete failed.
   */
  objects: { kind: string; id: string; organization: string; leftover?: boolean }[];
  /** Signing date of the newest request, in milliseconds since the epoch. */
  newestSignedAt?: number;
  /** The request that began last, in its newest generation, and the object that it answered. */
  newest?: { requestId: string; attemptId: string; signedAt?: number; object?: { kind: string; id: string } };
  /** Fingerprint of the properties that the last Create or Update asked for. */
  wanted?: string;
  /** See `Overtaken`. */
  overtaken?: Overtaken;
  /** Id of the attempt that an invocation works on. */
  current?: string;
  /** Id of the attempt of the newest Create, until CloudFormation names an object of its own. */
  newestCreate?: string;
  /**
   * The object that the last Create or Update answered, and when. `by`: id of its attempt, where it was one
   * of this logical resource. `since`: when it became the answer, where that was an earlier request.
   */
  answered?: { id: string; at: number; by?: string; since?: number };
  /**
   * The objects that were the answer before it, newest first, and since when. An update that goes back to one
   * of them takes it off, and all that came after it. `rules`: the properties of then that say how it ends.
   */
  predecessors?: { id: string; since: number; rules?: EndRules }[];
  /** Ids of attempts that sent a write, and neither succeeded nor were undone. */
  unfinished: string[];
  /**
   * Objects that it had and let go: deleted, left behind, or given back to a former owner. A Delete that is
   * repeated names such an object again, and must not touch it. `end`: another logical resource has adopted
   * the object, and this one's Delete has come meanwhile and asked for that end: the object does not come
   * back. `isOver`: a Delete has succeeded since, so no repeat is owed, and the note may be forgotten.
   */
  letGo?: { kind: string; id: string; end?: FormerEnd; isOver?: true }[];
}

/**
 * A Create or Update that CloudFormation has sent, and that the next request has overtaken: its first
 * delivery died before it wrote anything, and Lambda's repeat is still to come. The next request shows that.
 * It is an Update from properties that nobody has asked for yet, or a Delete of an id that CloudFormation
 * invented.
 */
export interface Overtaken {
  /** Signing date of the request that shows it, in milliseconds since the epoch. */
  signedAt: number;
  /** Fingerprint of its properties. */
  wanted: string;
  /** Fingerprint of its old properties; missing for a Create. */
  wantedBefore?: string;
}

/** A lock. It is free as soon as nobody works on the attempt that took it. */
export interface Lock {
  stackId: string;
  attemptId: string;
}

export const attemptKey = (stackId: string, attemptId: string) => `ATTEMPT#${stackId}#${attemptId}`;
export const objectKey = (kind: string, id: string) => `OBJECT#${kind}#${id}`;
export const ownerKey = ({ stackId, logicalId }: Owner) => `OWNER#${stackId}#${logicalId}`;
/** By digest: a name may be longer than a key of the table. */
export const nameKey = (name: string) => `NAME#${fingerprint(name)}`;
export const lockKey = (name: string) => `LOCK#${name}`;

export const sameOwner = (a: Owner, b: Owner) => a.stackId === b.stackId && a.logicalId === b.logicalId;

/** An owner in words: `Action of stack orders (arn:…)`. */
export const describeOwner = ({ stackId, logicalId }: Owner) =>
  `${logicalId} of stack ${stackId.split('/')[1] ?? stackId} (${stackId})`;

/** The RequestId in the id of an attempt. */
export const requestIdOf = (attemptId: string) => attemptId.slice(0, attemptId.lastIndexOf('/'));

const WEEK_SECONDS = 7 * 24 * 3600;

/** The time at which DynamoDB may forget an item that is needed for a week, in seconds since the epoch. */
export const inAWeek = (now: number) => Math.floor(now / 1000) + WEEK_SECONDS;

/**
 * The time at which DynamoDB may forget an attempt, in seconds since the epoch. It is undefined where the
 * attempt did not succeed and a step is not undone, because the request that undoes it may come after a year.
 */
export const attemptExpiry = (attempt: Attempt, now: number): number | undefined =>
  successOf(attempt) === undefined && standing(attempt.steps).length > 0 ? undefined : inAWeek(now);
