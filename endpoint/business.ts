/** Runs the customer's function and turns its result, or its failure, into the outcome of an attempt. */
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import type { Clock } from '../common/clock.ts';
import type { Answer } from './answer.ts';
import type { Outcome } from './idempotency.ts';
import type { Json, JsonObject } from './request.ts';

/** The largest answer as JSON, in bytes: it must fit into a DynamoDB item (400 KB) and into a data action. */
export const answerLimitBytes = 256 * 1024;

/** The event of the customer's function. */
export interface BusinessRequest {
  action: string;
  requestId: string;
  /** Equal for all attempts of one request. Pass it on to each service whose work must not happen twice. */
  idempotencyKey: string;
  /** 1 for the first attempt. Above 1, an earlier attempt may have done part of the work or all of it. */
  attempt: number;
  /** The authenticated caller: `direct`, `shared-secret`, `jwt:<subject>` or an IAM ARN with its session. */
  caller: string;
  /** The payload's `interactionId` or `conversationId`. The caller may write anything there. */
  interactionId: string | null;
  /** End of the caller's patience; ISO 8601. */
  deadline: string;
  payload: JsonObject;
}

/** The result of the customer's function. */
export interface BusinessAnswer {
  data?: Json | undefined;
  /** 200 to 299 for success, 400 to 599 for a refusal; the default is 200. */
  status?: number | undefined;
  code?: string | undefined;
  message?: string | undefined;
  /**
   * True says that nothing was done. Then the answer is not stored, and a repeat runs the next attempt. The
   * default is true for 5xx and false otherwise. A 5xx with false is a contradiction and counts as an invalid
   * answer.
   */
  requiresRetry?: boolean | undefined;
}

/** Runs the customer's function. A failure of the function is an outcome and is not thrown. */
export type Business = (request: BusinessRequest, signal: AbortSignal) => Promise<Outcome>;

export interface BusinessOptions {
  clock: Clock;
  /** The largest answer as JSON, in bytes; the default is 256 KB. */
  answerLimit?: number;
  /** Called with an error that an in-process function throws. */
  onError?: (error: unknown) => void;
}

const answerSchema = z.strictObject({
  data: z.optional(z.unknown()),
  status: z.optional(z.int().check(z.gte(200), z.lte(599))),
  code: z.optional(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/))),
  message: z.optional(z.string().check(z.maxLength(1024))),
  requiresRetry: z.optional(z.boolean()),
});

/** The customer's own Lambda function, invoked by ARN. */
export function remoteBusiness(
  client: () => LambdaClient,
  functionArn: string,
  options: BusinessOptions,
): Business {
  return async (request, signal) => {
    if (signal.aborted) return tooLate(options.clock);
    let result: InvokeCommandOutput;
    try {
      result = await client().send(
        new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(request)) }),
        { abortSignal: signal },
      );
    } catch (error) {
      return notAnswered(error, signal, options.clock);
    }
    const text = Buffer.from(result.Payload ?? []).toString('utf8');
    if (result.FunctionError !== undefined) {
      // The function's message may quote a payload, so it stays in the function's own log.
      return unknown(
        502,
        'FunctionFailed',
        "The customer's function failed; its log says why.",
        options.clock,
      );
    }
    return judge(parsed(text), Buffer.byteLength(text), options);
  };
}

