/** A request that comes more than once runs once. */
import { dataActionHandler } from '../../endpoint/index.ts';
import { begun, counting, endpoint, gate, newId, type Records, startRecords, table } from './in-process.ts';
import { invocation } from './invocation.ts';

let records: Records;

beforeAll(async () => {
  records = await startRecords();
});
afterAll(() => records?.stop());

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
    const { lines, invoke } = endpoint(
      ({ caller }) => {
        callers.push(caller);
        return { data: 1 };
      },
      { AUTHENTICATION: 'Iam' },
    );
    const requestId = newId();
    const arn = (session: string) => `arn:aws:sts::111122223333:assumed-role/Payments/${session}`;
    for (const session of ['one', 'two']) {
      const event = {
        httpMethod: 'POST',
        path: '/actions/pay',
        body: JSON.stringify({ requestId }),
        requestContext: { identity: { userArn: arn(session) } },
      };
      await invoke(event, 'api');
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
    await handler({ requestId }, invocation('live'));
    shiftMs = 59_000;
    await handler({ requestId }, invocation('live'));
    expect(runs).toHaveLength(1);
    shiftMs = 62_000;
    expect(await handler({ requestId, changed: true }, invocation('live'))).toEqual({ count: 2 });
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});
