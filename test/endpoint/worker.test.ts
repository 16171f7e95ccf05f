/** The worker's handler on a real DynamoDB API (MiniStack) and on a server that speaks Lambda's Invoke. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { keyOf } from '../../endpoint/key.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { invocation } from './invocation.ts';
import { createTable } from './tables.ts';

let aws: MiniStack;
let dynamo: DynamoDBClient;
let server: Server;
let handler: typeof import('../../endpoint/worker.ts').handler;
/** Attempts of the customer's function; `end` answers one. */
let runs: { attempt: number; end: () => void }[];
let sequence = 0;

beforeAll(async () => {
  aws = await startMiniStack();
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const { attempt } = JSON.parse(text) as { attempt: number };
      const end = () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":1}');
      };
      runs.push({ attempt, end });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  Object.assign(process.env, aws.env, {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    FUNCTION_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    IDEMPOTENCY_TABLE_NAME: 'records',
  });
  dynamo = new DynamoDBClient({});
  await createTable(dynamo, 'records');
  ({ handler } = await import('../../endpoint/worker.ts'));
});
beforeEach(() => {
  runs = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  dynamo.destroy();
  await aws.stop();
});

const order = () => {
  const requestId = `r-${++sequence}`;
  const key = keyOf('a', 'c', requestId);
  return { key, requestId, payloadHash: 'h', action: 'a', caller: 'c', interactionId: null, payload: {} };
};
/** Delivers an event under Lambda's id of the invocation. */
const deliver = (event: unknown, awsRequestId: string, alias: string | undefined) =>
  handler(event, invocation(alias, { remainingMs: 30_000, awsRequestId })).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
async function begun(count: number): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (runs.length < count) {
    if (Date.now() > giveUpAt) throw new Error('the function was not run');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
/** Makes the claim older, in seconds. */
const age = (key: string, seconds: number) =>
  dynamo.send(
    new UpdateItemCommand({
      TableName: 'records',
      Key: { id: { S: `${key}#work` } },
      UpdateExpression: 'SET claimed_at = claimed_at - :ms',
      ExpressionAttributeValues: { ':ms': { N: String(seconds * 1000) } },
    }),
  );

test('a delivery that comes while another of the same event is at it runs nothing beside it', async () => {
  const event = order();
  const first = deliver(event, 'event-1', 'work');
  await begun(1);
  expect(await deliver(event, 'event-1', 'work')).toBe('done');
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  expect(await first).toBe('done');
});

test("a delivery after Lambda's delay follows an earlier one of the same event at once: that one died", async () => {
  const event = order();
  void deliver(event, 'event-2', 'work');
  await begun(1);
  await age(event.key, 60);
  const second = deliver(event, 'event-2', 'work');
  await begun(2);
  runs[1]?.end();
  expect(await second).toBe('done');
  expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
  runs[0]?.end();
});

test('an attempt of another event is presumed alive for as long as its lease says', async () => {
  const event = order();
  const first = deliver(event, 'event-3', 'work');
  await begun(1);
  await age(event.key, 60);
  expect(await deliver(event, 'event-4', 'work')).toBe('done');
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await first;
});

describe('an order', () => {
  test.each([['live'], ['$LATEST'], [undefined]])(
    'by %s instead of the alias work runs nothing: anybody could have written its caller',
    async (alias) => {
      expect(await deliver(order(), 'forged', alias)).toBe('WrongAlias');
      expect(runs).toEqual([]);
    },
  );

  test.each([
    ['another caller', { caller: 'd' }],
    ['another action', { action: 'b' }],
    ['another request', { requestId: 'another' }],
    ['nobody', { key: '../../others' }],
  ])('whose key is that of %s runs nothing and writes nothing', async (_, change) => {
    const event = { ...order(), ...change };
    expect(await deliver(event, 'forged', 'work')).toBe('OrderInvalid');
    expect(runs).toEqual([]);
    const { Items } = await dynamo.send(new ScanCommand({ TableName: 'records' }));
    expect(Items?.map(({ id }) => id?.S)).not.toContain(`${event.key}#work`);
  });
});
