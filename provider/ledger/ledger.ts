import { randomUUID } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import type { Abortable } from '../runtime/deadline.ts';
import { type NameClaimedError, OpenAttempt } from './attempt.ts';
import { type Holding, Locks } from './locks.ts';
import { newOwner, ownerWrite, withBegun } from './owner-record.ts';
import {
  type Attempt,
  attemptExpiry,
  attemptKey,
  isAtWork,
  isTakenBack,
  type Lease,
  type NameRecord,
  nameKey,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  objectKey,
  ownerKey,
  type Step,
  sameOwner,
  standing,
} from './records.ts';
import { LedgerConflictError, type Store, type Versioned } from './store.ts';

/** The part of a custom-resource request that the ledger needs. */
export interface LedgerRequest extends Owner {
  requestId: string;
  type: 'Create' | 'Update' | 'Delete';
  resourceType: string;
  /** Milliseconds since the epoch. */
  signedAt?: number;
  /** The request's PhysicalResourceId is the id of an object. */
  namesObject?: boolean;
}

export type Known =
  /** It succeeded before; the answer did not arrive. */
  | { verdict: 'replay'; answer: NonNullable<Attempt['answer']> }
  /** CloudFormation took the answer. */
  | { verdict: 'closed' };

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
interface Found {
  attempt?: Versioned<Attempt> | undefined;
  owner?: Versioned<OwnerRecord> | undefined;
}

const POLL_MILLISECONDS = 1_000;
/**
 * Waits after a conflict, growing: they spare the table where two invocations go on writing the same item.
 */
const FIRST_CONFLICT_MILLISECONDS = 50;
const LONGEST_CONFLICT_MILLISECONDS = 2_000;

/**
 * The owner of each object, and the steps of each request. CloudFormation delivers a request twice, late or
 * at once with its twin, and the process may die at any instruction. So whatever a later delivery needs is
 * written here before the next write to Genesys Cloud.
 */
