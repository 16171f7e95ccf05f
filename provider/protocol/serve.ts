import type { Clock } from '../../common/clock.ts';
import { within } from '../../common/deadline.ts';
import { DeadlineError, messageOf, ProviderError, RefusedError, RequestError } from '../../common/errors.ts';
import { keepingSecrets, redact } from '../../common/redaction.ts';
import type { Log } from '../runtime/logger.ts';
import { encodeAnswer, type Outcome } from './answer.ts';
import type { Application, Invocation, Verdict } from './application.ts';
import { deliver } from './deliver.ts';
import { type AnswerAddress, type CustomResourceRequest, readAnswerAddress, readRequest } from './event.ts';
import { failedOutcome } from './failure.ts';
import { readPhysicalId } from './physical-id.ts';
import { Progress } from './progress.ts';
import { isResponseUrlAllowed } from './response-url.ts';
import { deadlineOf, isStale, lastWordTime, timeIsOver } from './time.ts';

export interface ServeOptions {
  /** Called by each request, so that bad settings are answered as well. */
  application: () => Application;
  clock: Clock;
  log: Log;
  /** Accept ResponseURLs on this machine; for tests only. */
  allowLoopbackResponseUrl: boolean;
  fetch?: typeof fetch;
  random?: () => number;
}

/** The part of Lambda's context that is used. */
export interface LambdaContext {
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** Lambda's own margin: the last attempt to deliver the answer ends so long before the process is killed. */
const MARGIN_MILLISECONDS = 500;
/** Time to look whether a Create that made nothing really did so. */
const LOOKING_MILLISECONDS = 5_000;
/** Time to close the attempt once the answer was taken. */
const CLOSING_MILLISECONDS = 2_000;

/**
 * The way of one request: read it, let the application work until the deadline, answer once.
 * The returned handler throws only where no answer could be delivered. Lambda then delivers the event again.
 */
export function serve(options: ServeOptions): (event: unknown, context: LambdaContext) => Promise<void> {
  return (event, context) => keepingSecrets(() => handle(event, context, options));
}

async function handle(event: unknown, context: LambdaContext, options: ServeOptions): Promise<void> {
  const delivery = receive(event, context, options);
  const { verdict, opened } = await decide(delivery, options);
  if (verdict.status === 'NO_ANSWER') {
    options.log.info('this delivery answers nothing', { ...delivery.facts, why: verdict.why });
    return;
  }
  await answer(verdict, delivery, options);
  if (opened) await close(opened, delivery, options);
}

/** One delivery of one event, by which Lambda started the handler. */
interface Delivery {
  event: unknown;
  address: AnswerAddress;
  /** Milliseconds since the epoch. */
  killedAt: number;
  lambdaRequestId: string;
  /** For the log. */
  facts: Record<string, string>;
}

/** @throws RequestError for an event that nobody can, or may, answer */
function receive(event: unknown, context: LambdaContext, options: ServeOptions): Delivery {
  const killedAt = options.clock.now() + context.getRemainingTimeInMillis();
  const address = readAnswerAddress(event);
  const { stackId, requestId, logicalId, responseUrl } = address;
  if (!isResponseUrlAllowed(responseUrl, stackId, options.allowLoopbackResponseUrl)) {
    throw new RequestError(
      `The ResponseURL's host ${responseUrl.hostname.slice(0, 100)} is none of CloudFormation's response buckets: nothing was done and nothing is answered there.`,
    );
  }
  const lambdaRequestId = context.awsRequestId;
  const facts = { stackId, requestId, logicalId, lambdaRequestId };
  return { event, address, killedAt, lambdaRequestId, facts };
}

/** A request that an application was given. */
interface Opened {
  application: Application;
  request: CustomResourceRequest;
}

/** Finds out the verdict; every error becomes a FAILED one. */
async function decide(
  delivery: Delivery,
  options: ServeOptions,
): Promise<{ verdict: Verdict; opened?: Opened }> {
  const { event, address } = delivery;
  const progress = new Progress();
  let request: CustomResourceRequest;
  try {
    request = readRequest(event, address);
  } catch (error) {
    return { verdict: failedOutcome(error, event, address, progress) };
  }
  const done = await endOfNothing(request, options);
  if (done) return { verdict: done };

  let opened: Opened | undefined;
  try {
    opened = { application: options.application(), request };
    return { verdict: await work(opened, progress, delivery.killedAt, options), opened };
  } catch (thrown) {
    // The deadline may come while a failure is being noted. The failure is the reason then.
    const error = progress.failure ?? thrown;
    logFailure(error, delivery, options);
    const verdict = failedOutcome(error, event, address, progress);
    return opened ? { verdict, opened } : { verdict };
  }
}

/**
 * SUCCESS for the Delete of a Create that made nothing. It needs no settings, ledger or Genesys Cloud, so
 * that a rollback works while the provider does not. A ledger that can be read must not contradict it.
 */
async function endOfNothing(
  request: CustomResourceRequest,
  { application, clock, log }: ServeOptions,
): Promise<Outcome | undefined> {
  if (request.type !== 'Delete' || request.physicalId === undefined) return undefined;
  const id = readPhysicalId(request.physicalId, request.stackId, request.logicalId);
  if (id.kind !== 'nothing-created') return undefined;
  try {
    // Two deliveries of the Create may have run: one that made something, and one that found no ledger and
    // answered.
    const leftSomething = await within(clock, LOOKING_MILLISECONDS, noTimeIsLeft, (deadline) =>
      application().leftSomething(id.attemptId, request, deadline),
    );
    if (leftSomething) return undefined;
  } catch (error) {
    if (error instanceof RefusedError)
      return { status: 'FAILED', physicalId: request.physicalId, reason: error.message };
    log.warn('whether the Create left something cannot be seen', { problem: messageOf(error) });
  }
  return { status: 'SUCCESS', physicalId: request.physicalId };
}

/** A timer leaves fractions of a millisecond out, so it may fire before its time by the clock. */
const TIMER_MILLISECONDS = 10;

/**
 * Lets the application work on a request until its deadline. Work that is not over by then gets a moment for
 * its verdict.
 */
async function work(
  { application, request }: Opened,
  progress: Progress,
  killedAt: number,
  { clock }: ServeOptions,
): Promise<Verdict> {
  const begunAt = clock.now();
  const milliseconds = Math.max(0, deadlineOf(request, begunAt, killedAt) - begunAt);
  const tooLate = timeIsOver(request, begunAt, killedAt);
  let verdict: Promise<Verdict> | undefined;
  try {
    return await within(
      clock,
      milliseconds,
      () => tooLate,
      (deadline) => {
        const invocation: Invocation = { deadline, progress };
        verdict = isStale(request, begunAt)
          ? recall(application, request, invocation)
          : application.handle(request, invocation);
        return verdict;
      },
    );
  } catch (error) {
    // Work may see the deadline a moment before its timer fires, and cannot say what cut the time short.
    const isOver = clock.now() >= begunAt + milliseconds - TIMER_MILLISECONDS;
    if (error instanceof DeadlineError && isOver && error !== tooLate) throw tooLate;
    if (error !== tooLate || verdict === undefined) throw error;
    return await lastWord(verdict, lastWordTime(request, begunAt, killedAt), clock, tooLate);
  }
}

/** @throws DeadlineError where the work has no verdict by then either */
function lastWord(
  verdict: Promise<Verdict>,
  milliseconds: number,
  clock: Clock,
  tooLate: DeadlineError,
): Promise<Verdict> {
  const soon = verdict.catch(() => {
    throw tooLate;
  });
  return within(
    clock,
    milliseconds,
    () => tooLate,
    () => soon,
  );
}

/**
 * A repeat that comes too late answers as the earlier delivery did. @throws RequestError where that did not
 * succeed
 */
async function recall(
  application: Application,
  request: CustomResourceRequest,
  invocation: Invocation,
): Promise<Verdict> {
  const before = await application.recall(request, invocation);
  if (before) return before;
  throw new RequestError(
    'This request is older than its ServiceTimeout: CloudFormation no longer waits for it. Nothing was done.',
  );
}

/** @throws DeliveryError where CloudFormation's bucket did not take the answer */
async function answer(verdict: Outcome, delivery: Delivery, options: ServeOptions): Promise<void> {
  const { address, killedAt, lambdaRequestId } = delivery;
  const outcome = redacted(verdict);
  options.log.info('answering', {
    ...delivery.facts,
    status: outcome.status,
    physicalId: outcome.physicalId,
    ...(outcome.status === 'FAILED' ? { reason: outcome.reason } : {}),
  });
  const body = encodeAnswer(address, outcome, `Lambda request ${lambdaRequestId}`);
  await deliver(address.responseUrl, body, {
    clock: options.clock,
    until: killedAt - MARGIN_MILLISECONDS,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...(options.random ? { random: options.random } : {}),
  });
}

function redacted(outcome: Outcome): Outcome {
  if (outcome.status === 'FAILED') return { ...outcome, reason: redact(outcome.reason) };
  return outcome.remark === undefined ? outcome : { ...outcome, remark: redact(outcome.remark) };
}

/**
 * Closes the attempt of a request whose answer was taken. The invocation has to return whatever the ledger
 * does, because Lambda delivers the event of a killed one again.
 */
async function close(
  { application, request }: Opened,
  { killedAt, facts }: Delivery,
  { clock, log }: ServeOptions,
): Promise<void> {
  const milliseconds = Math.min(CLOSING_MILLISECONDS, (killedAt - clock.now()) / 2);
  try {
    await within(clock, milliseconds, noTimeIsLeft, (deadline) => application.answered(request, deadline));
  } catch (error) {
    log.warn('the attempt could not be closed', { ...facts, problem: messageOf(error) });
  }
}

const noTimeIsLeft = () => new DeadlineError('no time is left');

function logFailure(error: unknown, { address }: Delivery, { log }: ServeOptions): void {
  log.warn('request failed', {
    requestId: address.requestId,
    logicalId: address.logicalId,
    error: error instanceof Error ? error.name : typeof error,
    problem: redact(messageOf(error)),
    // Only a defect needs its place in the code.
    ...(error instanceof ProviderError || !(error instanceof Error) ? {} : { stack: error.stack }),
  });
}
