import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { actionBody, type Caller, callerOf, integrationBy } from './support.ts';

let server: GenesysCloudServer;
let call: Caller;
const clock = manualClock();
beforeEach(async () => {
  server = await startGenesysCloud({ clock });
  call = await callerOf(server);
});
afterEach(() => server.close());

const arn = 'arn:aws:iam::000000000000:role/genesys';
const credential = async (over: object = {}) => {
  const { body } = await call('POST', '/integrations/credentials', {
    name: 'role',
    type: { name: 'amazonWebServicesARN' },
    credentialFields: { ARN: arn },
    ...over,
  });
  return body.id as string;
};
const config = (version: number, over: object = {}) => ({
  name: 'Lambda',
  version,
  notes: '',
  properties: {},
  advanced: {},
  credentials: {},
  ...over,
});

describe('integrations', () => {
  test('go through create, configure, enable, list, delete', async () => {
    const id = await integrationBy(call);
    const credentialId = await credential();
    const credentials = { AmazonWebServicesARN: { id: credentialId } };
    const saved = await call(
      'PUT',
      `/integrations/${id}/config/current`,
      config(1, { name: 'New', credentials }),
    );
    expect(saved.body).toMatchObject({
      version: 2,
      name: 'New',
      credentials: { AmazonWebServicesARN: { id: credentialId } },
    });
    const enabled = await call('PATCH', `/integrations/${id}`, { intendedState: 'ENABLED' });
    expect(enabled.body).toMatchObject({
      name: 'New',
      intendedState: 'ENABLED',
      reportedState: { code: 'ACTIVE' },
    });
    const listed = await call('GET', `/integrations?expand=config.current&credentialId=${credentialId}`);
    expect(listed.body).toMatchObject({ total: 1, entities: [{ id, config: { current: { version: 2 } } }] });
    const deleted = await call('DELETE', `/integrations/${id}`);
    expect(deleted).toMatchObject({ status: 200, body: { id, intendedState: 'DELETED' } });
    expect((await call('GET', `/integrations/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/integrations/${id}`)).status).toBe(404);
  });

  test('without a name take their type’s', async () => {
    const { body } = await call('POST', '/integrations', {
      integrationType: { id: 'aws-lambda-data-actions' },
    });
    expect(body).toMatchObject({ name: 'AWS Lambda Data Actions', intendedState: 'DISABLED' });
  });

  test('read empty notes as configured', async () => {
    server.settings({ behaviour: { emptyNotes: 'node_dynamodb_empty_string' } });
    const id = await integrationBy(call);
    const { body } = await call('GET', `/integrations/${id}/config/current`);
    expect(body.notes).toBe('node_dynamodb_empty_string');
  });

  test('show no configuration unless it is asked for', async () => {
    const id = await integrationBy(call);
    expect((await call('GET', `/integrations/${id}`)).body.config).toBeUndefined();
  });

  test.each([409, 400] as const)('answer a stale configuration with %i, as configured', async (status) => {
    server.settings({ behaviour: { versionConflictStatus: status } });
    const id = await integrationBy(call);
    expect((await call('PUT', `/integrations/${id}/config/current`, config(1))).status).toBe(200);
    const stale = await call('PUT', `/integrations/${id}/config/current`, config(1));
    expect(stale.status).toBe(status);
    expect(stale.body.message).toBe('Supplied version 1 does not match the current version 2');
  });

  test.each([
    ['a credential that is not there', { AmazonWebServicesARN: { id: 'none' } }, /no credential none/],
    ['a key that the type has not', { awsCredentials: { id: 'none' } }, /it has: AmazonWebServicesARN/],
  ])('refuse %s', async (_, credentials, message) => {
    const id = await integrationBy(call);
    const refused = await call('PUT', `/integrations/${id}/config/current`, config(1, { credentials }));
    expect(refused.status).toBe(400);
    expect(refused.body.message).toMatch(message);
  });

  test('refuse a credential of a type that does not fit', async () => {
    const id = await integrationBy(call);
    const other = await credential({ type: { name: 'userDefined' }, credentialFields: { token: 'x' } });
    const refused = await call(
      'PUT',
      `/integrations/${id}/config/current`,
      config(1, { credentials: { AmazonWebServicesARN: { id: other } } }),
    );
    expect(refused.body.message).toMatch(/of type amazonWebServicesARN, not userDefined/);
  });

  test('check their properties against the published schema', async () => {
    server.seed({
      integrationTypes: [
        {
          id: 'seeded',
          propertiesSchema: {
            type: 'object',
            properties: { port: { type: 'integer' } },
            additionalProperties: false,
          },
        },
      ],
    });
    const published = await call('GET', '/integrations/types/seeded/configschemas/properties');
    expect(published.body.properties.port.type).toBe('integer');
    const id = await integrationBy(call, 'seeded');
    const put = (properties: object) =>
      call('PUT', `/integrations/${id}/config/current`, config(1, { properties }));
    expect((await put({ port: '443' })).body.message).toMatch(/port must be integer/);
    expect((await put({ host: 'x' })).status).toBe(400);
    expect((await put({ port: 443 })).status).toBe(200);
  });

  test('end in ERROR when a required credential is missing', async () => {
    const id = await integrationBy(call);
    const { body } = await call('PATCH', `/integrations/${id}`, { intendedState: 'ENABLED' });
    expect(body.reportedState).toMatchObject({
      code: 'ERROR',
      detail: { message: 'The integration needs the credentials AmazonWebServicesARN' },
    });
  });

  test('become ACTIVE and INACTIVE after a while', async () => {
    server.settings({ delays: { activationMs: 1_000 } });
    const id = await integrationBy(call, 'custom-rest-actions');
    const state = async () => (await call('GET', `/integrations/${id}`)).body.reportedState.code;
    await call('PATCH', `/integrations/${id}`, { intendedState: 'ENABLED' });
    expect(await state()).toBe('ACTIVATING');
    clock.advance(1_000);
    expect(await state()).toBe('ACTIVE');
    await call('PATCH', `/integrations/${id}`, { intendedState: 'DISABLED' });
    expect(await state()).toBe('DEACTIVATING');
    clock.advance(1_000);
    expect(await state()).toBe('INACTIVE');
    const inState = async (code: string) => (await call('GET', `/integrations?reportedState=${code}`)).body;
    expect((await inState('inactive')).total).toBe(1);
    expect((await inState('ACTIVE')).total).toBe(0);
  });

  test('take their actions along when they are deleted', async () => {
    const id = await integrationBy(call);
    const { body: action } = await call('POST', '/integrations/actions', actionBody(id));
    await call('DELETE', `/integrations/${id}`);
    expect((await call('GET', `/integrations/actions/${action.id}`)).status).toBe(404);
  });

  test('are listed in pages that lead to one another', async () => {
    for (let index = 0; index < 5; index += 1) await integrationBy(call);
    const first = await call('GET', '/integrations?pageSize=2&pageNumber=1');
    expect(first.body).toMatchObject({ total: 5, pageCount: 3, pageNumber: 1 });
    expect(first.body.previousUri).toBeUndefined();
    const second = await call('GET', first.body.nextUri.replace('/api/v2', ''));
    const third = await call('GET', second.body.nextUri.replace('/api/v2', ''));
    expect(third.body.nextUri).toBeUndefined();
    const ids = [first, second, third].flatMap(({ body }) =>
      body.entities.map(({ id }: { id: string }) => id),
    );
    expect(new Set(ids).size).toBe(5);
    expect((await call('GET', '/integrations?pageSize=999')).status).toBe(200);
    expect((await call('GET', '/integrations?pageSize=1000')).status).toBe(400);
  });

  test('refuse credentials in a place that their type does not have, also by a name that every object inherits', async () => {
    const id = await integrationBy(call);
    for (const place of ['basicAuth', 'constructor']) {
      const refused = await call(
        'PUT',
        `/integrations/${id}/config/current`,
        config(1, { credentials: { [place]: { id: await credential() } } }),
      );
      expect(refused.status).toBe(400);
      expect(refused.body.message).toContain(`has no credentials ${place}`);
    }
  });

  test('of Web Services get a custom auth action with a userDefinedOAuth credential, and lose it with it', async () => {
    const id = await integrationBy(call, 'custom-rest-actions');
    const oauth = await credential({
      type: { name: 'userDefinedOAuth' },
      credentialFields: { clientId: 'x' },
    });
    await call(
      'PUT',
      `/integrations/${id}/config/current`,
      config(1, { credentials: { basicAuth: { id: oauth } } }),
    );
    const authId = `customAuth_-_${id}`;
    const auth = await call('GET', `/integrations/actions/${authId}`);
    expect(auth.body).toMatchObject({ id: authId, integrationId: id, secure: true });
    const total = async (query: string) => (await call('GET', `/integrations/actions${query}`)).body.total;
    expect(await total('')).toBe(0);
    expect(await total('?includeAuthActions=true')).toBe(1);
    expect((await call('DELETE', `/integrations/actions/${authId}`)).status).toBe(400);
    const timeout = await call('PATCH', `/integrations/actions/${authId}`, {
      version: 1,
      config: { timeoutSeconds: 5 },
    });
    expect(timeout.body.message).toMatch(/not supported for custom auth actions/);
    await call('PUT', `/integrations/${id}/config/current`, config(2));
    expect((await call('GET', `/integrations/actions/${authId}`)).status).toBe(404);
  });
});

