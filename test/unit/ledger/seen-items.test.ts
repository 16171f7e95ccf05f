/**
 * An attempt reads each item of the ledger once. A Create and a lock write before they read at all. Each of
 * these guesses is a compare-and-set: where it is wrong, the write fails and the item is read.
 */
import type { LocalAws } from '../../../local/aws/in-process.ts';
import type { Ledger, LedgerRequest, ObjectRecord } from '../../../provider/ledger/index.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { LedgerWorld, requestOf, stackId } from '../../support/ledger-world.ts';

let world: LedgerWorld;
let aws: LocalAws;
let clock: FakeClock;
let ledger: Ledger;

beforeEach(async () => {
  world = await LedgerWorld.start();
  ({ aws, clock, ledger } = world);
});
afterEach(() => world.stop());

const holding = (milliseconds = 60_000) => world.deadline(milliseconds);

const begin = (requestId: string, type: LedgerRequest['type'] = 'Create', logicalId = 'Action') =>
  world.begin(requestOf({ requestId, type, logicalId }), 60_000);

const action = (id: string, changes: Partial<ObjectRecord> = {}): ObjectRecord => ({
  kind: 'action',
  id,
  organization: 'o',
  owner: { stackId, logicalId: 'Action' },
  origin: 'created',
  createdAt: clock.now(),
  applied: [],
  dirty: true,
  identity: '',
  attributes: {},
  details: {},
  ...changes,
});

const ownerNow = () => aws.items('ledger').get(`OWNER#${stackId}#Action`);

test('a Create begins, notes, makes and succeeds in one call each', async () => {
  const attempt = await begin('r1');
  const index = await attempt.intend({ kind: 'action', marker: {} }, 'organization');
  await attempt.made(index, 'a1', action('a1'));
  await attempt.succeed({ physicalId: 'a1', data: {} }, { object: action('a1', { dirty: false }) });
  expect(await attempt.close(holding())).toBe(true);
  expect(aws.calls).toEqual([...Array(4).fill('DynamoDB.TransactWriteItems'), 'DynamoDB.PutItem']);
  expect(aws.items('ledger').get('OBJECT#action#a1')).toMatchObject({ dirty: false });
});

test('a request that is still running is told to stop, and waited for, before a newer one of its resource begins', async () => {
  const first = await begin('r1');
  const before = clock.now();
  const second = await begin('r2', 'Update');
  // The second request waits for the end of the lease, because nobody noted that the first one had stopped.
  expect(clock.now() - before).toBeGreaterThanOrEqual(25_000);
  expect(clock.now() - before).toBeLessThan(30_000);
  await second.keep(action('a2'));
  await expect(first.keep(action('a1'))).rejects.toThrow('gave up on this request');
  expect(ownerNow()).toMatchObject({ objects: [{ id: 'a2' }], newestCreate: 'r1/1', current: 'r2/1' });
});

test('a request that has ended is not waited for', async () => {
  const first = await begin('r1');
  await first.succeed({ physicalId: 'a1', data: {} }, { object: action('a1') });
  const before = clock.now();
  await begin('r2', 'Update');
  expect(clock.now()).toBe(before);
});

test('a new object that the ledger knows already is written over what is there, not beside it', async () => {
  const earlier = await begin('r1');
  await earlier.keep(action('a1', { origin: 'taken-over' }));
  const attempt = await begin('r2', 'Update');
  const index = await attempt.intend({ kind: 'action', marker: {} }, 'organization');
  await attempt.made(index, 'a1', action('a1', { identity: 'new' }));
  expect(aws.items('ledger').get('OBJECT#action#a1')).toMatchObject({ identity: 'new' });
  expect(aws.tables.get('ledger')?.get('OBJECT#action#a1')?.['revision']).toEqual({ N: '2' });
});

test('a Create that was begun before is found, although it is not looked for', async () => {
  const attempt = await begin('r1');
  await attempt.succeed({ physicalId: 'a1', data: { Name: 'x' } });
  const request = {
    stackId,
    logicalId: 'Action',
    requestId: 'r1',
    attemptId: 'r1/1',
    content: '',
    wanted: '',
    type: 'Create' as const,
    resourceType: 'Custom::GenesysDataAction',
  };
  expect(await ledger.begin(request, holding())).toEqual({
    verdict: 'replay',
    answer: { physicalId: 'a1', data: { Name: 'x' } },
  });
});

test('an attempt that was cancelled meanwhile learns it at its next step and cannot be closed by it', async () => {
  const attempt = await begin('r1');
  await attempt.intend({ kind: 'action', marker: {} }, 'organization');
  clock.advance(61_000);
  await ledger.takeOver(stackId, 'r1/1', 'r2', holding());
  await expect(attempt.made(0, 'a1', action('a1'))).rejects.toThrow('taken this request over');
  expect(await attempt.close(holding())).toBe(false);
});

test('a record that was removed meanwhile is not brought back to life', async () => {
  const first = await begin('r1');
  await first.keep(action('a1'));
  const second = await begin('r2', 'Delete');
  await second.release({ kind: 'action', id: 'a1' });
  await expect(first.keep(action('a1'))).rejects.toThrow('gave up on this request');
  expect(aws.items('ledger').has('OBJECT#action#a1')).toBe(false);
  expect(ownerNow()).toMatchObject({ objects: [] });
});

test('a lock is taken in one call, and waited for while somebody holds it', async () => {
  const [{ record: one }, { record: other }] = [await begin('r1'), await begin('r2', 'Create', 'Other')];
  aws.calls.length = 0;
  const order: string[] = [];
  const freed = Promise.withResolvers<void>();
  const first = ledger.withLock('name', one, holding(), async () => {
    order.push('first in');
    await freed.promise;
    order.push('first out');
  });
  while (order.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(aws.calls).toEqual(['DynamoDB.PutItem']);
  const second = ledger.withLock('name', other, holding(), async () => {
    order.push('second in');
  });
  while (clock.sleeps.length === 0) await new Promise((resolve) => setImmediate(resolve));
  freed.resolve();
  await Promise.all([first, second]);
  expect(order).toEqual(['first in', 'first out', 'second in']);
});
