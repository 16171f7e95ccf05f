import { ProviderError } from '../../common/errors.ts';
import { cut } from '../../common/text.ts';

/** One fault of several that an answer lists (ErrorBody.details and ErrorBody.errors of the API). */
export interface ErrorDetail {
  readonly code?: string | undefined;
  readonly field?: string | undefined;
  readonly message?: string | undefined;
}

/** The facts of a failed call. They never hold a header or a body. */
export interface FailedCall {
  readonly method: string;
  /** Path with its parameters filled in, without query. */
  readonly path: string;
  readonly host: string;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  /** The message of Genesys Cloud, redacted. */
  readonly remark?: string | undefined;
  /** `inin-correlation-id`, which Genesys Cloud's support asks for. */
  readonly correlationId?: string | undefined;
  readonly details?: readonly ErrorDetail[] | undefined;
  /** The same request may be sent again, and may succeed then. */
  readonly retryable?: boolean | undefined;
  /** The wait that the answer asked for. */
  readonly retryAfterSeconds?: number | undefined;
}

const longest = 1000;

/**
 * A call to Genesys Cloud failed. The message gives the problem and the remedy, then the call, its status,
 * code, remark and correlation id.
 */
export class GenesysError extends ProviderError {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
  /** The message of Genesys Cloud alone, redacted. */
  readonly remark: string | undefined;
  readonly correlationId: string | undefined;
  readonly details: readonly ErrorDetail[];
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  /** The same call was sent before, with an unknown outcome. */
  isAfterUnknown = false;

  constructor(what: string, call: FailedCall, options?: ErrorOptions) {
    super(cut(`${what} (${describeCall(call)})`, longest), options);
    this.method = call.method;
    this.path = call.path;
    this.host = call.host;
    this.status = call.status;
    this.code = call.code;
    this.remark = call.remark;
    this.correlationId = call.correlationId;
    this.details = call.details ?? [];
    this.retryable = call.retryable ?? false;
    this.retryAfterSeconds = call.retryAfterSeconds;
  }
}

/** 400 or another refusal: the request itself is wrong, so sending it again changes nothing. */
export class BadRequestError extends GenesysError {}

/** 403: the roles of the OAuth client lack a permission, or the organization does not let its address in. */
export class MissingPermissionError extends GenesysError {
  /** `domain:entity:action`; empty where neither the answer nor permissions.ts names any. */
  readonly permissions: readonly string[];

  /**
   * @param said whether the answer names the permissions; else they are those that the SDK documents for the
   * call
   */
  constructor(permissions: readonly string[], said: boolean, call: FailedCall) {
    const named = permissions.length > 0 ? ` ${permissions.join(', ')}` : '';
    const what = said
      ? `The OAuth client lacks the permission${named}. Add it to a role of the client`
      : `The OAuth client may not make this call, which needs the permission${named}. Check that a role of the ` +
        "client has it, and the organization's allowed IP addresses";
    super(
      `${what} (Admin > Integrations > OAuth), and the divisions of that role`,
      // Genesys Cloud's own sentence says no more than the names of the permissions.
      said ? { ...call, remark: undefined } : call,
    );
    this.permissions = permissions;
  }
}

/** 404 or 410: the object does not exist, or is too new to be known everywhere. */
export class NotFoundError extends GenesysError {}

/** 409: the object's state forbids the call. */
export class ConflictError extends GenesysError {}

/** Somebody else changed the object since its version was read. The caller reads it again, then writes. */
export class VersionConflictError extends ConflictError {}

/** The login failed, or the API refuses even a new token. */
export class LoginError extends GenesysError {}

/** 429, or the token endpoint's 400 "rate limit exceeded". */
export class RateLimitedError extends GenesysError {}

/** Genesys Cloud failed: 408, 5xx, or an answer that cannot be read. */
export class ServerError extends GenesysError {}

/** How a connection failed. */
export type Unreachable = 'dns' | 'refused' | 'tls' | 'timeout' | 'reset' | 'other';

/** No answer came: the host is unknown, refuses, speaks no valid TLS, is silent, or hung up. */
export class UnreachableError extends GenesysError {
  readonly kind: Unreachable;

  constructor(kind: Unreachable, what: string, call: FailedCall) {
    super(what, call);
    this.kind = kind;
  }
}

/**
 * The outcome of a POST is unknown, so it is not sent again. The caller looks for the new object before it
 * makes another one.
 */
export class OutcomeUnknownError extends GenesysError {
  constructor(what: string, call: FailedCall, options?: ErrorOptions) {
    super(
      `It is not known whether Genesys Cloud carried out this call: ${what}`,
      { ...call, retryable: false },
      options,
    );
  }
}

/**
 * Whether Genesys Cloud refused the call, so that it did nothing. After 408, 5xx or no readable answer it may
 * have.
 */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof GenesysError) || error.isAfterUnknown) return false;
  const { status = 0 } = error;
  return status >= 400 && status < 500 && status !== 408;
}

/**
 * Whether Genesys Cloud refused a write, and everything is as it was. A conflict or a rate limit does not say
 * so: it tells of other calls.
 */
export const isDefiniteRefusal = (error: unknown): boolean =>
  isRefusal(error) && ![409, 429].includes((error as GenesysError).status ?? 0);

/** The secret was replaced by one of another organization in the middle of the work. */
export class OrganizationChangedError extends GenesysError {
  readonly before: string;
  readonly after: string;

  constructor(before: string, after: string, call: FailedCall) {
    super(
      `The OAuth secret now leads to another organization (${after}, before ${before}); nothing more was ` +
        'called there. Put back a client of the organization that the stack was made in',
      call,
    );
    this.before = before;
    this.after = after;
  }
}

function describeCall(call: FailedCall): string {
  const facts = [`${call.method} ${cut(call.path, 200)} at ${call.host}`];
  const answer = [call.status, call.code].filter((part) => part !== undefined).join(' ');
  if (answer) facts.push(answer);
  if (call.remark) facts.push(`"${cut(call.remark, 400)}"`);
  for (const detail of (call.details ?? []).slice(0, 3)) {
    const text = [detail.field, detail.code, detail.message].filter((part) => part !== undefined).join(' ');
    if (text && !call.remark?.includes(text)) facts.push(cut(text, 150));
  }
  const known = facts.join('; ');
  if (!call.correlationId) return known;
  // The other facts are cut, so that the correlation id is never cut off.
  return `${cut(known, 650)}; correlation id ${cut(call.correlationId, 64)}`;
}
