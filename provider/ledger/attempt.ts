import { LedgerError } from '../../common/errors.ts';
import {
  type Before,
  formerEndOf,
  inOrder,
  newOwner,
  type ObjectKey,
  type OwnerChange,
  ownerWrite,
  withAnswered,
  withAnsweredObject,
  withDeleted,
  withEnded,
  withFinished,
  withLeftover,
  withLetGo,
  withMovedHere,
  withObject,
  withoutLeftover,
  withoutObject,
  withUnfinished,
} from './owner-record.ts';
import {
  type Adoption,
  type Attempt,
  attemptExpiry,
  attemptKey,
  describeOwner,
  type FormerEnd,
  LEASE_MARGIN_MILLISECONDS,
  LEASE_MILLISECONDS,
  type NameRecord,
  nameKey,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  objectKey,
  ownerKey,
  RENEW_MILLISECONDS,
  type Step,
  type Success,
  sameOwner,
} from './records.ts';
import { type CallEnd, type Change, LedgerConflictError, type Store, type Versioned } from './store.ts';

/** CloudFormation gave up on this request while it was running, and asked to undo it. */
export class CancelledError extends LedgerError {
  /** CloudFormation has sent this request again. It waits for the answer to that delivery alone. */
  readonly isSentAgain: boolean;

  constructor({ isSentAgain }: { isSentAgain: boolean }) {
    super('CloudFormation gave up on this request and asked to undo it: what it made is removed again.');
    this.isSentAgain = isSentAgain;
  }
}

/** Another invocation works on the attempt by now, because this one did not renew its lease in time. */
export class TakenOverError extends LedgerError {
  /** Another delivery of the same event, or a newer generation of the request, answers. */
  readonly isAnsweredElsewhere: boolean;

  constructor({ isAnsweredElsewhere }: { isAnsweredElsewhere: boolean }) {
    super('Another invocation has taken this request over; this one stopped before its next write.');
    this.isAnsweredElsewhere = isAnsweredElsewhere;
  }
}

/** Another logical resource keeps the name that an object was to get. */
export class NameClaimedError extends LedgerError {
  readonly claim: string;
  readonly owner: Owner;

  constructor(claim: string, owner: Owner) {
    super(`${claim} belongs to ${describeOwner(owner)}: this resource may not change it.`);
    this.claim = claim;
    this.owner = owner;
  }
}

/**
 * Another logical resource has changed who gets an object: it gave the object back, or its Delete has come.
 * The facts have to be read again.
 */
export class OwnerChangedError extends LedgerError {
  constructor(id: string) {
    super(`Another resource has given ${id} up just now. Deploy or delete again.`);
  }
}

/** Notes beside a success: the object as it now is, and an object that a later request has to remove. */
export interface SuccessNotes {
  object?: ObjectRecord;
  leftover?: ObjectKey | undefined;
  before?: Before | undefined;
}

/** Conflicts of one write, enough for every other writer of the same items to have its turn. */
const MAX_CONFLICTS = 20;

/**
 * Items that are written together with the attempt, made from the ledger's items; `again` after a conflict.
 */
type Others = (again: boolean) => Promise<Change[]>;
const nothing: Others = async () => [];

/**
 * The attempt that this invocation works on. Every change is a compare-and-set: an invocation that lost its
 * lease, or whose request was cancelled, learns it at its next step, before its next write to Genesys Cloud.
 * So an item is read once: a later change by somebody else is a conflict, and only then the item is read
 * again. Changes are written one after the other, a renewal of the lease too, and each of them renews it.
 */
export class OpenAttempt {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #deadline: CallEnd;
  #current: Versioned<Attempt>;
  #acceptCancelled = false;
  /**
   * Other items as this attempt read or wrote them last. A missing item is not kept, because no later write
   * would notice that it appeared.
   */
  readonly #seen = new Map<string, Versioned<unknown>>();
  /** A write failed without saying whether it was done. */
  #doubtful = false;
  /** The end of the last change that was begun. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #lost = new AbortController();

  /** @param seen items that were written together with the attempt */
  constructor(
    store: Store,
    now: () => number,
    deadline: CallEnd,
    current: Versioned<Attempt>,
    seen: readonly Versioned<unknown>[] = [],
  ) {
    this.#store = store;
    this.#now = now;
    this.#deadline = deadline;
    this.#current = current;
    for (const item of seen) this.#seen.set(item.key, item);
  }

