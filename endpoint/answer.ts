/** The one form of an answer, and the form in which each way in returns it. */
import type { EndpointError } from './errors.ts';
import type { Json } from './request.ts';
import type { Way } from './way.ts';

export interface Answer {
  /** As in HTTP: 2xx for success, 4xx if a repeat would fail too, 5xx if a repeat may succeed. */
  status: number;
  data: Json;
  /** A stable name of the failure, for programs; undefined for success. */
  code?: string;
  message?: string;
  /** Whether the same request under the same id may succeed later. */
  requiresRetry: boolean;
  /** Time of the work, also in a replay; ISO 8601. */
  processedAt: string;
  retryAfterSeconds?: number;
}

/** An answer, and whether it was stored by an earlier request. */
export interface Reply {
  answer: Answer;
  replayed: boolean;
}

export interface HttpResult {
  statusCode: number;
  headers: Record<string, string>;
  /** The same headers again: an ALB with multi-value headers reads only these, API Gateway merges both. */
  multiValueHeaders: Record<string, string[]>;
  body: string;
  isBase64Encoded: false;
}

export function answerOf(error: EndpointError, nowMs: number): Answer {
  return {
    status: error.status,
    data: null,
    code: error.code,
    message: error.message,
    requiresRetry: error.requiresRetry,
    processedAt: new Date(nowMs).toISOString(),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  };
}

/** For a REST API or an ALB. */
export function httpResult({ answer, replayed }: Reply): HttpResult {
  const { retryAfterSeconds, ...body } = answer;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    // No cache on the way may keep an answer, because it belongs to one body of one caller.
    'cache-control': 'no-store',
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
  return {
    statusCode: answer.status,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/**
 * For a direct invocation. Genesys Cloud sees no status there, so only success is returned. Every other
 * answer is thrown, because an error sends the flow down its failure path.
 */
export function directResult({ answer, replayed }: Reply, form: 'Data' | 'Envelope'): unknown {
  if (answer.status >= 400) throw new DataActionError(answer);
  const { retryAfterSeconds: _, ...envelope } = answer;
  return form === 'Data' ? answer.data : { ...envelope, replayed };
}

/** An answer other than success, as an error whose message is JSON: `{"status", "code", "requiresRetry"}`. */
export class DataActionError extends Error {
  constructor({ status, code, requiresRetry }: Answer) {
    super(JSON.stringify({ status, code, requiresRetry }));
    this.name = 'DataActionError';
    // Lambda returns the stack to the caller, who would learn nothing from it but our file names.
    this.stack = `${this.name}: ${this.message}`;
  }
}

export function resultFor(way: Way, reply: Reply, form: 'Data' | 'Envelope'): unknown {
  return way === 'direct' ? directResult(reply, form) : httpResult(reply);
}
