/** The resources of provider.yaml under its parameters. */
import { resourceTypes } from '../../provider/resources/index.ts';
import { type Resolved, resolve, type World } from '../../scripts/build/templates/resolve.ts';
import {
  account,
  homeLedgerArn,
  keyArn,
  ledgerArn,
  oauthSecret,
  otherOauthSecret,
  scenarios,
  topic,
} from '../../scripts/build/templates/scenarios.ts';
import type { JsonObject } from '../../scripts/build/templates/template.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';

const template = readTemplate('provider.yaml');
const base = scenarios['provider.yaml']?.base ?? {};
const every = scenarios['provider.yaml']?.variations['every option'] ?? {};
const vpc = scenarios['provider.yaml']?.variations['in a VPC of three zones'] ?? {};
const provider = (change: Record<string, string> = {}, world: World = {}) =>
  resolve(template, { ...base, ...change }, world);
const properties = ({ Resources }: Resolved, id: string) => Resources[id]?.Properties ?? {};
const environment = (stack: Resolved) =>
  (properties(stack, 'ProviderFunction')['Environment'] as JsonObject)['Variables'] as JsonObject;

/** How the function knows itself. */
const identity = {
  PROVIDER_ARN: `arn:aws:lambda:eu-west-1:${account}:function:genesys-cloud-provider`,
  PROVIDER_STACK_ID: expect.stringMatching(/^arn:aws:cloudformation:/),
};
const servedByDefault = resourceTypes.filter((type) => type.servedByDefault).map(({ typeName }) => typeName);

test('the function has only the settings that were given; the provider knows its own defaults', () => {
  expect(environment(provider())).toEqual({
    GENESYS_ENVIRONMENT: 'mypurecloud.ie',
    GENESYS_OAUTH_SECRET_ARN: oauthSecret,
    ...identity,
    LEDGER_TABLE_NAME: 'genesys-cloud-ledger',
    OTHER_LEDGERS: 'false',
    RECORDING_KEY_PROVIDER_ARN: '',
    SEALING_SECRET_ARN: { 'Fn::GetAtt': ['SealingSecret', 'Id'] },
    RESOURCE_TYPES: servedByDefault.join(','),
    ALLOWED_STACKS: '',
    SHARED_INTEGRATION_IDS: '',
    LOG_LEVEL: 'INFO',
    POWERTOOLS_SERVICE_NAME: 'genesys-cloud-provider',
  });
  expect(environment(provider(every))).toEqual({
    GENESYS_ENVIRONMENT: 'mypurecloud.ie',
    GENESYS_OAUTH_SECRET_ARN: oauthSecret,
    ADDITIONAL_OAUTH_SECRET_ARNS: otherOauthSecret,
    GENESYS_API_BASE_URL: 'https://gateway.example.com/api',
    GENESYS_LOGIN_BASE_URL: 'https://gateway.example.com/login',
    ...identity,
    LEDGER_TABLE_NAME: 'genesys-cloud-ledger',
    OTHER_LEDGERS: 'false',
    RECORDING_KEY_PROVIDER_ARN: '',
    SEALING_SECRET_ARN: { 'Fn::GetAtt': ['SealingSecret', 'Id'] },
    RESOURCE_TYPES: 'Custom::GenesysDataAction,Custom::GenesysRecordingKey',
    ALLOWED_STACKS: 'contact-centre-*,demo',
    DEFINITION_OBJECT_ARNS: 'arn:aws:s3:::definitions/actions/*',
    SHARED_INTEGRATION_IDS: '05f2e887-c317-49c5-98d9-083b62c43040',
    LOG_LEVEL: 'INFO',
    POWERTOOLS_SERVICE_NAME: 'genesys-cloud-provider',
  });
});

test('the function runs Node 24 with 300 seconds and ten at once', () => {
  expect(properties(provider(), 'ProviderFunction')).toMatchObject({
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 300,
    ReservedConcurrentExecutions: 10,
    Architectures: ['arm64'],
    Code: { S3Bucket: 'packages', S3Key: 'v1/provider.zip' },
  });
  expect(properties(provider(every), 'ProviderFunction')).not.toHaveProperty('ReservedConcurrentExecutions');
});

