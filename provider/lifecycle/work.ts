import { createHash } from 'node:crypto';
import {
  type GenesysSession,
  isRefusal,
  NotFoundError,
  OutcomeUnknownError,
  VersionConflictError,
} from '../genesys/index.ts';
import type { Holding, Ledger, ObjectRecord, OpenAttempt, Owner, Step } from '../ledger/index.ts';
import type { CustomResourceRequest, Invocation } from '../protocol/index.ts';
import type { AwsServices } from '../runtime/aws.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Deadline } from '../runtime/deadline.ts';
import { DeadlineError, ProviderError } from '../runtime/errors.ts';
import type { Log } from '../runtime/logger.ts';
import { GoneError } from './type.ts';

/** Names in Genesys Cloud's index appear late (facts from its Terraform provider: retried for 15 s). */
const INDEX_LAG_MILLISECONDS = 15_000;
const LOOK_AGAIN_MILLISECONDS = 2_000;
/** A role, key policy or integration made seconds ago is often not visible yet. */
export const YOUNG_MILLISECONDS = 90_000;
/** Share of the time until the deadline. */
const PATIENT_SHARE = 0.9;
const MAX_SENDS = 4;
const MAX_VERSION_CONFLICTS = 8;
/** An object that answers 404 for this long is gone (Genesys Cloud is eventually consistent). */
export const GONE_AFTER_MILLISECONDS = 10_000;

/** One thing that a request makes in Genesys Cloud. */
export interface Making<T> {
  kind: string;
  /** What finds it again, or undoes it; stands in the ledger before the call. */
  marker: Record<string, string>;
  send(): Promise<T>;
  /** Looks for what a call of unknown outcome may have made; asked again while the index may lag. */
  find(): Promise<T | undefined>;
  /** The record of the object that this logical resource owns from here on; missing for a mere part. */
  object?(id: string): Pick<ObjectRecord, 'details'> & Partial<Pick<ObjectRecord, 'origin'>>;
}

/** An object that is there already, to be taken over. */
export interface Adopting {
  kind: string;
  id: string;
  /** Its record as it was found: undefined where nobody owns it. */
  record: ObjectRecord | undefined;
  /** What puts it back, as JSON; it may hold secrets. */
  before: unknown;
  details?: Record<string, string>;
}

/** What a flow works with: one request's calls, ledger, time, and the ways of making, waiting and looking. */
export class Work {
  readonly request: CustomResourceRequest;
  readonly session: GenesysSession;
  readonly organization: { id: string; name?: string };
  readonly attempt: OpenAttempt;
  readonly ledger: Ledger;
  readonly aws: AwsServices;
  readonly clock: Clock;
  readonly log: Log;
  readonly invocation: Invocation;
  /** The form was applied before: guards and checks of what is remote are skipped, so that rollbacks work. */
  readonly trusted: boolean;
  /** Fingerprint of the properties that cannot change in place. */
  readonly identity: string;
  /** Ids of the objects of the type that this logical resource owned when the request began. */
  readonly ownIds: readonly string[];
  /**
   * Call it before the first write of an update, and again with what must not be forgotten should the process die:
   * the object is not what was applied last any more.
   */
  writing: (details?: Record<string, string>) => Promise<void> = async () => {};

  constructor(
    parts: Pick<
      Work,
      | 'request'
      | 'session'
      | 'organization'
      | 'attempt'
      | 'ledger'
      | 'aws'
      | 'clock'
      | 'log'
      | 'invocation'
      | 'trusted'
      | 'identity'
      | 'ownIds'
    >,
  ) {
    this.request = parts.request;
    this.session = parts.session;
    this.organization = parts.organization;
    this.attempt = parts.attempt;
    this.ledger = parts.ledger;
    this.aws = parts.aws;
    this.clock = parts.clock;
    this.log = parts.log;
    this.invocation = parts.invocation;
    this.trusted = parts.trusted;
    this.identity = parts.identity;
    this.ownIds = parts.ownIds;
  }

  get signal(): AbortSignal {
    return this.deadline.signal;
  }

