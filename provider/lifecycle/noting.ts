import { timeLimit } from '../../common/deadline.ts';
import { LedgerError, messageOf } from '../../common/errors.ts';
import { redact } from '../../common/redaction.ts';
import type { ObjectKey, OpenAttempt } from '../ledger/index.ts';
import type { Job } from './job.ts';

/** Time for the last word to the ledger once a request's own time is over. */
const LAST_WORD_MILLISECONDS = 2_000;
const NOTE_AGAIN_MILLISECONDS = 5_000;
/** Characters of a failure's reason that the ledger keeps for a repeat. */
const LONGEST_REASON = 1_500;

/** A removal that failed. A later request of the logical resource makes up for it. */
export class NotRemovedError extends Error {
  readonly leftOver: ObjectKey;

  constructor(leftOver: ObjectKey, cause: unknown) {
    super(messageOf(cause), { cause });
    this.leftOver = leftOver;
  }
}

/**
 * Ends a failed attempt in the ledger. The answer waits for it as long as there is time: while the ledger
 * says that this request runs, CloudFormation's next request cannot take it up.
 * @param leftOver an object that a later request has to remove
 */
export async function noteFailure(
  { parts: { clock, log }, deadline: { signal } }: Job,
  attempt: OpenAttempt,
  reason: string,
  leftOver?: ObjectKey,
): Promise<void> {
  for (;;) {
    // The request's own signal may have ended it, so the last word has a short time of its own.
    const limit = timeLimit(clock, LAST_WORD_MILLISECONDS, () => new Error('no time left'));
    try {
      return await attempt.fail(redact(reason).slice(0, LONGEST_REASON), limit, leftOver);
    } catch (problem) {
      // Another invocation has the attempt, and ends it.
      if (attempt.lost.aborted) return;
      log.warn('the attempt could not be ended in the ledger', { problem: messageOf(problem) });
      if (signal.aborted || !(problem instanceof LedgerError)) return;
    } finally {
      limit.dispose();
    }
    await clock.sleep(NOTE_AGAIN_MILLISECONDS, signal).catch(() => undefined);
  }
}
