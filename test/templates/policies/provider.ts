/** Policies of provider.yaml and operations.yaml. */
import {
  account,
  definitionsKeyArn,
  homeLedgerArn,
  keyArn,
  keyId,
  oauthSecret,
  otherOauthSecret,
  scenarios,
  secretsKeyArn,
} from '../../../scripts/build/templates/scenarios.ts';
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
  region,
  request,
} from './court.ts';

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
/** The ServiceToken that the template imports. */
const providerFunction = arn('lambda', 'function:genesys-cloud-provider');
const operations = deployed(
  'operations.yaml',
  scenarios['operations.yaml']?.variations['every option'] ?? {},
  {
    'DriftCheckLogs.Arn': arn('logs', 'log-group:drift:*'),
    'RecordingKeyCheckLogs.Arn': arn('logs', 'log-group:check:*'),
  },
  { 'genesys-cloud-ServiceToken': providerFunction },
);
const driftRole = `arn:aws:iam::${account}:role/drift`;
const driftPolicies = ['DriftCheckPolicy', 'DriftKeysPolicy', 'NetworkPolicy'].map((id) =>
  document(operations, id),
);
const driftFunction = arn('lambda', 'function:genesys-cloud-drift-check');
const bus = arn('events', 'event-bus/default');
const checkRole = `arn:aws:iam::${account}:role/check`;
const checkPolicies = ['RecordingKeyCheckPolicy', 'SecretsKeyPolicy', 'NetworkPolicy'].map((id) =>
  document(operations, id),
);
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
const sealing = (prefix: string) =>
  arn('secretsmanager', `secret:/genesys/sealing/${prefix}/0a1b2c3d-AbCdEf`);
