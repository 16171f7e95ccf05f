/** The form of an answer by each way in, and requests that are refused. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { HttpResult } from '../../endpoint/answer.ts';
import { dataActionHandler } from '../../endpoint/index.ts';
import {
  answered,
  apiEvent,
  counting,
  endpoint,
  newId,
  type Records,
  startRecords,
  table,
} from './in-process.ts';
import { invocation } from './invocation.ts';

let records: Records;

beforeAll(async () => {
  records = await startRecords();
});
afterAll(() => records?.stop());

describe('an answer', () => {
  test('over HTTP is {status, data, requiresRetry, processedAt}', async () => {
    const { http } = endpoint(() => ({ data: { balance: 3 } }));
    const result = await http({ requestId: newId() });
    expect(result.statusCode).toBe(200);
    expect(result.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(result.answer).toEqual({
      status: 200,
      data: { balance: 3 },
      requiresRetry: false,
      processedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  test('to a direct invocation is the data alone', async () => {
    const { direct } = endpoint(() => ({ data: { balance: 3 } }));
    expect(await direct({ requestId: newId() })).toEqual({ balance: 3 });
  });

  test('to a direct invocation is the envelope, where one was asked for', async () => {
    const { direct } = endpoint(() => ({ data: 1 }), { DIRECT_ANSWER: 'Envelope' });
    const requestId = newId();
    expect(await direct({ requestId })).toMatchObject({ status: 200, data: 1, replayed: false });
    expect(await direct({ requestId })).toMatchObject({ status: 200, data: 1, replayed: true });
  });

  test('that is no success is thrown to a direct invocation, as JSON in the message', async () => {
    const { direct } = endpoint(() => ({ status: 404, code: 'NoSuchOrder', message: 'Order 7 is unknown.' }));
    const error = await direct({ requestId: newId() }).then(
      () => new Error('nothing was thrown'),
      (thrown: Error) => thrown,
    );
    expect(JSON.parse(error.message)).toEqual({ status: 404, code: 'NoSuchOrder', requiresRetry: false });
    expect(error.stack).not.toContain('endpoint/');
  });

  test('of settings that are wrong names the variable, and the next request finds mended settings', async () => {
    const { http } = endpoint(() => ({ data: 1 }), { ON_UNKNOWN_OUTCOME: 'Perhaps' });
    expect((await http({ requestId: newId() })).answer).toMatchObject({
      status: 500,
      code: 'SettingsInvalid',
      message: expect.stringContaining('ON_UNKNOWN_OUTCOME'),
    });
  });

  test.each([
    ['no id', {}, 400, 'RequestIdMissing'],
    ['an action with a slash', { action: '../x', requestId: 'a' }, 400, 'ActionInvalid'],
  ])('to a direct request with %s says so', async (_, payload, status, code) => {
    const { direct } = endpoint(() => ({ data: 1 }));
    await expect(direct(payload)).rejects.toThrow(JSON.stringify({ status, code, requiresRetry: false }));
  });

  test('to an oversize direct invocation is a 413', async () => {
    const { runs, business } = counting();
    const { direct } = endpoint(business);
    await expect(direct({ requestId: newId(), blob: 'x'.repeat(256 * 1024) })).rejects.toThrow(
      'PayloadTooLarge',
    );
    expect(runs).toHaveLength(0);
  });
});

describe('an event by the wrong alias', () => {
  const forged = apiEvent(JSON.stringify({ requestId: 'forged' }), 'admin');

  test.each([['live'], [undefined], ['7']])(
    'of an API, by %s, is thrown to a direct invocation, and names no caller',
    async (alias) => {
      const { runs, business } = counting();
      const { invoke, lines } = endpoint(business);
      await expect(invoke(forged, alias)).rejects.toThrow(
        JSON.stringify({ status: 400, code: 'WrongAlias', requiresRetry: false }),
      );
      expect(runs).toEqual([]);
      expect(lines).toMatchObject([{ way: 'direct', answer: { code: 'WrongAlias' } }]);
      expect(lines[0]?.caller).toBeUndefined();
    },
  );

  test.each([
    ['api', { requestId: 'a' }, 'EventUnsupported'],
    ['alb', { requestId: 'a' }, 'EventUnsupported'],
    ['alb', forged, 'WrongAlias'],
  ])('is a 400 over HTTP by %s', async (alias, event, code) => {
    const { runs, business } = counting();
    const { invoke } = endpoint(business);
    const { statusCode, answer } = answered((await invoke(event, alias)) as HttpResult);
    expect([statusCode, answer.code]).toEqual([400, code]);
    expect(runs).toEqual([]);
  });
});

test('a record holds no payload: only its hash, and the answer', async () => {
  const { http } = endpoint(({ idempotencyKey }) => ({ data: { idempotencyKey } }));
  const { answer } = await http({ requestId: newId(), pin: 'canary-4711' });
  const { idempotencyKey } = answer.data as { idempotencyKey: string };
  const { Item } = await records.dynamo.send(
    new GetItemCommand({ TableName: table, Key: { id: { S: idempotencyKey } } }),
  );
  expect(Item?.['status']).toEqual({ S: 'COMPLETED' });
  expect(JSON.stringify(Item)).not.toContain('canary');
});

test('a health check of an ALB needs no secret and reads nothing', async () => {
  const handler = dataActionHandler(() => ({ data: 1 }), {
    observer: { answered: () => {}, failed: () => {} },
  });
  const event = { httpMethod: 'GET', path: '/health', headers: {}, body: '', requestContext: { elb: {} } };
  expect(await handler(event, invocation('alb'))).toMatchObject({ statusCode: 200 });
});

test.each(['GET', 'PUT', 'DELETE'])('%s is not served', async (httpMethod) => {
  const { runs, business } = counting();
  const handler = dataActionHandler(business, {
    settings: { IDEMPOTENCY_TABLE_NAME: table },
    observer: { answered: () => {}, failed: () => {} },
  });
  const event = { httpMethod, path: '/x', body: '{}', requestContext: { authorizer: { caller: 'a' } } };
  expect(await handler(event, invocation('api'))).toMatchObject({ statusCode: 405 });
  expect(runs).toHaveLength(0);
});
