import { abortedAlsoBy, timeLimit, within } from '../../../common/deadline.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const over = new Error('over');

test('a time limit aborts its signal when its time has come, and not before', () => {
  const clock = new FakeClock();
  const limit = timeLimit(clock, 1_000, () => over);
  expect(limit.at).toBe(clock.now() + 1_000);
  clock.advance(999);
  expect(limit.signal.aborted).toBe(false);
  clock.advance(1);
  expect(limit.signal.reason).toBe(over);
});

test.each(['before', 'after'] as const)('a parent that is aborted %s the start ends the work', (when) => {
  const parent = new AbortController();
  const reason = new Error('not wanted any more');
  if (when === 'before') parent.abort(reason);
  const limit = timeLimit(new FakeClock(), 1_000, () => over, parent.signal);
  parent.abort(reason);
  expect(limit.signal.reason).toBe(reason);
});

test('a time limit that was disposed of holds no timer and is not aborted any more', () => {
  const clock = new FakeClock();
  const parent = new AbortController();
  const limit = timeLimit(clock, 1_000, () => over, parent.signal);
  limit.dispose();
  expect(clock.pending).toBe(0);
  parent.abort();
  expect(limit.signal.aborted).toBe(false);
});

test('a deadline that another signal aborts as well keeps its time', () => {
  const other = new AbortController();
  const deadline = abortedAlsoBy({ signal: new AbortController().signal, at: 5 }, other.signal);
  expect(deadline.at).toBe(5);
  other.abort(over);
  expect(deadline.signal.reason).toBe(over);
});

test('work that does not heed its signal is not waited for once the time is over', async () => {
  const clock = new FakeClock();
  const work = within(
    clock,
    1_000,
    () => over,
    () => new Promise<never>(() => {}),
  );
  clock.advance(1_000);
  await expect(work).rejects.toBe(over);
});

test('work that ends in time leaves no timer behind', async () => {
  const clock = new FakeClock();
  expect(
    await within(
      clock,
      1_000,
      () => over,
      async ({ at }) => at,
    ),
  ).toBe(clock.now() + 1_000);
  expect(clock.pending).toBe(0);
});
