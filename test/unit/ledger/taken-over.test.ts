/**
 * An invocation that was slow, while another one has taken its attempt over. None of its writes changes
 * anything: neither the attempt, nor an object, nor the logical resource.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LocalAws } from '../../../local/aws/in-process.ts';
import {
  Ledger,
  type ObjectRecord,
  type OpenAttempt,
  Store,
  TakenOverError,
} from '../../../provider/ledger/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/orders/1';
let aws: LocalAws;
let dynamo: DynamoDBClient;
let clock: FakeClock;
let ledger: Ledger;

beforeEach(async () => {
  aws = await LocalAws.start();
  aws.tables.set('ledger', new Map());
  dynamo = new DynamoDBClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  clock = new FakeClock();
  ledger = new Ledger(new Store(dynamo, 'ledger', clock), clock);
});
afterEach(async () => {
  dynamo.destroy();
  await aws.stop();
});

const deadline = () => ({ signal: new AbortController().signal, at: clock.now() + 300_000 });

async function begin(): Promise<OpenAttempt> {
  const request = {
    stackId,
    logicalId: 'Action',
    requestId: 'r1',
    attemptId: 'r1/1',
    type: 'Create' as const,
    resourceType: 'Custom::GenesysDataAction',
    content: '',
    wanted: '',
  };
  const begun = await ledger.begin(request, deadline());
  if (begun.verdict !== 'go') throw new Error(begun.verdict);
  return begun.attempt;
}

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
  ['release an object', (attempt) => attempt.release('action', 'a1')],
  ['leave an object over', (attempt) => attempt.leaveOver('action', 'a1')],
  ['succeed', (attempt) => attempt.succeed({ physicalId: 'late', data: {} }, { object: action('late') })],
  ['fail', (attempt) => attempt.fail('late', deadline())],
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
});

test('a slow invocation whose attempt nobody took over goes on', async () => {
  const slow = await begin();
  clock.advance(60_000);
  await slow.intend({ kind: 'action', marker: {} }, 'o');
  expect(slow.steps).toHaveLength(1);
});
