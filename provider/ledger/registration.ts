import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../common/clock.ts';
import { LedgerError } from '../../common/errors.ts';
import {
  type AtLeastOne,
  type CallEnd,
  type Change,
  LedgerConflictError,
  Store,
  type Versioned,
} from './store.ts';

/** The note in a table that a provider uses it as its ledger. */
export interface RegistrationRecord {
  /** ARN of the provider's function. */
  provider: string;
  /** Milliseconds since the epoch. */
  at: number;
  by: 'installation' | 'move';
  /** ARN of the table that its records came from. */
  movedFrom?: string;
  /** ARN of the table that the provider's records moved to; this one is out of use for it. */
  movedTo?: string;
}

export const registrationKey = (provider: string) => `PROVIDER#${provider}`;

/**
 * Whether a provider may use a table as its ledger. An object without a record has no owner. So a provider
 * that is given another table, or an empty one, would take every object for free; it refuses a table that
 * does not know it.
 */
export class Registration {
  readonly #store: Store;
  readonly #table: string;
  readonly #provider: string;
  readonly #clock: Pick<Clock, 'now'>;

  /** @param store the table itself, without this check */
  constructor(store: Store, table: string, provider: string, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#table = table;
    this.#provider = provider;
    this.#clock = clock;
  }

  /** @throws LedgerError where the provider is not registered, or has moved */
  async check(deadline?: CallEnd): Promise<void> {
    if (await this.#isRegistered(deadline)) return;
    throw new LedgerError(
      `This provider is not registered in the ledger ${this.#table}: it was installed with another ledger, or this one was emptied. Nothing was done. Put the former ledger into the parameter LedgerTableArn of the provider's stack, or move the provider by make move-ledger.`,
    );
  }

  /** Registers the provider, unless it is registered. @throws LedgerError where it has moved */
  async register(deadline?: CallEnd): Promise<void> {
    if (await this.#isRegistered(deadline)) return;
    const body: RegistrationRecord = {
      provider: this.#provider,
      at: this.#clock.now(),
      by: 'installation',
    };
    try {
      await this.#store.commit([{ key: registrationKey(this.#provider), body, read: undefined }], deadline);
    } catch (error) {
      // A second delivery of the same event has registered it.
      if (!(error instanceof LedgerConflictError)) throw error;
    }
  }

  async #isRegistered(deadline: CallEnd | undefined): Promise<boolean> {
    const key = registrationKey(this.#provider);
    const body = (await this.#store.read<RegistrationRecord>(key, deadline))?.body;
    if (body?.movedTo !== undefined) {
      throw new LedgerError(
        `The records of this provider moved from the ledger ${this.#table} to ${body.movedTo}. Nothing was done. Put the new one into the parameter LedgerTableArn of the provider's stack.`,
      );
    }
    return body !== undefined;
  }
}

/**
 * A table that is neither read nor written before its registration was seen, so that nothing is written to a
 * wrong table. A container looks once, and `confirm` looks again.
 */
export class RegisteredStore extends Store {
  readonly #registration: Registration;
  /** The look that all calls share, and the deadline of the call that began it. */
  #look: { done: Promise<void>; deadline: CallEnd | undefined } | undefined;

  constructor(client: DynamoDBClient, table: string, clock: Clock, registration: Registration) {
    super(client, table, clock);
    this.#registration = registration;
  }

  override async read<T>(key: string, deadline?: CallEnd): Promise<Versioned<T> | undefined> {
    await this.#check(deadline);
    return super.read<T>(key, deadline);
  }

  override async commit(changes: AtLeastOne<Change>, deadline?: CallEnd) {
    await this.#check(deadline);
    return super.commit(changes, deadline);
  }

  override async confirm(deadline?: CallEnd): Promise<void> {
    this.#look = undefined;
    await this.#check(deadline);
  }

  async #check(deadline: CallEnd | undefined): Promise<void> {
    this.#look ??= { done: this.#registration.check(deadline), deadline };
    const look = this.#look;
    try {
      await look.done;
    } catch (error) {
      if (this.#look === look) this.#look = undefined;
      // The look may have ended with the time of an earlier request, whose call began it.
      const isOfAnother = look.deadline?.signal.aborted === true && look.deadline.signal !== deadline?.signal;
      if (!isOfAnother || deadline?.signal.aborted) throw error;
      await this.#check(deadline);
    }
  }
}
