import pRetry from 'p-retry';
import type { Clock } from '../../common/clock.ts';
import { type Deadline, endOfRepeats } from '../../common/deadline.ts';
import { GenesysError, isRefusal } from './errors.ts';

export interface RetryPolicy {
  readonly clock: Clock;
  /** Between 0 and 1, as Math.random. */
  readonly random: () => number;
}

/** The longest first wait. Each further one may be twice as long. */
const firstWaitMs = 500;
const longestWaitMs = 10_000;

/**
 * Repeats `attempt` until it succeeds, fails with an error that is not `retryable`, or the deadline is near:
 * an outage of a minute must not fail a rollback that has five. The waits grow exponentially, with full
 * jitter. A Retry-After is obeyed with jitter on top, so that clients that were throttled together do not
 * come back together.
 * @param attempt is given its number, from 1
 */
export function withRetries<T>(
  policy: RetryPolicy,
  deadline: Deadline,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  const { clock, random } = policy;
  const end = endOfRepeats(deadline, clock.now());
  let isUnknown = false;
  return pRetry(
    (number) => {
      deadline.signal.throwIfAborted();
      return attempt(number);
    },
    {
      // p-retry's own waits, time limit and signal are not used: they have another clock, know no
      // Retry-After, and would drop the result of a call that succeeded while the signal was aborted.
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      onFailedAttempt: async ({ error, attemptNumber }) => {
        if (!(error instanceof GenesysError)) throw deadline.signal.aborted ? deadline.signal.reason : error;
        error.isAfterUnknown = isUnknown;
        isUnknown ||= !isRefusal(error);
        if (!error.retryable) throw error;
        const ceiling = Math.min(firstWaitMs * 2 ** (attemptNumber - 1), longestWaitMs);
        const waitMs = (error.retryAfterSeconds ?? 0) * 1000 + Math.ceil(random() * ceiling);
        if (clock.now() + waitMs >= end) throw error;
        await clock.sleep(waitMs, deadline.signal);
      },
    },
  );
}
