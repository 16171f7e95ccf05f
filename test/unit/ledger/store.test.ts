/**
 * DynamoDB's refusals: an item that somebody else wrote, and a table that is busy. And items of newer code.
 */
import type { RequestListener } from 'node:http';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LedgerError } from '../../../common/errors.ts';
import type { LocalAws } from '../../../local/aws/in-process.ts';
import { LedgerConflictError, NewerLedgerError, type Store } from '../../../provider/ledger/index.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { LedgerWorld } from '../../support/ledger-world.ts';

/** Answers to the next writes. Those writes are not carried out. */
let refusals: Record<string, unknown>[] = [];
/** The same for the next reads. */
let refusalsOfReads: Record<string, unknown>[] = [];
let world: LedgerWorld;
let aws: LocalAws;
let dynamo: DynamoDBClient;
let clock: FakeClock;
let store: Store;

const refusing =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    const isRead = String(request.headers['x-amz-target']).endsWith('.GetItem');
    const refusal = (isRead ? refusalsOfReads : refusals).shift();
    if (refusal === undefined) return listener(request, response);
    request.resume();
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(refusal));
  };

beforeEach(async () => {
  refusals = [];
  refusalsOfReads = [];
  world = await LedgerWorld.start(refusing);
  ({ aws, dynamo, clock, store } = world);
});
afterEach(() => world.stop());

type Changes = Parameters<Store['commit']>[0];
const one: Changes = [{ key: 'a', body: 1, read: undefined }];
const two: Changes = [...one, { key: 'b', body: 2, read: undefined }];
const cancelled = (...codes: string[]) => ({
  __type: 'TransactionCanceledException',
  CancellationReasons: codes.map((Code) => ({ Code })),
});

test.each([
  ['a single write that meets a transaction', one, { __type: 'TransactionConflictException' }],
  ['a transaction that meets another', two, cancelled('TransactionConflict', 'None')],
  ['one that is throttled and too late', two, cancelled('ThrottlingError', 'ConditionalCheckFailed')],
])('%s is a conflict', async (_, changes, refusal) => {
  refusals = [refusal];
  await expect(store.commit(changes)).rejects.toThrow(LedgerConflictError);
  expect(aws.items('ledger').size).toBe(0);
});

test.each(['ThrottlingError', 'ProvisionedThroughputExceeded', 'InternalServerError'])(
  'a transaction that is cancelled by %s is sent again, with growing waits',
  async (code) => {
    refusals = [cancelled('None', code), cancelled(code, 'None')];
    await store.commit(two);
    expect(aws.items('ledger').size).toBe(2);
    expect(clock.sleeps).toEqual([100, 200]);
  },
);

describe.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
  'a call that is refused by %s is sent again when the tries of the SDK are over',
  (code) => {
    const refused = () => Array.from({ length: 6 }, () => ({ __type: code }));

    test.each([
      ['a single write', one],
      ['a transaction', two],
    ])('%s', async (_, changes) => {
      refusals = refused();
      await store.commit(changes);
      expect(aws.items('ledger').size).toBe(changes.length);
      expect(clock.sleeps).toEqual([100, 200, 400, 800, 1600, 2000]);
    });

    test('a read', async () => {
      await store.commit(one);
      refusalsOfReads = refused();
      expect(await store.read('a')).toMatchObject({ key: 'a', body: 1 });
      expect(clock.sleeps).toEqual([100, 200, 400, 800, 1600, 2000]);
    });
  },
);

describe('a transaction whose earlier try is still in progress', () => {
  const inProgress = { __type: 'TransactionInProgressException' };

  test('is sent again with the same token until it is through', async () => {
    refusals = [inProgress, inProgress];
    const tokens: unknown[] = [];
    dynamo.middlewareStack.add(
      (next) => (args) => {
        tokens.push((args.input as { ClientRequestToken?: string }).ClientRequestToken);
        return next(args);
      },
      { step: 'initialize' },
    );
    await store.commit(two);
    expect(aws.items('ledger').size).toBe(2);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toBeDefined();
  });

  test('is an error that says so where it never ends', async () => {
    refusals = Array.from({ length: 20 }, () => inProgress);
    await expect(store.commit(two)).rejects.toThrow(/cannot be used: TransactionInProgressException/);
  });
});

