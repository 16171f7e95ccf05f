/** A proxy between the provider and a service. It records each call and adds the latency of a network. */
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** One call as the service saw it. */
export interface ProxiedCall {
  /** `DynamoDB GetItem`, `SecretsManager GetSecretValue`; method and path where there is no X-Amz-Target. */
  operation: string;
  /** Milliseconds of performance.now(): from the request's arrival to the answer's last byte. */
  from: number;
  to: number;
  status: number;
  request: Buffer;
  response: Buffer;
}

export interface RecordingProxy {
  url: string;
  calls(): ProxiedCall[];
  reset(): void;
  /** Milliseconds that are added to every answer. */
  latencyMs: number;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 in front of `target`. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const calls: ProxiedCall[] = [];
  const proxy = {
    url: '',
    latencyMs: 0,
    calls: () => calls,
    reset: () => {
      calls.length = 0;
    },
    close: () =>
      new Promise<void>((done) => {
        agent.destroy();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const from = performance.now();
    const body = await buffer(incoming);
    if (proxy.latencyMs > 0) await delay(proxy.latencyMs);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(
        { agent, hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
        resolve,
      )
        .on('error', reject)
        .end(body);
    });
    const text = await buffer(answer);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.end(text, () => {
      calls.push({
        operation: operationOf(incoming),
        from,
        to: performance.now(),
        status: answer.statusCode ?? 502,
        request: body,
        response: text,
      });
    });
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

function operationOf({ method, url, headers }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target !== 'string') return `${method} ${url?.split('?')[0]}`;
  const [service = '', operation = ''] = target.split('.');
  return `${service.replace(/_\d+$/, '').replace(/^secretsmanager$/, 'SecretsManager')} ${operation}`;
}
