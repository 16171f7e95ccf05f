import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { parsePlan } from '../../scripts/rollout/plan.ts';
import { deployStackSet } from '../../scripts/rollout/stack-set.ts';
import { planStackSet } from '../../scripts/rollout/stack-set-plan.ts';
import { readInput } from './service-model.ts';
import { type StackSetsServer, startStackSets } from './stack-sets-server.ts';

const names = ['GenesysEnvironment', 'CodeS3Key', 'MemorySize'];
const accounts = ['111122223333', '444455556666', '777788889999'];
const regions = ['us-east-1', 'eu-west-1'];

let server: StackSetsServer;
let client: CloudFormationClient;

beforeEach(async () => {
  server = await startStackSets();
  client = new CloudFormationClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});

afterEach(() => server.close());

interface Wanted {
  plan?: string;
  template?: string;
  accounts?: readonly string[];
}

const base = 'parameters: { GenesysEnvironment: mypurecloud.com, CodeS3Key: one }';

async function bring({
  plan: text = base,
  template = 'template one',
  accounts: where = accounts,
}: Wanted = {}) {
  const lines: string[] = [];
  const plan = parsePlan(text);
  const result = await deployStackSet(client, {
    stackSetName: 'provider',
    description: 'Provider',
    template,
    regions,
    plan: planStackSet(plan, { names, required: ['GenesysEnvironment', 'CodeS3Key'] }, regions, where),
    options: plan.stackSet,
    onEvent: (line) => lines.push(line),
    pollMs: 1,
  });
  return { ...result, lines };
}

const operations = () => server.calls.map(({ operation }) => operation);
const statuses = () =>
  (server.set('provider')?.instances ?? []).map(
    ({ account, region, status }) => `${account} ${region} ${status}`,
  );
const applied = (account: string, region: string) =>
  server.set('provider')?.instances.find((one) => one.account === account && one.region === region)?.applied;

describe('a stack set', () => {
  test('is created, gets its instances, and every instance is told of', async () => {
    const { instances, failure, lines } = await bring();
    expect(failure).toBeUndefined();
    expect(operations()).toEqual(['CreateStackSet', 'CreateStackInstances']);
    expect(instances.map(({ Status }) => Status)).toEqual(Array(6).fill('CURRENT'));
    for (const account of accounts) {
      for (const region of regions) expect(lines).toContain(`${account} ${region}  SUCCEEDED`);
    }
    expect(server.set('provider')).toMatchObject({ managedExecution: true, permissionModel: 'SELF_MANAGED' });
  });

  test('that is as it should be is left alone', async () => {
    await bring();
    server.calls.length = 0;
    const { lines, instances } = await bring();
    expect(operations()).toEqual([]);
    expect(lines).toEqual(['stack set provider unchanged']);
    expect(instances).toHaveLength(6);
  });

  test('brings a new version to every instance by one update', async () => {
    await bring();
    server.calls.length = 0;
    await bring({ template: 'template two', plan: base.replace('one', 'two') });
    expect(operations()).toEqual(['UpdateStackSet']);
    expect(applied('777788889999', 'eu-west-1')).toEqual({
      template: 'template two',
      parameters: { GenesysEnvironment: 'mypurecloud.com', CodeS3Key: 'two' },
    });
  });

  test('gets a further account and Region without touching the instances that there are', async () => {
    await bring({ accounts: accounts.slice(0, 2) });
    server.calls.length = 0;
    await bring();
    expect(
      server.calls.map(({ operation, input }) => [operation, input['Accounts'], input['Regions']]),
    ).toEqual([
      ['CreateStackInstances', ['777788889999'], ['us-east-1']],
      ['CreateStackInstances', ['777788889999'], ['eu-west-1']],
    ]);
  });

  test('changes the overrides of the instances that the plan changes, and of no other', async () => {
    await bring();
    server.calls.length = 0;
    const plan = `${base}\noverrides: [{ regions: [eu-west-1], parameters: { GenesysEnvironment: mypurecloud.ie } }]`;
    await bring({ plan });
    expect(server.calls.map(({ operation, input }) => [operation, input['Regions']])).toEqual([
      ['UpdateStackInstances', ['eu-west-1']],
    ]);
    expect(applied('111122223333', 'eu-west-1')?.parameters['GenesysEnvironment']).toBe('mypurecloud.ie');
    expect(applied('111122223333', 'us-east-1')?.parameters['GenesysEnvironment']).toBe('mypurecloud.com');

    await bring();
    expect(applied('111122223333', 'eu-west-1')?.parameters['GenesysEnvironment']).toBe('mypurecloud.com');
    server.calls.length = 0;
    await bring();
    expect(operations()).toEqual([]);
  });
});

