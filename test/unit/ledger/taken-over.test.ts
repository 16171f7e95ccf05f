/**
 * An invocation that was slow, while another one has taken its attempt over. None of its writes changes
 * anything: neither the attempt, nor an object, nor the logical resource.
 */
import type { LocalAws } from '../../../local/aws/in-process.ts';
import {
  NameClaimedError,
  type ObjectRecord,
  type OpenAttempt,
  TakenOverError,
} from '../../../provider/ledger/index.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { LedgerWorld, requestOf, stackId } from '../../support/ledger-world.ts';

let world: LedgerWorld;
let aws: LocalAws;
let clock: FakeClock;

beforeEach(async () => {
  world = await LedgerWorld.start();
  ({ aws, clock } = world);
});
afterEach(() => world.stop());

const deadline = () => world.deadline();

const begin = () => world.begin(requestOf());

const action = (id: string, dirty = true): ObjectRecord => ({
  kind: 'action',
  id,
  organization: 'o',
  owner: { stackId, logicalId: 'Action' },
  origin: 'created',
  createdAt: clock.now(),
  applied: [],
  dirty,
  identity: '',
  attributes: {},
  details: {},
});

const late: [string, (attempt: OpenAttempt) => Promise<unknown>][] = [
  ['renew its lease', (attempt) => attempt.renew(deadline())],
  ['note a write', (attempt) => attempt.intend({ kind: 'credential', marker: {} }, 'o')],
  ['note what a write made', (attempt) => attempt.made(0, 'late', action('late'))],
  ['note that nothing was made', (attempt) => attempt.unmade(0)],
  [
    'note an adoption',
    (attempt) =>
      attempt.adopt(
        { ...action('a1'), adoption: { attemptId: 'r1/1', before: 'sealed' } },
        { stackId, logicalId: 'Action' },
      ),
  ],
  ['write an object', (attempt) => attempt.keep(action('a1'))],
  ['release an object', (attempt) => attempt.release({ kind: 'action', id: 'a1' })],
  ['leave an object over', (attempt) => attempt.leaveOver('action', 'a1')],
  ['succeed', (attempt) => attempt.succeed({ physicalId: 'late', data: {} }, { object: action('late') })],
  ['fail', (attempt) => attempt.fail('late', deadline())],
  ['free a name', (attempt) => attempt.freeName(new NameClaimedError('n', { stackId, logicalId: 'Action' }))],
  ['undo', (attempt) => attempt.undo(async () => {})],
];

describe.each(['works', 'has succeeded'])('while the one that took over %s', (state) => {
  test.each(late)('it cannot %s', async (_, write) => {
    const slow = await begin();
    await slow.intend({ kind: 'action', marker: { name: 'n' } }, 'o');
    clock.advance(25_000);
    const next = await begin();
    await next.made(0, 'a1', action('a1'));
    if (state === 'has succeeded')
      await next.succeed({ physicalId: 'a1', data: {} }, { object: action('a1', false) });
    const before = aws.items('ledger');
    await expect(write(slow)).rejects.toThrow(TakenOverError);
    expect(await slow.close(deadline())).toBe(false);
    expect(aws.items('ledger')).toEqual(before);
  });

  test('it undoes nothing after a refused write has told it', async () => {
    const slow = await begin();
    await slow.intend({ kind: 'action', marker: { name: 'n' } }, 'o');
    clock.advance(25_000);
    const next = await begin();
    await next.made(0, 'a1', action('a1'));
    if (state === 'has succeeded')
      await next.succeed({ physicalId: 'a1', data: {} }, { object: action('a1', false) });
    await expect(slow.made(0, 'a1', action('a1'))).rejects.toThrow(TakenOverError);
    const undone: string[] = [];
    await expect(
      slow.undo(async ({ kind }) => {
        undone.push(kind);
      }),
    ).rejects.toThrow(TakenOverError);
    expect(undone).toEqual([]);
  });
});

test('the attempt that another invocation works on is not closed by the answer of this one', async () => {
  const slow = await begin();
  clock.advance(25_000);
  const next = await begin();
  await world.ledger.close(slow.record, slow.record.lease.holder, deadline());
  expect(aws.items('ledger').get(`ATTEMPT#${stackId}#r1/1`)).toMatchObject({ state: 'running' });
  await next.succeed({ physicalId: 'a1', data: {} });
  expect(await next.close(deadline())).toBe(true);
});

test.each([
  ['its own attempt, whose failure it could not note', (attempt: OpenAttempt) => attempt.record.lease.holder],
  ['an attempt that nobody works on any more', () => undefined],
])('an answer closes %s', async (_, holder) => {
  const attempt = await begin();
  if (holder(attempt) === undefined) clock.advance(25_000);
  await world.ledger.close(attempt.record, holder(attempt), deadline());
  expect(aws.items('ledger').get(`ATTEMPT#${stackId}#r1/1`)).toMatchObject({ state: 'closed' });
});

test('a slow invocation whose attempt nobody took over goes on', async () => {
  const slow = await begin();
  clock.advance(60_000);
  await slow.intend({ kind: 'action', marker: {} }, 'o');
  expect(slow.steps).toHaveLength(1);
});
