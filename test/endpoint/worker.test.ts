/** The worker's handler against a real DynamoDB API (MiniStack), and a server that speaks Lambda's Invoke. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { createTable } from './tables.ts';

let aws: MiniStack;
let dynamo: DynamoDBClient;
let server: Server;
let handler: typeof import('../../endpoint/worker.ts').handler;
/** Attempts of the customer's function, each answered by its `end`. */
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
  const key = `k-${++sequence}`;
  const payload = {};
  return { key, requestId: key, payloadHash: 'h', action: 'a', caller: 'c', interactionId: null, payload };
};
/** A delivery of the event with this id. */
const deliver = (event: unknown, awsRequestId: string) => {
  const end = Date.now() + 30_000;
  return handler(event, { awsRequestId, getRemainingTimeInMillis: () => end - Date.now() }).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
};
async function begun(count: number): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (runs.length < count) {
    if (Date.now() > giveUpAt) throw new Error('the function was not run');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
/** Makes the claim older by so much, in seconds. */
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
  const first = deliver(event, 'event-1');
  await begun(1);
  expect(await deliver(event, 'event-1')).toBe('done');
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  expect(await first).toBe('done');
});

test("a delivery after Lambda's delay follows an earlier one of the same event at once: that one died", async () => {
  const event = order();
  void deliver(event, 'event-2');
  await begun(1);
  await age(event.key, 60);
  const second = deliver(event, 'event-2');
  await begun(2);
  runs[1]?.end();
  expect(await second).toBe('done');
  expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
  runs[0]?.end();
});

test('an attempt of another event is presumed alive for as long as its lease says', async () => {
  const event = order();
  const first = deliver(event, 'event-3');
  await begun(1);
  await age(event.key, 60);
  expect(await deliver(event, 'event-4')).toBe('done');
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await first;
});
