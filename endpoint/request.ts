/** Reads the event of each way in into one form. */
import { isPlainObject } from '../common/objects.ts';
import { EndpointError } from './errors.ts';
import type { Way } from './way.ts';

/** The largest body of an HTTP request, and the largest event of a direct invocation, in bytes. */
export const payloadLimitBytes = 256 * 1024;

/** The deepest nesting of a payload, so that no recursion over it overflows the stack. */
const depthLimit = 50;

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** A request whose way in is known and whose content nobody has checked yet. */
export interface RawRequest {
  way: Way;
  method: string;
  path: string;
  /** Names in lower case, each with all its values, because a header that came twice must not be trusted. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** The bytes that a signature covers. For a direct invocation, its event as JSON. */
  body: Buffer;
  /** The last part of the path `…/actions/<action>`, if the path has this form. */
  action: string | undefined;
  /** The caller that API Gateway or IAM authenticated; undefined where the handler has to authenticate it. */
  caller: string | undefined;
  /** Time of arrival at API Gateway, in ms since the epoch; undefined for the other ways. */
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
 * @throws EndpointError 400 `WrongAlias` for an HTTP request that came by another alias than its own; 400
 * `EventUnsupported` for the event of any other service; 400 `PayloadInvalid` for JSON that is not an object.
 */
export function readEvent(event: unknown, way: Way): RawRequest {
  if (!isPlainObject(event)) {
    throw new EndpointError(400, 'PayloadInvalid', 'The request is not a JSON object.');
  }
  return way === 'direct' ? readDirectEvent(event) : readHttpEvent(event, way);
}

function readDirectEvent(event: object): RawRequest {
  // A service that was pointed at the wrong alias must not pass for a caller that IAM has authorized.
  if (isHttpEvent(event)) throw wrongAlias();
  if (isServiceEvent(event)) throw unsupported();
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

function readHttpEvent(event: object, way: 'api' | 'alb'): RawRequest {
  if (!isHttpEvent(event)) throw unsupported();
  const context = event.requestContext;
  const isFromLoadBalancer = context.elb !== undefined;
  if (isFromLoadBalancer !== (way === 'alb')) throw wrongAlias();
  return {
    way,
    method: event.httpMethod,
    path: event.path ?? '/',
    headers: readHeaders(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8'),
    action: event.pathParameters?.['action'] ?? /\/actions\/([^/]+)$/.exec(event.path ?? '')?.[1],
    caller: way === 'api' ? authenticatedCaller(context) : undefined,
    receivedAtMs: way === 'api' ? context.requestTimeEpoch : undefined,
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
  if (isDeeperThan(payload, depthLimit)) {
    throw new EndpointError(400, 'PayloadInvalid', `The body is nested deeper than ${depthLimit}.`);
  }
  return payload as JsonObject;
}

/**
 * The one value of a header, or undefined.
 * @throws EndpointError 400 `HeaderRepeated`, because a proxy before us may have checked another of the
 * values.
 */
export function header(request: Pick<RawRequest, 'headers'>, name: string): string | undefined {
  const values = request.headers.get(name.toLowerCase());
  if (values === undefined) return undefined;
  if (values.length > 1) {
    throw new EndpointError(400, 'HeaderRepeated', `The header ${name.toLowerCase()} came more than once.`);
  }
  return values[0];
}

/** The headers of an API Gateway or ALB event. The multi-value form wins where the event has both. */
export function readHeaders(event: Pick<HttpEvent, 'headers' | 'multiValueHeaders'>): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  const add = (name: string, values: readonly (string | undefined)[]) => {
    const known = headers.get(name.toLowerCase()) ?? [];
    headers.set(name.toLowerCase(), [...known, ...values.filter((value) => value !== undefined)]);
  };
  const multiValue = Object.entries(event.multiValueHeaders ?? {});
  if (multiValue.length > 0) for (const [name, values] of multiValue) add(name, values ?? []);
  else for (const [name, value] of Object.entries(event.headers ?? {})) add(name, [value]);
  return headers;
}

/** The event of a REST API or a load balancer. */
function isHttpEvent(event: object): event is HttpEvent {
  const { httpMethod, requestContext } = event as Partial<HttpEvent>;
  return typeof httpMethod === 'string' && typeof requestContext === 'object' && requestContext !== null;
}

/** The event of a function URL, an HTTP API, a queue, a stream or a topic. */
function isServiceEvent(event: object): boolean {
  return ['requestContext', 'rawPath', 'Records'].some((name) => name in event);
}

function authenticatedCaller(context: HttpEvent['requestContext']): string | undefined {
  const caller = context.authorizer?.['caller'];
  if (typeof caller === 'string' && caller !== '') return caller;
  return context.identity?.userArn ?? undefined;
}

function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  return Object.values(value).some((child) => isDeeperThan(child, limit - 1));
}

function wrongAlias(): EndpointError {
  return new EndpointError(
    400,
    'WrongAlias',
    'A REST API invokes the alias api, a load balancer the alias alb, and everybody else the alias live.',
  );
}

function unsupported(): EndpointError {
  return new EndpointError(
    400,
    'EventUnsupported',
    'This function serves direct invocations, REST API proxy events and ALB events only.',
  );
}
