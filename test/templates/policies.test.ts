/**
 * Every policy of every template, judged by an implementation of IAM's evaluation. Each statement is asked for what it
 * grants (or denies) and for what lies just beside it, and taking it away changes an answer.
 */
import { allows, type Policies, type Request } from './judge.ts';
import { type Resolved, resolve } from './resolve.ts';
import {
  account,
  administrator,
  apiMethod,
  customerFunction,
  genesysAccount,
  keyArn,
  keyId,
  oauthSecret,
  organization,
  otherOauthSecret,
  otherOrganization,
  scenarios,
} from './scenarios.ts';
import { type Json, type JsonObject, readTemplate, templateFiles, templateText } from './template.ts';

/** Resolves with ARNs in place of references, as the policies will hold them. */
function deployed(
  file: string,
  variation: Record<string, string>,
  attributes: Record<string, string> = {},
): Resolved {
  return resolve(
    readTemplate(file),
    { ...scenarios[file]?.base, ...variation },
    { attributes: (id, attribute) => attributes[attribute === undefined ? id : `${id}.${attribute}`] },
  );
}

/** The policy document among a resource's properties, such as PolicyDocument or KeyPolicy. */
function document({ Resources }: Resolved, id: string, property = 'PolicyDocument'): JsonObject {
  const policy = Resources[id]?.Properties?.[property];
  if (policy === undefined) throw new Error(`${id} has no ${property}`);
  return policy as JsonObject;
}

interface Row extends Request {
  /** Policy of the resource, where it matters and is not itself under judgement. */
  resourcePolicy?: JsonObject;
  /** The statement that the question is about. */
  statement: string;
  allowed: boolean;
}

const statementsOf = (policy: JsonObject) => policy['Statement'] as JsonObject[];
const sidsOf = (policy: JsonObject) =>
  statementsOf(policy).map((statement, i) => String(statement['Sid'] ?? i + 1));

interface Court {
  name: string;
  /** Policies under judgement. */
  policies: Policies;
  /** Which of them have to be asked about, statement by statement; without `sids` all of their statements. */
  judged: { policy: JsonObject; sids?: string[] }[];
  /** Account of the resources. */
  owner?: string;
  rows: Row[];
}

const region = 'eu-west-1';
const arn = (service: string, resource: string, where = region, owner = account) =>
  `arn:aws:${service}:${where}:${owner}:${resource}`;
const everything: JsonObject = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }],
};
const genesysRole = `arn:aws:iam::${genesysAccount}:role/some-role-of-genesys`;
const strangerRole = 'arn:aws:iam::999988887777:role/stranger';
const deployer = `arn:aws:iam::${account}:role/deployer`;

// ---- provider.yaml ----

const providerRole = `arn:aws:iam::${account}:role/provider`;
const provider = deployed(
  'provider.yaml',
  {
    ...scenarios['provider.yaml']?.variations['every option'],
    ...scenarios['provider.yaml']?.variations['in a VPC'],
  },
  {
    'LogGroup.Arn': arn('logs', 'log-group:provider:*'),
    'FailureQueue.Arn': arn('sqs', 'genesys-cloud-provider-failures'),
  },
);
const providerPolicies = Object.entries(provider.Resources)
  .filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy')
  .map(([id]) => document(provider, id));
