/** The bucket behind the presigned URLs of a hook's payloads, over HTTP on 127.0.0.1, with faults. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../common/clock.ts';
import { presignedQuery } from './presigned-url.ts';

/**
 * A fault of a download: S3 answers with another status, resets the connection, never answers, leads
 * elsewhere, or sends without an end.
 */
export type DownloadFault =
  | { kind: 'status'; status: number }
  | { kind: 'reset' }
  | { kind: 'hang' }
  | { kind: 'redirect'; to: string }
  | { kind: 'endless' };

/** How long a payload's URL works. AWS does not say how long its own does. */
const VALID_SECONDS = 300;

export class HookPayloads {
  /** Downloads so far, each with the status that it got; 0 where it got none. */
  readonly downloads: number[] = [];
  #texts = new Map<string, { text: string; expiresAt: number }>();
  #faults: DownloadFault[] = [];
  #clock: Clock;
  #server = createServer((request, response) => this.#serve(request, response));

  static async start(clock: Clock = systemClock): Promise<HookPayloads> {
    const payloads = new HookPayloads(clock);
    await new Promise<void>((resolve) => payloads.#server.listen(0, '127.0.0.1', resolve));
    return payloads;
  }

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a payload and returns its URL. */
  add(text: string): string {
    const { port } = this.#server.address() as AddressInfo;
    const path = `/hook-payloads/${randomUUID()}`;
    const now = this.#clock.now();
    this.#texts.set(path, { text, expiresAt: now + VALID_SECONDS * 1000 });
    const query = presignedQuery({
      signature: 'v4',
      signedAtMs: now,
      validSeconds: VALID_SECONDS,
      region: 'us-east-1',
    });
    return `http://127.0.0.1:${port}${path}${query}`;
  }

  /** Plays a fault on the next `times` downloads. */
  fault(fault: DownloadFault, times = 1): void {
    for (let i = 0; i < times; i += 1) this.#faults.push(fault);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const fault = this.#faults.shift();
    this.downloads.push(fault === undefined ? this.#send(request, response) : play(fault, request, response));
  }

  #send(request: IncomingMessage, response: ServerResponse): number {
    const found = this.#texts.get((request.url ?? '').split('?')[0] ?? '');
    if (found === undefined) return refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    if (this.#clock.now() > found.expiresAt)
      return refuse(response, 403, 'AccessDenied', 'Request has expired');
    response.writeHead(200, { 'content-type': 'application/json' }).end(found.text);
    return 200;
  }
}

/** The error of S3. Returns the status. */
function refuse(response: ServerResponse, status: number, code: string, message: string): number {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  return status;
}

/** Returns the status; 0 where there is none. */
function play(fault: DownloadFault, request: IncomingMessage, response: ServerResponse): number {
  switch (fault.kind) {
    case 'status':
      return refuse(response, fault.status, 'InternalError', 'We encountered an internal error.');
    case 'reset':
      request.socket.resetAndDestroy();
      return 0;
    case 'hang':
      return 0;
    case 'redirect':
      response.writeHead(307, { location: fault.to }).end();
      return 307;
    case 'endless': {
      response.writeHead(200);
      const piece = Buffer.alloc(1024 * 1024, ' ');
      const send = () => {
        if (!response.destroyed) response.write(piece, send);
      };
      send();
      return 200;
    }
  }
}
