/** The one form of an answer, and how it leaves by each way in. */
import type { EndpointError } from './errors.ts';
import type { Json, Way } from './request.ts';

export interface Answer {
  /** As in HTTP: 2xx done, 4xx a repeat cannot mend it, 5xx a repeat may. */
  status: number;
  data: Json;
  /** A stable name of what went wrong. */
  code?: string;
  message?: string;
  /** Whether sending the same request again, under the same id, makes sense. */
  requiresRetry: boolean;
  /** When the work was done, not when it was replayed; ISO 8601. */
  processedAt: string;
  retryAfterSeconds?: number;
}

/** The answer and whether it is a stored one. */
export interface Reply {
  answer: Answer;
  replayed: boolean;
}

export interface HttpResult {
  statusCode: number;
  headers: Record<string, string>;
  /** The same: an ALB with multi-value headers reads only these, API Gateway merges both. */
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
    // Between here and the caller nobody may keep an answer: it belongs to one body of one caller.
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
 * For a direct invocation: what the function returns. Genesys Cloud knows no status there, so everything but
 * success is thrown; a thrown error is what sends a flow down its failure path.
 */
export function directResult({ answer, replayed }: Reply, form: 'Data' | 'Envelope'): unknown {
  if (answer.status >= 400) throw new DataActionError(answer);
  const { retryAfterSeconds: _, ...envelope } = answer;
  return form === 'Data' ? answer.data : { ...envelope, replayed };
}

/** Its message is JSON: `{"status", "code", "requiresRetry"}`. */
export class DataActionError extends Error {
  constructor({ status, code, requiresRetry }: Answer) {
    super(JSON.stringify({ status, code, requiresRetry }));
    this.name = 'DataActionError';
    // The runtime would log and return it; it tells a caller nothing but our file names.
    this.stack = `${this.name}: ${this.message}`;
  }
}

export function resultFor(way: Way, reply: Reply, form: 'Data' | 'Envelope'): unknown {
  return way === 'direct' ? directResult(reply, form) : httpResult(reply);
}
