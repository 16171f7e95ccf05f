/**
 * Runs work once under its key, however many requests ask for it, one after the other or at once.
 *
 * The states of a record. Its attribute `expiration` ends each of them; then the request id is a new one.
 *
 *   claim               answer                                            expiration
 *     |--- INPROGRESS ---|--- COMPLETED: repeats get the stored answer ---|
 *
 *   claim               nothing was done, or Retry after a failure        expiration
 *     |--- INPROGRESS ---|--- FAILED: a repeat runs the next attempt -----|
 *
 *   claim               in_progress_expiration, without any answer        expiration
 *     |--- INPROGRESS ---|--- INPROGRESS, but dead -----------------------|
 *     alive: repeats      Retry: a repeat runs the next attempt
 *     wait                Refuse: repeats get OutcomeUnknown
 */
import type { Clock } from '../common/clock.ts';
import { unlessAborted } from '../common/deadline.ts';
import type { Answer, Reply } from './answer.ts';
import { EndpointError } from './errors.ts';
import type { Identity } from './key.ts';
import type { Claim, RecordStore, StoredRecord } from './store.ts';

/** How an attempt ended. */
export type Outcome =
  /** The work was done or refused; repeats get the same answer. */
  | { kind: 'answered'; answer: Answer }
  /** The work certainly did not begin, so the next request runs the next attempt. */
  | { kind: 'nothing-done'; answer: Answer }
  /** The work may be done in part or in full. With `running` it may still go on. */
  | { kind: 'unknown'; answer: Answer; running: boolean };

export interface OnceOptions {
  store: RecordStore;
  clock: Clock;
  /** Unique for this invocation. */
  owner: string;
  /**
   * Attempts of earlier deliveries of this same event: their owner begins with `prefix`. Lambda delivers an
   * event again only after a failure and a delay, so such an attempt is dead once it is `afterMs` old.
   */
  deadOwners?: { prefix: string; afterMs: number };
  onUnknownOutcome: 'Retry' | 'Refuse';
  windowSeconds: number;
  /** How long an attempt counts as alive, in ms from now. */
  attemptMs: number;
  /** When the caller must have an answer, in ms since the epoch. */
  deadlineMs: number;
  /**
   * Aborts when the caller stops waiting. It bounds every call to the table, so that no call delays the
   * answer.
   */
  signal: AbortSignal;
  /** Called when the answer could not be stored; the caller gets the answer all the same. */
  onStoreFailure?: (error: unknown) => void;
}

/** Pauses between two looks at another attempt in progress. */
const firstPollMs = 20;
const longestPollMs = 400;

/**
 * @returns the answer of the work, or the stored answer of an earlier or simultaneous request.
 * @throws EndpointError 422 `PayloadMismatch`; 409 `InProgress` if another attempt still runs at the
 * deadline; 409 `OutcomeUnknown` with Refuse, after an attempt without an answer; 503
 * `IdempotencyUnavailable` if the table does not answer, and then the work was not begun.
 */
export async function once(
  identity: Pick<Identity, 'key' | 'payloadHash'>,
  work: (attempt: number) => Promise<Outcome>,
  options: OnceOptions,
): Promise<Reply> {
  const { clock } = options;
  // An attempt that begins in the second half of the caller's time would probably not end in it.
  const latestStartMs = (clock.now() + options.deadlineMs) / 2;
  for (let round = 0; ; round++) {
    const claim = await claimKey(identity, options);
    if (claim.claimed) return attempt(identity.key, () => work(claim.attempt), options);
    const standing = await settled(identity, claim.record, options);
    if (standing !== undefined) return { answer: JSON.parse(standing) as Answer, replayed: true };
    // The key is free again. Several requests may have waited for it, so the losers pause before they try
    // again.
    if (clock.now() >= latestStartMs) throw inProgress(claim.record, clock);
    if (round > 0) await clock.sleep(firstPollMs, options.signal);
  }
}

