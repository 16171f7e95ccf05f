/** Runs work once under its key, however often and at once it is asked for. */
import type { Clock } from '../provider/runtime/clock.ts';
import type { Answer, Reply } from './answer.ts';
import { EndpointError } from './errors.ts';
import type { Identity } from './key.ts';
import type { Claim, RecordStore, StoredRecord } from './store.ts';
import { inTime } from './time.ts';

/** How an attempt ended. */
export type Outcome =
  /** An answer that a repeat shall get too. */
  | { kind: 'answered'; answer: Answer }
  /** Nothing was done, and it is known: the next request is the next attempt. */
  | { kind: 'nothing-done'; answer: Answer }
  /** Nobody knows what was done. `running`: it may still be going on. */
  | { kind: 'unknown'; answer: Answer; running: boolean };

export interface OnceOptions {
  store: RecordStore;
  clock: Clock;
  /** Unique for this invocation. */
  owner: string;
  /**
   * Attempts whose owner begins with `prefix` are dead once they are `afterMs` old: this invocation is another
   * delivery of their event, which comes no earlier after a failure.
   */
  deadOwners?: { prefix: string; afterMs: number };
  onUnknownOutcome: 'Retry' | 'Refuse';
  windowSeconds: number;
  /** How long an attempt is presumed alive, in ms from now. */
  attemptMs: number;
  /** When the caller must have an answer, in ms since the epoch. */
  deadlineMs: number;
  /** Aborted when nobody waits any more: it bounds every call to the table, so that none withholds an answer. */
  signal: AbortSignal;
  /** Told of what went wrong beside the answer. */
  onStoreFailure?: (error: unknown) => void;
}

/** Between two looks at a twin in progress. */
const firstPollMs = 20;
const longestPollMs = 400;

/**
 * @returns the work's answer, or the stored one of an earlier or simultaneous request.
 * @throws EndpointError 422 `PayloadMismatch`; 409 `InProgress` when a twin is still at it when the time is up;
 * 409 `OutcomeUnknown` after a death under Refuse; 503 `IdempotencyUnavailable` when the table cannot be asked,
 * in which case the work was not begun.
 */
export async function once(
  identity: Pick<Identity, 'key' | 'payloadHash'>,
  work: (attempt: number) => Promise<Outcome>,
  options: OnceOptions,
): Promise<Reply> {
  const { clock } = options;
  // Who has waited long and then begins would only leave another attempt unfinished, and answer a repeat with 504.
  const latestStartMs = (clock.now() + options.deadlineMs) / 2;
  for (let round = 0; ; round++) {
    const claim = await claimKey(identity, options);
    if (claim.claimed) return attempt(identity.key, () => work(claim.attempt), options);
    const standing = await settled(identity, claim.record, options);
    if (standing !== undefined) return { answer: JSON.parse(standing) as Answer, replayed: true };
    // The key came free. Others may have waited for it too: who loses it twice no longer runs for it.
    if (clock.now() >= latestStartMs) throw inProgress(claim.record, clock);
    if (round > 0) await clock.sleep(firstPollMs, options.signal);
  }
}

/**
 * Waits until a record of another attempt has an answer. Returns it as JSON, or undefined when the key is free
 * to be claimed.
 */
async function settled(
  identity: Pick<Identity, 'key' | 'payloadHash'>,
  found: StoredRecord,
  options: OnceOptions,
): Promise<string | undefined> {
  const { clock, store } = options;
  let record: StoredRecord | undefined = found;
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.6, longestPollMs)) {
    if (record === undefined) return undefined;
    // Checked on every record, however it was come by: the answer of another payload is nobody's answer.
    if (record.payloadHash !== identity.payloadHash) throw payloadMismatch();
    if (record.status === 'FAILED') return undefined;
    if (record.status === 'COMPLETED' && record.data !== undefined) return record.data;
    const alive = record.inProgressUntilMs >= clock.now() && !isDeadPredecessor(record, options);
    if (!alive) {
      if (options.onUnknownOutcome === 'Refuse') throw outcomeUnknown();
      return undefined;
    }
    // Jitter keeps twins from asking in step.
    const pause = pollMs * (0.5 + Math.random() / 2);
    if (clock.now() + pause >= options.deadlineMs) throw inProgress(record, clock);
    await clock.sleep(pause, options.signal);
    record = await reachable(store.read(identity.key, options.signal), options.signal);
  }
}

