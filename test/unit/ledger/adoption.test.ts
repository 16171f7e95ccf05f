/**
 * An object goes from one owner to another, and back, in one write each. It never has two owners, or none by
 * mistake.
 */
import type { LocalAws } from '../../../local/aws/in-process.ts';
import type { LedgerRequest, ObjectRecord } from '../../../provider/ledger/index.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { LedgerWorld, requestOf, stackId } from '../../support/ledger-world.ts';

const before = { stackId, logicalId: 'Before' };
const after = { stackId, logicalId: 'After' };
let world: LedgerWorld;
let aws: LocalAws;
let clock: FakeClock;

beforeEach(async () => {
  world = await LedgerWorld.start();
  ({ aws, clock } = world);
});
afterEach(() => world.stop());

const begin = (
  { logicalId }: { logicalId: string },
  requestId: string,
  type: LedgerRequest['type'] = 'Create',
) => world.begin(requestOf({ logicalId, requestId, type }), 60_000);

const record = (owner: ObjectRecord['owner'], identity = ''): ObjectRecord => ({
  kind: 'action',
  id: 'a1',
  organization: 'o',
  owner,
  origin: 'created',
  createdAt: clock.now(),
  applied: [],
  dirty: false,
  identity,
  attributes: {},
  details: {},
});
const adopted = (requestId: string) => ({
  ...record(after),
  adoption: { attemptId: `${requestId}/1`, before: 'sealed' },
});

const object = () => aws.items('ledger').get('OBJECT#action#a1');
const objectsOf = ({ logicalId }: { logicalId: string }) =>
  aws.items('ledger').get(`OWNER#${stackId}#${logicalId}`)?.['objects'];
const expiryOf = (logicalId: string) =>
  aws.tables.get('ledger')?.get(`OWNER#${stackId}#${logicalId}`)?.['expiresAt'];
const listed = [{ kind: 'action', id: 'a1', organization: 'o' }];

async function owned(more: Partial<ObjectRecord> = {}): Promise<ObjectRecord> {
  const made = { ...record(before, 'as it was'), ...more };
  const attempt = await begin(before, 'r1');
  await attempt.succeed({ physicalId: 'a1', data: {} }, { object: made });
  return made;
}

test('an object goes to its new owner, with the record of before, in one write', async () => {
  const made = await owned();
  const attempt = await begin(after, 'r2');
  const calls = aws.calls.length;
  await attempt.adopt(adopted('r2'), before);
  expect(aws.calls.slice(calls).filter((call) => !call.endsWith('GetItem'))).toEqual([
    'DynamoDB.TransactWriteItems',
  ]);
  expect(object()).toMatchObject({ owner: after, adoption: { attemptId: 'r2/1', previous: made } });
  expect([objectsOf(before), objectsOf(after)]).toEqual([[], listed]);
  expect(attempt.steps.map(({ step }) => step)).toEqual([
    { kind: 'action', id: 'a1', state: 'made', marker: {}, adoptedBy: 'r2/1' },
  ]);
});

test.each(['released', 'undone'] as const)(
  'put back and %s, it is its former owner’s as it was',
  async (how) => {
    const made = await owned({ isFinal: true });
    const attempt = await begin(after, 'r2');
    await attempt.adopt(adopted('r2'), before);
    if (how === 'released') await attempt.release({ kind: 'action', id: 'a1' }, { wasPutBack: true });
    // The same holds after a release: a step that was noted once is not noted again.
    await attempt.undo(async () => {});
    expect(object()).toEqual(made);
    expect([objectsOf(before), objectsOf(after)]).toEqual([listed, []]);
  },
);

test('retained, it is nobody’s', async () => {
  await owned();
  const attempt = await begin(after, 'r2');
  await attempt.adopt(adopted('r2'), before);
  await attempt.release({ kind: 'action', id: 'a1' });
  expect(object()).toBeUndefined();
  expect([objectsOf(before), objectsOf(after)]).toEqual([[], []]);
});

test('an object that somebody took after the look is not taken from him, and nothing is noted', async () => {
  const attempt = await begin(after, 'r2');
  await owned();
  await expect(attempt.adopt(adopted('r2'), undefined)).rejects.toThrow('taken over by another resource');
  expect(object()).toMatchObject({ owner: before });
  expect(attempt.steps).toEqual([]);
  expect(objectsOf(after)).toEqual([]);
});