describe('credentials', () => {
  test('never show their fields again', async () => {
    const id = await credential();
    const read = await call('GET', `/integrations/credentials/${id}`);
    expect(read.body).toMatchObject({
      id,
      type: { name: 'amazonWebServicesARN' },
      credentialFields: { ARN: null },
    });
    expect(JSON.stringify(server.state())).not.toContain(arn);
    expect(JSON.stringify(server.state({ secrets: true }))).toContain(arn);
  });

  test('may have no name', async () => {
    const id = await credential({ name: undefined });
    expect((await call('GET', `/integrations/credentials/${id}`)).body).not.toHaveProperty('name');
  });

  test.each([
    ['a missing field', { credentialFields: {} }, /ARN is missing/],
    ['an unknown field', { credentialFields: { ARN: arn, externalId: 'x' } }, /externalId is unknown/],
    ['an unknown type', { type: { name: 'amazonWebServices' } }, /no credential type amazonWebServices/],
  ])('refuse %s', async (_, over, message) => {
    const refused = await call('POST', '/integrations/credentials', {
      type: { name: 'amazonWebServicesARN' },
      credentialFields: { ARN: arn },
      ...over,
    });
    expect(refused.status).toBe(400);
    expect(refused.body.message).toMatch(message);
  });

  test('of basicAuth may have a user name only', async () => {
    const { status } = await call('POST', '/integrations/credentials', {
      type: { name: 'basicAuth' },
      credentialFields: { userName: 'someUserName' },
    });
    expect(status).toBe(200);
  });

  test('cannot change their type', async () => {
    const id = await credential();
    const refused = await call('PUT', `/integrations/credentials/${id}`, {
      type: { name: 'userDefined' },
      credentialFields: {},
    });
    expect(refused.body.message).toMatch(/cannot be changed/);
  });

  test('in use cannot be deleted, unless that is the behaviour', async () => {
    const integration = await integrationBy(call);
    const id = await credential();
    await call(
      'PUT',
      `/integrations/${integration}/config/current`,
      config(1, { credentials: { AmazonWebServicesARN: { id } } }),
    );
    expect((await call('DELETE', `/integrations/credentials/${id}`)).body.code).toBe('credential.in.use');
    server.settings({ behaviour: { deleteCredentialInUse: 'allow' } });
    const deleted = await call('DELETE', `/integrations/credentials/${id}`);
    expect(deleted).toMatchObject({ status: 204, body: '' });
    expect((await call('DELETE', `/integrations/credentials/${id}`)).status).toBe(404);
  });

  test('are listed by cursor, forwards and backwards', async () => {
    const ids = [];
    for (let index = 0; index < 5; index += 1) ids.push(await credential());
    const at = async (uri: string) => (await call('GET', uri.replace('/api/v2', ''))).body;
    const of = (body: { entities: { id: string }[] }) => body.entities.map(({ id }) => id);
    const first = await at('/integrations/credentials/listing?pageSize=2');
    expect(of(first)).toEqual(ids.slice(0, 2));
    expect(first.previousUri).toBeUndefined();
    const second = await at(first.nextUri);
    const third = await at(second.nextUri);
    expect([...of(second), ...of(third)]).toEqual(ids.slice(2));
    expect(third.nextUri).toBeUndefined();
    expect(of(await at(third.previousUri))).toEqual(ids.slice(2, 4));
    expect((await call('GET', '/integrations/credentials/listing?after=x')).status).toBe(400);
  });
});
