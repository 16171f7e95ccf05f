/** The resources of operations.yaml. */
import { type Resolved, resolve, type World } from '../../scripts/build/templates/resolve.ts';
import { ledgerArn, oauthSecret, scenarios, topic } from '../../scripts/build/templates/scenarios.ts';
import type { JsonObject } from '../../scripts/build/templates/template.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';

const template = readTemplate('operations.yaml');
const variations = scenarios['operations.yaml']?.variations ?? {};
const provider = 'arn:aws:lambda:eu-west-1:111122223333:function:one-prefix-provider';
const operations = (change: Record<string, string> = {}, world: World = {}) =>
  resolve(
    template,
    { ExportPrefix: 'one-prefix', ...change },
    { imports: { 'one-prefix-ServiceToken': provider }, ...world },
  );
const properties = ({ Resources }: Resolved, id: string) => Resources[id]?.Properties ?? {};
const check = variations['check alone'] ?? {};

test('the dashboard is there unless it is declined, the check only where it is asked for', () => {
  expect(Object.keys(operations().Resources)).toEqual(['Dashboard']);
  expect(operations().Outputs).not.toHaveProperty('RecordingKeyCheckName');
  expect(Object.keys(operations(check).Resources).sort()).toEqual([
    'RecordingKeyAlarm',
    'RecordingKeyCheck',
    'RecordingKeyCheckInvocations',
    'RecordingKeyCheckLogs',
    'RecordingKeyCheckPolicy',
    'RecordingKeyCheckRole',
    'RecordingKeyCheckSchedule',
    'RecordingKeyCheckSchedulePermission',
  ]);
  expect(operations(check).Outputs).not.toHaveProperty('DashboardName');
});

test('the dashboard is JSON that shows the function, the queue and the ledger of the provider', () => {
  const shown = (change: Record<string, string>) =>
    JSON.stringify(JSON.parse(properties(operations(change), 'Dashboard')['DashboardBody'] as string));
  for (const name of ['one-prefix-provider', 'one-prefix-provider-failures', 'one-prefix-ledger']) {
    expect(shown({})).toContain(`"${name}"`);
  }
  expect(shown({ LedgerTableArn: ledgerArn })).toContain('"genesys-cloud-ledger"');
  expect(shown({ LedgerTableArn: ledgerArn })).not.toContain('one-prefix-ledger');
});

test('the names on the dashboard are those that the provider gives', () => {
  const { Resources } = resolve(readTemplate('provider.yaml'), {
    ...scenarios['provider.yaml']?.base,
    ExportPrefix: 'one-prefix',
  });
  expect(Resources['ProviderFunction']?.Properties?.['FunctionName']).toBe('one-prefix-provider');
  expect(Resources['FailureQueue']?.Properties?.['QueueName']).toBe('one-prefix-provider-failures');
  expect(Resources['Ledger']?.Properties?.['TableName']).toBe('one-prefix-ledger');
});

test('the check is a function of operations.zip, with the settings that were given', () => {
  const stack = operations({ ...variations['every option'] });
  expect(properties(stack, 'RecordingKeyCheck')).toMatchObject({
    FunctionName: 'one-prefix-recording-key-check',
    Handler: 'recording-key-check.handler',
    Code: { S3Bucket: 'packages', S3Key: 'v1/operations.zip' },
    MemorySize: 256,
    Timeout: 60,
    VpcConfig: {
      SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb', 'subnet-0cccccccccccccccc'],
      SecurityGroupIds: ['sg-0aaaaaaaaaaaaaaaa'],
    },
  });
  const environment = (properties(stack, 'RecordingKeyCheck')['Environment'] as JsonObject)['Variables'];
  expect(environment).toEqual({
    GENESYS_ENVIRONMENT: 'mypurecloud.ie',
    GENESYS_OAUTH_SECRET_ARN: oauthSecret,
    GENESYS_API_BASE_URL: 'https://gateway.example.com/api',
    GENESYS_LOGIN_BASE_URL: 'https://gateway.example.com/login',
    LOG_LEVEL: 'INFO',
    POWERTOOLS_SERVICE_NAME: 'one-prefix-recording-key-check',
  });
  const byPrefix = operations({ ...check, CodeS3Bucket: '', CodeS3BucketPrefix: 'acme' });
  expect(properties(byPrefix, 'RecordingKeyCheck')['Code']).toMatchObject({ S3Bucket: 'acme-eu-west-1' });
});

