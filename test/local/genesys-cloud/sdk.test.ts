import {
  type GenesysCloudServer,
  noDelays,
  realisticDelays,
  startGenesysCloud,
} from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type Json, javascriptSdk, pythonSdk, type Sdk, type SdkClient, SdkRefusal } from './sdk-clients.ts';
import { actionBody } from './support.ts';

const sdks: Sdk[] = [javascriptSdk(), pythonSdk()];
afterAll(() => Promise.all(sdks.map((sdk) => sdk.close())));

describe.each(sdks)('$name', (sdk) => {
  const clock = manualClock();
  let server: GenesysCloudServer;
  let client: SdkClient;
  /** How often the client had to look again. */
  let waits: number;
  beforeEach(async () => {
    server = await startGenesysCloud({ clock });
    client = await sdk.login(server);
    waits = 0;
  });
  afterEach(async () => {
    await server.close();
    expect(client.lost).toEqual([]);
  });

  const integrations = (method: string, args: unknown[] = [], options: Record<string, unknown> = {}) =>
    client.call('IntegrationsApi', method, args, options);

  /** Repeats a call, half a second later, while it is refused by one of the statuses or not yet `wanted`. */
  async function patient(
    again: number[],
    call: () => Promise<Json>,
    wanted: (answer: Json) => boolean = () => true,
  ): Promise<Json> {
    for (let left = 60; ; left -= 1) {
      const answer = await call().catch((error: unknown) => {
        if (left > 0 && error instanceof SdkRefusal && again.includes(error.status)) return undefined;
        throw error;
      });
      if (answer !== undefined && wanted(answer)) return answer;
      if (left === 0) throw new Error(`still ${JSON.stringify(answer)}`);
      waits += 1;
      clock.advance(500);
    }
  }

  const read = (method: string, id: string, options = {}) =>
    patient([404], () => integrations(method, [id], options));

  /** Reads until the object is gone. */
  const gone = (method: string, id: string) =>
    patient(
      [],
      () => integrations(method, [id]).catch((error: unknown) => error),
      (answer) => answer instanceof SdkRefusal && answer.status === 404,
    );

  /** The ids of a list, from pages of one entity each. */
  async function idsOf(method: string, options = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let pageNumber = 1; ; pageNumber += 1) {
      const page = await integrations(method, [], { pageSize: 1, pageNumber, ...options });
      ids.push(...page.entities.map(({ id }: { id: string }) => id));
      if (pageNumber >= page.pageCount) return ids;
    }
  }

  /** The ids of the credentials, page after page by the id of the last one. */
  async function credentialIds(): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const { entities } = await integrations('getIntegrationsCredentialsListing', [], {
        pageSize: '1',
        ...(ids.length === 0 ? {} : { after: ids.at(-1) }),
      });
      if (entities.length === 0) return ids;
      ids.push(...entities.map(({ id }: { id: string }) => id));
    }
  }

  async function makeCredential(body: object): Promise<string> {
    const { id } = await integrations('postIntegrationsCredentials', [], { body });
    await read('getIntegrationsCredential', id);
    return id;
  }

  async function makeIntegration(typeId: string, config: object): Promise<string> {
    const { id } = await integrations('postIntegrations', [], {
      body: { name: 'First name', integrationType: { id: typeId } },
    });
    await configure(id, config);
    await read('getIntegration', id);
    return id;
  }

  async function configure(id: string, config: object): Promise<void> {
    const { version } = await integrations('getIntegrationConfigCurrent', [id]);
    await integrations('putIntegrationConfigCurrent', [id], { body: { ...config, version } });
  }

  /** The part of a configuration that a client writes. */
  async function configOf(id: string): Promise<object> {
    const { name, notes, properties, advanced, credentials } = await integrations(
      'getIntegrationConfigCurrent',
      [id],
    );
    const ids = Object.entries<{ id: string }>(credentials).map(([key, value]) => [key, { id: value.id }]);
    return { name, notes, properties, advanced, credentials: Object.fromEntries(ids) };
  }

  /** The part of an action that a client writes, in the form of its POST. */
  async function actionOf(id: string): Promise<object> {
    const action = await read('getIntegrationsAction', id, { expand: 'contract', includeConfig: true });
    const template = (file: string) => integrations('getIntegrationsActionTemplate', [id, file]);
    const { requestTemplateUri: _, ...request } = action.config.request;
    const { successTemplateUri: __, ...response } = action.config.response;
    return {
      name: action.name,
      category: action.category,
      integrationId: action.integrationId,
      secure: action.secure,
      contract: {
        input: { inputSchema: action.contract.input.inputSchema },
        output: { successSchema: action.contract.output.successSchema },
      },
      config: {
        ...(action.config.timeoutSeconds === undefined
          ? {}
          : { timeoutSeconds: action.config.timeoutSeconds }),
        request: { ...request, requestTemplate: await template('requesttemplate.vm') },
        response: { ...response, successTemplate: await template('successtemplate.vm') },
      },
    };
  }

  const enabled = (id: string) =>
    patient(
      [404],
      () => integrations('getIntegration', [id]),
      ({ reportedState }) => reportedState.code === 'ACTIVE',
    );

  const role = (name: string) => ({
    name,
    type: { name: 'amazonWebServicesARN' },
    credentialFields: { ARN: `arn:aws:iam::111122223333:role/${name}` },
  });
  const config = (over: object = {}) => ({
    name: 'Customers',
    notes: 'Made by a test',
    properties: {},
    advanced: {},
    credentials: {},
    ...over,
  });

  describe.each([
    ['without delays', noDelays, 0],
    ['under realistic delays', realisticDelays, 1],
  ])('%s', (_, delays, leastWaits) => {
    beforeEach(() => server.settings({ delays }));
    afterEach(() => {
      if (leastWaits === 0) expect(waits).toBe(0);
      else expect(waits).toBeGreaterThanOrEqual(leastWaits);
    });

    test('makes, lists, changes and deletes credentials', async () => {
      const first = await makeCredential(role('one'));
      const second = await makeCredential(role('two'));
      expect(await credentialIds()).toEqual([first, second]);
      await integrations('putIntegrationsCredential', [first], { body: role('three') });
      expect(await read('getIntegrationsCredential', first)).toMatchObject({
        name: 'three',
        type: { name: 'amazonWebServicesARN' },
      });
      for (const id of [first, second]) {
        await integrations('deleteIntegrationsCredential', [id]);
        await gone('getIntegrationsCredential', id);
      }
      expect(await credentialIds()).toEqual([]);
    });

    test('makes, lists, changes and deletes integrations, which read back as they were sent', async () => {
      const credential = await makeCredential(role('one'));
      const wanted = config({ credentials: { AmazonWebServicesARN: { id: credential } } });
      const id = await makeIntegration('aws-lambda-data-actions', wanted);
      expect(await configOf(id)).toEqual(wanted);
      const other = await makeIntegration('custom-rest-actions', config());
      expect(await idsOf('getIntegrations')).toEqual([id, other]);
      expect(await idsOf('getIntegrations', { credentialId: credential })).toEqual([id]);

      await integrations('patchIntegration', [id], { body: { intendedState: 'ENABLED' } });
      expect(await enabled(id)).toMatchObject({ intendedState: 'ENABLED' });
      const changed = { ...wanted, name: 'Renamed', notes: '' };
      await configure(id, changed);
      expect(await configOf(id)).toEqual(changed);

      for (const each of [id, other]) {
        await integrations('deleteIntegration', [each]);
        await gone('getIntegration', each);
      }
      await integrations('deleteIntegrationsCredential', [credential]);
      expect(await idsOf('getIntegrations')).toEqual([]);
    });

    test('makes, lists, changes and deletes actions, which read back as they were sent', async () => {
      const integrationId = await makeIntegration('custom-rest-actions', config());
      const wanted = actionBody(integrationId);
      const post = (body: object) =>
        // A new integration takes no actions yet, which is a 400. Genesys' Terraform provider repeats it.
        patient([400], () => integrations('postIntegrationsActions', [body]));
      const { id } = await post(wanted);
      const { id: other } = await post({ ...wanted, name: 'Look up order' });
      expect(await actionOf(id)).toEqual(wanted);
      expect(await idsOf('getIntegrationsActions', { category: 'Customers' })).toEqual([id, other]);

      const { name, config: before } = wanted;
      const changed = { name, category: 'Orders', config: { ...before, timeoutSeconds: 30 } };
      await integrations('patchIntegrationsAction', [id, { version: 1, ...changed }]);
      expect(await actionOf(id)).toEqual({ ...wanted, ...changed });

      for (const each of [id, other]) {
        await integrations('deleteIntegrationsAction', [each]);
        await gone('getIntegrationsAction', each);
      }
      await patient(
        [],
        () => integrations('getIntegrationsActions'),
        ({ total }) => total === 0,
      );
    });

    test('makes, changes, publishes and gives up drafts', async () => {
      const integrationId = await makeIntegration('custom-rest-actions', config());
      const wanted = actionBody(integrationId);
      const { id } = await patient([400], () => integrations('postIntegrationsActionsDrafts', [wanted]));
      expect(await idsOf('getIntegrationsActionsDrafts')).toEqual([id]);
      const { version } = await integrations('patchIntegrationsActionDraft', [
        id,
        { version: 1, name: 'Draft' },
      ]);
      expect(await integrations('getIntegrationsActionDraftValidation', [id])).toMatchObject({ valid: true });
      await integrations('postIntegrationsActionDraftPublish', [id, { version }]);
      expect(await actionOf(id)).toEqual({ ...wanted, name: 'Draft' });

      await integrations('postIntegrationsActionDraft', [id]);
      expect((await integrations('getIntegrationsActionDraft', [id])).name).toBe('Draft');
      await integrations('deleteIntegrationsActionDraft', [id]);
      expect(await idsOf('getIntegrationsActionsDrafts')).toEqual([]);
      expect(await actionOf(id)).toEqual({ ...wanted, name: 'Draft' });
    });

    test('changes the custom auth action that comes and goes with its credential', async () => {
      const oauth = await makeCredential({
        name: 'login',
        type: { name: 'userDefinedOAuth' },
        credentialFields: { clientId: 'x', clientSecret: 'y', loginUrl: 'https://login.example' },
      });
      const wanted = config({ credentials: { basicAuth: { id: oauth } } });
      const integrationId = await makeIntegration('custom-rest-actions', wanted);
      const id = `customAuth_-_${integrationId}`;
      const { version } = await read('getIntegrationsAction', id);
      const request = {
        requestUrlTemplate: '${credentials.loginUrl}/token',
        requestType: 'POST',
        requestTemplate: 'grant_type=client_credentials',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      };
      const response = {
        translationMap: { token: '$.access_token' },
        translationMapDefaults: {},
        successTemplate: '{"access_token": ${token}}',
      };
      await integrations('patchIntegrationsAction', [
        id,
        { version, name: 'Login', config: { request, response } },
      ]);
      expect(await actionOf(id)).toMatchObject({
        name: 'Login',
        secure: true,
        config: { request, response },
      });
      expect(await idsOf('getIntegrationsActions')).toEqual([]);
      expect(await idsOf('getIntegrationsActions', { includeAuthActions: 'true' })).toEqual([id]);
      await configure(integrationId, config());
      await gone('getIntegrationsAction', id);
    });
  });

  test('is refused with status, code and correlation id', async () => {
    const missing = await integrations('patchIntegrationsAction', ['none', { version: 1 }]).catch((e) => e);
    expect(missing).toMatchObject({
      status: 404,
      body: { code: 'not.found', contextId: expect.any(String) },
      headers: { 'inin-correlation-id': missing.body.contextId },
    });
    const invalid = integrations('postIntegrations', [], { body: { integrationType: { id: 'none' } } });
    await expect(invalid).rejects.toMatchObject({ status: 400, body: { code: 'invalid.integration.type' } });
    const id = await makeIntegration('custom-rest-actions', config());
    const stale = integrations('putIntegrationConfigCurrent', [id], { body: { ...config(), version: 1 } });
    await expect(stale).rejects.toMatchObject({ status: 409 });
  });

  test('is refused without a permission, and with a token that has ended', async () => {
    server.seed({ clients: [{ id: server.clientId, permissions: ['integrations:integration:view'] }] });
    const denied = integrations('postIntegrations', [], {
      body: { integrationType: { id: 'custom-rest-actions' } },
    });
    await expect(denied).rejects.toMatchObject({ status: 403 });
    server.seed({ revokeTokens: [server.clientId] });
    await expect(integrations('getIntegrations')).rejects.toMatchObject({ status: 401 });
  });

  test('sees an answer without a body as the status that it has', async () => {
    server.faults({ match: { path: '/api/v2/integrations' }, action: { empty: 502 } });
    await expect(integrations('getIntegrations')).rejects.toMatchObject({ status: 502 });
    expect((await integrations('getIntegrations')).total).toBe(0);
  });

  test('above the limit of requests is told how long to wait, and goes on after that time', async () => {
    server.settings({ rateLimitPerMinute: 1 });
    await integrations('getIntegrations');
    clock.advance(59_000);
    const refused = integrations('getIntegrations').catch((error: unknown) => error);
    while (server.calls().at(-1)?.status !== 429) await new Promise(setImmediate);
    expect(server.calls().at(-1)?.retryAfterSeconds).toBe(1);
    clock.advance(1_000);
    if (!sdk.repeats429)
      expect(await refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    const answer = sdk.repeats429 ? await refused : await integrations('getIntegrations');
    expect(answer).toMatchObject({ total: 0 });
  });

  test('reads the organization, its products, roles, users and clients, and its own token', async () => {
    expect(await client.call('OrganizationApi', 'getOrganizationsMe')).toMatchObject({
      id: server.organizationId,
    });
    const products = await client.call('AuthorizationApi', 'getAuthorizationProducts');
    expect(products.entities.length).toBe(products.total);
    expect((await client.call('AuthorizationApi', 'getAuthorizationRoles')).total).toBe(1);
    expect((await client.call('UsersApi', 'getUsers')).total).toBe(0);
    expect((await client.call('OAuthApi', 'getOauthClients')).entities).toMatchObject([
      { id: server.clientId },
    ]);
    expect(await client.call('TokensApi', 'getTokensMe')).toMatchObject({
      organization: { id: server.organizationId },
    });
    expect((await integrations('getIntegrationsActionsCertificates')).total).toBe(0);
    expect((await integrations('getIntegrationsActionsCertificatesTruststore')).total).toBe(0);
    expect(await integrations('getIntegrationsActionsFunctionsRuntimes')).toMatchObject([
      { name: expect.any(String) },
    ]);
    const types = await integrations('getIntegrationsCredentialsTypes');
    expect(types.map(({ name }: { name: string }) => name)).toContain('amazonWebServicesARN');
    expect((await integrations('getIntegrationsTypes', [], { pageSize: 100 })).total).toBeGreaterThan(4);
    const lambda = 'aws-lambda-data-actions';
    expect(await integrations('getIntegrationsType', [lambda])).toMatchObject({ id: lambda });
    const schema = await integrations('getIntegrationsTypeConfigschema', [lambda, 'properties']);
    expect(schema).toMatchObject({ type: 'object' });
  });

  test('makes a function data action with an uploaded package, and reads its function back', async () => {
    const integrationId = await makeIntegration('function-data-actions', config());
    const { id } = await integrations('postIntegrationsActionsDrafts', [actionBody(integrationId)]);
    const fileName = 'code.zip';
    const { url, headers } = await integrations('postIntegrationsActionDraftFunctionUpload', [
      id,
      { fileName },
    ]);
    expect((await fetch(url, { method: 'PUT', headers, body: 'PK' })).status).toBe(200);
    const settings = { description: 'Looks up', handler: 'index.handler', runtime: 'nodejs22.x' };
    await integrations('putIntegrationsActionDraftFunction', [id, settings]);
    const { version } = await integrations('getIntegrationsActionDraft', [id]);
    await integrations('postIntegrationsActionDraftPublish', [id, { version }]);
    expect(await integrations('getIntegrationsActionFunction', [id])).toMatchObject({
      function: settings,
      zip: { name: fileName, status: 'Available' },
    });
  });

  test('saves a key configuration and makes a recording key', async () => {
    const recording = (method: string, args: unknown[] = []) => client.call('RecordingApi', method, args);
    const saved = await recording('postRecordingKeyconfigurations', [
      { url: 'arn:aws:kms:us-east-1:000000000000:alias/recordings', keyConfigurationType: 'KmsSymmetric' },
    ]);
    expect(saved.lastError).toBeUndefined();
    const key = await recording('postRecordingRecordingkeys');
    expect((await recording('getRecordingRecordingkeys')).entities).toMatchObject([{ id: key.id }]);
    const schedule = await recording('putRecordingRecordingkeysRotationschedule', [{ period: 'YEARLY' }]);
    expect(schedule.period).toBe('YEARLY');
  });

  test('saves, validates and disables a key configuration of conversations', async () => {
    const conversations = (method: string, args: unknown[] = []) =>
      client.call('ConversationsApi', method, args);
    const url = 'arn:aws:kms:us-east-1:000000000000:alias/conversations';
    const wanted = { url, keyConfigurationType: 'KmsSymmetric' };
    await conversations('postConversationsKeyconfigurationsValidate', [wanted]);
    expect((await conversations('getConversationsKeyconfigurations')).total).toBe(0);
    const { id } = await conversations('postConversationsKeyconfigurations', [wanted]);
    expect(await conversations('getConversationsKeyconfiguration', [id])).toMatchObject(wanted);
    await conversations('putConversationsKeyconfiguration', [id, { url, keyConfigurationType: 'None' }]);
    expect((await conversations('getConversationsKeyconfigurations')).entities).toMatchObject([
      { id, keyConfigurationType: 'None' },
    ]);
    const local = { url: 'https://keys.example', keyConfigurationType: 'LocalKeyManager' };
    const refused = conversations('postConversationsKeyconfigurations', [local]);
    await expect(refused).rejects.toMatchObject({ status: 400 });
  });

  test('asks which flows use an action', async () => {
    const integrationId = await makeIntegration('custom-rest-actions', config());
    const { id } = await integrations('postIntegrationsActions', [actionBody(integrationId)]);
    server.seed({ flows: [{ name: 'Main', actionId: id }] });
    const architect = (method: string, args: unknown[] = []) => client.call('ArchitectApi', method, args);
    const users = await architect('getArchitectDependencytrackingConsumingresources', [id, 'DATAACTION']);
    expect(users.entities).toMatchObject([{ name: 'Main', type: 'INBOUNDCALLFLOW' }]);
    expect(await architect('getArchitectDependencytrackingBuild')).toMatchObject({ status: 'OPERATIONAL' });
    expect((await integrations('getIntegrationsActionsCategories')).entities).toEqual([
      { name: 'Customers' },
    ]);
  });
});
