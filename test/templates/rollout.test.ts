/** The resources of the roll-out templates under their parameters. */
import { resolve } from '../../scripts/build/templates/resolve.ts';
import {
  account,
  awsOrganization,
  homeLedgerArn,
  keyArn,
  ledgerArn,
  oauthSecret,
  providerArn,
  scenarios,
  topic,
} from '../../scripts/build/templates/scenarios.ts';
import { type JsonObject, readTemplate } from '../../scripts/build/templates/template.ts';

const world = { region: 'eu-west-1', accountId: account };
const deployed = (file: string, change: Record<string, string> = {}) =>
  resolve(readTemplate(file), { ...scenarios[file]?.base, ...change }, world).Resources;
const properties = (file: string, id: string, change: Record<string, string> = {}) =>
  deployed(file, change)[id]?.Properties ?? {};

describe('the provider', () => {
  test('takes its code from the named bucket, or from the bucket of its Region by the prefix', () => {
    const bucket = (change: Record<string, string>) =>
      (properties('provider.yaml', 'ProviderFunction', change)['Code'] as JsonObject)['S3Bucket'];
    expect(bucket({})).toBe('packages');
    expect(bucket({ CodeS3Bucket: '', CodeS3BucketPrefix: 'acme' })).toBe('acme-eu-west-1');
  });

  test('may be invoked by other accounts only when they are named, and by an organization only as its members', () => {
    const permissions = (change: Record<string, string>) =>
      Object.values(deployed('provider.yaml', change))
        .filter(({ Type }) => Type === 'AWS::Lambda::Permission')
        .map(({ Properties }) => Properties);
    expect(permissions({})).toEqual([]);
    const common = { FunctionName: { Ref: 'ProviderFunction' }, Action: 'lambda:InvokeFunction' };
    expect(permissions({ ConsumerAccountIdB: '444455556666' })).toEqual([
      { ...common, Principal: '444455556666' },
    ]);
    expect(permissions({ ConsumerOrganizationId: awsOrganization })).toEqual([
      { ...common, Principal: '*', PrincipalOrgID: awsOrganization },
    ]);
  });
});

describe('the OAuth secret', () => {
  const file = 'stacksets/oauth-secret.yaml';

  test('has replicas under the keys that are named, and none without', () => {
    // An empty list is another value than none.
    expect(properties(file, 'Secret')).not.toHaveProperty('ReplicaRegions');
    expect(
      properties(file, 'Secret', { ReplicaRegionC: 'us-east-1', ReplicaKmsKeyArnC: keyArn })[
        'ReplicaRegions'
      ],
    ).toEqual([{ Region: 'us-east-1', KmsKeyId: keyArn }]);
  });

  test('is made of the same placeholder whatever the parameters are, so that no update writes over the client', () => {
    const placeholder = (change: Record<string, string>) =>
      properties(file, 'Secret', change)['GenerateSecretString'];
    const every = scenarios[file]?.variations['readers, replicas and administrators'] ?? {};
    expect(placeholder(every)).toEqual(placeholder({}));
    expect(placeholder({})).toEqual({
      SecretStringTemplate: '{"client_id":"not-set"}',
      GenerateStringKey: 'client_secret',
      PasswordLength: 32,
    });
  });
});

