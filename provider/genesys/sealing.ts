import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { OAuthSecret } from './credentials.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key that only who knows the OAuth client's secret can make; it says nothing about the secret. */
const keyOf = ({ clientId, clientSecret }: OAuthSecret) =>
  Buffer.from(hkdfSync('sha256', clientSecret, clientId, 'genesys-cloud-cfn ledger', 32));

/** Compresses and encrypts text; base64. */
export function seal(text: string, secret: OAuthSecret): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce);
  const sealed = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** What was sealed with the same client and secret; undefined where it was another one. */
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
