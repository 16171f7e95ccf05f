import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest } from './errors.ts';
import type { Reply, Route } from './http.ts';
import { checkBody } from './validation.ts';

const maximumBodyBytes = 10 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maximumBodyBytes) chunks.push(chunk);
  }
  if (size > maximumBodyBytes) throw new Error(`a request body of ${size} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

/** The body of a call, checked against the model of its route. @throws ApiError 400 or 415 */
export function bodyOf(route: Route, request: IncomingMessage, text: string): unknown {
  if (route.body === undefined) return undefined;
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new ApiError(415, 'unsupported.media.type', `Content type ${type ?? '(none)'} is not supported`);
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('The request body must be a JSON object', 'invalid.request.body');
  if (route.body !== 'object') checkBody(route.body, body);
  return body;
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The request body is not valid JSON', 'invalid.json');
  }
}

export function send(response: ServerResponse, reply: Reply, contextId: string): void {
  if (response.destroyed) return;
  const text = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
  response.writeHead(reply.status, {
    ...(text === '' ? {} : { 'content-type': 'application/json' }),
    // RFC 9110 forbids content-length with 204.
    ...(reply.status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
    'inin-correlation-id': contextId,
    ...reply.headers,
  });
  response.end(text);
}
