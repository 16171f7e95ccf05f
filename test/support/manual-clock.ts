import type { Clock } from '../../common/clock.ts';

/** A clock that stands still until it is moved. */
export function manualClock(now = Date.UTC(2026, 0, 1)): Clock & { advance(ms: number): void } {
  let timers: { at: number; action: () => void }[] = [];
  const clock = {
    now: () => now,
    schedule(ms: number, action: () => void) {
      const timer = { at: now + ms, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        clock.schedule(ms, resolve);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    advance(ms: number) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { action } of due) action();
    },
  };
  return clock;
}
