import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { actionBody, type Caller, callerOf, integrationBy } from './support.ts';

// Function data actions: made as drafts, with a package that is sent to a signed URL.
const clock = manualClock();
let server: GenesysCloudServer;
let call: Caller;
let integrationId: string;
let draft: string;
beforeEach(async () => {
  server = await startGenesysCloud({ clock });
  call = await callerOf(server);
  integrationId = await integrationBy(call, 'function-data-actions');
  const made = await call('POST', '/integrations/actions/drafts', actionBody(integrationId));
  draft = `/integrations/actions/${made.body.id}/draft`;
});
afterEach(() => server.close());

const settings = { description: 'Looks up', handler: 'src/index.handler', runtime: 'nodejs22.x' };
const place = async (over: object = {}) =>
  (await call('POST', `${draft}/function/upload`, { fileName: 'code.zip', ...over })).body;
async function upload(content = 'PK\u0003\u0004', given?: { url: string; headers: Record<string, string> }) {
  const { url, headers } = given ?? (await place());
  return (await fetch(url, { method: 'PUT', headers, body: content })).status;
}
const published = () => draft.replace('/draft', '');

test('an action of a function integration is made as a draft only', async () => {
  const refused = await call('POST', '/integrations/actions', actionBody(integrationId));
  expect(refused.status).toBe(400);
  expect((await call('GET', draft)).body).toMatchObject({ integrationId, version: 1 });
});

test('the kind of an action follows from its integration, and the category may say anything', async () => {
  const lambda = await integrationBy(call);
  const category = 'Function Data Actions';
  const made = await call('POST', '/integrations/actions', actionBody(lambda, { category }));
  expect(made).toMatchObject({ status: 200, body: { category } });
  expect((await call('GET', `/integrations/actions/${made.body.id}/function`)).status).toBe(404);
});

test('its package is sent to a signed URL, without a token', async () => {
  expect((await call('GET', `${draft}/function`)).body).not.toHaveProperty('zip');
  const given = await place();
  expect(Object.keys(given.headers)).toEqual([
    'x-amz-meta-correlationid',
    'x-amz-meta-filename',
    'x-amz-meta-functionid',
    'x-amz-meta-organizationid',
    'x-amz-tagging',
  ]);
  expect(await upload('PK', given)).toBe(200);
  expect((await call('GET', `${draft}/function`)).body.zip).toMatchObject({
    name: 'code.zip',
    status: 'Available',
  });
});

test.each([
  ['other headers', async () => ({ ...(await place()), headers: {} })],
  ['an unknown URL', async () => ({ ...(await place()), url: `${server.url}/_uploads/none` })],
  [
    'an old URL',
    async () => {
      const given = await place({ signedUrlTimeoutSeconds: 1 });
      clock.advance(1_001);
      return given;
    },
  ],
])('a package with %s is refused', async (_, given) => {
  expect(await upload('PK', await given())).toBe(403);
  expect((await call('GET', `${draft}/function`)).body).not.toHaveProperty('zip');
});

test('a package that is no ZIP file is taken as a failure, and the last good one stays', async () => {
  await upload();
  await upload('text');
  const { zip, uploadExceptionHistory } = (await call('GET', `${draft}/function`)).body;
  expect(zip.status).toBe('Available');
  expect(uploadExceptionHistory).toMatchObject([{ status: 'InvalidFormat' }]);
});

test('its settings name the uploaded package, and time out after 15 seconds by default', async () => {
  const early = await call('PUT', `${draft}/function`, settings);
  expect(early.status).toBe(400);
  await upload();
  const zipId = (await call('GET', `${draft}/function`)).body.zip.id;
  const { body } = await call('PUT', `${draft}/function`, { ...settings, zipId });
  expect(body.function).toMatchObject({ ...settings, zipId, timeoutSeconds: 15, name: expect.any(String) });
});

test.each([
  ['an unknown runtime', { runtime: 'nodejs1.x' }],
  ['more than 15 seconds', { timeoutSeconds: 16 }],
  ['another package', { zipId: 'another' }],
  ['a long description', { description: 'x'.repeat(256) }],
])('settings with %s are refused', async (_, over) => {
  await upload();
  expect((await call('PUT', `${draft}/function`, { ...settings, ...over })).status).toBe(400);
});

test('a name of a package with a slash is refused', async () => {
  const { status } = await call('POST', `${draft}/function/upload`, { fileName: 'a/b.zip' });
  expect(status).toBe(400);
});

test('it is published with package and settings, not before, and its next draft has them too', async () => {
  const publish = async () => (await call('POST', `${draft}/publish`, { version: 1 })).status;
  expect((await call('GET', `${draft}/validation`)).body.errors).toHaveLength(2);
  expect(await publish()).toBe(400);
  await upload();
  await call('PUT', `${draft}/function`, settings);
  expect(await publish()).toBe(200);
  expect((await call('GET', `${published()}/function`)).body.function).toMatchObject(settings);
  await call('POST', draft);
  await call('PUT', `${draft}/function`, { ...settings, handler: 'other.handler' });
  expect((await call('GET', `${published()}/function`)).body.function).toMatchObject(settings);
  expect((await call('GET', `${draft}/function`)).body.function.handler).toBe('other.handler');
});

test('it is not run here, which it says', async () => {
  const { status, body } = await call('POST', `${draft}/test`, {});
  expect(status).toBe(501);
  expect(body.message).toMatch(/runs no function data actions/);
});
