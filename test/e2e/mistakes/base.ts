/**
 * The surroundings of the mistakes: the stack of a colleague, whose outputs the other stacks import, secrets,
 * and files in S3.
 */
import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { GenesysCloudServer, Seed } from '../../../local/genesys-cloud/index.ts';
import { contract, dataAction, integration } from '../../support/templates.ts';

export const ACCOUNT = '000000000000';
const GENESYS_ACCOUNT = '765628985471';

/** A text that no message may show. */
export const PASSWORD = 'kR7-not-for-the-eyes-of-anybody';

/** Ids of objects that were made by hand, and of none. */
export const NOBODY = '01234567-89ab-4cde-8f01-23456789abcd';
export const CLIENT_APP = 'aaaaaaaa-0000-4000-8000-000000000001';
export const WEBHOOK = 'aaaaaaaa-0000-4000-8000-000000000002';
export const OTHER_CONTRACT = 'custom_-_aaaaaaaa-0000-4000-8000-000000000004';
/** Organizations whose recordings are encrypted already. */
const WITH_KEY = 'bbbbbbbb-0000-4000-8000-000000000001';
const WITH_KEY_MANAGER = 'bbbbbbbb-0000-4000-8000-000000000002';

/** An output of the base, as other stacks import it. */
export const from = (output: string) => ({ 'Fn::ImportValue': `base-${output}` });

const role = (account: string, externalId: string, policies: object[] = []) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': externalId } },
        },
      ],
    },
    Policies: policies.map((Statement, index) => ({
      PolicyName: `policy-${index}`,
      PolicyDocument: { Version: '2012-10-17', Statement },
    })),
  },
});

const lambda = (code: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${ACCOUNT}:role/any`,
    Code: { ZipFile: `exports.handler = async (event) => { ${code} };` },
  },
});

/** A key whose policy has this statement for Genesys Cloud, with an alias that the provider may use. */
const key = (name: string, properties: object, statement: object[] = []) => ({
  [`${name}Key`]: {
    Type: 'AWS::KMS::Key',
    Properties: {
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
            Action: 'kms:*',
            Resource: '*',
          },
          ...statement,
        ],
      },
      ...properties,
    },
  },
  [`${name}Alias`]: {
    Type: 'AWS::KMS::Alias',
    Properties: {
      AliasName: `alias/genesys-cloud-${name.toLowerCase()}`,
      TargetKeyId: { Ref: `${name}Key` },
    },
  },
});

const forGenesys = (organization: string, Action: string[]) => ({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${GENESYS_ACCOUNT}:root` },
  Action,
  Resource: '*',
  Condition: {
    StringEquals: { 'kms:EncryptionContext:genesys-cloud-organization-id': organization },
  },
});
const NEEDED = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'];
export const aliasArn = (name: string, region = 'us-east-1', account = ACCOUNT) =>
  `arn:aws:kms:${region}:${account}:alias/genesys-cloud-${name}`;

/** Stacks of the mistakes have names that begin so. */
export const STACKS = 'mistake-*';

const attribute = (logicalId: string, name = 'Arn') => ({ 'Fn::GetAtt': [logicalId, name] });

