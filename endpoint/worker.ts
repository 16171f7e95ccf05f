/**
 * The worker of two-phase work. Lambda invokes it asynchronously and delivers a failed event again, three
 * times in all, under one request id. Then the event goes to the dead-letter queue.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { systemClock } from '../common/clock.ts';
import { timeLimit } from '../common/deadline.ts';
import { dynamoDB } from './aws/dynamodb.ts';
import { lambda } from './aws/lambda.ts';
import { remoteBusiness } from './business.ts';
import { asEndpointError, EndpointError } from './errors.ts';
import { type Outcome, once } from './idempotency.ts';
import { keyOf } from './key.ts';
import { createObserver, type Observer, type RequestFacts } from './observe.ts';
import { attemptTime, businessRequest, type InvocationContext, withinDeadline } from './pipeline.ts';
import type { JsonObject } from './request.ts';
import { readSettings, required, type Settings } from './settings.ts';
import { RecordStore } from './store.ts';
import { stowed, type WorkOrder, workKey, workLimitBytes } from './two-phase.ts';
import { qualifierOf, workerAlias } from './way.ts';

/**
 * Lambda delivers a failed event again after a minute at the earliest
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html). The clocks of two
 * containers may differ by a second. So an attempt of the same event is dead if it is older than this, and
 * still runs if it is younger: Lambda may deliver an event twice at once.
 */
const retryDelayMs = 59_000;

/** Time before Lambda's own limit in which the answer is stored. */
const reserveMs = 2000;
/** Time before Lambda's own limit in which the log line is written. */
const endReserveMs = 200;

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

/**
 * @throws EndpointError for each failure, so that Lambda delivers the event again or moves it to the
 * dead-letter queue.
 */
export async function handler(event: unknown, context: InvocationContext): Promise<void> {
  observer ??= createObserver();
  const startedAt = performance.now();
  const facts: RequestFacts = { way: 'worker' };
  try {
    settings ??= readSettings(process.env);
    if (qualifierOf(context.invokedFunctionArn) !== workerAlias) throw wrongAlias();
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
    // Another start or another delivery of this event does the work. If it fails, Lambda delivers its event
    // again.
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
  const endMs = clock.now() + context.getRemainingTimeInMillis() - endReserveMs;
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
      // The worker does not wait for another attempt, because nobody waits for its answer.
      deadlineMs: clock.now(),
      signal: end.signal,
      onStoreFailure: (error) => {
        throw error;
      },
    },
  ).finally(end.dispose);
}

/**
 * The key names the record and the object in S3 that the work writes, so it must be the one of the order's
 * own caller.
 * @throws EndpointError 400 `OrderInvalid`.
 */
function readOrder(event: unknown): WorkOrder {
  const result = z.safeParse(orderSchema, event);
  const order = result.data;
  if (order === undefined || order.key !== keyOf(order.action, order.caller, order.requestId)) {
    throw new EndpointError(400, 'OrderInvalid', 'The event is no order from the endpoint.');
  }
  return { ...order, payload: order.payload as JsonObject };
}

/**
 * The order names its caller, so only the handler may send one. It invokes this alias, and nobody else may.
 */
function wrongAlias(): EndpointError {
  return new EndpointError(400, 'WrongAlias', `The worker runs by its alias ${workerAlias} only.`);
}