export class Ledger {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #locks: Locks;
  readonly #now = () => this.#clock.now();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#locks = new Locks(store, clock);
  }

  // ---- the attempt of a request

  /**
   * Takes a request up. Where a twin is at work, the caller decides to wait for its end (`beginAfterTwin`).
   */
  begin(request: LedgerRequest, holding: Holding): Promise<Begun | TwinAtWork> {
    // A Create is nearly always the first request of its logical resource, so its write goes before any
    // reading.
    return this.#takeUp(request, holding, request.type === 'Create');
  }

  /** Takes a request up once its twin has ended. */
  async beginAfterTwin(request: LedgerRequest, holding: Holding): Promise<Begun> {
    for (;;) {
      await this.#clock.sleep(POLL_MILLISECONDS, holding.signal);
      const begun = await this.#takeUp(request, holding, false);
      if (begun.verdict !== 'twin at work') return begun;
    }
  }

  async #takeUp(
    request: LedgerRequest,
    holding: Holding,
    isProbablyNew: boolean,
  ): Promise<Begun | TwinAtWork> {
    let isNew = isProbablyNew;
    let conflicts = 0;
    for (;;) {
      const found: Found = isNew ? {} : await this.#find(request, holding);
      const decided = verdictWithoutWork(found, request, this.#now());
      if (decided) return decided;
      if (await this.#isEarlierAtWork(found.owner?.body.current, request, holding)) {
        await this.#clock.sleep(POLL_MILLISECONDS, holding.signal);
        continue;
      }
      try {
        return await this.#open(found, request, holding);
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error;
        // The conflict of a first guess says that there is something to read.
        if (!isNew) await this.#pauseAfter(conflicts++, holding);
        isNew = false;
      }
    }
  }

  async #find(request: LedgerRequest, deadline: Abortable): Promise<Found> {
    const [attempt, owner] = await Promise.all([
      this.#attempt(request.stackId, request.requestId, deadline),
      this.#store.read<OwnerRecord>(ownerKey(request), deadline),
    ]);
    return { attempt, owner };
  }

  /**
   * Writes that this invocation works on the request. @throws LedgerConflictError where somebody wrote before
   */
  async #open(found: Found, request: LedgerRequest, holding: Holding): Promise<Begun> {
    const now = this.#now();
    const key = attemptKey(request.stackId, request.requestId);
    const body = takenUp(found.attempt?.body, request, leaseUntil(holding.killedAt));
    const owner = withBegun(request)(found.owner?.body ?? newOwner(request));
    const [written, ...others] = await this.#store.commit(
      [
        { key, body, read: found.attempt, expiresAt: attemptExpiry(now) },
        ownerWrite(found.owner, owner, now),
      ],
      holding,
    );
    const attempt = new OpenAttempt(this.#store, this.#now, holding, { ...written, body }, others);
    return { verdict: 'go', attempt, owner };
  }

  /**
   * Whether an earlier request of the same logical resource is at work. It is told to stop: if it wrote after
   * this one, its write would be the last one in Genesys Cloud.
   */
  async #isEarlierAtWork(
    current: string | undefined,
    { stackId, requestId }: LedgerRequest,
    deadline: Abortable,
  ): Promise<boolean> {
    if (current === undefined || current === requestId) return false;
    const read = await this.#attempt(stackId, current, deadline);
    if (read === undefined || !isAtWork(read.body, this.#now())) return false;
    await this.#cancel(read, deadline).catch((error: unknown) => {
      // It has made a step meanwhile. The caller looks again in a second.
      if (!(error instanceof LedgerConflictError)) throw error;
    });
    return true;
  }

  /**
   * Takes up another request of the same logical resource in order to undo it: cancels it, waits until nobody
   * works on it, and returns it; undefined where nothing of it is left.
   */
  async takeOver(stackId: string, requestId: string, holding: Holding): Promise<OpenAttempt | undefined> {
    let conflicts = 0;
    for (;;) {
      const read = await this.#attempt(stackId, requestId, holding);
      if (read === undefined || read.body.state === 'undone') return undefined;
      try {
        if (!isAtWork(read.body, this.#now())) return await this.#openToUndo(read, holding);
        await this.#cancel(read, holding);
        await this.#clock.sleep(POLL_MILLISECONDS, holding.signal);
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error;
        await this.#pauseAfter(conflicts++, holding);
      }
    }
  }

  async #openToUndo(read: Versioned<Attempt>, holding: Holding): Promise<OpenAttempt> {
    const lease = leaseUntil(holding.killedAt);
    const body: Attempt = { ...read.body, state: 'running', cancelled: true, lease };
    const [written] = await this.#store.commit([this.#attemptWrite(read, body)], holding);
    return new OpenAttempt(this.#store, this.#now, holding, { ...written, body });
  }

  /** Tells the invocation that works on an attempt to stop; it learns it at its next step. */
  async #cancel(read: Versioned<Attempt>, deadline: Abortable): Promise<void> {
    if (read.body.cancelled) return;
    await this.#store.commit([this.#attemptWrite(read, { ...read.body, cancelled: true })], deadline);
  }

  /** CloudFormation took the answer to a request, so a repeat of it is owed nothing. */
  async close(stackId: string, requestId: string, deadline?: Abortable): Promise<void> {
    const read = await this.#attempt(stackId, requestId, deadline);
    if (read === undefined || read.body.state === 'closed' || read.body.state === 'undone') return;
    const body: Attempt = { ...read.body, state: 'closed', closedAt: this.#now() };
    await this.#store.commit([this.#attemptWrite(read, body)], deadline);
  }

  // ---- look-ups, which write nothing

  /** The verdict on a request that came to an end before; undefined for any other. */
  async recall({ stackId, requestId }: LedgerRequest, deadline: Abortable): Promise<Known | undefined> {
    return knownOf((await this.#attempt(stackId, requestId, deadline))?.body);
  }

  /** The time at which CloudFormation took a request's answer, in milliseconds since the epoch. */
  async closedAt(stackId: string, requestId: string, deadline: Abortable): Promise<number | undefined> {
    return (await this.#attempt(stackId, requestId, deadline))?.body.closedAt;
  }

  /** The steps of a request that were not undone. */
  async steps(stackId: string, requestId: string, deadline: Abortable): Promise<Step[]> {
    return standing((await this.#attempt(stackId, requestId, deadline))?.body.steps ?? []);
  }

  /** Whether somebody works on a request, or has to undo steps of it. */
  async isPending(stackId: string, requestId: string, deadline: Abortable): Promise<boolean> {
    const attempt = (await this.#attempt(stackId, requestId, deadline))?.body;
    if (attempt === undefined || attempt.state === 'undone') return false;
    return attempt.state === 'running' || standing(attempt.steps).length > 0;
  }

  /** The record of an object; undefined where nobody owns it. */
  async object(kind: string, id: string, deadline: Abortable): Promise<ObjectRecord | undefined> {
    return (await this.#store.read<ObjectRecord>(objectKey(kind, id), deadline))?.body;
  }

  /**
   * The objects of a logical resource, and the order of its requests; undefined where no request has come to
   * it.
   */
  async owner(owner: Owner, deadline: Abortable): Promise<OwnerRecord | undefined> {
    return (await this.#store.read<OwnerRecord>(ownerKey(owner), deadline))?.body;
  }

  // ---- names

  /** Frees a name that is kept for a logical resource which has no object of that name any more. */
  async freeName({ claim, owner }: NameClaimedError, deadline: Abortable): Promise<void> {
    const read = await this.#store.read<NameRecord>(nameKey(claim), deadline);
    if (read && sameOwner(read.body.owner, owner))
      await this.#store.commit([{ key: read.key, read }], deadline);
  }

  // ---- locks

  /**
   * Runs `work` while nobody else holds the lock of that name. The lock of a dead holder ends with its lease.
   */
  withLock<T>(name: string, holding: Holding, work: () => Promise<T>): Promise<T> {
    return this.#locks.hold(name, holding, work);
  }

  #attempt(
    stackId: string,
    requestId: string,
    deadline?: Abortable,
  ): Promise<Versioned<Attempt> | undefined> {
    return this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline);
  }

  #attemptWrite(read: Versioned<Attempt>, body: Attempt) {
    return { key: read.key, body, read, expiresAt: attemptExpiry(this.#now()) };
  }

  #pauseAfter(conflicts: number, { signal }: Abortable): Promise<void> {
    const milliseconds = FIRST_CONFLICT_MILLISECONDS * 2 ** conflicts;
    return this.#clock.sleep(Math.min(milliseconds, LONGEST_CONFLICT_MILLISECONDS), signal);
  }
}

/**
 * The verdict on a request that this invocation need not, or must not, work on; undefined for one that it
 * takes up.
 */
function verdictWithoutWork(
  { attempt: read, owner }: Found,
  request: LedgerRequest,
  now: number,
): Exclude<Begun, { verdict: 'go' }> | TwinAtWork | undefined {
  const attempt = read?.body;
  const known = knownOf(attempt);
  if (known) return known;
  if (attempt?.state === 'failed')
    return { verdict: 'failed', steps: attempt.steps, reason: attempt.reason ?? 'The request failed.' };
  if (attempt && isTakenBack(attempt)) return { verdict: 'superseded' };
  if (attempt && isAtWork(attempt, now)) return { verdict: 'twin at work' };
  return isSupersededByNewer(request, owner?.body) ? { verdict: 'superseded' } : undefined;
}

function knownOf(attempt: Attempt | undefined): Known | undefined {
  if (attempt?.state === 'closed') return { verdict: 'closed' };
  if (attempt?.state === 'succeeded' && attempt.answer) return { verdict: 'replay', answer: attempt.answer };
  return undefined;
}

/**
 * Whether a newer request of the same logical resource has begun. A Delete is never superseded: somebody has
 * to clean up. Dates have whole seconds, so two of the same second, or a missing one, show no order.
 */
const isSupersededByNewer = ({ type, signedAt }: LedgerRequest, owner: OwnerRecord | undefined) =>
  type !== 'Delete' &&
  signedAt !== undefined &&
  owner?.newestSignedAt !== undefined &&
  signedAt < owner.newestSignedAt;

/**
 * An attempt as this invocation takes it up: the one of an earlier invocation with its steps, or a new one.
 */
const takenUp = (before: Attempt | undefined, request: LedgerRequest, lease: Lease): Attempt =>
  before
    ? { ...before, state: 'running', lease }
    : {
        stackId: request.stackId,
        logicalId: request.logicalId,
        requestId: request.requestId,
        requestType: request.type,
        resourceType: request.resourceType,
        state: 'running',
        lease,
        steps: [],
      };

const leaseUntil = (until: number): Lease => ({ holder: randomUUID(), until });