/** The stack of a colleague. */
export function baseTemplate(organization: string, loginSecret: string): object {
  const invoke = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' };
  const Resources = {
    LookUp: lambda("return { found: true, name: 'Ada' };"),
    Broken: lambda("throw new Error('the database is away');"),
    Strict: lambda(
      "if (!/^\\d+$/.test(event?.orderId)) throw new Error('no number: ' + JSON.stringify(event)); return {};",
    ),
    Slow: lambda('await new Promise((done) => setTimeout(done, 4000)); return {};'),
    Role: role(GENESYS_ACCOUNT, organization, [invoke]),
    RoleWithoutInvoke: role(GENESYS_ACCOUNT, organization),
    RoleOfOtherAccount: role('111111111111', organization, [invoke]),
    RoleOfOtherOrganization: role(GENESYS_ACCOUNT, '11111111-2222-4333-8444-555555555555', [invoke]),
    ...key('Good', {}, [forGenesys(organization, NEEDED)]),
    ...key('Signing', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, [
      forGenesys(organization, NEEDED),
    ]),
    ...key('Disabled', { Enabled: false }, [forGenesys(organization, NEEDED)]),
    ...key('NoStatement', {}),
    ...key('OtherOrganization', {}, [forGenesys('11111111-2222-4333-8444-555555555555', NEEDED)]),
    ...key('EncryptOnly', {}, [forGenesys(organization, ['kms:Encrypt'])]),
    Shared: integration({
      Name: 'Shared',
      RoleArn: attribute('Role'),
      Enabled: true,
      SharedWith: [STACKS],
    }),
    SharedWithoutInvoke: integration({
      Name: 'Shared without invoke',
      RoleArn: attribute('RoleWithoutInvoke'),
      Enabled: true,
      SharedWith: [STACKS],
    }),
    Private: integration({ Name: 'Private', RoleArn: attribute('Role') }),
    LogsIn: {
      Type: 'Custom::GenesysAwsIntegration',
      Properties: {
        ...integration().Properties,
        Name: 'Logs in',
        RoleArn: { Ref: 'AWS::NoValue' },
        IntegrationType: 'custom-rest-actions',
        CredentialType: 'userDefinedOAuth',
        CredentialsSecretArn: loginSecret,
      },
    },
    Taken: dataAction({ IntegrationId: { Ref: 'Shared' }, Name: 'Taken' }),
  };
  const ids = ['Shared', 'SharedWithoutInvoke', 'Private', 'LogsIn', 'Taken'];
  const arns = [
    'LookUp',
    'Broken',
    'Strict',
    'Slow',
    'Role',
    'RoleWithoutInvoke',
    'RoleOfOtherAccount',
    'RoleOfOtherOrganization',
  ];
  const output = (name: string, Value: object) =>
    [name, { Value, Export: { Name: `base-${name}` } }] as const;
  return {
    Resources,
    Outputs: Object.fromEntries([
      ...ids.map((name) => output(name, { Ref: name })),
      ...arns.map((name) => output(name, attribute(name))),
      output('RoleName', { Ref: 'Role' }),
      output('FunctionName', { Ref: 'LookUp' }),
    ]),
  };
}

/** Secrets by a short name; OAuth secrets are those that the provider may log in with. */
export interface Secret {
  name: string;
  text?: string;
  binary?: Uint8Array;
  tagged?: boolean;
}

const login = (client: object) => JSON.stringify(client);

/** OAuth secrets, which the provider lists in AdditionalOAuthSecretArns. */
export const oauthSecrets = ({ clientId, clientSecret }: GenesysCloudServer): Record<string, string> => ({
  'no-json': `client_id=${clientId}`,
  'a-list': login([clientId, clientSecret]),
  'without-secret': login({ client_id: clientId }),
  'camel-case': login({ clientId, clientSecret }),
  'empty-id': login({ client_id: '', client_secret: clientSecret }),
  'wrong-password': login({ client_id: clientId, client_secret: PASSWORD }),
  'unknown-client': login({ client_id: '99999999-8888-4777-8666-555555555555', client_secret: PASSWORD }),
  'unknown-region': login({ client_id: clientId, client_secret: clientSecret, environment: 'ireland' }),
  ...Object.fromEntries(
    [...Object.keys(CLIENTS), 'with-key', 'with-key-manager'].map((name) => [
      name,
      login({ client_id: name, client_secret: PASSWORD }),
    ]),
  ),
});

/** OAuth clients with too few permissions. */
export const CLIENTS: Record<string, string[]> = {
  'may-only-read': ['integrations:integration:view', 'integrations:action:view'],
  'may-not-execute': [
    'integrations:integration:*',
    'integrations:action:view',
    'integrations:action:add',
    'integrations:action:edit',
    'integrations:action:delete',
  ],
  'may-not-see-flows': ['integrations:*:*'],
  'may-nothing': ['telephony:plugin:all'],
};

