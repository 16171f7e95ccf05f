import type { Aws } from './aws.ts';
import type { Fixed, Settings } from './options.ts';
import type { Client, Organization, World } from './store.ts';
import type { ModelName } from './validation.ts';

export type JsonObject = Record<string, unknown>;

/** A field that the error is about, or one that it names. */
export interface ErrorDetail {
  errorCode?: string;
  fieldName?: string;
  entityId?: string;
  entityName?: string;
}

/** An answer in the shape of the SDK's `ErrorBody`; thrown by handlers. */
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

/** What a handler answers: a JSON body, a text, or nothing. */
export interface Reply {
  status: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

/** What every handler may use, for as long as the server runs. */
export interface Simulator {
  world: World;
  settings: Settings;
  fixed: Fixed;
  aws: Aws;
  /** Aborted when the server closes. */
  closing: AbortSignal;
}

/** One authorised request on its way to a handler. */
export interface Call extends Simulator {
  organization: Organization;
  client: Client;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Checked against the route's model; `undefined` where the route takes none. */
  body: unknown;
  contextId: string;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the SDK: `/api/v2/integrations/{integrationId}`. */
  template: string;
  /** Any one of them is enough; none: every token. */
  permissions: string[];
  /** The model that the body must be; `object`: any JSON object. */
  body?: ModelName | 'object';
  handle(call: Call): Reply | Promise<Reply>;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const noContent: Reply = { status: 204 };

/** A path parameter; the router guarantees that it is there. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}

/** A whole number from the query, within its limits. */
export function integer(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw badRequest(
      `${name} must be a whole number from 1 to ${max}, not ${text}`,
      'invalid.query.parameter',
    );
  return value;
}

/** Values of a parameter that may be repeated or separated by commas. */
export function list(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .concat(query.getAll(`${name}[]`))
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

/** One page of `items`, in the shape of the SDK's entity listings. */
export function page(path: string, query: URLSearchParams, items: unknown[], maxPageSize = 100): JsonObject {
  const pageSize = integer(query, 'pageSize', 25, maxPageSize);
  const pageNumber = integer(query, 'pageNumber', 1, Number.MAX_SAFE_INTEGER);
  const pageCount = Math.max(1, Math.ceil(items.length / pageSize));
  const uri = (number: number) => {
    const parameters = new URLSearchParams(query);
    parameters.set('pageSize', String(pageSize));
    parameters.set('pageNumber', String(number));
    return `${path}?${parameters}`;
  };
  return {
    entities: items.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageSize,
    pageNumber,
    total: items.length,
    pageCount,
    selfUri: uri(pageNumber),
    firstUri: uri(1),
    lastUri: uri(pageCount),
    ...(pageNumber < pageCount ? { nextUri: uri(pageNumber + 1) } : {}),
    ...(pageNumber > 1 ? { previousUri: uri(pageNumber - 1) } : {}),
  };
}

/** Sorts by a text field of the entity, as `sortBy` and `sortOrder` ask; `name` and `id` are known. */
export function sorted<T extends { name: string; id: string }>(query: URLSearchParams, items: T[]): T[] {
  const by = query.get('sortBy');
  if (by !== 'name' && by !== 'id') return items;
  const direction = query.get('sortOrder')?.toLowerCase() === 'desc' ? -1 : 1;
  return items.toSorted((one, other) => direction * (one[by] < other[by] ? -1 : one[by] > other[by] ? 1 : 0));
}
