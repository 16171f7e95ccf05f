import {
  type GenesysCloudOptions,
  type GenesysCloudServer,
  startGenesysCloud,
} from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { callerOf, login, request } from './support.ts';

let server: GenesysCloudServer;
const start = async (options: GenesysCloudOptions = {}) => {
  server = await startGenesysCloud(options);
  return server;
};
afterEach(() => server.close());

test('client credentials buy a token that opens the API', async () => {
  await start({ tokenSeconds: 900 });
  const token = await login(server);
  expect(token.status).toBe(200);
  expect(token.body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 900 });
  const call = await callerOf(server);
  const me = await call('GET', '/organizations/me');
  expect(me.body.id).toBe(server.organizationId);
});

test.each([400, 401] as const)(
  'a wrong secret is invalid_client, with status %i as configured',
  async (status) => {
    await start({ behaviour: { invalidClientStatus: status } });
    const refused = await login(server, { id: server.clientId, secret: 'wrong' });
    expect(refused.status).toBe(status);
    expect(refused.body).toEqual({
      error: 'invalid_client',
      description: 'authentication failed',
      error_description: 'authentication failed',
    });
  },
);

test('a secret with a colon in it is taken whole', async () => {
  await start({ clients: [{ id: 'a', secret: 'b:c' }] });
  expect((await login(server)).status).toBe(200);
  expect((await login(server, { id: 'a', secret: 'b' })).status).toBe(400);
});

test('other grants are refused', async () => {
  await start();
  const refused = await request(`${server.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password' }),
  });
  expect(refused.body.error).toBe('unsupported_grant_type');
});

test('too many logins are a 400 that names the rate limit', async () => {
  const clock = manualClock();
  await start({ tokenRateLimitPerMinute: 1, clock });
  expect((await login(server)).status).toBe(200);
  const refused = await login(server);
  expect(refused.status).toBe(400);
  expect(refused.body.error).toBe('invalid_request');
  expect(refused.body.error_description).toMatch(/rate limit exceeded/);
  clock.advance(60_000);
  expect((await login(server)).status).toBe(200);
});

test('a token expires', async () => {
  const clock = manualClock();
  await start({ tokenSeconds: 300, clock });
  const call = await callerOf(server);
  clock.advance(299_999);
  expect((await call('GET', '/organizations/me')).status).toBe(200);
  clock.advance(1);
  const refused = await call('GET', '/organizations/me');
  expect(refused.status).toBe(401);
  expect(refused.body).toMatchObject({ code: 'bad.credentials', status: 401 });
});

test('without a token every path is 401, with the correlation id in body and header', async () => {
  await start();
  const refused = await request(`${server.url}/api/v2/integrations`);
  expect(refused.status).toBe(401);
  expect(refused.body.contextId).toBe(refused.headers.get('inin-correlation-id'));
});

test('a missing permission is named', async () => {
  await start({ clients: [{ id: 'a', secret: 'b', permissions: ['integrations:*:view'] }] });
  const call = await callerOf(server);
  expect((await call('GET', '/integrations/actions')).status).toBe(200);
  const refused = await call('POST', '/integrations/actions', {});
  expect(refused.status).toBe(403);
  expect(refused.body).toMatchObject({
    code: 'missing.any.permissions',
    message:
      'Unable to perform the requested action. You are missing the following permission(s): integrations:action:add',
    messageParams: { permissions: 'integrations:action:add' },
  });
});

test('the 301st request within a minute is a 429 with Retry-After in whole seconds', async () => {
  const clock = manualClock();
  await start({ clock });
  const call = await callerOf(server);
  clock.advance(1_500);
  const answers = [];
  for (let index = 0; index < 301; index += 1) answers.push(await call('GET', '/organizations/me'));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(300);
  const last = answers.at(-1);
  expect(last?.status).toBe(429);
  expect(last?.headers.get('retry-after')).toBe('59');
  expect(last?.body.limit).toEqual({
    key: 'client.credentials.token.rate.per.minute',
    namespace: 'platform.api',
    value: 300,
  });
  clock.advance(59_000);
  expect((await call('GET', '/organizations/me')).status).toBe(200);
});

test('a new secret ends the old one, and the tokens only where that is the behaviour', async () => {
  await start();
  const call = await callerOf(server);
  const rotate = () => call('POST', `/oauth/clients/${server.clientId}/secret`);
  const { body } = await rotate();
  expect((await login(server)).status).toBe(400);
  expect((await login(server, { id: server.clientId, secret: body.secret })).status).toBe(200);
  expect((await call('GET', `/oauth/clients/${server.clientId}`)).body.secret).toBeUndefined();

  server.settings({ behaviour: { tokensAfterSecretReset: 'revoked' } });
  await rotate();
  expect((await call('GET', '/organizations/me')).status).toBe(401);
});

test('a client of a second organization sees nothing of the first', async () => {
  await start();
  const {
    organizations: [other = ''],
  } = server.seed({ organizations: [{ name: 'Other' }] });
  server.seed({ clients: [{ id: 'c', secret: 's', organizationId: other }] });
  const first = await callerOf(server);
  const { body: made } = await first('POST', '/integrations', {
    integrationType: { id: 'custom-rest-actions' },
  });
  const second = await callerOf(server, { id: 'c', secret: 's' });
  expect((await second('GET', '/organizations/me')).body).toMatchObject({ id: other, name: 'Other' });
  expect((await second('GET', `/integrations/${made.id}`)).status).toBe(404);
});

test.each([
  ['roles', ['oauth:client:edit'], 403],
  ['roles', ['oauth:client:edit', 'integrations:*:*'], 200],
  ['permission', ['oauth:client:edit'], 200],
] as const)(
  'editing a client, where it needs the %s, with %p answers %i',
  async (clientEditNeeds, permissions, status) => {
    const [target, editor] = ['f0f0f0f0-0000-4000-8000-000000000001', 'f0f0f0f0-0000-4000-8000-000000000002'];
    await start({
      behaviour: { clientEditNeeds },
      clients: [
        { id: editor, secret: 'editor', permissions: [...permissions] },
        { id: target, secret: 'old', permissions: ['integrations:action:view'] },
      ],
    });
    const call = await callerOf(server);
    const reset = await call('POST', `/oauth/clients/${target}/secret`);
    expect(reset.status).toBe(status);
    // A refusal voids nothing.
    expect((await login(server, { id: target, secret: 'old' })).status).toBe(status === 200 ? 400 : 200);
  },
);
