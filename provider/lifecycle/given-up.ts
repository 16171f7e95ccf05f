import { CancelledError, type OpenAttempt } from '../ledger/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Abortable } from '../runtime/deadline.ts';

const LOOK_MILLISECONDS = 5_000;

/**
 * Looks now and then whether CloudFormation has given a request up: its rollback waits for us. A request that does
 * not wait itself has ended before the first look. Returns what stops it.
 */
export function whenGivenUp(
  attempt: OpenAttempt,
  deadline: Abortable,
  clock: Clock,
  act: (reason: CancelledError) => void,
): () => void {
  let isOver = false;
  const look = async () => {
    const isCancelled = await attempt.isCancelled(deadline).catch(() => false);
    if (isOver || deadline.signal.aborted) return;
    if (isCancelled) act(new CancelledError());
    else cancel = clock.schedule(LOOK_MILLISECONDS, look);
  };
  let cancel = clock.schedule(LOOK_MILLISECONDS, look);
  return () => {
    isOver = true;
    cancel();
  };
}
