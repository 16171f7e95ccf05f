/**
 * The steps of every request, in their order: read the event, authenticate the caller, read the payload, run
 * the customer's function once for the request id, answer. The limits of time stand here too.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../common/clock.ts';
import { timeLimit } from '../common/deadline.ts';
import { type Answer, answerOf, type Reply, resultFor } from './answer.ts';
import type { Authenticator } from './authenticate.ts';
import type { Business } from './business.ts';
import { asEndpointError, EndpointError } from './errors.ts';
import { type OnceOptions, type Outcome, once } from './idempotency.ts';
import { type Identity, identify } from './key.ts';
import type { Observer, RequestFacts } from './observe.ts';
import { type JsonObject, type RawRequest, readEvent, readPayload } from './request.ts';
import type { Settings } from './settings.ts';
import type { RecordStore } from './store.ts';
import { startWindowSeconds, type TwoPhase } from './two-phase.ts';
import { wayIn } from './way.ts';

/** The fields of Lambda's context that the endpoint uses. */
export interface InvocationContext {
  /** The ARN with the alias or version that was invoked; it decides the way in. */
  invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
  awsRequestId?: string;
}

/** The parts of a handler. */
export interface Parts {
  settings: Settings;
  authenticator: Authenticator;
  store: RecordStore;
  business: Business;
  /** Undefined for an endpoint without a worker. */
  twoPhase: TwoPhase | undefined;
}

/** Time before the end of the caller's patience in which the answer is stored and sent. */
const answerReserveMs = 300;
/** The part of it that the last call to the table may take. */
const storeGraceMs = 200;
/**
 * API Gateway ends a request after 29 s, however long its caller would wait
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
 */
const apiPatienceMs = 28_500;
/**
 * Lambda gives an initialization on demand 10 s
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html), so an older container was
 * not made for its first request.
 */
const longestInitMs = 10_000;
/** An older time of arrival is a wrong clock, because API Gateway keeps no request for so long. */
const oldestArrivalMs = 60_000;
/** Time before Lambda's own limit in which the log line is written. */
const endReserveMs = 100;
/** The clocks of two containers differ by less. */
const clockSkewMs = 1000;

/**
 * Limits of one request, in ms since the epoch.
 *
 *   arrival            now                      deadline         patience end    the caller gives up
 *     |--- cold start ---|--- the function runs ---|--- store it ---|--- send it ---|
 *                                                    200 ms           100 ms
 *
 * If Lambda's own limit comes before the end of the caller's patience, it takes that place.
 */
interface Limits {
  /** The customer's function is given up at this time, and the answer is sent. */
  deadlineMs: number;
  /** No call to the table or to Secrets Manager is waited for beyond this time. */
  patienceEndMs: number;
  /** Lambda ends this process shortly after this time. */
  endMs: number;
}

/**
 * @param assemble Reads the settings and makes the parts. It is called at each request until it succeeds, so
 * that each request with wrong settings is answered with their names.
 * @returns a Lambda handler for all three ways in.
 */
export function createHandler(
  assemble: () => Parts,
  observer: () => Observer,
  clock: Clock,
): (event: unknown, context: InvocationContext) => Promise<unknown> {
  let parts: Parts | undefined;
  let isFirst = true;
  return async (event, context) => {
    const startedAt = performance.now();
    const initMs = isFirst ? initializationMs() : 0;
    isFirst = false;
    const way = wayIn(context.invokedFunctionArn);
    const facts: RequestFacts = { way };
    let reply: Reply;
    let timeMs: number | undefined;
    try {
      const raw = readEvent(event, way);
      if (isHealthCheck(raw)) return resultFor('alb', { answer: healthy(clock), replayed: false }, 'Data');
      parts ??= assemble();
      const limits = limitsOf(raw, context, parts.settings, initMs, clock);
      timeMs = limits.deadlineMs - clock.now();
      reply = await serve(raw, limits, facts, parts, observer(), clock);
    } catch (thrown) {
      const error = asEndpointError(thrown);
      if (error.status >= 500 || error.cause !== undefined) observer().failed(error.code, facts, error);
      reply = { answer: answerOf(error, clock.now()), replayed: false };
    }
    const executionTimeMs = performance.now() - startedAt;
    observer().answered(facts, reply.answer, {
      executionTimeMs,
      timeUsedPercent: timeMs === undefined ? undefined : (100 * executionTimeMs) / Math.max(timeMs, 1),
      replayed: reply.replayed,
    });
    return resultFor(way, reply, parts?.settings.DIRECT_ANSWER ?? 'Data');
  };
}

