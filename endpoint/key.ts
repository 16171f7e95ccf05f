/**
 * The identity of a request: two requests are the same one if their keys and the hashes of their payloads are
 * equal.
 */
import { createHash } from 'node:crypto';
import { search } from '@aws-lambda-powertools/jmespath';
import { canonicalJson } from '../common/canonical-json.ts';
import { EndpointError } from './errors.ts';
import type { Json, JsonObject } from './request.ts';

/**
 * The longest request id, as for Stripe's idempotency keys (https://docs.stripe.com/api/idempotent_requests).
 */
const requestIdLimit = 255;

export interface Identity {
  requestId: string;
  /**
   * The key of the record: 16 hex digits for action and caller, a dot, and the SHA-256 of action, caller and
   * request id. It is the token of two-phase work too, and its first part names the token's owner.
   */
  key: string;
  /** SHA-256 of the payload in canonical JSON. */
  payloadHash: string;
}

/**
 * @param paths JMESPath of the request id, and of the part of the payload that must not change under one id.
 * @throws EndpointError 400 `RequestIdMissing` or `RequestIdInvalid`, 400 `PayloadInvalid` for a path that
 * finds nothing or a number that JSON cannot carry.
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
  return { requestId, key: keyOf(action, caller, requestId), payloadHash: sha256(canonicalJson(checked)) };
}

/** The key of a request, as `Identity` describes it. */
export function keyOf(action: string, caller: string, requestId: string): string {
  return `${scope(action, caller)}.${sha256(JSON.stringify([action, principalOf(caller), requestId]))}`;
}

/** Whether a text is the key of some request of this caller to this action. */
export function isKeyOf(text: string, action: string, caller: string): boolean {
  return /^[0-9a-f]{16}\.[0-9a-f]{64}$/.test(text) && text.startsWith(`${scope(action, caller)}.`);
}

/**
 * The caller without the name of its session. SDKs invent a session name each time they assume a role, so a
 * repeat of the same caller may come from another session.
 */
export function principalOf(caller: string): string {
  return /^(arn:[a-z-]+:sts::\d+:assumed-role\/[^/]+)\//.exec(caller)?.[1] ?? caller;
}

/** The first part of all keys of one caller to one action. */
export function scope(action: string, caller: string): string {
  return sha256(JSON.stringify([action, principalOf(caller)])).slice(0, 16);
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
 * Refuses numbers that lose digits in JSON. Two payloads that differ only in such digits would have the same
 * hash, here and in the customer's function.
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
