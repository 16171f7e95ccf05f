import type { Clock } from '../common/clock.ts';

interface Timer {
  at: number;
  action: () => void;
}

/** Turns of the event loop without any work, after which only a timer can continue. */
const QUIET_TURNS = 4;

/**
 * Virtual time for many parties over real sockets. It stands still while anybody works (`hold`), and jumps to
 * the next timer when everybody waits. A server that makes a caller wait on purpose takes one hold off
 * (`park`).
 */
export class VirtualClock implements Clock {
  #now: number;
  #timers = new Set<Timer>();
  #holds = 0;
  #quiet = 0;
  #pumping = false;
  #stopped = false;

  constructor(now = Date.UTC(2026, 10, 20, 8)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.schedule(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  schedule(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), action };
    this.#timers.add(timer);
    this.#pump();
    return () => this.#timers.delete(timer);
  }

  /** Work has begun. Time stands still until the returned function is called. */
  hold(): () => void {
    return this.#count(1);
  }

  /**
   * A held party waits for time to pass, so one hold does not count until the returned function is called.
   */
  park(): () => void {
    return this.#count(-1);
  }

  async held<T>(work: () => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** A sleep in a server, while a held caller waits for its answer. */
  async parkedSleep(ms: number, signal?: AbortSignal): Promise<void> {
    const unpark = this.park();
    try {
      await this.sleep(ms, signal);
    } finally {
      unpark();
    }
  }

  /** This clock for the servers of a test, where each sleep is a parked one. */
  get forServers(): Clock {
    return {
      now: () => this.now(),
      sleep: (ms, signal) => this.parkedSleep(ms, signal),
      schedule: (ms, action) => this.schedule(ms, action),
    };
  }

  /** The number of timers that have neither run nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves the time, without running timers. Nobody may be working. */
  advance(ms: number): void {
    this.#now += ms;
  }

  /** Ends the clock. No timer runs any more. */
  stop(): void {
    this.#stopped = true;
    this.#timers.clear();
  }

  #count(by: number): () => void {
    this.#holds += by;
    this.#quiet = 0;
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      this.#holds -= by;
      this.#quiet = 0;
    };
  }

  #pump(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    const turn = () => {
      if (this.#stopped || this.#timers.size === 0) {
        this.#pumping = false;
        return;
      }
      this.#quiet = this.#holds > 0 ? 0 : this.#quiet + 1;
      if (this.#quiet >= QUIET_TURNS) this.#next();
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  #next(): void {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    if (next === undefined) return;
    this.#quiet = 0;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.action();
  }
}
