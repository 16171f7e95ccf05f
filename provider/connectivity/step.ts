import type { Clock } from '../../common/clock.ts';
import { type Abortable, timeLimit, unlessAborted } from '../../common/deadline.ts';

/** The outcome of one step. */
export interface StepOutcome {
  /** Its time, in milliseconds. */
  ms: number;
  /** The reason of its failure: `TIMEOUT`, or a code of Node's. Missing for a success. */
  error?: string;
}

const TIMEOUT = 'TIMEOUT';

/** The means of every step. A step that the signal aborts has failed with `TIMEOUT`. */
export interface StepLimits extends Abortable {
  clock: Clock;
  /** Time for one step, in milliseconds. */
  stepMs: number;
}

/**
 * Does one step within its time and measures it. It never rejects, because a failed step is a finding.
 * @param work is not waited for once its signal is aborted, and has to free its sockets then
 */
export async function step<T>(
  { clock, stepMs, signal }: StepLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<StepOutcome & { value?: T }> {
  const began = clock.now();
  if (signal.aborted) return { ms: 0, error: TIMEOUT };
  const limit = timeLimit(clock, stepMs, () => new Error('over'), signal);
  try {
    const value = await unlessAborted(work(limit.signal), limit.signal);
    return { ms: clock.now() - began, value };
  } catch (error) {
    return { ms: clock.now() - began, error: limit.signal.aborted ? TIMEOUT : codeOf(error) };
  } finally {
    limit.dispose();
  }
}

function codeOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return typeof message === 'string' ? message : 'UNKNOWN';
}