/** Objects that people made in Genesys Cloud. @param shared id of the integration Shared */
export const madeByHand = (shared: string): Seed => ({
  organizations: [{ id: WITH_KEY }, { id: WITH_KEY_MANAGER }],
  clients: [
    ...Object.entries(CLIENTS).map(([id, permissions]) => ({ id, secret: PASSWORD, permissions })),
    { id: 'with-key', secret: PASSWORD, organizationId: WITH_KEY },
    { id: 'with-key-manager', secret: PASSWORD, organizationId: WITH_KEY_MANAGER },
  ],
  integrations: [
    { id: CLIENT_APP, name: 'App', typeId: 'embedded-client-app' },
    { id: WEBHOOK, name: 'Hook', typeId: 'webhook' },
  ],
  actions: [
    { name: 'By hand', integrationId: shared },
    { name: 'Twin', integrationId: shared },
    { name: 'Twin', integrationId: shared },
    { id: OTHER_CONTRACT, name: 'Other contract', integrationId: shared },
  ],
  keyConfigurations: [
    { organizationId: WITH_KEY, url: aliasArn('former'), keyConfigurationType: 'KmsSymmetric' },
    {
      organizationId: WITH_KEY_MANAGER,
      url: 'https://keys.example.com',
      keyConfigurationType: 'LocalKeyManager',
    },
  ],
});

/** Secrets of web-services credentials and definitions. */
export const SECRETS: Record<string, Secret> = {
  'logs-in': { name: '/genesys/credentials/logs-in', text: login({ token: PASSWORD }), tagged: true },
  good: { name: '/genesys/credentials/good', text: login({ token: PASSWORD }), tagged: true },
  'credential-text': { name: '/genesys/credentials/text', text: PASSWORD, tagged: true },
  'credential-list': { name: '/genesys/credentials/list', text: login([PASSWORD]), tagged: true },
  'credential-empty': { name: '/genesys/credentials/empty', text: '{}', tagged: true },
  'credential-number': {
    name: '/genesys/credentials/number',
    text: login({ userName: 'ada', password: 12345678 }),
    tagged: true,
  },
  'credential-extra': {
    name: '/genesys/credentials/extra',
    text: login({ userName: 'ada', password: PASSWORD, tenant: 'x' }),
    tagged: true,
  },
  'credential-misspelt': {
    name: '/genesys/credentials/misspelt',
    text: login({ user: 'ada', pass: PASSWORD }),
    tagged: true,
  },
  'credential-untagged': { name: '/genesys/credentials/untagged', text: login({ token: PASSWORD }) },
  'credential-binary': { name: '/genesys/credentials/binary', binary: Buffer.from(PASSWORD), tagged: true },
};

/** Makes a secret; answers its ARN. */
export async function makeSecret(
  url: string,
  { name, text, binary, tagged = false }: Secret,
): Promise<string> {
  const client = new SecretsManagerClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { ARN = '' } = await client.send(
    new CreateSecretCommand({
      Name: name,
      ...(text === undefined ? { SecretBinary: binary } : { SecretString: text }),
      Tags: tagged ? [{ Key: 'genesys-cloud-cfn:stacks', Value: `base ${STACKS.replace('*', '@')}` }] : [],
    }),
  );
  return ARN;
}

const exported = {
  name: 'Get order',
  integrationType: 'aws-lambda-data-actions',
  actionType: 'custom',
  category: 'Orders',
  contract: { input: { inputSchema: contract.Input }, output: { successSchema: contract.Output } },
  config: {
    request: {
      requestUrlTemplate: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`,
      requestType: 'POST',
      requestTemplate: '${input.rawRequest}',
    },
  },
};

/** Files of definitions in S3, by key below `definitions/`. */
const FILES: Record<string, string | Uint8Array> = {
  'good.json': JSON.stringify(exported),
  'large.json': JSON.stringify({ ...exported, padding: 'x'.repeat(300_000) }),
  'utf-16.json': Buffer.from(JSON.stringify(exported), 'utf16le'),
  'not.json': 'name: Get order\ncategory: Orders\n',
  'list.json': JSON.stringify([exported]),
  'package.json': JSON.stringify({ name: 'orders', version: '1.0.0' }),
  'of-the-api.json': JSON.stringify({
    ...exported,
    config: {
      request: {
        ...exported.config.request,
        requestTemplate: undefined,
        requestTemplateUri: 'requesttemplate.vm',
      },
    },
  }),
  'custom-auth.json': JSON.stringify({ ...exported, actionType: 'customAuth' }),
  'function.json': JSON.stringify({ ...exported, integrationType: 'function-data-actions' }),
};

/** The checksum of a file, for a Definition. */
export const sha256 = (name: string) =>
  createHash('sha256')
    .update(FILES[name] ?? '')
    .digest('hex');

export async function putFiles(url: string, bucket: string): Promise<void> {
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const [name, Body] of Object.entries(FILES))
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `definitions/${name}`, Body }));
}
