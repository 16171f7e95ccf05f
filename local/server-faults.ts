import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { VirtualClock } from './virtual-clock.ts';

/** The faults of a server. `after` means that the work is done and only the answer is lost. */
export const serverFaults = [
  '400',
  '401',
  '403',
  '404',
  '408',
  '409',
  '429',
  '500',
  '500 after',
  '502 empty',
  '503',
  '504',
  '504 after',
  'html',
  'truncated',
  'reset before',
  'reset after',
  'hang before',
  'hang after',
  'slow drip',
] as const;
export type ServerFault = (typeof serverFaults)[number];

/**
 * The request header that asks for a fault. The caller chooses it, because only the caller can count its
 * calls.
 */
export const FAULT_HEADER = 'x-test-fault';
/** Between two bytes of a slow answer. */
const DRIP_MILLISECONDS = 2_000;

/** The body of an error, in the words of one kind of server. */
export type ErrorBody = (
  status: number,
  request: IncomingMessage,
) => string | { status: number; body: string };

/** A listener that plays the fault that the header of a request asks for. */
export function withFaults(
  listener: RequestListener,
  clock: VirtualClock,
  errorBody: ErrorBody,
): RequestListener {
  return (request, response) => {
    const fault = request.headers[FAULT_HEADER] as ServerFault | undefined;
    if (fault === undefined) {
      listener(request, response);
      return;
    }
    void play(fault, request, response, { listener, clock, errorBody });
  };
}

/** The parts that a fault needs. */
export interface Stage {
  listener: RequestListener;
  clock: Pick<VirtualClock, 'park' | 'parkedSleep'>;
  errorBody: ErrorBody;
}

/** Plays a fault on one request. */
export async function play(
  fault: ServerFault,
  request: IncomingMessage,
  response: ServerResponse,
  stage: Stage,
) {
  const { listener, clock, errorBody } = stage;
  const isAfter = / after$/.test(fault) || fault === 'slow drip' || fault === 'truncated';
  const done = isAfter ? await capture(listener, request, response) : undefined;
  if (!isAfter) await drain(request);
  const [what = '', when] = fault.split(' ');
  if (/^\d+$/.test(what)) {
    const worded = when === 'empty' ? '' : errorBody(Number(what), request);
    const { status, body } = typeof worded === 'string' ? { status: Number(what), body: worded } : worded;
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(status === 429 ? { 'retry-after': '3' } : {}),
    });
    response.end(body);
    return;
  }
  switch (what) {
    case 'html':
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>Bad Gateway</body></html>');
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang': {
      const unpark = clock.park();
      response.on('close', unpark);
      return;
    }
  }
  const bytes = done?.body ?? Buffer.alloc(0);
  response.writeHead(done?.status ?? 200, { ...done?.headers, 'content-length': Math.max(1, bytes.length) });
  if (fault === 'truncated') {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return;
  }
  let closed = false;
  response.on('close', () => {
    closed = true;
  });
  response.flushHeaders();
  for (const byte of bytes) {
    await clock.parkedSleep(DRIP_MILLISECONDS);
    if (closed) return;
    response.write(Buffer.from([byte]));
  }
  if (bytes.length === 0) await clock.parkedSleep(DRIP_MILLISECONDS);
  response.end(bytes.length === 0 ? ' ' : undefined);
}

export interface Captured {
  status: number;
  headers: Record<string, string | number>;
  body: Buffer;
}

/** Runs the listener and keeps its answer instead of sending it. */
export function capture(
  listener: RequestListener,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Captured> {
  return new Promise((resolve) => {
    const captured: Captured = { status: 200, headers: {}, body: Buffer.alloc(0) };
    const { writeHead, write, end } = response;
    Object.assign(response, {
      writeHead(status: number, headers: Record<string, string | number> = {}) {
        captured.status = status;
        captured.headers = headers;
        return response;
      },
      write(chunk: string | Buffer) {
        captured.body = Buffer.concat([captured.body, Buffer.from(chunk)]);
        return true;
      },
      end(chunk?: string | Buffer) {
        if (chunk !== undefined) captured.body = Buffer.concat([captured.body, Buffer.from(chunk)]);
        Object.assign(response, { writeHead, write, end });
        resolve(captured);
        return response;
      },
    });
    listener(request, response);
  });
}

async function drain(request: IncomingMessage): Promise<void> {
  for await (const _ of request) {
    // A server reads the whole request before it answers.
  }
}