const ledger = arn('dynamodb', 'table/genesys-cloud-ledger');
const p = (statement: string, allowed: boolean, action: string, resource: string, context = {}): Row => ({
  statement,
  allowed,
  principal: providerRole,
  action,
  resource,
  context,
  ...(action.startsWith('kms:') ? { resourcePolicy: ordinaryKey } : {}),
});
/** A key whose policy leaves its use to the IAM policies of the account, as AWS makes it. */
const ordinaryKey: JsonObject = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
  ],
};
const viaSecrets = { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' };
const viaS3 = { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' };
const viaDynamo = { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' };
const itself = { 'lambda:SourceFunctionArn': arn('lambda', 'function:genesys-cloud-provider') };

const courts: Court[] = [
  {
    name: "the provider's role",
    policies: { identity: providerPolicies },
    judged: providerPolicies.map((policy) => ({ policy })),
    rows: [
      p('WriteOwnLogs', true, 'logs:PutLogEvents', arn('logs', 'log-group:provider:log-stream:one')),
      p('WriteOwnLogs', true, 'logs:CreateLogStream', arn('logs', 'log-group:provider:log-stream:one')),
      p('WriteOwnLogs', false, 'logs:PutLogEvents', arn('logs', 'log-group:others:log-stream:one')),
      p('WriteOwnLogs', false, 'logs:CreateLogGroup', arn('logs', 'log-group:provider')),
      p('LogIn', true, 'secretsmanager:GetSecretValue', oauthSecret),
      p('LogIn', false, 'secretsmanager:GetSecretValue', oauthSecret.replace('credentials', 'others')),
      p('LogIn', false, 'secretsmanager:PutSecretValue', oauthSecret),
      p('LogInWithFurtherClients', true, 'secretsmanager:GetSecretValue', otherOauthSecret),
      p(
        'LogInWithFurtherClients',
        false,
        'secretsmanager:GetSecretValue',
        otherOauthSecret.replace('test', 'prod'),
      ),
      p('LogInWithFurtherClients', false, 'secretsmanager:DeleteSecret', otherOauthSecret),
      p(
        'ReadCredentialsAndDefinitions',
        true,
        'secretsmanager:GetSecretValue',
        arn('secretsmanager', 'secret:/genesys/credentials/crm-AbCdEf'),
      ),
      p(
        'ReadCredentialsAndDefinitions',
        true,
        'secretsmanager:DescribeSecret',
        arn('secretsmanager', 'secret:/genesys/credentials/crm-AbCdEf'),
      ),
      p(
        'ReadCredentialsAndDefinitions',
        true,
        'secretsmanager:GetSecretValue',
        arn('secretsmanager', 'secret:/genesys/definitions/a-AbCdEf'),
      ),
      p(
        'ReadCredentialsAndDefinitions',
        false,
        'secretsmanager:GetSecretValue',
        arn('secretsmanager', 'secret:/payroll-AbCdEf'),
      ),
      p(
        'ReadCredentialsAndDefinitions',
        false,
        'secretsmanager:GetSecretValue',
        arn('secretsmanager', 'secret:/genesys/credentials/crm-AbCdEf', region, '999988887777'),
      ),
      p('ReadCredentialsAndDefinitions', false, 'secretsmanager:ListSecrets', '*'),
      p('KeepLedger', true, 'dynamodb:GetItem', ledger),
      p('KeepLedger', true, 'dynamodb:PutItem', ledger),
      p('KeepLedger', true, 'dynamodb:UpdateItem', ledger),
      p('KeepLedger', true, 'dynamodb:DeleteItem', ledger),
      p('KeepLedger', true, 'dynamodb:ConditionCheckItem', ledger),
      p('KeepLedger', false, 'dynamodb:Scan', ledger),
      p('KeepLedger', false, 'dynamodb:DeleteTable', ledger),
      p('KeepLedger', false, 'dynamodb:GetItem', arn('dynamodb', 'table/others')),
      p('AskForStacks', true, 'cloudformation:DescribeStacks', arn('cloudformation', 'stack/demo/0')),
      p('AskForStacks', true, 'cloudformation:DescribeStackResources', arn('cloudformation', 'stack/demo/0')),
      p(
        'AskForStacks',
        false,
        'cloudformation:DescribeStacks',
        arn('cloudformation', 'stack/demo/0', 'us-east-1'),
      ),
      p('AskForStacks', false, 'cloudformation:DeleteStack', arn('cloudformation', 'stack/demo/0')),
      p('KeepFailedInvocations', true, 'sqs:SendMessage', arn('sqs', 'genesys-cloud-provider-failures')),
      p('KeepFailedInvocations', false, 'sqs:SendMessage', arn('sqs', 'others')),
      p('KeepFailedInvocations', false, 'sqs:ReceiveMessage', arn('sqs', 'genesys-cloud-provider-failures')),
      p('DecryptSecrets', true, 'kms:Decrypt', keyArn, viaSecrets),
      p('DecryptSecrets', false, 'kms:Decrypt', keyArn),
      p(
        'DecryptSecrets',
        false,
        'kms:Decrypt',
        keyArn.replace(keyId, '00000000-0000-0000-0000-000000000000'),
        viaSecrets,
      ),
      p('UseLedgerKey', true, 'kms:GenerateDataKey', keyArn, viaDynamo),
      p('UseLedgerKey', true, 'kms:Encrypt', keyArn, viaDynamo),
      p('UseLedgerKey', false, 'kms:Encrypt', keyArn),
      p('UseLedgerKey', false, 'kms:GenerateDataKey', keyArn, {
        'kms:ViaService': 's3.eu-west-1.amazonaws.com',
      }),
      p('ReadDefinitions', true, 's3:GetObject', 'arn:aws:s3:::definitions/actions/a.json'),
      p('ReadDefinitions', true, 's3:GetObjectVersion', 'arn:aws:s3:::definitions/actions/a.json'),
      p('ReadDefinitions', false, 's3:GetObject', 'arn:aws:s3:::definitions/others/a.json'),
      p('ReadDefinitions', false, 's3:PutObject', 'arn:aws:s3:::definitions/actions/a.json'),
      p('DecryptDefinitions', true, 'kms:Decrypt', keyArn, viaS3),
      p('DecryptDefinitions', false, 'kms:Decrypt', keyArn),
      p('DecryptDefinitions', false, 'kms:GenerateDataKey', keyArn, viaS3),
      p('LookAtRecordingKeys', true, 'kms:DescribeKey', arn('kms', `key/${keyId}`, 'us-east-1')),
      p('LookAtRecordingKeys', true, 'kms:GetKeyPolicy', keyArn),
      p('LookAtRecordingKeys', false, 'kms:PutKeyPolicy', keyArn),
      p('LookAtRecordingKeys', false, 'kms:DescribeKey', arn('kms', `key/${keyId}`, region, '999988887777')),
      p(
        'ManageInterfaces',
        true,
        'ec2:CreateNetworkInterface',
        arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa'),
      ),
      p(
        'ManageInterfaces',
        true,
        'ec2:DeleteNetworkInterface',
        arn('ec2', 'network-interface/eni-0aaaaaaaaaaaaaaaa'),
      ),
      p(
        'ManageInterfaces',
        false,
        'ec2:CreateNetworkInterface',
        arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa', 'us-east-1'),
      ),
      p('DescribeInterfaces', true, 'ec2:DescribeNetworkInterfaces', '*'),
      p('DescribeInterfaces', false, 'ec2:DescribeInstances', '*'),
      p('NotFromTheFunctionItself', true, 'ec2:DescribeSubnets', '*'),
      p('NotFromTheFunctionItself', false, 'ec2:DescribeSubnets', '*', itself),
      p(
        'NotFromTheFunctionItself',
        false,
        'ec2:CreateNetworkInterface',
        arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa'),
        itself,
      ),
    ],
  },
  {
    name: "the trust of the provider's role",
    policies: { resource: document(provider, 'ProviderRole', 'AssumeRolePolicyDocument') },
    judged: [{ policy: document(provider, 'ProviderRole', 'AssumeRolePolicyDocument') }],
    rows: [
      {
        statement: '1',
        allowed: true,
        principal: 'lambda.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: providerRole,
      },
      {
        statement: '1',
        allowed: false,
        principal: 'ec2.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: providerRole,
      },
    ],
  },
  {
    name: 'the queue of failures',
    policies: { identity: [everything], resource: document(provider, 'FailureQueuePolicy') },
    judged: [{ policy: document(provider, 'FailureQueuePolicy') }],
    rows: [true, false].map((encrypted) => ({
      statement: 'OnlyEncryptedConnections',
      allowed: encrypted,
      principal: deployer,
      action: 'sqs:ReceiveMessage',
      resource: arn('sqs', 'genesys-cloud-provider-failures'),
      context: { 'aws:SecureTransport': String(encrypted) },
    })),
  },
];

// ---- iam/data-action-role.yaml and examples/quickstart.yaml ----

const actionRole = `arn:aws:iam::${account}:role/data-actions`;
const assume = (principal: string, allowed: boolean, context: Record<string, string>): Row => ({
  statement: 'GenesysCloudForThisOrganization',
  allowed,
  principal,
  action: 'sts:AssumeRole',
  resource: actionRole,
  context,
});
const invoke = (statement: string, allowed: boolean, action: string, resource: string): Row => ({
  statement,
  allowed,
  principal: actionRole,
  action,
  resource,
});
for (const [file, variation] of [
  [
    'iam/data-action-role.yaml',
    scenarios['iam/data-action-role.yaml']?.variations['alias, API method and boundary'],
  ],
  ['examples/quickstart.yaml', {}],
] as const) {
  const stack = deployed(file, variation ?? {}, {
    'CustomerFunction.Arn': customerFunction,
    'CustomerFunctionLogs.Arn': arn('logs', 'log-group:customers:*'),
  });
  const trust = document(stack, 'DataActionRole', 'AssumeRolePolicyDocument');
  courts.push({
    name: `the trust of the role in ${file}`,
    policies: { identity: [everything], resource: trust },
    judged: [{ policy: trust }],
    rows: [
      assume(genesysRole, true, { 'sts:ExternalId': organization }),
      assume(genesysRole, false, { 'sts:ExternalId': otherOrganization }),
      assume(genesysRole, false, {}),
      assume(strangerRole, false, { 'sts:ExternalId': organization }),
      assume(deployer, false, { 'sts:ExternalId': organization }),
    ],
  });
  const policies = Object.keys(stack.Resources)
    .filter((id) => ['InvokePolicy', 'ApiPolicy'].includes(id))
    .map((id) => document(stack, id));
  courts.push({
    name: `the permissions of the role in ${file}`,
    policies: { identity: policies },
    judged: policies.map((policy) => ({ policy })),
    rows:
      file === 'examples/quickstart.yaml'
        ? [
            invoke('InvokeNamedFunction', true, 'lambda:InvokeFunction', customerFunction),
            invoke('InvokeNamedFunction', false, 'lambda:InvokeFunction', `${customerFunction}-2`),
            invoke('InvokeNamedFunction', false, 'lambda:UpdateFunctionCode', customerFunction),
          ]
        : [
            invoke('InvokeNamedFunctions', true, 'lambda:InvokeFunction', `${customerFunction}:live`),
            invoke('InvokeNamedFunctions', true, 'lambda:InvokeFunction', `${customerFunction}-2`),
            invoke('InvokeNamedFunctions', false, 'lambda:InvokeFunction', `${customerFunction}:test`),
            invoke('InvokeNamedFunctions', false, 'lambda:InvokeFunction', customerFunction),
            invoke('InvokeNamedFunctions', false, 'lambda:GetFunction', `${customerFunction}:live`),
            invoke('InvokeNamedMethod', true, 'execute-api:Invoke', apiMethod),
            invoke('InvokeNamedMethod', false, 'execute-api:Invoke', apiMethod.replace('POST', 'DELETE')),
            invoke('InvokeNamedMethod', false, 'execute-api:Invoke', apiMethod.replace('/prod/', '/test/')),
          ],
  });
  if (file !== 'examples/quickstart.yaml') continue;
  courts.push({
    name: `the function's role in ${file}`,
    policies: { identity: [document(stack, 'CustomerFunctionPolicy')] },
    judged: [{ policy: document(stack, 'CustomerFunctionPolicy') }],
    rows: [
      invoke('WriteOwnLogs', true, 'logs:PutLogEvents', arn('logs', 'log-group:customers:log-stream:one')),
      invoke('WriteOwnLogs', false, 'logs:PutLogEvents', arn('logs', 'log-group:others:log-stream:one')),
    ],
  });
  const functionTrust = document(stack, 'CustomerFunctionRole', 'AssumeRolePolicyDocument');
  courts.push({
    name: `the trust of the function's role in ${file}`,
    policies: { resource: functionTrust },
    judged: [{ policy: functionTrust }],
    rows: [
      {
        statement: '1',
        allowed: true,
        principal: 'lambda.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: actionRole,
      },
      {
        statement: '1',
        allowed: false,
        principal: 'events.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: actionRole,
      },
    ],
  });
}

// ---- kms/ ----

const recordingKeys = (file: string, variation: Record<string, string>) =>
  document(deployed(file, variation), 'RecordingKey', 'KeyPolicy');
const twoOrganizations = { GenesysOrganizationIds: `${organization},${otherOrganization}` };
const k = (statement: string, allowed: boolean, principal: string, action: string, id?: string): Row => ({
  statement,
  allowed,
  principal,
  action: `kms:${action}`,
  resource: keyArn,
  ...(id === undefined ? {} : { context: { 'kms:EncryptionContext:genesys-cloud-organization-id': id } }),
});
/** Nobody of this account can use the key, with whatever IAM policies. */
const unusable = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'ReEncryptFrom', 'CreateGrant'];
const genesysCloud = 'GenesysCloudUsesItForTheseOrganizations';

for (const file of ['kms/recording-key.yaml', 'kms/recording-key-replica.yaml']) {
  const policy = recordingKeys(file, twoOrganizations);
  courts.push({
    name: `the key policy of ${file}, with every IAM policy allowing everything`,
    policies: { identity: [everything], resource: policy },
    judged: [{ policy, sids: [genesysCloud, 'AccountManagesByIam'] }],
    rows: [
      k(genesysCloud, true, genesysRole, 'Encrypt', organization),
      k(genesysCloud, true, genesysRole, 'Decrypt', organization),
      k(genesysCloud, true, genesysRole, 'GenerateDataKey', otherOrganization),
      k(genesysCloud, true, genesysRole, 'GenerateDataKeyPairWithoutPlaintext', otherOrganization),
      k(genesysCloud, false, genesysRole, 'Decrypt', '99999999-0000-4000-8000-000000000000'),
      k(genesysCloud, false, genesysRole, 'Decrypt'),
      k(genesysCloud, false, genesysRole, 'ReEncryptFrom', organization),
      k(genesysCloud, false, genesysRole, 'PutKeyPolicy'),
      k(genesysCloud, false, genesysRole, 'ScheduleKeyDeletion'),
      k(genesysCloud, false, strangerRole, 'Decrypt', organization),
      k('AccountManagesByIam', true, deployer, 'PutKeyPolicy'),
      k('AccountManagesByIam', true, deployer, 'DescribeKey'),
      k('AccountManagesByIam', true, deployer, 'UpdateAlias'),
      k('AccountManagesByIam', true, deployer, 'ReplicateKey'),
      k('AccountManagesByIam', false, deployer, 'EnableKey'),
      k('AccountManagesByIam', false, deployer, 'DisableKey'),
      k('AccountManagesByIam', false, deployer, 'ScheduleKeyDeletion'),
      k('AccountManagesByIam', false, deployer, 'CancelKeyDeletion'),
      k('AccountManagesByIam', false, strangerRole, 'DescribeKey'),
      ...unusable.map((action) => k('AccountManagesByIam', false, deployer, action, organization)),
      ...unusable.map((action) => k('AccountManagesByIam', false, administrator, action, organization)),
    ],
  });
  courts.push({
    name: `the key policy of ${file}, for administrators without an IAM policy`,
    policies: { identity: [], resource: policy },
    judged: [{ policy, sids: ['AdministratorsAdminister'] }],
    rows: [
      k('AdministratorsAdminister', true, administrator, 'PutKeyPolicy'),
      k('AdministratorsAdminister', true, administrator, 'CancelKeyDeletion'),
      k('AdministratorsAdminister', true, administrator, 'EnableKey'),
      k('AdministratorsAdminister', true, administrator, 'DisableKey'),
      k('AdministratorsAdminister', true, administrator, 'ScheduleKeyDeletion'),
      ...unusable.map((action) => k('AdministratorsAdminister', false, administrator, action, organization)),
      k('AdministratorsAdminister', false, deployer, 'PutKeyPolicy'),
    ],
  });
  const loosened = {
    ...policy,
    Statement: [...statementsOf(policy), ...statementsOf(ordinaryKey)],
  };
  courts.push({
    name: `the key policy of ${file}, loosened to what AWS makes by itself`,
    policies: { identity: [everything], resource: loosened },
    judged: [{ policy: loosened, sids: ['OnlyAdministratorsEndIt'] }],
    rows: [
      k('OnlyAdministratorsEndIt', false, deployer, 'ScheduleKeyDeletion'),
      k('OnlyAdministratorsEndIt', false, deployer, 'DisableKey'),
      k('OnlyAdministratorsEndIt', false, `arn:aws:iam::${account}:root`, 'ScheduleKeyDeletion'),
      k('OnlyAdministratorsEndIt', true, administrator, 'ScheduleKeyDeletion'),
      k('OnlyAdministratorsEndIt', true, administrator, 'DisableKey'),
      k('OnlyAdministratorsEndIt', true, deployer, 'PutKeyPolicy'),
      k('OnlyAdministratorsEndIt', true, deployer, 'EnableKey'),
    ],
  });
  const killed = recordingKeys(file, { ...twoOrganizations, GenesysCloudAccess: 'Denied' });
  courts.push({
    name: `the key policy of ${file} after the kill switch`,
    policies: { identity: [everything], resource: killed },
    judged: [{ policy: killed, sids: ['KillSwitch'] }],
    rows: [
      k('KillSwitch', false, genesysRole, 'Decrypt', organization),
      k('KillSwitch', false, genesysRole, 'Encrypt', organization),
      k('KillSwitch', false, genesysRole, 'GenerateDataKey', otherOrganization),
      k('KillSwitch', true, deployer, 'PutKeyPolicy'),
      k('KillSwitch', true, administrator, 'PutKeyPolicy'),
    ],
  });
}

// ---- network/ ----

const anybody: JsonObject = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: '*', Resource: '*' }],
};
const anybodyAssumes: JsonObject = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
};
const vpc = deployed('network/vpc.yaml', {}, { 'FlowLogGroup.Arn': arn('logs', 'log-group:flows:*') });
const through = (
  statement: string,
  allowed: boolean,
  principal: string,
  action: string,
  resource: string,
): Row => ({
  statement,
  allowed,
  principal,
  action,
  resource,
});
courts.push({
  name: 'the endpoint of S3',
  // Buckets that admit everybody, so that the endpoint alone decides.
  policies: { identity: [everything], endpoint: document(vpc, 'S3Endpoint'), resource: anybody },
  judged: [{ policy: document(vpc, 'S3Endpoint') }],
  rows: [
    // The signed URL is of CloudFormation's account; through the endpoint goes its principal, not the function's.
    through(
      'AnswerCloudFormation',
      true,
      strangerRole,
      's3:PutObject',
      'arn:aws:s3:::cloudformation-custom-resource-response-euwest1/x',
    ),
    through(
      'AnswerCloudFormation',
      false,
      strangerRole,
      's3:GetObject',
      'arn:aws:s3:::cloudformation-custom-resource-response-euwest1/x',
    ),
    through('AnswerCloudFormation', false, strangerRole, 's3:PutObject', 'arn:aws:s3:::strangers-bucket/x'),
    through('PrincipalsOfThisAccount', true, deployer, 's3:GetObject', 'arn:aws:s3:::definitions/x'),
    through('PrincipalsOfThisAccount', false, deployer, 's3:DeleteObject', 'arn:aws:s3:::definitions/x'),
    through('PrincipalsOfThisAccount', false, strangerRole, 's3:GetObject', 'arn:aws:s3:::definitions/x'),
  ],
});
for (const [id, action, resource] of [
  ['DynamoDbEndpoint', 'dynamodb:GetItem', ledger],
  ['SecretsManagerEndpoint', 'secretsmanager:GetSecretValue', oauthSecret],
  ['CloudFormationEndpoint', 'cloudformation:DescribeStacks', arn('cloudformation', 'stack/demo/0')],
  ['KmsEndpoint', 'kms:DescribeKey', keyArn],
  ['LambdaEndpoint', 'lambda:InvokeFunction', customerFunction],
  ['StsEndpoint', 'sts:AssumeRole', actionRole],
] as const) {
  courts.push({
    name: `the ${id}`,
    policies: {
      identity: [everything],
      endpoint: document(vpc, id),
      ...(id === 'StsEndpoint' ? { resource: anybodyAssumes } : { resource: anybody }),
    },
    judged: [{ policy: document(vpc, id) }],
    rows: [
      through('PrincipalsOfThisAccount', true, deployer, action, resource),
      through('PrincipalsOfThisAccount', false, strangerRole, action, resource),
    ],
  });
}
const flowTrust = document(vpc, 'FlowLogRole', 'AssumeRolePolicyDocument');
courts.push(
  {
    name: 'the role of the flow logs',
    policies: { identity: [document(vpc, 'FlowLogPolicy')] },
    judged: [{ policy: document(vpc, 'FlowLogPolicy') }],
    rows: [
      through(
        'WriteFlowLogs',
        true,
        actionRole,
        'logs:PutLogEvents',
        arn('logs', 'log-group:flows:log-stream:one'),
      ),
      through(
        'WriteFlowLogs',
        false,
        actionRole,
        'logs:PutLogEvents',
        arn('logs', 'log-group:others:log-stream:one'),
      ),
      through('WriteFlowLogs', false, actionRole, 'logs:CreateLogGroup', arn('logs', 'log-group:flows')),
    ],
  },
  {
    name: 'the trust of the role of the flow logs',
    policies: { resource: flowTrust },
    judged: [{ policy: flowTrust }],
    rows: [account, '999988887777'].map((source) => ({
      statement: '1',
      allowed: source === account,
      principal: 'vpc-flow-logs.amazonaws.com',
      action: 'sts:AssumeRole',
      resource: actionRole,
      context: { 'aws:SourceAccount': source },
    })),
  },
);

