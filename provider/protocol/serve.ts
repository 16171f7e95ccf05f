import type { Clock } from '../runtime/clock.ts';
import { type Abortable, type Deadline, timeLimit } from '../runtime/deadline.ts';
import { DeadlineError, messageOf, ProviderError, RequestError } from '../runtime/errors.ts';
import type { Log } from '../runtime/logger.ts';
import { redact } from '../runtime/redaction.ts';
import { encodeAnswer, type Outcome } from './answer.ts';
import { deliver } from './deliver.ts';
import {
  type AnswerAddress,
  type CustomResourceRequest,
  isStale,
  readAnswerAddress,
  readRequest,
  serviceTimeoutOf,
  waitsUntil,
} from './event.ts';
import { failedCreate, nothingCreated, readPhysicalId } from './physical-id.ts';
import { isResponseUrlAllowed } from './response-url.ts';

/** What an application says of a request: an outcome, or that it was answered before and nothing is owed. */
export type Verdict = Outcome | { status: 'ANSWERED_BEFORE' };

/** What one request may use, and what it must keep up to date while it runs. */
export interface Invocation {
  deadline: Deadline;
  /** Milliseconds since the epoch at which Lambda kills the process, at the latest. */
  killedAt: number;
  /**
   * What an answer would have to say now if the work ended here: the deadline guard reads it. `failure`: why the
   * request has failed already.
   */
  progress: { wroteSomething: boolean; objectId?: string; failure?: unknown };
}

/** The other side of the protocol: what the custom resources do. */
export interface Application {
  /** Does what the request asks. A thrown error is answered with FAILED and its message. */
  handle(request: CustomResourceRequest, invocation: Invocation): Promise<Verdict>;
  /** What an earlier delivery of a request that nobody waits for any more came to; undefined when it came to nothing. */
  recall(request: CustomResourceRequest, invocation: Invocation): Promise<Verdict | undefined>;
  /** Whether a Create that was answered with `nothing-created` left something to undo all the same. Writes nothing. */
  leftSomething(
    createRequestId: string,
    request: CustomResourceRequest,
    deadline: Abortable,
  ): Promise<boolean>;
  /** Called once CloudFormation took the outcome: a repeat of this request is owed nothing. */
  answered(request: CustomResourceRequest, deadline: Abortable): Promise<void>;
}

