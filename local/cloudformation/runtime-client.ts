/**
 * The transport to the Runtime API: the three functions of the native module of AWS's client, by node:http.
 * Our bootstrap uses it, and AWS's client does on machines that could not build that module.
 */
import { Agent, request } from 'node:http';

const [hostname, port] = (process.env['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let posted: Promise<unknown> = Promise.resolve();

function call(method: 'GET' | 'POST', path: string, body?: string) {
  return new Promise<{ bodyJson: string; headers: Record<string, string> }>((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { hostname, port, path: `/2018-06-01/runtime/${path}`, method, headers, agent };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bodyJson = Buffer.concat(chunks).toString();
        resolve({ bodyJson, headers: response.headers as Record<string, string> });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The next event. Waits until the report on the previous one has arrived. */
export async function next() {
  await posted;
  return call('GET', 'invocation/next');
}

export function done(id: string | undefined, body: string): Promise<unknown> {
  posted = call('POST', `invocation/${id}/response`, body);
  return posted;
}

/** Reports an error of an invocation; without an id, that the handler could not be loaded. */
export function error(id: string | undefined, body: string): Promise<unknown> {
  posted = call('POST', id === undefined ? 'init/error' : `invocation/${id}/error`, body);
  return posted;
}
