import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { actionBody, type Caller, callerOf, integrationBy, reasonOf } from './support.ts';

// Web-services actions against a real HTTP server; lambda-actions.test.ts has the Lambda actions.
let server: GenesysCloudServer;
let call: Caller;
let integrationId: string;
let received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let answer = { status: 200, body: '{}' };

const target = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  if (request.url === '/hang') return;
  const status = request.url === '/token' ? 200 : answer.status;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(request.url === '/token' ? '{"access_token":"bought"}' : answer.body);
});
let base: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
});
afterAll(() => {
  target.closeAllConnections();
  target.close();
});
beforeEach(async () => {
  received = [];
  answer = { status: 200, body: '{}' };
  server = await startGenesysCloud();
  call = await callerOf(server);
  integrationId = await integrationBy(call, 'custom-rest-actions');
  await call('PATCH', `/integrations/${integrationId}`, { intendedState: 'ENABLED' });
});
afterEach(() => server.close());

async function use(typeName: string, fields: Record<string, string>): Promise<void> {
  const { body } = await call('POST', '/integrations/credentials', {
    type: { name: typeName },
    credentialFields: fields,
  });
  const path = `/integrations/${integrationId}/config/current`;
  const { body: current } = await call('GET', path);
  await call('PUT', path, { ...current, credentials: { basicAuth: { id: body.id } } });
}

async function act(
  config: { request?: object; response?: object; timeoutSeconds?: number },
  contract?: object,
) {
  const { body } = await call(
    'POST',
    '/integrations/actions',
    actionBody(integrationId, {
      ...(contract === undefined ? {} : { contract }),
      config: {
        ...config,
        request: { requestUrlTemplate: `${base}/customers`, requestType: 'POST', ...config.request },
      },
    }),
  );
  return {
    test: (input: object) => call('POST', `/integrations/actions/${body.id}/test`, input),
    execute: (input: object) => call('POST', `/integrations/actions/${body.id}/execute`, input),
  };
}
const failedStep = (body: { operations: { name: string; success: boolean }[] }) =>
  body.operations.find(({ success }) => !success)?.name;

test('a request is rendered from input and credentials, its answer through map and template', async () => {
  await use('userDefined', { key: 'hidden-key' });
  answer.body = '{"customers":[{"name":"Ada \\"A\\" Lovelace","tags":[]},{"name":"Grace"}]}';
  const { test: run, execute } = await act({
    request: {
      requestUrlTemplate: `${base}/customers/$esc.url("\${input.number}")`,
      requestTemplate: '{"n":"$esc.jsonEncode($input.number)"}',
      headers: { 'x-api-key': '${credentials.key}' },
    },
    response: {
      translationMap: { first: '$.customers[0].name', all: '$.customers[*].name', none: '$.none' },
      translationMapDefaults: { none: '"nobody"' },
      successTemplate: '{"name": ${first}, "all": ${all}, "none": ${none}}',
    },
  });
  answer.body = answer.body.replace('"Grace"', '"Grace","echo":"hidden-key"');
  const result = { name: 'Ada "A" Lovelace', all: ['Ada "A" Lovelace', 'Grace'], none: 'nobody' };
  const tested = await run({ number: 'a"b c' });
  expect(tested.body).toMatchObject({ success: true, finalResult: result });
  expect(received).toMatchObject([
    {
      method: 'POST',
      url: '/customers/a%22b+c',
      headers: { 'x-api-key': 'hidden-key' },
      body: '{"n":"a\\"b c"}',
    },
  ]);
  // "the integration redacts any authorization information" (help.mypurecloud.com, ?p=149364)
  expect(JSON.stringify(tested.body)).not.toContain('hidden-key');
  expect((await execute({ number: '1' })).body).toEqual(result);
});

test('the error of a test has no values of credentials, neither in its step nor as a whole', async () => {
  await use('userDefined', { key: 'hidden-key' });
  answer = { status: 401, body: '{"message":"bad key hidden-key"}' };
  const { test: run } = await act({
    request: { requestUrlTemplate: `${base}/customers?key=\${credentials.key}`, requestType: 'GET' },
  });
  const { body } = await run({});
  expect(reasonOf(body.error)).toContain('bad key *****');
  expect(JSON.stringify(body)).not.toContain('hidden-key');
});

test('an optional property may have a name that every object inherits', async () => {
  answer.body = '{"toString":"x"}';
  const optional = { type: 'object', properties: { constructor: { type: 'string' } } };
  const { execute } = await act(
    {
      response: { translationMap: { name: '$.toString' }, successTemplate: '{"name": ${name}}' },
    },
    { input: { inputSchema: optional }, output: { successSchema: optional } },
  );
  expect((await execute({})).body).toEqual({ name: 'x' });
});