export interface ServeOptions {
  /** Built at the first request, so that bad settings are answered as well. */
  application: () => Application | Promise<Application>;
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

/** Time that delivering the answer may take, of what Lambda and CloudFormation grant. */
const RESERVE_MILLISECONDS = 15_000;
const RESERVE_SHARE = 0.2;
/** Lambda's own margin: what is left when the last attempt to deliver has to be over. */
const MARGIN_MILLISECONDS = 500;
/** Time for looking whether a Create that made nothing really did so. */
const LOOKING_MILLISECONDS = 5_000;
/** Time for closing the attempt once the answer was taken. */
const CLOSING_MILLISECONDS = 2_000;

/**
 * The way of one request: read it, let the application work inside the deadline, answer once.
 * The returned handler throws only where no answer could be delivered; Lambda then delivers the event again.
 */
export function serve(options: ServeOptions): (event: unknown, context: LambdaContext) => Promise<void> {
  const { clock, log } = options;

  return async (event, context) => {
    const killedAt = clock.now() + context.getRemainingTimeInMillis();
    const address = readAnswerAddress(event);
    if (!isResponseUrlAllowed(address.responseUrl, address.stackId, options.allowLoopbackResponseUrl)) {
      throw new RequestError(
        `The ResponseURL's host ${address.responseUrl.hostname.slice(0, 100)} is none of CloudFormation's response buckets: nothing was done and nothing is answered there.`,
      );
    }
    const { request, verdict, application } = await work(event, address, killedAt);
    if (verdict.status === 'ANSWERED_BEFORE') {
      log.info('answered before: nothing is owed', facts(address, context));
      return;
    }
    const ids = `Lambda request ${context.awsRequestId}`;
    const outcome = verdict.status === 'FAILED' ? { ...verdict, reason: redact(verdict.reason) } : verdict;
    log.info('answering', {
      ...facts(address, context),
      status: outcome.status,
      physicalId: outcome.physicalId,
      ...(outcome.status === 'FAILED' ? { reason: outcome.reason } : {}),
    });
    await deliver(address.responseUrl, encodeAnswer(address, outcome, ids), {
      clock,
      until: killedAt - MARGIN_MILLISECONDS,
      ...(options.fetch ? { fetch: options.fetch } : {}),
      ...(options.random ? { random: options.random } : {}),
    });
    if (request && application) {
      await close(application, request, killedAt).catch((error: unknown) => {
        log.warn('the attempt could not be closed', {
          ...facts(address, context),
          problem: messageOf(error),
        });
      });
    }
  };

  /**
   * CloudFormation has its answer: the invocation must return, whatever the ledger does, since Lambda would deliver
   * the event of one that was killed again.
   */
  async function close(application: Application, request: CustomResourceRequest, killedAt: number) {
    const milliseconds = Math.min(CLOSING_MILLISECONDS, (killedAt - clock.now()) / 2);
    const limit = timeLimit(clock, milliseconds, () => new DeadlineError('no time is left'));
    try {
      await Promise.race([
        application.answered(request, limit),
        new Promise<never>((_, reject) => {
          limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
        }),
      ]);
    } finally {
      limit.dispose();
    }
  }

  /**
   * The rollback of a Create that never began to work must not need a working provider. But where a Create was
   * delivered twice, and the second delivery found no ledger and answered, the first may have made something.
   */
  async function leftSomething(createRequestId: string, request: CustomResourceRequest): Promise<boolean> {
    const limit = timeLimit(clock, LOOKING_MILLISECONDS, () => new DeadlineError('no time is left'));
    try {
      return await (await options.application()).leftSomething(createRequestId, request, limit);
    } catch (error) {
      log.warn('whether the Create left something cannot be seen', { problem: messageOf(error) });
      return false;
    } finally {
      limit.dispose();
    }
  }

  async function work(
    event: unknown,
    address: AnswerAddress,
    killedAt: number,
  ): Promise<{ request?: CustomResourceRequest; application?: Application; verdict: Verdict }> {
    const controller = new AbortController();
    const progress: Invocation['progress'] = { wroteSomething: false };
    const failed = (error: unknown): Verdict => ({
      status: 'FAILED',
      physicalId: idOfFailure(event, address, progress),
      reason: reasonOf(error),
    });
    let request: CustomResourceRequest;
    try {
      request = readRequest(event, address);
    } catch (error) {
      return { verdict: failed(error) };
    }
    const physicalId = readPhysicalId(address.physicalId, address.stackId, address.logicalId);
    if (
      request.type === 'Delete' &&
      address.physicalId !== undefined &&
      physicalId.kind === 'nothing-created' &&
      !(await leftSomething(physicalId.requestId, request))
    ) {
      return { verdict: { status: 'SUCCESS', physicalId: address.physicalId } };
    }
    const begun = clock.now();
    const stale = isStale(request, begun);
    // A late request only looks at what it came to before; the answer is for a repeat.
    const end = stale ? killedAt : Math.min(killedAt, waitsUntil(request));
    const deadlineAt = end - Math.min(RESERVE_MILLISECONDS, (end - begun) * RESERVE_SHARE);
    const deadline: Deadline = { signal: controller.signal, at: deadlineAt };
    const invocation: Invocation = { deadline, killedAt, progress };
    let cancelGuard = () => {};
    const guard = new Promise<never>((_, reject) => {
      cancelGuard = clock.schedule(Math.max(0, deadline.at - begun), () => {
        const error = new DeadlineError(
          end === killedAt
            ? 'The time for this request is over before Genesys Cloud had done it all. What was begun is undone by the rollback, or finished by the next update.'
            : `The ServiceTimeout of ${serviceTimeoutOf(request)} seconds is too short: it is nearly over, and Genesys Cloud has not done it all. What was begun is undone by the rollback, or finished by the next update.`,
        );
        controller.abort(error);
        reject(error);
      });
    });
    guard.catch(() => undefined);
    let application: Application | undefined;
    try {
      const verdict = await Promise.race([
        guard,
        (async () => {
          application = await options.application();
          if (!stale) return application.handle(request, invocation);
          // A late repeat must not contradict what was answered in time.
          const before = await application.recall(request, invocation);
          if (before) return before;
          throw new RequestError(
            'This request is older than its ServiceTimeout: CloudFormation no longer waits for it. Nothing was done.',
          );
        })(),
      ]);
      return { request, application: application as Application, verdict };
    } catch (thrown) {
      // Where the time was over while a failure was being noted, that failure is the reason.
      const error = progress.failure ?? thrown;
      log.warn('request failed', {
        requestId: address.requestId,
        logicalId: address.logicalId,
        error: error instanceof Error ? error.name : typeof error,
        problem: redact(messageOf(error)),
        // Only for what is no error of ours: a defect needs its place.
        ...(error instanceof ProviderError || !(error instanceof Error) ? {} : { stack: error.stack }),
      });
      return { request, ...(application ? { application } : {}), verdict: failed(error) };
    } finally {
      cancelGuard();
    }
  }
}

/**
 * An Update or Delete of an object keeps its id whatever happened; a Create, and an Update that stands for one
 * because its id names no object, names what there is to clean up.
 */
function idOfFailure(event: unknown, address: AnswerAddress, progress: Invocation['progress']): string {
  const type = (event as { RequestType?: unknown } | null)?.RequestType;
  const { physicalId, stackId, logicalId, requestId } = address;
  const names = readPhysicalId(physicalId, stackId, logicalId).kind;
  if (physicalId !== undefined && (type === 'Delete' || (type === 'Update' && names === 'object')))
    return physicalId;
  if (progress.objectId !== undefined) return progress.objectId;
  if (progress.wroteSomething) return failedCreate(requestId);
  return physicalId ?? nothingCreated(requestId);
}

function reasonOf(error: unknown): string {
  if (error instanceof ProviderError) return error.message;
  // A defect of ours, or of a library: its message may be anything, but it is all that a person has.
  return `The provider failed unexpectedly: ${messageOf(error)}.`;
}

const facts = (address: AnswerAddress, context: LambdaContext) => ({
  stackId: address.stackId,
  requestId: address.requestId,
  logicalId: address.logicalId,
  lambdaRequestId: context.awsRequestId,
});
