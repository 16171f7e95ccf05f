import { parametersOf, parsePlan, withParameter } from '../../../scripts/rollout/plan.ts';
import { parseAccounts, parseRegions } from '../../../scripts/rollout/regions.ts';
import {
  operationPreferences,
  planStackSet,
  type TemplateParameters,
} from '../../../scripts/rollout/stack-set-plan.ts';

const template: TemplateParameters = {
  names: ['GenesysEnvironment', 'OAuthSecretArn', 'CodeS3Key', 'MemorySize', 'AlarmTopicArn'],
  required: ['GenesysEnvironment', 'OAuthSecretArn', 'CodeS3Key'],
};

const plan = (text: string) =>
  parsePlan(`
parameters:
  CodeS3Key: key
  GenesysEnvironment: mypurecloud.com
  OAuthSecretArn: secret
${text}`);

describe('a plan', () => {
  test('gives an instance its own account and Region, and the last override that names it', () => {
    const parsed = parsePlan(`
parameters:
  OAuthSecretArn: arn:aws:secretsmanager:{region}:{account}:secret:/genesys/oauth/credentials-AbCdEf
  MemorySize: 512
overrides:
  - regions: [eu-west-1]
    parameters: { MemorySize: 1024, GenesysEnvironment: mypurecloud.ie }
  - accounts: ['111122223333']
    parameters: { MemorySize: 2048 }
`);
    expect(parametersOf(parsed, { account: '111122223333', region: 'eu-west-1' })).toEqual({
      OAuthSecretArn:
        'arn:aws:secretsmanager:eu-west-1:111122223333:secret:/genesys/oauth/credentials-AbCdEf',
      MemorySize: '2048',
      GenesysEnvironment: 'mypurecloud.ie',
    });
    expect(parametersOf(parsed, { account: '444455556666', region: 'us-east-1' })).toMatchObject({
      MemorySize: '512',
    });
  });

  test('takes parameters of the command line as the last overrides, for all Regions or one', () => {
    const parsed = ['MemorySize=1024', 'eu-west-1:MemorySize=2048', 'AlarmTopicArn=a=b'].reduce(
      withParameter,
      plan(''),
    );
    const at = (region: string) => parametersOf(parsed, { account: '111122223333', region });
    expect(at('us-east-1')).toMatchObject({ MemorySize: '1024', AlarmTopicArn: 'a=b' });
    expect(at('eu-west-1')).toMatchObject({ MemorySize: '2048' });
    expect(() => withParameter(parsed, 'MemorySize')).toThrow('Not Name=value');
  });

  test('joins lists as CloudFormation takes them', () => {
    expect(plan('  AllowedStacks: [orders-*, billing]').parameters['AllowedStacks']).toBe('orders-*,billing');
  });

  test.each([
    ['parameter: {}', 'no field parameter'],
    ['overrides: {}', 'overrides is a list'],
    ['overrides: [{ accounts: [111122223333], parameters: {} }]', 'put it into quotes'],
    ['overrides: [{ region: [eu-west-1], parameters: {} }]', 'overrides[0] has no field region'],
    ['parameters: { A: { B: 1 } }', 'parameters.A is a text or a list'],
    ['stackSet: { permissionModel: BOTH }', 'one of SELF_MANAGED, SERVICE_MANAGED'],
    ['stackSet: { permissionModel: SERVICE_MANAGED }', 'organizationalUnits is needed'],
    ['stackSet: { organizationalUnits: [ou-1] }', 'need SERVICE_MANAGED'],
    ['stackSet: { failureToleranceCount: -1 }', 'whole number from 0'],
    ['stackSet: { maxConcurrentCount: 0 }', 'whole number from 1'],
    ['stackSet: { failureTolerance: 1 }', 'no field failureTolerance'],
  ])('%s is refused by name', (text, message) => {
    expect(() => parsePlan(text)).toThrow(message);
  });
});

describe('Regions and accounts', () => {
  test('are read with commas or blanks, each once, and what is none is named', () => {
    expect(parseRegions('eu-west-1, us-east-1 eu-west-1,ap-southeast-2')).toEqual([
      'eu-west-1',
      'us-east-1',
      'ap-southeast-2',
    ]);
    expect(() => parseRegions('eu-west-1,ireland')).toThrow('Not an AWS Region: ireland.');
    expect(parseAccounts('111122223333,444455556666')).toHaveLength(2);
    expect(() => parseAccounts('1111')).toThrow('Not an AWS account id (12 digits): 1111.');
  });
});

