/** What makes two requests the same one. */
import { createHash } from 'node:crypto';
import { search } from '@aws-lambda-powertools/jmespath';
import { EndpointError } from './errors.ts';
import type { Json, JsonObject } from './request.ts';

/** Longer ids are refused, as by others who keep such a contract. */
const requestIdLimit = 255;

export interface Identity {
  requestId: string;
  /**
   * The key of the record: 16 hex digits that stand for action and caller, a dot, and the SHA-256 of action,
   * caller and request id. It serves as the token of two-phase work too; the first part shows whose it is.
   */
  key: string;
  /** SHA-256 of the payload in canonical JSON. */
  payloadHash: string;
}

/**
 * @throws EndpointError 400 `RequestIdMissing` or `RequestIdInvalid`; Genesys Cloud supplies no id by itself.
 */
export function identify(
  payload: JsonObject,
  action: string,
  caller: string,
  paths: { requestId: string; payload?: string | undefined },
): Identity {
  const requestId = readRequestId(search(paths.requestId, payload) as unknown, paths.requestId);
  refuseRounded(payload);
  const checked =
    paths.payload === undefined ? payload : (search(paths.payload, payload) as Json | undefined);
  if (checked === undefined || checked === null) {
    throw new EndpointError(
      400,
      'PayloadInvalid',
      `The payload has nothing at ${paths.payload}, by which one request is told from another.`,
    );
  }
  const principal = principalOf(caller);
  return {
    requestId,
    key: `${scope(action, caller)}.${sha256(JSON.stringify([action, principal, requestId]))}`,
    payloadHash: sha256(canonical(checked)),
  };
}

/**
 * Who a caller is from one session to the next: an assumed role without its session's name, which SDKs make up
 * anew each time; anybody else as named.
 */
export function principalOf(caller: string): string {
  return /^(arn:[a-z-]+:sts::\d+:assumed-role\/[^/]+)\//.exec(caller)?.[1] ?? caller;
}

/** The part of a key that all requests of one caller to one action share. */
export function scope(action: string, caller: string): string {
  return sha256(JSON.stringify([action, principalOf(caller)])).slice(0, 16);
}

/** JSON with sorted names: the same text for the same value, whatever order a template wrote it in. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.keys(value)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

function readRequestId(found: unknown, path: string): string {
  if (typeof found === 'number' && !Number.isSafeInteger(found)) {
    throw new EndpointError(
      400,
      'RequestIdInvalid',
      `The request id is a number that JSON does not carry digit by digit (${path}); send it as text.`,
    );
  }
  const id = typeof found === 'number' ? String(found) : found;
  if (id === undefined || id === null || id === '') {
    throw new EndpointError(
      400,
      'RequestIdMissing',
      `The request names no id (${path}); build one in the flow, e.g. from the conversation id and a counter.`,
    );
  }
  if (typeof id !== 'string' || id.length > requestIdLimit) {
    throw new EndpointError(
      400,
      'RequestIdInvalid',
      `The request id is no string of 1 to ${requestIdLimit} characters.`,
    );
  }
  return id;
}

/**
 * Two payloads whose large numbers differ in the last digits are the same one once JSON has been read, here and in
 * the customer's function.
 */
function refuseRounded(value: Json): void {
  if (typeof value === 'number' && !isExact(value)) {
    throw new EndpointError(
      400,
      'PayloadInvalid',
      'The payload holds a number beyond 2^53, whose last digits JSON loses; send it as text.',
    );
  }
  if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value)) refuseRounded(child);
}

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