async function serve(
  raw: RawRequest,
  limits: Limits,
  facts: RequestFacts,
  parts: Parts,
  observer: Observer,
  clock: Clock,
): Promise<Reply> {
  const { settings, authenticator, store, business, twoPhase } = parts;
  if (raw.method !== 'POST') throw new EndpointError(405, 'MethodNotAllowed', 'Only POST is served.');
  const patience = timeLimit(
    clock,
    Math.max(limits.patienceEndMs - clock.now(), 0),
    () => new Error('the time to answer is over'),
  );
  const { signal } = patience;
  try {
    const caller = raw.caller ?? (await authenticator.caller(raw, signal));
    facts.caller = caller;
    if (raw.way !== 'direct') await authenticator.checkSignature(raw, signal);

    const payload = readPayload(raw);
    const action = actionOf(raw, payload);
    facts.action = action;
    facts.interactionId = interactionOf(payload);
    if (twoPhase !== undefined && payload['phase'] === 'poll') {
      const answer = await twoPhase.poll(payload['token'], action, caller, raw.way, signal);
      return { answer, replayed: false };
    }
    const identity = identify(payload, action, caller, {
      requestId: settings.REQUEST_ID_JMESPATH,
      payload: settings.PAYLOAD_JMESPATH,
    });
    facts.requestId = identity.requestId;
    const order = { action, caller, interactionId: facts.interactionId, payload };
    const starts = twoPhase !== undefined && payload['phase'] === 'start';
    const work = (attempt: number) =>
      withinDeadline(clock, limits.deadlineMs, (inTime) => {
        if (starts) return twoPhase.start({ ...order, ...identity }, inTime);
        facts.attempt = attempt;
        return business(businessRequest(identity, order, attempt, limits.deadlineMs), inTime);
      });
    const window = settings.IDEMPOTENCY_WINDOW_SECONDS;
    return await once(identity, work, {
      store,
      clock,
      owner: randomUUID(),
      onUnknownOutcome: settings.ON_UNKNOWN_OUTCOME,
      windowSeconds: starts ? startWindowSeconds(window) : window,
      attemptMs: attemptTime(settings, limits.endMs, clock),
      deadlineMs: limits.deadlineMs,
      signal,
      onStoreFailure: (error) => observer.failed('AnswerNotStored', facts, error),
    } satisfies OnceOptions);
  } finally {
    patience.dispose();
  }
}

/** The event of the customer's function. */
export function businessRequest(
  identity: Pick<Identity, 'requestId' | 'key'>,
  order: { action: string; caller: string; interactionId: string | null; payload: JsonObject },
  attempt: number,
  deadlineMs: number,
) {
  return {
    action: order.action,
    requestId: identity.requestId,
    idempotencyKey: identity.key,
    attempt,
    caller: order.caller,
    interactionId: order.interactionId,
    deadline: new Date(deadlineMs).toISOString(),
    payload: order.payload,
  };
}

/** Runs work with a signal that aborts at the deadline. */
export async function withinDeadline(
  clock: Clock,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const limit = timeLimit(
    clock,
    Math.max(deadlineMs - clock.now(), 0),
    () => new Error('the deadline passed'),
  );
  try {
    return await work(limit.signal);
  } finally {
    limit.dispose();
  }
}

/**
 * How long an attempt counts as alive, in ms. The customer's function is a process of its own and may run on
 * after this one has died, so its time limit counts as well.
 */
export function attemptTime(settings: Settings, endMs: number, clock: Clock): number {
  return Math.max(endMs - clock.now(), settings.FUNCTION_TIMEOUT_SECONDS * 1000) + clockSkewMs;
}

function limitsOf(
  raw: RawRequest,
  context: InvocationContext,
  settings: Settings,
  initMs: number,
  clock: Clock,
): Limits {
  const now = clock.now();
  const lambdaEndMs = now + context.getRemainingTimeInMillis();
  const patienceMs = Math.min(
    (settings.CALLER_TIMEOUT_SECONDS ?? Number.POSITIVE_INFINITY) * 1000,
    raw.way === 'api' ? apiPatienceMs : Number.POSITIVE_INFINITY,
  );
  // The caller has waited since the request arrived, a cold start included.
  const waitedMs = raw.receivedAtMs === undefined ? initMs : now - raw.receivedAtMs;
  const isPlausible = waitedMs > 0 && waitedMs < oldestArrivalMs;
  const arrivedAtMs = isPlausible ? now - waitedMs : now;
  const deadlineMs = Math.min(lambdaEndMs, arrivedAtMs + patienceMs) - answerReserveMs;
  return { deadlineMs, patienceEndMs: deadlineMs + storeGraceMs, endMs: lambdaEndMs - endReserveMs };
}

/**
 * How long a container's first request has waited for the container to start; 0 if it was started in advance.
 */
function initializationMs(): number {
  if (process.env['AWS_LAMBDA_INITIALIZATION_TYPE'] !== 'on-demand') return 0;
  const upMs = process.uptime() * 1000;
  return upMs <= longestInitMs ? upMs : 0;
}

function actionOf(raw: RawRequest, payload: JsonObject): string {
  const action = raw.action ?? payload['action'] ?? 'default';
  if (typeof action !== 'string' || !/^[A-Za-z0-9_.-]{1,64}$/.test(action)) {
    throw new EndpointError(
      400,
      'ActionInvalid',
      "The action's name has letters, digits, dots and dashes, 64 at most.",
    );
  }
  return action;
}

/**
 * The conversation of the request, for the log and the customer's function. Genesys Cloud's ids are UUIDs.
 */
function interactionOf(payload: JsonObject): string | null {
  const id = payload['interactionId'] ?? payload['conversationId'];
  return typeof id === 'string' && id.length <= 64 ? id : null;
}

/** A load balancer's health check carries no secret, so it is answered before any authentication. */
function isHealthCheck(raw: RawRequest): boolean {
  return raw.way === 'alb' && raw.method === 'GET' && raw.path === '/health';
}

function healthy(clock: Clock): Answer {
  return {
    status: 200,
    data: { healthy: true },
    requiresRetry: false,
    processedAt: new Date(clock.now()).toISOString(),
  };
}
