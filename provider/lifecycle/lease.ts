/** Keeps the lease of an attempt while somebody works on it, and ends the work when it cannot be kept. */
import { abortedAlsoBy, type Deadline, endOfRepeats, timeLimit } from '../../common/deadline.ts';
import { LedgerError, messageOf } from '../../common/errors.ts';
import { CancelledError, type OpenAttempt } from '../ledger/index.ts';
import type { Job } from './job.ts';

/** Time of one write that renews a lease: several have their turn before its end. */
const WRITE_MILLISECONDS = 4_000;
const RENEW_AGAIN_MILLISECONDS = 1_000;
const LOOK_AGAIN_MILLISECONDS = 1_000;

/** The ledger could not be written for so long that another invocation may take the attempt over. */
export class LeaseLostError extends LedgerError {
  constructor() {
    super(
      "The provider's ledger could not be written for so long that another invocation may work on this request by now: this one stopped. What was begun is undone by the rollback, or finished by the next update.",
    );
  }
}

/**
 * Works on an attempt while its lease holds. The job that `work` is given ends early when the lease is lost,
 * or when CloudFormation gives the request up; no call to Genesys Cloud begins that could outlast the lease.
 * A lease that runs out between two calls is not lost yet: the next call waits until the table can be written
 * again, unless another invocation has taken the attempt over.
 * @throws CancelledError, TakenOverError or LeaseLostError where that has ended the work
 */
export async function underLease<T>(
  attempt: OpenAttempt,
  job: Job,
  work: (job: Job) => Promise<T>,
): Promise<T> {
  const lease = new KeptLease(attempt, job);
  try {
    return await work({ ...job, deadline: lease.deadline });
  } catch (error) {
    throw lease.ended.aborted ? lease.ended.reason : error;
  } finally {
    lease.release();
  }
}

/** The lease of an attempt, renewed until it is released. */
class KeptLease {
  /** Ends with the job's own deadline, or with the lease. */
  readonly deadline: Deadline;
  /** Aborted where the work had to end because of the lease. */
  readonly ended: AbortSignal;
  readonly #attempt: OpenAttempt;
  readonly #job: Job;
  readonly #ended = new AbortController();
  /** When this stops to wait for the table, in milliseconds since the epoch. */
  readonly #givesUpAt: number;
  /** When every call that has begun is over, in milliseconds since the epoch. */
  #callsEndBy = 0;
  #isReleased = false;
  #renewal: Promise<void> | undefined;
  #cancelRenewal = () => {};
  #cancelEnd = () => {};

  constructor(attempt: OpenAttempt, job: Job) {
    this.#attempt = attempt;
    this.#job = job;
    this.ended = AbortSignal.any([this.#ended.signal, attempt.lost]);
    this.deadline = {
      ...abortedAlsoBy(job.deadline, this.ended),
      readyFor: (milliseconds, longest = milliseconds) => this.#readyFor(milliseconds, longest),
    };
    this.#givesUpAt = endOfRepeats(job.deadline, job.parts.clock.now());
    this.#planRenewal();
    this.#planEnd();
  }

  release(): void {
    this.#isReleased = true;
    this.#cancelRenewal();
    this.#cancelEnd();
  }

  /**
   * Resolves when a call of so many milliseconds cannot outlast the lease. @throws the reason where it is
   * lost
   */
  async #readyFor(milliseconds: number, longest: number): Promise<void> {
    await this.#job.deadline.readyFor?.(milliseconds, longest);
    while (this.#isNeeded() && this.#until(this.#attempt.callsEndAt) < milliseconds) {
      this.deadline.signal.throwIfAborted();
      await this.#renew();
    }
    this.#callsEndBy = Math.max(this.#callsEndBy, this.#job.parts.clock.now() + longest);
  }

  /** Renews the lease when its time has come. The attempt's own writes put that off. */
  #planRenewal(): void {
    const { clock } = this.#job.parts;
    this.#cancelRenewal = clock.schedule(Math.max(0, this.#until(this.#attempt.renewAt)), async () => {
      if (this.#isNeeded() && this.#until(this.#attempt.renewAt) <= 0) await this.#renew();
      if (this.#isNeeded() && !this.deadline.signal.aborted) this.#planRenewal();
    });
  }

  /** Ends the work where a call would outlast the lease, or where waiting for the table has to end. */
  #planEnd(inMilliseconds = Math.max(0, this.#until(this.#attempt.callsEndAt))): void {
    this.#cancelEnd = this.#job.parts.clock.schedule(inMilliseconds, () => {
      if (!this.#isNeeded()) return;
      const isCallUnderWay = this.#until(this.#callsEndBy) > 0;
      if (this.#until(this.#attempt.callsEndAt) > 0) this.#planEnd();
      else if (isCallUnderWay || this.#until(this.#givesUpAt) <= 0) this.#ended.abort(new LeaseLostError());
      else this.#planEnd(LOOK_AGAIN_MILLISECONDS);
    });
  }

  /**
   * Nobody takes up an attempt that has ended, so what is cleaned up after its success needs no lease of it.
   */
  #isNeeded(): boolean {
    return !this.#isReleased && this.#attempt.record.state === 'running';
  }

  #until(at: number): number {
    return at - this.#job.parts.clock.now();
  }

  /** One renewal at a time, whoever asks for it. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#renewOnce().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewOnce(): Promise<void> {
    const { parts, deadline } = this.#job;
    const limit = timeLimit(
      parts.clock,
      WRITE_MILLISECONDS,
      () => new Error('no time left'),
      deadline.signal,
    );
    try {
      await this.#attempt.renew(limit);
    } catch (error) {
      if (error instanceof CancelledError) this.#ended.abort(error);
      if (this.ended.aborted) return;
      parts.log.warn('the lease of the request could not be renewed', { problem: messageOf(error) });
      await parts.clock.sleep(RENEW_AGAIN_MILLISECONDS, this.deadline.signal).catch(() => undefined);
    } finally {
      limit.dispose();
    }
  }
}
