/** Policies of stacksets/: who may read and write packages, and who may read the OAuth client. */
import {
  account,
  administrator,
  awsOrganization,
  keyArn,
  oauthSecret,
  scenarios,
} from '../../../scripts/build/templates/scenarios.ts';
import { type Court, deployed, deployer, document, everything, type Row, strangerRole } from './court.ts';

const bucketArn = 'arn:aws:s3:::packages-eu-west-1';
const bucket = deployed(
  'stacksets/artifact-bucket.yaml',
  scenarios['stacksets/artifact-bucket.yaml']?.variations['organization, accounts and logs'] ?? {},
  { Bucket: 'packages-eu-west-1', 'Bucket.Arn': bucketArn },
);
const bucketPolicy = document(bucket, 'BucketPolicy');
const object = `${bucketArn}/genesys-cloud-cfn/objects/0a1b/provider.zip`;
const manifest = `${bucketArn}/genesys-cloud-cfn/manifests/1.2.3.json`;
const listedRole = 'arn:aws:iam::444455556666:role/deployer';
const memberRole = 'arn:aws:iam::777788889999:role/deployer';
const member = { 'aws:PrincipalOrgID': awsOrganization };
const tls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };
const b = (
  statement: string,
  allowed: boolean,
  principal: string,
  action: string,
  context: Record<string, string> = {},
  resource = object,
): Row => ({ statement, allowed, principal, action, resource, context: { ...tls, ...context } });

