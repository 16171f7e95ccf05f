import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { OAuthSecret } from './credentials.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key made from the OAuth client's id and secret. It does not reveal the secret. */
const keyOf = ({ clientId, clientSecret }: OAuthSecret) =>
  Buffer.from(hkdfSync('sha256', clientSecret, clientId, 'genesys-cloud-cfn ledger', 32));

/** Text compressed, encrypted, and in base64. */
export function seal(text: string, secret: OAuthSecret): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce);
  const sealed = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** The text again; undefined where it was sealed with another client or secret. */
export function unseal(sealed: string, secret: OAuthSecret): string | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(secret), bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd));
    const text = Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
    return inflateRawSync(text).toString();
  } catch {
    return undefined;
  }
}
