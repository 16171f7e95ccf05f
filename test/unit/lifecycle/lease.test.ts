/**
 * A request works while its lease holds: renewed beside the work, needed for every call, and lost in time.
 */
import type { LocalAws } from '../../../local/aws/in-process.ts';
import { CancelledError, type Ledger, TakenOverError } from '../../../provider/ledger/index.ts';
import type { Job } from '../../../provider/lifecycle/job.ts';
import { LeaseLostError, underLease } from '../../../provider/lifecycle/lease.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { LedgerWorld, requestOf, stackId } from '../../support/ledger-world.ts';

const CALL = 12_000;
let world: LedgerWorld;
let aws: LocalAws;
let clock: FakeClock;
let ledger: Ledger;

beforeEach(async () => {
  world = await LedgerWorld.start();
  ({ aws, clock, ledger } = world);
});
afterEach(() => world.stop());

const deadline = (milliseconds?: number) => world.deadline(milliseconds);

const begin = (requestId = 'r1', logicalId = 'Action') => world.begin(requestOf({ requestId, logicalId }));

/** The parts of a job that a lease needs. */
const job = (onWarning = () => {}, milliseconds?: number) =>
  ({
    deadline: deadline(milliseconds),
    parts: { clock, log: { debug() {}, info() {}, warn: onWarning, error() {} } },
  }) as unknown as Job;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const writes = () => aws.calls.filter((call) => !call.endsWith('GetItem')).length;
function until(attemptId = 'r1/1'): number {
  const { lease } = aws.items('ledger').get(`ATTEMPT#${stackId}#${attemptId}`) as {
    lease: { until: number };
  };
  return lease.until;
}

/** Time passes, and what it starts has its turn over the socket. */
async function pass(milliseconds: number, isOver: () => boolean = () => true): Promise<void> {
  clock.advance(milliseconds);
  for (let turns = 0; turns < 20 || !isOver(); turns += 1) await turn();
}

/** Work that goes on until it is aborted, or told to end. */
function working(leased: Job, end: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    leased.deadline.signal.addEventListener('abort', () => reject(new Error('aborted')));
    void end.then(resolve);
  });
}

test('a lease is renewed 5 s after the last write, and every write puts that off', async () => {
  const attempt = await begin();
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = underLease(attempt, job(), (leased) => working(leased, promise));
  expect(until()).toBe(clock.now() + 20_000);
  await pass(4_000);
  await attempt.intend({ kind: 'action', marker: {} }, 'o');
  expect(writes()).toBe(2);
  await pass(4_900);
  expect(writes()).toBe(2);
  await pass(100, () => writes() === 3);
  expect(until()).toBe(clock.now() + 20_000);
  resolve();
  await work;
  await pass(60_000);
  expect(writes()).toBe(3);
  expect(clock.pending).toBe(0);
});

test('a renewal waits for its turn among the writes of the work: neither is a conflict of the other', async () => {
  const attempt = await begin();
  await Promise.all([
    attempt.renew(deadline()),
    attempt.intend({ kind: 'credential', marker: {} }, 'o'),
    attempt.renew(deadline()),
    attempt.intend({ kind: 'action', marker: {} }, 'o'),
  ]);
  expect(aws.calls.filter((call) => call.endsWith('GetItem'))).toEqual([]);
  expect(attempt.steps.map(({ step }) => step.kind)).toEqual(['credential', 'action']);
});

test('the renewal notices that CloudFormation has given the request up, and ends the work', async () => {
  const attempt = await begin();
  const work = underLease(attempt, job(), (leased) => working(leased, new Promise(() => {})));
  const ended = expect(work).rejects.toThrow(CancelledError);
  const follower = ledger.begin(
    {
      stackId,
      logicalId: 'Action',
      requestId: 'r2',
      attemptId: 'r2/1',
      type: 'Delete',
      resourceType: 'Custom::GenesysDataAction',
      content: '',
      wanted: '',
    },
    { ...deadline(), signal: AbortSignal.timeout(5_000) },
  );
  void follower.catch(() => undefined);
  await ended;
});