const secret = deployed(
  'stacksets/oauth-secret.yaml',
  scenarios['stacksets/oauth-secret.yaml']?.variations['readers, replicas and administrators'] ?? {},
  { Key: keyArn, 'Key.Arn': keyArn, Secret: oauthSecret },
);
const keyPolicy = document(secret, 'Key', 'KeyPolicy');
const secretPolicy = document(secret, 'SecretPolicy', 'ResourcePolicy');
const otherProvider = 'arn:aws:iam::444455556666:role/StackSet-provider-ProviderRole-1A2B3C';
const namedProvider = 'arn:aws:iam::555566667777:role/provider-ProviderRole-4D5E6F';
/** A role that somebody in a listed account gave a name like a provider's. */
const anotherStack = 'arn:aws:iam::555566667777:role/mine-ProviderRole-1A2B3C';
const otherRole = 'arn:aws:iam::444455556666:role/developer';
const unlistedProvider = 'arn:aws:iam::999988887777:role/provider-ProviderRole-1A2B3C';
const viaSecrets = { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' };
const k = (
  statement: string,
  allowed: boolean,
  principal: string,
  action: string,
  context: Record<string, string> = {},
): Row => ({ statement, allowed, principal, action, resource: keyArn, context });
const s = (allowed: boolean, principal: string, action = 'secretsmanager:GetSecretValue'): Row => ({
  statement: 'ProvidersOfOtherAccountsLogIn',
  allowed,
  principal,
  action,
  resource: oauthSecret,
});

export const rolloutCourts: Court[] = [
  {
    name: 'the policy of the artifact bucket',
    policies: { identity: [everything], resource: bucketPolicy },
    judged: [{ policy: bucketPolicy }],
    owner: account,
    rows: [
      b('OnlyEncryptedConnections', true, deployer, 's3:GetObject'),
      b('OnlyEncryptedConnections', false, deployer, 's3:GetObject', { 'aws:SecureTransport': 'false' }),
      b('OnlyCurrentTls', true, deployer, 's3:GetObject', { 's3:TlsVersion': '1.2' }),
      b('OnlyCurrentTls', false, deployer, 's3:GetObject', { 's3:TlsVersion': '1.1' }),
      b('ObjectsAreWrittenOnce', true, deployer, 's3:PutObject', { 's3:if-none-match': '*' }),
      b('ObjectsAreWrittenOnce', false, deployer, 's3:PutObject'),
      // Publishing a version again overwrites its manifest.
      b('ObjectsAreWrittenOnce', true, deployer, 's3:PutObject', {}, manifest),
      b('ObjectsStay', false, deployer, 's3:DeleteObject'),
      b('ObjectsStay', false, deployer, 's3:DeleteObjectVersion'),
      b('ObjectsStay', true, deployer, 's3:DeleteObject', {}, manifest),
      b('OrganizationReads', true, memberRole, 's3:GetObject', member),
      b('OrganizationReads', false, memberRole, 's3:GetObject', { 'aws:PrincipalOrgID': 'o-0000000000' }),
      b('OrganizationReads', false, strangerRole, 's3:GetObject'),
      b('OrganizationReads', false, memberRole, 's3:PutObject', { ...member, 's3:if-none-match': '*' }),
      b('OrganizationReads', false, memberRole, 's3:GetObject', member, `${bucketArn}/other/file`),
      b('ListedAccountsRead', true, listedRole, 's3:GetObject'),
      b('ListedAccountsRead', true, listedRole, 's3:GetObjectVersion'),
      b('ListedAccountsRead', false, listedRole, 's3:DeleteObject'),
    ],
  },
  {
    name: 'the key of the OAuth secret, for those with every permission of their own',
    policies: { identity: [everything], resource: keyPolicy },
    judged: [
      {
        policy: keyPolicy,
        sids: ['AccountManagesByIam', 'AccountUsesItBySecretsManager', 'ProvidersOfOtherAccountsDecrypt'],
      },
    ],
    rows: [
      k('AccountManagesByIam', true, deployer, 'kms:PutKeyPolicy'),
      k('AccountManagesByIam', true, deployer, 'kms:ScheduleKeyDeletion'),
      k('AccountManagesByIam', false, deployer, 'kms:CreateGrant'),
      k('AccountManagesByIam', false, strangerRole, 'kms:DescribeKey'),
      k('AccountUsesItBySecretsManager', true, deployer, 'kms:Decrypt', viaSecrets),
      k('AccountUsesItBySecretsManager', true, deployer, 'kms:GenerateDataKey', viaSecrets),
      k('AccountUsesItBySecretsManager', false, deployer, 'kms:Decrypt'),
      k('AccountUsesItBySecretsManager', false, deployer, 'kms:Encrypt', viaSecrets),
      k('ProvidersOfOtherAccountsDecrypt', true, otherProvider, 'kms:Decrypt', viaSecrets),
      k('ProvidersOfOtherAccountsDecrypt', false, otherProvider, 'kms:Decrypt'),
      k('ProvidersOfOtherAccountsDecrypt', false, otherProvider, 'kms:Encrypt', viaSecrets),
      k('ProvidersOfOtherAccountsDecrypt', false, otherRole, 'kms:Decrypt', viaSecrets),
      k('ProvidersOfOtherAccountsDecrypt', false, unlistedProvider, 'kms:Decrypt', viaSecrets),
      k('ProvidersOfOtherAccountsDecrypt', false, anotherStack, 'kms:Decrypt', viaSecrets),
    ],
  },
  {
    name: 'the key of the OAuth secret, for those without permissions of their own',
    policies: { resource: keyPolicy },
    judged: [{ policy: keyPolicy, sids: ['NamedAdministrators'] }],
    rows: [
      k('NamedAdministrators', true, administrator, 'kms:PutKeyPolicy'),
      k('NamedAdministrators', false, administrator, 'kms:Decrypt', viaSecrets),
      k('NamedAdministrators', false, deployer, 'kms:PutKeyPolicy'),
    ],
  },
  {
    name: 'the policy of the OAuth secret',
    policies: { identity: [everything], resource: secretPolicy },
    judged: [{ policy: secretPolicy }],
    rows: [
      s(true, otherProvider),
      s(true, namedProvider),
      s(false, anotherStack),
      s(false, otherRole),
      s(false, unlistedProvider),
      s(false, otherProvider, 'secretsmanager:PutSecretValue'),
    ],
  },
];
