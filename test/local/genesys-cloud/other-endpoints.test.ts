import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { type Caller, callerOf, integrationBy, login } from './support.ts';

// Endpoints that Genesys' own clients call beside those of the resource types.
let server: GenesysCloudServer;
let call: Caller;
beforeEach(async () => {
  server = await startGenesysCloud();
  call = await callerOf(server);
});
afterEach(() => server.close());

describe('a token', () => {
  test('tells its organization and client', async () => {
    const { status, body } = await call('GET', '/tokens/me');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      organization: { id: server.organizationId },
      OAuthClient: { id: server.clientId, authorizedGrantType: 'CLIENT-CREDENTIALS' },
    });
    expect(JSON.stringify(body)).not.toContain(server.clientSecret);
  });

  test('is verified by HEAD, without a body', async () => {
    expect(await call('HEAD', '/tokens/me')).toMatchObject({ status: 200, body: '' });
  });

  test('can be deleted, alone', async () => {
    const other = await callerOf(server);
    expect((await call('DELETE', '/tokens/me')).status).toBe(204);
    expect((await call('GET', '/tokens/me')).status).toBe(401);
    expect((await other('GET', '/tokens/me')).status).toBe(200);
  });
});

describe('an OAuth client', () => {
  const request = (over: object = {}) => ({
    name: 'Pipeline',
    authorizedGrantType: 'CLIENT-CREDENTIALS',
    ...over,
  });
  const division = { divisionId: 'home' };

  test('that is made has the permissions of its roles, and shows its secret once', async () => {
    const {
      roles: [roleId = ''],
    } = server.seed({ roles: [{ name: 'Viewer', permissions: ['integrations:integration:view'] }] });
    const made = await call('POST', '/oauth/clients', request({ roleDivisions: [{ roleId, ...division }] }));
    expect(made.status).toBe(200);
    const { id, secret } = made.body;
    const viewer = await callerOf({ ...server, clientId: id, clientSecret: secret });
    expect((await viewer('GET', '/integrations')).status).toBe(200);
    expect((await viewer('POST', '/integrations', {})).status).toBe(403);
    const { entities } = (await call('GET', '/oauth/clients')).body;
    expect(entities.map((client: { id: string }) => client.id)).toEqual([server.clientId, id]);
    expect(entities[1]).toMatchObject({ name: 'Pipeline', roleDivisions: [{ roleId, ...division }] });
    expect(JSON.stringify(entities)).not.toContain(secret);
  });

  test.each([
    ['without roles', {}, /needs roleDivisions/],
    ['with an unknown role', { roleDivisions: [{ roleId: 'none', ...division }] }, /no role none/],
    ['for an unknown grant', { authorizedGrantType: 'client_credentials' }, /CLIENT-CREDENTIALS/],
    ['with tokens of less than five minutes', { accessTokenValiditySeconds: 299 }, />= 300/],
  ])('%s is refused', async (_, over, message) => {
    const refused = await call('POST', '/oauth/clients', request(over));
    expect(refused.status).toBe(400);
    expect(refused.body.message).toMatch(message);
  });

  test('is replaced by a PUT, and its tokens end when it is deleted', async () => {
    const { body } = await call('POST', '/oauth/clients', request({ authorizedGrantType: 'CODE' }));
    const path = `/oauth/clients/${body.id}`;
    const changed = request({ name: 'Release', authorizedGrantType: 'CODE' });
    expect((await call('PUT', path, changed)).body).toMatchObject({ id: body.id, name: 'Release' });
    expect(server.state().organizations[0]?.oauthClients).toMatchObject([{ id: body.id, name: 'Release' }]);
    expect((await call('PUT', path, { name: 'Release' })).status).toBe(400);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect(server.state().organizations[0]?.oauthClients).toEqual([]);
  });

  test('for another grant cannot log in by client credentials', async () => {
    const { body } = await call('POST', '/oauth/clients', request({ authorizedGrantType: 'CODE' }));
    const refused = await login(server, body);
    expect(refused).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
  });

  test('of another organization is not listed', async () => {
    const {
      organizations: [organizationId = ''],
    } = server.seed({ organizations: [{ name: 'Other' }] });
    server.seed({ clients: [{ id: 'other', secret: 's', organizationId }] });
    expect((await call('GET', '/oauth/clients')).body.total).toBe(1);
  });
});

test('roles are listed with their permissions, and found by name', async () => {
  server.seed({ roles: [{ name: 'Integrator', permissions: ['integrations:action:add'] }] });
  expect((await call('GET', '/authorization/roles')).body.total).toBe(2);
  const { entities } = (await call('GET', '/authorization/roles?name=integrator')).body;
  expect(entities).toMatchObject([
    {
      name: 'Integrator',
      permissionPolicies: [{ domain: 'integrations', entityName: 'action', actionSet: ['add'] }],
    },
  ]);
});

test.each(['/users', '/integrations/actions/certificates', '/integrations/actions/certificates/truststore'])(
  'the list of %s is empty',
  async (path) => {
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { entities: [], total: 0 } });
  },
);

test('the runtimes of function data actions are a bare list', async () => {
  const { body } = await call('GET', '/integrations/actions/functions/runtimes');
  expect(body).toMatchObject([{ name: 'nodejs22.x', description: expect.any(String) }]);
});

test('a webhook has its id and URL among the attributes, without any configuration', async () => {
  const id = await integrationBy(call, 'webhook');
  const { attributes } = (await call('GET', `/integrations/${id}`)).body;
  expect(attributes.webhookId).toMatch(/^[0-9a-f-]{36}$/);
  expect(attributes.invocationUrl).toContain(attributes.webhookId);
});

test('a seeded credential type is listed, and its credentials are checked', async () => {
  server.seed({ credentialTypes: [{ name: 'callJourney', required: ['authToken'], fields: ['authToken'] }] });
  const types = (await call('GET', '/integrations/credentials/types')).body;
  expect(types.map(({ name }: { name: string }) => name)).toContain('callJourney');
  const make = (credentialFields: object) =>
    call('POST', '/integrations/credentials', { type: { name: 'callJourney' }, credentialFields });
  expect((await make({})).body.message).toMatch(/authToken is missing/);
  expect((await make({ authToken: 'x' })).status).toBe(200);
});
