import { randomUUID } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import type { Abortable, Deadline } from '../runtime/deadline.ts';
import { LedgerError } from '../runtime/errors.ts';
import { attemptExpiry, newOwner, OpenAttempt, ownerChange } from './attempt.ts';
import {
  type Attempt,
  attemptKey,
  type Lock,
  lockKey,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  objectKey,
  ownerKey,
  type Step,
} from './records.ts';
import { type Change, LedgerConflictError, type Store, type Versioned } from './store.ts';

/** The part of a custom-resource request that the ledger needs. */
export interface LedgerRequest extends Owner {
  requestId: string;
  type: 'Create' | 'Update' | 'Delete';
  resourceType: string;
  signedAt?: number;
  /** The request's PhysicalResourceId is the id of an object. */
  namesObject?: boolean;
}

/** The deadline of an invocation that takes a lease or a lock, and the end of what it takes. */
export interface Holding extends Deadline {
  /** Milliseconds since the epoch at which Lambda kills the process, at the latest. */
  readonly killedAt: number;
}

export type Known =
  /** It succeeded before; the answer did not arrive. */
  | { verdict: 'replay'; answer: NonNullable<Attempt['answer']> }
  /** CloudFormation took the answer. */
  | { verdict: 'closed' };

export type Begun =
  | Known
  /** This invocation works on it; steps of an earlier one may be there. */
  | { verdict: 'go'; attempt: OpenAttempt; owner: OwnerRecord }
  /** It was, or was about to be, answered FAILED. */
  | { verdict: 'failed'; steps: Step[]; reason: string }
  /** A newer request of the same logical resource has begun, or this one was undone. */
  | { verdict: 'superseded' };

/** Another delivery of the same request is at work: it may make something. */
export interface TwinAtWork {
  verdict: 'twin at work';
}

/** The end of the work under a lock. */
export interface Unlocked<T> {
  value: T;
  /** The id of the object that has the lock's name from now on, for the next holders; without it the last one stands. */
  note?: string;
}

const POLL_MILLISECONDS = 1_000;
/** Four times as long as Genesys Cloud's index of names lags (facts from its Terraform provider: 15 s). */
const NOTED_MILLISECONDS = 60_000;
/** Waits after somebody else wrote an item first, growing: they spare the table where two go on doing so. */
const FIRST_CONFLICT_MILLISECONDS = 50;
const LONGEST_CONFLICT_MILLISECONDS = 2_000;

/**
 * Who owns which object, and what each request already did (one DynamoDB table). CloudFormation delivers a
 * request twice, late or at once with its twin, and the process may die at any instruction: whatever is
 * needed to go on stands here before the next write to Genesys Cloud.
 */