test.each([
  [{ userName: 'u', password: 'p' }, 'u:p'],
  [{ userName: 'u' }, 'u:'],
])('basicAuth credentials %j become an Authorization header', async (fields, text) => {
  await use('basicAuth', fields as Record<string, string>);
  const { execute } = await act({ request: { requestType: 'GET' } });
  await execute({});
  expect(received).toMatchObject([
    { method: 'GET', headers: { authorization: `Basic ${btoa(text)}` }, body: '' },
  ]);
});

test('userDefinedOAuth credentials buy a token by the custom auth action first', async () => {
  await use('userDefinedOAuth', { clientId: 'c', clientSecret: 's', loginUrl: `${base}/token` });
  const { execute } = await act({
    request: { headers: { Authorization: 'Bearer ${authResponse.access_token}' } },
  });
  await execute({});
  expect(received).toMatchObject([
    {
      url: '/token',
      headers: { authorization: `Basic ${btoa('c:s')}` },
      body: 'grant_type=client_credentials',
    },
    { url: '/customers', headers: { authorization: 'Bearer bought' } },
  ]);
});

test.each([
  ['input that is not the contract’s', 'Validate input', { input: { number: 1 }, answer: '{}' }],
  ['an answer that is no JSON', 'Validate output', { input: {}, answer: 'hello' }],
  ['an answer that is not the contract’s', 'Validate output', { input: {}, answer: '{"name":1}' }],
])('%s fails at "%s", and /execute with it', async (_, step, given) => {
  answer.body = given.answer;
  const { test: run, execute } = await act({});
  const tested = await run(given.input);
  expect(tested.status).toBe(200);
  expect(tested.body.success).toBe(false);
  expect(tested.body.finalResult).toBeUndefined();
  expect(failedStep(tested.body)).toBe(step);
  const executed = await execute(given.input);
  expect(executed.status).toBe(400);
  expect(executed.body.message).toBe('Bad Request');
  expect(reasonOf(executed.body)).toMatch(/^REST call for action execute failed. Message: The /);
  expect(reasonOf(executed.body).replace(/ \[.*$/, '')).toBe(
    reasonOf(tested.body.error).replace(/ \[.*$/, ''),
  );
});

test('an error of the service is the error of the action', async () => {
  answer = { status: 503, body: '{"why":"busy"}' };
  const { test: run, execute } = await act({});
  expect(failedStep((await run({})).body)).toBe('Execute');
  expect(await execute({})).toMatchObject({
    status: 503,
    body: {
      message: 'Service Unavailable',
      code: 'service.unavailable',
      details: [{ errorCode: 'ACTION.REMOTE_ENDPOINT' }],
      errors: [{ message: expect.stringContaining('busy'), details: [], errors: [] }],
    },
  });
});

test('a service that is not there is a bad gateway', async () => {
  const { execute } = await act({ request: { requestUrlTemplate: 'http://127.0.0.1:1/' } });
  expect((await execute({})).status).toBe(502);
});

test('an action that takes longer than its timeout is ended', async () => {
  const { test: run } = await act({ timeoutSeconds: 1, request: { requestUrlTemplate: `${base}/hang` } });
  const { body } = await run({});
  expect(body.error.status).toBe(504);
  expect(reasonOf(body.error)).toContain('The action did not end within 1 seconds');
});

test('a disabled integration runs nothing', async () => {
  const { test: run } = await act({});
  await call('PATCH', `/integrations/${integrationId}`, { intendedState: 'DISABLED' });
  expect(failedStep((await run({})).body)).toBe('Find the integration');
  expect(received).toEqual([]);
});

test('without AWS a Lambda action says so', async () => {
  const lambda = await integrationBy(call);
  const { body: credential } = await call('POST', '/integrations/credentials', {
    type: { name: 'amazonWebServicesARN' },
    credentialFields: { ARN: 'arn:aws:iam::000000000000:role/x' },
  });
  await call('PUT', `/integrations/${lambda}/config/current`, {
    name: 'x',
    version: 1,
    notes: '',
    properties: {},
    advanced: {},
    credentials: { AmazonWebServicesARN: { id: credential.id } },
  });
  await call('PATCH', `/integrations/${lambda}`, { intendedState: 'ENABLED' });
  const { body: action } = await call('POST', '/integrations/actions', actionBody(lambda));
  const tested = await call('POST', `/integrations/actions/${action.id}/test`, {});
  expect(reasonOf(tested.body.error)).toMatch(/without an AWS endpoint/);
});
