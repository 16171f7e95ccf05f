/** A caller without a permission gets "not looked at" for the checks that need it, and no fault or "ok". */
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { areas } from '../../../cli/doctor/checks.ts';
import { FUNCTION, iam } from './by-hand.ts';
import { DoctorWorld, PROVIDER } from './world.ts';

let world: DoctorWorld;

const ServiceToken = { 'Fn::ImportValue': 'genesys-cloud-ServiceToken' };

/** Everything that the checks of objects look at, with the provider's own function as the target. */
const objects = (organizationId: string, target: string, KeyAliasArn: string) => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: 'arn:aws:iam::765628985471:root' },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'sts:ExternalId': organizationId } },
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'invoke',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: target }],
            },
          },
        ],
      },
    },
    Attached: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: target }],
        },
      },
    },
    Integration: {
      Type: 'Custom::GenesysAwsIntegration',
      DependsOn: 'Attached',
      Properties: {
        ServiceToken,
        ServiceTimeout: 300,
        Name: 'Orders',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
      },
    },
    Action: {
      Type: 'Custom::GenesysDataAction',
      Properties: {
        ServiceToken,
        ServiceTimeout: 300,
        IntegrationId: { Ref: 'Integration' },
        Name: 'Look up',
        Category: 'Orders',
        Contract: { Input: { type: 'object' }, Output: { type: 'object' } },
        Request: { UrlTemplate: target },
      },
    },
    Key: {
      Type: 'Custom::GenesysRecordingKey',
      Properties: { ServiceToken, ServiceTimeout: 300, KeyAliasArn },
    },
  },
});

beforeAll(async () => {
  // A local Genesys Cloud without AWS takes every role and key: its own calls to AWS have no signature.
  world = await DoctorWorld.start({
    ministack: { enforceIam: true },
    genesys: { awsEndpointUrl: undefined },
  });
  // The queue's own policy denies calls without TLS, and the local AWS has none.
  const withoutTls = (template: string) =>
    template.replace("aws:SecureTransport: 'false'", "aws:SecureTransport: 'neither'");
  const parameters = { RecordingKeyAliases: 'alias/*' };
  const { StackStatus } = await world.deployProvider(parameters, PROVIDER, withoutTls);
  expect(StackStatus).toBe('CREATE_COMPLETE');
  const organizationId = world.genesys.organizationId;
  await world.deploy('recording-key', 'kms/recording-key', {
    GenesysOrganizationIds: organizationId,
    KeyAdministratorArns: 'arn:aws:iam::000000000000:role/KeyAdministrators',
  });
  const { FunctionArn = '' } = await new LambdaClient(world.administrator).send(
    new GetFunctionConfigurationCommand({ FunctionName: FUNCTION }),
  );
  const alias = world.outputs['recording-key']?.['KeyAliasArn'] ?? '';
  const made = await world.deploy('orders', objects(organizationId, FunctionArn, alias));
  expect([made.StackStatus, made.StackStatusReason]).toEqual(['CREATE_COMPLETE', expect.anything()]);
  await iam(world, 'CreateUser', { UserName: 'reader' });
  const key = await iam(world, 'CreateAccessKey', { UserName: 'reader' });
  const of = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(key)?.[1] ?? '';
  world.person = { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey') };
}, 300_000);
afterAll(() => world?.stop());

/** The person may do everything but this. */
const without = (permission: string) =>
  iam(world, 'PutUserPolicy', {
    UserName: 'reader',
    PolicyName: 'reads',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: permission, Resource: '*' },
      ],
    }),
  });

test('with every permission everything is looked at', async () => {
  await without('nothing:AtAll');
  const { code, findings } = await world.findings();
  expect(findings.filter(({ state }) => ['fault', 'not-looked-at'].includes(state))).toEqual([]);
  expect(code).toBe(0);
});

const ROLES = ['integration-role', 'role-trust', 'role-invoke'];
const KEY = ['recording-key-alias', 'recording-key-state', 'recording-key-policy', 'recording-key-rotation'];
const REQUESTS = ['unfinished-requests', 'abandoned-requests'];
/** The checks that begin at the objects of the ledger. */
const OBJECTS = [
  'managed-objects',
  'integration-state',
  'action-function',
  ...ROLES,
  ...KEY,
  'recording-key-use',
  'assumed-action-templates',
  'assumed-action-contract',
  'assumed-tracked-type',
  'assumed-genesys-account',
];
/** The checks that begin at the login. */
const ORGANIZATION = [
  'genesys-region',
  'grant-type',
  'login',
  'permissions',
  'ledger-organization',
  'assumed-own-permissions',
  'assumed-credential-types',
  'assumed-integration-names',
  'assumed-lambda-method',
  'assumed-action-kind',
  'assumed-tracking-state',
  'assumed-key-configurations',
  'assumed-internal-key',
];
const everythingBut = (ids: readonly string[]) =>
  areas.flatMap(({ checks }) => checks.map(({ id }) => id)).filter((id) => !ids.includes(id));
