import type { Abortable } from '../runtime/deadline.ts';
import { LedgerError } from '../runtime/errors.ts';
import {
  type Adoption,
  type Attempt,
  attemptKey,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  objectKey,
  ownerKey,
  type Step,
  sameOwner,
} from './records.ts';
import { type Change, LedgerConflictError, type Store, type Versioned } from './store.ts';

/** CloudFormation gave up on this request and asked for its undoing while it was running. */
export class CancelledError extends LedgerError {
  constructor() {
    super('CloudFormation gave up on this request and asked to undo it: what it made is removed again.');
  }
}

const WEEK_SECONDS = 7 * 24 * 3600;
/** Enough for every other writer of the same items to have its turn. */
const MAX_CONFLICTS = 20;

type ObjectKey = Pick<ObjectRecord, 'kind' | 'id'>;

/** What is written together with an attempt, from what stands in the ledger; `again` after a conflict. */
type Others = (again: boolean) => Promise<Change[]>;
const nothing: Others = async () => [];

/**
 * The attempt that this invocation works on. Every change is a compare-and-set: an invocation that lost its
 * lease, or whose request was cancelled, learns it at its next step, before its next write to Genesys Cloud.
 * For the same reason an item is read once: what somebody else wrote since is a conflict, and read again then.
 */
export class OpenAttempt {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #deadline: Abortable;
  #current: Versioned<Attempt>;
  #acceptCancelled = false;
  /** Other items as they were last read or written here. That there is none is not kept: no write would find out. */
  readonly #seen = new Map<string, Versioned<unknown>>();
  /** A write failed without saying whether it was done. */
  #doubtful = false;

  /** @param seen what was written together with the attempt. */
  constructor(
    store: Store,
    now: () => number,
    deadline: Abortable,
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

  /** Notes a write that is about to be sent; returns its place. */
  async intend(step: Omit<Step, 'state'>, organization: string): Promise<number> {
    await this.#save(
      (attempt) => ({ ...attempt, organization, steps: [...attempt.steps, { ...step, state: 'intended' }] }),
      async () => [await this.#owner(this.#unfinished)],
    );
    return this.#current.body.steps.length - 1;
  }

  /** Notes the id of what a write made; `object` where it is one that has an owner. */
  async made(index: number, id: string, object?: ObjectRecord): Promise<void> {
    await this.#save(
      (attempt) => ({
        ...attempt,
        steps: attempt.steps.map((step, at) => (at === index ? { ...step, state: 'made', id } : step)),
      }),
      // What was just made is hardly ever known already: that there is no record is for the write to find out.
      object ? (again) => this.#own(object, { isNew: !again }) : nothing,
    );
  }

  /**
   * Notes that an object that is there is taken over, from the owner that it was found with (undefined: nobody). A
   * step of its own, made already; its record keeps the one of before.
   * @throws LedgerError when somebody else has taken it meanwhile; nothing was noted then.
   */
  async adopt(
    object: ObjectRecord & { adoption: Omit<Adoption, 'previous'> },
    from: Owner | undefined,
  ): Promise<void> {
    const { kind, id, organization } = object;
    await this.#save(
      (attempt) => ({
        ...attempt,
        organization,
        steps: [...attempt.steps, { kind, state: 'made', marker: {}, id, adopted: true }],
      }),
      async () => {
        const key = objectKey(kind, id);
        const read = await this.#read<ObjectRecord>(key);
        const owner = read?.body.owner;
        if (owner && from ? !sameOwner(owner, from) : owner !== from)
          throw new LedgerError(`${id} was taken over by another resource just now. Deploy again.`);
        const adoption: Adoption = {
          ...object.adoption,
          // One step back is kept, no chain of them.
          ...(read && { previous: withoutPrevious(read.body) }),
        };
        return [
          { key, body: { ...object, adoption }, read },
          await this.#owner((before) => this.#unfinished(withObject(before, object))),
          ...(owner && !sameOwner(owner, this.record)
            ? [await this.#owner((before) => withoutObject(before, kind, id), owner)]
            : []),
        ];
      },
    );
  }

