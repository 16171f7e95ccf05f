import { randomUUID } from 'node:crypto';
import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import { attemptWrite, OpenAttempt } from './attempt.ts';
import { Locks } from './locks.ts';
import {
  inOrder,
  newOwner,
  ownerWrite,
  withAnsweredObject,
  withAttemptReplaced,
  withBegun,
  withForgotten,
  withNewest,
  withOvertaken,
} from './owner-record.ts';
import {
  type Attempt,
  attemptKey,
  isAtWork,
  LEASE_MILLISECONDS,
  type Lease,
  type Lock,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  objectKey,
  ownerKey,
  type Step,
  type Success,
  sameForm,
  sameOwner,
  standing,
  successOf,
} from './records.ts';
import { type CallEnd, LedgerConflictError, type Store, type Versioned } from './store.ts';
import {
  type Begun,
  type Found,
  type Known,
  knownOf,
  type LedgerRequest,
  type TwinAtWork,
  unfinishedGenerations,
  verdictWithoutWork,
} from './verdict.ts';

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
  begin(request: LedgerRequest, deadline: Deadline): Promise<Begun | TwinAtWork> {
    // A Create is nearly always the first request of its logical resource, so its write goes before any
    // reading.
    return this.#takeUp(request, deadline, request.type === 'Create');
  }

  /** Takes a request up once its twin has ended. */
  async beginAfterTwin(request: LedgerRequest, deadline: Deadline): Promise<Begun> {
    for (;;) {
      await this.#clock.sleep(POLL_MILLISECONDS, deadline.signal);
      const begun = await this.#takeUp(request, deadline, false);
      if (begun.verdict !== 'twin at work') return begun;
    }
  }

  async #takeUp(
    request: LedgerRequest,
    deadline: Deadline,
    isProbablyNew: boolean,
  ): Promise<Begun | TwinAtWork> {
    let isNew = isProbablyNew;
    let conflicts = 0;
    for (;;) {
      const found: Found = isNew ? {} : await this.#find(request, deadline);
      const decided = verdictWithoutWork(found, request, this.#now());
      if (decided) return decided;
      if (await this.#isEarlierAtWork(found.owner?.body.current, request, deadline)) {
        await this.#clock.sleep(POLL_MILLISECONDS, deadline.signal);
        continue;
      }
      try {
        const { before } = found;
        return before && (await this.#holdsStill(before.body, found.owner, request, deadline))
          ? await this.#replayAgain(before, found.owner, request, deadline)
          : await this.#open(found, request, deadline);
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error;
        // The conflict of a first guess says that there is something to read.
        if (!isNew) await this.#pauseAfter(conflicts++, deadline);
        isNew = false;
      }
    }
  }

  async #find(request: LedgerRequest, deadline: CallEnd): Promise<Found> {
    const { stackId, requestId, attemptId } = request;
    const [attempt, owner] = await Promise.all([
      this.#attempt(stackId, attemptId, deadline),
      this.#store.read<OwnerRecord>(ownerKey(request), deadline),
    ]);
    const newest = owner?.body.newest;
    const isNewGeneration = attempt === undefined && newest?.requestId === requestId;
    const before = isNewGeneration ? await this.#attempt(stackId, newest.attemptId, deadline) : undefined;
    return { attempt, owner, before };
  }

  /**
   * Writes that this invocation works on the request. @throws LedgerConflictError where somebody wrote before
   */
  async #open(found: Found, request: LedgerRequest, deadline: Deadline): Promise<Begun> {
    const now = this.#now();
    const body = takenUp(found.attempt?.body, request, newLease(this.#now()));
    const owner = inOrder(
      found.attempt ? undefined : inOrder(withForgotten(request), withOvertaken(request)),
      withNewest(request),
      withBegun(request),
    )(found.owner?.body ?? newOwner(request));
    const [written, ...others] = await this.#store.commit(
      [attemptWrite(found.attempt, body, now), ownerWrite(found.owner, owner, now)],
      deadline,
    );
    if (!namesObjects(found.owner)) await this.#store.confirm(deadline);
    const attempt = new OpenAttempt(this.#store, this.#now, deadline, { ...written, body }, others);
    return { verdict: 'go', attempt, owner };
  }

  /**
   * Whether the success of the generation before is the answer to this one as well: this one asks for the
   * same, and the object of that answer belongs to this logical resource, is clean, and has its form of then.
   */
  async #holdsStill(
    before: Attempt,
    owner: Versioned<OwnerRecord> | undefined,
    request: LedgerRequest,
    deadline: CallEnd,
  ): Promise<boolean> {
    const success = successOf(before);
    if (success === undefined || before.content !== request.content) return false;
    const { physicalId, object } = success;
    if (request.type === 'Delete') return !owner?.body.objects.some(({ id }) => id === physicalId);
    const record = object && (await this.object(object.kind, physicalId, deadline));
    if (record === undefined) return false;
    return sameOwner(record.owner, request) && !record.dirty && sameForm(record.applied[0], object?.form);
  }

  /** Gives the new generation the answer of the one before, and the steps that led to it. */
  async #replayAgain(
    before: Versioned<Attempt>,
    owner: Versioned<OwnerRecord> | undefined,
    request: LedgerRequest,
    deadline: CallEnd,
  ): Promise<Begun> {
    const { closedAt: _, signedAt: __, ...rest } = before.body;
    const body: Attempt = { ...rest, ...generationOf(request), state: 'succeeded' };
    const left: Attempt = { ...before.body, state: 'undone', steps: [] };
    const answer = successOf(body) as Success;
    const { object, physicalId } = answer;
    const now = this.#now();
    const ownerNow = inOrder(
      withNewest(request),
      withAttemptReplaced(before.body.attemptId, request.attemptId),
      object && withAnsweredObject(request.attemptId, { kind: object.kind, id: physicalId }),
    )(owner?.body ?? newOwner(request));
    await this.#store.commit(
      [attemptWrite(undefined, body, now), attemptWrite(before, left, now), ownerWrite(owner, ownerNow, now)],
      deadline,
    );
    return { verdict: 'replay', answer };
  }

  /**
   * Whether an earlier request of the same logical resource is at work. It is told to stop: if it wrote after
   * this one, its write would be the last one in Genesys Cloud.
   */
  async #isEarlierAtWork(
    current: string | undefined,
    { stackId, requestId, attemptId }: LedgerRequest,
    deadline: CallEnd,
  ): Promise<boolean> {
    if (current === undefined || current === attemptId) return false;
    const read = await this.#attempt(stackId, current, deadline);
    if (read === undefined || !isAtWork(read.body, this.#now())) return false;
    await this.#cancel(read, requestId, deadline).catch((error: unknown) => {
      // It has made a step meanwhile. The caller looks again in a second.
      if (!(error instanceof LedgerConflictError)) throw error;
    });
    return true;
  }

  /**
   * Takes up another attempt of the same logical resource in order to undo it: cancels it, waits until nobody
   * works on it, and returns it; undefined where nothing of it is left.
   * @param by RequestId of the request that undoes it
   */
  async takeOver(
    stackId: string,
    attemptId: string,
    by: string,
    deadline: Deadline,
  ): Promise<OpenAttempt | undefined> {
    let conflicts = 0;
    for (;;) {
      const read = await this.#attempt(stackId, attemptId, deadline);
      if (read === undefined || read.body.state === 'undone') return undefined;
      try {
        if (!isAtWork(read.body, this.#now())) return await this.#openToUndo(read, by, deadline);
        await this.#cancel(read, by, deadline);
        await this.#clock.sleep(POLL_MILLISECONDS, deadline.signal);
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error;
        await this.#pauseAfter(conflicts++, deadline);
      }
    }
  }

  async #openToUndo(read: Versioned<Attempt>, by: string, deadline: Deadline): Promise<OpenAttempt> {
    const lease = newLease(this.#now());
    const body: Attempt = { ...read.body, state: 'running', cancelledBy: by, lease };
    const [written] = await this.#store.commit([attemptWrite(read, body, this.#now())], deadline);
    return new OpenAttempt(this.#store, this.#now, deadline, { ...written, body });
  }

  /** Tells the invocation that works on an attempt to stop; it learns it when it renews its lease. */
  async #cancel(read: Versioned<Attempt>, by: string, deadline: CallEnd): Promise<void> {
    if (read.body.cancelledBy !== undefined) return;
    await this.#store.commit([attemptWrite(read, { ...read.body, cancelledBy: by }, this.#now())], deadline);
  }

  /**
   * CloudFormation took the answer to a request, so a repeat of it is owed nothing. An attempt that another
   * invocation works on stays open: that one ends it.
   * @param holder of the lease that the caller had
   */
  async close(
    { stackId, attemptId }: Pick<LedgerRequest, 'stackId' | 'attemptId'>,
    holder: string | undefined,
    deadline?: CallEnd,
  ): Promise<void> {
    const read = await this.#attempt(stackId, attemptId, deadline);
    if (read === undefined || read.body.state === 'closed' || read.body.state === 'undone') return;
    if (isAtWork(read.body, this.#now()) && read.body.lease.holder !== holder) return;
    const body: Attempt = { ...read.body, state: 'closed', closedAt: this.#now() };
    await this.#store.commit([attemptWrite(read, body, this.#now())], deadline);
  }

  // ---- look-ups, which write nothing

  /** The verdict on a request that came to an end before; undefined for any other. */
  async recall(request: LedgerRequest, deadline: CallEnd): Promise<Known | undefined> {
    return knownOf(await this.#find(request, deadline), request);
  }

  /** The time at which CloudFormation took the answer of an attempt, in milliseconds since the epoch. */
  async closedAt(stackId: string, attemptId: string, deadline: CallEnd): Promise<number | undefined> {
    return (await this.#attempt(stackId, attemptId, deadline))?.body.closedAt;
  }

  /** Whether an attempt has succeeded, and nobody has noted that CloudFormation took the answer. */
  async isAnswerOwed(stackId: string, attemptId: string, deadline: CallEnd): Promise<boolean> {
    return (await this.#attempt(stackId, attemptId, deadline))?.body.state === 'succeeded';
  }

  /** The steps of an attempt that were not undone. */
  async steps(stackId: string, attemptId: string, deadline: CallEnd): Promise<Step[]> {
    return standing((await this.#attempt(stackId, attemptId, deadline))?.body.steps ?? []);
  }

  /**
   * Whether somebody works on an attempt, or has to undo steps of it or of another generation of its request.
   */
  async isPending(owner: Owner, attemptId: string, deadline: CallEnd): Promise<boolean> {
    const [read, record] = await Promise.all([
      this.#attempt(owner.stackId, attemptId, deadline),
      this.owner(owner, deadline),
    ]);
    if (unfinishedGenerations(record, attemptId).length > 0) return true;
    const attempt = read?.body;
    if (attempt === undefined || attempt.state === 'undone') return false;
    return attempt.state === 'running' || standing(attempt.steps).length > 0;
  }

  /** The record of an object; undefined where nobody owns it. */
  async object(kind: string, id: string, deadline: CallEnd): Promise<ObjectRecord | undefined> {
    return (await this.#store.read<ObjectRecord>(objectKey(kind, id), deadline))?.body;
  }

  /**
   * The objects of a logical resource, and the order of its requests; undefined where no request has come to
   * it.
   */
  async owner(owner: Owner, deadline: CallEnd): Promise<OwnerRecord | undefined> {
    return (await this.#store.read<OwnerRecord>(ownerKey(owner), deadline))?.body;
  }

  // ---- locks

  /**
   * Runs `work` while nobody else holds the lock of that name. The lock of a dead holder ends with its lease.
   */
  withLock<T>(name: string, holder: Lock, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    return this.#locks.hold(name, holder, deadline, work);
  }

  #attempt(stackId: string, attemptId: string, deadline?: CallEnd): Promise<Versioned<Attempt> | undefined> {
    return this.#store.read<Attempt>(attemptKey(stackId, attemptId), deadline);
  }

  #pauseAfter(conflicts: number, { signal }: CallEnd): Promise<void> {
    const milliseconds = FIRST_CONFLICT_MILLISECONDS * 2 ** conflicts;
    return this.#clock.sleep(Math.min(milliseconds, LONGEST_CONFLICT_MILLISECONDS), signal);
  }
}

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
        ...generationOf(request),
        requestType: request.type,
        resourceType: request.resourceType,
        state: 'running',
        lease,
        steps: [],
      };

/**
 * Whether a logical resource is known to own something. If not, its table may have been emptied since the
 * container looked, and a Delete would succeed with nothing to delete. So the registration is looked at
 * again, after the request's first write. Each later write requires that the first one is still there. A
 * condition on the registration in the write itself would let two Creates at once be a conflict.
 */
const namesObjects = (owner: Versioned<OwnerRecord> | undefined) => (owner?.body.objects.length ?? 0) > 0;

/** The facts that tell one generation of a request from another. */
const generationOf = ({ attemptId, content, signedAt }: LedgerRequest) => ({
  attemptId,
  content,
  ...(signedAt === undefined ? {} : { signedAt }),
});

const newLease = (now: number): Lease => ({ holder: randomUUID(), until: now + LEASE_MILLISECONDS });
