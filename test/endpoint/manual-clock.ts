/** Time that stands still until a test moves it; whatever sleeps is woken when its time has come. */
import type { Clock } from '../../provider/runtime/clock.ts';

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  const waiting = new Set<{ at: number; action: () => void }>();
  const schedule = (ms: number, action: () => void) => {
    const entry = { at: now + ms, action };
    waiting.add(entry);
    return () => void waiting.delete(entry);
  };
  return {
    now: () => now,
    schedule,
    sleep: (ms) => new Promise((resolve) => void schedule(ms, resolve)),
    advance(ms) {
      now += ms;
      for (const entry of [...waiting].sort((a, b) => a.at - b.at)) {
        if (entry.at > now || !waiting.delete(entry)) continue;
        entry.action();
      }
    },
  };
}