async function attempt(key: string, work: () => Promise<Outcome>, options: OnceOptions): Promise<Reply> {
  const outcome = await work();
  const { store, owner, signal } = options;
  const refuses = options.onUnknownOutcome === 'Refuse';
  try {
    if (outcome.kind === 'answered') {
      const other = await inTime(
        store.complete(key, owner, JSON.stringify(outcome.answer), expiry(options), signal),
        signal,
      );
      // Another attempt took over and answered first: its answer is the one that all repeats get.
      if (other?.status === 'COMPLETED' && other.data !== undefined) {
        return { answer: JSON.parse(other.data) as Answer, replayed: true };
      }
    } else if (outcome.kind === 'nothing-done') {
      await inTime(store.release(key, owner, signal), signal);
    } else if (refuses) {
      await inTime(store.abandon(key, owner, signal), signal);
    } else if (!outcome.running) {
      await inTime(store.release(key, owner, signal), signal);
    }
  } catch (error) {
    // The caller gets its answer. Repeats find an attempt in progress, and from its expiry on one that died: with
    // Retry the function runs again, with Refuse it does not.
    options.onStoreFailure?.(error);
  }
  if (outcome.kind === 'unknown' && refuses) {
    return { answer: { ...outcome.answer, requiresRetry: false }, replayed: false };
  }
  return { answer: outcome.answer, replayed: false };
}

async function claimKey(
  identity: Pick<Identity, 'key' | 'payloadHash'>,
  options: OnceOptions,
): Promise<Claim> {
  try {
    return await tryToClaim(identity, options);
  } catch (error) {
    await undone(identity.key, error, options);
    throw error;
  }
}

/**
 * A claim without an answer may have got through. Nothing is done under it, so it is taken back, as far as there is
 * time: it would else pass for an attempt that died, which is never repeated under Refuse.
 */
async function undone(key: string, error: unknown, { store, owner, signal }: OnceOptions): Promise<void> {
  const { $metadata } = ((error as Error).cause ?? {}) as { $metadata?: { httpStatusCode?: number } };
  const refused = ($metadata?.httpStatusCode ?? 500) < 500;
  if (refused || signal.aborted) return;
  await inTime(store.release(key, owner, signal), signal).catch(() => {});
}

function tryToClaim(identity: Pick<Identity, 'key' | 'payloadHash'>, options: OnceOptions): Promise<Claim> {
  const nowMs = options.clock.now();
  return reachable(
    options.store.claim(
      {
        ...identity,
        owner: options.owner,
        nowMs,
        inProgressUntilMs: nowMs + options.attemptMs,
        expiresAtSeconds: expiry(options),
        takeOverTheDead: options.onUnknownOutcome === 'Retry',
        dead:
          options.deadOwners === undefined
            ? undefined
            : { ownerPrefix: options.deadOwners.prefix, beganBeforeMs: nowMs - options.deadOwners.afterMs },
      },
      options.signal,
    ),
    options.signal,
  );
}

/** A record outlives its attempt, whatever the window. */
function expiry({ clock, windowSeconds, attemptMs }: OnceOptions): number {
  return Math.ceil((clock.now() + Math.max(windowSeconds * 1000, attemptMs)) / 1000);
}

function isDeadPredecessor(record: StoredRecord, { deadOwners, clock }: OnceOptions): boolean {
  if (deadOwners === undefined || !record.owner.startsWith(deadOwners.prefix)) return false;
  return clock.now() - record.claimedAtMs >= deadOwners.afterMs;
}

/**
 * What a call to the table gives, in time.
 * @throws EndpointError 503 `IdempotencyUnavailable`.
 */
export async function reachable<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await inTime(call, signal);
  } catch (error) {
    throw new EndpointError(
      503,
      'IdempotencyUnavailable',
      'The idempotency table cannot be reached; nothing was done.',
      { cause: error, retryAfterSeconds: 1 },
    );
  }
}

function payloadMismatch(): EndpointError {
  return new EndpointError(
    422,
    'PayloadMismatch',
    'This request id was used with another payload. A new payload needs a new id.',
  );
}

function inProgress(record: StoredRecord, clock: Clock): EndpointError {
  const left = Math.ceil((record.inProgressUntilMs - clock.now()) / 1000);
  return new EndpointError(409, 'InProgress', 'The same request is being worked on.', {
    requiresRetry: true,
    retryAfterSeconds: Math.min(Math.max(left, 1), 30),
  });
}

function outcomeUnknown(): EndpointError {
  return new EndpointError(
    409,
    'OutcomeUnknown',
    'An earlier attempt ended without an answer, and this endpoint refuses to try again (OnUnknownOutcome: Refuse).',
    { requiresRetry: false },
  );
}
