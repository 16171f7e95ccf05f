import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { actionRoutes } from './actions.ts';
import { control, type RecordedCall } from './control.ts';
import { credentialRoutes } from './credentials.ts';
import { dependencyTrackingRoutes } from './dependency-tracking.ts';
import { draftRoutes } from './drafts.ts';
import { ApiError, badRequest, messageOf } from './errors.ts';
import type { FaultAction, Faults } from './faults.ts';
import type { Reply, Route, Simulator } from './http.ts';
import { integrationRoutes } from './integrations.ts';
import { authenticate, authorize, issueToken, tokenOf } from './oauth.ts';
import { organizationRoutes } from './organization.ts';
import { recordingRoutes } from './recording.ts';
import { checkBody } from './validation.ts';

const maximumBodyBytes = 10 * 1024 * 1024;

const routes = [
  ...organizationRoutes,
  ...credentialRoutes,
  ...actionRoutes,
  ...draftRoutes,
  ...integrationRoutes,
  ...recordingRoutes,
  ...dependencyTrackingRoutes,
].map((route) => ({ ...route, segments: route.template.split('/') }));

/** The route of a call: literal segments win over parameters, so `actions/drafts` is not an action's id. */
function findRoute(method: string, path: string) {
  const segments = path.split('/');
  const candidates = routes
    .filter(
      (route) =>
        route.segments.length === segments.length &&
        route.segments.every((segment, index) => segment.startsWith('{') || segment === segments[index]),
    )
    .sort((one, other) => parameters(one) - parameters(other));
  const best = candidates[0];
  const allowed = candidates.filter((route) => route.template === best?.template);
  const route = allowed.find((candidate) => candidate.method === method);
  return { route, template: best?.template ?? path, known: best !== undefined };
}

const parameters = (route: Route): number => route.template.split('{').length;