  get record(): Readonly<Attempt> {
    return this.#current.body;
  }

  /**
   * Aborted, with a TakenOverError, once a write has shown that another invocation has the lease. This one
   * writes nothing from then on.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** When the lease is to be renewed, in milliseconds since the epoch. Every write moves it. */
  get renewAt(): number {
    return this.#current.body.lease.until - LEASE_MILLISECONDS + RENEW_MILLISECONDS;
  }

  /** When calls for this attempt have to end, in milliseconds since the epoch. Every write moves it. */
  get callsEndAt(): number {
    return this.#current.body.lease.until - LEASE_MARGIN_MILLISECONDS;
  }

  /** Steps that were not undone, with their places. */
  get steps(): { step: Step; index: number }[] {
    return this.#current.body.steps
      .map((step, index) => ({ step, index }))
      .filter(({ step }) => step.state !== 'undone');
  }

  /** The record of an object; undefined where nobody owns it. */
  async object(kind: string, id: string): Promise<ObjectRecord | undefined> {
    return (await this.#read<ObjectRecord>(objectKey(kind, id)))?.body;
  }

  // ---- steps

  /**
   * Notes a write before it is sent, and keeps the name that it claims. Returns the place of its step.
   * @throws NameClaimedError where another logical resource keeps that name; nothing was noted then
   */
  async intend(step: Omit<Step, 'state'>, organization: string): Promise<number> {
    await this.#save(
      (attempt) => ({ ...attempt, organization, steps: [...attempt.steps, { ...step, state: 'intended' }] }),
      async (again) => [
        await this.#owner(withUnfinished(this.record.attemptId)),
        ...(await this.#claim(step.claim, again)),
      ],
    );
    return this.#current.body.steps.length - 1;
  }

  /** Notes the id that a write made, and the record of the object where it made one. */
  async made(index: number, id: string, object?: ObjectRecord): Promise<void> {
    const claim = this.record.steps[index]?.claim;
    await this.#save(
      (attempt) => withStep(attempt, index, { state: 'made', id }),
      // A new object hardly ever has a record, so its write goes before any reading.
      object ? (again) => this.#own(withClaim(object, claim), { isNew: !again }) : nothing,
    );
  }

  /** Notes that a write was refused, or that the object which it made was removed again. */
  async unmade(index: number): Promise<void> {
    const step = this.record.steps[index];
    await this.#save(
      (attempt) => withStep(attempt, index, { state: 'undone' }),
      async () => (step ? this.#disownStep(step) : []),
    );
  }

