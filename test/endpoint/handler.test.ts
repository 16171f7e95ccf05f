/** The whole pipeline with a function in this process, on a real DynamoDB API (MiniStack). */
import { DeleteTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Answer, HttpResult } from '../../endpoint/answer.ts';
import { type BusinessFunction, dataActionHandler } from '../../endpoint/index.ts';
import type { Observer, RequestFacts } from '../../endpoint/observe.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { createTable } from './tables.ts';

let aws: MiniStack;
let dynamo: DynamoDBClient;
const table = 'records';

beforeAll(async () => {
  aws = await startMiniStack();
  Object.assign(process.env, aws.env);
  dynamo = new DynamoDBClient({});
  await createTable(dynamo, table);
});
afterAll(async () => {
  dynamo.destroy();
  await aws.stop();
});

let sequence = 0;
/** An id that no other test uses. */
const newId = () => `request-${process.pid}-${++sequence}`;

const context = (remainingMs = 10_000) => ({
  awsRequestId: newId(),
  getRemainingTimeInMillis: (() => {
    const end = Date.now() + remainingMs;
    return () => end - Date.now();
  })(),
});

interface Line extends RequestFacts {
  answer: Answer;
  replayed: boolean;
}

function endpoint(business: BusinessFunction, settings: Record<string, string> = {}) {
  const lines: Line[] = [];
  const failures: { what: string; error: unknown }[] = [];
  const observer: Observer = {
    answered: (facts, answer, { replayed }) => lines.push({ ...facts, answer, replayed }),
    failed: (what, _, error) => failures.push({ what, error }),
  };
  const handler = dataActionHandler(business, {
    observer,
    settings: { IDEMPOTENCY_TABLE_NAME: table, FUNCTION_TIMEOUT_SECONDS: '1', ...settings },
  });
  return {
    lines,
    failures,
    event: (event: unknown) => handler(event, context()),
    direct: (payload: Record<string, unknown>, remainingMs?: number) =>
      handler(payload, context(remainingMs)),
    /** As API Gateway sends it once the authorizer said yes. */
    async http(payload: unknown, more: { remainingMs?: number; caller?: string; body?: string } = {}) {
      const result = (await handler(
        {
          httpMethod: 'POST',
          path: '/actions/refund',
          pathParameters: { action: 'refund' },
          headers: {},
          body: more.body ?? JSON.stringify(payload),
          isBase64Encoded: false,
          requestContext: { authorizer: { caller: more.caller ?? 'shared-secret' } },
        },
        context(more.remainingMs),
      )) as HttpResult;
      return { ...result, answer: JSON.parse(result.body) as Answer };
    },
  };
}

/** A function that counts its runs and answers with the count. */
function counting(before: () => Promise<void> | void = () => {}) {
  const runs: { attempt: number; key: string }[] = [];
  const business: BusinessFunction = async ({ attempt, idempotencyKey }) => {
    runs.push({ attempt, key: idempotencyKey });
    const count = runs.length;
    await before();
    return { data: { count } };
  };
  return { runs, business };
}