test('the check runs as often as it is told, by its schedule alone, and is not repeated', () => {
  const stack = operations({ ...check, RecordingKeyCheckMinutes: '15' });
  expect(properties(stack, 'RecordingKeyCheckSchedule')).toMatchObject({
    ScheduleExpression: 'rate(15 minutes)',
    State: 'ENABLED',
    Targets: [{ Arn: { 'Fn::GetAtt': ['RecordingKeyCheck', 'Arn'] } }],
  });
  expect(properties(operations(check), 'RecordingKeyCheckSchedule')['ScheduleExpression']).toBe(
    'rate(60 minutes)',
  );
  expect(properties(stack, 'RecordingKeyCheckSchedulePermission')).toEqual({
    FunctionName: { Ref: 'RecordingKeyCheck' },
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': ['RecordingKeyCheckSchedule', 'Arn'] },
    SourceAccount: '111122223333',
  });
  expect(properties(stack, 'RecordingKeyCheckInvocations')['MaximumRetryAttempts']).toBe(0);
});

const driftCheck = variations['check for drift'] ?? {};

test('the check for drift reads the provider that the prefix names, on the schedule that it is given', () => {
  const stack = operations({ ...driftCheck, DriftCheckSchedule: 'rate(6 hours)' });
  expect(Object.keys(stack.Resources).every((id) => id.startsWith('Drift'))).toBe(true);
  expect(properties(stack, 'DriftCheck')).toMatchObject({
    FunctionName: 'one-prefix-drift-check',
    Handler: 'drift.handler',
    Code: { S3Bucket: 'packages', S3Key: 'v1/operations.zip' },
    Timeout: 900,
    Environment: { Variables: { PROVIDER_FUNCTION_ARN: provider } },
  });
  expect(properties(stack, 'DriftCheckRule')['ScheduleExpression']).toBe('rate(6 hours)');
  expect(properties(stack, 'DriftCheckInvocations')['MaximumRetryAttempts']).toBe(0);
});

test('one alarm tells of drift by the metric of the function, and another one of a check that fails', () => {
  const stack = operations({ ...driftCheck, AlarmTopicArn: topic });
  expect(properties(stack, 'DriftAlarm')).toMatchObject({
    Namespace: 'GenesysCloudCfn',
    MetricName: 'DriftFindings',
    // The service of the log entry that CloudWatch makes the metric of.
    Dimensions: [{ Name: 'service', Value: 'one-prefix-drift-check' }],
    TreatMissingData: 'ignore',
    AlarmActions: [topic],
  });
  const { Variables } = properties(stack, 'DriftCheck')['Environment'] as { Variables: JsonObject };
  expect(Variables['POWERTOOLS_SERVICE_NAME']).toBe('one-prefix-drift-check');
  expect(properties(stack, 'DriftCheckAlarm')).toMatchObject({
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'DriftCheck' } }],
  });
});

test('the alarm of the recording key keeps what the last check found until the next one', () => {
  expect(properties(operations({ ...check, AlarmTopicArn: topic }), 'RecordingKeyAlarm')).toMatchObject({
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'RecordingKeyCheck' } }],
    TreatMissingData: 'ignore',
    AlarmActions: [topic],
  });
});

test('the role of the check has the policies that its options need, and no others', () => {
  const attached = (change: Record<string, string>) =>
    (properties(operations(change), 'RecordingKeyCheckRole')['ManagedPolicyArns'] as { Ref: string }[]).map(
      ({ Ref }) => Ref,
    );
  expect(attached(check)).toEqual(['RecordingKeyCheckPolicy']);
  expect(attached({ ...variations['every option'] })).toEqual([
    'RecordingKeyCheckPolicy',
    'SecretsKeyPolicy',
    'NetworkPolicy',
  ]);
});
