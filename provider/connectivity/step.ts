import type { Clock } from '../runtime/clock.ts';
import { type Abortable, timeLimit } from '../runtime/deadline.ts';

/** How one step went. */
export interface StepOutcome {
  /** How long it took, in milliseconds. */
  ms: number;
  /** Why it failed: `TIMEOUT`, or a code of Node's. Missing when it succeeded. */
  error?: string;
}

/** What every step of a check gets. A step that its signal aborts has failed with `TIMEOUT`. */
export interface StepLimits extends Abortable {
  clock: Clock;
  /** How long a step may take, in milliseconds. */
  stepMs: number;
}

/**
 * Does one step inside its time limit and measures it. Never rejects: that a step fails is what is looked for.
 * `work` has to free what it holds when its signal is aborted; it is not waited for.
 */
export async function step<T>(
  { clock, stepMs, signal }: StepLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<StepOutcome & { value?: T }> {
  const began = clock.now();
  if (signal.aborted) return { ms: 0, error: 'TIMEOUT' };
  const limit = timeLimit(clock, stepMs, () => new Error('over'), signal);
  try {
    const over = new Promise<never>((_, reject) => {
      limit.signal.addEventListener('abort', () => reject({ code: 'TIMEOUT' }), { once: true });
    });
    const value = await Promise.race([over, work(limit.signal)]);
    return { ms: clock.now() - began, value };
  } catch (error) {
    return { ms: clock.now() - began, error: codeOf(error) };
  } finally {
    limit.dispose();
  }
}

function codeOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return typeof message === 'string' ? message : 'UNKNOWN';
}