/** Resolves once the function has begun. */
async function begun(runs: readonly unknown[]): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (runs.length === 0) {
    if (Date.now() > giveUpAt) throw new Error('the function was not run');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Resolves when told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

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

describe('a repeat', () => {
  test('one after the other gets the stored answer, which says so, and runs nothing', async () => {
    const { runs, business } = counting();
    const { http, lines } = endpoint(business);
    const payload = { requestId: newId(), amount: 5 };
    const first = await http(payload);
    const second = await http({ amount: 5, requestId: payload.requestId });
    expect(second.body).toBe(first.body);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(runs).toHaveLength(1);
    expect(lines.map(({ replayed }) => replayed)).toEqual([false, true]);
  });

  test('20 at once: the function runs once, and all get one answer', async () => {
    const hold = gate();
    const { runs, business } = counting(() => hold.opened);
    const { http } = endpoint(business);
    const payload = { requestId: newId() };
    const all = Array.from({ length: 20 }, () => http(payload));
    await begun(runs);
    hold.open();
    const results = await Promise.all(all);
    expect(runs).toHaveLength(1);
    expect(new Set(results.map(({ body }) => body)).size).toBe(1);
    expect(results.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
    expect(results.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(19);
  });

  test('with another payload is 422, also while the first is in progress', async () => {
    const hold = gate();
    const { runs, business } = counting(() => hold.opened);
    const { http } = endpoint(business);
    const requestId = newId();
    const first = http({ requestId, amount: 5 });
    await begun(runs);
    const during = await http({ requestId, amount: 6 });
    hold.open();
    await first;
    const after = await http({ requestId, amount: 6 });
    for (const { answer } of [during, after]) {
      expect(answer).toMatchObject({ status: 422, code: 'PayloadMismatch', requiresRetry: false });
    }
    expect(runs).toHaveLength(1);
  });

  test('of another caller or to another action is another request', async () => {
    const { runs, business } = counting();
    const { http, direct } = endpoint(business);
    const requestId = newId();
    await http({ requestId });
    await http({ requestId }, { caller: 'jwt:someone' });
    await direct({ requestId, action: 'refund' });
    expect(new Set(runs.map(({ key }) => key)).size).toBe(3);
  });

  test('of an IAM caller in another session is a repeat; the log and the function know the session', async () => {
    const callers: string[] = [];
    const { lines, event } = endpoint(
      ({ caller }) => {
        callers.push(caller);
        return { data: 1 };
      },
      { AUTHENTICATION: 'Iam' },
    );
    const requestId = newId();
    const arn = (session: string) => `arn:aws:sts::111122223333:assumed-role/Payments/${session}`;
    for (const session of ['one', 'two']) {
      await event({
        httpMethod: 'POST',
        path: '/actions/pay',
        body: JSON.stringify({ requestId }),
        requestContext: { identity: { userArn: arn(session) } },
      });
    }
    expect(callers).toEqual([arn('one')]);
    expect(lines.map(({ caller, replayed }) => [caller, replayed])).toEqual([
      [arn('one'), false],
      [arn('two'), true],
    ]);
  });

  test('of a 4xx answer of the function gets that answer again', async () => {
    let runs = 0;
    const { http } = endpoint(() => {
      runs += 1;
      return { status: 409, code: 'SoldOut', data: { left: 0 } };
    });
    const requestId = newId();
    const first = await http({ requestId });
    const second = await http({ requestId });
    expect(second.body).toBe(first.body);
    expect(second.answer).toMatchObject({ status: 409, code: 'SoldOut', data: { left: 0 } });
    expect(runs).toBe(1);
  });

  test('whose twin outlasts its patience is a 409 with Retry-After, never a 5xx', async () => {
    const hold = gate();
    const { runs, business } = counting(() => hold.opened);
    const { http } = endpoint(business);
    const requestId = newId();
    const first = http({ requestId });
    await begun(runs);
    const impatient = await http({ requestId }, { remainingMs: 600 });
    hold.open();
    await first;
    expect(impatient.answer).toMatchObject({ status: 409, code: 'InProgress', requiresRetry: true });
    expect(Number(impatient.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(runs).toHaveLength(1);
  });

  test('after the window is a new request, with attempt 1', async () => {
    const { runs, business } = counting();
    const requestId = newId();
    let shiftMs = 0;
    const clock = {
      now: () => Date.now() + shiftMs,
      sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
      schedule: (ms: number, action: () => void) => {
        const timer = setTimeout(action, ms);
        return () => clearTimeout(timer);
      },
    };
    const handler = dataActionHandler(business, {
      clock,
      settings: { IDEMPOTENCY_TABLE_NAME: table, IDEMPOTENCY_WINDOW_SECONDS: '60' },
      observer: { answered: () => {}, failed: () => {} },
    });
    await handler({ requestId }, context());
    shiftMs = 59_000;
    await handler({ requestId }, context());
    expect(runs).toHaveLength(1);
    shiftMs = 62_000;
    expect(await handler({ requestId, changed: true }, context())).toEqual({ count: 2 });
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});

describe('a function that fails', () => {
  const failing: [string, BusinessFunction, string][] = [
    ['throws', () => Promise.reject(new Error('card number 4111')), 'FunctionFailed'],
    ['returns nothing', (() => undefined) as unknown as BusinessFunction, 'FunctionAnswerInvalid'],
    ['returns bare data', (() => ({ balance: 3 })) as unknown as BusinessFunction, 'FunctionAnswerInvalid'],
    ['returns no data', () => ({}), 'FunctionAnswerInvalid'],
    ['answers 302', () => ({ status: 302, data: 1 }), 'FunctionAnswerInvalid'],
    ['answers 2xx to be repeated', () => ({ data: 1, requiresRetry: true }), 'FunctionAnswerInvalid'],
    [
      'answers 5xx not to be repeated',
      () => ({ status: 500, requiresRetry: false }),
      'FunctionAnswerInvalid',
    ],
  ];

  test.each(failing)(
    'and %s has its own answer; with Retry the next request is the next attempt',
    async (_, run, code) => {
      const attempts: number[] = [];
      let broken = true;
      const { http, lines } = endpoint((request, signal) => {
        attempts.push(request.attempt);
        return broken ? run(request, signal) : { data: 'done' };
      });
      const requestId = newId();
      const first = await http({ requestId });
      expect(first.answer).toMatchObject({ status: 502, code, data: null, requiresRetry: true });
      expect(JSON.stringify(lines)).not.toContain('4111');
      broken = false;
      expect((await http({ requestId })).answer).toMatchObject({ status: 200, data: 'done' });
      expect(attempts).toEqual([1, 2]);
    },
  );

  test.each(failing)('and %s is not run again with Refuse: 409', async (_, run, code) => {
    let runs = 0;
    const { http } = endpoint(
      (request, signal) => {
        runs += 1;
        return run(request, signal);
      },
      { ON_UNKNOWN_OUTCOME: 'Refuse' },
    );
    const requestId = newId();
    expect((await http({ requestId })).answer).toMatchObject({ status: 502, code, requiresRetry: false });
    for (let repeat = 0; repeat < 2; repeat++) {
      const { answer } = await http({ requestId });
      expect(answer).toMatchObject({ status: 409, code: 'OutcomeUnknown', requiresRetry: false });
    }
    expect(runs).toBe(1);
  });

  test.each(['Retry', 'Refuse'])('and says that nothing was done runs again with %s', async (policy) => {
    let runs = 0;
    const { http } = endpoint(
      () => {
        runs += 1;
        return runs === 1 ? { status: 503, code: 'BankClosed' } : { data: 'paid' };
      },
      { ON_UNKNOWN_OUTCOME: policy },
    );
    const requestId = newId();
    expect((await http({ requestId })).answer).toMatchObject({
      status: 503,
      code: 'BankClosed',
      requiresRetry: true,
    });
    expect((await http({ requestId })).answer).toMatchObject({ status: 200, data: 'paid' });
  });

  test('does not open the key to another payload', async () => {
    const { http } = endpoint(() => Promise.reject(new Error('no')));
    const requestId = newId();
    await http({ requestId, amount: 1 });
    expect((await http({ requestId, amount: 2 })).answer).toMatchObject({ status: 422 });
  });

  test('by taking longer than the caller waits is answered in time, and told to stop', async () => {
    let stopped = false;
    const { http } = endpoint(
      (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            stopped = true;
            resolve({ data: 'too late' });
          });
        }),
      { CALLER_TIMEOUT_SECONDS: '1' },
    );
    const requestId = newId();
    const startedAt = Date.now();
    const { answer } = await http({ requestId });
    expect(Date.now() - startedAt).toBeLessThan(1000);
    expect(answer).toMatchObject({ status: 504, code: 'FunctionTimedOut', requiresRetry: true });
    expect(stopped).toBe(true);
    // It may still be running somewhere: the key is held until it cannot be.
    expect((await http({ requestId }, { remainingMs: 500 })).answer).toMatchObject({
      status: 409,
      code: 'InProgress',
    });
  });

  test('to keep its answer small has done its work: 413, and no repeat does it again', async () => {
    const { runs, business } = counting();
    const { http } = endpoint(async (request, signal) => {
      await business(request, signal);
      return { data: 'x'.repeat(256 * 1024) };
    });
    const requestId = newId();
    for (let repeat = 0; repeat < 2; repeat++) {
      expect((await http({ requestId })).answer).toMatchObject({ status: 413, code: 'AnswerTooLarge' });
    }
    expect(runs).toHaveLength(1);
  });
});

describe('an attempt whose container died', () => {
  /** Claims a key as a container does that is killed while the function runs: nothing is ever written after it. */
  async function dieDuring(requestId: string, settings: Record<string, string>) {
    const started = gate();
    const { http } = endpoint(() => {
      started.open();
      return new Promise(() => {});
    }, settings);
    // The limit of this invocation is far away, so that the process itself ends nothing during the test.
    void http({ requestId }, { remainingMs: 1500 }).catch(() => {});
    await started.opened;
  }

  test('is followed by another after its expiry with Retry, and the function is told', async () => {
    const requestId = newId();
    await dieDuring(requestId, {});
    const { runs, business } = counting();
    const { http } = endpoint(business);
    const early = await http({ requestId }, { remainingMs: 700 });
    expect(early.answer).toMatchObject({ status: 409, code: 'InProgress' });
    // In progress for 1.4 s and a second for clocks: this one waits for it to be over.
    const late = await http({ requestId }, { remainingMs: 8000 });
    expect(late.answer).toMatchObject({ status: 200, data: { count: 1 } });
    expect(runs).toMatchObject([{ attempt: 2 }]);
  });

  test('is not followed by one that has waited for most of its own time: it would time out too', async () => {
    const requestId = newId();
    await dieDuring(requestId, {});
    const { runs, business } = counting();
    const { http } = endpoint(business);
    // In progress for some 2.4 s; of its 3.2 s this one has less than half left then.
    const { answer } = await http({ requestId }, { remainingMs: 3500 });
    expect(answer).toMatchObject({ status: 409, code: 'InProgress', requiresRetry: true });
    expect(runs).toHaveLength(0);
    expect((await http({ requestId })).answer).toMatchObject({ status: 200, data: { count: 1 } });
  });

  test('is refused after its expiry with Refuse', async () => {
    const requestId = newId();
    await dieDuring(requestId, { ON_UNKNOWN_OUTCOME: 'Refuse' });
    const { runs, business } = counting();
    const { http } = endpoint(business, { ON_UNKNOWN_OUTCOME: 'Refuse' });
    const late = await http({ requestId }, { remainingMs: 8000 });
    expect(late.answer).toMatchObject({ status: 409, code: 'OutcomeUnknown', requiresRetry: false });
    expect(runs).toHaveLength(0);
  });

  test('and answers after all changes nothing of what stands since: its caller gets that answer', async () => {
    const hold = gate();
    const started = gate();
    const requestId = newId();
    const slow = endpoint(async () => {
      started.open();
      await hold.opened;
      return { data: 'late' };
    });
    // A process that Lambda froze and thawed: its own clock says that there is time.
    const first = slow.http({ requestId }, { remainingMs: 60_000 });
    await started.opened;
    const key = slow.lines.length;
    expect(key).toBe(0);
    const {
      DynamoDBClient: Client,
      ScanCommand,
      UpdateItemCommand,
    } = await import('@aws-sdk/client-dynamodb');
    const client = new Client({});
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
    const own = Items.find(
      (item) =>
        item['status']?.S === 'INPROGRESS' && Number(item['in_progress_expiration']?.N) > Date.now() + 30_000,
    );
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { S: own?.['id']?.S ?? '' } },
        UpdateExpression: 'SET in_progress_expiration = :past',
        ExpressionAttributeValues: { ':past': { N: '1' } },
      }),
    );
    client.destroy();
    const second = await endpoint(() => ({ data: 'in time' })).http({ requestId });
    hold.open();
    expect(second.answer.data).toBe('in time');
    expect((await first).answer.data).toBe('in time');
    expect((await slow.http({ requestId })).answer.data).toBe('in time');
  });
});

