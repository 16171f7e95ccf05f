import type { Clock } from '../../common/clock.ts';
import { timeLimit } from '../../common/deadline.ts';
import { ProviderError } from '../../common/errors.ts';

/**
 * CloudFormation's bucket did not take the answer. The invocation fails, so that Lambda delivers the event
 * again.
 */
export class DeliveryError extends ProviderError {}

export interface DeliveryOptions {
  clock: Clock;
  /** Milliseconds since the epoch: no attempt begins or waits after it. */
  until: number;
  fetch?: typeof fetch;
  random?: () => number;
}

const ATTEMPT_MILLISECONDS = 5_000;
const FIRST_WAIT_MILLISECONDS = 250;
const LONGEST_WAIT_MILLISECONDS = 8_000;

/**
 * Puts the answer to the presigned URL. The content type is empty, because CloudFormation signed an empty
 * one. A 5xx, 429, 408, reset, refused connection or time-out is tried again, with full jitter. Another
 * status is final: S3 refuses the same URL again.
 * @throws DeliveryError
 */
export async function deliver(url: URL, body: Buffer, options: DeliveryOptions): Promise<void> {
  const { clock, until, random = Math.random } = options;
  const send = options.fetch ?? fetch;
  for (let attempt = 0; ; attempt += 1) {
    const limit = timeLimit(
      clock,
      Math.max(1, Math.min(ATTEMPT_MILLISECONDS, until - clock.now())),
      () => new Error('no answer within the time limit'),
    );
    let problem: string;
    try {
      const response = await send(url, {
        method: 'PUT',
        headers: { 'content-type': '', 'content-length': String(body.length) },
        body: new Uint8Array(body),
        redirect: 'manual',
        signal: limit.signal,
      });
      // The connection is free for the next call once the body was read; S3's is empty or a short XML.
      await response.arrayBuffer().catch(() => undefined);
      if (response.status >= 200 && response.status < 300) return;
      problem = `status ${response.status}`;
      if (response.status < 500 && response.status !== 429 && response.status !== 408) {
        throw new DeliveryError(`CloudFormation's response bucket refused the answer: ${problem}.`);
      }
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      problem = causeOf(error);
    } finally {
      limit.dispose();
    }
    const wait = random() * Math.min(LONGEST_WAIT_MILLISECONDS, FIRST_WAIT_MILLISECONDS * 2 ** attempt);
    if (clock.now() + wait >= until) {
      throw new DeliveryError(
        `CloudFormation's response bucket took no answer in ${attempt + 1} attempts: ${problem}.`,
      );
    }
    await clock.sleep(wait);
  }
}

/** `fetch` hides the reason in `cause`. Its own message is not shown: it may hold the signed URL. */
function causeOf(error: unknown): string {
  const { name, message, cause } = (error ?? {}) as {
    name?: string;
    message?: string;
    cause?: { code?: unknown };
  };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TypeError' || message === undefined ? 'no connection' : message;
}
