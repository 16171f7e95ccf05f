/** The answers of a poll, on a real DynamoDB API and S3 (MiniStack). */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../../common/clock.ts';
import { httpResult } from '../../endpoint/answer.ts';
import { type Outcome, once } from '../../endpoint/idempotency.ts';
import { scope } from '../../endpoint/key.ts';
import type { Json } from '../../endpoint/request.ts';
import { RecordStore } from '../../endpoint/store.ts';
import {
  createTwoPhase,
  returnLimitBytes,
  startWindowSeconds,
  stowed,
  workKey,
} from '../../endpoint/two-phase.ts';
import type { Way } from '../../endpoint/way.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { createTable } from './tables.ts';

let aws: MiniStack;
let dynamo: DynamoDBClient;
const bucket = 'results';
let sequence = 0;

beforeAll(async () => {
  aws = await startMiniStack();
  Object.assign(process.env, aws.env);
  dynamo = new DynamoDBClient({});
  await createTable(dynamo, 'records');
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  s3.destroy();
});
afterAll(async () => {
  dynamo.destroy();
  await aws.stop();
});

/** Work in two phases, with a clock that only the test moves. */
function day(table = 'records') {
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const { signal } = new AbortController();
  const store = new RecordStore(() => dynamo, table);
  const token = `${scope('report', 'c')}.${String(++sequence).padStart(64, '0')}`;
  const twoPhase = createTwoPhase({
    store,
    lambda: () => ({ send: async () => ({}) }) as unknown as LambdaClient,
    workerArn: 'worker',
    bucket,
    onUnknownOutcome: 'Retry',
    clock,
  });
  const run = (key: string, payloadHash: string, windowSeconds: number, work: () => Promise<Outcome>) =>
    once({ key, payloadHash }, work, {
      store,
      clock,
      owner: `owner-${++sequence}`,
      onUnknownOutcome: 'Retry',
      windowSeconds,
      attemptMs: 1000,
      deadlineMs: now + 1000,
      signal,
    });
  return {
    later(seconds: number) {
      now += seconds * 1000;
    },
    start: (payloadHash = 'h', windowSeconds = startWindowSeconds(60)) =>
      run(token, payloadHash, windowSeconds, () =>
        twoPhase.start(
          {
            key: token,
            requestId: 'r',
            payloadHash,
            action: 'report',
            caller: 'c',
            interactionId: null,
            payload: {},
          },
          signal,
        ),
      ),
    work: (data: Json, payloadHash = 'h', windowSeconds = 60) =>
      run(workKey(token), payloadHash, windowSeconds, async () => {
        const answer = { status: 200, data, requiresRetry: false, processedAt: new Date(now).toISOString() };
        return { kind: 'answered', answer: await stowed(answer, workKey(token), bucket, signal) };
      }),
    poll: (way: Way = 'api', { action = 'report', caller = 'c' } = {}) =>
      twoPhase.poll(token, action, caller, way, signal).catch((error: { status: number; code: string }) => ({
        status: error.status,
        code: error.code,
        data: null,
      })),
  };
}

describe('a poll', () => {
  test('never gets what another payload led to under the same id', async () => {
    const { start, work, poll, later } = day();
    // The work was recorded for longer than its start, as after a change of the window.
    await start('old', 60);
    await work('the old result', 'old', 3600);
    expect(await poll()).toMatchObject({ status: 200, data: 'the old result' });
    later(120);
    await start('new');
    expect(await poll()).toMatchObject({ status: 202, data: { state: 'accepted' } });
  });

  test.each([
    ['another caller', { caller: 'd' }],
    ['another action', { action: 'reports' }],
    ['a caller and an action whose names together are the same text', { action: 'repor', caller: 'tc' }],
  ])('by %s knows no token of this one', async (_, stranger) => {
    const { start, work, poll } = day();
    await start();
    await work('the result');
    expect(await poll('api', stranger)).toEqual({ status: 404, code: 'TokenUnknown', data: null });
    expect(await poll()).toMatchObject({ status: 200, data: 'the result' });
  });

  test('finds a result for the whole of its window, however late it came', async () => {
    const { start, work, poll, later } = day();
    await start();
    later(3590);
    await work('late');
    later(59);
    expect(await poll()).toMatchObject({ status: 200, data: 'late' });
  });

  test('finds nothing once the time of the start is over', async () => {
    const { start, work, poll, later } = day();
    await start();
    await work('done');
    later(startWindowSeconds(60) + 1);
    expect(await poll()).toMatchObject({ status: 404, code: 'TokenUnknown' });
  });

  test('of work that no delivery has claimed is 202 while one can come, and then WorkFailed', async () => {
    const { start, poll, later } = day();
    await start();
    later(3590);
    expect(await poll()).toMatchObject({ status: 202, data: { state: 'accepted' } });
    later(20);
    expect(await poll()).toMatchObject({ status: 409, code: 'WorkFailed' });
  });

  test('while the table is away is a 503 of its own, not a defect of ours', async () => {
    expect(await day('missing').poll()).toMatchObject({ status: 503, code: 'IdempotencyUnavailable' });
  });

  /** JSON in which every second byte is a quotation mark, so that it grows by half within a body. */
  const rows = (bytes: number) => ({ rows: Array.from({ length: bytes / 4 }, () => 'a') });

  test.each<[Way, number, number]>([
    ['alb', 700_000, 413],
    ['alb', 400_000, 200],
    ['api', 5_000_000, 413],
    ['api', 3_000_000, 200],
    ['direct', 5_000_000, 200],
  ])('by %s of a result of %d bytes, all escaped, is %d', async (way, bytes, status) => {
    const { start, work, poll } = day();
    await start();
    await work(rows(bytes));
    const answer = await poll(way);
    expect(answer.status).toBe(status);
    if (way === 'direct' || status !== 200) return;
    const returned = JSON.stringify(httpResult({ answer: { ...answer } as never, replayed: false }));
    expect(returned.length).toBeLessThanOrEqual(returnLimitBytes[way]);
  });
});
