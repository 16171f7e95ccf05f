/**
 * Work that takes longer than a caller waits. `start` hands an order to the worker and answers 202 with a
 * token; `poll` reads the result. The start and the work have a record each, and the token is the key of the
 * start.
 *
 *   start            the worker claims it    result                        the start expires
 *     |--- accepted ---|------ running --------|--- the stored result ------|--- TokenUnknown
 *       1 h at most      15 min at most          for its window
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Clock } from '../common/clock.ts';
import { unlessAborted } from '../common/deadline.ts';
import { type Answer, httpResult } from './answer.ts';
import { EndpointError } from './errors.ts';
import { type Outcome, reachable } from './idempotency.ts';
import { isKeyOf } from './key.ts';
import type { Json, JsonObject } from './request.ts';
import type { RecordStore, StoredRecord } from './store.ts';
import type { Way } from './way.ts';

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

/**
 * Lambda delivers an event so often: once, and twice more after failures (MaximumRetryAttempts of the
 * worker).
 */
export const maxDeliveries = 3;

/** A larger answer goes to S3, because a DynamoDB item holds 400 KB. */
export const inlineLimitBytes = 200 * 1024;

/** The largest answer of work, in bytes of JSON. */
export const workLimitBytes = 5_500_000;

/**
 * The largest return value of a function by each way in, in bytes: 6 MB, of which an ALB passes on 1 MB
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html). Over HTTP a
 * result is text within JSON, so it grows by a byte for each quotation mark.
 */
export const returnLimitBytes = { direct: 6_291_556, api: 6_291_556, alb: 1_000_000 } as const;

/** Lambda delivers no older event (MaximumEventAgeInSeconds of the worker). */
export const longestWaitSeconds = 3600;
/** The longest run of a Lambda function, 15 minutes, and one more for two clocks and the queue. */
const longestRunSeconds = 960;

/**
 * How long a start is remembered: a window longer than the latest result. So a token is known for as long as
 * its result is, and no other payload can take its place meanwhile.
 */
export const startWindowSeconds = (windowSeconds: number) =>
  windowSeconds + longestWaitSeconds + longestRunSeconds;

/** An answer as the table keeps it. */
export interface StoredAnswer extends Answer {
  /** Key of the data in the bucket of results, if they were too large for the table. */
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
  /** Called with the reason why the worker could not be invoked. */
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
        // Lambda may have taken the event all the same. Then the next start sends a second one, and the work
        // runs once.
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
      // The token names action and caller, so nobody reads the result of another caller or another action.
      if (typeof token !== 'string' || !isKeyOf(token, action, caller)) throw tokenUnknown();
      const [start, work] = await reachable(
        Promise.all([store.read(token, signal), store.read(workKey(token), signal)]),
        signal,
      );
      const isCurrent = (record: StoredRecord | undefined): record is StoredRecord =>
        record !== undefined && record.expiresAtSeconds * 1000 > clock.now();
      if (!isCurrent(start)) throw tokenUnknown();
      // A record of work may be left from another payload under the same id. Its result must not be returned.
      const own = isCurrent(work) && work.payloadHash === start.payloadHash ? work : undefined;
      if (own?.status === 'COMPLETED' && own.data !== undefined) {
        return fetched(JSON.parse(own.data) as StoredAnswer, parts.bucket, way, signal);
      }
      const isInProgress = own?.status === 'INPROGRESS';
      const isRunning = isInProgress && own.inProgressUntilMs >= clock.now();
      if (isInProgress && !isRunning && parts.onUnknownOutcome === 'Refuse') {
        throw refused('OutcomeUnknown', 'The work ended without an answer and is not tried again.');
      }
      const isTooOldToDeliver = clock.now() - start.claimedAtMs > longestWaitSeconds * 1000;
      const hasNoAttemptLeft = own !== undefined && own.attempt >= maxDeliveries;
      if (!isRunning && (isTooOldToDeliver || hasNoAttemptLeft)) {
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
    text = await unlessAborted(getText(bucket, dataKey, signal), signal);
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

/** Bytes of the handler's return value for the answer. */
function sizeOf(answer: Answer, way: Way): number {
  const returned = way === 'direct' ? answer : httpResult({ answer, replayed: false });
  return Buffer.byteLength(JSON.stringify(returned));
}

function tokenUnknown(): EndpointError {
  return new EndpointError(404, 'TokenUnknown', 'No work is known by this token, or its time is over.');
}
