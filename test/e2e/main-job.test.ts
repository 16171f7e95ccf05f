/**
 * The main job through the outermost door: the real AWS CLI deploys the real templates with the packaged zip,
 * and nothing between it and Genesys Cloud is mocked.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { aws, deleteStack, deploy, outputs, stackEvents } from '../../local/aws/cli.ts';
import { type LocalWorld, oauthSecret, type Prepared, root, startLocalWorld } from '../../local/world.ts';
import {
  dataAction,
  integration,
  type Resource,
  recordingKey,
  template,
  templateFolder,
} from '../support/templates.ts';

jest.setTimeout(120_000);

let world: LocalWorld;
let prepared: Prepared;
let files: Awaited<ReturnType<typeof templateFolder>>;

beforeAll(async () => {
  world = await startLocalWorld();
  files = await templateFolder();
  prepared = await world.prepare();
  await world.deployProvider(prepared);
});
afterAll(async () => {
  await files?.remove();
  await world?.stop();
});

const organization = () => {
  const [only] = world.genesys.state().organizations;
  if (only === undefined) throw new Error('no organization');
  return only;
};

async function deployResources(
  stackName: string,
  resources: Record<string, Resource>,
  region?: string,
): Promise<Record<string, string>> {
  await deploy(world.ministack, { stackName, templateFile: await files.file(template(resources)), region });
  return outputs(world.ministack, stackName, { region });
}

/** What a person reads in the stack's events about a deployment that failed. */
async function reasonsOf(stackName: string, resources: Record<string, Resource>): Promise<string> {
  await expect(deployResources(stackName, resources)).rejects.toThrow();
  const events = await stackEvents(world.ministack, stackName);
  return events
    .filter(
      ({ ResourceType, ResourceStatus }) =>
        ResourceType.startsWith('Custom::') && ResourceStatus.endsWith('_FAILED'),
    )
    .map(({ ResourceStatusReason = '' }) => ResourceStatusReason)
    .join('\n');
}

/** A new container: MiniStack starts one when the function's environment changes. */
async function restartProvider(environment: Record<string, string> = {}): Promise<void> {
  const { Environment } = await aws<{ Environment: { Variables: Record<string, string> } }>(world.ministack, [
    'lambda',
    'get-function-configuration',
    '--function-name',
    'genesys-cloud-provider',
  ]);
  const Variables = { ...Environment.Variables, ...environment };
  await aws(world.ministack, [
    'lambda',
    'update-function-configuration',
    '--function-name',
    'genesys-cloud-provider',
    '--environment',
    JSON.stringify({ Variables }),
  ]);
}

const login = async () => {
  const { clientId, clientSecret, url } = world.genesys;
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
};

