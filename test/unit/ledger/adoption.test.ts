/**
 * An object goes from one owner to another, and back, in one write each. It never has two owners, or none by
 * mistake.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LocalAws } from '../../../local/aws/in-process.ts';
import { Ledger, type ObjectRecord, type OpenAttempt, Store } from '../../../provider/ledger/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/orders/1';
const before = { stackId, logicalId: 'Before' };
const after = { stackId, logicalId: 'After' };
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

async function begin(
  { logicalId }: { logicalId: string },
  requestId: string,
  type: 'Create' | 'Delete' = 'Create',
): Promise<OpenAttempt> {
  const begun = await ledger.begin(
    {
      stackId,
      logicalId,
      requestId,
      attemptId: `${requestId}/1`,
      content: '',
      wanted: '',
      type,
      resourceType: 'Custom::GenesysDataAction',
    },
    { signal: new AbortController().signal, at: clock.now() + 60_000 },
  );
  if (begun.verdict !== 'go') throw new Error(begun.verdict);
  return begun.attempt;
}

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
const listed = [{ kind: 'action', id: 'a1', organization: 'o' }];

async function owned(): Promise<ObjectRecord> {
  const made = record(before, 'as it was');
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
    const made = await owned();
    const attempt = await begin(after, 'r2');
    await attempt.adopt(adopted('r2'), before);
    if (how === 'released') await attempt.release('action', 'a1', { wasPutBack: true });
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
  await attempt.release('action', 'a1');
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
  await (await begin(after, 'r4', 'Delete')).release('action', 'a1', { wasPutBack: true });
  expect(object()).toMatchObject({ owner: third });
  // The record keeps one earlier owner, not all of them.
  expect(object()).not.toHaveProperty('adoption.previous.adoption.previous');
});