/** Tag of a secret that a stack may use. */
const forOrders = { 'aws:ResourceTag/genesys-cloud-cfn:stacks': 'orders' };
const viaSecrets = { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' };
/**
 * Secrets Manager puts the ARN there (user guide, secret encryption). AWS's managed policy
 * CloudWatchLogsAPIKeyAccess compares such a key by an ARN operator too.
 */
const ofSealing = { ...viaSecrets, 'kms:EncryptionContext:SecretARN': sealing('genesys-cloud') };
const viaS3 = { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' };
const recordings = { 'kms:ResourceAliases': ['alias/old-name', 'alias/genesys-cloud-recordings'] };
const viaDynamo = { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' };
const ofLedger = {
  ...viaDynamo,
  'kms:EncryptionContext:aws:dynamodb:tableName': 'genesys-cloud-ledger',
};
const viaQueue = { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' };

export const providerCourts: Court[] = [
  {
    name: "the provider's role",
    policies: { identity: providerPolicies },
    judged: providerPolicies.map((policy) => ({ policy })),
    rows: [
      ...ownLogs(providerRole, 'provider'),
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
      ...['credentials/crm', 'definitions/a'].flatMap((name) => {
        const secret = arn('secretsmanager', `secret:/genesys/${name}-AbCdEf`);
        const elsewhere = arn('secretsmanager', `secret:/genesys/${name}-AbCdEf`, region, '999988887777');
        return [
          p('ReadCredentialsAndDefinitions', true, 'secretsmanager:GetSecretValue', secret, forOrders),
          p('ReadCredentialsAndDefinitions', false, 'secretsmanager:GetSecretValue', secret),
          p('ReadCredentialsAndDefinitions', false, 'secretsmanager:GetSecretValue', elsewhere, forOrders),
          // The refusal of a secret without the tag names the tag, so its absence has to be seen.
          p('SeeWhoMayUseSecrets', true, 'secretsmanager:DescribeSecret', secret),
          p('SeeWhoMayUseSecrets', false, 'secretsmanager:DescribeSecret', elsewhere),
        ];
      }),
      p(
        'ReadCredentialsAndDefinitions',
        false,
        'secretsmanager:GetSecretValue',
        arn('secretsmanager', 'secret:/payroll-AbCdEf'),
        forOrders,
      ),
      p('SeeWhoMayUseSecrets', false, 'secretsmanager:ListSecrets', '*'),
      p('SeeWhoMayUseSecrets', false, 'secretsmanager:DescribeSecret', oauthSecret),
      p('OpenSealed', true, 'secretsmanager:GetSecretValue', sealing('genesys-cloud')),
      p('OpenSealed', false, 'secretsmanager:GetSecretValue', sealing('another-provider')),
      p('OpenSealed', false, 'secretsmanager:PutSecretValue', sealing('genesys-cloud')),
      p('OpenSealed', false, 'secretsmanager:DescribeSecret', sealing('genesys-cloud')),
      p('DecryptSealingSecret', true, 'kms:Decrypt', keyArn, ofSealing),
      p('DecryptSealingSecret', false, 'kms:Decrypt', keyArn, {
        'kms:EncryptionContext:SecretARN': sealing('genesys-cloud'),
      }),
      p('DecryptSealingSecret', false, 'kms:GenerateDataKey', keyArn, ofSealing),
      p('DecryptSealingSecret', false, 'kms:Decrypt', definitionsKeyArn, ofSealing),
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
      p('AskForStacks', true, 'cloudformation:DescribeStackEvents', arn('cloudformation', 'stack/demo/0')),
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
      p('DecryptSecrets', true, 'kms:Decrypt', secretsKeyArn, viaSecrets),
      p('DecryptSecrets', false, 'kms:Decrypt', secretsKeyArn),
      p('DecryptSecrets', false, 'kms:Decrypt', secretsKeyArn, {
        'kms:ViaService': 's3.eu-west-1.amazonaws.com',
      }),
      p(
        'DecryptSecrets',
        false,
        'kms:Decrypt',
        keyArn.replace(keyId, '00000000-0000-0000-0000-000000000000'),
        viaSecrets,
      ),
      p('DecryptDefinitions', true, 'kms:Decrypt', definitionsKeyArn, viaS3),
      p('DecryptDefinitions', false, 'kms:Decrypt', definitionsKeyArn),
      p('DecryptDefinitions', false, 'kms:Decrypt', definitionsKeyArn, viaSecrets),
      p('DecryptDefinitions', false, 'kms:Encrypt', definitionsKeyArn, viaS3),
      p('UseLedgerKey', true, 'kms:Decrypt', keyArn, ofLedger),
      p('UseLedgerKey', true, 'kms:GenerateDataKey', keyArn, ofLedger),
      p('UseLedgerKey', false, 'kms:Decrypt', keyArn),
      p('UseLedgerKey', false, 'kms:Decrypt', keyArn, viaDynamo),
      p('UseLedgerKey', false, 'kms:CreateGrant', keyArn, ofLedger),
      p('UseLedgerKey', false, 'kms:Decrypt', keyArn, {
        ...ofLedger,
        'kms:ViaService': 's3.eu-west-1.amazonaws.com',
      }),
      p('UseQueueKey', true, 'kms:GenerateDataKey', keyArn, viaQueue),
      p('UseQueueKey', true, 'kms:Decrypt', keyArn, viaQueue),
      p('UseQueueKey', false, 'kms:Encrypt', keyArn, viaQueue),
      p('UseQueueKey', false, 'kms:Decrypt', definitionsKeyArn, viaQueue),
      p('ReadDefinitions', true, 's3:GetObject', 'arn:aws:s3:::definitions/actions/a.json'),
      p('ReadDefinitions', true, 's3:GetObjectVersion', 'arn:aws:s3:::definitions/actions/a.json'),
      p('ReadDefinitions', false, 's3:GetObject', 'arn:aws:s3:::definitions/others/a.json'),
      p('ReadDefinitions', false, 's3:PutObject', 'arn:aws:s3:::definitions/actions/a.json'),
      p('LookAtRecordingKeys', true, 'kms:DescribeKey', arn('kms', `key/${keyId}`, 'us-east-1'), recordings),
      p('LookAtRecordingKeys', true, 'kms:GetKeyPolicy', keyArn, recordings),
      p('LookAtRecordingKeys', false, 'kms:PutKeyPolicy', keyArn, recordings),
      p('LookAtRecordingKeys', false, 'kms:DescribeKey', keyArn, {
        'kms:ResourceAliases': ['alias/payroll'],
      }),
      p('LookAtRecordingKeys', false, 'kms:GetKeyPolicy', keyArn),
      p(
        'LookAtRecordingKeys',
        false,
        'kms:DescribeKey',
        arn('kms', `key/${keyId}`, region, '999988887777'),
        recordings,
      ),
      ...attachment(
        providerRole,
        'NotFromTheFunctionItself',
        arn('lambda', 'function:genesys-cloud-provider'),
      ),
    ],
  },
  lambdaTrust(
    "the trust of the provider's role",
    document(provider, 'ProviderRole', 'AssumeRolePolicyDocument'),
  ),
  {
    name: "the recording key check's role",
    policies: { identity: checkPolicies },
    judged: checkPolicies.map((policy) => ({ policy })),
    rows: [
      ...ownLogs(checkRole, 'check'),
      request('LogIn', true, checkRole, 'secretsmanager:GetSecretValue', oauthSecret),
      request('LogIn', false, checkRole, 'secretsmanager:GetSecretValue', otherOauthSecret),
      request('LogIn', false, checkRole, 'secretsmanager:PutSecretValue', oauthSecret),
      request('LogIn', false, checkRole, 'dynamodb:GetItem', ledger),
      request('LogIn', false, checkRole, 'dynamodb:PutItem', ledger),
      request(
        'LogIn',
        false,
        checkRole,
        'cloudformation:DescribeStacks',
        arn('cloudformation', 'stack/demo/0'),
      ),
      { ...p('DecryptSecrets', true, 'kms:Decrypt', secretsKeyArn, viaSecrets), principal: checkRole },
      { ...p('DecryptSecrets', false, 'kms:Decrypt', secretsKeyArn), principal: checkRole },
      // Not even to look at the recording key: Genesys Cloud is asked, not KMS.
      { ...p('DecryptSecrets', false, 'kms:DescribeKey', secretsKeyArn), principal: checkRole },
      ...attachment(
        checkRole,
        'NotFromTheFunctionItself',
        arn('lambda', 'function:genesys-cloud-recording-key-check'),
      ),
    ],
  },
  lambdaTrust(
    "the trust of the recording key check's role",
    document(operations, 'RecordingKeyCheckRole', 'AssumeRolePolicyDocument'),
  ),
  {
    name: "the drift check's role",
    policies: { identity: driftPolicies },
    judged: driftPolicies.map((policy) => ({ policy })),
    rows: [
      ...ownLogs(driftRole, 'drift'),
      request('ReadSettings', true, driftRole, 'lambda:GetFunctionConfiguration', providerFunction),
      request('ReadSettings', false, driftRole, 'lambda:GetFunctionConfiguration', driftFunction),
      request('ReadSettings', false, driftRole, 'lambda:UpdateFunctionConfiguration', providerFunction),
      request('ReadLedger', true, driftRole, 'dynamodb:GetItem', homeLedgerArn),
      request('ReadLedger', true, driftRole, 'dynamodb:Scan', homeLedgerArn),
      request('ReadLedger', false, driftRole, 'dynamodb:PutItem', homeLedgerArn),
      request('ReadLedger', false, driftRole, 'dynamodb:Scan', ledger),
      request('ReadSecrets', true, driftRole, 'secretsmanager:GetSecretValue', oauthSecret),
      request('ReadSecrets', true, driftRole, 'secretsmanager:GetSecretValue', sealing('genesys-cloud')),
      request('ReadSecrets', false, driftRole, 'secretsmanager:PutSecretValue', oauthSecret),
      request('ReadSecrets', false, driftRole, 'secretsmanager:GetSecretValue', otherOauthSecret),
      request('TellEventBridge', true, driftRole, 'events:PutEvents', bus, {
        'events:source': ['genesys-cloud-cfn'],
      }),
      request('TellEventBridge', false, driftRole, 'events:PutEvents', bus, { 'events:source': ['other'] }),
      request('GoOn', true, driftRole, 'lambda:InvokeFunction', driftFunction),
      request('GoOn', false, driftRole, 'lambda:InvokeFunction', providerFunction),
      { ...p('DecryptWhatIsRead', true, 'kms:Decrypt', secretsKeyArn, viaSecrets), principal: driftRole },
      { ...p('DecryptWhatIsRead', false, 'kms:Decrypt', secretsKeyArn), principal: driftRole },
      ...attachment(driftRole, 'NotFromTheFunctionItself', driftFunction),
    ],
  },
  lambdaTrust(
    "the trust of the drift check's role",
    document(operations, 'DriftCheckRole', 'AssumeRolePolicyDocument'),
  ),
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