describe('a table that cannot be reached', () => {
  test('before the work: 503, and the function does not run', async () => {
    const { runs, business } = counting();
    const { http, failures } = endpoint(business, { IDEMPOTENCY_TABLE_NAME: 'missing' });
    const { answer, headers } = await http({ requestId: newId() });
    expect(answer).toMatchObject({ status: 503, code: 'IdempotencyUnavailable', requiresRetry: true });
    expect(headers['retry-after']).toBe('1');
    expect(runs).toHaveLength(0);
    expect(failures).toMatchObject([{ what: 'IdempotencyUnavailable' }]);
  });

  test('after the work: the caller gets the answer that is true, and the log says that it is not stored', async () => {
    const name = `gone-${process.pid}`;
    await createTable(dynamo, name);
    const { http, failures } = endpoint(
      async () => {
        await dynamo.send(new DeleteTableCommand({ TableName: name }));
        return { data: 'done' };
      },
      { IDEMPOTENCY_TABLE_NAME: name },
    );
    expect((await http({ requestId: newId() })).answer).toMatchObject({ status: 200, data: 'done' });
    expect(failures).toMatchObject([{ what: 'AnswerNotStored' }]);
  });
});

test('a record holds no payload: only its hash, and the answer', async () => {
  const { http } = endpoint(({ idempotencyKey }) => ({ data: { idempotencyKey } }));
  const { answer } = await http({ requestId: newId(), pin: 'canary-4711' });
  const { idempotencyKey } = answer.data as { idempotencyKey: string };
  const { Item } = await dynamo.send(
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
  expect(await handler(event, context())).toMatchObject({ statusCode: 200 });
});

test.each(['GET', 'PUT', 'DELETE'])('%s is not served', async (httpMethod) => {
  const { runs, business } = counting();
  const handler = dataActionHandler(business, {
    settings: { IDEMPOTENCY_TABLE_NAME: table },
    observer: { answered: () => {}, failed: () => {} },
  });
  const event = { httpMethod, path: '/x', body: '{}', requestContext: { authorizer: { caller: 'a' } } };
  expect(await handler(event, context())).toMatchObject({ statusCode: 405 });
  expect(runs).toHaveLength(0);
});
