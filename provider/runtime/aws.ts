import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import type { Abortable } from './deadline.ts';
import { AwsError, messageOf } from './errors.ts';

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
  /** The text of a secret: the current one, or that of a version. @throws AwsError */
  secretText(arn: string, deadline: Abortable & { versionId?: string }): Promise<string>;
  /** The tags of a secret. @throws AwsError */
  secretTags(arn: string, deadline: Abortable): Promise<Record<string, string>>;
  /** What can be seen of a key by its alias ARN; undefined where this account may not look. */
  describeKey(aliasArn: string, deadline: Abortable): Promise<KeyDescription | undefined>;
  /** The text of an S3 object of at most so many bytes: the current one, or that of a version. @throws AwsError */
  objectText(
    bucket: string,
    key: string,
    options: { versionId?: string | undefined; maxBytes: number },
    deadline: Abortable,
  ): Promise<string>;
  /** The status of a stack; undefined where it may not be asked. @throws AwsError where there was no answer */
  stackStatus(stackId: string, deadline: Abortable): Promise<string | undefined>;
  /**
   * Whether CloudFormation is undoing a stack's operation, or that of the stack that it is nested in; false where it
   * may not be asked. @throws AwsError where there was no answer: to guess would be to lose what has to be put back.
   */
  isRollingBack(stackId: string, deadline: Abortable): Promise<boolean>;
  /**
   * Whether a stack's logical resource is, or may be about to be, the one with this physical id. A stack that is gone
   * holds nothing; undefined where it cannot be asked.
   */
  stackHolds(
    owner: { stackId: string; logicalId: string },
    physicalId: string,
    deadline: Abortable,
  ): Promise<boolean | undefined>;
}

/** What every AWS client of the provider is made with. */
export type AwsClientOptions = Pick<
  SecretsManagerClientConfig,
  'maxAttempts' | 'requestHandler' | 'retryStrategy' | 'endpoint'
>;

/** Limits for one attempt of a call, milliseconds; the SDK repeats three times. */
export const awsClientDefaults: AwsClientOptions = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
};

export const regionOfArn = (arn: string) => {
  const region = arn.split(':')[3];
  return region === undefined || region === '' ? {} : { region };
};

/** The real services; clients that few requests need are loaded when they are needed. */
export function awsServices(options: AwsClientOptions = awsClientDefaults): AwsServices {
  const secretsManagers = new Map<string, SecretsManagerClient>();
  const secretsManager = (arn: string) => {
    const region = arn.split(':')[3] ?? '';
    const client =
      secretsManagers.get(region) ?? new SecretsManagerClient({ ...options, ...regionOfArn(arn) });
    secretsManagers.set(region, client);
    return client;
  };

  return {
    async secretText(arn, { signal, versionId }) {
      try {
        const { SecretString } = await secretsManager(arn).send(
          new GetSecretValueCommand({ SecretId: arn, VersionId: versionId }),
          {
            abortSignal: signal,
          },
        );
        if (SecretString === undefined) throw new Error('it holds no text');
        return SecretString;
      } catch (error) {
        const version = versionId === undefined ? '' : ` in version ${versionId}`;
        throw new AwsError(`The secret ${arn} cannot be read${version}: ${describe(error)}.`, {
          cause: error,
        });
      }
    },

    async secretTags(arn, { signal }) {
      try {
        const { Tags = [] } = await secretsManager(arn).send(new DescribeSecretCommand({ SecretId: arn }), {
          abortSignal: signal,
        });
        return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      } catch (error) {
        throw new AwsError(`The tags of the secret ${arn} cannot be read: ${describe(error)}.`, {
          cause: error,
        });
      }
    },

    // Files of their own, so that a bundler keeps what they use of a client and loads it only then.
    describeKey: async (aliasArn, deadline) =>
      (await import('./kms.ts')).describeKey(aliasArn, deadline, options),
    objectText: async (...of) => (await import('./s3.ts')).objectText(...of),
    stackStatus: async (stackId, deadline) =>
      (await import('./cloudformation.ts')).stackStatus(stackId, deadline, options),
    isRollingBack: async (stackId, deadline) =>
      (await import('./cloudformation.ts')).isRollingBack(stackId, deadline, options),
    stackHolds: async (...of) => (await import('./cloudformation.ts')).stackHolds(...of, options),
  };
}

/** What an AWS SDK threw, in one sentence without its full stop. */
export function describe(error: unknown): string {
  const name = error instanceof Error ? error.name : 'error';
  return `${name}: ${messageOf(error)}`.slice(0, 300).replace(/\.$/, '');
}