  /**
   * Notes the adoption of an object, as a step that is made already. Its record keeps the former one.
   * @param from the owner that the caller found; undefined for none
   * @throws LedgerError where the object has another owner by now, NameClaimedError where another logical
   * resource keeps the name that it claims; nothing was noted then
   */
  async adopt(
    object: ObjectRecord & { adoption: Omit<Adoption, 'previous'> },
    from: Owner | undefined,
    claim?: string,
  ): Promise<void> {
    const { kind, id, organization } = object;
    const step: Step = { kind, state: 'made', marker: {}, id, adoptedBy: this.record.attemptId };
    await this.#save(
      (attempt) => ({ ...attempt, organization, steps: [...attempt.steps, step] }),
      async (again) => {
        const key = objectKey(kind, id);
        const read = await this.#read<ObjectRecord>(key);
        const owner = read?.body.owner;
        const comesWithItsName = claim !== undefined && read?.body.claims?.includes(claim);
        if (!isSameOwnerOrNone(owner, from))
          throw new LedgerError(`${id} was taken over by another resource just now. Deploy again.`);
        // One former record is kept, not a chain of them.
        const previous = read && { previous: withoutPrevious(read.body) };
        const ours = inOrder(withObject(object), withUnfinished(this.record.attemptId));
        return [
          { key, body: { ...withClaim(object, claim), adoption: { ...object.adoption, ...previous } }, read },
          await this.#owner(ours),
          ...(await this.#claim(claim, again, comesWithItsName ? owner : undefined)),
          ...(owner && !sameOwner(owner, this.record)
            ? [await this.#owner(withoutObject(object), owner)]
            : []),
        ];
      },
    );
  }

  // ---- objects

  /**
   * Writes an object's record, and that this logical resource owns it and its names.
   * @throws NameClaimedError where another logical resource keeps one of the names; nothing was written then
   */
  async keep(object: ObjectRecord): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async (again) => {
        const known = (await this.object(object.kind, object.id))?.claims ?? [];
        const added = (object.claims ?? []).filter((claim) => !known.includes(claim));
        const claimed = await Promise.all(added.map((claim) => this.#claim(claim, again)));
        return [...(await this.#own(object)), ...claimed.flat()];
      },
    );
  }

  /**
   * Writes the record of an object that has come to this logical resource, with its names, from another one.
   * @throws LedgerError where the object has another owner by now; nothing was written then
   */
  async follow(object: ObjectRecord, from: Owner): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async () => {
        const key = objectKey(object.kind, object.id);
        const read = await this.#read<ObjectRecord>(key);
        if (read === undefined || !sameOwner(read.body.owner, from))
          throw new LedgerError(`${object.id} was taken over by another resource just now. Deploy again.`);
        const claimed = await Promise.all(
          (object.claims ?? []).map((claim) => this.#claim(claim, true, from)),
        );
        return [
          { key, body: object, read },
          await this.#owner(inOrder(withObject(object), withMovedHere(object.id, this.#now()))),
          await this.#owner(withoutObject(object), from),
          ...claimed.flat(),
        ];
      },
    );
  }

  /**
   * Removes an object's record. An object that was put back gets its former owner, any other one none.
   * @param formerEnd the end that its former owner wants, as the caller has read it
   * @throws OwnerChangedError where the former owner's Delete has come since; nothing was written then
   */
  async release(
    { kind, id }: ObjectKey,
    { wasPutBack = false, formerEnd }: { wasPutBack?: boolean; formerEnd?: FormerEnd | undefined } = {},
  ): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async () => {
        const record = wasPutBack ? await this.object(kind, id) : undefined;
        const isOurs = record !== undefined && sameOwner(record.owner, this.record);
        if (isOurs && (await this.formerEnd(record)) !== formerEnd) throw new OwnerChangedError(id);
        return this.#disown(kind, id, wasPutBack);
      },
    );
  }

