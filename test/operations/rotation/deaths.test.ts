/** A rotation whose process dies at any call is mended by running it again. */
import { type Death, RotationWorld } from './world.ts';

let here: RotationWorld;
afterEach(() => here.stop());

async function callsOfOneRotation(): Promise<string[]> {
  here = await RotationWorld.start();
  expect(await here.rotate()).toBe(true);
  return here.calls;
}

test('a rotation resets the secret once, and the current version is the new one', async () => {
  here = await RotationWorld.start();
  const before = here.current();
  expect(await here.rotate()).toBe(true);
  expect(here.resets()).toBe(1);
  expect(here.current().client_secret).not.toBe(before.client_secret);
  expect(await here.works()).toBe(true);
  expect(here.leaks()).toEqual([]);
});

test('between the reset and the new current version stand two calls, both to Secrets Manager', async () => {
  const calls = await callsOfOneRotation();
  const reset = calls.findIndex((call) => call.endsWith('/secret'));
  expect(calls.slice(reset, reset + 3)).toEqual([
    'createSecret: POST /api/v2/oauth/clients/{id}/secret',
    'createSecret: PutSecretValue',
    'createSecret: UpdateSecretVersionStage',
  ]);
});

test('a step that runs again after the rotation resets nothing', async () => {
  here = await RotationWorld.start();
  const token = here.secret.begin();
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
    for (let time = 0; time < 2; time += 1) expect(await here.step(step, token)).toBeUndefined();
  }
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'])
    expect(await here.step(step, token)).toBeUndefined();
  expect(here.resets()).toBe(1);
  expect(await here.works()).toBe(true);
});

test('dead at every call, the rotation ends with a secret that works', async () => {
  const calls = await callsOfOneRotation();
  await here.stop();
  expect(calls.length).toBeGreaterThan(15);
  for (let nth = 1; nth <= calls.length; nth += 1) {
    for (const when of ['before', 'after'] satisfies Death['when'][]) {
      const isEven = nth % 2 === 0;
      here = await RotationWorld.start({
        genesys: {
          behaviour: {
            invalidClientStatus: isEven ? 400 : 401,
            tokensAfterSecretReset: isEven ? 'stay' : 'revoked',
          },
        },
      });
      here.death = { nth, when };
      const ended = await here.rotate();
      const what = { when, call: calls[nth - 1] };
      expect({ ...what, ended, works: await here.works(), leaks: here.leaks() }).toEqual({
        ...what,
        ended: true,
        works: true,
        leaks: [],
      });
      expect(here.resets()).toBeLessThanOrEqual(2);
      await here.stop();
    }
  }
  here = await RotationWorld.start();
}, 600_000);

test('every process of a whole rotation dies after its reset, and the next rotation mends it', async () => {
  here = await RotationWorld.start();
  here.onCall = (call) => {
    if (call === 'PutSecretValue' && here.resets() > 0)
      here.death = { nth: here.calls.length, when: 'before' };
  };
  expect(await here.rotate()).toBe(false);
  expect(await here.works()).toBe(false);
  here.onCall = () => {};
  here.death = undefined;
  expect(await here.rotate()).toBe(true);
  expect(await here.works()).toBe(true);
});

test('a pending secret that somebody has voided by another reset is replaced', async () => {
  here = await RotationWorld.start();
  here.onCall = (call) => {
    if (call === 'UpdateSecretVersionStage') here.death = { nth: here.calls.length, when: 'before' };
  };
  const token = here.secret.begin();
  expect(await here.step('createSecret', token)).toBeDefined();
  here.onCall = () => {};
  here.world.genesys.seed({ clients: [{ id: here.clientId, secret: 'set by a person' }] });
  expect(await here.rotate()).toBe(true);
  expect(await here.works()).toBe(true);
});

test('a reset whose answer was lost is repeated at once', async () => {
  here = await RotationWorld.start();
  here.world.genesys.faults({
    match: { method: 'POST', path: '/api/v2/oauth/clients/{clientId}/secret' },
    action: { reset: 'after' },
  });
  expect(await here.rotate()).toBe(true);
  expect(here.resets()).toBe(2);
  expect(await here.works()).toBe(true);
});
