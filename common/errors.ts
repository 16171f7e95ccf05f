/**
 * The root of the provider's errors. A person reads the message in the stack's events: it says the problem
 * and the remedy in one or two sentences, without a stack trace and without a secret.
 */
export class ProviderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A setting of the function (environment variable) or a secret's content is missing or malformed. */
export class SettingsError extends ProviderError {}

/** The request is of a shape or kind that the provider does not serve. */
export class RequestError extends ProviderError {}

/** The invocation's time is nearly over; calls in flight are aborted with it. */
export class DeadlineError extends ProviderError {}

/** The object belongs to another logical resource, or a guard refuses the operation. */
export class RefusedError extends ProviderError {}

/** The ledger (DynamoDB) could not be read or written. */
export class LedgerError extends ProviderError {}

/** An AWS service other than the ledger refused or failed. */
export class AwsError extends ProviderError {}

/** The message of a thrown value; SDKs throw strings and plain objects too. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  // Jest runs code in a realm of its own, where an Error of Node's is no `instanceof Error`.
  const { message } = (error ?? {}) as { message?: unknown };
  if (typeof message === 'string') return message;
  return 'unknown error';
}
