import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { canonicalJson } from '../../common/canonical-json.ts';
import type { Abortable } from '../../common/deadline.ts';
import { SettingsError } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';
import type { AwsServices } from './aws.ts';
import type { Settings } from './settings.ts';

/** The owner of a sealed text. The text opens for no other organization and no other object. */
export interface SealedFor {
  organization: string;
  object: string;
}

/** Encrypts texts that the ledger keeps, and opens them again, by a secret of the provider's stack. */
export interface Sealing {
  /** @throws AwsError where the secret cannot be read */
  seal(text: string, of: SealedFor, deadline: Abortable): Promise<string>;
  /**
   * Undefined where the text is none that this provider sealed for that object.
   * @throws AwsError where the secret cannot be read
   */
  unseal(sealed: string, of: SealedFor, deadline: Abortable): Promise<string | undefined>;
}

/** The settings and services that sealing needs. */
interface Means {
  settings: Pick<Settings, 'sealingSecretArn'>;
  aws: Pick<AwsServices, 'secretText'>;
}

/** A sealed text names its secret, so a new deployment of the provider opens the texts of an earlier one. */
interface SealedText {
  secret: string;
  text: string;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The provider's role can read further secrets, none of which is a key. */
const SEALING_SECRET = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/sealing\//;

/** Implements `Sealing.seal`. @throws SettingsError where the function has no secret to seal with */
export async function seal(
  { settings, aws }: Means,
  text: string,
  of: SealedFor,
  deadline: Abortable,
): Promise<string> {
  const secret = settings.sealingSecretArn;
  if (secret === undefined) {
    throw new SettingsError(
      'The provider has no secret to seal with: its environment variable SEALING_SECRET_ARN is not set. Deploy templates/provider.yaml again.',
    );
  }
  const key = keyOf(await aws.secretText(secret, deadline));
  const sealed: SealedText = { secret, text: encrypt(text, key, of) };
  return JSON.stringify(sealed);
}

/** Implements `Sealing.unseal`, by the secret that the sealed text names. */
export async function unseal(
  { aws }: Pick<Means, 'aws'>,
  sealed: string,
  of: SealedFor,
  deadline: Abortable,
): Promise<string | undefined> {
  const { text, secret } = parse(sealed);
  if (typeof text !== 'string' || typeof secret !== 'string' || !SEALING_SECRET.test(secret))
    return undefined;
  return decrypt(text, keyOf(await aws.secretText(secret, deadline)), of);
}

/** The members of a sealed text; none where it is no JSON object. */
function parse(sealed: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(sealed);
    return isPlainObject(value) ? value : {};
  } catch {
    return {};
  }
}

const keyOf = (secret: string) =>
  Buffer.from(hkdfSync('sha256', secret, '', 'genesys-cloud-cfn sealing', KEY_BYTES));

/** Compresses and encrypts; base64. */
function encrypt(text: string, key: Uint8Array, of: SealedFor): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(canonicalJson(of)));
  const encrypted = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64');
}

/** Undefined where it was encrypted with another key, or for another object. */
function decrypt(encrypted: string, key: Uint8Array, of: SealedFor): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64');
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(canonicalJson(of))).setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd));
    const text = Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
    return inflateRawSync(text).toString();
  } catch {
    return undefined;
  }
}