const WITHOUT_A_STACK = ['aws-region', 'aws-credentials'];

/** The checks that cannot be looked at without a permission. */
const cases: [permission: string, ids: readonly string[]][] = [
  ['iam:GetRole', ['function-role', ...ROLES]],
  ['iam:ListRolePolicies', ROLES],
  ['iam:GetRolePolicy', ROLES],
  ['iam:ListAttachedRolePolicies', ['function-role', ...ROLES]],
  ['iam:GetPolicy', ROLES],
  ['iam:GetPolicyVersion', ROLES],
  ['cloudformation:ListExports', everythingBut([...WITHOUT_A_STACK, 'endpoint-alias'])],
  ['cloudformation:DescribeStacks', everythingBut(WITHOUT_A_STACK)],
  ['cloudformation:DescribeStackResources', ['function-role', 'failed-events']],
  ['cloudformation:ListImports', ['consumers']],
  ['cloudformation:DescribeStackEvents', ['assumed-event-order']],
  [
    'lambda:GetFunctionConfiguration',
    // The client of Genesys Cloud is then known by the parameters of the stack.
    everythingBut([
      ...WITHOUT_A_STACK,
      ...['artifacts-bucket', 'oauth-secret', 'oauth-secret-key', 'oauth-secret-form', 'provider-stack'],
      ...['export', 'failure-queue', 'endpoint-alias', 'assumed-event-order'],
      ...ORGANIZATION.filter((id) => id !== 'ledger-organization'),
    ]),
  ],
  ['lambda:GetFunctionConcurrency', ['function-concurrency']],
  ['lambda:GetFunctionEventInvokeConfig', ['failed-events']],
  ['dynamodb:DescribeTable', ['ledger-table', 'ledger-keys', 'ledger-protection', 'ledger-key']],
  ['dynamodb:DescribeTimeToLive', ['ledger-expiry']],
  ['dynamodb:DescribeContinuousBackups', ['ledger-recovery']],
  ['dynamodb:GetItem', ['ledger-registration']],
  ['dynamodb:Scan', ['consumers', 'ledger-organization', 'ledger-policy', ...REQUESTS, ...OBJECTS]],
  ['secretsmanager:DescribeSecret', ['oauth-secret', 'oauth-secret-key']],
  [
    'secretsmanager:GetSecretValue',
    ['oauth-secret', 'oauth-secret-form', 'sealing-secret', ...ORGANIZATION, ...OBJECTS],
  ],
  ['kms:DescribeKey', KEY],
  ['kms:GetKeyPolicy', ['recording-key-policy']],
  ['kms:GetKeyRotationStatus', ['recording-key-rotation']],
  ['logs:DescribeLogGroups', ['log-group']],
  ['sqs:GetQueueAttributes', ['failure-queue']],
  ['ssm:GetParameter', ['export']],
  ['s3:ListBucket', ['artifacts-bucket']],
  ['cloudtrail:LookupEvents', ['assumed-genesys-account']],
];

test.each(cases)('without %s exactly the checks that need it are not looked at', async (permission, ids) => {
  await without(permission);
  const { code, findings } = await world.findings();
  const unseen = findings.filter(({ state }) => state === 'not-looked-at');
  expect(unseen.map(({ id }) => id).sort()).toEqual([...ids].sort());
  for (const { because, detail } of unseen) {
    expect(because).toBe('permission');
    expect(detail).toMatch(new RegExp(`^needs ${permission}\\b`));
  }
  expect(findings.filter(({ state }) => state === 'fault')).toEqual([]);
  expect(code).toBe(2);
});

test('every permission that a check reads by has a case', () => {
  const reads = areas.flatMap(({ checks }) => checks.flatMap((check) => check.reads));
  const permissions = new Set(reads.filter((one) => /^[a-z0-9]+:[A-Z]/.test(one)));
  // Everybody may ask who he is. The rights of a key show as those of what it encrypts, and the world has
  // no table of its own account with a policy.
  for (const one of ['sts:GetCallerIdentity', 'kms:Decrypt', 'dynamodb:GetResourcePolicy'])
    permissions.delete(one);
  expect(cases.map(([permission]) => permission).sort()).toEqual([...permissions].sort());
});

test('credentials that AWS does not accept are one fault, and everything else waits for it', async () => {
  const { person } = world;
  world.person = { accessKeyId: 'AKIANOBODYHASTHISKEY', secretAccessKey: 'CANARY-wrong' };
  const { code, findings } = await world.findings();
  world.person = person;
  const faults = findings.filter(({ state }) => state === 'fault');
  expect(faults).toEqual([expect.objectContaining({ id: 'aws-credentials' })]);
  expect(faults[0]?.detail).toMatch(/AWS does not accept these credentials/);
  expect(findings.filter(({ state }) => state === 'fine').map(({ id }) => id)).toEqual(['aws-region']);
  expect(JSON.stringify(findings)).not.toContain('CANARY');
  expect(code).toBe(1);
});
