/**
 * Each line of the contract that the stock library does not hold, shown on the library. It is why the
 * endpoint has a store of its own (docs/decisions/0005-endpoint-idempotency.md). The other tests of this
 * folder show the same lines on ours. A failure here says that the library has learned one of them.
 */
import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { jest } from '@jest/globals';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { createTable } from './tables.ts';

/**
 * Replaces a package of the SDK that the library imports. The library writes flat items, so this is enough.
 */
jest.unstable_mockModule(
  '@aws-sdk/util-dynamodb',
  () => ({
    marshall: (item: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(item).map(([name, value]) => [
          name,
          typeof value === 'number' ? { N: String(value) } : { S: String(value) },
        ]),
      ),
    unmarshall: (item: Record<string, AttributeValue>) =>
      Object.fromEntries(
        Object.entries(item).map(([name, { N, S }]) => [name, N === undefined ? S : Number(N)]),
      ),
  }),
  { virtual: true },
);
const { IdempotencyConfig, makeIdempotent } = await import('@aws-lambda-powertools/idempotency');
const { DynamoDBPersistenceLayer } = await import('@aws-lambda-powertools/idempotency/dynamodb');

let aws: MiniStack;
let client: DynamoDBClient;

beforeAll(async () => {
  aws = await startMiniStack();
  client = new DynamoDBClient({
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await createTable(client, 'powertools');
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

interface Payload {
  id: string;
  amount?: number;
}

/** A container with a configuration of its own, the common table and a remaining time. */
function container(work: (payload: Payload) => Promise<string>, remainingMs = 10_000) {
  const config = new IdempotencyConfig({
    eventKeyJmesPath: 'id',
    payloadValidationJmesPath: 'amount',
    hashFunction: 'sha256',
    throwOnNoIdempotencyKey: true,
  });
  config.registerLambdaContext({ getRemainingTimeInMillis: () => remainingMs } as never);
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: 'powertools', awsSdkV3Client: client });
  return makeIdempotent(work, { persistenceStore, config, keyPrefix: 'test' });
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** A container that has begun and waits for `open`. */
async function begun(payload: Payload, answer: string, remainingMs?: number) {
  const started = gate();
  const hold = gate();
  const running = container(async () => {
    started.open();
    await hold.opened;
    return answer;
  }, remainingMs)(payload);
  await started.opened;
  return { open: hold.open, running };
}

describe('the stock library', () => {
  test('refuses a twin in progress at once, rather than wait', async () => {
    const first = await begun({ id: 'twin' }, 'first');
    await expect(container(async () => 'second')({ id: 'twin' })).rejects.toThrow(
      /already an execution in progress/,
    );
    first.open();
    await expect(first.running).resolves.toBe('first');
  });

  test('lets a container that woke late overwrite the answer of its successor', async () => {
    const late = await begun({ id: 'late' }, 'late', 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await container(async () => 'successor')({ id: 'late' })).toBe('successor');
    late.open();
    await late.running;
    expect(await container(async () => 'nobody')({ id: 'late' })).toBe('late');
  });

  test('runs another payload under the id of a failed attempt', async () => {
    const failing = container(async () => Promise.reject(new Error('no')));
    await expect(failing({ id: 'failed', amount: 1 })).rejects.toThrow();
    expect(await container(async () => 'other payload')({ id: 'failed', amount: 2 })).toBe('other payload');
  });

  test('takes over after every death: there is no way to refuse', async () => {
    const dead = await begun({ id: 'dead' }, 'dead', 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await container(async () => 'done twice')({ id: 'dead' })).toBe('done twice');
    dead.open();
    await dead.running;
  });
});
