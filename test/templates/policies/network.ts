/** Policies of network/: endpoints, flow logs, access logs, the connectivity check. */
import {
  account,
  customerFunction,
  keyArn,
  oauthSecret,
} from '../../../scripts/build/templates/scenarios.ts';
import type { JsonObject } from '../../../scripts/build/templates/template.ts';
import {
  actionRole,
  arn,
  attachment,
  type Court,
  deployed,
  deployer,
  document,
  everything,
  lambdaTrust,
  ownLogs,
  type Row,
  request,
  strangerRole,
} from './court.ts';

export const networkCourts: Court[] = [];

const anybody: JsonObject = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: '*', Resource: '*' }],
};
const anybodyAssumes: JsonObject = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
};
const ledger = arn('dynamodb', 'table/genesys-cloud-ledger');
const vpc = deployed('network/vpc.yaml', {}, { 'FlowLogGroup.Arn': arn('logs', 'log-group:flows:*') });
const responses = 'arn:aws:s3:::cloudformation-custom-resource-response-euwest1/x';
/** A request to a resource of an account. */
const s3 = (
  statement: string,
  allowed: boolean,
  principal: string,
  action: string,
  bucket: string,
  owner = account,
): Row => ({
  ...request(statement, allowed, principal, action, `arn:aws:s3:::${bucket}/x`),
  context: { 'aws:ResourceAccount': owner },
});
networkCourts.push({
  name: 'the endpoint of S3',
  // These bucket policies admit everybody, so the endpoint's policy decides alone.
  policies: { identity: [everything], endpoint: document(vpc, 'S3Endpoint'), resource: anybody },
  judged: [{ policy: document(vpc, 'S3Endpoint') }],
  rows: [
    // CloudFormation's account has signed the URL. The endpoint sees that principal, not the function's.
    request('AnswerCloudFormation', true, strangerRole, 's3:PutObject', responses),
    request('AnswerCloudFormation', false, strangerRole, 's3:GetObject', responses),
    request('AnswerCloudFormation', false, strangerRole, 's3:PutObject', 'arn:aws:s3:::strangers-bucket/x'),
    // Anybody may take such a name; CloudFormation has that of the Region.
    request(
      'AnswerCloudFormation',
      false,
      strangerRole,
      's3:PutObject',
      'arn:aws:s3:::cloudformation-custom-resource-response-mine/x',
    ),
    // Definitions may lie in the bucket of another account, from which a whole organization reads.
    s3('PrincipalsOfThisAccountRead', true, deployer, 's3:GetObject', 'definitions', '444455556666'),
    s3('PrincipalsOfThisAccountRead', true, deployer, 's3:GetObjectVersion', 'definitions'),
    s3('PrincipalsOfThisAccountRead', false, deployer, 's3:DeleteObject', 'definitions'),
    s3('PrincipalsOfThisAccountRead', false, strangerRole, 's3:GetObject', 'definitions'),
    s3('PrincipalsOfThisAccountWriteHere', true, deployer, 's3:PutObject', 'results'),
    s3('PrincipalsOfThisAccountWriteHere', false, deployer, 's3:PutObject', 'strangers', '999988887777'),
    s3('PrincipalsOfThisAccountWriteHere', false, strangerRole, 's3:PutObject', 'results'),
  ],
});
for (const [id, actions, unused, resource] of [
  [
    'DynamoDbEndpoint',
    [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    ],
    'dynamodb:Query',
    ledger,
  ],
  [
    'SecretsManagerEndpoint',
    ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
    'secretsmanager:PutSecretValue',
    oauthSecret,
  ],
  [
    'CloudFormationEndpoint',
    [
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStackResources',
      'cloudformation:DescribeStackEvents',
    ],
    'cloudformation:DeleteStack',
    arn('cloudformation', 'stack/demo/0'),
  ],
  ['KmsEndpoint', ['kms:DescribeKey', 'kms:GetKeyPolicy'], 'kms:Decrypt', keyArn],
  ['LambdaEndpoint', ['lambda:InvokeFunction'], 'lambda:UpdateFunctionCode', customerFunction],
  ['StsEndpoint', ['sts:AssumeRole'], 'sts:TagSession', actionRole],
] as const) {
  networkCourts.push({
    name: `the ${id}`,
    policies: {
      identity: [everything],
      endpoint: document(vpc, id),
      ...(id === 'StsEndpoint' ? { resource: anybodyAssumes } : { resource: anybody }),
    },
    judged: [{ policy: document(vpc, id) }],
    rows: [
      ...actions.map((action) => request('PrincipalsOfThisAccount', true, deployer, action, resource)),
      request('PrincipalsOfThisAccount', false, deployer, unused, resource),
      request('PrincipalsOfThisAccount', false, strangerRole, actions[0], resource),
    ],
  });
}
const flowTrust = document(vpc, 'FlowLogRole', 'AssumeRolePolicyDocument');
networkCourts.push(
  {
    name: 'the role of the flow logs',
    policies: { identity: [document(vpc, 'FlowLogPolicy')] },
    judged: [{ policy: document(vpc, 'FlowLogPolicy') }],
    rows: [
      request(
        'WriteFlowLogs',
        true,
        actionRole,
        'logs:PutLogEvents',
        arn('logs', 'log-group:flows:log-stream:one'),
      ),
      request(
        'WriteFlowLogs',
        false,
        actionRole,
        'logs:PutLogEvents',
        arn('logs', 'log-group:others:log-stream:one'),
      ),
      request('WriteFlowLogs', false, actionRole, 'logs:CreateLogGroup', arn('logs', 'log-group:flows')),
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
networkCourts.push({
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
networkCourts.push(
  {
    name: 'the role of the connectivity check',
    policies: { identity: [document(check, 'CheckPolicy')] },
    judged: [{ policy: document(check, 'CheckPolicy') }],
    rows: [
      ...ownLogs(actionRole, 'check'),
      ...attachment(actionRole, 'NotFromTheFunctionItself', arn('lambda', 'function:check')),
    ],
  },
  lambdaTrust(
    'the trust of the role of the connectivity check',
    document(check, 'CheckRole', 'AssumeRolePolicyDocument'),
  ),
);
