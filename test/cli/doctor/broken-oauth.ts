/** Worlds in which the account or the OAuth client has a fault. */
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { type Broken, nothingToMend } from './broken.ts';
import { inGenesys, withSecret, withVariables } from './by-hand.ts';
import type { DoctorWorld } from './world.ts';

/** The client with other permissions; answers the way back. */
async function withPermissions({ genesys }: DoctorWorld, permissions: string[]) {
  const client = { id: genesys.clientId, secret: genesys.clientSecret };
  genesys.seed({ clients: [{ ...client, permissions }] });
  return async () => genesys.seed({ clients: [{ ...client, permissions: ['*'] }] });
}

const ALL_BUT = [
  ...['view', 'add', 'edit', 'delete'].map((action) => `integrations:integration:${action}`),
  ...['view', 'add', 'delete', 'execute'].map((action) => `integrations:action:${action}`),
  'architect:dependencyTracking:view',
  ...['view', 'edit'].map((action) => `recording:encryptionKey:${action}`),
];

const secretsOf = (world: DoctorWorld) => new SecretsManagerClient(world.administrator);

export const brokenOAuth: Broken[] = [
  {
    name: 'a bucket that is not there',
    id: 'artifacts-bucket',
    args: ['--bucket', 'nobody-has-this-bucket'],
    says: /no bucket nobody-has-this-bucket/,
    fix: /make publish/,
    break: async () => nothingToMend,
  },
  {
    name: 'a secret that is deleted',
    id: 'oauth-secret',
    says: /scheduled for deletion/,
    fix: /restore-secret --secret-id arn:.* --region us-east-1$/,
    async break(world) {
      const SecretId = world.prepared.secretArn;
      await secretsOf(world).send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
      return () => secretsOf(world).send(new RestoreSecretCommand({ SecretId }));
    },
  },
  {
    name: 'a further secret that is not there',
    id: 'further-secrets',
    says: /no secret arn:.*\/genesys\/oauth\/second-AbCdEf/,
    fix: /AdditionalOAuthSecretArns/,
    break: (world) =>
      withVariables(world, {
        ADDITIONAL_OAUTH_SECRET_ARNS:
          'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/oauth/second-AbCdEf',
      }),
  },
  {
    name: 'a secret under a key that the provider may not use',
    id: 'oauth-secret-key',
    says: /SecretsKmsKeyArns of the provider's stack does not list it/,
    fix: /SecretsKmsKeyArns=arn:aws:kms:/,
    async break(world) {
      const { KeyMetadata } = await new KMSClient(world.administrator).send(new CreateKeyCommand({}));
      const SecretId = world.prepared.secretArn;
      const put = (KmsKeyId: string) =>
        secretsOf(world).send(new UpdateSecretCommand({ SecretId, KmsKeyId }));
      await put(KeyMetadata?.Arn ?? '');
      return () => put('alias/aws/secretsmanager');
    },
  },
  {
    name: 'a secret under a key that is disabled',
    id: 'oauth-secret-key',
    says: /is Disabled/,
    fix: /Enable the key/,
    async break(world) {
      const kms = new KMSClient(world.administrator);
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const KeyId = KeyMetadata?.Arn ?? '';
      const SecretId = world.prepared.secretArn;
      await secretsOf(world).send(new UpdateSecretCommand({ SecretId, KmsKeyId: KeyId }));
      await kms.send(new DisableKeyCommand({ KeyId }));
      return async () => {
        await kms.send(new EnableKeyCommand({ KeyId }));
        await secretsOf(world).send(
          new UpdateSecretCommand({ SecretId, KmsKeyId: 'alias/aws/secretsmanager' }),
        );
      };
    },
  },
  {
    name: 'a secret that is no JSON',
    id: 'oauth-secret-form',
    says: /is not a JSON object/,
    fix: /client_secret/,
    break: (world) => withSecret(world, () => 'CANARY-in-plain-text'),
  },
  {
    name: 'a misspelt field of the secret',
    id: 'oauth-secret-form',
    says: /"clientId" has to be called so/,
    fix: /client_id/,
    break: (world) =>
      withSecret(world, ({ client_id, client_secret }) => ({ clientId: client_id, client_secret })),
  },
  {
    name: 'a region that Genesys Cloud does not have',
    id: 'genesys-region',
    says: /"mars\.pure\.cloud", which is no region/,
    fix: /"environment" of the OAuth secret/,
    break: (world) => withSecret(world, (secret) => ({ ...secret, environment: 'mars.pure.cloud' })),
  },
  {
    name: 'a client secret that was reset',
    id: 'login',
    says: /does not know the OAuth client/,
    fix: /client id, client secret and region/,
    break: (world) => withSecret(world, (secret) => ({ ...secret, client_secret: 'CANARY-old-secret' })),
  },
  {
    name: 'a client for another grant',
    id: 'grant-type',
    says: /made for another grant type/,
    fix: /Client Credentials/,
    async break(world) {
      const made = await inGenesys(world, 'POST', '/api/v2/oauth/clients', {
        name: 'For people',
        authorizedGrantType: 'CODE',
      });
      return withSecret(world, () => ({ client_id: made?.['id'], client_secret: made?.['secret'] }));
    },
  },
  {
    name: 'a client without a permission',
    id: 'permissions',
    says: /lacks integrations:action:edit, for Custom::GenesysDataAction/,
    fix: /Add integrations:action:edit to a role/,
    break: (world) => withPermissions(world, ALL_BUT),
  },
  {
    name: 'a client of another organization',
    id: 'ledger-organization',
    says: /all 3 objects of the ledger are in/,
    fix: /client of that organization/,
    async break(world) {
      const id = '11111111-2222-4333-8444-555555555555';
      const organizationId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
      world.genesys.seed({
        organizations: [{ id: organizationId, name: 'Other', region: 'us-east-1' }],
        clients: [{ id, secret: 'CANARY-of-the-other-client', organizationId }],
      });
      return withSecret(world, () => ({ client_id: id, client_secret: 'CANARY-of-the-other-client' }));
    },
  },
];
