import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../../common/errors.ts';
import {
  type AwsClientOptions,
  type AwsServices,
  awsClientDefaults,
  describeAwsError,
  regionOfArn,
} from './aws.ts';

/** The real services. Clients that few requests need are loaded by the first request that does. */
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
    async secretText(arn, { signal, versionId, versionStage }) {
      try {
        const { SecretString } = await secretsManager(arn).send(
          new GetSecretValueCommand({ SecretId: arn, VersionId: versionId, VersionStage: versionStage }),
          { abortSignal: signal },
        );
        if (SecretString === undefined)
          throw new Error('it holds no text; put it there as text (--secret-string)');
        return SecretString;
      } catch (error) {
        const version = versionId === undefined ? '' : ` in version ${versionId}`;
        throw new AwsError(
          `The secret ${arn} cannot be read${version}: ${describeAwsError(error)}.${adviceOn(error)}`,
          {
            cause: error,
          },
        );
      }
    },

    async secretTags(arn, { signal }) {
      try {
        const { Tags = [] } = await secretsManager(arn).send(new DescribeSecretCommand({ SecretId: arn }), {
          abortSignal: signal,
        });
        return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      } catch (error) {
        throw new AwsError(
          `The tags of the secret ${arn} cannot be read: ${describeAwsError(error)}.${adviceOn(error)}`,
          {
            cause: error,
          },
        );
      }
    },

    // Each of these files names what it uses of its client, so that a bundler leaves the rest of the client
    // out.
    describeKey: async (...of) => (await import('./kms.ts')).describeKey(...of, options),
    objectText: async (...of) => (await import('./s3.ts')).objectText(...of, options),
    stackStatus: async (...of) => (await import('./cloudformation.ts')).stackStatus(...of, options),
    isRollingBack: async (...of) => (await import('./cloudformation.ts')).isRollingBack(...of, options),
    wasCompleteAfter: async (...of) => (await import('./cloudformation.ts')).wasCompleteAfter(...of, options),
    hasMoved: async (...of) => (await import('./cloudformation.ts')).hasMoved(...of, options),
    rootStack: async (...of) => (await import('./cloudformation.ts')).rootStack(...of, options),
    stackHolds: async (...of) => (await import('./cloudformation.ts')).stackHolds(...of, options),
  };
}

function adviceOn(error: unknown): string {
  const isMissing = error instanceof Error && error.name === 'ResourceNotFoundException';
  return isMissing ? ' Check the ARN and its Region.' : '';
}