const logBucket = 'arn:aws:s3:::access-logs';
const service = deployed('network/endpoint-service.yaml', {}, { 'AccessLogBucket.Arn': logBucket });
const bucketPolicy = document(service, 'AccessLogBucketPolicy');
const deliver = (
  statement: string,
  allowed: boolean,
  action: string,
  resource: string,
  source = account,
): Row => ({
  statement,
  allowed,
  principal: 'delivery.logs.amazonaws.com',
  action,
  resource,
  context: {
    'aws:SourceAccount': source,
    'aws:SecureTransport': 'true',
    ...(action === 's3:PutObject' ? { 's3:x-amz-acl': 'bucket-owner-full-control' } : {}),
  },
});
courts.push({
  name: 'the bucket of the access logs',
  policies: { resource: bucketPolicy },
  judged: [{ policy: bucketPolicy }],
  rows: [
    deliver('DeliverLogs', true, 's3:PutObject', `${logBucket}/AWSLogs/${account}/x`),
    deliver('DeliverLogs', false, 's3:PutObject', `${logBucket}/AWSLogs/999988887777/x`),
    deliver('DeliverLogs', false, 's3:PutObject', `${logBucket}/AWSLogs/${account}/x`, '999988887777'),
    deliver('DeliverLogs', false, 's3:GetObject', `${logBucket}/AWSLogs/${account}/x`),
    deliver('CheckBucket', true, 's3:GetBucketAcl', logBucket),
    deliver('CheckBucket', false, 's3:GetBucketAcl', logBucket, '999988887777'),
    deliver('CheckBucket', false, 's3:ListBucket', logBucket),
    {
      ...deliver('OnlyEncryptedConnections', false, 's3:GetBucketAcl', logBucket),
      context: { 'aws:SourceAccount': account, 'aws:SecureTransport': 'false' },
    },
    deliver('OnlyEncryptedConnections', true, 's3:GetBucketAcl', logBucket),
  ],
});