describe('a failing instance', () => {
  test('stops the accounts and Regions after it, is named with its reason, and is taken up by the next run', async () => {
    server.failing.set('444455556666 us-east-1', 'no such secret');
    const { failure, lines } = await bring();
    expect(failure).toBe('create of 3 accounts × 2 Regions FAILED: 444455556666 us-east-1: no such secret');
    expect(lines).toContain('444455556666 us-east-1  FAILED: no such secret');
    expect(statuses()).toEqual([
      '111122223333 us-east-1 CURRENT',
      '444455556666 us-east-1 OUTDATED',
      '777788889999 us-east-1 OUTDATED',
      '111122223333 eu-west-1 OUTDATED',
      '444455556666 eu-west-1 OUTDATED',
      '777788889999 eu-west-1 OUTDATED',
    ]);
    server.failing.clear();
    const again = await bring();
    expect(again.failure).toBeUndefined();
    expect(again.instances.every(({ Status }) => Status === 'CURRENT')).toBe(true);
  });

  test('within the tolerance lets the operation go on, and is still shown as behind', async () => {
    server.failing.set('444455556666 us-east-1', 'no such secret');
    const { failure, instances } = await bring({ plan: `${base}\nstackSet: { failureToleranceCount: 1 }` });
    expect(failure).toBeUndefined();
    expect(instances.filter(({ Status }) => Status !== 'CURRENT')).toEqual([
      expect.objectContaining({
        Account: '444455556666',
        Region: 'us-east-1',
        StatusReason: 'no such secret',
      }),
    ]);
    expect(server.mostAtOnce()).toBe(2);
  });

  test('in an update keeps the set from its further operations', async () => {
    await bring();
    server.calls.length = 0;
    server.failing.set('111122223333 us-east-1', 'broken');
    const plan = `${base.replace('one', 'two')}\noverrides: [{ regions: [eu-west-1], parameters: { MemorySize: 1024 } }]`;
    const { failure } = await bring({ plan });
    expect(failure).toContain('update of stack set provider FAILED');
    expect(operations()).toEqual(['UpdateStackSet']);
  });
});

test('a service-managed set goes to the accounts of its units, one with an override by itself', async () => {
  server.units.set('ou-abcd-12345678', accounts);
  const plan = `${base}
overrides: [{ accounts: ['444455556666'], parameters: { MemorySize: 1024 } }]
stackSet: { permissionModel: SERVICE_MANAGED, organizationalUnits: [ou-abcd-12345678], autoDeployment: true }`;
  const { instances, failure } = await bring({ plan, accounts: [] });
  expect(failure).toBeUndefined();
  expect(instances).toHaveLength(6);
  expect(applied('444455556666', 'eu-west-1')?.parameters['MemorySize']).toBe('1024');
  expect(applied('111122223333', 'eu-west-1')?.parameters).not.toHaveProperty('MemorySize');
  expect(server.set('provider')?.input).toMatchObject({
    AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: true },
  });
  server.calls.length = 0;
  await bring({ plan, accounts: [] });
  expect(operations()).toEqual([]);
});

