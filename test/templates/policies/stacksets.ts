/** Policies of stacksets/: who reads packages, and who logs in with the OAuth client of another account. */
import {
  administrator,
  awsOrganization,
  consumerAccount,
  keyArn,
  oauthSecret,
  otherConsumerAccount,
  scenarios,
} from '../scenarios.ts';
import { type Court, deployed, deployer, document, everything, type Row, request } from './court.ts';

const bucketArn = 'arn:aws:s3:::contact-centre-artifacts-eu-west-1';
const packages = `${bucketArn}/genesys-cloud-cfn/objects/0a1b2c.zip`;
const [organizationOnly = {}] = Object.values(scenarios['stacksets/artifact-bucket.yaml']?.variations ?? {});
const bucketPolicy = document(
  deployed(
    'stacksets/artifact-bucket.yaml',
    { ...organizationOnly, ReaderAccountIds: consumerAccount },
    { 'Bucket.Arn': bucketArn },
  ),
  'BucketPolicy',
);
const reader = `arn:aws:iam::${consumerAccount}:role/deployer`;
const member = `arn:aws:iam::${otherConsumerAccount}:role/deployer`;
const inOrganization = { 'aws:PrincipalOrgID': awsOrganization };

/** Encrypted with TLS 1.3, a write only where nothing is there, unless the context says otherwise. */
const s3 = (
  statement: string,
  allowed: boolean,
  principal: string,
  action: string,
  resource: string,
  context: Record<string, string> = {},
): Row => ({
  ...request(statement, allowed, principal, `s3:${action}`, resource),
  context: { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', ...context },
});

const secretStack = deployed(
  'stacksets/oauth-secret.yaml',
  Object.values(scenarios['stacksets/oauth-secret.yaml']?.variations ?? {})[0] ?? {},
);
const keyPolicy = document(secretStack, 'Key', 'KeyPolicy');
const secretPolicy = document(secretStack, 'SecretPolicy', 'ResourcePolicy');
const provider = `arn:aws:iam::${consumerAccount}:role/genesys-provider-ProviderRole-1ABC`;
const strangeProvider = 'arn:aws:iam::999988887777:role/genesys-provider-ProviderRole-1ABC';
const kms = (statement: string, allowed: boolean, principal: string, action: string, via?: string): Row => ({
  ...request(statement, allowed, principal, `kms:${action}`, keyArn),
  ...(via === undefined ? {} : { context: { 'kms:ViaService': `${via}.eu-west-1.amazonaws.com` } }),
});

export const stackSetCourts: Court[] = [
  {
    name: 'the bucket of packages, whatever IAM allows',
    policies: { identity: [everything], resource: bucketPolicy },
    judged: [{ policy: bucketPolicy }],
    rows: [
      s3('OnlyEncryptedConnections', true, deployer, 'GetObject', packages),
      s3('OnlyEncryptedConnections', false, deployer, 'GetObject', packages, {
        'aws:SecureTransport': 'false',
      }),
      s3('OnlyCurrentTls', true, deployer, 'GetObject', packages, { 's3:TlsVersion': '1.2' }),
      s3('OnlyCurrentTls', false, deployer, 'GetObject', packages, { 's3:TlsVersion': '1.1' }),
      s3('ObjectsAreWrittenOnce', true, deployer, 'PutObject', packages, { 's3:if-none-match': '*' }),
      s3('ObjectsAreWrittenOnce', false, deployer, 'PutObject', packages),
      s3(
        'ObjectsAreWrittenOnce',
        true,
        deployer,
        'PutObject',
        `${bucketArn}/genesys-cloud-cfn/releases/1.json`,
      ),
      s3('OrganizationReads', true, member, 'GetObject', packages, inOrganization),
      s3('OrganizationReads', true, member, 'GetObjectVersion', packages, inOrganization),
      s3('OrganizationReads', false, member, 'GetObject', packages, { 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' }),
      s3('OrganizationReads', false, member, 'GetObject', `${bucketArn}/others/x`, inOrganization),
      s3('OrganizationReads', false, member, 'DeleteObject', packages, inOrganization),
      s3('ListedAccountsRead', true, reader, 'GetObject', packages),
      s3('ListedAccountsRead', false, member, 'GetObject', packages),
      s3('ListedAccountsRead', false, reader, 'GetObject', `${bucketArn}/others/x`),
      s3('ListedAccountsRead', false, reader, 'PutObject', packages, { 's3:if-none-match': '*' }),
    ],
  },
  {
    name: "the key of the OAuth client's secret, where IAM allows everything",
    policies: { identity: [everything], resource: keyPolicy },
    judged: [
      { policy: keyPolicy, sids: ['AccountAdministersAndDelegates', 'ProvidersOfOtherAccountsDecrypt'] },
    ],
    rows: [
      kms('AccountAdministersAndDelegates', true, deployer, 'PutKeyPolicy'),
      kms('AccountAdministersAndDelegates', false, reader, 'PutKeyPolicy'),
      kms('ProvidersOfOtherAccountsDecrypt', true, provider, 'Decrypt', 'secretsmanager'),
      kms('ProvidersOfOtherAccountsDecrypt', false, provider, 'Decrypt'),
      kms('ProvidersOfOtherAccountsDecrypt', false, provider, 'Decrypt', 's3'),
      kms('ProvidersOfOtherAccountsDecrypt', false, provider, 'Encrypt', 'secretsmanager'),
      kms('ProvidersOfOtherAccountsDecrypt', false, reader, 'Decrypt', 'secretsmanager'),
      kms('ProvidersOfOtherAccountsDecrypt', false, strangeProvider, 'Decrypt', 'secretsmanager'),
    ],
  },
  {
    name: "the key of the OAuth client's secret, where IAM allows nothing",
    policies: { resource: keyPolicy },
    judged: [{ policy: keyPolicy, sids: ['NamedAdministrators'] }],
    rows: [
      kms('NamedAdministrators', true, administrator, 'ScheduleKeyDeletion'),
      kms('NamedAdministrators', true, administrator, 'PutKeyPolicy'),
      kms('NamedAdministrators', false, administrator, 'Decrypt', 'secretsmanager'),
      kms('NamedAdministrators', false, deployer, 'ScheduleKeyDeletion'),
    ],
  },
  {
    name: "the OAuth client's secret, for other accounts",
    policies: { identity: [everything], resource: secretPolicy },
    judged: [{ policy: secretPolicy }],
    rows: [
      request('ProvidersOfOtherAccountsLogIn', true, provider, 'secretsmanager:GetSecretValue', oauthSecret),
      request('ProvidersOfOtherAccountsLogIn', false, provider, 'secretsmanager:PutSecretValue', oauthSecret),
      request('ProvidersOfOtherAccountsLogIn', false, reader, 'secretsmanager:GetSecretValue', oauthSecret),
      request(
        'ProvidersOfOtherAccountsLogIn',
        false,
        strangeProvider,
        'secretsmanager:GetSecretValue',
        oauthSecret,
      ),
    ],
  },
];