describe('a self-managed stack set', () => {
  const regions = ['us-east-1', 'eu-west-1', 'eu-west-2'];
  const accounts = ['111122223333', '444455556666'];

  test('is one group without overrides where all instances are alike', () => {
    expect(planStackSet(plan(''), template, regions, accounts)).toEqual({
      parameters: { CodeS3Key: 'key', GenesysEnvironment: 'mypurecloud.com', OAuthSecretArn: 'secret' },
      groups: [{ regions, accounts, overrides: {} }],
    });
  });

  test('joins Regions whose accounts get the same overrides', () => {
    const { groups } = planStackSet(
      plan(`
overrides:
  - regions: [eu-west-1, eu-west-2]
    parameters: { GenesysEnvironment: mypurecloud.ie }
  - regions: [eu-west-2]
    accounts: ['444455556666']
    parameters: { MemorySize: 1024 }
`),
      template,
      regions,
      accounts,
    );
    const ireland = { GenesysEnvironment: 'mypurecloud.ie' };
    expect(groups).toEqual([
      { regions: ['us-east-1'], accounts, overrides: {} },
      { regions: ['eu-west-1'], accounts, overrides: ireland },
      { regions: ['eu-west-2'], accounts: ['111122223333'], overrides: ireland },
      { regions: ['eu-west-2'], accounts: ['444455556666'], overrides: { ...ireland, MemorySize: '1024' } },
    ]);
  });

  test('overrides what holds the Region in each Region, and gives the set itself the first one’s', () => {
    const text =
      'parameters: { CodeS3Key: key, GenesysEnvironment: mypurecloud.com, OAuthSecretArn: "in-{region}" }';
    const { parameters, groups } = planStackSet(parsePlan(text), template, regions, accounts);
    expect(parameters['OAuthSecretArn']).toBe('in-us-east-1');
    expect(groups.map(({ overrides }) => overrides)).toEqual([
      {},
      { OAuthSecretArn: 'in-eu-west-1' },
      { OAuthSecretArn: 'in-eu-west-2' },
    ]);
  });

  test('never lets an optional parameter of one instance become the set’s own', () => {
    const { parameters } = planStackSet(
      plan("overrides: [{ accounts: ['111122223333'], parameters: { AlarmTopicArn: topic } }]"),
      template,
      regions,
      accounts,
    );
    expect(parameters).not.toHaveProperty('AlarmTopicArn');
  });

  test('is refused where an instance lacks a parameter or the template has none of that name', () => {
    const some = parsePlan(
      'overrides: [{ regions: [us-east-1], parameters: { CodeS3Key: k, GenesysEnvironment: e, OAuthSecretArn: s } }]',
    );
    expect(() => planStackSet(some, template, regions, accounts)).toThrow(
      'No GenesysEnvironment, OAuthSecretArn, CodeS3Key for 111122223333 in eu-west-1.',
    );
    expect(() => planStackSet(plan('  Memory: 1'), template, regions, accounts)).toThrow(
      'The template has no parameter Memory.',
    );
    expect(() => planStackSet(plan(''), template, regions, [])).toThrow('needs ACCOUNTS');
  });
});

describe('a service-managed stack set', () => {
  const managed = (text: string) =>
    plan(`${text}
stackSet: { permissionModel: SERVICE_MANAGED, organizationalUnits: [ou-abcd-12345678] }`);
  const units = { OrganizationalUnitIds: ['ou-abcd-12345678'] };

  test('goes to whole units where no override names an account', () => {
    expect(planStackSet(managed(''), template, ['us-east-1', 'eu-west-1'], []).groups).toEqual([
      { regions: ['us-east-1', 'eu-west-1'], deploymentTargets: units, overrides: {} },
    ]);
  });

  test('takes an account that an override names out of its unit, in the Regions of the override', () => {
    const { groups } = planStackSet(
      managed(
        "overrides: [{ accounts: ['111122223333'], regions: [eu-west-1], parameters: { MemorySize: 1024 } }]",
      ),
      template,
      ['us-east-1', 'eu-west-1'],
      [],
    );
    const Accounts = ['111122223333'];
    expect(groups).toEqual([
      { regions: ['us-east-1'], deploymentTargets: units, overrides: {} },
      {
        regions: ['eu-west-1'],
        deploymentTargets: { ...units, Accounts, AccountFilterType: 'DIFFERENCE' },
        overrides: {},
      },
      {
        regions: ['eu-west-1'],
        deploymentTargets: { ...units, Accounts, AccountFilterType: 'INTERSECTION' },
        overrides: { MemorySize: '1024' },
      },
    ]);
  });

  test('refuses accounts, and {account} in a value, since the accounts of a unit are not known', () => {
    expect(() => planStackSet(managed(''), template, ['us-east-1'], ['111122223333'])).toThrow(
      'not accounts',
    );
    expect(() => planStackSet(managed('  AlarmTopicArn: "{account}"'), template, ['us-east-1'], [])).toThrow(
      '{account} needs a self-managed stack set',
    );
  });
});

describe('operation preferences', () => {
  const options = (text: string) => parsePlan(`stackSet: { ${text} }`).stackSet;

  test.each([
    ['', { FailureToleranceCount: 0, MaxConcurrentCount: 1 }],
    ['failureToleranceCount: 4', { FailureToleranceCount: 4, MaxConcurrentCount: 5 }],
    ['failureToleranceCount: 4, maxConcurrentCount: 2', { MaxConcurrentCount: 2 }],
    [
      'concurrencyMode: SOFT_FAILURE_TOLERANCE, maxConcurrentCount: 50',
      { FailureToleranceCount: 0, MaxConcurrentCount: 50, ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE' },
    ],
  ])('%s: as many accounts at once as the tolerance allows, unless fewer are asked for', (text, expected) => {
    expect(operationPreferences(options(text), ['us-east-1'])).toMatchObject(expected);
  });

  test('more at once than strict tolerance allows is refused before CloudFormation is asked', () => {
    expect(() => operationPreferences(options('maxConcurrentCount: 2'), [])).toThrow(
      'maxConcurrentCount 2 is over failureToleranceCount + 1 = 1',
    );
  });

  test('Regions have an order only when they go one after the other', () => {
    const regions = ['eu-west-1', 'us-east-1'];
    expect(operationPreferences(options(''), regions)).toMatchObject({
      RegionConcurrencyType: 'SEQUENTIAL',
      RegionOrder: regions,
    });
    expect(operationPreferences(options('regionConcurrency: PARALLEL'), regions)).not.toHaveProperty(
      'RegionOrder',
    );
  });
});
