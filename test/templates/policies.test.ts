/**
 * Every policy of every template, judged by an implementation of IAM's evaluation. Each statement is asked for what it
 * grants (or denies) and for what lies just beside it, and taking it away changes an answer.
 */

import { allows, type Policies } from './judge.ts';
import { type Row, sidsOf, statementsOf } from './policies/court.ts';
import { dataActionCourts } from './policies/data-actions.ts';
import { networkCourts } from './policies/network.ts';
import { providerCourts } from './policies/provider.ts';
import { recordingKeyCourts, recordingKeys, twoOrganizations } from './policies/recording-keys.ts';
import { rolloutCourts } from './policies/rollout.ts';
import { account } from './scenarios.ts';
import { type Json, type JsonObject, templateFiles, templateText } from './template.ts';

const courts = [
  ...providerCourts,
  ...dataActionCourts,
  ...recordingKeyCourts,
  ...networkCourts,
  ...rolloutCourts,
];

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

// ---- endpoint.yaml and endpoint-api.yaml ----

const endpointSecret = arn('secretsmanager', 'secret:/genesys/credentials/endpoint-AbCdEf');
const backend = deployed(
  'endpoint.yaml',
  { ...scenarios['endpoint.yaml']?.variations['every option'], KmsKeyArn: keyArn },
  {
    Table: 'endpoint-Table-1ABC',
    ResultsBucket: 'results',
    'ResultsBucket.Arn': 'arn:aws:s3:::results',
    'Worker.Arn': arn('lambda', 'function:endpoint-Worker-1ABC'),
    'FailureQueue.Arn': arn('sqs', 'endpoint-FailureQueue-1ABC'),
    'HandlerLogs.Arn': arn('logs', 'log-group:handler:*'),
    'WorkerLogs.Arn': arn('logs', 'log-group:worker:*'),
  },
);
const front = deployed(
  'endpoint-api.yaml',
  scenarios['endpoint-api.yaml']?.variations['every option'] ?? {},
  { 'AuthorizerLogs.Arn': arn('logs', 'log-group:authorizer:*') },
);
const records = arn('dynamodb', 'table/endpoint-Table-1ABC');
const fromFunction = { 'lambda:SourceFunctionArn': arn('lambda', 'function:anything') };
const viaS3 = { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' };
const common = (own: string): Row[] => [
  p('WriteOwnLogs', true, 'logs:PutLogEvents', arn('logs', `log-group:${own}:log-stream:one`)),
  p('WriteOwnLogs', false, 'logs:PutLogEvents', arn('logs', 'log-group:others:log-stream:one')),
  p('WriteOwnLogs', false, 'logs:CreateLogGroup', arn('logs', `log-group:${own}`)),
  p('Trace', true, 'xray:PutTraceSegments', '*'),
  p('Trace', true, 'xray:PutTelemetryRecords', '*'),
  p('Trace', false, 'xray:GetTraceSummaries', '*'),
];
const work = [
  p('KeepRecords', true, 'dynamodb:GetItem', records),
  p('KeepRecords', true, 'dynamodb:UpdateItem', records),
  p('KeepRecords', false, 'dynamodb:DeleteItem', records),
  p('KeepRecords', false, 'dynamodb:Scan', records),
  p('KeepRecords', false, 'dynamodb:UpdateItem', arn('dynamodb', 'table/others')),
  p('InvokeYourFunction', true, 'lambda:InvokeFunction', customerFunction),
  p('InvokeYourFunction', false, 'lambda:InvokeFunction', `${customerFunction}-2`),
  p('InvokeYourFunction', false, 'lambda:UpdateFunctionCode', customerFunction),
  p('UseDataKey', true, 'kms:GenerateDataKey', keyArn, viaDynamo),
  p('UseDataKey', true, 'kms:Decrypt', keyArn, viaS3),
  p('UseDataKey', false, 'kms:GenerateDataKey', keyArn),
  p('UseDataKey', false, 'kms:Decrypt', keyArn, { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' }),
];
const secrets = [
  p('ReadSecrets', true, 'secretsmanager:GetSecretValue', endpointSecret),
  p('ReadSecrets', false, 'secretsmanager:GetSecretValue', oauthSecret),
  p('ReadSecrets', false, 'secretsmanager:PutSecretValue', endpointSecret),
  p('DecryptSecrets', true, 'kms:Decrypt', keyArn, viaSecrets),
  p('DecryptSecrets', false, 'kms:Decrypt', keyArn, { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' }),
];
const attachment = [
  p('ManageInterfaces', true, 'ec2:CreateNetworkInterface', arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa')),
  p(
    'ManageInterfaces',
    false,
    'ec2:CreateNetworkInterface',
    arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa', 'us-east-1'),
  ),
  p('DescribeInterfaces', true, 'ec2:DescribeSubnets', '*'),
  p('DescribeInterfaces', false, 'ec2:DescribeInstances', '*'),
  p('NotFromTheFunctionsThemselves', true, 'ec2:DescribeVpcs', '*'),
  p('NotFromTheFunctionsThemselves', false, 'ec2:DescribeVpcs', '*', fromFunction),
];
for (const [name, stack, ids, rows] of [
  [
    "the handler's role",
    backend,
    [
      'HandlerPolicy',
      'SecretsPolicy',
      'SecretsKeyPolicy',
      'DataKeyPolicy',
      'TwoPhasePolicy',
      'NetworkPolicy',
    ],
    [
      ...common('handler'),
      ...work,
      ...secrets,
      ...attachment,
      p('InvokeWorker', true, 'lambda:InvokeFunction', arn('lambda', 'function:endpoint-Worker-1ABC')),
      p('InvokeWorker', false, 'lambda:InvokeFunction', arn('lambda', 'function:endpoint-Worker-2DEF')),
      p('ReadResults', true, 's3:GetObject', 'arn:aws:s3:::results/results/a.json'),
      p('ReadResults', false, 's3:GetObject', 'arn:aws:s3:::results/others/a.json'),
      p('ReadResults', false, 's3:PutObject', 'arn:aws:s3:::results/results/a.json'),
    ],
  ],
  [
    "the worker's role",
    backend,
    ['WorkerPolicy', 'DataKeyPolicy'],
    [
      ...common('worker'),
      ...work,
      p('StoreResults', true, 's3:PutObject', 'arn:aws:s3:::results/results/a.json'),
      p('StoreResults', false, 's3:PutObject', 'arn:aws:s3:::results/others/a.json'),
      p('StoreResults', false, 's3:GetObject', 'arn:aws:s3:::results/results/a.json'),
      p('KeepFailedWork', true, 'sqs:SendMessage', arn('sqs', 'endpoint-FailureQueue-1ABC')),
      p('KeepFailedWork', false, 'sqs:SendMessage', arn('sqs', 'others')),
    ],
  ],
  [
    "the authorizer's role",
    front,
    ['AuthorizerPolicy', 'SecretsPolicy', 'SecretsKeyPolicy', 'NetworkPolicy'],
    [...common('authorizer'), ...secrets, ...attachment],
  ],
] as [string, Resolved, string[], Row[]][]) {
  const policies = ids.map((id) => document(stack, id));
  courts.push({
    name,
    policies: { identity: policies },
    judged: policies.map((policy) => ({ policy })),
    rows,
  });
}

/** API Gateway writes the ARN of the API before what stands after `execute-api:/`. */
const api = (path: string) => arn('execute-api', `a1b2c3d4e5/${path}`);
const apiPolicy = (variation: Record<string, string>) =>
  JSON.parse(
    JSON.stringify(document(deployed('endpoint-api.yaml', variation), 'Api', 'Policy')).replaceAll(
      'execute-api:/',
      api(''),
    ),
  ) as JsonObject;
const call = (statement: string, allowed: boolean, path: string, context: Row['context'] = {}): Row => ({
  statement,
  allowed,
  principal: strangerRole,
  action: 'execute-api:Invoke',
  resource: api(path),
  context,
});
const inside = { 'aws:SourceIp': '192.0.2.7' };
const regionalApi = apiPolicy(scenarios['endpoint-api.yaml']?.variations['every option'] ?? {});
courts.push({
  name: 'the policy of a regional API',
  policies: { identity: [everything], resource: regionalApi },
  judged: [{ policy: regionalApi }],
  rows: [
    call('TheAuthorizerDecides', true, 'live/POST/actions/refund', inside),
    call('TheAuthorizerDecides', false, 'live/GET/actions/refund', inside),
    call('TheAuthorizerDecides', false, 'test-invoke-stage/POST/actions/refund', inside),
    call('FromNowhereElse', true, 'live/POST/actions/refund', inside),
    call('FromNowhereElse', false, 'live/POST/actions/refund', { 'aws:SourceIp': '198.51.100.7' }),
  ],
});
const privateApi = apiPolicy({ PrivateVpcEndpointIds: 'vpce-0aaaaaaaaaaaaaaaa' });
courts.push({
  name: 'the policy of a private API',
  policies: { identity: [everything], resource: privateApi },
  judged: [{ policy: privateApi }],
  rows: [
    call('TheAuthorizerDecides', true, 'live/POST/actions/a', { 'aws:SourceVpce': 'vpce-0aaaaaaaaaaaaaaaa' }),
    call('TheAuthorizerDecides', false, 'live/GET/actions/a', { 'aws:SourceVpce': 'vpce-0aaaaaaaaaaaaaaaa' }),
    call('FromNowhereElse', true, 'live/POST/actions/a', { 'aws:SourceVpce': 'vpce-0aaaaaaaaaaaaaaaa' }),
    call('FromNowhereElse', false, 'live/POST/actions/a', { 'aws:SourceVpce': 'vpce-0bbbbbbbbbbbbbbbb' }),
  ],
});

test('an API with IAM admits nobody of another account, since nothing in its policy allows', () => {
  const policy = apiPolicy(scenarios['endpoint-api.yaml']?.variations['IAM, private'] ?? {});
  expect(statementsOf(policy).map(({ Effect }) => Effect)).toEqual(['Deny']);
});

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