/** A function in this process, for the library. */
export function localBusiness(
  run: (request: BusinessRequest, signal: AbortSignal) => Promise<BusinessAnswer> | BusinessAnswer,
  options: BusinessOptions,
): Business {
  return async (request, signal) => {
    if (signal.aborted) return tooLate(options.clock);
    const stopped = new Promise<never>((_, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      const answer = await Promise.race([(async () => run(request, signal))(), stopped]);
      const text = JSON.stringify(answer) as string | undefined;
      // The answer passes through JSON, as the answer of a separate Lambda function would.
      return judge(text === undefined ? undefined : JSON.parse(text), Buffer.byteLength(text ?? ''), options);
    } catch (error) {
      if (signal.aborted) return tooSlow(options.clock);
      options.onError?.(error);
      return unknown(
        502,
        'FunctionFailed',
        "The customer's function failed; its log says why.",
        options.clock,
      );
    }
  };
}

function judge(
  value: unknown,
  bytes: number,
  { clock, answerLimit = answerLimitBytes }: BusinessOptions,
): Outcome {
  const result = z.safeParse(answerSchema, value);
  const answer = result.success ? (result.data as BusinessAnswer) : undefined;
  const status = answer?.status ?? 200;
  const success = status < 300;
  if (
    answer === undefined ||
    (status >= 300 && status < 400) ||
    (success && (answer.data === undefined || answer.requiresRetry === true)) ||
    (status >= 500 && answer.requiresRetry === false)
  ) {
    return unknown(
      502,
      'FunctionAnswerInvalid',
      "The customer's function did not answer {data, status?, code?, message?, requiresRetry?}.",
      clock,
    );
  }
  const processedAt = new Date(clock.now()).toISOString();
  if (bytes > answerLimit) {
    // The work is done, so the refusal is stored and no repeat does the work again.
    return {
      kind: 'answered',
      answer: {
        status: 413,
        data: null,
        code: 'AnswerTooLarge',
        message: `The work was done, but its answer has ${bytes} bytes; ${answerLimit} is the limit.`,
        requiresRetry: false,
        processedAt,
      },
    };
  }
  const requiresRetry = answer.requiresRetry ?? status >= 500;
  return {
    kind: requiresRetry ? 'nothing-done' : 'answered',
    answer: {
      status,
      data: answer.data ?? null,
      ...(success ? {} : { code: answer.code ?? 'FunctionRefused' }),
      ...(success || answer.message === undefined ? {} : { message: answer.message }),
      requiresRetry,
      processedAt,
    },
  };
}

/** Errors of Lambda before an invocation, with codes of their own. The function has not run. */
const notStarted = new Map<string, [status: number, code: string, message: string]>([
  [
    'TooManyRequestsException',
    [503, 'FunctionThrottled', "The customer's function has no free concurrency."],
  ],
  ['ResourceNotReadyException', [503, 'FunctionUnavailable', 'The function is not ready yet.']],
  ['ResourceConflictException', [503, 'FunctionUnavailable', 'The function is being updated.']],
  ['ResourceNotFoundException', [500, 'FunctionMissing', 'The function does not exist.']],
  ['AccessDeniedException', [500, 'FunctionForbidden', 'The endpoint may not invoke the function.']],
]);

/**
 * Errors with 5xx after which the function has not run, because Lambda could not prepare its environment
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors). ServiceException and
 * EFSIOException are not among them, because they may come after the function has begun.
 */
const notPrepared =
  /^(EC2(AccessDenied|Throttled|Unexpected)|EFSMount(Connectivity|Failure|Timeout)|ENILimitReached|Invalid(Runtime|SecurityGroupID|SubnetID|ZipFile)|KMS(AccessDenied|Disabled|InvalidState|NotFound)|SnapStart(NotReady|Timeout)?|SubnetIPAddressLimitReached)Exception$/;

/** Node's error codes for a connection that was never established, so that nothing was sent. */
const notConnected = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

function notAnswered(error: unknown, signal: AbortSignal, clock: Clock): Outcome {
  if (signal.aborted) return tooSlow(clock);
  const known = notStarted.get((error as Error).name);
  if (known !== undefined) return { kind: 'nothing-done', answer: failure(...known, clock) };
  if (neverReachedLambda(error)) {
    const answer = failure(503, 'FunctionUnavailable', "Lambda's API could not be reached.", clock);
    return { kind: 'nothing-done', answer };
  }
  if (refusedByLambda(error)) {
    const { name } = error as Error;
    const answer = failure(503, 'FunctionUnavailable', `Lambda did not run the function (${name}).`, clock);
    return { kind: 'nothing-done', answer };
  }
  // After a reset connection or a 500 the function may have run, or it may still run.
  return {
    kind: 'unknown',
    running: true,
    answer: failure(502, 'FunctionUnreachable', 'The invocation was cut off.', clock),
  };
}

function neverReachedLambda(error: unknown): boolean {
  const { name, code = '', syscall, message = '' } = error as NodeJS.ErrnoException;
  if (name === 'CredentialsProviderError') return true;
  // On an established connection the same codes do not exclude that the request was sent.
  const wasConnecting = syscall === undefined || syscall === 'connect' || syscall.startsWith('getaddrinfo');
  if (notConnected.has(code) && wasConnecting) return true;
  // An Invoke has no time limit but its signal, so a TimeoutError can only come from the connection.
  if (name === 'TimeoutError') return message.includes('did not establish a connection');
  return message.includes('before secure TLS connection was established');
}

/** A 4xx of Lambda says that the function has not begun; a function's own failure comes with 200. */
function refusedByLambda(error: unknown): boolean {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return (status >= 400 && status < 500) || notPrepared.test(name);
}

/** The time was over before the function was invoked, so it did nothing. */
function tooLate(clock: Clock): Outcome {
  const message = 'No time was left to run the function.';
  return { kind: 'nothing-done', answer: failure(503, 'TimeOver', message, clock) };
}

function tooSlow(clock: Clock): Outcome {
  const message = "The customer's function took longer than the caller waits.";
  return { kind: 'unknown', running: true, answer: failure(504, 'FunctionTimedOut', message, clock) };
}

function unknown(status: number, code: string, message: string, clock: Clock): Outcome {
  return { kind: 'unknown', running: false, answer: failure(status, code, message, clock) };
}

function failure(status: number, code: string, message: string, clock: Clock): Answer {
  const processedAt = new Date(clock.now()).toISOString();
  return { status, data: null, code, message, requiresRetry: true, processedAt };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