describe('an item in a newer format', () => {
  const newer = () => {
    const item = aws.tables.get('ledger')?.get('a');
    if (item) item['format'] = { N: '2' };
  };

  test('is refused, and not written over', async () => {
    await store.commit(one);
    newer();
    await expect(store.read('a')).rejects.toThrow(NewerLedgerError);
    await expect(store.commit(one)).rejects.toThrow(LedgerConflictError);
    expect(aws.items('ledger').get('a')).toBe(1);
  });

  test('can be told, because every item says its format', async () => {
    await store.commit(two);
    expect([...(aws.tables.get('ledger')?.values() ?? [])].map((item) => item['format'])).toEqual([
      { N: '1' },
      { N: '1' },
    ]);
  });
});

test('a table that stays busy is an error that says so, after some seconds', async () => {
  refusals = Array.from({ length: 20 }, () => cancelled('ThrottlingError', 'None'));
  await expect(store.commit(two)).rejects.toThrow(LedgerError);
  const waited = clock.sleeps.reduce((sum, milliseconds) => sum + milliseconds, 0);
  expect(waited).toBeGreaterThan(5_000);
  expect(waited).toBeLessThan(15_000);
});

describe('with a deadline', () => {
  const inFiveMinutes = () => ({ signal: new AbortController().signal, at: clock.now() + 300_000 });

  test.each(['a write', 'a read'])('%s outlasts a table that is busy for minutes', async (call) => {
    await store.commit([{ key: 'b', body: 2, read: undefined }]);
    aws.throttleTables(200_000);
    if (call === 'a read') expect(await store.read('b', inFiveMinutes())).toMatchObject({ body: 2 });
    else await store.commit(one, inFiveMinutes());
  });

  test.each([['ServiceUnavailable'], ['InternalServerError']])(
    'a call that DynamoDB answers with %s is sent again',
    async (__type) => {
      refusals = Array.from({ length: 20 }, () => ({ __type }));
      await store.commit(one, inFiveMinutes());
      expect(aws.items('ledger').get('a')).toBe(1);
    },
  );

  test('the wait leaves time to answer', async () => {
    aws.throttleTables(400_000);
    const { at } = inFiveMinutes();
    await expect(store.commit(one, inFiveMinutes())).rejects.toThrow('cannot be used: ThrottlingException');
    expect(at - clock.now()).toBeGreaterThan(25_000);
    expect(at - clock.now()).toBeLessThan(35_000);
  });
});

test('a wait for a busy table ends with the request', async () => {
  refusals = Array.from({ length: 20 }, () => cancelled('ThrottlingError', 'None'));
  await expect(store.commit(two, { signal: AbortSignal.abort() })).rejects.toThrow(LedgerError);
});

describe('a refusal, such as one of permissions that do not hold yet', () => {
  const refused = { __type: 'AccessDeniedException', message: 'not authorized to perform: dynamodb:GetItem' };
  const waited = () => clock.sleeps.reduce((sum, milliseconds) => sum + milliseconds, 0);

  test('a read that is refused for a moment is made again', async () => {
    await store.commit(one);
    refusalsOfReads = [refused, refused];
    expect(await store.read('a')).toMatchObject({ body: 1 });
  });

  test('so is a read that meets a transaction', async () => {
    await store.commit(one);
    refusalsOfReads = [{ __type: 'TransactionConflictException' }];
    expect(await store.read('a')).toMatchObject({ body: 1 });
  });

  test('so is a write', async () => {
    refusals = [refused];
    await store.commit(one);
    expect(aws.items('ledger').size).toBe(1);
  });

  test('after some seconds it is final, also where the request has minutes', async () => {
    refusalsOfReads = Array.from({ length: 50 }, () => refused);
    const deadline = { signal: new AbortController().signal, at: clock.now() + 300_000 };
    await expect(store.read('a', deadline)).rejects.toThrow('AccessDeniedException');
    expect(waited()).toBeGreaterThan(5_000);
    expect(waited()).toBeLessThan(10_000);
  });
});

test('any other cancellation is final', async () => {
  refusals = [cancelled('ValidationError', 'None')];
  await expect(store.commit(two)).rejects.toThrow(LedgerError);
  expect(clock.sleeps).toEqual([]);
});
