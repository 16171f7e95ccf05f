import {
  DecryptCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { type AwsClientOptions, describeAwsError, type KeyDescription, regionOfArn } from './aws.ts';
import type { Abortable } from './deadline.ts';
import { AwsError } from './errors.ts';

/** Implements `AwsServices.describeKey`. */
export async function describeKey(
  aliasArn: string,
  { signal }: Abortable,
  options: AwsClientOptions,
): Promise<KeyDescription | undefined> {
  const client = new KMSClient({ ...options, ...regionOfArn(aliasArn) });
  try {
    const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: aliasArn }), {
      abortSignal: signal,
    });
    if (key?.Arn === undefined) return undefined;
    const policy = await client
      .send(new GetKeyPolicyCommand({ KeyId: key.Arn, PolicyName: 'default' }), { abortSignal: signal })
      .then(
        ({ Policy }) => Policy,
        () => undefined,
      );
    return {
      arn: key.Arn,
      enabled: key.Enabled === true,
      symmetric: key.KeySpec === 'SYMMETRIC_DEFAULT' && key.KeyUsage === 'ENCRYPT_DECRYPT',
      state: key.KeyState ?? 'unknown',
      ...(policy === undefined ? {} : { policy }),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') {
      throw new AwsError(`The KMS alias ${aliasArn} does not exist.`, { cause: error });
    }
    // The key may be another account's. Genesys Cloud's own test of it decides then.
    return undefined;
  }
}

/** Implements `AwsServices.newDataKey`. */
export async function newDataKey(
  keyArn: string,
  context: Record<string, string>,
  { signal }: Abortable,
  options: AwsClientOptions,
): Promise<{ key: Uint8Array; encrypted: string }> {
  const client = new KMSClient({ ...options, ...regionOfArn(keyArn) });
  const command = new GenerateDataKeyCommand({
    KeyId: keyArn,
    KeySpec: 'AES_256',
    EncryptionContext: context,
  });
  try {
    const { Plaintext, CiphertextBlob } = await client.send(command, { abortSignal: signal });
    return {
      key: Plaintext ?? noKey(),
      encrypted: Buffer.from(CiphertextBlob ?? noKey()).toString('base64'),
    };
  } catch (error) {
    throw cannotBeUsed(keyArn, error);
  }
}

/** Implements `AwsServices.openDataKey`. */
export async function openDataKey(
  keyArn: string,
  encrypted: string,
  context: Record<string, string>,
  { signal }: Abortable,
  options: AwsClientOptions,
): Promise<Uint8Array> {
  const client = new KMSClient({ ...options, ...regionOfArn(keyArn) });
  const command = new DecryptCommand({
    KeyId: keyArn,
    CiphertextBlob: Buffer.from(encrypted, 'base64'),
    EncryptionContext: context,
  });
  try {
    const { Plaintext } = await client.send(command, { abortSignal: signal });
    return Plaintext ?? noKey();
  } catch (error) {
    throw cannotBeUsed(keyArn, error);
  }
}

function noKey(): never {
  throw new AwsError('KMS gave no data key');
}

const cannotBeUsed = (keyArn: string, cause: unknown) =>
  new AwsError(
    `The KMS key ${keyArn} cannot be used to keep what an adopted object was: ${describeAwsError(cause)}.`,
    { cause },
  );