const check = deployed(
  'network/connectivity-check.yaml',
  {},
  { 'LogGroup.Arn': arn('logs', 'log-group:check:*') },
);
const checkTrust = document(check, 'CheckRole', 'AssumeRolePolicyDocument');
courts.push(
  {
    name: 'the role of the connectivity check',
    policies: { identity: [document(check, 'CheckPolicy')] },
    judged: [{ policy: document(check, 'CheckPolicy') }],
    rows: [
      through(
        'WriteOwnLogs',
        true,
        actionRole,
        'logs:PutLogEvents',
        arn('logs', 'log-group:check:log-stream:one'),
      ),
      through(
        'WriteOwnLogs',
        false,
        actionRole,
        'logs:PutLogEvents',
        arn('logs', 'log-group:others:log-stream:one'),
      ),
      through(
        'ManageInterfaces',
        true,
        actionRole,
        'ec2:CreateNetworkInterface',
        arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa'),
      ),
      through(
        'ManageInterfaces',
        false,
        actionRole,
        'ec2:CreateNetworkInterface',
        arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa', 'us-east-1'),
      ),
      through('DescribeInterfaces', true, actionRole, 'ec2:DescribeVpcs', '*'),
      through('DescribeInterfaces', false, actionRole, 'ec2:DescribeInstances', '*'),
    ],
  },
  {
    name: 'the trust of the role of the connectivity check',
    policies: { resource: checkTrust },
    judged: [{ policy: checkTrust }],
    rows: [
      {
        statement: '1',
        allowed: true,
        principal: 'lambda.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: actionRole,
      },
      {
        statement: '1',
        allowed: false,
        principal: 'ec2.amazonaws.com',
        action: 'sts:AssumeRole',
        resource: actionRole,
      },
    ],
  },
);

