/** Policies of network/: endpoints, flow logs, access logs, the connectivity check. */
import { account, customerFunction, keyArn, oauthSecret } from '../scenarios.ts';
import type { JsonObject } from '../template.ts';
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
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
};
const ledger = arn('dynamodb', 'table/genesys-cloud-ledger');
const vpc = deployed('network/vpc.yaml', {}, { 'FlowLogGroup.Arn': arn('logs', 'log-group:flows:*') });
networkCourts.push({
  name: 'the endpoint of S3',
  // These bucket policies admit everybody, so the endpoint's policy decides alone.
  policies: { identity: [everything], endpoint: document(vpc, 'S3Endpoint'), resource: anybody },
  judged: [{ policy: document(vpc, 'S3Endpoint') }],
  rows: [
    // CloudFormation's account has signed the URL. The endpoint sees that principal, not the function's.
    request(
      'AnswerCloudFormation',
      true,
      strangerRole,
      's3:PutObject',
      'arn:aws:s3:::cloudformation-custom-resource-response-euwest1/x',
    ),
    request(
      'AnswerCloudFormation',
      false,
      strangerRole,
      's3:GetObject',
      'arn:aws:s3:::cloudformation-custom-resource-response-euwest1/x',
    ),
    request('AnswerCloudFormation', false, strangerRole, 's3:PutObject', 'arn:aws:s3:::strangers-bucket/x'),
    request('PrincipalsOfThisAccount', true, deployer, 's3:GetObject', 'arn:aws:s3:::definitions/x'),
    request('PrincipalsOfThisAccount', false, deployer, 's3:DeleteObject', 'arn:aws:s3:::definitions/x'),
    request('PrincipalsOfThisAccount', false, strangerRole, 's3:GetObject', 'arn:aws:s3:::definitions/x'),
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
  networkCourts.push({
    name: `the ${id}`,
    policies: {
      identity: [everything],
      endpoint: document(vpc, id),
      ...(id === 'StsEndpoint' ? { resource: anybodyAssumes } : { resource: anybody }),
    },
    judged: [{ policy: document(vpc, id) }],
    rows: [
      request('PrincipalsOfThisAccount', true, deployer, action, resource),
      request('PrincipalsOfThisAccount', false, strangerRole, action, resource),
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
