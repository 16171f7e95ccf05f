import {
  type FaultAction,
  type GenesysCloudServer,
  startGenesysCloud,
} from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { actionBody, type Caller, callerOf, integrationBy, login, request } from './support.ts';

let server: GenesysCloudServer;
let call: Caller;
beforeEach(async () => {
  server = await startGenesysCloud();
  call = await callerOf(server);
});
afterEach(() => server.close());

const control = (method: string, path: string, body?: unknown) =>
  request(`${server.url}/_control/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const me = () => call('GET', '/organizations/me');
const inject = (action: FaultAction) =>
  server.faults({ match: { path: '/api/v2/organizations/me' }, action });

test('a fault hits the n-th matching call, as often as it says, by method and template', async () => {
  await control('POST', 'faults', [
    {
      match: { method: 'GET', path: '/api/v2/integrations/{id}', nth: 2, count: 2 },
      action: { status: 503 },
    },
  ]);
  const id = await integrationBy(call);
  const statuses = [];
  for (let index = 0; index < 5; index += 1) statuses.push((await call('GET', `/integrations/${id}`)).status);
  expect(statuses).toEqual([200, 503, 503, 200, 200]);
  expect((await control('GET', 'faults')).body).toMatchObject([{ seen: 5, hits: 2 }]);
  expect((await control('DELETE', 'faults')).status).toBe(204);
  expect(server.faults()).toEqual([]);
});

test('a fault hits every call that a pattern matches, with body and headers of its own', async () => {
  server.faults({
    match: { pattern: 'name=x', count: 'every' },
    action: { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '7' } },
  });
  const hit = await call('GET', '/integrations/actions?name=x');
  expect(hit).toMatchObject({ status: 429, body: { message: 'slow down' } });
  expect(hit.headers.get('retry-after')).toBe('7');
  expect((await call('GET', '/integrations/actions?name=y')).status).toBe(200);
});

describe('a spell', () => {
  const clock = manualClock();
  beforeEach(async () => {
    await server.close();
    server = await startGenesysCloud({ clock });
    call = await callerOf(server);
  });

  test('hits every matching call from the nth on for its time, over any number of requests', async () => {
    server.faults({
      match: { path: '/api/v2/integrations/{id}', nth: 2, forMs: 15_000 },
      action: { status: 404 },
    });
    const id = await integrationBy(call);
    const statuses = [];
    for (const ms of [0, 0, 14_000, 999, 1, 60_000]) {
      clock.advance(ms);
      statuses.push((await call('GET', `/integrations/${id}`)).status);
    }
    expect(statuses).toEqual([200, 404, 404, 404, 200, 200]);
    expect((await call('GET', '/integrations')).status).toBe(200);
  });

  test('without a condition hits every call, logins too', async () => {
    server.faults({ match: { forMs: 1_000 }, action: { status: 503 } });
    expect([(await me()).status, (await login(server)).status]).toEqual([503, 503]);
    clock.advance(1_000);
    expect([(await me()).status, (await login(server)).status]).toEqual([200, 200]);
  });

  test('of one verb spares the others', async () => {
    server.faults({ match: { method: 'POST', forMs: 1_000 }, action: { status: 403 } });
    expect((await call('POST', '/integrations', {})).status).toBe(403);
    expect((await me()).status).toBe(200);
  });

  test('of hanging ends with it for the calls that come after', async () => {
    server.faults({ match: { forMs: 1_000 }, action: { hang: 'before' } });
    const abort = new AbortController();
    const hanging = fetch(`${server.url}/api/v2/organizations/me`, { signal: abort.signal });
    const failed = expect(hanging).rejects.toThrow();
    while (server.calls().every(({ fault }) => fault === undefined)) await control('GET', 'calls');
    clock.advance(1_000);
    expect((await me()).status).toBe(200);
    abort.abort(new Error('given up'));
    await failed;
  });
});

test.each([
  ['a misspelt condition', { match: { methode: 'GET' }, action: { status: 500 } }, /unknown: methode/],
  ['a misspelt action', { match: {}, action: { state: 500 } }, /action is one of/],
  ['a broken pattern', { match: { pattern: '(' }, action: { status: 500 } }, /not a regular expression/],
])('a fault with %s is refused', async (_, fault, message) => {
  const refused = await control('POST', 'faults', fault);
  expect(refused.status).toBe(400);
  expect(refused.body.message).toMatch(message);
  expect(server.faults()).toEqual([]);
});

test('logins can be hit too', async () => {
  server.faults({ match: { path: '/oauth/token' }, action: { status: 500 } });
  expect((await login(server)).status).toBe(500);
  expect((await login(server)).status).toBe(200);
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a reset %s the work leaves %i actions', async (reset, left) => {
  const id = await integrationBy(call);
  server.faults({ match: { method: 'POST', path: '/api/v2/integrations/actions' }, action: { reset } });
  const lost = call('POST', '/integrations/actions', actionBody(id));
  await expect(lost).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect((await call('GET', '/integrations/actions')).body.total).toBe(left);
  expect(server.calls().at(-2)).toMatchObject({ method: 'POST', status: 0, fault: `{"reset":"${reset}"}` });
});

test('a status after the work answers wrongly about work that was done', async () => {
  server.faults({
    match: { method: 'POST', path: '/api/v2/integrations' },
    action: { status: 504, after: true },
  });
  const answer = await call('POST', '/integrations', { integrationType: { id: 'custom-rest-actions' } });
  expect(answer.status).toBe(504);
  expect((await call('GET', '/integrations')).body.total).toBe(1);
});

test('a hanging call is cut off when the server closes', async () => {
  inject({ hang: 'before' });
  const hanging = me();
  const failed = expect(hanging).rejects.toThrow();
  while (!server.calls().some(({ fault }) => fault !== undefined)) await login(server);
  await server.close();
  await failed;
});

test('a delayed call answers as if nothing were', async () => {
  inject({ delayMs: 20 });
  expect(await me()).toMatchObject({ status: 200, body: { id: server.organizationId } });
});

test('an answer can be HTML, empty, cut short or slow', async () => {
  inject({ html: 502 });
  expect(await me()).toMatchObject({ status: 502, body: '<html><body><h1>502</h1></body></html>' });
  server.clearFaults();
  inject({ empty: 502 });
  expect(await me()).toMatchObject({ status: 502, body: '' });
  server.clearFaults();
  inject({ truncated: true });
  await expect(me()).rejects.toThrow();
  server.clearFaults();
  inject({ drip: { everyMs: 0 } });
  expect((await me()).body.id).toBe(server.organizationId);
});

test('calls are recorded with their template, client and status', async () => {
  const id = await integrationBy(call);
  await call('GET', `/integrations/${id}?expand=config.current`);
  const expected = {
    method: 'GET',
    path: `/api/v2/integrations/${id}`,
    query: '?expand=config.current',
    template: '/api/v2/integrations/{integrationId}',
    clientId: server.clientId,
    status: 200,
  };
  expect(server.calls().at(-1)).toMatchObject(expected);
  expect((await control('GET', 'calls')).body.at(-1)).toMatchObject(expected);
  await control('DELETE', 'calls');
  expect(server.calls()).toEqual([]);
});

test('seed, state and settings work over HTTP as they do in the process', async () => {
  const seeded = await control('POST', 'seed', {
    keyConfigurations: [{ url: 'x', keyConfigurationType: 'KmsSymmetric' }],
    clients: [{ id: server.clientId, permissions: ['recording:encryptionKey:view'] }],
  });
  const [id] = seeded.body.keyConfigurations;
  expect((await call('GET', `/recording/keyconfigurations/${id}`)).body.url).toBe('x');
  expect((await call('GET', '/integrations')).status).toBe(403);
  expect((await control('GET', 'state')).body.organizations[0].keyConfigurations).toMatchObject([{ id }]);
  expect(JSON.stringify((await control('GET', 'state')).body)).not.toContain(server.clientSecret);
  const settings = await control('PATCH', 'settings', { rateLimitPerMinute: 1 });
  expect(settings.body.rateLimitPerMinute).toBe(1);
  expect((await control('PATCH', 'settings', { delays: { nameIndex: 1 } })).status).toBe(400);
  expect((await control('POST', 'seed', { action: [] })).body.message).toMatch(/unknown: action$/);
  expect((await control('GET', 'nothing')).status).toBe(404);
});

test('a client whose tokens are revoked is 401 until it logs in again', async () => {
  server.seed({ revokeTokens: [server.clientId] });
  expect((await me()).status).toBe(401);
  call = await callerOf(server);
  expect((await me()).status).toBe(200);
});

test.each([
  ['no JSON content type', { 'content-type': 'text/plain' }, '{}', 415],
  ['broken JSON', { 'content-type': 'application/json' }, '{', 400],
  ['an array', { 'content-type': 'application/json' }, '[]', 400],
])('a body that is %s is refused', async (_, headers, body, status) => {
  const { body: token } = await login(server);
  const answer = await request(`${server.url}/api/v2/integrations`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token.access_token}` },
    body,
  });
  expect(answer.status).toBe(status);
});
