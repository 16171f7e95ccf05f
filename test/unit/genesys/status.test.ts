import nock from 'nock';
import {
  BadRequestError,
  ConflictError,
  GenesysError,
  LoginError,
  MissingPermissionError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  ServerError,
  VersionConflictError,
} from '../../../provider/genesys/index.ts';
import { apiUrl, canaries, failureOf, loginUrl, oauthSecret, world } from './support.ts';

const correlation = { 'inin-correlation-id': 'c0ffee-1234' };

beforeEach(() => {
  nock.disableNetConnect();
  nock(loginUrl).post('/oauth/token').reply(200, { access_token: canaries.token, expires_in: 86_400 });
});

afterEach(() => {
  nock.abortPendingRequests();
  nock.cleanAll();
  nock.enableNetConnect();
});

// nock patches node:net for the whole process, which runs other test files after this one.
afterAll(() => nock.restore());

const update = { version: 3, name: 'x' };
const operations = {
  GET: { path: '/api/v2/integrations/actions/a1', run: () => get() },
  POST: { path: '/api/v2/integrations/actions', run: () => post() },
  PATCH: { path: '/api/v2/integrations/actions/a1', run: () => patch() },
  DELETE: { path: '/api/v2/integrations/actions/a1', run: () => remove() },
  PUT: { path: '/api/v2/integrations/i1/config/current', run: () => put() },
};
let current = world();
beforeEach(() => {
  current = world();
});
const get = () => current.session.integrations.getIntegrationsAction('a1');
const post = () =>
  current.session.integrations.postIntegrationsActions({
    name: 'x',
    category: 'c',
    integrationId: 'i1',
    config: {},
    contract: { input: { inputSchema: {} }, output: { successSchema: {} } },
  });
const patch = () => current.session.integrations.patchIntegrationsAction('a1', update);
const remove = () => current.session.integrations.deleteIntegrationsAction('a1');
const put = () =>
  current.session.integrations.putIntegrationConfigCurrent('i1', {
    body: { name: 'x', version: 1, properties: {}, advanced: {}, notes: '', credentials: {} },
  });
type Method = keyof typeof operations;

function answerWith(method: Method, status: number, body: nock.Body, headers: nock.ReplyHeaders = {}) {
  return nock(apiUrl)
    .intercept(operations[method].path, method)
    .reply(status, body, { ...correlation, ...headers });
}

test.each<[Method, number, string, new (...args: never[]) => GenesysError]>([
  ['GET', 400, 'bad', BadRequestError],
  ['GET', 404, 'not found', NotFoundError],
  ['GET', 410, 'gone', NotFoundError],
  ['GET', 403, 'no', MissingPermissionError],
  ['GET', 422, 'no', BadRequestError],
  ['GET', 501, 'no', ServerError],
  ['POST', 400, 'bad', BadRequestError],
  ['POST', 400, 'value does not match the pattern ^a$', BadRequestError],
  ['POST', 404, 'no such integration', NotFoundError],
  ['POST', 409, 'exists', ConflictError],
  ['POST', 500, 'oops', OutcomeUnknownError],
  ['POST', 502, 'oops', OutcomeUnknownError],
  ['POST', 503, 'oops', OutcomeUnknownError],
  ['POST', 504, 'oops', OutcomeUnknownError],
  ['POST', 408, 'late', OutcomeUnknownError],
  ['POST', 501, 'not offered', ServerError],
  ['PATCH', 409, 'conflict', VersionConflictError],
  ['PATCH', 408, 'late', VersionConflictError],
  ['PATCH', 400, 'Version 3 does not match the current version 4', VersionConflictError],
  ['PATCH', 400, 'Supplied version 2 does not match latest draft version 1', VersionConflictError],
  ['PATCH', 400, 'bad template', BadRequestError],
  ['PUT', 409, 'conflict', VersionConflictError],
  ['PUT', 408, 'late', VersionConflictError],
  ['DELETE', 404, 'gone', NotFoundError],
  ['DELETE', 409, 'in use', ConflictError],
  ['GET', 302, '', ServerError],
])('%s answered %i "%s" is sent once and fails as it should', async (method, status, message, type) => {
  answerWith(
    method,
    status,
    { message, code: 'some.code', status },
    { location: 'https://elsewhere.invalid/' },
  );
  const error = await failureOf(operations[method].run());
  expect(error).toBeInstanceOf(type);
  expect((error as GenesysError).constructor).toBe(type);
  expect(error).toMatchObject({
    status,
    code: 'some.code',
    method,
    path: operations[method].path,
    correlationId: 'c0ffee-1234',
    retryable: false,
  });
  expect((error as GenesysError).message).toContain('correlation id c0ffee-1234');
  expect((error as GenesysError).message).toContain(`${status} some.code`);
  expect(current.calls.filter(({ path }) => path !== '/oauth/token')).toHaveLength(1);
  expect(current.clock.sleeps).toEqual([]);
});