  /** Notes that a write was refused: it made nothing. */
  async unmade(index: number): Promise<void> {
    await this.#save((attempt) => ({
      ...attempt,
      steps: attempt.steps.map((step, at) => (at === index ? { ...step, state: 'undone' } : step)),
    }));
  }

  /** Writes an object's record, and that this logical resource owns it. */
  async keep(object: ObjectRecord): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      () => this.#own(object),
    );
  }

  /** Removes an object's record: owned by nobody, or, where it was put back, by its former owner. */
  async release(kind: string, id: string, { wasPutBack = false } = {}): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      () => this.#disown(kind, id, wasPutBack),
    );
  }

  /** Notes that a later request of this logical resource has to remove one of its objects too. */
  async leaveOver(kind: string, id: string): Promise<void> {
    await this.#save(
      (attempt) => attempt,
      async () => [await this.#owner((owner) => withLeftover(owner, { kind, id }))],
    );
  }

  /** Whether CloudFormation has given this request up since the last step. Costs one call. */
  async isCancelled(deadline: Abortable): Promise<boolean> {
    const read = await this.#store.read<Attempt>(this.#current.key, deadline);
    return read?.body.cancelled === true;
  }

  /**
   * The request succeeded: its answer, the object as it now is, and what a later request has to remove. What is
   * answered is in use.
   */
  async succeed(
    answer: NonNullable<Attempt['answer']>,
    { object, leftover }: { object?: ObjectRecord; leftover?: ObjectKey | undefined } = {},
  ): Promise<void> {
    const ended = (owner: OwnerRecord) => {
      const finished = withoutLeftover(this.#finished(owner), answer.physicalId);
      const inUse =
        this.record.requestType === 'Delete'
          ? finished
          : { ...finished, answered: { id: answer.physicalId, at: this.#now() } };
      return leftover ? withLeftover(inUse, leftover) : inUse;
    };
    await this.#save(
      (attempt) => ({ ...attempt, state: 'succeeded', answer }),
      async () => (object ? this.#own(object, { alsoOwner: ended }) : [await this.#owner(ended)]),
    );
  }

  /** The request failed: whoever gets it again fails as well. `leftover` is what a later request has to remove. */
  async fail(reason: string, deadline: Abortable, leftover?: ObjectKey): Promise<void> {
    const ended = this.steps.length > 0 ? this.#ended : this.#finished;
    await this.#save(
      (attempt) => ({ ...attempt, state: 'failed', reason }),
      async () => [
        await this.#owner((owner) => (leftover ? withLeftover(ended(owner), leftover) : ended(owner))),
      ],
      deadline,
    );
  }

  /**
   * Undoes every step, the last one first, and notes each. `undoStep` resolves when the thing is gone.
   * Also the way out of a cancelled attempt.
   */
  async undo(undoStep: (step: Step) => Promise<void>, deadline: Abortable = this.#deadline): Promise<void> {
    this.#acceptCancelled = true;
    // What stands in the ledger may say more than we know: an id, which undoing by name would not look for.
    if (this.#doubtful) await this.#readAgain(deadline);
    for (const { step, index } of this.steps.reverse()) {
      await undoStep(step);
      await this.#save(
        (attempt) => ({
          ...attempt,
          steps: attempt.steps.map((other, at) => (at === index ? { ...other, state: 'undone' } : other)),
        }),
        step.id === undefined ? nothing : () => this.#disownStep(step, step.id as string),
        deadline,
      );
    }
    await this.#save(
      (attempt) => ({ ...attempt, state: 'undone' }),
      async () => [await this.#owner(this.#finished)],
      deadline,
    );
  }

  /** CloudFormation took the answer: a repeat is owed nothing. False when somebody else has written since. */
  async close(deadline: Abortable): Promise<boolean> {
    const { key, body } = this.#current;
    const closed: Attempt = { ...body, state: 'closed', closedAt: this.#now() };
    try {
      const expiresAt = attemptExpiry(this.#now());
      await this.#store.commit([{ key, body: closed, read: this.#current, expiresAt }], deadline);
      return true;
    } catch (error) {
      if (error instanceof LedgerConflictError) return false;
      throw error;
    }
  }

  /** Nobody works on it any more. */
  #ended = ({ current, ...owner }: OwnerRecord): OwnerRecord =>
    current === undefined || current === this.record.requestId ? owner : { ...owner, current };

  /** There is something that has to be undone, should it not succeed. */
  #unfinished = (owner: OwnerRecord): OwnerRecord => ({
    ...owner,
    unfinished: [
      ...owner.unfinished.filter((requestId) => requestId !== this.record.requestId),
      this.record.requestId,
    ],
  });

  /** Nobody works on it any more, and nothing of it is left to undo. */
  #finished = (owner: OwnerRecord): OwnerRecord => ({
    ...this.#ended(owner),
    unfinished: owner.unfinished.filter((requestId) => requestId !== this.record.requestId),
  });

  async #own(
    object: ObjectRecord,
    {
      isNew = false,
      alsoOwner = (owner) => owner,
    }: { isNew?: boolean; alsoOwner?: (owner: OwnerRecord) => OwnerRecord } = {},
  ): Promise<Change[]> {
    const key = objectKey(object.kind, object.id);
    const [read, owner] = await Promise.all([
      isNew ? undefined : this.#read<ObjectRecord>(key),
      this.#owner((before) => alsoOwner(withObject(before, object))),
    ]);
    return [{ key, body: object, read }, owner];
  }

  async #disown(kind: string, id: string, wasPutBack = false): Promise<Change[]> {
    const key = objectKey(kind, id);
    const read = await this.#read<ObjectRecord>(key);
    // What has another owner by now stays his.
    const ours = read && sameOwner(read.body.owner, this.record) ? read : undefined;
    const former = wasPutBack ? ours?.body.adoption?.previous : undefined;
    const wasOurs = former && sameOwner(former.owner, this.record);
    return [
      ...(ours ? [former ? { key, body: former, read: ours } : { key, read: ours }] : []),
      await this.#owner((before) => (wasOurs ? before : withoutObject(before, kind, id))),
      ...(former && !wasOurs
        ? [await this.#owner((before) => withObject(before, former), former.owner)]
        : []),
    ];
  }

  /** What a step of this request made, or took over, is its no more; unless that was noted before. */
  async #disownStep({ kind, adopted }: Step, id: string): Promise<Change[]> {
    const record = adopted ? await this.object(kind, id) : undefined;
    if (adopted && record?.adoption?.requestId !== this.record.requestId) return [];
    return this.#disown(kind, id, adopted);
  }

  async #owner(change: (owner: OwnerRecord) => OwnerRecord, of: Owner = this.record): Promise<Change> {
    const key = ownerKey(of);
    const read = await this.#read<OwnerRecord>(key);
    return ownerChange(key, read, change(read?.body ?? newOwner(of)), this.#now());
  }

  async #save(
    change: (attempt: Attempt) => Attempt,
    others: Others = nothing,
    deadline = this.#deadline,
  ): Promise<void> {
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        const body = change(this.#current.body);
        const changes: Change[] = [
          { key: this.#current.key, body, read: this.#current, expiresAt: attemptExpiry(this.#now()) },
          ...(await others(conflicts > 0)),
        ];
        const [current, ...written] = await this.#store.commit(changes, deadline);
        if (current === undefined) throw new LedgerError('The ledger took a step without a trace of it.');
        this.#current = { ...current, body };
        for (const item of written) {
          if (item.body === undefined) this.#seen.delete(item.key);
          else this.#seen.set(item.key, item);
        }
        return;
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) this.#doubtful = true;
        if (!(error instanceof LedgerConflictError) || conflicts >= MAX_CONFLICTS) throw error;
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

  async #readAgain(deadline: Abortable): Promise<void> {
    this.#seen.clear();
    const { stackId, requestId, lease } = this.#current.body;
    const read = await this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline);
    if (read === undefined || read.body.lease.holder !== lease.holder) {
      throw new LedgerError(
        'Another invocation has taken this request over; this one stopped before its next write.',
      );
    }
    this.#current = read;
    this.#doubtful = false;
    if (read.body.cancelled && !this.#acceptCancelled) {
      throw new CancelledError();
    }
  }
}

