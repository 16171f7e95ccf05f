/**
 * The main job through the outermost door: the real AWS CLI deploys the real templates with the packaged zip.
 * Nothing between the CLI and Genesys Cloud is mocked.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { aws, deleteStack, deploy, outputs, stackEvents } from '../../local/aws/cli.ts';
import { root } from '../../local/world.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { dataAction, integration, recordingKey } from '../support/templates.ts';
import { expectNoSecrets, ProviderWorld } from './provider-world.ts';

jest.setTimeout(120_000);

let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.start();
});
afterAll(() => world?.stop());

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
    expect(world.organization().integrations.map(({ id }) => id)).toContain(ids['IntegrationId']);
    expect(world.organization().actions.map(({ id }) => id)).toContain(ids['DataActionId']);
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
    expect(world.organization().actions.map(({ id }) => id)).not.toContain(ids['DataActionId']);
    expect(world.organization().integrations.map(({ id }) => id)).not.toContain(ids['IntegrationId']);
  });
});

describe('the smoke test of the quickstart', () => {
  const stackName = 'smoke-test';
  /** Deploys the quickstart with another contract, and with a smoke test that expects this name. */
  async function deploySmokeTest(name: string, outputSchema = 'tier: { type: string }'): Promise<void> {
    const quickstart = await readFile(join(root, 'templates/examples/quickstart.yaml'), 'utf8');
    const templateFile = join(world.files.folder, 'smoke-test.yaml');
    await writeFile(
      templateFile,
      quickstart
        .replace('tier: { type: string }', outputSchema)
        .replace("Input: { customerId: '1001' }", "Input: { customerId: '1002' }")
        .replace('name: Ada }', `name: ${name} }`),
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

test('where a run is the first to assume the role, the smoke test waits until the role is visible', async () => {
  const stackName = 'judged-at-execution';
  const { settings, organizationId: GenesysOrganizationId } = world.genesys;
  settings({ behaviour: { roleCheckedAt: 'execution' }, delays: { roleVisibleMs: 3_000 } });
  await deploy(world.ministack, {
    stackName,
    templateFile: join(root, 'templates/examples/quickstart.yaml'),
    parameters: { GenesysOrganizationId, IntegrationName: stackName, ActionName: stackName },
  });
  await deleteStack(world.ministack, stackName);
  settings({ behaviour: { roleCheckedAt: 'activation' }, delays: { roleVisibleMs: 0 } });
});

describe('a stack of integration and data action', () => {
  test('is created, updated in place, replaced with clean-up, and deleted without a trace', async () => {
    const stackName = 'lifecycle';
    const created = await world.deployResources(stackName, {
      Integration: integration(),
      Action: dataAction(),
    });
    const renamed = await world.deployResources(stackName, {
      Integration: integration(),
      Action: dataAction({ Name: 'Get an order' }),
    });
    expect(renamed).toEqual(created);
    expect(world.organization().actions.find(({ id }) => id === created['ActionId'])?.published?.name).toBe(
      'Get an order',
    );

    const replaced = await world.deployResources(stackName, {
      Integration: integration(),
      Action: dataAction({ Secure: true }),
    });
    expect(replaced['IntegrationId']).toBe(created['IntegrationId']);
    expect(replaced['ActionId']).not.toBe(created['ActionId']);
    const ids = world.organization().actions.map(({ id }) => id);
    expect(ids).toContain(replaced['ActionId']);
    expect(ids).not.toContain(created['ActionId']);

    await deleteStack(world.ministack, stackName);
    expect(world.organization().actions.map(({ id }) => id)).not.toContain(replaced['ActionId']);
    expect(world.organization().integrations.map(({ id }) => id)).not.toContain(created['IntegrationId']);
    expect(
      world
        .organization()
        .credentials.map(({ name }) => name)
        .filter((name) => name?.startsWith('Orders')),
    ).toEqual([]);
  });

  test('a failed update goes back to what was there, in Genesys Cloud too', async () => {
    const stackName = 'rolled-back';
    const before = await world.deployResources(stackName, {
      Integration: integration(),
      Action: dataAction({ Category: 'Before' }),
    });
    const reasons = await world.reasonsOf(stackName, {
      Integration: integration({ Notes: 'changed' }),
      Action: dataAction({ Category: 'After' }),
      Wrong: { ...dataAction({ Name: 'Wrong', TimeoutSeconds: 61 }), DependsOn: 'Action' },
    });
    expect(reasons).toContain('TimeoutSeconds must be a whole number from 1 to 60');
    expect(await outputs(world.ministack, stackName)).toEqual(before);
    expect(
      world.organization().actions.find(({ id }) => id === before['ActionId'])?.published?.category,
    ).toBe('Before');
    expect(
      world.organization().integrations.find(({ id }) => id === before['IntegrationId'])?.config.notes,
    ).toBe('');
    await deleteStack(world.ministack, stackName);
  });

  test('a failed create leaves nothing', async () => {
    const before = world.organization();
    await world.reasonsOf('failed-create', {
      Integration: integration(),
      Action: dataAction({ Contract: { Input: { type: 'strin' }, Output: {} } }),
    });
    expect(world.organization().integrations.length).toBe(before.integrations.length);
    expect(world.organization().credentials.length).toBe(before.credentials.length);
  });
});

describe('a shared provider', () => {
  test('two stacks use it through the export, and neither touches what the other made', async () => {
    const mine = await world.deployResources('team-a', { Integration: integration({ Name: 'Team A' }) });
    const theirs = await world.deployResources('team-b', { Integration: integration({ Name: 'Team B' }) });
    await deleteStack(world.ministack, 'team-a');
    const ids = world.organization().integrations.map(({ id }) => id);
    expect(ids).not.toContain(mine['IntegrationId']);
    expect(ids).toContain(theirs['IntegrationId']);
    await deleteStack(world.ministack, 'team-b');
  });

  test('serves a second region from a stack there', async () => {
    const region = 'eu-west-1';
    const there = await world.world.prepare({ region });
    await world.world.deployProvider(there);
    const ids = await world.deployResources(
      'second-region',
      { Integration: integration({ Name: 'Ireland' }) },
      region,
    );
    expect(world.organization().integrations.map(({ id }) => id)).toContain(ids['IntegrationId']);
    await deleteStack(world.ministack, 'second-region', { region });
    expect(world.organization().integrations.map(({ id }) => id)).not.toContain(ids['IntegrationId']);
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
    s3Bucket: world.prepared.bucket,
  });

  test('is refused with the reason while its policy lacks the statement, and taken once it has it', async () => {
    await deploy(world.ministack, keyStack('00000000-0000-4000-8000-000000000000'));
    const { KeyAliasArn } = await outputs(world.ministack, 'recording-key');
    const key = { Key: recordingKey({ KeyAliasArn, OnDelete: 'Native' }) };
    const reasons = await world.reasonsOf('no-statement', key);
    expect(reasons).toContain(
      'The key policy has a statement for organization 00000000-0000-4000-8000-000000000000',
    );
    expect(reasons).toContain(world.genesys.organizationId);

    await deploy(world.ministack, keyStack(world.genesys.organizationId));
    const ids = await world.deployResources('with-statement', key);
    expect(world.organization().keyConfigurations).toMatchObject([
      { id: ids['KeyId'], keyConfigurationType: 'KmsSymmetric', url: KeyAliasArn },
    ]);
    expect(world.organization().recordingKeys.at(-1)).toMatchObject({ keyConfigurationType: 'KmsSymmetric' });
    await deleteStack(world.ministack, 'with-statement');
    expect(world.organization().keyConfigurations).toMatchObject([
      { id: ids['KeyId'], keyConfigurationType: 'Native' },
    ]);
  });
});

test('these tests have created and deleted a resource of every type', async () => {
  const events = await world.events();
  const typesThat = (status: string) =>
    new Set(events.filter(({ ResourceStatus }) => ResourceStatus === status).map((one) => one.ResourceType));
  const names = resourceTypes.map(({ typeName }) => typeName);
  for (const status of ['CREATE_COMPLETE', 'DELETE_COMPLETE'])
    expect([...typesThat(status)]).toEqual(expect.arrayContaining(names));
});

test('no secret stands in anything that the function wrote, nor in any stack event', () =>
  expectNoSecrets(world));
