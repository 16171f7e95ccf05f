/** The ledger's own rules, as tests for any server that speaks DynamoDB's wire protocol. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CancelledError, Ledger, type ObjectRecord, Store } from '../../../provider/ledger/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const TABLE = 'ledger';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A server with an empty table. */
export interface Table {
  endpoint: string;
  stop(): Promise<void>;
}

export function ledgerRules(start: () => Promise<Table>): void {
  let server: Table;
  let client: DynamoDBClient;
  let clock: FakeClock;
  let count = 0;
  beforeAll(async () => {
    server = await start();
    client = new DynamoDBClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });
  beforeEach(() => {
    clock = new FakeClock();
    count += 1;
  });

  const store = () => new Store(client, TABLE, clock);
  const ledger = () => new Ledger(store(), clock);
  const stackId = () =>
    `arn:aws:cloudformation:us-east-1:123456789012:stack/s${count}/11111111-2222-3333-4444-555555555555`;
  const request = (requestId: string, more = {}) => ({
    stackId: stackId(),
    logicalId: 'Thing',
    requestId,
    attemptId: `${requestId}/1`,
    content: '',
    wanted: '',
    type: 'Create' as const,
    resourceType: 'Custom::GenesysDataAction',
    ...more,
  });
  const holding = (seconds = 300) => ({
    signal: new AbortController().signal,
    at: clock.now() + seconds * 1000,
  });
  /** As an invocation begins: after its twin, where there is one. */
  const verdictOn = async (of: ReturnType<typeof request>) => {
    const begun = await ledger().begin(of, holding());
    return begun.verdict === 'twin at work' ? ledger().beginAfterTwin(of, holding()) : begun;
  };
  const begin = async (requestId: string, more = {}) => {
    const begun = await verdictOn(request(requestId, more));
    if (begun.verdict !== 'go') throw new Error(begun.verdict);
    return begun.attempt;
  };
  const object = (id: string): ObjectRecord => ({
    kind: 'action',
    id,
    organization: 'o',
    owner: { stackId: stackId(), logicalId: 'Thing' },
    origin: 'created',
    createdAt: clock.now(),
    applied: [],
    dirty: true,
    identity: '',
    attributes: {},
    details: {},
  });

  test('an item is written only as it was read: the second of two writers meets a conflict', async () => {
    const key = `ITEM#${count}`;
    const [first] = await store().commit([{ key, body: { n: 1 }, read: undefined }]);
    await expect(store().commit([{ key, body: { n: 2 }, read: undefined }])).rejects.toThrow(
      /another request/,
    );
    await store().commit([{ key, body: { n: 3 }, read: first }]);
    await expect(store().commit([{ key, body: { n: 4 }, read: first }])).rejects.toThrow(/another request/);
    expect((await store().read<{ n: number }>(key))?.body).toEqual({ n: 3 });
  });

  test('several changes are written together or not at all', async () => {
    const [a, b] = [`A#${count}`, `B#${count}`];
    await store().commit([{ key: a, body: 1, read: undefined }]);
    await expect(
      store().commit([
        { key: b, body: 1, read: undefined },
        { key: a, body: 2, read: undefined },
      ]),
    ).rejects.toThrow(/another request/);
    expect(await store().read(b)).toBeUndefined();
  });

  test('an expired item does not exist, whether the table has dropped it or not', async () => {
    const key = `ITEM#${count}`;
    const expiresAt = Math.floor(clock.now() / 1000) + 10;
    await store().commit([{ key, body: 1, read: undefined, expiresAt }]);
    clock.advance(11_000);
    expect(await store().read(key)).toBeUndefined();
    await store().commit([{ key, body: 2, read: undefined }]);
    expect((await store().read(key))?.body).toBe(2);
  });

  test('of two deliveries at once one works and the other gets its answer', async () => {
    const attempt = await begin('1');
    expect(await ledger().begin(request('1'), holding())).toEqual({ verdict: 'twin at work' });
    const twin = ledger().beginAfterTwin(request('1'), holding());
    await attempt.succeed({ physicalId: 'id', data: { Name: 'n' } });
    expect(await twin).toMatchObject({
      verdict: 'replay',
      answer: { physicalId: 'id', data: { Name: 'n' } },
    });
    await ledger().close({ stackId: stackId(), attemptId: '1/1' }, undefined);
    expect(await ledger().begin(request('1'), holding())).toEqual({ verdict: 'closed' });
  });

  test('a result serves its own RequestId alone', async () => {
    await (await begin('1')).succeed({ physicalId: 'id', data: {} });
    expect((await ledger().begin(request('2'), holding())).verdict).toBe('go');
  });

  test('a repeat of a failed request fails with the same reason', async () => {
    const attempt = await begin('1');
    await attempt.intend({ kind: 'action', marker: {} }, 'o');
    await attempt.fail('no permission', holding());
    expect(await ledger().begin(request('1'), holding())).toMatchObject({
      verdict: 'failed',
      reason: 'no permission',
      steps: [{ kind: 'action', state: 'intended' }],
    });
  });

  test('a dead process is followed when its lease is over, from the steps that it noted', async () => {
    const dead = await begin('1');
    const index = await dead.intend({ kind: 'action', marker: { name: 'n' } }, 'o');
    await dead.made(index, 'a1', object('a1'));
    const before = clock.now();
    const next = await begin('1');
    expect(clock.now() - before).toBeGreaterThanOrEqual(25_000);
    expect(clock.now() - before).toBeLessThan(30_000);
    expect(next.record.steps).toMatchObject([{ state: 'made', id: 'a1' }]);
    await expect(dead.succeed({ physicalId: 'a1', data: {} })).rejects.toThrow(/taken this request over/);
  });

  test('a request that was signed more than 5 s before the newest one is superseded', async () => {
    await (await begin('1', { signedAt: 20_000 })).succeed({ physicalId: 'x', data: {} });
    const verdictAt = async (requestId: string, more: object) => {
      const begun = await ledger().begin(request(requestId, more), holding());
      if (begun.verdict === 'go') await begun.attempt.succeed({ physicalId: 'x', data: {} });
      return begun.verdict;
    };
    expect(await verdictAt('2', { signedAt: 14_000 })).toBe('superseded');
    // Clocks of signers differ, and a URL may have no date.
    expect(await verdictAt('3', { signedAt: 15_000 })).toBe('go');
    expect(await verdictAt('4', {})).toBe('go');
    expect(await verdictAt('5', { signedAt: 14_000, type: 'Delete' })).toBe('go');
  });

  test('a running request whose undoing is asked for stops at its next step, and undoes itself', async () => {
    const running = await begin('1');
    const index = await running.intend({ kind: 'action', marker: {} }, 'o');
    const cancelled = Promise.withResolvers<void>();
    const waiting = {
      now: () => clock.now(),
      // The other request has cancelled this one, and waits for it now.
      sleep: async () => {
        cancelled.resolve();
        await done.promise;
      },
      schedule: () => () => {},
    };
    const done = Promise.withResolvers<void>();
    const taken = new Ledger(store(), waiting).takeOver(stackId(), '1/1', '2', holding());
    await cancelled.promise;
    await expect(running.made(index, 'a2', object('a2'))).rejects.toThrow(CancelledError);
    const undone: (string | undefined)[] = [];
    await running.undo(async ({ kind }) => void undone.push(kind));
    done.resolve();
    expect(undone).toEqual(['action']);
    expect(await taken).toBeUndefined();
    expect(await ledger().object('action', 'a2', holding())).toBeUndefined();
    expect((await ledger().begin(request('1'), holding())).verdict).toBe('superseded');
  });

  test('a lock keeps two apart', async () => {
    const [a, b] = [await begin('1'), await begin('2', { logicalId: 'Other' })];
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} in`);
      await clock.sleep(5_000);
      order.push(`${name} out`);
    };
    const lock = `lock${count}`;
    await Promise.all([
      ledger().withLock(lock, a.record, holding(), work('a')),
      ledger().withLock(lock, b.record, holding(), work('b')),
    ]);
    expect(order[0]?.[0]).toBe(order[1]?.[0]);
    expect(order[2]?.[0]).toBe(order[3]?.[0]);
  });

  test('the lock of a dead process is free when its lease is over, and at once for a repeat of its request', async () => {
    const dead = await begin('1');
    const lock = `lock${count}`;
    const forEver = new Promise<never>(() => {});
    const taken = Promise.withResolvers<void>();
    void ledger().withLock(lock, dead.record, holding(), () => {
      taken.resolve();
      return forEver;
    });
    await taken.promise;
    const before = clock.now();
    await ledger().withLock(lock, (await begin('1')).record, holding(), async () => {});
    expect(clock.now() - before).toBeLessThan(30_000);
    const other = await begin('2', { logicalId: 'Other' });
    void ledger().withLock(lock, other.record, holding(), () => forEver);
    const third = await begin('3', { logicalId: 'Third' });
    await ledger().withLock(lock, third.record, holding(), async () => {});
    expect(clock.now() - before).toBeGreaterThanOrEqual(50_000);
  });
}
