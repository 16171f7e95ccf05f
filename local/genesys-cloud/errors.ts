import type { JsonObject } from './json.ts';

/** A field or object that caused the error. */
export interface ErrorDetail {
  errorCode?: string;
  fieldName?: string;
  entityId?: string;
  entityName?: string;
}

/** An error answer in the shape of the SDK's `ErrorBody`. Handlers throw it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: JsonObject;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: JsonObject & { details?: ErrorDetail[] } = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }

  body(contextId: string): JsonObject {
    return {
      message: this.message,
      code: this.code,
      status: this.status,
      contextId,
      details: [],
      errors: [],
      ...this.extra,
    };
  }
}

export const badRequest = (message: string, code = 'bad.request', extra: JsonObject = {}): ApiError =>
  new ApiError(400, code, message, extra);

export const notFound = (what: string, id: string): ApiError =>
  new ApiError(404, 'not.found', `Resource not found: ${what} ${id}`, { entityId: id, entityName: what });

/** The message of anything that was thrown; SDKs throw strings and plain objects too. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : 'unknown error';
}