describe('the stack set', () => {
  const file = 'stacksets/provider.yaml';
  const groups = (change: Record<string, string> = {}) =>
    properties(file, 'Providers', change)['StackInstancesGroup'] as JsonObject[];
  const overrides = (group: JsonObject | undefined) =>
    Object.fromEntries(
      ((group?.['ParameterOverrides'] ?? []) as { ParameterKey: string; ParameterValue: string }[]).map(
        (one) => [one.ParameterKey, one.ParameterValue],
      ),
    );

  test('has a group of instances for each group that has Regions, with its own organization and secret', () => {
    expect(groups()).toHaveLength(1);
    const both = groups({
      GroupCRegions: 'us-east-1',
      GroupCAccountIds: '555566667777',
      GroupCGenesysEnvironment: 'mypurecloud.com',
      GroupCOAuthSecretArn: oauthSecret.replace('eu-west-1', 'us-east-1'),
      GroupCLedgerTableArn: homeLedgerArn,
    });
    expect(both.map((group) => group['Regions'])).toEqual([['eu-west-1', 'eu-west-2'], ['us-east-1']]);
    const none = { LedgerTableArn: homeLedgerArn, AlarmTopicArn: '' };
    expect(both.map(overrides)).toEqual([
      { ...none, GenesysEnvironment: 'mypurecloud.ie', OAuthSecretArn: oauthSecret },
      {
        ...none,
        GenesysEnvironment: 'mypurecloud.com',
        OAuthSecretArn: oauthSecret.replace('eu-west-1', 'us-east-1'),
      },
    ]);
    expect(both[1]?.['DeploymentTargets']).toEqual({ Accounts: ['555566667777'] });
  });

  test('gives every instance what its operation needs: the ledger and the topic of its group, the stacks that may use it', () => {
    const change = {
      AllowedStacks: 'contact-centre-*,demo',
      SharedIntegrationIds: '05f2e887-c317-49c5-98d9-083b62c43040',
      GroupALedgerTableArn: ledgerArn,
      GroupAAlarmTopicArn: topic,
    };
    expect(overrides(groups(change)[0])).toMatchObject({
      LedgerTableArn: ledgerArn,
      AlarmTopicArn: topic,
    });
    expect(properties(file, 'Providers', change)['Parameters']).toContainEqual({
      ParameterKey: 'AllowedStacks',
      ParameterValue: 'contact-centre-*,demo',
    });
    expect(properties(file, 'Providers', change)['Parameters']).toContainEqual({
      ParameterKey: 'SharedIntegrationIds',
      ParameterValue: '05f2e887-c317-49c5-98d9-083b62c43040',
    });
    const { Parameters = {} } = readTemplate('provider.yaml');
    const given = groups().flatMap((group) => Object.keys(overrides(group)));
    expect(given.filter((name) => Parameters[name] === undefined)).toEqual([]);
  });

  test('hands every list on as text, since a stack set takes no list for the value of a parameter', () => {
    const given = properties(file, 'Providers', {
      ResourceTypes: 'Custom::GenesysDataAction,Custom::GenesysRecordingKey',
      RecordingKeyProviderArn: providerArn,
    })['Parameters'];
    expect(given).toContainEqual({
      ParameterKey: 'ResourceTypes',
      ParameterValue: 'Custom::GenesysDataAction,Custom::GenesysRecordingKey',
    });
    const values = (given as JsonObject[]).map(({ ParameterValue }) => ParameterValue);
    expect(values.filter((value) => typeof value !== 'string')).toEqual([]);
  });

  test('tells providers with ledgers of their own that there are others', () => {
    const otherLedgers = (change: Record<string, string>) =>
      (properties(file, 'Providers', change)['Parameters'] as JsonObject[]).find(
        ({ ParameterKey }) => ParameterKey === 'OtherLedgers',
      )?.['ParameterValue'];
    expect(otherLedgers({})).toBe('false');
    expect(otherLedgers({ OwnLedgers: 'true', GroupALedgerTableArn: '' })).toBe('true');
  });

  test('filters accounts only within organizational units', () => {
    const targets = (change: Record<string, string>) =>
      groups({ PermissionModel: 'SERVICE_MANAGED', ...change })[0]?.['DeploymentTargets'];
    const OrganizationalUnitIds = ['ou-ab12-cdefgh34'];
    expect(targets({ GroupAOrganizationalUnitIds: 'ou-ab12-cdefgh34', GroupAAccountIds: '' })).toEqual({
      OrganizationalUnitIds,
    });
    expect(targets({ GroupAOrganizationalUnitIds: 'ou-ab12-cdefgh34' })).toEqual({
      OrganizationalUnitIds,
      Accounts: ['444455556666'],
      AccountFilterType: 'INTERSECTION',
    });
  });

  test('gives its instances only parameters that the provider has, and everything that it requires', () => {
    const { Parameters = {} } = readTemplate('provider.yaml');
    const given = [...(properties(file, 'Providers')['Parameters'] as { ParameterKey: string }[])].map(
      ({ ParameterKey }) => ParameterKey,
    );
    expect(given.filter((name) => Parameters[name] === undefined)).toEqual([]);
    const required = Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined);
    expect(required.filter((name) => !given.includes(name))).toEqual([]);
  });

  test('offers the environments that the provider offers', () => {
    const allowed = (template: string, name: string) =>
      readTemplate(template).Parameters?.[name]?.AllowedValues;
    expect(allowed(file, 'GroupAGenesysEnvironment')).toEqual(allowed('provider.yaml', 'GenesysEnvironment'));
    for (const letter of 'BCD') {
      expect(allowed(file, `Group${letter}GenesysEnvironment`)).toEqual([
        '',
        ...(allowed('provider.yaml', 'GenesysEnvironment') ?? []),
      ]);
    }
  });
});
