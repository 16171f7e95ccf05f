import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { control, type RecordedCall } from './control.ts';
import { ApiError, messageOf } from './errors.ts';
import { playFault } from './fault-player.ts';
import type { Faults } from './faults.ts';
import { isUpload, receiveUpload, uploadTemplate } from './function-uploads.ts';
import type { Reply, Simulator } from './http.ts';
import { authenticate, authorize, issueToken, tokenOf } from './oauth.ts';
import { type Found, findRoute, parametersOf } from './router.ts';
import { bodyOf, parse, readBody, send } from './wire.ts';

const loginPath = '/oauth/token';

/** The HTTP server, which does not listen yet. `around` wraps its listener. */
export function createHttpServer(
  simulator: Simulator,
  faults: Faults,
  calls: RecordedCall[],
  around: (listener: RequestListener) => RequestListener = (listener) => listener,
): Server {
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // Expected when the client went away or the server closes. Every other error is a defect of this
      // server.
      if (request.complete && !simulator.closing.aborted) console.error(error);
      response.destroy();
    });
  };
  const server = createServer(around(listener));
  // Longer than the pools of the clients, which would else send on a connection that closes at that moment.
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
    const found = foundOf(method, url.pathname);
    const call: RecordedCall = {
      method,
      path: url.pathname,
      query: url.search,
      template: found.template,
      clientId: undefined,
      status: 0,
      at: simulator.fixed.clock.now(),
    };
    calls.push(call);
    const contextId = randomUUID();
    const record = ({ status, headers }: Reply) => {
      call.status = status;
      const retryAfter = headers?.['retry-after'];
      if (retryAfter !== undefined) call.retryAfterSeconds = Number(retryAfter);
    };
    const reply = (given: Reply) => {
      record(given);
      send(response, given, contextId);
    };
    const work = () => answerOf(call, found, { request, url, text, contextId });

    const fault = faults.take(method, url.pathname, url.search, found.template);
    if (fault !== undefined) call.fault = JSON.stringify(fault);
    const { clock } = simulator.fixed;
    const { latencyMs } = simulator.settings;
    if (latencyMs > 0) await clock.sleep(latencyMs, simulator.closing);
    if (fault === undefined) return reply(await work());
    const { closing } = simulator;
    await playFault(fault, { response, contextId, clock, closing, work, reply, record });
  }

  /** Does the work of a call. An error becomes an answer. */
  async function answerOf(call: RecordedCall, found: Found, received: Received): Promise<Reply> {
    try {
      return await dispatch(call, found, received);
    } catch (error) {
      const known = error instanceof ApiError ? error : defect(error);
      return { status: known.status, body: known.body(received.contextId), headers: known.headers };
    }
  }

  async function dispatch(
    call: RecordedCall,
    { route, template, isKnown }: Found,
    { request, url, text, contextId }: Received,
  ): Promise<Reply> {
    const { method, path } = call;
    const { authorization } = request.headers;
    if (template === loginPath) {
      if (method !== 'POST') throw new ApiError(405, 'method.not.allowed', 'Use POST');
      const { reply, client } = issueToken(simulator, authorization, text);
      call.clientId = client?.id;
      return reply;
    }
    if (template === uploadTemplate) {
      if (method !== 'PUT') throw new ApiError(405, 'method.not.allowed', 'Use PUT');
      return receiveUpload(simulator, path, request.headers, text);
    }
    // Recorded even if the token has expired.
    const known = tokenOf(simulator, authorization);
    if (known !== undefined) call.token = known.number;
    const { client, token } = authenticate(simulator, authorization);
    call.clientId = client.id;
    const organization = simulator.world.organizations.get(client.organizationId);
    if (organization === undefined) throw new ApiError(401, 'bad.credentials', 'Invalid login credentials.');
    if (route === undefined && isKnown)
      throw new ApiError(405, 'method.not.allowed', `HTTP ${method} is not allowed on ${template}`);
    if (route === undefined) throw new ApiError(404, 'not.found', `HTTP 404 Not Found: ${method} ${path}`);
    authorize(client, route.permissions);
    return await route.handle({
      ...simulator,
      organization,
      client,
      token,
      params: parametersOf(route, path),
      query: url.searchParams,
      body: bodyOf(route, request, text),
      contextId,
      host: request.headers.host ?? '',
    });
  }

  /** A defect of this server, or an AWS that is away, is a 500 and goes to the log. */
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

/** The route of a call, or one of the two templates that need no token. */
function foundOf(method: string, path: string): Found {
  if (path === loginPath) return { route: undefined, template: loginPath, isKnown: true };
  if (isUpload(path)) return { route: undefined, template: uploadTemplate, isKnown: true };
  return findRoute(method, path);
}

/** The parts of a request on its way to a handler. */
interface Received {
  request: IncomingMessage;
  url: URL;
  text: string;
  contextId: string;
}
