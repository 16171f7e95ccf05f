/** The three shapes in which a data action's request reaches a Lambda function, read into one. */
import { isPlainObject } from '../provider/runtime/objects.ts';
import { EndpointError } from './errors.ts';

/** Bytes of a request's body, or of a direct invocation's event, that are read at most. */
export const payloadLimitBytes = 256 * 1024;

/** Genesys Cloud does not nest deeper in data actions; neither does an honest payload. */
const depthLimit = 50;

export type Way = 'direct' | 'api' | 'alb';
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** A request before anything in it is believed. */
export interface RawRequest {
  way: Way;
  method: string;
  path: string;
  /** Lower-case names; every value that came, since a header that came twice is no header to trust. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** The bytes as they were signed; of a direct invocation its event as JSON. */
  body: Buffer;
  /** The API's route parameter `action`, where there is one. */
  action: string | undefined;
  /** Whom API Gateway authenticated before: by our authorizer or by IAM. */
  caller: string | undefined;
  /** When the caller's patience began, in ms since the epoch, where API Gateway tells. */
  receivedAtMs: number | undefined;
}

interface HttpEvent {
  httpMethod: string;
  path?: string;
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
  pathParameters?: Record<string, string | undefined> | null;
  body?: string | null;
  isBase64Encoded?: boolean;
  requestContext: {
    elb?: unknown;
    requestTimeEpoch?: number;
    authorizer?: Record<string, unknown> | null;
    identity?: { userArn?: string | null } | null;
  };
}

/**
 * @throws EndpointError 400 `EventUnsupported` for an event of any other service, such as a function URL:
 * it would else pass for a direct invocation, which IAM has authorized.
 */
export function readEvent(event: unknown): RawRequest {
  if (!isPlainObject(event)) {
    throw new EndpointError(400, 'PayloadInvalid', 'The request is not a JSON object.');
  }
  if (!('requestContext' in event)) {
    if ('Records' in event || 'rawPath' in event) throw unsupported();
    return {
      way: 'direct',
      method: 'POST',
      path: '/',
      headers: new Map(),
      body: Buffer.from(JSON.stringify(event)),
      action: undefined,
      caller: 'direct',
      receivedAtMs: undefined,
    };
  }
  if (!isHttpEvent(event)) throw unsupported();
  const context = event.requestContext;
  const way: Way = context.elb === undefined ? 'api' : 'alb';
  return {
    way,
    method: event.httpMethod,
    path: event.path ?? '/',
    headers: readHeaders(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8'),
    action: event.pathParameters?.['action'] ?? /\/actions\/([^/]+)$/.exec(event.path ?? '')?.[1],
    caller: way === 'api' ? authenticatedCaller(context) : undefined,
    receivedAtMs: context.requestTimeEpoch,
  };
}

/**
 * The payload: a JSON object of bounded size and depth.
 * @throws EndpointError 413 `PayloadTooLarge`, 400 `PayloadInvalid`.
 */
export function readPayload(request: RawRequest): JsonObject {
  if (request.body.length > payloadLimitBytes) {
    throw new EndpointError(
      413,
      'PayloadTooLarge',
      `The request has ${request.body.length} bytes; ${payloadLimitBytes} is the limit. Send a reference to the data instead.`,
    );
  }
  let payload: unknown;
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch {
    throw new EndpointError(400, 'PayloadInvalid', 'The body is not JSON in UTF-8.');
  }
  if (!isPlainObject(payload)) {
    throw new EndpointError(400, 'PayloadInvalid', 'The body is not a JSON object.');
  }
  if (deeperThan(payload, depthLimit)) {
    throw new EndpointError(400, 'PayloadInvalid', `The body is nested deeper than ${depthLimit}.`);
  }
  return payload as JsonObject;
}

/**
 * The one value of a header.
 * @throws EndpointError 400 `HeaderRepeated`: of several values nobody knows which one was checked elsewhere.
 */
export function header(request: Pick<RawRequest, 'headers'>, name: string): string | undefined {
  const values = request.headers.get(name.toLowerCase());
  if (values === undefined) return undefined;
  if (values.length > 1) {
    throw new EndpointError(400, 'HeaderRepeated', `The header ${name.toLowerCase()} came more than once.`);
  }
  return values[0];
}

/** The headers of an API Gateway or ALB event; the form with several values wins, where both came. */
export function readHeaders(event: Pick<HttpEvent, 'headers' | 'multiValueHeaders'>): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  const add = (name: string, values: readonly (string | undefined)[]) => {
    const known = headers.get(name.toLowerCase()) ?? [];
    headers.set(name.toLowerCase(), [...known, ...values.filter((value) => value !== undefined)]);
  };
  const several = Object.entries(event.multiValueHeaders ?? {});
  if (several.length > 0) for (const [name, values] of several) add(name, values ?? []);
  else for (const [name, value] of Object.entries(event.headers ?? {})) add(name, [value]);
  return headers;
}

function isHttpEvent(event: object): event is HttpEvent {
  const { httpMethod, requestContext } = event as Partial<HttpEvent>;
  return typeof httpMethod === 'string' && typeof requestContext === 'object' && requestContext !== null;
}

function authenticatedCaller(context: HttpEvent['requestContext']): string | undefined {
  const caller = context.authorizer?.['caller'];
  if (typeof caller === 'string' && caller !== '') return caller;
  return context.identity?.userArn ?? undefined;
}

function deeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  return Object.values(value).some((child) => deeperThan(child, limit - 1));
}

function unsupported(): EndpointError {
  return new EndpointError(
    400,
    'EventUnsupported',
    'This function serves direct invocations, REST API proxy events and ALB events only.',
  );
}