export class Ledger {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #now = () => this.#clock.now();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What a request came to before; nothing is written. */
  async recall({ stackId, requestId }: LedgerRequest, deadline: Abortable): Promise<Known | undefined> {
    return knownOf((await this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline))?.body);
  }

  /** Takes a request up. Where a twin is at work, the caller decides to wait for its end (`beginAfterTwin`). */
  begin(request: LedgerRequest, holding: Holding): Promise<Begun | TwinAtWork> {
    // A Create is nearly always the first request of its logical resource, so its write goes before any reading.
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
    const key = attemptKey(request.stackId, request.requestId);
    const lease = { holder: randomUUID(), until: holding.killedAt };
    let isNew = isProbablyNew;
    let conflicts = 0;
    for (;;) {
      const now = this.#clock.now();
      const [read, ownerRead] = isNew
        ? []
        : await Promise.all([
            this.#store.read<Attempt>(key, holding),
            this.#store.read<OwnerRecord>(ownerKey(request), holding),
          ]);
      const before = read?.body;
      const known = knownOf(before);
      if (known) return known;
      if (before?.state === 'failed')
        return { verdict: 'failed', steps: before.steps, reason: before.reason ?? 'The request failed.' };
      if (before?.state === 'undone' || before?.cancelled) return { verdict: 'superseded' };
      if (before?.state === 'running' && before.lease.until > now) return { verdict: 'twin at work' };
      const owner = ownerRead?.body ?? newOwner(request);
      if (request.type !== 'Delete' && isOlder(request.signedAt, owner.newestSignedAt))
        return { verdict: 'superseded' };
      const body: Attempt = before
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
      if (await this.#isOtherRunning(owner, request, holding)) {
        await this.#clock.sleep(POLL_MILLISECONDS, holding.signal);
        continue;
      }
      const newestSignedAt = Math.max(owner.newestSignedAt ?? 0, request.signedAt ?? 0);
      const { newestCreate, ...rest } = owner;
      // Who names an object had the answer of the Create that made it: no Delete will have to look for that one.
      const create =
        request.type === 'Create' ? request.requestId : request.namesObject ? undefined : newestCreate;
      const nextOwner: OwnerRecord = {
        ...rest,
        current: request.requestId,
        ...(newestSignedAt > 0 ? { newestSignedAt } : {}),
        ...(create === undefined ? {} : { newestCreate: create }),
      };
      try {
        const [attempt, ...others] = await this.#store.commit(
          [
            { key, body, read, expiresAt: attemptExpiry(now) },
            ownerChange(ownerKey(request), ownerRead, nextOwner, now),
          ],
          holding,
        );
        if (attempt === undefined)
          throw new LedgerError('The ledger took a request up without a trace of it.');
        return {
          verdict: 'go',
          attempt: new OpenAttempt(this.#store, this.#now, holding, { ...attempt, body }, others),
          owner: nextOwner,
        };
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error;
        if (!isNew) {
          await this.#pause(conflicts, holding);
          conflicts += 1;
        }
        isNew = false;
      }
    }
  }

  /**
   * Whether an earlier request of the same logical resource is still being worked on. It is told to stop: what it
   * writes after this one would be the last word in Genesys Cloud.
   */
  async #isOtherRunning(owner: OwnerRecord, request: LedgerRequest, { signal }: Holding): Promise<boolean> {
    const { current } = owner;
    if (current === undefined || current === request.requestId) return false;
    const read = await this.#store.read<Attempt>(attemptKey(request.stackId, current), { signal });
    if (read?.body.state !== 'running' || read.body.lease.until <= this.#clock.now()) return false;
    if (!read.body.cancelled) {
      const body: Attempt = { ...read.body, cancelled: true };
      const change = { key: read.key, body, read, expiresAt: attemptExpiry(this.#clock.now()) };
      await this.#store.commit([change], { signal }).catch((error: unknown) => {
        // It has gone on meanwhile: the next look tells.
        if (!(error instanceof LedgerConflictError)) throw error;
      });
    }
    return true;
  }

  /** An attempt's answer was accepted: a repeat is owed nothing. */
  async close(stackId: string, requestId: string, deadline?: Abortable): Promise<void> {
    const read = await this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline);
    if (read === undefined || read.body.state === 'closed' || read.body.state === 'undone') return;
    await this.#store.commit(
      [
        {
          key: read.key,
          body: { ...read.body, state: 'closed', closedAt: this.#clock.now() },
          read,
          expiresAt: attemptExpiry(this.#clock.now()),
        },
      ],
      deadline,
    );
  }

  /**
   * Takes up another request of the same logical resource in order to undo it: cancels it, waits until nobody
   * works on it, and returns it; undefined when there is none or nothing of it is left.
   */
  async takeOver(stackId: string, requestId: string, holding: Holding): Promise<OpenAttempt | undefined> {
    let conflicts = 0;
    for (;;) {
      const read = await this.#store.read<Attempt>(attemptKey(stackId, requestId), holding);
      if (read === undefined || read.body.state === 'undone') return undefined;
      const running = read.body.state === 'running' && read.body.lease.until > this.#clock.now();
      const body: Attempt = {
        ...read.body,
        cancelled: true,
        ...(running
          ? {}
          : { lease: { holder: randomUUID(), until: holding.killedAt }, state: 'running' as const }),
      };
      try {
        if (!running || !read.body.cancelled) {
          const [written] = await this.#store.commit(
            [{ key: read.key, body, read, expiresAt: attemptExpiry(this.#clock.now()) }],
            holding,
          );
          if (!running && written) {
            return new OpenAttempt(this.#store, this.#now, holding, { ...written, body });
          }
        }
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error;
        await this.#pause(conflicts, holding);
        conflicts += 1;
        continue;
      }
      await this.#clock.sleep(POLL_MILLISECONDS, holding.signal);
    }
  }

  #pause(conflicts: number, { signal }: Holding): Promise<void> {
    const milliseconds = Math.min(
      FIRST_CONFLICT_MILLISECONDS * 2 ** conflicts,
      LONGEST_CONFLICT_MILLISECONDS,
    );
    return this.#clock.sleep(milliseconds, signal);
  }

  /** When CloudFormation took a request's answer, milliseconds since the epoch. */
  async closedAt(stackId: string, requestId: string, deadline: Abortable): Promise<number | undefined> {
    return (await this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline))?.body.closedAt;
  }

  /** The steps of a request that were not undone. */
  async steps(stackId: string, requestId: string, deadline: Abortable): Promise<Step[]> {
    const read = await this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline);
    return read?.body.steps.filter(({ state }) => state !== 'undone') ?? [];
  }

  /** Whether somebody works on a request, or what it made is still to be undone. */
  async isPending(stackId: string, requestId: string, deadline: Abortable): Promise<boolean> {
    const read = await this.#store.read<Attempt>(attemptKey(stackId, requestId), deadline);
    if (read === undefined || read.body.state === 'undone') return false;
    return read.body.state === 'running' || read.body.steps.some(({ state }) => state !== 'undone');
  }

  async object(kind: string, id: string, deadline: Abortable): Promise<ObjectRecord | undefined> {
    return (await this.#store.read<ObjectRecord>(objectKey(kind, id), deadline))?.body;
  }

  /**
   * Runs `work` while nobody else holds the lock of that name. The lock of a dead holder ends with its lease.
   * @param work is given the id that a holder of less than a minute ago noted. Genesys Cloud may not list that object
   * by its name yet.
   */
  async withLock<T>(
    name: string,
    holding: Holding,
    work: (noted: string | undefined) => Promise<Unlocked<T>>,
  ): Promise<T> {
    const key = lockKey(name);
    const { held, noted } = await this.#acquire(key, holding);
    let note = noted;
    try {
      const done = await work(noted);
      note = done.note ?? noted;
      return done.value;
    } finally {
      await this.#release(key, held, note);
    }
  }

  async #release(key: string, held: Versioned<unknown> | undefined, note: string | undefined): Promise<void> {
    const now = this.#clock.now();
    const released: Change<Lock> =
      note === undefined
        ? { key, read: held }
        : {
            key,
            read: held,
            body: { until: now, noted: note },
            expiresAt: Math.ceil((now + NOTED_MILLISECONDS) / 1000),
          };
    // A lock that cannot be released ends with its lease.
    await this.#store.commit([released]).catch(() => undefined);
  }

  async #acquire(
    key: string,
    holding: Holding,
  ): Promise<{ held: Versioned<unknown> | undefined; noted?: string }> {
    const expiresAt = Math.ceil(holding.killedAt / 1000) + 1;
    for (let isFree = true; ; isFree = false) {
      // Nearly always nobody holds it: the write itself finds out.
      const read = isFree ? undefined : await this.#store.read<Lock>(key, holding);
      if (read === undefined || read.body.until <= this.#clock.now()) {
        const noted = read?.body.noted;
        const body: Lock = { until: holding.killedAt, ...(noted === undefined ? {} : { noted }) };
        try {
          const [held] = await this.#store.commit([{ key, body, read, expiresAt }], holding);
          return { held, ...(noted === undefined ? {} : { noted }) };
        } catch (error) {
          if (!(error instanceof LedgerConflictError)) throw error;
          if (isFree) continue;
        }
      }
      await this.#clock.sleep(POLL_MILLISECONDS, holding.signal);
    }
  }
}

function knownOf(attempt: Attempt | undefined): Known | undefined {
  if (attempt?.state === 'closed') return { verdict: 'closed' };
  if (attempt?.state === 'succeeded' && attempt.answer) return { verdict: 'replay', answer: attempt.answer };
  return undefined;
}

/** Same second, or no date: nothing is assumed. */
const isOlder = (signedAt: number | undefined, newest: number | undefined) =>
  signedAt !== undefined && newest !== undefined && signedAt < newest;