export const attemptExpiry = (now: number) => Math.floor(now / 1000) + WEEK_SECONDS;

const withoutObject = (owner: OwnerRecord, kind: string, id: string): OwnerRecord => ({
  ...owner,
  objects: owner.objects.filter((other) => other.kind !== kind || other.id !== id),
});

const withObject = (owner: OwnerRecord, { kind, id, organization }: ObjectRecord): OwnerRecord => {
  const { objects } = withoutObject(owner, kind, id);
  return { ...owner, objects: [...objects, { kind, id, organization }] };
};

const withLeftover = (owner: OwnerRecord, { kind, id }: ObjectKey): OwnerRecord => ({
  ...owner,
  objects: owner.objects.map((object) =>
    object.kind === kind && object.id === id ? { ...object, leftover: true } : object,
  ),
});

const withoutLeftover = (owner: OwnerRecord, inUse: string): OwnerRecord => ({
  ...owner,
  objects: owner.objects.map(({ leftover, ...object }) =>
    leftover && object.id !== inUse ? { ...object, leftover } : object,
  ),
});

function withoutPrevious({ adoption, ...record }: ObjectRecord): ObjectRecord {
  if (adoption === undefined) return record;
  const { requestId, before } = adoption;
  return { ...record, adoption: { requestId, before } };
}

export const newOwner = ({ stackId, logicalId }: { stackId: string; logicalId: string }): OwnerRecord => ({
  stackId,
  logicalId,
  objects: [],
  unfinished: [],
});

/** A logical resource that owns nothing is remembered for a week, for the order of its requests. */
export function ownerChange(
  key: string,
  read: Versioned<OwnerRecord> | undefined,
  body: OwnerRecord,
  now: number,
): Change {
  const needed = body.objects.length > 0 || body.unfinished.length > 0;
  return { key, body, read, ...(needed ? {} : { expiresAt: attemptExpiry(now) }) };
}
