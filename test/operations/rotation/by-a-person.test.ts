/** A person puts another client into a secret after a rotation, during one, or after one that did not end. */
import { randomUUID } from 'node:crypto';
import { RotationWorld } from './world.ts';

let here: RotationWorld;
afterEach(() => here.stop());

/** Another client of the organization becomes the current one; its id. */
function putAnotherClient(): string {
  const client = { id: randomUUID(), secret: `CANARY-b-${randomUUID()}` };
  here.world.genesys.seed({ clients: [client] });
  const { client_id: _id, client_secret: _secret, ...more } = here.current();
  here.secret.put({
    ClientRequestToken: randomUUID(),
    SecretString: JSON.stringify({ client_id: client.id, client_secret: client.secret, ...more }),
  });
  return client.id;
}

test('a rotation that is over leaves no pending version', async () => {
  here = await RotationWorld.start();
  expect(await here.rotate()).toBe(true);
  expect(here.secret.pending).toBeUndefined();
  expect(await here.rotate()).toBe(true);
  expect(here.secret.pending).toBeUndefined();
  expect(here.resets()).toBe(2);
});

test('the client that a person puts there after a rotation is the one that the next rotation resets', async () => {
  here = await RotationWorld.start();
  expect(await here.rotate()).toBe(true);
  const another = putAnotherClient();
  const before = here.current().client_secret;
  expect(await here.rotate()).toBe(true);
  expect(here.current().client_id).toBe(another);
  expect(here.current().client_secret).not.toBe(before);
  expect(here.resets()).toBe(2);
  expect(await here.works()).toBe(true);
});

test('a pending version of a former client does not become current again, though it still logs in', async () => {
  here = await RotationWorld.start();
  const token = here.secret.begin();
  // The rotation ends without its last step, so that its version stays the pending one.
  for (const step of ['createSecret', 'setSecret', 'testSecret'])
    expect(await here.step(step, token)).toBeUndefined();
  const another = putAnotherClient();
  expect(await here.rotate()).toBe(true);
  expect(here.current().client_id).toBe(another);
  expect(here.resets()).toBe(2);
  expect(await here.works()).toBe(true);
});

test('a client that a person puts there during a rotation stays', async () => {
  here = await RotationWorld.start();
  const token = here.secret.begin();
  expect(await here.step('createSecret', token)).toBeUndefined();
  const another = putAnotherClient();
  expect((await here.step('finishSecret', token))?.message).toMatch(/got another OAuth client/);
  expect(here.current().client_id).toBe(another);
});

test('a version without text does not become current', async () => {
  here = await RotationWorld.start();
  const token = here.secret.begin();
  expect(await here.step('testSecret', token)).toBeUndefined();
  expect((await here.step('finishSecret', token))?.message).toMatch(/has no text/);
  expect(await here.works()).toBe(true);
});
