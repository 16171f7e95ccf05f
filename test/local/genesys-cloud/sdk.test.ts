import platformClient from 'purecloud-platform-client-v2';
import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { actionBody } from './support.ts';

// Genesys' own SDK, as it is published: a client that knows nothing of this server.
let server: GenesysCloudServer;
let integrations: platformClient.IntegrationsApi;
let recording: platformClient.RecordingApi;
let organization: platformClient.OrganizationApi;
let architect: platformClient.ArchitectApi;

beforeAll(async () => {
  server = await startGenesysCloud();
  const client = platformClient.ApiClient.instance;
  // It would read and watch a file in the home directory.
  client.config.live_reload_config = false;
  client.config.setConfigPath('');
  client.setGateway({
    host: '127.0.0.1',
    protocol: 'http',
    port: server.port,
    path_params_login: '',
    path_params_api: '',
  });
  await client.loginClientCredentialsGrant(server.clientId, server.clientSecret);
  integrations = new platformClient.IntegrationsApi();
  recording = new platformClient.RecordingApi();
  organization = new platformClient.OrganizationApi();
  architect = new platformClient.ArchitectApi();
});
afterAll(() => server.close());

test('reads the organization', async () => {
  expect((await organization.getOrganizationsMe()).id).toBe(server.organizationId);
});

test('creates, lists, updates and deletes an integration, its credential and an action', async () => {
  const types = await integrations.getIntegrationsCredentialsTypes();
  expect(types.map(({ name }) => name)).toContain('amazonWebServicesARN');
  const credential = await integrations.postIntegrationsCredentials({
    body: {
      name: 'role',
      type: { name: 'amazonWebServicesARN' },
      credentialFields: { ARN: 'arn:aws:iam::1:role/x' },
    },
  });
  const credentialId = credential.id ?? '';
  const integration = await integrations.postIntegrations({
    body: { name: 'Lambda', integrationType: { id: 'aws-lambda-data-actions' } },
  });
  const integrationId = integration.id ?? '';
  const current = await integrations.getIntegrationConfigCurrent(integrationId);
  await integrations.putIntegrationConfigCurrent(integrationId, {
    body: { ...current, name: 'Lambda', credentials: { AmazonWebServicesARN: { id: credentialId } } },
  });
  const enabled = await integrations.patchIntegration(integrationId, { body: { intendedState: 'ENABLED' } });
  expect(enabled.reportedState?.code).toBe('ACTIVE');
  const listed = await integrations.getIntegrations({
    pageSize: 100,
    expand: ['config.current'],
    ids: [integrationId],
  });
  expect(listed.entities?.[0]?.config?.current?.credentials).toMatchObject({
    AmazonWebServicesARN: { id: credentialId },
  });

  const action = await integrations.postIntegrationsActions(actionBody(integrationId));
  const actionId = action.id ?? '';
  const found = await integrations.getIntegrationsActions({ name: 'look up', includeConfig: true });
  expect(found.entities?.map(({ id }) => id)).toEqual([actionId]);
  const read = await integrations.getIntegrationsAction(actionId, {
    expand: 'contract',
    includeConfig: true,
  });
  expect(read.contract?.input?.inputSchema).toEqual(actionBody('').contract.input.inputSchema);
  expect(await integrations.getIntegrationsActionTemplate(actionId, 'successtemplate.vm')).toBe(
    '${rawResult}',
  );
  const patched = await integrations.patchIntegrationsAction(actionId, { version: 1, name: 'Renamed' });
  expect(patched).toMatchObject({ name: 'Renamed', version: 2 });
  const flows = await architect.getArchitectDependencytrackingConsumingresources(actionId, 'DATAACTION');
  expect(flows.total).toBe(0);
  expect((await architect.getArchitectDependencytrackingBuild()).status).toBe('OPERATIONAL');
  expect(await integrations.deleteIntegrationsAction(actionId)).toBeUndefined();
  await expect(integrations.getIntegrationsAction(actionId)).rejects.toMatchObject({ status: 404 });

  await integrations.deleteIntegration(integrationId);
  await integrations.deleteIntegrationsCredential(credentialId);
  expect((await integrations.getIntegrationsCredentialsListing({ pageSize: '200' })).entities).toEqual([]);
});

test('makes a draft and publishes it', async () => {
  const { id = '' } = await integrations.postIntegrations({
    body: { name: 'Web', integrationType: { id: 'custom-rest-actions' } },
  });
  const draft = await integrations.postIntegrationsActionsDrafts(actionBody(id));
  const draftId = draft.id ?? '';
  expect(await integrations.getIntegrationsActionDraftValidation(draftId)).toMatchObject({ valid: true });
  const published = await integrations.postIntegrationsActionDraftPublish(draftId, { version: 1 });
  expect(published.version).toBe(1);
});

test('saves a key configuration and makes a recording key', async () => {
  const configuration = await recording.postRecordingKeyconfigurations({
    url: 'arn:aws:kms:us-east-1:000000000000:alias/recordings',
    keyConfigurationType: 'KmsSymmetric',
  });
  expect(configuration.lastError).toBeUndefined();
  const key = await recording.postRecordingRecordingkeys();
  const keys = await recording.getRecordingRecordingkeys();
  expect(keys.entities?.map(({ id }) => id)).toEqual([key.id]);
  const schedule = await recording.putRecordingRecordingkeysRotationschedule({ period: 'YEARLY' });
  expect(schedule.period).toBe('YEARLY');
});

test('is refused in the shape that it knows', async () => {
  const refused = integrations.patchIntegrationsAction('none', { version: 1 });
  await expect(refused).rejects.toMatchObject({
    status: 404,
    code: 'not.found',
    contextId: expect.any(String),
  });
});