  /**
   * Notes the end that this logical resource wants for an object, which another one has adopted from it.
   * @throws OwnerChangedError where the object has come back; nothing was written then
   */
  async leaveEndTo({ kind, id }: ObjectKey, end: FormerEnd): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async () => {
        // The request that gives the object back writes the same item, so one of both reads again.
        const owner = await this.#owner(withLetGo({ kind, id }, end));
        const record = await this.object(kind, id);
        if (record && sameOwner(record.owner, this.record)) throw new OwnerChangedError(id);
        return [owner];
      },
    );
  }

  /** The end that the former owner of an adopted object wants; undefined where it takes the object back. */
  async formerEnd({ kind, id, adoption }: ObjectRecord): Promise<FormerEnd | undefined> {
    const former = adoption?.previous?.owner;
    if (former === undefined || sameOwner(former, this.record)) return undefined;
    return formerEndOf((await this.#read<OwnerRecord>(ownerKey(former)))?.body, { kind, id });
  }

  /** Notes that a later request of this logical resource has to remove one of its objects. */
  async leaveOver(kind: string, id: string): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async () => [await this.#owner(withLeftover({ kind, id }))],
    );
  }

  // ---- ends

  /**
   * Renews the lease by a write of its own.
   * @throws CancelledError where CloudFormation has given the request up, TakenOverError where the lease was
   * over and another invocation works on the attempt
   */
  async renew(deadline: CallEnd): Promise<void> {
    await this.#save((attempt) => attempt, nothing, deadline);
  }

  /**
   * Notes success and the answer. The object that the answer names is in use.
   */
  async succeed(
    { physicalId, data }: Pick<Success, 'physicalId' | 'data'>,
    { object, leftover, before }: SuccessNotes = {},
  ): Promise<void> {
    const { attemptId, requestType } = this.record;
    const id = physicalId;
    const named = object ?? (await this.#ownObject(id));
    const form = named?.applied[0];
    const answer: Success = {
      physicalId,
      data,
      ...(named && form ? { object: { kind: named.kind, form } } : {}),
    };
    const ended = inOrder(
      withFinished(attemptId),
      withoutLeftover(id),
      requestType === 'Delete' ? withDeleted(id) : withAnswered(id, attemptId, this.#now(), before),
      answer.object && withAnsweredObject(attemptId, { kind: answer.object.kind, id }),
      leftover && withLeftover(leftover),
    );
    await this.#save(
      (attempt) => ({ ...attempt, state: 'succeeded', answer }),
      async () => (object ? this.#own(object, { alsoOwner: ended }) : [await this.#owner(ended)]),
    );
  }

  /** Notes failure: a repeat of the request fails as well. A later request has to remove `leftover`. */
  async fail(reason: string, deadline: CallEnd, leftover?: ObjectKey): Promise<void> {
    const { attemptId } = this.record;
    const ended = inOrder(
      this.steps.length > 0 ? withEnded(attemptId) : withFinished(attemptId),
      leftover && withLeftover(leftover),
    );
    await this.#save(
      (attempt) => ({ ...attempt, state: 'failed', reason }),
      async () => [await this.#owner(ended)],
      deadline,
    );
  }

  /**
   * Undoes every step, the last one first, and notes each. `undoStep` resolves when the thing is gone. It
   * also ends an attempt that was cancelled.
   */
  async undo(undoStep: (step: Step) => Promise<void>, deadline: CallEnd = this.#deadline): Promise<void> {
    this.#acceptCancelled = true;
    // The ledger may know an id that this process has not learnt, and undoing by name does not look for ids.
    await this.#inTurn(async () => {
      if (this.#doubtful) await this.#readAgain(deadline);
    });
    for (const { step, index } of this.steps.reverse()) {
      this.lost.throwIfAborted();
      await undoStep(step);
      await this.#save(
        (attempt) => withStep(attempt, index, { state: 'undone' }),
        () => this.#disownStep(step),
        deadline,
      );
    }
    await this.#save(
      (attempt) => ({ ...attempt, state: 'undone' }),
      async () => [await this.#owner(withFinished(this.record.attemptId))],
      deadline,
    );
  }

  /** Notes that CloudFormation took the answer. False where somebody else has written the attempt since. */
  close(deadline: CallEnd): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.lost.aborted) return false;
      const now = this.#now();
      const closed: Attempt = { ...this.#current.body, state: 'closed', closedAt: now };
      try {
        await this.#store.commit([attemptWrite(this.#current, closed, now)], deadline);
        return true;
      } catch (error) {
        if (error instanceof LedgerConflictError) return false;
        throw error;
      }
    });
  }

  // ---- the items beside the attempt

  /** The record of an object of this logical resource, by its id alone. */
  async #ownObject(id: string): Promise<ObjectRecord | undefined> {
    const owner = await this.#read<OwnerRecord>(ownerKey(this.record));
    const found = owner?.body.objects.find((object) => object.id === id);
    return found && this.object(found.kind, id);
  }

  async #own(
    object: ObjectRecord,
    { isNew = false, alsoOwner }: { isNew?: boolean; alsoOwner?: OwnerChange } = {},
  ): Promise<Change[]> {
    const key = objectKey(object.kind, object.id);
    const [read, owner] = await Promise.all([
      isNew ? undefined : this.#read<ObjectRecord>(key),
      this.#owner(inOrder(withObject(object), alsoOwner)),
    ]);
    const freed = (read?.body.claims ?? []).filter((claim) => !object.claims?.includes(claim));
    return [{ key, body: object, read }, owner, ...(await this.#free(freed, object))];
  }

  async #disown(kind: string, id: string, wasPutBack = false): Promise<Change[]> {
    const key = objectKey(kind, id);
    const read = await this.#read<ObjectRecord>(key);
    // The record of an object that has another owner by now stays.
    const ours = read && sameOwner(read.body.owner, this.record) ? read : undefined;
    const isTakenBack = wasPutBack && ours && (await this.formerEnd(ours.body)) === undefined;
    const former = isTakenBack ? ours.body.adoption?.previous : undefined;
    const wasOursBefore = former !== undefined && sameOwner(former.owner, this.record);
    const formerClaims = former?.claims ?? [];
    const freed = (ours?.body.claims ?? []).filter((claim) => !formerClaims.includes(claim));
    return [
      ...(await this.#free(freed, { kind, id })),
      ...(former && !wasOursBefore ? await this.#giveBack(formerClaims, former.owner) : []),
      ...(ours ? [former ? { key, body: former, read: ours } : { key, read: ours }] : []),
      await this.#owner(
        wasOursBefore ? inOrder() : ours ? withLetGo({ kind, id }) : withoutObject({ kind, id }),
      ),
      ...(former && !wasOursBefore ? [await this.#owner(withObject(former), former.owner)] : []),
    ];
  }

  /**
   * Gives up the object of a step. An object whose adoption by this request has ended already stays as it is.
   */
  async #disownStep({ kind, id, adoptedBy, claim }: Step): Promise<Change[]> {
    if (id === undefined) return claim === undefined ? [] : this.#free([claim]);
    if (adoptedBy === undefined) return this.#disown(kind, id);
    const record = await this.object(kind, id);
    return record?.adoption?.attemptId === adoptedBy ? this.#disown(kind, id, true) : [];
  }

  async #owner(change: OwnerChange, of: Owner = this.record): Promise<Change> {
    const read = await this.#read<OwnerRecord>(ownerKey(of));
    return ownerWrite(read, change(read?.body ?? newOwner(of)), this.#now());
  }

  // ---- names

  /** Frees a name that is kept for a logical resource which has no object of that name any more. */
  async freeName({ claim, owner }: NameClaimedError): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async () => {
        const read = await this.#read<NameRecord>(nameKey(claim));
        return read && sameOwner(read.body.owner, owner) ? [{ key: read.key, read }] : [];
      },
    );
  }

  /**
   * Keeps a name for this logical resource. The name is nearly always free, so the first write expects that.
   * @param from the owner that gives the name up with its object
   */
  async #claim(claim: string | undefined, again: boolean, from?: Owner): Promise<Change[]> {
    if (claim === undefined) return [];
    const { stackId, logicalId } = this.record;
    const key = nameKey(claim);
    const read = again || from ? await this.#read<NameRecord>(key) : undefined;
    if (read && sameOwner(read.body.owner, this.record)) return [];
    if (read && !(from && sameOwner(read.body.owner, from)))
      throw new NameClaimedError(claim, read.body.owner);
    return [{ key, body: { name: claim, owner: { stackId, logicalId } }, read }];
  }

  /** Gives names up that no other object of this logical resource has. */
  async #free(claims: readonly string[], except?: ObjectKey): Promise<Change[]> {
    if (claims.length === 0) return [];
    const { objects } = (await this.#read<OwnerRecord>(ownerKey(this.record)))?.body ?? { objects: [] };
    const others = objects.filter(({ kind, id }) => kind !== except?.kind || id !== except.id);
    const records = await Promise.all(others.map(({ kind, id }) => this.object(kind, id)));
    const needed = records.flatMap((record) => record?.claims ?? []);
    const freed = claims.filter((claim) => !needed.includes(claim));
    const reads = await Promise.all(freed.map((claim) => this.#read<NameRecord>(nameKey(claim))));
    return reads.flatMap((read) =>
      read && sameOwner(read.body.owner, this.record) ? [{ key: read.key, read }] : [],
    );
  }

  /** Gives names back with the object that they came with. */
  async #giveBack(claims: readonly string[], owner: Owner): Promise<Change[]> {
    const reads = await Promise.all(claims.map((claim) => this.#read<NameRecord>(nameKey(claim))));
    return claims.flatMap((claim, at) => {
      const read = reads[at];
      const isOurs = read === undefined || sameOwner(read.body.owner, this.record);
      return isOurs ? [{ key: nameKey(claim), body: { name: claim, owner }, read }] : [];
    });
  }

  // ---- compare and set

  #save(
    change: (attempt: Attempt) => Attempt,
    others: Others = nothing,
    deadline = this.#deadline,
  ): Promise<void> {
    return this.#inTurn(() => this.#saveNow(change, others, deadline));
  }

  /** Runs when the change before has ended, however it ended. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #saveNow(change: (attempt: Attempt) => Attempt, others: Others, deadline: CallEnd): Promise<void> {
    this.lost.throwIfAborted();
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        const now = this.#now();
        const body = withRenewedLease(change(this.#current.body), now);
        const [current, ...written] = await this.#store.commit(
          [attemptWrite(this.#current, body, now), ...(await others(conflicts > 0))],
          deadline,
        );
        this.#current = { ...current, body };
        for (const item of written) this.#keepSeen(item);
        return;
      } catch (error) {
        const isConflict = error instanceof LedgerConflictError;
        if (!isConflict) this.#doubtful = true;
        if (!isConflict || conflicts >= MAX_CONFLICTS) throw error;
        await this.#readAgain(deadline);
      }
    }
  }

  async #read<T>(key: string): Promise<Versioned<T> | undefined> {
    const seen = this.#seen.get(key);
    if (seen) return seen as Versioned<T>;
    const read = await this.#store.read<T>(key, this.#deadline);
    if (read) this.#seen.set(key, read);
    return read;
  }

  #keepSeen(item: Versioned<unknown>): void {
    if (item.body === undefined) this.#seen.delete(item.key);
    else this.#seen.set(item.key, item);
  }

  /**
   * @throws TakenOverError where another invocation has the lease, CancelledError where the request was
   * cancelled
   */
  async #readAgain(deadline: CallEnd): Promise<void> {
    this.#seen.clear();
    const {
      key,
      body: { lease },
    } = this.#current;
    const read = await this.#store.read<Attempt>(key, deadline);
    const cancellation = cancellationOf(read?.body);
    if (read?.body.lease.holder !== lease.holder) {
      const isAnsweredElsewhere =
        read !== undefined && (cancellation === undefined || cancellation.isSentAgain);
      this.#lost.abort(new TakenOverError({ isAnsweredElsewhere }));
      throw this.lost.reason;
    }
    this.#current = read;
    this.#doubtful = false;
    if (cancellation && !this.#acceptCancelled) throw cancellation;
  }
}

/** The write of an attempt; `read` is undefined for a new one. */
export function attemptWrite(read: Versioned<Attempt> | undefined, body: Attempt, now: number): Change {
  const expiresAt = attemptExpiry(body, now);
  const key = attemptKey(body.stackId, body.attemptId);
  return { key, body, read, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function cancellationOf(attempt: Attempt | undefined): CancelledError | undefined {
  if (attempt?.cancelledBy === undefined) return undefined;
  return new CancelledError({ isSentAgain: attempt.cancelledBy === attempt.requestId });
}

/** Only a running attempt has a lease to renew. */
const withRenewedLease = (attempt: Attempt, now: number): Attempt =>
  attempt.state === 'running'
    ? { ...attempt, lease: { ...attempt.lease, until: now + LEASE_MILLISECONDS } }
    : attempt;

const withStep = (attempt: Attempt, index: number, change: Partial<Step>): Attempt => ({
  ...attempt,
  steps: attempt.steps.map((step, at) => (at === index ? { ...step, ...change } : step)),
});

const withClaim = <R extends ObjectRecord>(object: R, claim: string | undefined): R =>
  claim === undefined ? object : { ...object, claims: [claim] };

const isSameOwnerOrNone = (a: Owner | undefined, b: Owner | undefined) =>
  a && b ? sameOwner(a, b) : a === b;

function withoutPrevious({ adoption, ...record }: ObjectRecord): ObjectRecord {
  if (adoption === undefined) return record;
  const { attemptId, before } = adoption;
  return { ...record, adoption: { attemptId, before } };
}