test('a failed invocation is delivered twice more, for an hour at most, and then kept', () => {
  expect(properties(provider(), 'ProviderInvocations')).toEqual({
    FunctionName: { Ref: 'ProviderFunction' },
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 3600,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailureQueue', 'Arn'] } } },
  });
});

test('the ledger is protected, recoverable, encrypted, and expires attempts', () => {
  const { Ledger } = provider().Resources;
  expect(Ledger).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(Ledger?.Properties).toMatchObject({
    TableName: 'genesys-cloud-ledger',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    DeletionProtectionEnabled: true,
  });
  expect(properties(provider(every), 'Ledger')['SSESpecification']).toMatchObject({ KMSMasterKeyId: keyArn });
});

test('a retained ledger is taken up: no table is made, and function and permissions name the old one', () => {
  const here = { region: 'eu-west-1', accountId: account };
  const old = ledgerArn.replace('genesys-cloud-ledger', 'old-ledger');
  const stack = provider({ LedgerTableArn: old }, here);
  expect(stack.Resources).not.toHaveProperty('Ledger');
  expect(environment(stack)['LEDGER_TABLE_NAME']).toBe(old);
  expect(JSON.stringify(properties(stack, 'CorePolicy'))).toContain(`"${old}"`);
  expect(stack.Outputs['LedgerTableArn']?.Value).toBe(old);
  expect(JSON.stringify(stack)).not.toContain('genesys-cloud-ledger');
});

test('a shared ledger of another account and Region is used and not watched: its metrics are there', () => {
  const stack = provider({ LedgerTableArn: homeLedgerArn });
  expect(stack.Resources).not.toHaveProperty('Ledger');
  expect(stack.Resources).not.toHaveProperty('LedgerReadThrottlesAlarm');
  expect(stack.Resources).not.toHaveProperty('LedgerWriteThrottlesAlarm');
  expect(environment(stack)['LEDGER_TABLE_NAME']).toBe(homeLedgerArn);
  expect(JSON.stringify(properties(stack, 'CorePolicy'))).toContain(`"${homeLedgerArn}"`);
});

test('an installation registers the provider once its ledger is there, and no later change does', () => {
  const world = { attributes: (id: string, name?: string) => [id, name].filter(Boolean).join('.') };
  const registration = (change: Record<string, string>) => provider(change, world).Resources['Registration'];
  const written = JSON.stringify(template.Resources['Registration']?.Properties);
  expect(written).toContain('${Ledger}');
  expect(registration({})?.Properties).toEqual({
    ServiceToken: 'ProviderFunction.Arn',
    ServiceTimeout: 300,
    After: 'ledger',
  });
  // CloudFormation sends an Update only where a property changed.
  expect(registration({ LedgerTableArn: homeLedgerArn })?.Properties).toEqual(registration({})?.Properties);
});

test('the sealing secret is retained, and a change of the KMS key neither renames nor replaces it', () => {
  const { SealingSecret } = resolve(template, base, {}).Resources;
  expect(SealingSecret).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      Name: expect.stringMatching(/^\/genesys\/sealing\/genesys-cloud\/[0-9a-f-]+$/),
      KmsKeyId: 'alias/aws/secretsmanager',
    },
  });
  const underKey = provider({ KmsKeyArn: keyArn }).Resources['SealingSecret'];
  expect(underKey).toEqual({
    ...SealingSecret,
    Properties: { ...SealingSecret?.Properties, KmsKeyId: keyArn },
  });
});

test('the queue of failures is encrypted by the key of its own where there is one, else by that of SQS', () => {
  const encryption = (change: Record<string, string>) => {
    const { KmsMasterKeyId, SqsManagedSseEnabled } = properties(provider(change), 'FailureQueue');
    return { KmsMasterKeyId, SqsManagedSseEnabled };
  };
  expect(encryption({})).toEqual({ KmsMasterKeyId: undefined, SqsManagedSseEnabled: true });
  expect(encryption({ KmsKeyArn: keyArn })).toEqual({
    KmsMasterKeyId: keyArn,
    SqsManagedSseEnabled: undefined,
  });
});

