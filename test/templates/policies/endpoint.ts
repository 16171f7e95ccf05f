/** Policies of endpoint.yaml and endpoint-api.yaml. */
import { customerFunction, definitionsKeyArn, keyArn, scenarios } from '../scenarios.ts';
import type { JsonObject } from '../template.ts';
import {
  arn,
  attachment,
  type Court,
  deployed,
  deployer,
  document,
  everything,
  lambdaTrust,
  ordinaryKey,
  ownLogs,
  type Row,
  request,
  strangerRole,
} from './court.ts';

const bucket = 'arn:aws:s3:::results';
const secret = arn('secretsmanager', 'secret:/genesys/credentials/endpoint-AbCdEf');
const worker = arn('lambda', 'function:endpoint-Worker-1ABC');
const table = arn('dynamodb', 'table/records');
const queue = arn('sqs', 'failures');
const endpoint = deployed(
  'endpoint.yaml',
  {
    ...scenarios['endpoint.yaml']?.variations['every option'],
    SecretsKmsKeyArn: definitionsKeyArn,
    KmsKeyArn: keyArn,
  },
  {
    'HandlerLogs.Arn': arn('logs', 'log-group:handler:*'),
    'WorkerLogs.Arn': arn('logs', 'log-group:worker:*'),
    'Worker.Arn': worker,
    'ResultsBucket.Arn': bucket,
    'FailureQueue.Arn': queue,
    Table: 'records',
  },
);
const handlerRole = arn('iam', 'role/handler', '');
const workerRole = arn('iam', 'role/worker', '');
const authorizerRole = arn('iam', 'role/authorizer', '');

const decrypt = (principal: string, key: string, via: string, allowed: boolean): Row => ({
  ...request('DecryptSecrets', allowed, principal, 'kms:Decrypt', key),
  context: { 'kms:ViaService': `${via}.eu-west-1.amazonaws.com` },
  resourcePolicy: ordinaryKey,
});
const useKey = (allowed: boolean, action: string, via: string): Row => ({
  ...request('UseDataKey', allowed, handlerRole, `kms:${action}`, keyArn),
  context: { 'kms:ViaService': `${via}.eu-west-1.amazonaws.com` },
  resourcePolicy: ordinaryKey,
});
const ordinary = (role: string): Row[] => [
  request('Trace', true, role, 'xray:PutTraceSegments', '*'),
  request('Trace', false, role, 'xray:GetTraceSummaries', '*'),
  request('KeepRecords', true, role, 'dynamodb:GetItem', table),
  request('KeepRecords', true, role, 'dynamodb:UpdateItem', table),
  request('KeepRecords', false, role, 'dynamodb:DeleteItem', table),
  request('KeepRecords', false, role, 'dynamodb:Scan', table),
  request('KeepRecords', false, role, 'dynamodb:GetItem', arn('dynamodb', 'table/others')),
  request('InvokeYourFunction', true, role, 'lambda:InvokeFunction', customerFunction),
  request('InvokeYourFunction', false, role, 'lambda:InvokeFunction', `${customerFunction}-2`),
  request('InvokeYourFunction', false, role, 'lambda:UpdateFunctionCode', customerFunction),
];

const handlerPolicies = [
  'HandlerPolicy',
  'SecretsPolicy',
  'SecretsKeyPolicy',
  'DataKeyPolicy',
  'TwoPhasePolicy',
  'NetworkPolicy',
].map((id) => document(endpoint, id));
const workerPolicy = document(endpoint, 'WorkerPolicy');

const api = deployed('endpoint-api.yaml', scenarios['endpoint-api.yaml']?.variations['every option'] ?? {}, {
  'AuthorizerLogs.Arn': arn('logs', 'log-group:authorizer:*'),
});
const authorizerPolicies = ['AuthorizerPolicy', 'SecretsPolicy', 'SecretsKeyPolicy', 'NetworkPolicy'].map(
  (id) => document(api, id),
);
/** API Gateway fills in what `execute-api:/` leaves out: Region, account and API. */
const apiPolicy = (stack: ReturnType<typeof deployed>): JsonObject =>
  JSON.parse(
    JSON.stringify(document(stack, 'Api', 'Policy')).replaceAll(
      'execute-api:/',
      `${arn('execute-api', 'a1b2c3d4e5')}/`,
    ),
  );
const regionalPolicy = apiPolicy(api);
const privatePolicy = apiPolicy(
  deployed('endpoint-api.yaml', scenarios['endpoint-api.yaml']?.variations['IAM, private'] ?? {}),
);
const call = (statement: string, allowed: boolean, path: string, context: Record<string, string>): Row => ({
  statement,
  allowed,
  principal: strangerRole,
  action: 'execute-api:Invoke',
  resource: `${arn('execute-api', 'a1b2c3d4e5')}/live/${path}`,
  context,
});

