/** The customer's function: what it is given, what it may answer, and what becomes of everything else. */
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import type { Clock } from '../provider/runtime/clock.ts';
import type { Answer } from './answer.ts';
import type { Outcome } from './idempotency.ts';
import type { Json, JsonObject } from './request.ts';

/** Bytes of an answer as JSON: what a DynamoDB item (400 KB) and a data action bear. */
export const answerLimitBytes = 256 * 1024;

/** The event of the customer's function. */
export interface BusinessRequest {
  action: string;
  requestId: string;
  /** The same for every attempt at the same request: hand it on to whatever is not to happen twice. */
  idempotencyKey: string;
  /** 1 for the first; above 1 an earlier attempt may have done part of the work. */
  attempt: number;
  /** Who was authenticated: `direct`, `shared-secret`, `jwt:<subject>` or an IAM ARN with its session. */
  caller: string;
  interactionId: string | null;
  /** After this nobody waits for the answer; ISO 8601. */
  deadline: string;
  payload: JsonObject;
}

/** What the customer's function returns. */
export interface BusinessAnswer {
  data?: Json | undefined;
  /** 200 to 299, or 400 to 599; default 200. */
  status?: number | undefined;
  code?: string | undefined;
  message?: string | undefined;
  /**
   * True says that nothing was done and the same request may come again: the answer is not remembered.
   * Default: true for 5xx, false otherwise. A 5xx with false is a contradiction.
   */
  requiresRetry?: boolean | undefined;
}

/** Runs the customer's function; never throws for what the function does. */
export type Business = (request: BusinessRequest, signal: AbortSignal) => Promise<Outcome>;

export interface BusinessOptions {
  clock: Clock;
  /** Largest answer in bytes of JSON; default 256 KB. */
  answerLimit?: number;
  /** Told of what an in-process function throws. */
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
      // The function's message may quote a payload; its log has it, ours and the answer do not.
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
      // As it would come from a function of its own: a Date becomes text, undefined goes away.
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
    // Done, and no repeat makes it smaller: remembered, so that none does it again.
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

/** Lambda's own errors before an invocation that deserve a name of their own: these have run nothing. */
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
 * Errors that Lambda answers with 5xx although it could not even prepare the function's environment:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors. ServiceException and
 * EFSIOException are not among them: those may come after the function has begun.
 */
const notPrepared =
  /^(EC2(AccessDenied|Throttled|Unexpected)|EFSMount(Connectivity|Failure|Timeout)|ENILimitReached|Invalid(Runtime|SecurityGroupID|SubnetID|ZipFile)|KMS(AccessDenied|Disabled|InvalidState|NotFound)|SnapStart(NotReady|Timeout)?|SubnetIPAddressLimitReached)Exception$/;

/** What Node says when there was no connection over which anything could have been sent. */
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
  // A reset connection, a 500: the function may have run, or may be running.
  return {
    kind: 'unknown',
    running: true,
    answer: failure(502, 'FunctionUnreachable', 'The invocation was cut off.', clock),
  };
}

function neverReachedLambda(error: unknown): boolean {
  const { name, code = '', syscall, message = '' } = error as NodeJS.ErrnoException;
  if (name === 'CredentialsProviderError') return true;
  // Of a connection that stood once, the same codes would say nothing of what was sent over it.
  const connecting = syscall === undefined || syscall === 'connect' || syscall.startsWith('getaddrinfo');
  if (notConnected.has(code) && connecting) return true;
  // There is no other TimeoutError here: an Invoke has no time limit but its signal.
  if (name === 'TimeoutError') return message.includes('did not establish a connection');
  return message.includes('before secure TLS connection was established');
}

/** Lambda answers 4xx to what it does not begin; a function's own failure comes with 200. */
function refusedByLambda(error: unknown): boolean {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return (status >= 400 && status < 500) || notPrepared.test(name);
}

/** The time was over before the function was asked: what is known is that it did nothing. */
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
