import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RuntimeInvocation {
  requestId: string;
  /** Milliseconds since the epoch. */
  deadlineMs: number;
  functionArn: string;
  event: unknown;
}

/** The report of a runtime: the handler's value, its error, or that the handler could not be loaded. */
export type RuntimeReport =
  | { kind: 'response'; body: string }
  | { kind: 'error'; body: string }
  | { kind: 'init error'; body: string };

/**
 * Lambda's Runtime API (2018-06-01) for one execution environment, on 127.0.0.1. A runtime client asks it for
 * the next event and reports the result to it.
 */
export class RuntimeApi {
  #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });
  #polling: ServerResponse | undefined;
  #polled = Promise.withResolvers<void>();
  #report = Promise.withResolvers<RuntimeReport>();

  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** For AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when the runtime is waiting for an event. */
  idle(): Promise<void> {
    return this.#polled.promise;
  }

  /** Resolves to the report on the current invocation, or on the failure to load the handler. */
  report(): Promise<RuntimeReport> {
    return this.#report.promise;
  }

  /** Gives an event to the runtime. @throws Error unless the runtime is idle. */
  give({ requestId, deadlineMs, functionArn, event }: RuntimeInvocation): void {
    const polling = this.#polling;
    if (polling === undefined) throw new Error('the runtime is not waiting for an event');
    this.#polling = undefined;
    this.#polled = Promise.withResolvers();
    this.#report = Promise.withResolvers();
    polling.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': deadlineMs,
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': `Root=1-${Math.floor(deadlineMs / 1000).toString(16)}-${'0'.repeat(24)};Sampled=0`,
    });
    polling.end(JSON.stringify(event));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime', '');
    if (request.method === 'GET' && path === '/invocation/next') {
      this.#polling = response;
      this.#polled.resolve();
      return;
    }
    const kind = /^\/(?:(init\/error)|invocation\/[^/]+\/(response|error))$/.exec(path);
    if (request.method !== 'POST' || kind === null) {
      response.writeHead(404).end();
      return;
    }
    const body = await text(request);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    this.#report.resolve({
      kind: kind[1] ? 'init error' : kind[2] === 'response' ? 'response' : 'error',
      body,
    });
  }
}