test('two providers of one account and Region share no name', () => {
  const names = (prefix: string) =>
    [
      ...JSON.stringify(provider({ ExportPrefix: prefix }).Resources).matchAll(
        /"(FunctionName|TableName|QueueName|Name|DashboardName)":"([^"]+)"/g,
      ),
    ]
      .map(([, , name]) => name)
      .filter((name) => name?.includes(prefix));
  const one = names('one-prefix');
  expect(one).toEqual(
    expect.arrayContaining([
      'one-prefix-provider',
      'one-prefix-ledger',
      'one-prefix-provider-failures',
      '/one-prefix/provider/service-token',
    ]),
  );
  expect(names('two-prefix').filter((name) => one.includes(name))).toEqual([]);
  expect(provider({ ExportPrefix: 'one-prefix' }).Outputs['ServiceToken']?.Export).toEqual({
    Name: 'one-prefix-ServiceToken',
  });
});

test('other stacks find the ServiceToken by export and by SSM parameter, and both are the plain ARN of the function', () => {
  const stack = provider();
  const functionArn = { 'Fn::GetAtt': ['ProviderFunction', 'Arn'] };
  expect(stack.Outputs['ServiceToken']).toMatchObject({
    Value: functionArn,
    Export: { Name: 'genesys-cloud-ServiceToken' },
  });
  expect(properties(stack, 'ServiceTokenParameter')).toMatchObject({
    Name: '/genesys-cloud/provider/service-token',
    Value: functionArn,
  });
});

test('the role has the policies that its options need, and no others', () => {
  const attached = (change: Record<string, string>) =>
    (properties(provider(change), 'ProviderRole')['ManagedPolicyArns'] as { Ref: string }[]).map(
      ({ Ref }) => Ref,
    );
  expect(attached({})).toEqual(['CorePolicy']);
  expect(attached({ ResourceTypes: 'Custom::GenesysRecordingKey' })).toEqual([
    'CorePolicy',
    'RecordingKeysPolicy',
  ]);
  expect(attached({ ...every, ...vpc })).toEqual([
    'CorePolicy',
    'AdditionalOAuthSecretsPolicy',
    'SecretsKeyPolicy',
    'OwnKeyPolicy',
    'DefinitionsPolicy',
    'DefinitionsKeyPolicy',
    'RecordingKeysPolicy',
    'NetworkPolicy',
  ]);
});

test('the function stands in a VPC only with subnets and a security group', () => {
  expect(properties(provider(), 'ProviderFunction')).not.toHaveProperty('VpcConfig');
  expect(properties(provider(vpc), 'ProviderFunction')['VpcConfig']).toEqual({
    SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb', 'subnet-0cccccccccccccccc'],
    SecurityGroupIds: ['sg-0aaaaaaaaaaaaaaaa'],
  });
});

test('alarms watch errors, throttles, duration, the queue and the ledger, and reach the topic', () => {
  const alarms = (stack: Resolved) =>
    Object.values(stack.Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Properties ?? {});
  expect(alarms(provider()).map(({ MetricName }) => MetricName)).toEqual([
    'Errors',
    'Throttles',
    'Duration',
    'ApproximateNumberOfMessagesVisible',
    'DestinationDeliveryFailures',
    'ReadThrottleEvents',
    'WriteThrottleEvents',
  ]);
  for (const alarm of alarms(provider(every)))
    expect(alarm).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
  for (const alarm of alarms(provider())) expect(alarm).not.toHaveProperty('AlarmActions');
});

test('ARNs follow the partition', () => {
  const stack = provider(every, {
    partition: 'aws-eusc',
    region: 'eusc-de-east-1',
    urlSuffix: 'amazonaws.eu',
  });
  const { CorePolicy } = stack.Resources;
  expect(JSON.stringify(CorePolicy)).toContain('arn:aws-eusc:dynamodb:eusc-de-east-1:');
  expect(JSON.stringify(CorePolicy?.Properties).match(/arn:aws:/g)?.length).toBe(1); // the given secret's own
  expect(JSON.stringify(CorePolicy)).toContain('dynamodb.*.amazonaws.eu');
  expect(JSON.stringify(CorePolicy)).toContain('arn:aws-eusc:kms:*:*:key/*');
});
