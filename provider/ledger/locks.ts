import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import { type Attempt, attemptKey, inAWeek, isAtWork, type Lock, lockKey } from './records.ts';
import { LedgerConflictError, type Store, type Versioned } from './store.ts';

const POLL_MILLISECONDS = 1_000;

/** Locks by name, over every container of the provider. */
export class Locks {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Runs `work` while nobody else holds the lock of that name. */
  async hold<T>(
    name: string,
    { stackId, attemptId }: Lock,
    deadline: Deadline,
    work: () => Promise<T>,
  ): Promise<T> {
    const held = await this.#acquire(lockKey(name), { stackId, attemptId }, deadline);
    try {
      return await work();
    } finally {
      // A lock that cannot be released is free when its attempt has ended.
      await this.#store.commit([{ key: held.key, read: held }]).catch(() => undefined);
    }
  }

  async #acquire(key: string, body: Lock, deadline: Deadline): Promise<Versioned<unknown>> {
    // Nearly always the lock is free, so its write goes before any reading.
    for (let isProbablyFree = true; ; isProbablyFree = false) {
      const read = isProbablyFree ? undefined : await this.#store.read<Lock>(key, deadline);
      if (await this.#isFree(read?.body, body, deadline)) {
        try {
          const expiresAt = inAWeek(this.#clock.now());
          const [held] = await this.#store.commit([{ key, body, read, expiresAt }], deadline);
          return held;
        } catch (error) {
          if (!(error instanceof LedgerConflictError)) throw error;
          if (isProbablyFree) continue;
        }
      }
      await this.#clock.sleep(POLL_MILLISECONDS, deadline.signal);
    }
  }

  /** Whether nobody works on the attempt that took the lock. Its own attempt may take it again. */
  async #isFree(lock: Lock | undefined, holder: Lock, deadline: Deadline): Promise<boolean> {
    if (lock === undefined) return true;
    if (lock.stackId === holder.stackId && lock.attemptId === holder.attemptId) return true;
    const attempt = await this.#store.read<Attempt>(attemptKey(lock.stackId, lock.attemptId), deadline);
    return attempt === undefined || !isAtWork(attempt.body, this.#clock.now());
  }
}
