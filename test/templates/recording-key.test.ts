/** The resources of kms/recording-key.yaml and of its replica under their parameters. */
import { type Resolved, resolve, type World } from '../../scripts/build/templates/resolve.ts';
import {
  account,
  genesysAccount,
  keyId,
  organization,
  otherOrganization,
  scenarios,
  topic,
} from '../../scripts/build/templates/scenarios.ts';
import { type Json, type JsonObject, readTemplate } from '../../scripts/build/templates/template.ts';

const files = ['kms/recording-key.yaml', 'kms/recording-key-replica.yaml'] as const;
const stack = (file: string, change: Record<string, string> = {}, world: World = {}) =>
  resolve(readTemplate(file), { ...scenarios[file]?.base, ...change }, world);
const properties = ({ Resources }: Resolved, id: string) => Resources[id]?.Properties ?? {};
const trail = { AlarmTopicArn: topic, CloudTrailLogGroupName: 'CloudTrail/management' };
const keyArn = `arn:aws:kms:eu-west-1:${account}:key/${keyId}`;
const aliasArn = `arn:aws:kms:eu-west-1:${account}:alias/genesys-cloud-recordings`;

describe.each(files)('%s', (file) => {
  test('Genesys Cloud has the statement that it documents, for every listed organization', () => {
    const policy = properties(
      stack(file, { GenesysOrganizationIds: `${organization},${otherOrganization}` }),
      'RecordingKey',
    )['KeyPolicy'] as JsonObject;
    const statement = (policy['Statement'] as JsonObject[]).find(({ Sid }) =>
      String(Sid).startsWith('GenesysCloud'),
    );
    expect(statement).toEqual({
      Sid: 'GenesysCloudUsesItForTheseOrganizations',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${genesysAccount}:root` },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Resource: '*',
      Condition: {
        StringEquals: {
          'kms:EncryptionContext:genesys-cloud-organization-id': [organization, otherOrganization],
        },
      },
    });
  });

  test('no statement denies changes of the policy, and none allows a grant', () => {
    for (const change of [{}, { GenesysCloudAccess: 'Denied' }]) {
      const policy = properties(stack(file, change), 'RecordingKey')['KeyPolicy'] as JsonObject;
      for (const { Effect, Action, Sid } of policy['Statement'] as JsonObject[]) {
        if (Effect === 'Deny' && Sid !== 'KillSwitch')
          expect(Action).toEqual(['kms:DisableKey', 'kms:ScheduleKeyDeletion']);
        if (Effect === 'Allow') expect(Action).not.toContain('kms:CreateGrant');
      }
    }
  });

  test('key and alias are retained, and the key waits 30 days for its deletion', () => {
    const { Resources } = stack(file);
    expect(Resources['RecordingKey']).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    // A creation that failed takes it away again, since its name is fixed.
    expect(Resources['RecordingKeyAlias']).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    expect(Resources['RecordingKey']?.Properties).toMatchObject({ PendingWindowInDays: 30 });
  });

  test('a retained key is taken up: nothing of it is made again, and guards and outputs name it', () => {
    const taken = stack(file, { ExistingKeyId: keyId, ...trail });
    expect(Object.values(taken.Resources).filter(({ Type }) => Type.startsWith('AWS::KMS'))).toEqual([]);
    expect(taken.Outputs['KeyArn']?.Value).toBe(keyArn);
    expect(taken.Outputs['KeyAliasArn']?.Value).toBe(aliasArn);
    expect(JSON.stringify(properties(taken, 'ManagementChangesRule'))).toContain(
      `["${keyArn}","${aliasArn}"]`,
    );
    expect(properties(taken, 'KeyEventsRule')['EventPattern']).toMatchObject({ resources: [keyArn] });
    expect(properties(taken, 'SuccessfulUseFilter')['FilterPattern']).toContain(
      `$.resources[0].ARN = "${keyArn}"`,
    );
  });

  test.each([
    'DisableKey',
    'ScheduleKeyDeletion',
    'CancelKeyDeletion',
    'PutKeyPolicy',
    'CreateGrant',
    'UpdateAlias',
    'DeleteAlias',
    'UpdatePrimaryRegion',
  ])('a %s reaches the topic', (change) => {
    const rule = properties(stack(file, trail), 'ManagementChangesRule');
    const pattern = rule['EventPattern'] as { detail: { eventName: string[] } };
    expect(pattern.detail.eventName).toContain(change);
    expect(rule['Targets']).toMatchObject([{ Arn: topic }]);
  });

  test('missing use is an alarm after the expected hours, each of them without use, and so is missing data', () => {
    expect(
      properties(stack(file, { ...trail, UseExpectedWithinHours: '48' }), 'NoSuccessfulUseAlarm'),
    ).toMatchObject({
      MetricName: 'SuccessfulUse-stack',
      Statistic: 'Sum',
      Period: 3600,
      EvaluationPeriods: 48,
      DatapointsToAlarm: 48,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [topic],
    });
    const filter = properties(stack(file, trail), 'SuccessfulUseFilter');
    expect(filter['MetricTransformations']).toMatchObject([
      { MetricName: 'SuccessfulUse-stack', DefaultValue: 0 },
    ]);
    expect(JSON.stringify(filter)).toContain(genesysAccount);
  });

  test('an output says what the guards cannot see', () => {
    const watched = (change: Record<string, string>) => stack(file, change).Outputs['Watched']?.Value;
    expect(watched({})).toMatch(/nobody is told/);
    expect(watched({ AlarmTopicArn: topic })).toMatch(/^No CloudTrail log group is named/);
    expect(watched(trail)).toMatch(/missing use/);
    const guards = (change: Record<string, string>) =>
      Object.keys(stack(file, change).Resources).filter((id) => /Rule$|Alarm$/.test(id));
    expect(guards({})).toEqual([]);
    expect(guards({ AlarmTopicArn: topic })).toEqual(['ManagementChangesRule', 'KeyEventsRule']);
    expect(guards(trail)).toEqual([
      'ManagementChangesRule',
      'KeyEventsRule',
      'NoSuccessfulUseAlarm',
      'PendingDeletionUseAlarm',
    ]);
  });
});

test('the key is symmetric and rotates', () => {
  expect(
    properties(stack('kms/recording-key.yaml', { RotationPeriodInDays: '180' }), 'RecordingKey'),
  ).toMatchObject({
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    EnableKeyRotation: true,
    RotationPeriodInDays: 180,
    MultiRegion: false,
  });
});

test('the link gives Genesys Cloud the alias, never the key, and waits for both', () => {
  const imports = {
    'genesys-cloud-ServiceToken': 'arn:aws:lambda:eu-west-1:111122223333:function:genesys-cloud-provider',
  };
  const linked = { LinkToGenesysCloud: 'true', GenesysRotationPeriod: 'MONTHLY', Takeover: 'true' };
  expect(properties(stack('kms/recording-key.yaml', linked, { imports }), 'RecordingKeyLink')).toEqual({
    ServiceToken: imports['genesys-cloud-ServiceToken'],
    ServiceTimeout: 1200,
    KeyAliasArn: {
      'Fn::Sub': [`arn:aws:kms:eu-west-1:${account}:\${Alias}`, { Alias: { Ref: 'RecordingKeyAlias' } }],
    },
    RotationPeriod: 'MONTHLY',
    Takeover: 'true',
    OnDelete: 'Retain',
  });
  expect(stack('kms/recording-key.yaml').Resources).not.toHaveProperty('RecordingKeyLink');
});

test('a replica names its primary key and cannot rotate by itself', () => {
  const replica = properties(stack('kms/recording-key-replica.yaml'), 'RecordingKey');
  expect(replica['PrimaryKeyArn']).toMatch(/:key\/mrk-/);
  expect(replica).not.toHaveProperty('EnableKeyRotation');
});

test('the quickstart sets the organization back to native keys, the example to what was there', () => {
  const quickstart = resolve(readTemplate('examples/quickstart.yaml'), {
    ...scenarios['examples/quickstart.yaml']?.base,
    RecordingKeyAliasArn: aliasArn,
  });
  expect(properties(quickstart, 'RecordingKey')).toMatchObject({ KeyAliasArn: aliasArn, OnDelete: 'Native' });
  const example = resolve(readTemplate('examples/recording-key.yaml'), { KeyAliasArn: aliasArn });
  expect(properties(example, 'RecordingKey')).toMatchObject({
    KeyAliasArn: aliasArn,
    OnDelete: 'RestorePrevious',
    RotationPeriod: 'YEARLY',
  });
});

/**
 * Whether EventBridge passes the event to the rule. A list is a set of alternatives, in a pattern and in an
 * event.
 */
function matches(pattern: Json | undefined, event: Json | undefined): boolean {
  if (Array.isArray(pattern)) return [event].flat().some((value) => pattern.includes(value as Json));
  if (Array.isArray(event)) return event.some((one) => matches(pattern, one));
  return Object.entries(pattern as JsonObject).every(([key, inner]) =>
    matches(inner, (event as JsonObject | undefined)?.[key]),
  );
}

describe('which events the rules hand on', () => {
  const guarded = stack('kms/recording-key.yaml', trail, {
    attributes: (id, attribute) =>
      id === 'RecordingKey' ? (attribute === 'Arn' ? keyArn : keyId) : undefined,
  });
  const caught = (rule: string, event: Json) => matches(properties(guarded, rule)['EventPattern'], event);
  // An event as in the CloudTrail examples of the KMS developer guide.
  const call = (eventName: string, ...arns: string[]): Json => ({
    source: 'aws.kms',
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventSource: 'kms.amazonaws.com',
      eventName,
      resources: arns.map((ARN) => ({ ARN, accountId: account })),
    },
  });
  const other = keyArn.replace(keyId, '00000000-0000-4000-8000-000000000000');

  test.each([
    ['the policy of the key', call('PutKeyPolicy', keyArn), true],
    ['the deletion of the key', call('ScheduleKeyDeletion', keyArn), true],
    ['the alias led to another key', call('UpdateAlias', aliasArn, other), true],
    ['the alias deleted', call('DeleteAlias', aliasArn, keyArn), true],
    ['the policy of another key', call('PutKeyPolicy', other), false],
    ['a use of the key', call('Decrypt', keyArn), false],
    ['a look at the key', call('DescribeKey', keyArn), false],
  ])('%s (management changes)', (_what, event, expected) => {
    expect(caught('ManagementChangesRule', event)).toBe(expected);
  });

  test.each([
    ['KMS CMK Deletion', keyArn, true],
    ['KMS CMK Rotation', keyArn, true],
    ['KMS CMK Deletion', other, false],
    ['KMS Imported Key Material Expiration', keyArn, false],
  ])('%s of %s (events of KMS itself)', (type, arn, expected) => {
    expect(
      caught('KeyEventsRule', {
        source: 'aws.kms',
        'detail-type': type,
        resources: [arn],
        detail: { 'key-id': keyId },
      }),
    ).toBe(expected);
  });
});
