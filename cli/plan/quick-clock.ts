/**
 * The time of a look ahead. The provider waits up to a minute before it calls an object gone, and a plan says
 * how things are now. So a pause passes at once here, and counts as a minute. Pauses that Genesys Cloud or
 * AWS ask for are not among these.
 */
import { type Clock, systemClock } from '../../common/clock.ts';

const LEAST_PAUSE_MILLISECONDS = 60_000;

export function quickClock(): Clock {
  let passed = 0;
  return {
    now: () => systemClock.now() + passed,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      passed += Math.max(ms, LEAST_PAUSE_MILLISECONDS);
    },
    schedule: (ms, action) => systemClock.schedule(ms, action),
  };
}