test.each<[Method, number]>(
  (['GET', 'PUT', 'PATCH', 'DELETE'] as const).flatMap((method) =>
    [500, 502, 503, 504].map((status): [Method, number] => [method, status]),
  ),
)('%s answered %i is sent again with growing waits', async (method, status) => {
  answerWith(method, status, '');
  answerWith(method, status, '<html><body>Bad gateway</body></html>', { 'content-type': 'text/html' });
  answerWith(method, 200, { id: 'a1' });
  await expect(operations[method].run()).resolves.toEqual({ id: 'a1' });
  expect(current.clock.sleeps).toEqual([500, 1000]);
  expect(current.calls.slice(1).map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, status],
    [2, status],
    [3, 200],
  ]);
});

test('a PUT without a version answered 408 is sent again', async () => {
  nock(apiUrl).put('/api/v2/recording/keyconfigurations/k1').reply(408, { message: 'late' });
  nock(apiUrl).put('/api/v2/recording/keyconfigurations/k1').reply(200, { id: 'k1' });
  const body = { url: 'arn', keyConfigurationType: 'KmsSymmetric' };
  await expect(current.session.recording.putRecordingKeyconfiguration('k1', body)).resolves.toEqual({
    id: 'k1',
  });
});

test.each<[Method]>([['GET'], ['DELETE']])('%s answered 408 is sent again', async (method) => {
  answerWith(method, 408, { message: 'late' });
  answerWith(method, 200, { id: 'a1' });
  await expect(operations[method].run()).resolves.toEqual({ id: 'a1' });
});

