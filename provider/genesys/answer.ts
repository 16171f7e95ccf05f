import { isPlainObject } from '../../common/objects.ts';
import {
  BadRequestError,
  ConflictError,
  type ErrorDetail,
  type FailedCall,
  type GenesysError,
  MissingPermissionError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  ServerError,
  VersionConflictError,
} from './errors.ts';
import { permissionFor, permissionsIn } from './permissions.ts';
import { maskSecrets } from './redaction.ts';
import type { HttpAnswer, HttpCall } from './transport.ts';

/**
 * The value of an answer: parsed JSON, the text of a plain-text answer, or undefined for an empty one.
 * @throws GenesysError for any other status than 2xx (`errorFor`), and for an answer that cannot be read
 */
export function readAnswer(call: HttpCall, answer: HttpAnswer): unknown {
  if (answer.status < 200 || answer.status > 299) throw errorFor(call, answer);
  // An HTML page comes from a proxy on the way: it is not the template that was asked for.
  if (call.plainText && !/^text\/html/i.test(answer.headers.get('content-type') ?? '')) return answer.text;
  if (answer.text === '' && mayBeEmpty(call, answer.status)) return undefined;
  const body = parseJson(answer.text);
  if (body) return body.value;
  const what = `the answer ${shape(answer)}`;
  const failed = failedCall(call, answer);
  if (!call.repeatable) throw new OutcomeUnknownError(what, failed);
  throw new ServerError(`The answer cannot be read: ${what}`, { ...failed, retryable: true });
}

// An empty answer is incomplete where a GET asked for an object, or a POST for the id of a new one.
function mayBeEmpty(call: HttpCall, status: number): boolean {
  return status === 204 || status === 202 || status === 205 || (call.method !== 'GET' && call.repeatable);
}

/** The one table from status to error, and to what is worth sending again. */
export function errorFor(call: HttpCall, answer: HttpAnswer): GenesysError {
  const { status } = answer;
  const failed = failedCall(call, answer);
  const again = { ...failed, retryable: true };
  const writes = call.method === 'PUT' || call.method === 'PATCH';

  if (status === 409 && (writes || isVersion(failed))) {
    return new VersionConflictError(
      'The object was changed by someone else in the meantime; repeat the operation',
      failed,
    );
  }
  // Terraform's provider takes this 408 for a version conflict (util_retries.go). If the write was done all
  // the same, the object has another version now.
  if (status === 408 && writes && hasVersion(call)) {
    return new VersionConflictError(
      'Genesys Cloud did not finish in time, or the object was changed by someone else; repeat the operation',
      failed,
    );
  }
  if (status === 400 && isVersion(failed)) {
    return new VersionConflictError(
      'The object has another version than the one sent; repeat the operation',
      failed,
    );
  }
  if (status === 403) return missingPermission(call, failed);
  if (status === 404 || status === 410) {
    return new NotFoundError('Genesys Cloud does not have this object', failed);
  }
  if (status === 409) {
    return new ConflictError('The state of the object does not allow this call', failed);
  }
  if (status === 429) {
    return new RateLimitedError(
      'The rate limit of Genesys Cloud is exceeded; deploy fewer resources at once',
      again,
    );
  }
  if (status === 408 || (status >= 500 && status !== 501)) {
    if (!call.repeatable) return new OutcomeUnknownError(`the answer ${shape(answer)}`, failed);
    const retryable = [408, 500, 502, 503, 504].includes(status);
    return new ServerError('Genesys Cloud failed; try again later', { ...failed, retryable });
  }
  if (status >= 300 && status < 400) {
    return new ServerError(
      `${failed.host} answered with a redirection. Check the address of the API and proxies on the way`,
      failed,
    );
  }
  if (status === 501) return new ServerError('Genesys Cloud does not offer this call', failed);
  return new BadRequestError(
    'Genesys Cloud refuses the request as wrong. Change what it names, and deploy again',
    failed,
  );
}

const hasVersion = ({ body = '' }: HttpCall) => /"version":\s*\d/.test(body);

// Objects: "… does not match the current version". Drafts: "Supplied version 2 does not match latest draft
// version 1" (Terraform provider, util_retries.go and its issue 1961). A schema's pattern that does not match
// is no such message.
function isVersion({ remark = '' }: FailedCall): boolean {
  return /does not match.*version|version.*does not match/is.test(remark);
}

function missingPermission(call: HttpCall, failed: FailedCall): MissingPermissionError {
  const said = permissionsIn(failed.remark ?? '');
  if (said.length > 0) return new MissingPermissionError(said, true, failed);
  const known = permissionFor(call.method, call.path);
  return new MissingPermissionError(known ? [known] : [], false, failed);
}

/** The facts of a failed call, from its status, headers and ErrorBody, redacted. */
export function failedCall(call: HttpCall, answer: HttpAnswer): FailedCall {
  const body = asObject(parseJson(answer.text)?.value) ?? {};
  const clean = (value: unknown) => {
    const text = textOf(value);
    return text && maskSecrets(text, call.secrets).slice(0, 1000);
  };
  const remark = ['message', 'userMessage', 'error_description', 'description']
    .map((name) => clean(body[name]))
    .find((text) => text !== undefined);
  const params = permissionsIn(JSON.stringify(asObject(body['messageParams']) ?? {}));
  const missing = params.filter((permission) => !remark?.includes(permission));
  return {
    method: call.method,
    path: maskSecrets(call.path, call.secrets),
    host: new URL(call.url).host,
    status: answer.status,
    code: clean(body['code'])?.slice(0, 100) ?? clean(body['error'])?.slice(0, 100),
    remark: missing.length > 0 ? `${remark ?? ''} [${missing.join(', ')}]` : (remark ?? unreadable(answer)),
    correlationId: (answer.headers.get('inin-correlation-id') ?? clean(body['contextId']))?.slice(0, 100),
    details: [...list(body['details']), ...list(body['errors'])].slice(0, 10).map(
      (detail): ErrorDetail => ({
        code: clean(detail['errorCode'] ?? detail['code']),
        field: clean(detail['fieldName']),
        message: clean(detail['message'] ?? detail['userMessage']),
      }),
    ),
    retryAfterSeconds: retryAfterSeconds(answer.headers),
  };
}

// Retry-After holds whole seconds, never a date (Terraform provider, util_retries.go).
function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function unreadable(answer: HttpAnswer): string | undefined {
  return isHtml(answer.text) ? 'an HTML page: is there a proxy or gateway in between?' : undefined;
}

function shape(answer: HttpAnswer): string {
  if (answer.status >= 300) return `was ${answer.status}`;
  if (answer.text.trim() === '') return `${answer.status} has no content`;
  if (isHtml(answer.text)) return `${answer.status} is an HTML page; is there a proxy or gateway in between?`;
  return `${answer.status} is not complete JSON`;
}

function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|head|body)/i.test(text);
}

/**
 * Parsed JSON; undefined for other text. The error of JSON.parse is dropped, because its message quotes the
 * text.
 */
export function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): Record<string, unknown> | undefined {
  return isPlainObject(value) ? value : undefined;
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== undefined) : [];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
