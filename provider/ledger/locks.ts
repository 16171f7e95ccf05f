import type { Clock } from '../runtime/clock.ts';
import type { Deadline } from '../runtime/deadline.ts';
import { type Lock, lockIsFree, lockKey } from './records.ts';
import { LedgerConflictError, type Store, type Versioned } from './store.ts';

/** The deadline of an invocation that takes a lease or a lock, and the end of what it takes. */
export interface Holding extends Deadline {
  /** Milliseconds since the epoch at which Lambda kills the process, at the latest. */
  readonly killedAt: number;
}

const POLL_MILLISECONDS = 1_000;

/** Locks by name, over every container of the provider. */
export class Locks {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Runs `work` while nobody else holds the lock of that name. The lock of a dead holder is free when it was
   * killed.
   */
  async hold<T>(name: string, holding: Holding, work: () => Promise<T>): Promise<T> {
    const held = await this.#acquire(lockKey(name), holding);
    try {
      return await work();
    } finally {
      // A lock that cannot be released is free when its holder was killed.
      await this.#store.commit([{ key: held.key, read: held }]).catch(() => undefined);
    }
  }

  async #acquire(key: string, holding: Holding): Promise<Versioned<unknown>> {
    const { killedAt, signal } = holding;
    const expiresAt = Math.ceil(killedAt / 1000) + 1;
    // Nearly always the lock is free, so its write goes before any reading.
    for (let isProbablyFree = true; ; isProbablyFree = false) {
      const read = isProbablyFree ? undefined : await this.#store.read<Lock>(key, holding);
      if (lockIsFree(read?.body, this.#clock.now())) {
        try {
          const body: Lock = { until: killedAt };
          const [held] = await this.#store.commit([{ key, body, read, expiresAt }], holding);
          return held;
        } catch (error) {
          if (!(error instanceof LedgerConflictError)) throw error;
          if (isProbablyFree) continue;
        }
      }
      await this.#clock.sleep(POLL_MILLISECONDS, signal);
    }
  }
}
