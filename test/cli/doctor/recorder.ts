/** A server in front of the local AWS that passes every call on and keeps what it was. */
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Recorder {
  url: string;
  /** Every call: `<service>:<action>`, or `<method> <path>` for a REST service. */
  calls: string[];
  stop(): Promise<void>;
}

export async function record(target: string): Promise<Recorder> {
  const calls: string[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      calls.push(nameOf(request.method ?? '', request.url ?? '', request.headers, body.toString()));
      const { method, url: path, headers } = request;
      const onward = send({ hostname, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function nameOf(method: string, path: string, headers: NodeJS.Dict<string | string[]>, body: string): string {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers['authorization']))?.[1];
  const target = headers['x-amz-target'];
  const action =
    typeof target === 'string' ? target.split('.').at(-1) : new URLSearchParams(body).get('Action');
  return action ? `${service}:${action}` : `${service} ${method} ${path}`;
}

/** Calls that may change something. */
export const writes = (calls: readonly string[]): string[] =>
  calls.filter((call) => !/^\w+:(Get|List|Describe|Lookup|Scan)|^\w+ (GET|HEAD) /.test(call));