  get deadline(): Deadline {
    return this.invocation.deadline;
  }

  get holding(): Holding {
    return holdingOf(this.invocation);
  }

  get owner() {
    return { stackId: this.request.stackId, logicalId: this.request.logicalId };
  }

  /** 12 hex digits that belong to this request alone: they make a name that nothing else has. */
  get mark(): string {
    const { stackId, logicalId, requestId } = this.request;
    return createHash('sha256').update(`${stackId} ${logicalId} ${requestId}`).digest('hex').slice(0, 12);
  }

  /** `<name> [<mark>]`, within the 256 characters that Genesys Cloud allows. */
  uniqueName(name: string): string {
    const suffix = ` [${this.mark}]`;
    return name.slice(0, 256 - suffix.length) + suffix;
  }

  /**
   * Makes a thing once, whatever happens: noted before it is sent, looked for before it is sent again, and taken
   * from the ledger when an earlier delivery of this request made it. `value` is what the call or the look-up
   * answered; missing when the ledger knew the id.
   */
  async make<T extends { id?: string }>(making: Making<T>): Promise<{ id: string; value?: T }> {
    const known = this.attempt.steps.find(({ step }) => step.kind === making.kind);
    if (known) {
      this.invocation.progress.wroteSomething = true;
      if (known.step.id !== undefined) {
        if (making.object) this.invocation.progress.objectId = known.step.id;
        return { id: known.step.id };
      }
      const found = await this.#look(making);
      if (found) return this.#made(known.index, found, making);
    }
    const index =
      known?.index ??
      (await this.attempt.intend({ kind: making.kind, marker: making.marker }, this.organization.id));
    this.invocation.progress.wroteSomething = true;
    for (let sends = 1; ; sends += 1) {
      try {
        return await this.#made(index, await making.send(), making);
      } catch (error) {
        if (!(error instanceof OutcomeUnknownError)) {
          // Whatever else it is: what was sent may have been done, and stays noted.
          if (isRefusal(error) && sends === 1 && !known && !this.signal.aborted)
            await this.attempt.unmade(index);
          throw error;
        }
        this.log.warn('outcome of a write unknown: looking for what it made', { kind: making.kind });
        const found = await this.#look(making);
        if (found) return this.#made(index, found, making);
        if (sends >= MAX_SENDS) throw error;
      }
    }
  }

