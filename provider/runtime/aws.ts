import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsError, messageOf } from './errors.ts';

/** Aborts a call. */
export interface Limit {
  signal: AbortSignal;
}

/** What is known of a KMS key; `policy` is missing where this account may not read it. */
export interface KeyDescription {
  arn: string;
  enabled: boolean;
  symmetric: boolean;
  state: string;
  policy?: string;
}

/** What the provider asks of AWS beside its ledger. */
export interface AwsServices {
  /** The current text of a secret. @throws AwsError */
  secretText(arn: string, limit: Limit): Promise<string>;
  /** The tags of a secret. @throws AwsError */
  secretTags(arn: string, limit: Limit): Promise<Record<string, string>>;
  /** What can be seen of a key by its alias ARN; undefined where this account may not look. */
  describeKey(aliasArn: string, limit: Limit): Promise<KeyDescription | undefined>;
  /** The status of a stack; undefined where it cannot be asked. */
  stackStatus(stackId: string, limit: Limit): Promise<string | undefined>;
}

/** Limits for one attempt of a call, milliseconds; the SDK repeats three times. */
export const awsClientDefaults = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
};

const regionOfArn = (arn: string) => {
  const region = arn.split(':')[3];
  return region === undefined || region === '' ? {} : { region };
};

/** The real services; clients that few requests need are loaded when they are needed. */
export function awsServices(): AwsServices {
  const secretsManagers = new Map<string, SecretsManagerClient>();
  const secretsManager = (arn: string) => {
    const region = arn.split(':')[3] ?? '';
    const client = secretsManagers.get(region) ?? new SecretsManagerClient({ ...awsClientDefaults, ...regionOfArn(arn) });
    secretsManagers.set(region, client);
    return client;
  };
  const kms = new Map<string, KMSClient>();
  let cloudFormation: CloudFormationClient | undefined;

  return {
    async secretText(arn, { signal }) {
      try {
        const { SecretString } = await secretsManager(arn).send(new GetSecretValueCommand({ SecretId: arn }), {
          abortSignal: signal,
        });
        if (SecretString === undefined) throw new Error('it holds no text');
        return SecretString;
      } catch (error) {
        throw new AwsError(`The secret ${arn} cannot be read: ${describe(error)}.`, { cause: error });
      }
    },

    async secretTags(arn, { signal }) {
      const { DescribeSecretCommand } = await import('@aws-sdk/client-secrets-manager');
      try {
        const { Tags = [] } = await secretsManager(arn).send(new DescribeSecretCommand({ SecretId: arn }), {
          abortSignal: signal,
        });
        return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      } catch (error) {
        throw new AwsError(`The tags of the secret ${arn} cannot be read: ${describe(error)}.`, { cause: error });
      }
    },

    async describeKey(aliasArn, { signal }) {
      const { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient: Client } = await import('@aws-sdk/client-kms');
      const region = aliasArn.split(':')[3] ?? '';
      const client = kms.get(region) ?? new Client({ ...awsClientDefaults, ...regionOfArn(aliasArn) });
      kms.set(region, client);
      try {
        const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: aliasArn }), { abortSignal: signal });
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
        // Another account's key: only Genesys Cloud can judge it.
        return undefined;
      }
    },

    async stackStatus(stackId, { signal }) {
      const { CloudFormationClient: Client, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
      cloudFormation ??= new Client(awsClientDefaults);
      return cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }), { abortSignal: signal }).then(
        ({ Stacks }) => Stacks?.[0]?.StackStatus,
        () => undefined,
      );
    },
  };
}

function describe(error: unknown): string {
  const name = error instanceof Error ? error.name : 'error';
  return `${name}: ${messageOf(error)}`.slice(0, 300).replace(/\.$/, '');
}
