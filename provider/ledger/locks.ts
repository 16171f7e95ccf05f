import type { Clock } from '../runtime/clock.ts';
import type { Deadline } from '../runtime/deadline.ts';
import { type Lock, lockIsFree, lockKey } from './records.ts';
import { type Change, LedgerConflictError, type Store, type Versioned } from './store.ts';

/** The deadline of an invocation that takes a lease or a lock, and the end of what it takes. */
export interface Holding extends Deadline {
  /** Milliseconds since the epoch at which Lambda kills the process, at the latest. */
  readonly killedAt: number;
}

/** The end of the work under a lock. */
export interface Unlocked<T> {
  value: T;
  /** The id of the object that has the lock's name from now on, for the next holders; without it the last one stands. */
  note?: string;
}

const POLL_MILLISECONDS = 1_000;
/** Four times the lag of Genesys Cloud's index of names (Terraform provider: 15 s). */
const NOTED_MILLISECONDS = 60_000;

/** Locks by name, over every container of the provider. */
export class Locks {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Runs `work` while nobody else holds the lock of that name. The lock of a dead holder is free when it was killed. */
  async hold<T>(
    name: string,
    holding: Holding,
    work: (noted: string | undefined) => Promise<Unlocked<T>>,
  ): Promise<T> {
    const { held, noted } = await this.#acquire(lockKey(name), holding);
    let note = noted;
    try {
      const done = await work(noted);
      note = done.note ?? noted;
      return done.value;
    } finally {
      await this.#release(held, note);
    }
  }

  async #acquire(key: string, holding: Holding): Promise<{ held: Versioned<unknown>; noted?: string }> {
    const { killedAt, signal } = holding;
    const expiresAt = Math.ceil(killedAt / 1000) + 1;
    // Nearly always the lock is free, so its write goes before any reading.
    for (let isProbablyFree = true; ; isProbablyFree = false) {
      const read = isProbablyFree ? undefined : await this.#store.read<Lock>(key, holding);
      if (lockIsFree(read?.body, this.#clock.now())) {
        const noted = read?.body.noted === undefined ? {} : { noted: read.body.noted };
        try {
          const body: Lock = { until: killedAt, ...noted };
          const [held] = await this.#store.commit([{ key, body, read, expiresAt }], holding);
          return { held, ...noted };
        } catch (error) {
          if (!(error instanceof LedgerConflictError)) throw error;
          if (isProbablyFree) continue;
        }
      }
      await this.#clock.sleep(POLL_MILLISECONDS, signal);
    }
  }

  async #release(held: Versioned<unknown>, note: string | undefined): Promise<void> {
    const { key } = held;
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
    // A lock that cannot be released is free when its holder was killed.
    await this.#store.commit([released]).catch(() => undefined);
  }
}
