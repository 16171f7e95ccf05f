import type { ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import { ApiError } from './errors.ts';
import type { FaultAction } from './faults.ts';
import type { Reply } from './http.ts';

/** One call that a fault hits. */
export interface Stage {
  response: ServerResponse;
  contextId: string;
  clock: Clock;
  closing: AbortSignal;
  /** Does the work of the call. */
  work: () => Promise<Reply>;
  /** Sends an answer and records it. */
  reply: (given: Reply) => void;
  /** Records an answer that the player sends itself. */
  record: (given: Reply) => void;
}

/** Longer than any client waits. */
const FOREVER_MILLISECONDS = 24 * 3600 * 1000;

/** Waits, on the clock of the server, until the client gives up or the server closes. */
async function untilGone({ response, clock, closing }: Stage): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  await clock.sleep(FOREVER_MILLISECONDS, AbortSignal.any([gone.signal, closing])).catch(() => undefined);
}

/** Plays a fault on a call. Resolves when the call needs nothing more. */
export async function playFault(fault: FaultAction, stage: Stage): Promise<void> {
  const { response, contextId, clock, closing, work, reply } = stage;
  if ('delayMs' in fault) {
    await clock.sleep(fault.delayMs, closing);
    return reply(await work());
  }
  if ('reset' in fault) {
    if (fault.reset === 'after') await work();
    // A TCP reset, as if a host between client and server went away.
    response.socket?.resetAndDestroy();
    return;
  }
  if ('hang' in fault) {
    if (fault.hang === 'after') await work();
    return untilGone(stage);
  }
  if ('status' in fault) {
    if (fault.after === true) await work();
    const { status, headers } = fault;
    const injected = new ApiError(status, 'injected.fault', `Injected fault: status ${status}`);
    return reply({
      status,
      body: fault.body ?? injected.body(contextId),
      ...(headers === undefined ? {} : { headers }),
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
  stage.record(given);
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
    await clock.sleep(fault.drip.everyMs, closing);
  }
  response.end();
}
