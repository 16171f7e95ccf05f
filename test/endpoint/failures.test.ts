/** The function fails, its container dies, or the table is out of reach. */
import { DeleteTableCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { BusinessFunction } from '../../endpoint/index.ts';
import { counting, endpoint, gate, newId, type Records, startRecords, table } from './in-process.ts';
import { createTable } from './tables.ts';

let records: Records;

beforeAll(async () => {
  records = await startRecords();
});
afterAll(() => records?.stop());

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
    // The function may still run somewhere, so the key is held until its time limit is over.
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
  /** Starts an attempt whose function never ends. In e2e.test.ts a real container is killed. */
  async function dieDuring(requestId: string, settings: Record<string, string>) {
    const started = gate();
    const { http } = endpoint(() => {
      started.open();
      return new Promise(() => {});
    }, settings);
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
    // The dead attempt counts as alive for 1.4 s and a second for clocks. This request waits for its end.
    const late = await http({ requestId }, { remainingMs: 8000 });
    expect(late.answer).toMatchObject({ status: 200, data: { count: 1 } });
    expect(runs).toMatchObject([{ attempt: 2 }]);
  });

  test('is not followed by one that has waited for most of its own time: it would time out too', async () => {
    const requestId = newId();
    await dieDuring(requestId, {});
    const { runs, business } = counting();
    const { http } = endpoint(business);
    // The dead attempt counts as alive for some 2.4 s. This request has 3.2 s, and then less than half is
    // left.
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
    // Lambda may freeze a process and thaw it after its time. By its own clock it still has time then.
    const first = slow.http({ requestId }, { remainingMs: 60_000 });
    await started.opened;
    expect(slow.lines).toEqual([]);
    const { Items = [] } = await records.dynamo.send(new ScanCommand({ TableName: table }));
    const own = Items.find(
      (item) =>
        item['status']?.S === 'INPROGRESS' && Number(item['in_progress_expiration']?.N) > Date.now() + 30_000,
    );
    await records.dynamo.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { S: own?.['id']?.S ?? '' } },
        UpdateExpression: 'SET in_progress_expiration = :past',
        ExpressionAttributeValues: { ':past': { N: '1' } },
      }),
    );
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
    await createTable(records.dynamo, name);
    const { http, failures } = endpoint(
      async () => {
        await records.dynamo.send(new DeleteTableCommand({ TableName: name }));
        return { data: 'done' };
      },
      { IDEMPOTENCY_TABLE_NAME: name },
    );
    expect((await http({ requestId: newId() })).answer).toMatchObject({ status: 200, data: 'done' });
    expect(failures).toMatchObject([{ what: 'AnswerNotStored' }]);
  });
});