/** Waits for the answer of another attempt. Returns it as JSON, or undefined once the key can be claimed. */
async function settled(
  identity: Pick<Identity, 'key' | 'payloadHash'>,
  found: StoredRecord,
  options: OnceOptions,
): Promise<string | undefined> {
  const { clock, store } = options;
  let record: StoredRecord | undefined = found;
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.6, longestPollMs)) {
    if (record === undefined) return undefined;
    // Every record is checked, because the answer to another payload must never be replayed.
    if (record.payloadHash !== identity.payloadHash) throw payloadMismatch();
    if (isFollowable(record)) return undefined;
    if (isAnswered(record)) return record.data;
    if (!isAlive(record, options)) {
      if (options.onUnknownOutcome === 'Refuse') throw outcomeUnknown();
      return undefined;
    }
    // Jitter keeps simultaneous repeats from asking in step.
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
      const other = await unlessAborted(
        store.complete(key, owner, JSON.stringify(outcome.answer), expiry(options), signal),
        signal,
      );
      // Another attempt took over and answered first. All callers get that answer, so this one does too.
      if (other !== undefined && isAnswered(other)) {
        return { answer: JSON.parse(other.data) as Answer, replayed: true };
      }
    } else if (mayFollowAtOnce(outcome, options)) {
      await unlessAborted(store.release(key, owner, signal), signal);
    } else if (refuses) {
      await unlessAborted(store.abandon(key, owner, signal), signal);
    }
  } catch (error) {
    // The caller gets its answer. Repeats find an attempt in progress, and later a dead one.
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
 * Takes back a claim whose answer got lost, because the table may have accepted it. Without this the record
 * would pass for an attempt that died, and with Refuse the request would never run.
 */
async function undone(key: string, error: unknown, { store, owner, signal }: OnceOptions): Promise<void> {
  const { $metadata } = ((error as Error).cause ?? {}) as { $metadata?: { httpStatusCode?: number } };
  const wasRefused = ($metadata?.httpStatusCode ?? 500) < 500;
  if (wasRefused || signal.aborted) return;
  await unlessAborted(store.release(key, owner, signal), signal).catch(() => {});
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

/** A record must outlive its attempt, even where the window is shorter. In seconds since the epoch. */
function expiry({ clock, windowSeconds, attemptMs }: OnceOptions): number {
  return Math.ceil((clock.now() + Math.max(windowSeconds * 1000, attemptMs)) / 1000);
}

/** The attempt is known to have done nothing, or may be repeated with Retry. */
function isFollowable(record: StoredRecord): boolean {
  return record.status === 'FAILED';
}

function isAnswered(record: StoredRecord): record is StoredRecord & { data: string } {
  return record.status === 'COMPLETED' && record.data !== undefined;
}

function isAlive(record: StoredRecord, options: OnceOptions): boolean {
  return record.inProgressUntilMs >= options.clock.now() && !isDeadPredecessor(record, options);
}

/** An earlier delivery of the same event. Lambda has delivered it again, so the earlier one has failed. */
function isDeadPredecessor(record: StoredRecord, { deadOwners, clock }: OnceOptions): boolean {
  if (deadOwners === undefined || !record.owner.startsWith(deadOwners.prefix)) return false;
  return clock.now() - record.claimedAtMs >= deadOwners.afterMs;
}

/**
 * Whether the next attempt may begin without delay. After an unknown outcome it may only with Retry, and not
 * while the work may still go on: then the record stays in progress until the customer's function must have
 * ended.
 */
function mayFollowAtOnce(
  outcome: Exclude<Outcome, { kind: 'answered' }>,
  { onUnknownOutcome }: OnceOptions,
): boolean {
  if (outcome.kind === 'nothing-done') return true;
  return onUnknownOutcome === 'Retry' && !outcome.running;
}

/**
 * The result of a call to the table.
 * @throws EndpointError 503 `IdempotencyUnavailable` if the call fails or the signal aborts.
 */
export async function reachable<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await unlessAborted(call, signal);
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
