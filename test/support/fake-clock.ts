import type { Clock } from '../../common/clock.ts';

/**
 * A clock that stands still until someone sleeps or `advance` is called. A sleep advances it at once, so
 * minutes of back-off take no time. Actions that are due on the way run in order.
 */
export class FakeClock implements Clock {
  /** Milliseconds of every sleep, in order. */
  readonly sleeps: number[] = [];
  #now: number;
  #scheduled: { at: number; action: () => void }[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.advance(ms);
    // Real sockets get their turn between two sleeps.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }

  schedule(ms: number, action: () => void): () => void {
    const entry = { at: this.#now + ms, action };
    this.#scheduled.push(entry);
    return () => {
      this.#scheduled = this.#scheduled.filter((other) => other !== entry);
    };
  }

  /** Number of scheduled actions that neither ran nor were cancelled. */
  get pending(): number {
    return this.#scheduled.length;
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#scheduled.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#scheduled = this.#scheduled.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = until;
  }
}