test('undoing what is another’s by now leaves it his', async () => {
  await owned();
  const attempt = await begin(after, 'r2');
  await attempt.adopt(adopted('r2'), before);
  const third = { stackId, logicalId: 'Third' };
  const thief = await begin(third, 'r3');
  await thief.adopt({ ...adopted('r3'), owner: third }, after);
  await (await begin(after, 'r4', 'Delete')).release({ kind: 'action', id: 'a1' }, { wasPutBack: true });
  expect(object()).toMatchObject({ owner: third });
  // The record keeps one earlier owner, not all of them.
  expect(object()).not.toHaveProperty('adoption.previous.adoption.previous');
});

test('an object that was given back is noted until a Delete has succeeded, and a week beyond it', async () => {
  const item = () => aws.items('ledger').get(`OWNER#${stackId}#After`);
  await owned();
  const adopting = await begin(after, 'r2');
  await adopting.adopt(adopted('r2'), before);
  await adopting.succeed({ physicalId: 'a1', data: {} });
  const failing = await begin(after, 'r3', 'Delete');
  await failing.release({ kind: 'action', id: 'a1' }, { wasPutBack: true });
  await failing.fail('it failed', { signal: new AbortController().signal });
  expect(item()).toMatchObject({ letGo: [{ kind: 'action', id: 'a1' }] });
  expect(expiryOf('After')).toBeUndefined();
  await (await begin(after, 'r4', 'Delete')).succeed({ physicalId: 'a1', data: {} });
  expect(item()).toMatchObject({ letGo: [{ kind: 'action', id: 'a1', isOver: true }] });
  expect(expiryOf('After')).toBeDefined();
  await (await begin(after, 'r5')).succeed({ physicalId: 'a2', data: {} });
  expect(item()).not.toHaveProperty('letGo');
});

test('an object that comes again is noted no more as given back', async () => {
  await owned();
  const attempt = await begin(after, 'r2');
  await attempt.adopt(adopted('r2'), before);
  await attempt.release({ kind: 'action', id: 'a1' }, { wasPutBack: true });
  await (await begin(after, 'r3')).adopt(adopted('r3'), before);
  expect(aws.items('ledger').get(`OWNER#${stackId}#After`)).not.toHaveProperty('letGo');
});

describe('an object whose former owner is deleted', () => {
  /** `After` has adopted it, and `Before` has left the end to it. */
  async function left() {
    await owned();
    await (await begin(after, 'r2')).adopt(adopted('r2'), before);
    await (await begin(before, 'r3', 'Delete')).leaveEndTo({ kind: 'action', id: 'a1' }, 'delete');
  }

  test('is nobody’s once it is put back', async () => {
    await left();
    const attempt = await begin(after, 'r4', 'Delete');
    await attempt.release({ kind: 'action', id: 'a1' }, { wasPutBack: true, formerEnd: 'delete' });
    expect(object()).toBeUndefined();
    expect([objectsOf(before), objectsOf(after)]).toEqual([[], []]);
  });

  test('is not given up by a request that saw its former owner before, and the error says so', async () => {
    await owned();
    await (await begin(after, 'r2')).adopt(adopted('r2'), before);
    const attempt = await begin(after, 'r4', 'Delete');
    expect(await attempt.formerEnd((await attempt.object('action', 'a1')) as ObjectRecord)).toBeUndefined();
    await (await begin(before, 'r3', 'Delete')).leaveEndTo({ kind: 'action', id: 'a1' }, 'delete');
    await expect(attempt.release({ kind: 'action', id: 'a1' }, { wasPutBack: true })).rejects.toThrow(
      'given a1 up',
    );
    expect(object()).toMatchObject({ owner: after });
  });

  test('comes back where it was put back just before', async () => {
    const made = await owned();
    await (await begin(after, 'r2')).adopt(adopted('r2'), before);
    const attempt = await begin(before, 'r3', 'Delete');
    await attempt.object('action', 'a1');
    await (await begin(after, 'r4', 'Delete')).release({ kind: 'action', id: 'a1' }, { wasPutBack: true });
    await expect(attempt.leaveEndTo({ kind: 'action', id: 'a1' }, 'delete')).rejects.toThrow('given a1 up');
    expect(object()).toEqual(made);
    expect(objectsOf(before)).toEqual(listed);
  });
});
