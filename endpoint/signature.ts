/**
 * The signature of a body: HMAC-SHA256 over the raw bytes, or over `<timestamp>.<bytes>` with a timestamp. It
 * is for callers that can compute one. A data action cannot, because its templates have no hash function.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { EndpointError } from './errors.ts';
import { header, type RawRequest } from './request.ts';
import type { RotatingSecret } from './secrets.ts';

export const signatureHeader = 'x-genesys-signature';
export const timestampHeader = 'x-genesys-timestamp';

/** The largest distance of a signed timestamp from now, in the past or the future, in seconds. */
const toleranceSeconds = 300;

export interface SignatureOptions {
  /** Whether a signature without a timestamp is refused. Such a signature stays valid for ever. */
  timestampRequired: boolean;
  nowMs: number;
  /** Aborts when the caller's time is over. */
  signal?: AbortSignal | undefined;
}

/**
 * @throws EndpointError 401 `SignatureMissing`, 403 `SignatureInvalid` or `SignatureExpired`.
 */
export async function verifySignature(
  request: Pick<RawRequest, 'headers' | 'body'>,
  secret: Pick<RotatingSecret, 'matches'>,
  options: SignatureOptions,
): Promise<void> {
  const signature = header(request, signatureHeader);
  const timestamp = header(request, timestampHeader);
  if (signature === undefined || (timestamp === undefined && options.timestampRequired)) {
    throw new EndpointError(
      401,
      'SignatureMissing',
      `The request needs the headers ${signatureHeader}${options.timestampRequired ? ` and ${timestampHeader}` : ''}.`,
    );
  }
  if (timestamp !== undefined) checkTimestamp(timestamp, options.nowMs);
  const claimed = decodeSignature(signature);
  const right =
    claimed !== undefined &&
    (await secret.matches(
      (key) => timingSafeEqual(claimed, sign(key, request.body, timestamp)),
      options.signal,
    ));
  if (!right) throw new EndpointError(403, 'SignatureInvalid', 'The signature does not fit the body.');
}

/** The signature's 32 bytes. */
export function sign(key: string, body: Buffer, timestamp?: string): Buffer {
  const hmac = createHmac('sha256', key);
  if (timestamp !== undefined) hmac.update(`${timestamp}.`);
  return hmac.update(body).digest();
}

/** Reads hex or base64, with or without the prefix `sha256=`; undefined for any other text. */
export function decodeSignature(text: string): Buffer | undefined {
  const value = text.trim().replace(/^sha256=/, '');
  if (/^[0-9a-fA-F]{64}$/.test(value)) return Buffer.from(value, 'hex');
  if (/^[A-Za-z0-9+/]{43}=$/.test(value)) return Buffer.from(value, 'base64');
  return undefined;
}

function checkTimestamp(timestamp: string, nowMs: number): void {
  const signedAt = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  // A malformed timestamp is NaN, whose comparison is false, so it is refused here too.
  if (!(Math.abs(nowMs / 1000 - signedAt) <= toleranceSeconds)) {
    throw new EndpointError(
      403,
      'SignatureExpired',
      `${timestampHeader} is no Unix time in seconds within ${toleranceSeconds} s of now.`,
    );
  }
}
