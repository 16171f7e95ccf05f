/** Decides from the items of the ledger who may work on a request. Makes no call and reads no clock. */
import type { OpenAttempt } from './attempt.ts';
import type { Beginning } from './owner-record.ts';
import {
  type Attempt,
  isAtWork,
  isTakenBack,
  type Owner,
  type OwnerRecord,
  requestIdOf,
  type Step,
  type Success,
} from './records.ts';
import type { Versioned } from './store.ts';

/** The part of a custom-resource request that the ledger needs. */
export interface LedgerRequest extends Owner, Beginning {
  type: 'Create' | 'Update' | 'Delete';
  resourceType: string;
  physicalId?: string;
  /** Fingerprint of everything that the event asks for. */
  content: string;
}

export type Known =
  /** It succeeded before; the answer did not arrive. */
  | { verdict: 'replay'; answer: Success }
  /** CloudFormation took the answer. */
  | { verdict: 'closed' }
  /** CloudFormation has sent the request again since, and waits at another ResponseURL. */
  | { verdict: 'sent again' };

export type Begun =
  | Known
  /** This invocation works on it. Steps of an earlier invocation may be there. */
  | { verdict: 'go'; attempt: OpenAttempt; owner: OwnerRecord }
  /** It was answered FAILED, or was about to be. */
  | { verdict: 'failed'; steps: Step[]; reason: string }
  /** A newer request of the same logical resource has begun, or this one was undone. */
  | { verdict: 'superseded' };

/** Another delivery of the same request is at work: it may make something. */
export interface TwinAtWork {
  verdict: 'twin at work';
}

/** The items of a request in the ledger. */
export interface Found {
  attempt?: Versioned<Attempt> | undefined;
  owner?: Versioned<OwnerRecord> | undefined;
  /** The generation before this one, where no other request of the logical resource has begun since. */
  before?: Versioned<Attempt> | undefined;
}

/**
 * The verdict on a request that this invocation need not, or must not, work on; undefined for one that it
 * takes up.
 */
export function verdictWithoutWork(
  found: Found,
  request: LedgerRequest,
  now: number,
): Exclude<Begun, { verdict: 'go' }> | TwinAtWork | undefined {
  const known = knownOf(found, request);
  if (known) return known;
  const attempt = found.attempt?.body;
  if (attempt?.state === 'failed')
    return { verdict: 'failed', steps: attempt.steps, reason: attempt.reason ?? 'The request failed.' };
  if (attempt && isTakenBack(attempt)) return { verdict: 'superseded' };
  if (attempt && isAtWork(attempt, now)) return { verdict: 'twin at work' };
  const owner = found.owner?.body;
  const isLate = isSupersededByNewer(request, owner) || isOvertaken(request, attempt, owner);
  return isLate ? { verdict: 'superseded' } : undefined;
}

/** The verdict on a request whose end is known, or for whose answer nobody waits any more. */
export function knownOf({ attempt: read, owner }: Found, request: LedgerRequest): Known | undefined {
  const attempt = read?.body;
  if (isEarlierGeneration(attempt, owner?.body, request)) return { verdict: 'sent again' };
  if (attempt?.state === 'closed') return { verdict: 'closed' };
  if (attempt?.state === 'succeeded' && attempt.answer) return { verdict: 'replay', answer: attempt.answer };
  return undefined;
}

/** Ids of the other generations of a request that have left something to undo. */
export const unfinishedGenerations = (owner: OwnerRecord | undefined, attemptId: string): string[] => {
  const requestId = requestIdOf(attemptId);
  return (owner?.unfinished ?? []).filter((other) => other !== attemptId && requestIdOf(other) === requestId);
};

/**
 * Whether CloudFormation has sent this request again since. A ResponseURL that the ledger does not know is an
 * earlier one only where its date says so.
 */
function isEarlierGeneration(
  attempt: Attempt | undefined,
  owner: OwnerRecord | undefined,
  { requestId, attemptId, signedAt }: LedgerRequest,
): boolean {
  if (attempt?.cancelledBy === requestId) return true;
  const newest = owner?.newest;
  if (newest?.requestId !== requestId || newest.attemptId === attemptId) return false;
  return attempt !== undefined || isSignedBefore(signedAt, newest.signedAt);
}

/**
 * Whether a newer request of the same logical resource has begun. A Delete is never superseded: somebody has
 * to clean up.
 */
const isSupersededByNewer = ({ type, signedAt }: LedgerRequest, owner: OwnerRecord | undefined) =>
  type !== 'Delete' && isSignedBefore(signedAt, owner?.newestSignedAt);

/**
 * Whether a request is the one that the newest request has overtaken. A later date shows a new deployment
 * with the same properties.
 */
function isOvertaken(
  { type, wanted, wantedBefore, signedAt }: LedgerRequest,
  attempt: Attempt | undefined,
  owner: OwnerRecord | undefined,
): boolean {
  const overtaken = owner?.overtaken;
  if (overtaken === undefined || attempt !== undefined || type === 'Delete' || signedAt === undefined)
    return false;
  return (
    signedAt <= overtaken.signedAt && wanted === overtaken.wanted && wantedBefore === overtaken.wantedBefore
  );
}

/** The clocks of those who sign ResponseURLs may differ by so much. */
const SIGNERS_DIFFER_MILLISECONDS = 5_000;

/** Dates that are close, or missing, show no order. */
const isSignedBefore = (signedAt: number | undefined, newest: number | undefined) =>
  signedAt !== undefined && newest !== undefined && signedAt + SIGNERS_DIFFER_MILLISECONDS < newest;