describe('a plan that differs from the set is deployed:', () => {
  const [one, two] = ['ou-abcd-11111111', 'ou-abcd-22222222'] as const;
  const managed = (organizationalUnits: readonly string[], autoDeployment: boolean) =>
    `${base}\nstackSet: { permissionModel: SERVICE_MANAGED, organizationalUnits: [${organizationalUnits}], autoDeployment: ${autoDeployment} }`;
  const calls = () =>
    server.calls.map(({ operation, input }) => [operation, input['DeploymentTargets'], input['Regions']]);

  beforeEach(() => {
    server.units.set(one, accounts.slice(0, 1));
    server.units.set(two, accounts.slice(1, 2));
  });

  test('a further organizational unit', async () => {
    await bring({ plan: managed([one], true), accounts: [] });
    server.calls.length = 0;
    const { instances } = await bring({ plan: managed([one, two], true), accounts: [] });
    expect(instances).toHaveLength(4);
    expect(calls()).toEqual(
      regions.map((region) => ['CreateStackInstances', { OrganizationalUnitIds: [two] }, [region]]),
    );
    server.calls.length = 0;
    await bring({ plan: managed([one, two], true), accounts: [] });
    expect(operations()).toEqual([]);
  });

  test('an account that joined a unit whose new accounts nobody looks after', async () => {
    await bring({ plan: managed([one, two], false), accounts: [] });
    server.units.set(two, accounts.slice(1));
    const { instances } = await bring({ plan: managed([one, two], false), accounts: [] });
    expect(instances).toHaveLength(6);
    expect(applied('777788889999', 'eu-west-1')).toBeDefined();
  });

  test('auto-deployment on, with the accounts that joined before it, and off', async () => {
    await bring({ plan: managed([one, two], false), accounts: [] });
    server.units.set(two, accounts.slice(1));
    server.calls.length = 0;
    const { instances } = await bring({ plan: managed([one, two], true), accounts: [] });
    expect(operations()).toEqual(['UpdateStackSet', 'CreateStackInstances']);
    expect(instances).toHaveLength(6);
    expect(server.set('provider')?.input).toMatchObject({ AutoDeployment: { Enabled: true } });
    await bring({ plan: managed([one, two], false), accounts: [] });
    expect(server.set('provider')?.input).toMatchObject({ AutoDeployment: { Enabled: false } });
  });

  test.each([
    ['executionRoleName', 'Executes', 'ExecutionRoleName'],
    ['administrationRoleArn', 'arn:aws:iam::111122223333:role/Administers', 'AdministrationRoleARN'],
  ])('another %s, and the default one again', async (name, value, member) => {
    await bring();
    const plan = `${base}\nstackSet: { ${name}: '${value}' }`;
    await bring({ plan });
    expect(server.set('provider')?.input).toMatchObject({ [member]: value });
    server.calls.length = 0;
    await bring({ plan });
    expect(operations()).toEqual([]);
    await bring();
    expect(operations()).toEqual(['UpdateStackSet']);
    expect(server.set('provider')?.input).not.toHaveProperty(member);
  });

  test('the default of a parameter that the plan no longer names', async () => {
    const template = 'Parameters: { MemorySize: { Type: Number, Default: 512 } }';
    const plan = base.replace('CodeS3Key: one', 'CodeS3Key: one, MemorySize: 1024');
    await bring({ plan, template });
    server.calls.length = 0;
    await bring({ template });
    expect(operations()).toEqual(['UpdateStackSet']);
    expect(applied('111122223333', 'eu-west-1')?.parameters).not.toHaveProperty('MemorySize');
    server.calls.length = 0;
    // CloudFormation lists the default together with the other settings.
    server.set('provider')?.parameters.push({ ParameterKey: 'MemorySize', ParameterValue: '512' });
    await bring({ template });
    expect(operations()).toEqual([]);
  });
});

describe('the service model', () => {
  const request = (fields: Record<string, string>) => () => readInput(new URLSearchParams(fields));

  test.each([
    [{ Action: 'CreateStackSets' }, 'no operation CreateStackSets'],
    [{ Action: 'CreateStackInstances', StackSetName: 'a' }, 'needs Regions'],
    [{ Action: 'CreateStackSet', StackSetName: 'a', TemplateBodies: 'b' }, 'has no TemplateBodies'],
    [{ Action: 'CreateStackSet', StackSetName: 'a', PermissionModel: 'OTHER' }, 'is one of'],
    [
      { Action: 'UpdateStackSet', StackSetName: 'a', 'OperationPreferences.MaxConcurrentCount': '0' },
      'is below 1',
    ],
    [{ Action: 'ListStackInstances', StackSetName: 'a', MaxResults: '101' }, 'is above 100'],
  ])('refuses %j', (fields, message) => {
    expect(request(fields)).toThrow(message);
  });
});
