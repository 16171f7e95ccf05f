/**
 * The worker of two-phase work. Lambda invokes it asynchronously, and again when it fails: the same event up to
 * three times, one after the other, under one request id. What fails for good goes to the dead-letter queue.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { systemClock } from '../provider/runtime/clock.ts';
import { timeLimit } from '../provider/runtime/deadline.ts';
import { dynamoDB } from './aws/dynamodb.ts';
import { lambda } from './aws/lambda.ts';
import { remoteBusiness } from './business.ts';
import { asEndpointError, EndpointError } from './errors.ts';
import { type Outcome, once } from './idempotency.ts';
import { createObserver, type Observer, type RequestFacts } from './observe.ts';
import { attemptTime, businessRequest, type InvocationContext, withinDeadline } from './pipeline.ts';
import type { JsonObject } from './request.ts';
import { readSettings, required, type Settings } from './settings.ts';
import { RecordStore } from './store.ts';
import { stowed, type WorkOrder, workKey, workLimitBytes } from './two-phase.ts';

/**
 * Lambda delivers an event that failed again after a minute at the earliest
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html); a second less, for two
 * containers' clocks. A delivery that comes sooner is a second one beside the first, which is still at it.
 */
const retryDelayMs = 59_000;

/** Kept back from Lambda's time, to store the answer. */
const reserveMs = 2000;

const orderSchema = z.strictObject({
  key: z.string(),
  requestId: z.string(),
  payloadHash: z.string(),
  action: z.string(),
  caller: z.string(),
  interactionId: z.nullable(z.string()),
  payload: z.record(z.string(), z.unknown()),
});

const clock = systemClock;
let settings: Settings | undefined;
let observer: Observer | undefined;

/** @throws whatever shall be tried again, or be found in the dead-letter queue. */
export async function handler(event: unknown, context: InvocationContext): Promise<void> {
  observer ??= createObserver();
  const startedAt = performance.now();
  const facts: RequestFacts = { way: 'worker' };
  try {
    settings ??= readSettings(process.env);
    const order = readOrder(event);
    facts.action = order.action;
    facts.caller = order.caller;
    facts.requestId = order.requestId;
    facts.interactionId = order.interactionId;
    const reply = await work(order, context, settings, facts);
    const executionTimeMs = performance.now() - startedAt;
    observer.answered(facts, reply.answer, { executionTimeMs, replayed: reply.replayed });
    if (reply.answer.status >= 500 || reply.answer.requiresRetry) {
      throw new EndpointError(
        reply.answer.status,
        reply.answer.code ?? 'WorkFailed',
        'The work shall be tried again.',
      );
    }
  } catch (thrown) {
    const error = asEndpointError(thrown);
    // A twin is at it, from another start or another delivery of this event; what fails there is delivered again.
    if (error.code === 'InProgress') return;
    observer.failed(error.code, facts, error);
    throw error;
  }
}

function work(order: WorkOrder, context: InvocationContext, settings: Settings, facts: RequestFacts) {
  const bucket = settings.RESULTS_BUCKET_NAME;
  const business = remoteBusiness(lambda, required(settings, 'FUNCTION_ARN'), {
    clock,
    ...(bucket === undefined ? {} : { answerLimit: workLimitBytes }),
  });
  const endMs = clock.now() + context.getRemainingTimeInMillis() - 200;
  const deadlineMs = endMs - reserveMs;
  const end = timeLimit(clock, endMs - clock.now(), () => new Error("Lambda's time is up"));
  const key = workKey(order.key);
  const delivery = `${context.awsRequestId ?? randomUUID()}/`;
  return once(
    { key, payloadHash: order.payloadHash },
    async (attempt): Promise<Outcome> => {
      facts.attempt = attempt;
      const outcome = await withinDeadline(clock, deadlineMs, (signal) =>
        business(
          businessRequest({ key: order.key, requestId: order.requestId }, order, attempt, deadlineMs),
          signal,
        ),
      );
      if (outcome.kind !== 'answered') return outcome;
      return { kind: 'answered', answer: await stowed(outcome.answer, key, bucket, end.signal) };
    },
    {
      store: new RecordStore(dynamoDB, required(settings, 'IDEMPOTENCY_TABLE_NAME')),
      clock,
      owner: `${delivery}${randomUUID()}`,
      deadOwners: { prefix: delivery, afterMs: retryDelayMs },
      onUnknownOutcome: settings.ON_UNKNOWN_OUTCOME,
      windowSeconds: settings.IDEMPOTENCY_WINDOW_SECONDS,
      attemptMs: attemptTime(settings, endMs, clock),
      // No waiting for a twin: nobody waits for this answer.
      deadlineMs: clock.now(),
      signal: end.signal,
      onStoreFailure: (error) => {
        throw error;
      },
    },
  ).finally(end.dispose);
}

function readOrder(event: unknown): WorkOrder {
  const result = z.safeParse(orderSchema, event);
  if (!result.success)
    throw new EndpointError(400, 'OrderInvalid', 'The event is no order from the endpoint.');
  return { ...result.data, payload: result.data.payload as JsonObject };
}
