/** A provider at work does not notice a rotation, wherever it falls. */
import { firstInputs, inWorldOf } from '../../../local/provider/inputs.ts';
import { ACTION, action } from '../../../local/provider/stacks.ts';
import { only, reasons } from '../../../local/provider/world.ts';
import { actionByHand } from '../../protocol/by-hand.ts';
import { RotationWorld } from './world.ts';

let here: RotationWorld;
const start = async () => {
  here = await RotationWorld.start({ genesys: { behaviour: { tokensAfterSecretReset: 'revoked' } } });
  return here.world;
};
afterEach(() => here.stop());

const template = (changes = {}) =>
  only(ACTION, { ...inWorldOf(firstInputs(ACTION).create.properties, here.world), ...changes });

/** Begins the rotation at the n-th call of the provider from now on. */
function rotateAt(nth: number): { done: Promise<boolean>; wasReached: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { containers } = here.world;
  const begun = containers.calls.length;
  let wasReached = false;
  containers.faultFor = () => {
    if (!wasReached && containers.calls.length - begun >= nth) {
      wasReached = true;
      void here.rotate().then(resolve);
    }
    return undefined;
  };
  return { done: promise, wasReached: () => wasReached };
}

/** Runs an operation with a rotation at each of its calls; a world for each. */
async function everywhere(operation: () => Promise<{ status: string }>): Promise<void> {
  for (let nth = 1; ; nth += 1) {
    await start();
    const rotation = rotateAt(nth);
    const stack = await operation();
    if (!rotation.wasReached()) return;
    expect({ nth, rotated: await rotation.done, status: stack.status }).toEqual({
      nth,
      rotated: true,
      status: 'CREATE_COMPLETE',
    });
    expect(await here.works()).toBe(true);
    expect(here.world.leaks()).toEqual([]);
    await here.stop();
  }
}

test('a stack is created while a rotation begins at any of its calls', async () => {
  await everywhere(() => here.world.cloudFormation.createStack('stack', template()));
}, 300_000);

test('a stack adopts an action while a rotation begins at any of its calls', async () => {
  await everywhere(async () => {
    const ExistingId = actionByHand(here.world);
    const created = await here.world.cloudFormation.createStack(
      'stack',
      only(ACTION, action(here.world, { ExistingId })),
    );
    expect(reasons(created)).not.toMatch(/OAuth/);
    return created;
  });
}, 300_000);

/** The reset is done, and the function dies before the named call. */
async function stuckBefore(call: string): Promise<void> {
  here.onCall = (made) => {
    if (made === call && here.resets() > 0) here.death = { nth: here.calls.length, when: 'before' };
  };
  await here.step('createSecret', here.secret.begin());
  here.onCall = () => {};
  here.death = undefined;
  expect(await here.works()).toBe(false);
}

test('a new container logs in with the pending secret while the current one is void', async () => {
  const { cloudFormation } = await start();
  await stuckBefore('UpdateSecretVersionStage');
  expect((await cloudFormation.createStack('stack', template())).status).toBe('CREATE_COMPLETE');
});

test('a container with a void token goes on with the pending secret', async () => {
  const { cloudFormation } = await start();
  await cloudFormation.createStack('stack', template());
  await stuckBefore('UpdateSecretVersionStage');
  const changed = await cloudFormation.updateStack('stack', template({ Name: 'Another name' }));
  expect(changed.status).toBe('UPDATE_COMPLETE');
});

test('a container waits while nothing is stored, and goes on once the rotation ran again', async () => {
  const { cloudFormation, clock } = await start();
  await stuckBefore('PutSecretValue');
  clock.schedule(5_000, () => void here.rotate());
  expect((await cloudFormation.createStack('stack', template())).status).toBe('CREATE_COMPLETE');
});

test('a secret that was lost is reported, and the stack can be deployed after the next rotation', async () => {
  const { cloudFormation } = await start();
  await stuckBefore('PutSecretValue');
  const failed = await cloudFormation.createStack('stack', template());
  expect(failed.status).toBe('ROLLBACK_COMPLETE');
  expect(reasons(failed)).toMatch(/the client secret is wrong or was reset/);
  await cloudFormation.deleteStack('stack');
  expect(await here.rotate()).toBe(true);
  expect((await cloudFormation.createStack('stack', template())).status).toBe('CREATE_COMPLETE');
});
