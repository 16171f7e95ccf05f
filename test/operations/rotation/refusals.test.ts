/** The rotation refuses before anything is void. */
import { OAUTH_SECRET } from '../../../local/provider/world.ts';
import { OWN_SECRET, RotationWorld } from './world.ts';

let here: RotationWorld;
afterEach(() => here.stop());

/** The message of the first step; the old secret has to work after it. */
async function refusal(step = () => here.step('createSecret', here.secret.begin())): Promise<string> {
  const error = await step();
  expect(here.resets()).toBe(0);
  expect(await here.works()).toBe(true);
  expect(here.leaks()).toEqual([]);
  return error?.message ?? 'no error';
}

test("the rotation's own client is not reset", async () => {
  here = await RotationWorld.start();
  here.world.aws.secrets.set(OWN_SECRET, { text: here.secret.text });
  expect(await refusal()).toMatch(/holds the rotation's own OAuth client/);
});

test('one secret for both clients is refused by the settings', async () => {
  here = await RotationWorld.start();
  here.environment = { GENESYS_OAUTH_SECRET_ARN: OAUTH_SECRET };
  expect(await refusal()).toMatch(/name the same secret/);
});

test('a secret that is not written to is refused before the reset', async () => {
  here = await RotationWorld.start();
  here.secret.put = () => 'AccessDeniedException';
  expect(await refusal()).toMatch(/cannot get a version: AccessDeniedException/);
});

test('an own secret that is wrong is refused before the reset', async () => {
  here = await RotationWorld.start();
  const { client_id } = JSON.parse(here.world.aws.secrets.get(OWN_SECRET)?.text ?? '');
  here.world.aws.secrets.set(OWN_SECRET, { text: JSON.stringify({ client_id, client_secret: 'wrong-one' }) });
  expect(await refusal()).toMatch(/does not know the OAuth client/);
});

test.each([
  ['the permission', { permissions: ['integrations:*:*'] }, { permissions: ['integrations:*:*'] }],
  ['the roles of the client', { permissions: ['oauth:client:edit'] }, { permissions: ['integrations:*:*'] }],
])('an own client without %s resets nothing, and the reason says what it needs', async (_, own, client) => {
  here = await RotationWorld.start({ own, client });
  const error = await here.step('createSecret', here.secret.begin());
  expect(error?.message).toMatch(/oauth:client:edit, and every role of the client/);
  expect(await here.works()).toBe(true);
});

test('an own client with the permission and the roles of the client is enough', async () => {
  const permissions = ['integrations:*:*'];
  here = await RotationWorld.start({
    own: { permissions: [...permissions, 'oauth:client:edit'] },
    client: { permissions },
  });
  expect(await here.rotate()).toBe(true);
});

test('a client of another organization is not reset', async () => {
  here = await RotationWorld.start();
  const [organizationId = ''] = here.world.genesys.seed({ organizations: [{ name: 'Other' }] }).organizations;
  here.world.genesys.seed({ clients: [{ id: here.clientId, organizationId }] });
  const error = await here.step('createSecret', here.secret.begin());
  expect(error?.message).toMatch(/must belong to the same organization/);
  expect(await here.works()).toBe(true);
});

test('a secret without a rotation is left alone', async () => {
  here = await RotationWorld.start();
  here.secret.isRotated = false;
  expect(await refusal()).toMatch(/has no rotation/);
});

test('a token of no rotation is refused', async () => {
  here = await RotationWorld.start();
  expect(await refusal(() => here.step('createSecret', 'made-up'))).toMatch(/no pending version/);
});

test('another secret than the one of the settings is refused', async () => {
  here = await RotationWorld.start();
  expect(await refusal(() => here.step('createSecret', here.secret.begin(), OWN_SECRET))).toMatch(
    /names another secret/,
  );
});

test.each(['deleteSecret', 'constructor', ''])('the step %p is refused', async (step) => {
  here = await RotationWorld.start();
  expect(await refusal(() => here.step(step, here.secret.begin()))).toMatch(/no step of a rotation/);
});

test('a secret that is no JSON is refused, without its content', async () => {
  here = await RotationWorld.start();
  here.secret.put({ ClientRequestToken: 'x', SecretString: 'CANARY-no-json' });
  const error = await here.step('createSecret', here.secret.begin());
  expect(error?.message).toMatch(/is not a JSON object/);
  expect(here.output.join()).not.toContain('CANARY-no-json');
  expect(here.resets()).toBe(0);
});

test('too little time for the reset and its answer resets nothing', async () => {
  here = await RotationWorld.start();
  here.milliseconds = 40_000;
  expect(await refusal()).toMatch(/too little time/);
});

test('a new secret that Genesys Cloud goes on refusing fails the test of the rotation', async () => {
  here = await RotationWorld.start();
  const token = here.secret.begin();
  expect(await here.step('createSecret', token)).toBeUndefined();
  here.world.genesys.seed({ clients: [{ id: here.clientId, secret: 'another' }] });
  const begunAt = here.world.clock.now();
  const error = await here.step('testSecret', token);
  expect(error?.message).toMatch(/refuses the secret in version/);
  expect(here.world.clock.now() - begunAt).toBeGreaterThan(30_000);
  expect(here.leaks()).toEqual([]);
});

test('a new secret that becomes known late passes the test', async () => {
  here = await RotationWorld.start();
  const token = here.secret.begin();
  expect(await here.step('createSecret', token)).toBeUndefined();
  const { client_secret } = here.current();
  here.world.genesys.seed({ clients: [{ id: here.clientId, secret: 'another' }] });
  here.world.clock.schedule(20_000, () =>
    here.world.genesys.seed({ clients: [{ id: here.clientId, secret: client_secret }] }),
  );
  expect(await here.step('testSecret', token)).toBeUndefined();
});

test('the step that tries a rotation when it is set up logs in with both secrets, and resets nothing', async () => {
  here = await RotationWorld.start();
  expect(await here.step('testSecret', here.secret.begin())).toBeUndefined();
  expect(here.calls.filter((call) => call.endsWith('/oauth/token')).length).toBe(2);
  expect(here.resets()).toBe(0);
});
