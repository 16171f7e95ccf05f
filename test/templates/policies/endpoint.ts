/** Policies of endpoint.yaml and endpoint-api.yaml. */
import type { Resolved } from '../../../scripts/build/templates/resolve.ts';
import {
  account,
  customerFunction,
  keyArn,
  oauthSecret,
  scenarios,
} from '../../../scripts/build/templates/scenarios.ts';
import type { JsonObject } from '../../../scripts/build/templates/template.ts';
import {
  arn,
  attachment,
  type Court,
  deployed,
  document,
  everything,
  ordinaryKey,
  type Row,
  strangerRole,
} from './court.ts';

export const endpointCourts: Court[] = [];

const role = `arn:aws:iam::${account}:role/endpoint`;
const p = (statement: string, allowed: boolean, action: string, resource: string, context = {}): Row => ({
  statement,
  allowed,
  principal: role,
  action,
  resource,
  context,
  ...(action.startsWith('kms:') ? { resourcePolicy: ordinaryKey } : {}),
});
const viaSecrets = { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' };
const viaDynamo = { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' };

const endpointSecret = arn('secretsmanager', 'secret:/genesys/credentials/endpoint-AbCdEf');
const backend = deployed(
  'endpoint.yaml',
  { ...scenarios['endpoint.yaml']?.variations['every option'], KmsKeyArn: keyArn },
  {
    Table: 'endpoint-Table-1ABC',
    ResultsBucket: 'results',
    'ResultsBucket.Arn': 'arn:aws:s3:::results',
    WorkerAlias: arn('lambda', 'function:endpoint-Worker-1ABC:work'),
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
  p('UseDataKey', true, 'kms:GenerateDataKey', keyArn, { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' }),
  p('UseDataKey', false, 'kms:Decrypt', keyArn, { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' }),
];
const secrets = [
  p('ReadSecrets', true, 'secretsmanager:GetSecretValue', endpointSecret),
  p('ReadSecrets', false, 'secretsmanager:GetSecretValue', oauthSecret),
  p('ReadSecrets', false, 'secretsmanager:PutSecretValue', endpointSecret),
  p('DecryptSecrets', true, 'kms:Decrypt', keyArn, viaSecrets),
  p('DecryptSecrets', false, 'kms:Decrypt', keyArn, { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' }),
];
const inVpc = attachment(role, 'NotFromTheFunctionsThemselves', arn('lambda', 'function:anything'));
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
      ...inVpc,
      p('InvokeWorker', true, 'lambda:InvokeFunction', arn('lambda', 'function:endpoint-Worker-1ABC:work')),
      p('InvokeWorker', false, 'lambda:InvokeFunction', arn('lambda', 'function:endpoint-Worker-1ABC')),
      p('InvokeWorker', false, 'lambda:InvokeFunction', arn('lambda', 'function:endpoint-Worker-2DEF:work')),
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
    [...common('authorizer'), ...secrets, ...inVpc],
  ],
] as [string, Resolved, string[], Row[]][]) {
  const policies = ids.map((id) => document(stack, id));
  endpointCourts.push({
    name,
    policies: { identity: policies },
    judged: policies.map((policy) => ({ policy })),
    rows,
  });
}

/** API Gateway adds the ARN of the API before the part after `execute-api:/`. */
const api = (path: string) => arn('execute-api', `a1b2c3d4e5/${path}`);
export const apiPolicy = (variation: Record<string, string>) =>
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
endpointCourts.push({
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
endpointCourts.push({
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
