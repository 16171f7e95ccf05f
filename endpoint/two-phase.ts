/**
 * Work that takes longer than a caller waits: `start` answers 202 and a token and has the worker invoked
 * asynchronously; `poll` asks what became of it.
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Clock } from '../provider/runtime/clock.ts';
import { type Answer, httpResult } from './answer.ts';
import { EndpointError } from './errors.ts';
import { type Outcome, reachable } from './idempotency.ts';
import { scope } from './key.ts';
import type { Json, JsonObject, Way } from './request.ts';
import type { RecordStore, StoredRecord } from './store.ts';
import { inTime } from './time.ts';

/** The event of the worker. */
export interface WorkOrder {
  key: string;
  requestId: string;
  payloadHash: string;
  action: string;
  caller: string;
  interactionId: string | null;
  payload: JsonObject;
}

/** Lambda delivers an asynchronous event three times at most. */
export const maxDeliveries = 3;

/** Above this an answer goes to S3: a DynamoDB item holds 400 KB. */
export const inlineLimitBytes = 200 * 1024;

/** What work may answer, in bytes of JSON. */
export const workLimitBytes = 5_500_000;

/**
 * What a function may return: 6 MB, of which an ALB passes on 1 MB. Over HTTP the result is text within JSON, each
 * quotation mark of it escaped, and grows by as much.
 */
export const returnLimitBytes = { direct: 6_291_556, api: 6_291_556, alb: 1_000_000 } as const;

/** MaximumEventAgeInSeconds of the worker: nothing is delivered after it. */
export const longestWaitSeconds = 3600;
/** The longest run of a Lambda function, and a minute for two clocks and the queue. */
const longestRunSeconds = 960;

/**
 * How much longer than an answer a start is remembered: so long a result may be under way. A token is then known for
 * as long as its result is, and no other payload can take its place.
 */
export const startWindowSeconds = (windowSeconds: number) =>
  windowSeconds + longestWaitSeconds + longestRunSeconds;

/** A stored answer whose data lies in S3. */
export interface StoredAnswer extends Answer {
  dataKey?: string;
}

export const workKey = (key: string) => `${key}#work`;

export interface TwoPhase {
  start(order: WorkOrder, signal: AbortSignal): Promise<Outcome>;
  poll(
    token: Json | undefined,
    action: string,
    caller: string,
    way: Way,
    signal: AbortSignal,
  ): Promise<Answer>;
}

export function createTwoPhase(parts: {
  store: RecordStore;
  lambda: () => LambdaClient;
  workerArn: string;
  bucket: string | undefined;
  onUnknownOutcome: 'Retry' | 'Refuse';
  clock: Clock;
  /** Told why the worker could not be invoked. */
  onError?: (error: unknown) => void;
}): TwoPhase {
  const { clock, store } = parts;

  function answer(status: number, data: Json): Answer {
    return { status, data, requiresRetry: false, processedAt: new Date(clock.now()).toISOString() };
  }

  return {
    async start(order, signal) {
      try {
        await parts.lambda().send(
          new InvokeCommand({
            FunctionName: parts.workerArn,
            InvocationType: 'Event',
            Payload: Buffer.from(JSON.stringify(order)),
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        // If the event did get through, another start hands in the same order, and the worker does it once.
        const message = 'The work could not be handed to the worker.';
        parts.onError?.(error);
        return {
          kind: 'nothing-done',
          answer: { ...answer(503, null), code: 'WorkNotAccepted', message, requiresRetry: true },
        };
      }
      return { kind: 'answered', answer: answer(202, { token: order.key, state: 'accepted' }) };
    },

    async poll(token, action, caller, way, signal) {
      // A token carries whose it is: nobody reads another caller's result, or another action's.
      if (typeof token !== 'string' || !/^[0-9a-f]{16}\.[0-9a-f]{64}$/.test(token)) throw tokenUnknown();
      if (!token.startsWith(`${scope(action, caller)}.`)) throw tokenUnknown();
      const [start, work] = await reachable(
        Promise.all([store.read(token, signal), store.read(workKey(token), signal)]),
        signal,
      );
      const current = (record: StoredRecord | undefined): record is StoredRecord =>
        record !== undefined && record.expiresAtSeconds * 1000 > clock.now();
      if (!current(start)) throw tokenUnknown();
      // What another payload led to under the same id, before its time was over, is not what was asked for now.
      const own = current(work) && work.payloadHash === start.payloadHash ? work : undefined;
      if (own?.status === 'COMPLETED' && own.data !== undefined) {
        return fetched(JSON.parse(own.data) as StoredAnswer, parts.bucket, way, signal);
      }
      const running = own?.status === 'INPROGRESS' && own.inProgressUntilMs >= clock.now();
      if (own?.status === 'INPROGRESS' && !running && parts.onUnknownOutcome === 'Refuse') {
        throw refused('OutcomeUnknown', 'The work ended without an answer and is not tried again.');
      }
      const deliveredNoMore = clock.now() - start.claimedAtMs > longestWaitSeconds * 1000;
      if (!running && (deliveredNoMore || (own !== undefined && own.attempt >= maxDeliveries))) {
        const message = 'The work failed as often as it is tried; it is in the dead-letter queue.';
        throw refused('WorkFailed', message);
      }
      return answer(202, { token, state: own === undefined ? 'accepted' : 'running' });
    },
  };
}

function refused(code: string, message: string): EndpointError {
  return new EndpointError(409, code, message, { requiresRetry: false });
}

/** Moves an answer's data to S3 when it is too large for the table. */
export async function stowed(
  answer: Answer,
  key: string,
  bucket: string | undefined,
  signal: AbortSignal,
): Promise<StoredAnswer> {
  const body = JSON.stringify(answer.data);
  if (bucket === undefined || Buffer.byteLength(body) <= inlineLimitBytes) return answer;
  const dataKey = `results/${key}.json`;
  const { putJson } = await import('./aws/s3.ts');
  await putJson(bucket, dataKey, body, signal);
  return { ...answer, data: null, dataKey };
}

async function fetched(
  { dataKey, ...answer }: StoredAnswer,
  bucket: string | undefined,
  way: Way,
  signal: AbortSignal,
): Promise<Answer> {
  if (dataKey === undefined || bucket === undefined) return answer;
  const { getText } = await import('./aws/s3.ts');
  let text: string;
  try {
    text = await inTime(getText(bucket, dataKey, signal), signal);
  } catch (cause) {
    throw new EndpointError(503, 'ResultUnavailable', 'The result is there and could not be fetched.', {
      cause,
      retryAfterSeconds: 1,
    });
  }
  const whole = { ...answer, data: JSON.parse(text) as Json };
  if (sizeOf(whole, way) > returnLimitBytes[way]) {
    throw new EndpointError(
      413,
      'AnswerTooLarge',
      `The result, ${dataKey} in S3, is too large for this way in.`,
    );
  }
  return whole;
}

/** Bytes of what the handler returns for it. */
function sizeOf(answer: Answer, way: Way): number {
  const returned = way === 'direct' ? answer : httpResult({ answer, replayed: false });
  return Buffer.byteLength(JSON.stringify(returned));
}

function tokenUnknown(): EndpointError {
  return new EndpointError(404, 'TokenUnknown', 'No work is known by this token, or its time is over.');
}