// ---- The judgement ----

/** The policy without one of its statements; with one that matches no request of the tables when none is left. */
function without(policy: JsonObject, sid: string, kind: keyof Policies): JsonObject {
  const rest = statementsOf(policy).filter((_, i) => sidsOf(policy)[i] !== sid);
  const idle = {
    identity: { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' },
    endpoint: { Effect: 'Allow', Principal: '*', Action: 'sts:GetCallerIdentity', Resource: '*' },
    resource: {
      Effect: 'Deny',
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Action: 'sts:AssumeRole',
    },
  };
  return { ...policy, Statement: rest.length === 0 ? [idle[kind]] : rest };
}

function policiesWithout(policies: Policies, judged: JsonObject, sid: string): Policies {
  const cut = (policy: Json, kind: keyof Policies) =>
    policy === judged ? without(judged, sid, kind) : policy;
  const { identity, resource, endpoint } = policies;
  return {
    ...(identity === undefined ? {} : { identity: identity.map((policy) => cut(policy, 'identity')) }),
    ...(resource === undefined ? {} : { resource: cut(resource, 'resource') }),
    ...(endpoint === undefined ? {} : { endpoint: cut(endpoint, 'endpoint') }),
  };
}

const answer = ({ resourcePolicy, ...request }: Row, policies: Policies, owner: string) =>
  allows(request, resourcePolicy === undefined ? policies : { ...policies, resource: resourcePolicy }, owner);

describe.each(courts)('$name', ({ policies, judged, owner = account, rows }) => {
  const statements = judged.flatMap(({ policy, sids = sidsOf(policy) }) =>
    sids.map((sid) => [sid, policy] as const),
  );

  test.each(
    rows.map(
      (row) => [row.statement, row.allowed ? 'allowed' : 'refused', row.action, row.resource, row] as const,
    ),
  )('%s: %s %s on %s', async (_statement, _allowed, _action, _resource, row) => {
    expect(await answer(row, policies, owner)).toBe(row.allowed);
  });

  test.each(statements)('%s is asked for what it decides and for what lies beside it', (sid) => {
    const answers = rows.filter(({ statement }) => statement === sid).map(({ allowed }) => allowed);
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });

  test.each(statements)('an answer changes without %s', async (sid, policy) => {
    const changed = policiesWithout(policies, policy, sid);
    const about = rows.filter(({ statement }) => statement === sid);
    const answers = await Promise.all(about.map((row) => answer(row, changed, owner)));
    expect(answers).not.toEqual(about.map(({ allowed }) => allowed));
  });
});

test('no statement of any template goes unjudged', () => {
  const judged = new Set(
    courts.flatMap(({ judged: some }) => some.flatMap(({ policy, sids = sidsOf(policy) }) => sids)),
  );
  const named = templateFiles().flatMap((file) =>
    [...templateText(file).matchAll(/Sid: (\w+)/g)].map(([, sid]) => sid),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((sid) => !judged.has(sid ?? ''))).toEqual([]);
});

test('a replica has the policy of its primary key, since KMS keeps no two policies in step', () => {
  for (const variation of [{}, twoOrganizations, { GenesysCloudAccess: 'Denied' }]) {
    expect(recordingKeys('kms/recording-key-replica.yaml', variation)).toEqual(
      recordingKeys('kms/recording-key.yaml', variation),
    );
  }
});

test('the kill switch adds one statement and changes nothing else', () => {
  const before = statementsOf(recordingKeys('kms/recording-key.yaml', {}));
  const after = statementsOf(recordingKeys('kms/recording-key.yaml', { GenesysCloudAccess: 'Denied' }));
  expect(after.slice(0, -1)).toEqual(before);
  expect(after.at(-1)?.['Sid']).toBe('KillSwitch');
});
