/** The ledger's items. Nothing in them is secret: what was applied is kept as a fingerprint. */

/** A logical resource of a stack: who may own an object. */
export interface Owner {
  stackId: string;
  logicalId: string;
}

/** One write to Genesys Cloud that makes something, noted before it is sent. */
export interface Step {
  /** What it makes: `credential`, `integration`, `action`, `key-configuration`. */
  kind: string;
  state: 'intended' | 'made' | 'undone';
  /** Finds the thing again when the call's outcome is unknown (a unique name, …) or undoes it. */
  marker: Record<string, string>;
  /** The id in Genesys Cloud, once known. */
  id?: string;
  /** It was there before and was taken over: undoing puts it back. */
  adopted?: true;
}

/** One request (StackId + RequestId), from before its first write until it is forgotten. */
export interface Attempt extends Owner {
  requestId: string;
  requestType: string;
  resourceType: string;
  /**
   * running: somebody works on it until the lease ends; succeeded: `answer` is what was, or has to be, answered;
   * failed: answered FAILED, or about to be, with `reason`; closed: CloudFormation took the answer; undone: what it made is gone.
   */
  state: 'running' | 'succeeded' | 'failed' | 'closed' | 'undone';
  /** Who works on it, and until when (milliseconds since the epoch; Lambda has killed it by then). */
  lease: { holder: string; until: number };
  /** CloudFormation gave up: whoever still works on it undoes what it made. */
  cancelled?: boolean;
  /** The organization of the first call. */
  organization?: string;
  steps: Step[];
  answer?: { physicalId: string; data: Record<string, string> };
  /** When CloudFormation took the answer, milliseconds since the epoch. */
  closedAt?: number;
  reason?: string;
}

/** An object in Genesys Cloud. No item: owned by nobody. */
export interface ObjectRecord {
  kind: string;
  id: string;
  organization: string;
  owner: Owner;
  /** How it came to its stack: the default of `OnDelete` follows it. */
  origin: 'created' | 'adopted' | 'taken-over';
  /** There where its owner has adopted it: undoing puts it back then, and else deletes it. */
  adoption?: Adoption;
  createdAt: number;
  /** Fingerprints of the last two applied forms, newest first; empty until a request succeeded. */
  applied: Form[];
  /** A write was begun and not finished. */
  dirty: boolean;
  /** Fingerprint of the properties that cannot change in place. */
  identity: string;
  attributes: Record<string, string>;
  /** What the resource type has to know later: ids of parts, what was there before. */
  details: Record<string, string>;
}

/** How an object was before its owner adopted it. */
export interface Adoption {
  /** The request that adopted it. */
  requestId: string;
  /** Its configuration, sealed: what somebody has made by hand may hold a secret. */
  before: string;
  /** A rollback has begun to put it back; or whether one has, could not be asked: then it is not deleted. */
  rollback?: 'begun' | 'unknown';
  /** The record of who owned it; missing where nobody did. */
  previous?: ObjectRecord;
}

/** What was applied: the fingerprint of the properties and the `Nonce` beside them. */
export interface Form {
  fingerprint: string;
  nonce?: string;
}

/** What is known of a logical resource. */
export interface OwnerRecord extends Owner {
  /**
   * Keys of the objects that it owns; two while a replacement waits for its clean-up. `leftover`: made by a
   * replacement that was taken back, or its Delete failed; a later request removes it.
   */
  objects: { kind: string; id: string; organization: string; leftover?: boolean }[];
  /** Signing date of the newest request begun, milliseconds since the epoch. */
  newestSignedAt?: number;
  /** RequestId of the request that is being worked on. */
  current?: string;
  /** RequestId of the newest Create begun, until CloudFormation names an object of its own. */
  newestCreate?: string;
  /** The object that a Create or Update answered last, and when. */
  answered?: { id: string; at: number };
  /** RequestIds of replacements that were begun and neither finished nor undone. */
  unfinished: string[];
}

/** Held until then (milliseconds since the epoch); `noted`: see Unlocked.note. */
export interface Lock {
  until: number;
  noted?: string;
}

export const attemptKey = (stackId: string, requestId: string) => `ATTEMPT#${stackId}#${requestId}`;
export const objectKey = (kind: string, id: string) => `OBJECT#${kind}#${id}`;
export const ownerKey = ({ stackId, logicalId }: Owner) => `OWNER#${stackId}#${logicalId}`;
export const lockKey = (name: string) => `LOCK#${name}`;

export const sameOwner = (a: Owner, b: Owner) => a.stackId === b.stackId && a.logicalId === b.logicalId;

/** As a person would say it: `Action of stack orders (arn:…)`. */
export const describeOwner = ({ stackId, logicalId }: Owner) =>
  `${logicalId} of stack ${stackId.split('/')[1] ?? stackId} (${stackId})`;