async function testAction(
  id: string,
  input: object,
): Promise<{ success?: boolean; finalResult?: unknown; operations?: unknown }> {
  const response = await fetch(`${world.genesys.url}/api/v2/integrations/actions/${id}/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await login()}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return (await response.json()) as { success?: boolean; finalResult?: unknown };
}

describe('the quickstart', () => {
  const stackName = 'quickstart';
  const quickstart = () =>
    deploy(world.ministack, {
      stackName,
      templateFile: join(root, 'templates/examples/quickstart.yaml'),
      parameters: { GenesysOrganizationId: world.genesys.organizationId },
    });

  test('its outputs are the ids that Genesys Cloud lists, and the data action returns what the function computes', async () => {
    await quickstart();
    const ids = await outputs(world.ministack, stackName);
    expect(organization().integrations.map(({ id }) => id)).toContain(ids['IntegrationId']);
    expect(organization().actions.map(({ id }) => id)).toContain(ids['DataActionId']);
    const result = await testAction(ids['DataActionId'] ?? '', { customerId: '1002' });
    expect(result).toMatchObject({
      success: true,
      finalResult: { found: true, name: 'Grace', tier: 'silver' },
    });

    const roleName = (ids['RoleArn'] ?? '').split('/')[1] ?? '';
    const trust = async (statement: object) =>
      aws(world.ministack, [
        'iam',
        'update-assume-role-policy',
        '--role-name',
        roleName,
        '--policy-document',
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }],
        }),
      ]);
    const genesys = { AWS: 'arn:aws:iam::765628985471:root' };
    const externalId = { StringEquals: { 'sts:ExternalId': world.genesys.organizationId } };
    const works = async () => (await testAction(ids['DataActionId'] ?? '', { customerId: '1002' })).success;

    await trust({ Principal: genesys, Condition: { StringEquals: { 'sts:ExternalId': 'another' } } });
    expect(await works()).toBe(false);
    await trust({ Principal: { AWS: 'arn:aws:iam::111111111111:root' }, Condition: externalId });
    expect(await works()).toBe(false);
    await trust({ Principal: genesys, Condition: externalId });
    expect(await works()).toBe(true);
    await deleteStack(world.ministack, stackName);
    expect(organization().actions.map(({ id }) => id)).not.toContain(ids['DataActionId']);
    expect(organization().integrations.map(({ id }) => id)).not.toContain(ids['IntegrationId']);
  });
});

describe('the quickstart with a smoke test', () => {
  const stackName = 'smoke-test';
  /** The quickstart with another contract, and a smoke test that expects this name. */
  async function deploySmokeTest(name: string, outputSchema = 'tier: { type: string }'): Promise<void> {
    const quickstart = await readFile(join(root, 'templates/examples/quickstart.yaml'), 'utf8');
    const templateFile = join(files.folder, 'smoke-test.yaml');
    await writeFile(
      templateFile,
      quickstart
        .replace('tier: { type: string }', outputSchema)
        .replace(
          '      TimeoutSeconds: 10\n',
          `$&      SmokeTest: { Input: { customerId: '1002' }, ExpectOutput: { found: true, name: ${name} } }\n`,
        ),
    );
    const parameters = {
      GenesysOrganizationId: world.genesys.organizationId,
      IntegrationName: 'Smoke test',
      ActionName: 'Smoke test',
    };
    await deploy(world.ministack, { stackName, templateFile, parameters });
  }
  const reasons = async () =>
    (await stackEvents(world.ministack, stackName))
      .map(({ ResourceStatusReason = '' }) => ResourceStatusReason)
      .join('\n');

  test('the function is run; what it should not answer, or what a flow uses, rolls the update back', async () => {
    await deploySmokeTest('Grace');
    const { DataActionId = '' } = await outputs(world.ministack, stackName);
    await expect(deploySmokeTest('Ada')).rejects.toThrow();
    expect(await reasons()).toContain('its output is not as SmokeTest.ExpectOutput says: name differs');

    world.genesys.seed({ flows: [{ name: 'Main menu', actionId: DataActionId }] });
    await expect(deploySmokeTest('Grace', 'tier: {}')).rejects.toThrow();
    expect(await reasons()).toContain('INBOUNDCALLFLOW "Main menu"');
    expect((await outputs(world.ministack, stackName))['DataActionId']).toBe(DataActionId);
    await deleteStack(world.ministack, stackName);
  });
});

describe('a stack of integration and data action', () => {
  test('is created, updated in place, replaced with clean-up, and deleted without a trace', async () => {
    const stackName = 'lifecycle';
    const created = await deployResources(stackName, { Integration: integration(), Action: dataAction() });
    const renamed = await deployResources(stackName, {
      Integration: integration(),
      Action: dataAction({ Name: 'Get an order' }),
    });
    expect(renamed).toEqual(created);
    expect(organization().actions.find(({ id }) => id === created['ActionId'])?.published?.name).toBe(
      'Get an order',
    );

    const replaced = await deployResources(stackName, {
      Integration: integration(),
      Action: dataAction({ Secure: true }),
    });
    expect(replaced['IntegrationId']).toBe(created['IntegrationId']);
    expect(replaced['ActionId']).not.toBe(created['ActionId']);
    const ids = organization().actions.map(({ id }) => id);
    expect(ids).toContain(replaced['ActionId']);
    expect(ids).not.toContain(created['ActionId']);

    await deleteStack(world.ministack, stackName);
    expect(organization().actions.map(({ id }) => id)).not.toContain(replaced['ActionId']);
    expect(organization().integrations.map(({ id }) => id)).not.toContain(created['IntegrationId']);
    expect(
      organization()
        .credentials.map(({ name }) => name)
        .filter((name) => name?.startsWith('Orders')),
    ).toEqual([]);
  });

  test('a failed update goes back to what was there, in Genesys Cloud too', async () => {
    const stackName = 'rolled-back';
    const before = await deployResources(stackName, {
      Integration: integration(),
      Action: dataAction({ Category: 'Before' }),
    });
    const reasons = await reasonsOf(stackName, {
      Integration: integration({ Notes: 'changed' }),
      Action: dataAction({ Category: 'After' }),
      Wrong: { ...dataAction({ Name: 'Wrong', TimeoutSeconds: 61 }), DependsOn: 'Action' },
    });
    expect(reasons).toContain('TimeoutSeconds must be a whole number from 1 to 60');
    expect(await outputs(world.ministack, stackName)).toEqual(before);
    expect(organization().actions.find(({ id }) => id === before['ActionId'])?.published?.category).toBe(
      'Before',
    );
    expect(organization().integrations.find(({ id }) => id === before['IntegrationId'])?.config.notes).toBe(
      '',
    );
    await deleteStack(world.ministack, stackName);
  });

  test('a failed create leaves nothing', async () => {
    const before = organization();
    await reasonsOf('failed-create', {
      Integration: integration(),
      Action: dataAction({ Contract: { Input: { type: 'strin' }, Output: {} } }),
    });
    expect(organization().integrations.length).toBe(before.integrations.length);
    expect(organization().credentials.length).toBe(before.credentials.length);
  });
});

describe('a shared provider', () => {
  test('two stacks use it through the export, and neither touches what the other made', async () => {
    const mine = await deployResources('team-a', { Integration: integration({ Name: 'Team A' }) });
    const theirs = await deployResources('team-b', { Integration: integration({ Name: 'Team B' }) });
    await deleteStack(world.ministack, 'team-a');
    const ids = organization().integrations.map(({ id }) => id);
    expect(ids).not.toContain(mine['IntegrationId']);
    expect(ids).toContain(theirs['IntegrationId']);
    await deleteStack(world.ministack, 'team-b');
  });

  test('serves a second region from a stack there', async () => {
    const region = 'eu-west-1';
    const there = await world.prepare({ region });
    await world.deployProvider(there);
    const ids = await deployResources(
      'second-region',
      { Integration: integration({ Name: 'Ireland' }) },
      region,
    );
    expect(organization().integrations.map(({ id }) => id)).toContain(ids['IntegrationId']);
    await deleteStack(world.ministack, 'second-region', { region });
    expect(organization().integrations.map(({ id }) => id)).not.toContain(ids['IntegrationId']);
  });
});

describe('a recording key', () => {
  const keyStack = (organizationId: string) => ({
    stackName: 'recording-key',
    templateFile: join(root, 'templates/kms/recording-key.yaml'),
    parameters: {
      GenesysOrganizationIds: organizationId,
      KeyAdministratorArns: 'arn:aws:iam::000000000000:role/KeyAdministrators',
    },
    s3Bucket: prepared.bucket,
  });

  test('is refused with the reason while its policy lacks the statement, and taken once it has it', async () => {
    await deploy(world.ministack, keyStack('00000000-0000-4000-8000-000000000000'));
    const { KeyAliasArn } = await outputs(world.ministack, 'recording-key');
    const key = { Key: recordingKey({ KeyAliasArn, OnDelete: 'Native' }) };
    const reasons = await reasonsOf('no-statement', key);
    expect(reasons).toContain(
      'The key policy has a statement for organization 00000000-0000-4000-8000-000000000000',
    );
    expect(reasons).toContain(world.genesys.organizationId);

    await deploy(world.ministack, keyStack(world.genesys.organizationId));
    const ids = await deployResources('with-statement', key);
    expect(organization().keyConfigurations).toMatchObject([
      { id: ids['KeyId'], keyConfigurationType: 'KmsSymmetric', url: KeyAliasArn },
    ]);
    expect(organization().recordingKeys.at(-1)).toMatchObject({ keyConfigurationType: 'KmsSymmetric' });
    await deleteStack(world.ministack, 'with-statement');
    expect(organization().keyConfigurations).toMatchObject([
      { id: ids['KeyId'], keyConfigurationType: 'Native' },
    ]);
  });
});

describe('failure reasons in the stack events', () => {
  const reason = (resources: Record<string, Resource>) =>
    reasonsOf(`reason-${Math.random().toString(36).slice(2)}`, resources);

  test('an unknown property names the nearest one', async () => {
    expect(await reason({ Integration: integration({ RollArn: 'x' }) })).toContain(
      'RollArn is unknown: did you mean RoleArn?',
    );
  });

  test('an unknown resource type names the nearest one', async () => {
    expect(await reason({ Wrong: { ...integration(), Type: 'Custom::GenesysAwsIntegrations' } })).toContain(
      'did you mean Custom::GenesysAwsIntegration?',
    );
  });

  test('a missing permission is named', async () => {
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations' },
      action: {
        status: 403,
        body: {
          message:
            'Unable to perform the requested action. You are missing the following permission(s): integrations:integration:add',
          code: 'missing.any.permissions',
          status: 403,
        },
      },
    });
    try {
      expect(await reason({ Integration: integration() })).toContain('integrations:integration:add');
    } finally {
      world.genesys.clearFaults();
    }
  });

  test('a version conflict that does not end is named', async () => {
    world.genesys.faults({
      match: { method: 'PUT', path: '/api/v2/integrations/{integrationId}/config/current', count: 'every' },
      action: {
        status: 409,
        body: {
          message: 'The version does not match the current version',
          code: 'version.mismatch',
          status: 409,
        },
      },
    });
    try {
      expect(await reason({ Integration: integration() })).toMatch(/version/i);
    } finally {
      world.genesys.clearFaults();
    }
  });

  test.each([
    ['an unknown domain', { GENESYS_ENVIRONMENT: 'mypurecloud.example' }, /mypurecloud\.example/],
    [
      'an unreachable host',
      { GENESYS_LOGIN_BASE_URL: 'http://127.0.0.1:47', GENESYS_API_BASE_URL: 'http://127.0.0.1:47' },
      /127\.0\.0\.1/,
    ],
    ['a missing setting', { LEDGER_TABLE_NAME: '' }, /LEDGER_TABLE_NAME/],
  ])('%s is said', async (_what, environment, expected) => {
    const {
      LEDGER_TABLE_NAME = '',
      GENESYS_LOGIN_BASE_URL = '',
      GENESYS_API_BASE_URL = '',
      GENESYS_ENVIRONMENT = '',
    } = (
      await aws<{ Environment: { Variables: Record<string, string> } }>(world.ministack, [
        'lambda',
        'get-function-configuration',
        '--function-name',
        'genesys-cloud-provider',
      ])
    ).Environment.Variables;
    await restartProvider(environment);
    try {
      const said = await reason({ Integration: integration() });
      expect(said).toMatch(expected);
      expect(said).not.toMatch(/\n\s+at |see the log/i);
    } finally {
      await restartProvider({
        LEDGER_TABLE_NAME,
        GENESYS_LOGIN_BASE_URL,
        GENESYS_API_BASE_URL,
        GENESYS_ENVIRONMENT,
      });
    }
  });
});

describe('the OAuth client', () => {
  const putSecret = (text: string) =>
    aws(world.ministack, [
      'secretsmanager',
      'put-secret-value',
      '--secret-id',
      '/genesys/oauth/credentials',
      '--secret-string',
      text,
    ]);

  test.each([
    [
      'a wrong secret',
      () => JSON.stringify({ client_id: world.genesys.clientId, client_secret: 'wrong-secret' }),
      /secret.*region|region.*secret/is,
    ],
    ['a secret that is no JSON', () => 'not json', /JSON/],
    ['a secret that lacks a field', () => JSON.stringify({ client_id: 'x' }), /client_secret/],
  ])(
    '%s is said, and a right one is picked up without deploying the provider again',
    async (_what, secret, expected) => {
      await putSecret(secret());
      await restartProvider();
      try {
        expect(
          await reasonsOf(`secret-${Math.random().toString(36).slice(2)}`, { Integration: integration() }),
        ).toMatch(expected);
      } finally {
        await putSecret(oauthSecret(world.genesys));
      }
      await deployResources('right-again', { Integration: integration() });
      await deleteStack(world.ministack, 'right-again');
    },
  );

  test('logs in once a container, and a 401 in the middle of a stack is invisible', async () => {
    await restartProvider();
    world.genesys.resetCalls();
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      action: { status: 401, body: {} },
    });
    await deployResources('token', { Integration: integration(), Action: dataAction() });
    world.genesys.clearFaults();
    const calls = world.genesys.calls();
    const count = (path: string) => calls.filter((call) => call.path === path).length;
    // One look at the organization a container; one login more, for the 401.
    expect(count('/oauth/token')).toBe(count('/api/v2/organizations/me') + 1);
    expect(calls.filter(({ status }) => status === 401)).toHaveLength(1);
    await deleteStack(world.ministack, 'token');
  });
});

test('no secret stands in anything that the function wrote, nor in any stack event', async () => {
  const { logGroups } = await aws<{ logGroups: { logGroupName: string }[] }>(world.ministack, [
    'logs',
    'describe-log-groups',
  ]);
  const logs = await Promise.all(
    logGroups.map(({ logGroupName }) =>
      aws(world.ministack, ['logs', 'filter-log-events', '--log-group-name', logGroupName]),
    ),
  );
  const { StackSummaries } = await aws<{ StackSummaries: { StackId: string }[] }>(world.ministack, [
    'cloudformation',
    'list-stacks',
  ]);
  const events = await Promise.all(
    StackSummaries.map(({ StackId }) => stackEvents(world.ministack, StackId)),
  );
  const written = [world.ministack.log(), JSON.stringify(logs), JSON.stringify(events)].join('\n');
  // The log holds something at all: the function's own lines.
  expect(written).toContain('Genesys Cloud call');
  expect(written).not.toContain(world.genesys.clientSecret);
  expect(written).not.toContain('Bearer ');
  expect(written).not.toMatch(/X-Amz-Signature=(?!\[redacted\])/);
});
