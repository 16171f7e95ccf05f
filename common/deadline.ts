import type { Clock } from './clock.ts';

/** The end of a piece of work, as every call that it makes is told. */
export interface Deadline {
  /** Aborted at the deadline, or before it where the work is not wanted any more. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; no wait goes beyond it. */
  readonly at: number;
  /**
   * Resolves when a call may begin, because the right to make it holds for so many milliseconds. Missing
   * where no such right is needed. @throws the signal's reason
   * @param longest the milliseconds that the call may take; it is aborted where the right ends before
   */
  readyFor?(milliseconds: number, longest?: number): Promise<void>;
}

/** The part of a deadline that ends a call, for work that plans nothing by the time that is left. */
export type Abortable = Pick<Deadline, 'signal'>;

/** Time of a deadline that is kept for undoing, the ledger and the answer; half of it where that is less. */
const KEPT_MILLISECONDS = 30_000;

/**
 * The moment at which work that began at `begunAt` stops repeating; both in milliseconds since the epoch.
 * Repeats up to the deadline itself would leave no time to undo what was begun.
 */
export const endOfRepeats = ({ at }: Pick<Deadline, 'at'>, begunAt: number): number =>
  at - Math.min(KEPT_MILLISECONDS, (at - begunAt) / 2);

/** A deadline of its own, which holds a timer until it is disposed of. */
export interface TimeLimit extends Deadline {
  /** Frees the timer and the listener; call it when the work has ended. */
  dispose(): void;
}

/** A deadline `ms` milliseconds from now, whose signal is aborted with its parent's as well. */
export function timeLimit(clock: Clock, ms: number, reason: () => Error, parent?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const at = clock.now() + ms;
  const cancel = clock.schedule(ms, () => controller.abort(reason()));
  const onParent = () => controller.abort(parent?.reason);
  if (parent?.aborted) onParent();
  parent?.addEventListener('abort', onParent, { once: true });
  return {
    signal: controller.signal,
    at,
    dispose: () => {
      cancel();
      parent?.removeEventListener('abort', onParent);
    },
  };
}

/**
 * Runs work for at most `ms` milliseconds. Work that does not heed its signal is not waited for.
 * @throws the reason once the time is over
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  reason: () => Error,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const limit = timeLimit(clock, ms, reason);
  try {
    return await unlessAborted(work(limit), limit.signal);
  } finally {
    limit.dispose();
  }
}

/** The result of work, or the signal's reason as soon as it is aborted. A later result is dropped. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The same deadline, whose signal is aborted by another signal as well. */
export const abortedAlsoBy = ({ signal, at }: Deadline, other: AbortSignal): Deadline => ({
  signal: AbortSignal.any([signal, other]),
  at,
});
