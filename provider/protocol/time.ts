import { DeadlineError } from '../../common/errors.ts';
import type { CustomResourceRequest } from './event.ts';

/** The most, and the default (custom-resource documentation). */
const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600;
/** Time to deliver the answer: at most this long, and at most this share of the time that is left. */
const RESERVE_MILLISECONDS = 15_000;
const RESERVE_SHARE = 0.2;
/** The part of that time in which work whose time is over may still say its last word. */
const LAST_WORD_SHARE = 1 / 6;

/**
 * How long CloudFormation waits for an answer, in seconds: the request's ServiceTimeout where it is a valid
 * one.
 */
export function serviceTimeoutOf({ properties }: CustomResourceRequest): number {
  const seconds = Number(properties['ServiceTimeout']);
  const isValid = Number.isInteger(seconds) && seconds >= 1 && seconds <= DEFAULT_SERVICE_TIMEOUT_SECONDS;
  return isValid ? seconds : DEFAULT_SERVICE_TIMEOUT_SECONDS;
}

/**
 * End of CloudFormation's wait for the answer, in milliseconds since the epoch; Infinity for a request
 * without a date.
 */
export function waitsUntil(request: CustomResourceRequest): number {
  const { signedAt = Number.POSITIVE_INFINITY } = request;
  return signedAt + serviceTimeoutOf(request) * 1000;
}

/** Whether CloudFormation has stopped waiting for this request's answer. */
export const isStale = (request: CustomResourceRequest, now: number) => now > waitsUntil(request);

/**
 * Until when a request may be worked on, in milliseconds since the epoch.
 *
 *     signedAt      begunAt                         deadline           end
 *        │             │                               │                │
 *        │── queued ──▶│──────────── work ────────────▶│──── reserve ──▶│
 *        │                                             │  (the answer)  │
 *        └──────────────────── ServiceTimeout ──────────────────────────┘ waitsUntil
 *                      └───────────── time left to Lambda ──────────────┘ killedAt
 *
 * The end is the earlier one of the two. A stale request has the time left to Lambda: it only looks up what
 * was answered before, and nobody waits.
 */
export function deadlineOf(request: CustomResourceRequest, begunAt: number, killedAt: number): number {
  const end = endOf(request, begunAt, killedAt);
  return end - Math.min(RESERVE_MILLISECONDS, (end - begunAt) * RESERVE_SHARE);
}

/**
 * For how long the answer waits for work whose time is over, in milliseconds. Its last write to the ledger
 * may show that another delivery of the request answers.
 */
export function lastWordTime(request: CustomResourceRequest, begunAt: number, killedAt: number): number {
  const end = endOf(request, begunAt, killedAt);
  return (end - deadlineOf(request, begunAt, killedAt)) * LAST_WORD_SHARE;
}

const endOf = (request: CustomResourceRequest, begunAt: number, killedAt: number): number =>
  isStale(request, begunAt) ? killedAt : Math.min(killedAt, waitsUntil(request));

/** A ServiceTimeout from which on the function has all of its 300 seconds for a request. */
const LONG_ENOUGH_SECONDS = 330;

/** The reason of a request that is not done at its deadline. */
export function timeIsOver(request: CustomResourceRequest, begunAt: number, killedAt: number): DeadlineError {
  const isServiceTimeout = !isStale(request, begunAt) && waitsUntil(request) < killedAt;
  const seconds = serviceTimeoutOf(request);
  const isTooShort = isServiceTimeout && seconds < LONG_ENOUGH_SECONDS;
  // A Delete has the properties that were applied last, so it keeps its ServiceTimeout.
  if (request.type === 'Delete') {
    return new DeadlineError(
      isTooShort
        ? `The ServiceTimeout of ${seconds} seconds is too short: it is nearly over, and Genesys Cloud has not done it all. Delete the stack again when Genesys Cloud answers faster. If that never ends, leave the object by delete-stack with --retain-resources, and remove it in Genesys Cloud.`
        : 'The time for this request was over before Genesys Cloud had done it all. Delete the stack again.',
    );
  }
  return new DeadlineError(
    isTooShort
      ? `The ServiceTimeout of ${seconds} seconds is too short: it is nearly over, and Genesys Cloud has not done it all. Set ServiceTimeout: 1200, and deploy again. What was begun is undone by the rollback, or finished by the next update.`
      : 'The time for this request is over before Genesys Cloud had done it all. Deploy again. What was begun is undone by the rollback, or finished by the next update.',
  );
}