test('a call that may outlast a lease which cannot be renewed ends 2 s before it, with the work', async () => {
  const attempt = await begin();
  const work = underLease(attempt, job(), async (leased) => {
    await leased.deadline.readyFor?.(CALL, 65_000);
    await working(leased, new Promise(() => {}));
  });
  const ended = expect(work).rejects.toThrow(LeaseLostError);
  await turn();
  aws.unreachable.add('DynamoDB');
  let isAborted = false;
  void work.catch(() => {
    isAborted = true;
  });
  await pass(17_000);
  // The failed renewals have slept on this clock.
  while (clock.now() < until() - 2_000) await pass(100);
  await pass(0, () => isAborted);
  await ended;
  expect(clock.now()).toBeLessThan(until());
});

describe('a call', () => {
  test('begins at once while the lease has room for it', async () => {
    const attempt = await begin();
    await underLease(attempt, job(), async ({ deadline: { readyFor } }) => {
      clock.advance(4_000);
      const before = writes();
      await readyFor?.(CALL);
      expect(writes()).toBe(before);
    });
  });

  test('waits for a renewal where the lease could end before it', async () => {
    const attempt = await begin();
    const { promise: failed, resolve: onWarning } = Promise.withResolvers<void>();
    await underLease(attempt, job(onWarning), async ({ deadline: { readyFor } }) => {
      aws.unreachable.add('DynamoDB');
      clock.advance(7_000);
      let isReady = false;
      const ready = readyFor?.(CALL).then(() => {
        isReady = true;
      });
      await failed;
      expect(isReady).toBe(false);
      aws.unreachable.delete('DynamoDB');
      await ready;
      expect(until() - 2_000 - clock.now()).toBeGreaterThanOrEqual(CALL);
    });
  });

  test('waits for the table where the lease ran out after the call before', async () => {
    const attempt = await begin();
    const { promise: failed, resolve: onWarning } = Promise.withResolvers<void>();
    await underLease(attempt, job(onWarning), async ({ deadline: { readyFor } }) => {
      await readyFor?.(CALL);
      aws.unreachable.add('DynamoDB');
      clock.advance(60_000);
      const ready = readyFor?.(CALL);
      await failed;
      aws.unreachable.delete('DynamoDB');
      await ready;
      expect(until() - 2_000 - clock.now()).toBeGreaterThanOrEqual(CALL);
    });
  });

  test('never begins where another invocation has taken the attempt over', async () => {
    const attempt = await begin();
    const work = underLease(attempt, job(), async ({ deadline: { readyFor } }) => {
      clock.advance(25_000);
      await begin();
      await readyFor?.(CALL);
    });
    await expect(work).rejects.toThrow(TakenOverError);
  });

  test('never begins where the table cannot be written until time has to be kept for the answer', async () => {
    const attempt = await begin();
    const { at } = deadline(60_000);
    aws.unreachable.add('DynamoDB');
    const work = underLease(attempt, job(undefined, 60_000), async ({ deadline: { readyFor } }) => {
      clock.advance(19_000);
      await readyFor?.(CALL);
    });
    await expect(work).rejects.toThrow(LeaseLostError);
    expect(at - clock.now()).toBeGreaterThan(20_000);
  });

  test('needs the lease of the request too, where it undoes another one', async () => {
    const [own, other] = [await begin(), await begin('r2', 'Other')];
    await underLease(own, job(), (outer) =>
      underLease(other, outer, async ({ deadline: { readyFor } }) => {
        clock.advance(7_000);
        await readyFor?.(CALL);
        for (const attemptId of ['r1/1', 'r2/1'])
          expect(until(attemptId) - 2_000 - clock.now()).toBeGreaterThanOrEqual(CALL);
      }),
    );
  });

  test('needs no lease of an attempt that has ended', async () => {
    const attempt = await begin();
    await underLease(attempt, job(), async ({ deadline: { readyFor, signal } }) => {
      await attempt.succeed({ physicalId: 'a1', data: {} });
      const before = writes();
      await pass(60_000);
      await readyFor?.(CALL);
      expect(signal.aborted).toBe(false);
      expect(writes()).toBe(before);
    });
  });
});
