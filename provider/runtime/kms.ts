import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Abortable } from '../../common/deadline.ts';
import { AwsError } from '../../common/errors.ts';
import { type AwsClientOptions, type KeyDescription, regionOfArn } from './aws.ts';

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
      throw new AwsError(`The KMS alias ${aliasArn} does not exist. Check KeyAliasArn.`, { cause: error });
    }
    // The key may be another account's. Genesys Cloud's own test of it decides then.
    return undefined;
  }
}
