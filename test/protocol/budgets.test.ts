/**
 * Upper limits for the calls to Genesys Cloud that an operation makes, beside a container's login and its
 * look-up of the organization.
 */
import { firstInputs, type Input, inWorldOf } from '../../local/provider/inputs.ts';
import { inWorld, only, type World } from '../../local/provider/world.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';
const KEY = 'Custom::GenesysRecordingKey';

/** Calls since the last time this was called, without logins and `GET /organizations/me`. */
function counted(world: World): string[] {
  const calls = world.genesys
    .calls()
    .filter(({ template }) => template !== '/oauth/token' && template !== '/api/v2/organizations/me')
    .map(({ method, template }) => `${method} ${template}`);
  world.genesys.resetCalls();
  return calls;
}

function operations(world: World, type: string) {
  const { cloudFormation } = world;
  const template = ({ properties }: Input, extra = {}) =>
    only(type, { ...inWorldOf(properties, world), ...extra });
  return {
    create: async (input: Input, extra = {}) => {
      expect((await cloudFormation.createStack('stack', template(input, extra))).status).toBe(
        'CREATE_COMPLETE',
      );
      return counted(world);
    },
    update: async (input: Input, extra = {}) => {
      expect((await cloudFormation.updateStack('stack', template(input, extra))).status).toBe(
        'UPDATE_COMPLETE',
      );
      return counted(world);
    },
    delete: async () => {
      await cloudFormation.deleteStack('stack');
      return counted(world);
    },
  };
}

test('a data action: create 3, update 2, renaming update 3, unchanged update 0, delete 2', async () => {
  await inWorld({}, async (world) => {
    const { create, update, delete: remove } = operations(world, ACTION);
    const of = firstInputs(ACTION);
    expect((await create(of.create)).length).toBeLessThanOrEqual(3);
    expect((await update(of.create, { TimeoutSeconds: 9 })).length).toBe(2);
    expect((await update(of.update)).length).toBe(3);
    expect(await update(of.update, { ServiceTimeout: 900 })).toEqual([]);
    expect((await remove()).length).toBeLessThanOrEqual(2);
  });
});

test('replacing a data action: 5, its clean-up included; 4 more to see who uses it, 6 for a secure one', async () => {
  await inWorld({}, async (world) => {
    const { create, update } = operations(world, ACTION);
    const of = firstInputs(ACTION);
    await create(of.create);
    expect((await update(of.create, { Secure: true, DeletionGuard: 'None' })).length).toBe(5);
    expect((await update(of.create, { DeletionGuard: 'All' })).length).toBe(11);
    expect((await update(of.create, { Secure: true })).length).toBe(9);
  });
});

test('an integration: create 5, two more for the schemas of objects, delete 5', async () => {
  await inWorld({}, async (world) => {
    const { create, update, delete: remove } = operations(world, INTEGRATION);
    const of = firstInputs(INTEGRATION);
    expect((await create(of.create)).length).toBeLessThanOrEqual(5);
    expect(await update(of.create, { ServiceTimeout: 900 })).toEqual([]);
    expect((await remove()).length).toBeLessThanOrEqual(5);
    expect((await create(of.create, { Properties: {}, Advanced: {} })).length).toBeLessThanOrEqual(7);
  });
});

test('taking over: a data action 5 by id, 6 by name; an integration 7 by id, 8 by name; retaining none', async () => {
  await inWorld({}, async (world) => {
    const { create, delete: remove } = operations(world, ACTION);
    const of = firstInputs(ACTION);
    await create(of.create, { OnDelete: 'Retain' });
    expect(await remove()).toEqual([]);
    expect((await create(of.create, { AdoptExisting: true })).length).toBeLessThanOrEqual(6);
    const ExistingId = world.cloudFormation.describe('stack').resources['Thing']?.physicalId;
    expect(await remove()).toEqual([]);
    expect((await create(of.create, { ExistingId })).length).toBeLessThanOrEqual(5);
  });
  await inWorld({}, async (world) => {
    const { create, delete: remove } = operations(world, INTEGRATION);
    const of = firstInputs(INTEGRATION);
    await create(of.create, { OnDelete: 'Retain' });
    expect(await remove()).toEqual([]);
    expect((await create(of.create, { AdoptExisting: true })).length).toBeLessThanOrEqual(8);
    const ExistingId = world.cloudFormation.describe('stack').resources['Thing']?.physicalId;
    expect(await remove()).toEqual([]);
    expect((await create(of.create, { ExistingId })).length).toBeLessThanOrEqual(7);
  });
});

test('a recording key: create 5, two more with RotationPeriod, one more where a key has to be made', async () => {
  await inWorld({ genesys: { behaviour: { recordingKeyOnSave: true } } }, async (world) => {
    const { create, delete: remove } = operations(world, KEY);
    const of = firstInputs(KEY);
    expect((await create(of.create)).length).toBeLessThanOrEqual(5);
    await remove();
    expect((await create(of.create, { RotationPeriod: 'WEEKLY' })).length).toBeLessThanOrEqual(7);
  });
  await inWorld({}, async (world) => {
    const { create } = operations(world, KEY);
    expect((await create(firstInputs(KEY).create)).length).toBeLessThanOrEqual(6);
  });
});

test('one login and one look-up of the organization serve a container, whatever it does', async () => {
  await inWorld({ cloudFormation: { concurrency: 1 } }, async (world) => {
    const { create, update, delete: remove } = operations(world, ACTION);
    const of = firstInputs(ACTION);
    await create(of.create);
    await update(of.update);
    await remove();
    const { calls } = world.containers;
    expect(calls.filter(({ service }) => service === 'login')).toHaveLength(world.containers.started);
  });
});