/** The HTTP server; the caller listens. `around` may stand between it and its clients. */
export function createHttpServer(
  simulator: Simulator,
  faults: Faults,
  calls: RecordedCall[],
  around: (listener: RequestListener) => RequestListener = (listener) => listener,
): Server {
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // The client went away, or the server closes; all else is a defect, and is shown.
      if (request.complete && !simulator.closing.aborted) console.error(error);
      response.destroy();
    });
  };
  const server = createServer(around(listener));
  // Idle connections of a client's pool are not cut under its hands.
  server.keepAliveTimeout = 60_000;
  return server;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    const text = await readBody(request);
    if (url.pathname.startsWith('/_control/')) {
      send(response, controlled(url, method, text), randomUUID());
      return;
    }
    const isLogin = url.pathname === '/oauth/token';
    const { route, template, known } = isLogin
      ? { route: undefined, template: url.pathname, known: true }
      : findRoute(method, url.pathname);
    const record: RecordedCall = {
      method,
      path: url.pathname,
      query: url.search,
      template,
      clientId: undefined,
      status: 0,
      at: simulator.fixed.clock.now(),
    };
    calls.push(record);
    const contextId = randomUUID();

    async function work(): Promise<Reply> {
      try {
        if (isLogin) {
          if (method !== 'POST') throw new ApiError(405, 'method.not.allowed', 'Use POST');
          const { reply, client } = issueToken(simulator, request.headers.authorization, text);
          record.clientId = client?.id;
          return reply;
        }
        const token = tokenOf(simulator, request.headers.authorization);
        if (token !== undefined) record.token = token.number;
        const client = authenticate(simulator, request.headers.authorization);
        record.clientId = client.id;
        const organization = simulator.world.organizations.get(client.organizationId);
        if (organization === undefined)
          throw new ApiError(401, 'bad.credentials', 'Invalid login credentials.');
        if (route === undefined && known)
          throw new ApiError(405, 'method.not.allowed', `HTTP ${method} is not allowed on ${template}`);
        if (route === undefined)
          throw new ApiError(404, 'not.found', `HTTP 404 Not Found: ${method} ${url.pathname}`);
        authorize(client, route.permissions);
        const segments = url.pathname.split('/');
        const params = route.segments.flatMap((segment, index) =>
          segment.startsWith('{') ? [[segment.slice(1, -1), decoded(segments[index] ?? '')] as const] : [],
        );
        const body = route.body === undefined ? undefined : bodyOf(route, request, text);
        return await route.handle({
          ...simulator,
          organization,
          client,
          params: Object.fromEntries(params),
          query: url.searchParams,
          body,
          contextId,
        });
      } catch (error) {
        const known = error instanceof ApiError ? error : defect(error);
        return { status: known.status, body: known.body(contextId), headers: known.headers };
      }
    }

    const fault = faults.take(method, url.pathname, url.search, template);
    if (fault !== undefined) record.fault = JSON.stringify(fault);
    await answer(response, record, contextId, fault, work);
  }

  async function answer(
    response: ServerResponse,
    record: RecordedCall,
    contextId: string,
    fault: FaultAction | undefined,
    work: () => Promise<Reply>,
  ): Promise<void> {
    const { clock } = simulator.fixed;
    const reply = (given: Reply) => {
      record.status = given.status;
      const retryAfter = given.headers?.['retry-after'];
      if (retryAfter !== undefined) record.retryAfterSeconds = Number(retryAfter);
      send(response, given, contextId);
    };
    if (simulator.settings.latencyMs > 0) await clock.sleep(simulator.settings.latencyMs, simulator.closing);
    if (fault === undefined) return reply(await work());

    if ('delayMs' in fault) {
      await clock.sleep(fault.delayMs, simulator.closing);
      return reply(await work());
    }
    if ('reset' in fault) {
      if (fault.reset === 'after') await work();
      // A TCP reset, as when a host between the two goes away.
      response.socket?.resetAndDestroy();
      return;
    }
    if ('hang' in fault) {
      if (fault.hang === 'after') await work();
      return;
    }
    if ('status' in fault) {
      if (fault.after === true) await work();
      return reply({
        status: fault.status,
        body:
          fault.body ??
          new ApiError(fault.status, 'injected.fault', `Injected fault: status ${fault.status}`).body(
            contextId,
          ),
        ...(fault.headers === undefined ? {} : { headers: fault.headers }),
      });
    }
    if ('html' in fault)
      return reply({
        status: fault.html,
        text: `<html><body><h1>${fault.html}</h1></body></html>`,
        headers: { 'content-type': 'text/html' },
      });
    if ('empty' in fault) return reply({ status: fault.empty });

    const given = await work();
    const bytes = Buffer.from(given.text ?? JSON.stringify(given.body ?? {}));
    record.status = given.status;
    response.writeHead(given.status, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      'inin-correlation-id': contextId,
    });
    if ('truncated' in fault) {
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
      return;
    }
    for (const byte of bytes) {
      if (response.destroyed) return;
      response.write(Buffer.from([byte]));
      await clock.sleep(fault.drip.everyMs, simulator.closing);
    }
    response.end();
  }

  /** A defect of this server (or AWS that is not there) is a 500, and is shown. */
  function defect(error: unknown): ApiError {
    if (simulator.closing.aborted) throw error;
    console.error(error);
    return new ApiError(500, 'internal.server.error', `The local Genesys Cloud failed: ${messageOf(error)}`);
  }

  function controlled(url: URL, method: string, text: string): Reply {
    try {
      return control(simulator, faults, calls, {
        method,
        path: url.pathname,
        query: url.searchParams,
        body: text === '' ? undefined : parse(text),
      });
    } catch (error) {
      if (error instanceof ApiError) return { status: error.status, body: error.body('') };
      throw error;
    }
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`${segment} is not well encoded`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maximumBodyBytes) chunks.push(chunk);
  }
  if (size > maximumBodyBytes) throw new Error(`a request body of ${size} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

function bodyOf(route: Route, request: IncomingMessage, text: string): unknown {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new ApiError(415, 'unsupported.media.type', `Content type ${type ?? '(none)'} is not supported`);
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('The request body must be a JSON object', 'invalid.request.body');
  if (route.body !== undefined && route.body !== 'object') checkBody(route.body, body);
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The request body is not valid JSON', 'invalid.json');
  }
}

function send(response: ServerResponse, reply: Reply, contextId: string): void {
  if (response.destroyed) return;
  const text = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
  response.writeHead(reply.status, {
    ...(text === '' ? {} : { 'content-type': 'application/json' }),
    // RFC 9110: none with 204.
    ...(reply.status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
    'inin-correlation-id': contextId,
    ...reply.headers,
  });
  response.end(text);
}