test('a Genesys Cloud that keeps failing is asked until 30 s before the deadline, with waits of 10 s at most', async () => {
  nock(apiUrl).get(operations.GET.path).times(100).reply(503, { message: 'down' });
  const begun = current.clock.now();
  const error = await failureOf(get());
  expect(error).toBeInstanceOf(ServerError);
  const { sleeps } = current.clock;
  expect(sleeps.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  expect(new Set(sleeps.slice(5))).toEqual(new Set([10_000]));
  const tried = current.clock.now() - begun;
  expect(tried).toBeLessThan(270_000);
  expect(tried).toBeGreaterThan(260_000);
  nock.cleanAll();
});

test('half of a short time is kept for what comes after the repeats', async () => {
  current = world({ timeMs: 20_000 });
  nock(apiUrl).get(operations.GET.path).times(100).reply(503, { message: 'down' });
  await failureOf(get());
  expect(current.clock.sleeps).toEqual([500, 1000, 2000, 4000]);
  nock.cleanAll();
});

test.each<[Method]>([['GET'], ['POST'], ['PUT'], ['PATCH'], ['DELETE']])(
  '%s answered 429 waits for Retry-After, and as long as it takes',
  async (method) => {
    for (let i = 0; i < 12; i++) answerWith(method, 429, { message: 'slow down' }, { 'retry-after': '7' });
    answerWith(method, 200, { id: 'a1' });
    await expect(operations[method].run()).resolves.toEqual({ id: 'a1' });
    expect(current.clock.sleeps).toHaveLength(12);
    for (const sleep of current.clock.sleeps) expect(sleep).toBeGreaterThanOrEqual(7000);
  },
);

test('a 429 without Retry-After, or with a date, backs off', async () => {
  answerWith('GET', 429, '');
  answerWith('GET', 429, '', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' });
  answerWith('GET', 200, { id: 'a1' });
  await get();
  expect(current.clock.sleeps).toEqual([500, 1000]);
});

test('nothing sleeps past the deadline: a Retry-After beyond it fails at once', async () => {
  current = world({ timeMs: 60_000 });
  answerWith('GET', 429, { message: 'slow down' }, { 'retry-after': '120' });
  const error = await failureOf(get());
  expect(error).toBeInstanceOf(RateLimitedError);
  expect((error as RateLimitedError).retryAfterSeconds).toBe(120);
  expect(current.clock.sleeps).toEqual([]);
});

test('backoff has full jitter', async () => {
  const draws = [0, 0.5, 0.25];
  current = world({ random: () => draws.shift() ?? 1 });
  for (let i = 0; i < 3; i++) answerWith('GET', 500, '');
  answerWith('GET', 200, { id: 'a1' });
  await get();
  expect(current.clock.sleeps).toEqual([0, 500, 500]);
});

test('a missing permission that the answer names is named', async () => {
  answerWith('POST', 403, {
    message:
      'Unable to perform the requested action. You are missing the following permission(s): {permissions}',
    code: 'missing.permissions',
    messageParams: { permissions: 'integrations:action:add, bridge:actions:edit' },
  });
  const error = (await failureOf(post())) as MissingPermissionError;
  expect(error.permissions).toEqual(['integrations:action:add', 'bridge:actions:edit']);
  expect(error.message).toContain('lacks the permission integrations:action:add, bridge:actions:edit.');
});

test.each<[Method, string]>([
  ['GET', 'integrations:action:view'],
  ['POST', 'integrations:action:add'],
  ['PATCH', 'integrations:action:edit'],
  ['DELETE', 'integrations:action:delete'],
  ['PUT', 'integrations:integration:edit'],
])(
  'a missing permission that the answer to %s does not name is %s by the table',
  async (method, permission) => {
    answerWith(method, 403, { message: 'no', code: 'not.authorized' });
    const error = (await failureOf(operations[method].run())) as MissingPermissionError;
    expect(error.permissions).toEqual([permission]);
    expect(error.message).toContain(`needs the permission ${permission}. Check`);
  },
);

test('details of an answer are kept and shown', async () => {
  answerWith('POST', 400, {
    message: 'invalid',
    code: 'bad.request',
    details: [{ errorCode: 'too.long', fieldName: 'category' }],
    errors: [{ code: 'inner', message: 'contract is broken' }],
    contextId: 'context-1',
  });
  const error = (await failureOf(post())) as GenesysError;
  expect(error.details).toEqual([
    { code: 'too.long', field: 'category', message: undefined },
    { code: 'inner', field: undefined, message: 'contract is broken' },
  ]);
  expect(error.message).toContain('category too.long');
  expect(error.message).toContain('contract is broken');
});

test('a message is bounded and keeps the correlation id', async () => {
  answerWith('POST', 400, { message: `😀${'long '.repeat(2000)}`, code: 'c'.repeat(3000) });
  const error = (await failureOf(post())) as GenesysError;
  expect(error.message).toContain('correlation id c0ffee-1234');
});

test('a message is bounded without a correlation id too', async () => {
  const long = 'long '.repeat(500);
  const details = [1, 2, 3, 4].map((n) => ({ errorCode: `${n} ${long}`, fieldName: long }));
  nock(apiUrl).get(operations.GET.path).reply(403, { message: long, code: long, details });
  const error = (await failureOf(get())) as GenesysError;
  expect(error.message).toHaveLength(1000);
});

test('the ARN of a role is no secret: a message about it shows it', async () => {
  const arn = 'arn:aws:iam::111122223333:role/data-action';
  nock(apiUrl)
    .post('/api/v2/integrations/credentials')
    .reply(400, { message: `cannot assume ${arn}` });
  const error = await failureOf(
    current.session.integrations.postIntegrationsCredentials({
      body: { name: 'n', type: { name: 'amazonWebServicesARN' }, credentialFields: { ARN: arn } },
    }),
  );
  expect((error as Error).message).toContain(`cannot assume ${arn}`);
});

test('publishing a draft of another version is a version conflict, by 400 and by 409', async () => {
  const message = 'Supplied version 2 does not match latest draft version 1';
  for (const status of [400, 409]) {
    nock(apiUrl).post('/api/v2/integrations/actions/a1/draft/publish').reply(status, { message });
    const work = current.session.integrations.postIntegrationsActionDraftPublish('a1', { version: 2 });
    expect(await failureOf(work)).toBeInstanceOf(VersionConflictError);
  }
});

test.each<[string, number, nock.Body]>([
  ['a message', 400, { message: `field password "${canaries.credential}" is bad, ${canaries.token}` }],
  ['a code', 400, { message: 'x', code: canaries.credential }],
  [
    'a detail',
    400,
    { message: 'x', details: [{ fieldName: canaries.credential, errorCode: canaries.credential }] },
  ],
  ['an HTML page', 403, `<html>${canaries.credential}</html>`],
  ['half an answer', 200, `{"id": "${canaries.credential}`],
  ['a server error', 500, { message: canaries.credential }],
])('%s that quotes what was sent is redacted', async (_, status, body) => {
  nock(apiUrl).post('/api/v2/integrations/credentials').reply(status, body, correlation);
  const error = await failureOf(
    current.session.integrations.postIntegrationsCredentials({
      body: { name: 'n', type: { name: 'userDefined' }, credentialFields: { password: canaries.credential } },
    }),
  );
  expect(error).toBeInstanceOf(GenesysError);
});

describe('answers that cannot be read', () => {
  const bodies: [string, string][] = [
    ['truncated JSON', '{"id": "a'],
    ['HTML', '<!DOCTYPE html><p>hello'],
    ['nothing', ''],
  ];

  test.each(bodies)('%s with 200 for a GET is asked for again', async (_, body) => {
    answerWith('GET', 200, body);
    answerWith('GET', 200, { id: 'a1' });
    await expect(get()).resolves.toEqual({ id: 'a1' });
  });

  test.each(bodies)(
    '%s with 200 for a POST leaves its outcome unknown, and it is not sent again',
    async (_, body) => {
      answerWith('POST', 200, body);
      expect(await failureOf(post())).toBeInstanceOf(OutcomeUnknownError);
      expect(current.calls.filter(({ path }) => path !== '/oauth/token')).toHaveLength(1);
    },
  );

  test('an empty answer to a DELETE is a success', async () => {
    answerWith('DELETE', 204, '');
    await expect(remove()).resolves.toBeUndefined();
  });

  test('a validation, which changes nothing, is sent again after a 502', async () => {
    const path = '/api/v2/recording/keyconfigurations/validate';
    nock(apiUrl).post(path).reply(502, '');
    nock(apiUrl).post(path).reply(200, { id: 'k1' });
    await expect(
      current.session.recording.postRecordingKeyconfigurationsValidate({
        url: 'u',
        keyConfigurationType: 'KmsSymmetric',
      }),
    ).resolves.toEqual({ id: 'k1' });
  });

  test('running an action is not repeated: it may have effects', async () => {
    nock(apiUrl).post('/api/v2/integrations/actions/a1/test').reply(504, '');
    const error = await failureOf(current.session.integrations.postIntegrationsActionTest('a1', {}));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
  });

  test('a template is returned as text, even one that is JSON', async () => {
    nock(apiUrl)
      .get('/api/v2/integrations/actions/a1/templates/requesttemplate.vm')
      .reply(200, '{"a":  1}', { 'content-type': 'text/plain' });
    await expect(
      current.session.integrations.getIntegrationsActionTemplate('a1', 'requesttemplate.vm'),
    ).resolves.toBe('{"a":  1}');
  });

  test('the page of a proxy is not taken for a template', async () => {
    nock(apiUrl)
      .persist()
      .get('/api/v2/integrations/actions/a1/templates/requesttemplate.vm')
      .reply(200, '<html>maintenance</html>', { 'content-type': 'text/html; charset=utf-8' });
    const reading = current.session.integrations.getIntegrationsActionTemplate('a1', 'requesttemplate.vm');
    expect(await failureOf(reading)).toBeInstanceOf(ServerError);
  });
});

describe('logging in', () => {
  beforeEach(() => nock.cleanAll());
  const login = (status: number, body: nock.Body, headers: nock.ReplyHeaders = {}) =>
    nock(loginUrl).post('/oauth/token').reply(status, body, headers);
  const good = { access_token: canaries.token, expires_in: 86_400 };

  test.each([400, 401])(
    'invalid_client (%i) names both causes, the client and the region',
    async (status) => {
      // The login is tried for some seconds, because a rotation may be under way.
      const refusal = { error: 'invalid_client', error_description: `failed ${canaries.clientSecret}` };
      nock(loginUrl).post('/oauth/token').times(5).reply(status, refusal);
      const error = (await failureOf(get())) as LoginError;
      expect(error).toBeInstanceOf(LoginError);
      expect(error.message).toMatch(
        /client-1.*mypurecloud\.ie \(eu-west-1\).*secret is wrong.*another region/s,
      );
      expect(nock.isDone()).toBe(true);
    },
  );

  test('the token endpoint throttles with a 400, and is asked again', async () => {
    login(400, { error: 'invalid_request', description: 'rate limit exceeded; try later' });
    login(429, '', { 'retry-after': '3' });
    login(503, '');
    login(200, '{"access_tok');
    login(200, good);
    answerWith('GET', 200, { id: 'a1' });
    await get();
    expect(current.clock.sleeps).toEqual([500, 4000, 2000, 4000]);
  });

  test.each<[string, number, nock.Body]>([
    ['a refusal', 400, { error: 'unauthorized_client', error_description: canaries.clientSecret }],
    ['no token', 200, { expires_in: 5 }],
    ['a token that is no header value', 200, { access_token: `${canaries.token}\nx: y`, expires_in: 5 }],
    ['a 403', 403, { message: canaries.clientSecret }],
    ['a 404 of a wrong address', 404, '<html>not here</html>'],
  ])('%s is a login error', async (_, status, body) => {
    login(status, body);
    expect(await failureOf(get())).toBeInstanceOf(LoginError);
  });

  test('a token is used until a minute before it expires', async () => {
    login(200, { ...good, expires_in: 600 });
    nock(apiUrl).get(operations.GET.path).times(3).reply(200, { id: 'a1' });
    await get();
    current.clock.advance(539_000);
    current = {
      ...current,
      session: current.cloud.session({
        signal: new AbortController().signal,
        at: Number.POSITIVE_INFINITY,
      }),
    };
    await get();
    login(200, good);
    current.clock.advance(1000);
    await get();
    expect(current.calls.filter(({ path }) => path === '/oauth/token')).toHaveLength(2);
  });

  test('concurrent calls share one login', async () => {
    login(200, good);
    nock(apiUrl).get(operations.GET.path).times(5).reply(200, { id: 'a1' });
    await Promise.all([get(), get(), get(), get(), get()]);
    expect(current.calls.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);
  });

  test('the login carries the client by Basic and the grant in a form', async () => {
    nock(loginUrl, { reqheaders: { 'content-type': 'application/x-www-form-urlencoded' } })
      .post('/oauth/token', 'grant_type=client_credentials')
      .basicAuth({ user: oauthSecret.clientId, pass: oauthSecret.clientSecret })
      .reply(200, good);
    nock(apiUrl, { reqheaders: { authorization: `Bearer ${canaries.token}` } })
      .get(operations.GET.path)
      .reply(200, { id: 'a1' });
    await expect(get()).resolves.toEqual({ id: 'a1' });
  });
});