  async #made<T extends { id?: string }>(
    index: number,
    value: T,
    making: Making<T>,
  ): Promise<{ id: string; value: T }> {
    const id = value.id;
    if (id === undefined || id === '') throw new OutcomeWithoutIdError(making.kind);
    const details = making.object?.(id);
    if (details) this.invocation.progress.objectId = id;
    await this.attempt.made(index, id, details && { ...this.newRecord(making.kind, id), ...details });
    return { id, value };
  }

  /** The record of an object that this logical resource owns from here on. */
  newRecord(kind: string, id: string): ObjectRecord {
    return {
      kind,
      id,
      organization: this.organization.id,
      owner: this.owner,
      origin: 'created',
      createdAt: this.clock.now(),
      applied: [],
      dirty: true,
      identity: this.identity,
      attributes: {},
      details: {},
    };
  }

  /**
   * Takes an object over that is there: from here on this logical resource owns it, and undoing puts it back. Nothing
   * is written to Genesys Cloud; what it was stands in the ledger before that. @throws LedgerError
   */
  async adopt({ kind, id, record, before, details = {} }: Adopting): Promise<void> {
    const sealed = await this.session.seal(JSON.stringify(before));
    // It may be noted even if the ledger's answer is lost: then the rollback puts it back.
    this.invocation.progress.wroteSomething = true;
    const from: Owner | undefined = record?.owner;
    // What goes from one logical resource of a stack to another is as much its stack's as before.
    const origin = record && from?.stackId === this.owner.stackId ? record.origin : 'adopted';
    await this.attempt.adopt(
      {
        ...this.newRecord(kind, id),
        origin,
        details,
        adoption: { requestId: this.request.requestId, before: sealed },
      },
      from,
    );
    this.invocation.progress.objectId = id;
  }

  /** Whether CloudFormation is undoing the operation that this request belongs to; false where it may not be asked. */
  isRollingBack(): Promise<boolean> {
    return this.aws.isRollingBack(this.owner.stackId, this.deadline);
  }

  async #look<T>(making: Making<T>): Promise<T | undefined> {
    return this.until(() => making.find(), INDEX_LAG_MILLISECONDS, LOOK_AGAIN_MILLISECONDS);
  }

  /** Asks until there is an answer, for at most so many milliseconds; undefined when there was none. */
  async until<T>(
    ask: () => Promise<T | undefined>,
    forMilliseconds: number,
    every = LOOK_AGAIN_MILLISECONDS,
  ): Promise<T | undefined> {
    const end = this.clock.now() + forMilliseconds;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (this.clock.now() + every > end) return undefined;
      await this.clock.sleep(every, this.signal);
    }
  }

  /** When waiting for what is young has to end: after so long, or while there is time to say what is wrong with it. */
  patienceEnd(forMilliseconds: number): number {
    const now = this.clock.now();
    return now + Math.min(forMilliseconds, (this.deadline.at - now) * PATIENT_SHARE);
  }

  /**
   * Repeats a call while `isYoung` says that its error may come from something made seconds ago; at the end of the
   * invocation's time that error is thrown.
   */
  async patiently<T>(
    call: () => Promise<T>,
    isYoung: (error: unknown) => boolean,
    forMilliseconds = YOUNG_MILLISECONDS,
  ): Promise<T> {
    const end = this.patienceEnd(forMilliseconds);
    for (let wait = 1_000; ; wait = Math.min(wait * 2, 10_000)) {
      try {
        return await call();
      } catch (error) {
        if (!isYoung(error) || this.clock.now() + wait > end) throw error;
        await this.clock.sleep(wait, this.signal);
      }
    }
  }

  /** Repeats read-and-write while somebody else wrote in between. */
  async withFreshVersion<T>(readAndWrite: () => Promise<T>): Promise<T> {
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        return await readAndWrite();
      } catch (error) {
        if (!(error instanceof VersionConflictError) || conflicts >= MAX_VERSION_CONFLICTS) throw error;
        await this.clock.sleep(Math.min(250 * 2 ** conflicts, 2_000), this.signal);
      }
    }
  }

  /** Reads an object that has to be there. @throws GoneError when it answered 404 for long enough. */
  async readExisting<T>(read: () => Promise<T>): Promise<T> {
    const found = await this.until(async () => {
      try {
        return { value: await read() };
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    }, GONE_AFTER_MILLISECONDS);
    if (found === undefined) throw new GoneError();
    return found.value;
  }

  /**
   * Deletes, and waits until the object answers 404 (at most 30 s). A 404 of the deletion itself is not believed
   * alone: something that was made just now is not known everywhere.
   */
  async deleteAndWait(
    remove: () => Promise<unknown>,
    read: () => Promise<unknown>,
    what: string,
  ): Promise<void> {
    let unknown = await isGone(remove);
    const gone = await this.until(
      async () => {
        if (await isGone(read)) return true;
        if (unknown) unknown = await isGone(remove);
        return undefined;
      },
      30_000,
      1_000,
    );
    if (!gone)
      throw new DeadlineError(
        `Genesys Cloud took the deletion of ${what}, but still shows it after 30 seconds. Delete the stack again.`,
      );
  }

  /** Steps of this request that made something of a kind. */
  stepOf(kind: string): Step | undefined {
    return this.attempt.steps.find(({ step }) => step.kind === kind)?.step;
  }
}

export const holdingOf = ({ deadline, killedAt }: Invocation): Holding => ({ ...deadline, killedAt });

/** Genesys Cloud answered a create without an id; what it made cannot be named. */
class OutcomeWithoutIdError extends ProviderError {
  constructor(kind: string) {
    super(`Genesys Cloud took the ${kind}, but answered without its id.`);
  }
}

/** Whether a call ends in 404. */
export async function isGone(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    if (error instanceof NotFoundError) return true;
    throw error;
  }
}
