/**
 * A refusal or failure of the endpoint itself, not of the customer's function. A 4xx says that a repeat would
 * fail too, a 5xx that it may succeed; `requiresRetry` says the same to a flow, which sees no status. Flow
 * logs show the message, so it holds no payload and no secret.
 */
export class EndpointError extends Error {
  readonly status: number;
  /** A stable name for programs and metrics, such as `PayloadMismatch`. */
  readonly code: string;
  readonly requiresRetry: boolean;
  /** Whole seconds after which a repeat may succeed. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: ErrorOptions & { requiresRetry?: boolean; retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.name = 'EndpointError';
    this.status = status;
    this.code = code;
    this.requiresRetry = options.requiresRetry ?? status >= 500;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Turns an unforeseen error into a 500 without details. The original is its `cause`, for the log. */
export function asEndpointError(error: unknown): EndpointError {
  if (error instanceof EndpointError) return error;
  return new EndpointError(500, 'InternalError', 'The endpoint failed; its log has the details.', {
    cause: error,
  });
}
