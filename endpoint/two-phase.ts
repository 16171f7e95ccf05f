/**
 * Work that takes longer than a caller waits: `start` answers 202 and a token and has the worker invoked
 * asynchronously; `poll` asks what became of it.
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Clock } from '../provider/runtime/clock.ts';
import type { Answer } from './answer.ts';
import { EndpointError } from './errors.ts';
import type { Outcome } from './idempotency.ts';
import { scope } from './key.ts';
import type { Json, JsonObject, Way } from './request.ts';
import type { RecordStore } from './store.ts';

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

/** An ALB passes on 1 MB of a function's answer, Lambda itself 6 MB. */
export const resultLimitBytes = { direct: 5_500_000, api: 5_500_000, alb: 950_000 } as const;

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
      const expired = (record: { expiresAtSeconds: number }) => record.expiresAtSeconds * 1000 <= clock.now();

      const work = await store.read(workKey(token), signal);
      if (work === undefined || expired(work)) {
        const start = await store.read(token, signal);
        if (start === undefined || expired(start)) throw tokenUnknown();
        return answer(202, { token, state: 'accepted' });
      }
      if (work.status === 'COMPLETED' && work.data !== undefined) {
        return fetched(JSON.parse(work.data) as StoredAnswer, parts.bucket, way, signal);
      }
      const dead = work.status === 'INPROGRESS' && work.inProgressUntilMs < clock.now();
      if (dead && parts.onUnknownOutcome === 'Refuse') {
        throw new EndpointError(
          409,
          'OutcomeUnknown',
          'The work ended without an answer and is not tried again.',
          {
            requiresRetry: false,
          },
        );
      }
      if ((dead || work.status === 'FAILED') && work.attempt >= maxDeliveries) {
        throw new EndpointError(
          409,
          'WorkFailed',
          'The work failed as often as it is tried; it is in the dead-letter queue.',
          {
            requiresRetry: false,
          },
        );
      }
      return answer(202, { token, state: 'running' });
    },
  };
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
  const text = await getText(bucket, dataKey, signal);
  if (Buffer.byteLength(text) > resultLimitBytes[way]) {
    throw new EndpointError(
      413,
      'AnswerTooLarge',
      `The result, ${dataKey} in S3, is too large for this way in.`,
    );
  }
  return { ...answer, data: JSON.parse(text) as Json };
}

function tokenUnknown(): EndpointError {
  return new EndpointError(404, 'TokenUnknown', 'No work is known by this token, or its time is over.');
}