export const endpointCourts: Court[] = [
  {
    name: "the handler's role",
    policies: { identity: handlerPolicies },
    judged: handlerPolicies.map((policy) => ({ policy })),
    rows: [
      ...ownLogs(handlerRole, 'handler'),
      ...ordinary(handlerRole),
      request('ReadSecrets', true, handlerRole, 'secretsmanager:GetSecretValue', secret),
      request('ReadSecrets', false, handlerRole, 'secretsmanager:PutSecretValue', secret),
      request(
        'ReadSecrets',
        false,
        handlerRole,
        'secretsmanager:GetSecretValue',
        secret.replace('endpoint', 'crm'),
      ),
      decrypt(handlerRole, definitionsKeyArn, 'secretsmanager', true),
      decrypt(handlerRole, definitionsKeyArn, 's3', false),
      useKey(true, 'Decrypt', 'dynamodb'),
      useKey(true, 'GenerateDataKey', 's3'),
      useKey(false, 'Decrypt', 'secretsmanager'),
      useKey(false, 'ScheduleKeyDeletion', 's3'),
      request('InvokeWorker', true, handlerRole, 'lambda:InvokeFunction', worker),
      request('InvokeWorker', false, handlerRole, 'lambda:InvokeFunction', `${worker}-2`),
      request('ReadResults', true, handlerRole, 's3:GetObject', `${bucket}/results/one`),
      request('ReadResults', false, handlerRole, 's3:GetObject', `${bucket}/others/one`),
      request('ReadResults', false, handlerRole, 's3:PutObject', `${bucket}/results/one`),
      ...attachment(handlerRole, 'NotFromTheFunctionsThemselves', worker),
    ],
  },
  {
    name: "the worker's role",
    policies: { identity: [workerPolicy] },
    judged: [{ policy: workerPolicy }],
    rows: [
      ...ownLogs(workerRole, 'worker'),
      ...ordinary(workerRole),
      request('StoreResults', true, workerRole, 's3:PutObject', `${bucket}/results/one`),
      request('StoreResults', false, workerRole, 's3:PutObject', `${bucket}/others/one`),
      request('StoreResults', false, workerRole, 's3:GetObject', `${bucket}/results/one`),
      request('KeepFailedWork', true, workerRole, 'sqs:SendMessage', queue),
      request('KeepFailedWork', false, workerRole, 'sqs:ReceiveMessage', queue),
    ],
  },
  lambdaTrust(
    "the trust of the handler's role",
    document(endpoint, 'HandlerRole', 'AssumeRolePolicyDocument'),
  ),
  lambdaTrust("the trust of the worker's role", document(endpoint, 'WorkerRole', 'AssumeRolePolicyDocument')),
  ...(
    [
      ['FailureQueuePolicy', 'sqs:ReceiveMessage', queue],
      ['ResultsBucketPolicy', 's3:GetObject', `${bucket}/results/one`],
    ] as const
  ).map(
    ([id, action, resource]): Court => ({
      name: `the ${id} of endpoint.yaml`,
      policies: { identity: [everything], resource: document(endpoint, id) },
      judged: [{ policy: document(endpoint, id) }],
      rows: [true, false].map((encrypted) => ({
        ...request('OnlyEncryptedConnections', encrypted, deployer, action, resource),
        context: { 'aws:SecureTransport': String(encrypted) },
      })),
    }),
  ),
  {
    name: "the authorizer's role",
    policies: { identity: authorizerPolicies },
    judged: authorizerPolicies.map((policy) => ({ policy })),
    rows: [
      ...ownLogs(authorizerRole, 'authorizer'),
      ...ordinary(authorizerRole).filter(({ statement }) => statement === 'Trace'),
      request('ReadSecrets', true, authorizerRole, 'secretsmanager:GetSecretValue', secret),
      request('ReadSecrets', false, authorizerRole, 'secretsmanager:DeleteSecret', secret),
      decrypt(authorizerRole, keyArn, 'secretsmanager', true),
      decrypt(authorizerRole, keyArn, 's3', false),
      ...attachment(authorizerRole, 'NotFromTheFunctionsThemselves', worker),
    ],
  },
  lambdaTrust(
    "the trust of the authorizer's role",
    document(api, 'AuthorizerRole', 'AssumeRolePolicyDocument'),
  ),
  {
    name: 'the API, from named address ranges',
    policies: { identity: [everything], resource: regionalPolicy },
    judged: [{ policy: regionalPolicy }],
    rows: [
      call('TheAuthorizerDecides', true, 'POST/actions/look-up', { 'aws:SourceIp': '192.0.2.7' }),
      call('TheAuthorizerDecides', false, 'GET/actions/look-up', { 'aws:SourceIp': '192.0.2.7' }),
      call('FromNowhereElse', true, 'POST/actions/look-up', { 'aws:SourceIp': '2001:db8::1' }),
      call('FromNowhereElse', false, 'POST/actions/look-up', { 'aws:SourceIp': '198.51.100.7' }),
    ],
  },
  {
    name: 'the private API, by IAM',
    policies: { identity: [everything], resource: privatePolicy },
    judged: [{ policy: privatePolicy }],
    rows: [
      {
        ...call('FromNowhereElse', true, 'POST/actions/look-up', {
          'aws:SourceVpce': 'vpce-0aaaaaaaaaaaaaaaa',
        }),
        principal: deployer,
      },
      {
        ...call('FromNowhereElse', false, 'POST/actions/look-up', {
          'aws:SourceVpce': 'vpce-0cccccccccccccccc',
        }),
        principal: deployer,
      },
      // With IAM nothing in the policy admits another account.
      call('FromNowhereElse', false, 'POST/actions/look-up', { 'aws:SourceVpce': 'vpce-0aaaaaaaaaaaaaaaa' }),
    ],
  },
];
