/**
 * An answer other than success that this endpoint gives itself. Statuses 4xx say that the same request cannot
 * succeed by being sent again, 5xx that it may; `requiresRetry` says the same to a flow that cannot see a status.
 * The message is read in flow logs: it holds no payload and no secret.
 */
export class EndpointError extends Error {
  readonly status: number;
  /** A stable name for programs and metrics, e.g. `PayloadMismatch`. */
  readonly code: string;
  readonly requiresRetry: boolean;
  /** Whole seconds after which a repeat is worth sending. */
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

/** What went wrong when it was none of the known things: our own defect, told without its details. */
export function asEndpointError(error: unknown): EndpointError {
  if (error instanceof EndpointError) return error;
  return new EndpointError(500, 'InternalError', 'The endpoint failed; its log has the details.', {
    cause: error,
  });
}
