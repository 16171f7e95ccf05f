/** Objects that somebody still uses, or has kept on purpose, survive where two rules meet. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import type { Action } from '../../local/genesys-cloud/store.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import {
  inWorld,
  KEY_ALIAS,
  OTHER_KEY_ALIAS,
  only,
  reasons,
  type World,
} from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';
import { send } from './send.ts';

const ACTION = 'Custom::GenesysDataAction';
const KEY = 'Custom::GenesysRecordingKey';
const GUARDED = { DeletionGuard: 'All' };
const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };

const action = (world: World, more = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...more,
});
const resource = (world: World, more = {}) => ({ Type: ACTION, Properties: action(world, more) });
const idOf = (stack: StackView, logicalId = 'Thing') => stack.resources[logicalId]?.physicalId ?? '';
const refuse = (world: World, method: string, path: string, times: object = { count: 'every' }) =>
  world.genesys.faults({
    match: { method, path, ...times },
    action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
  });
const categoryOf = (world: World, id: string) =>
  (world.remote(id) as Action | undefined)?.published?.category;

/** Replaced under `UpdateReplacePolicy: Retain`, and updated back: both objects are there. */
async function thereAndBack(world: World, extra = {}) {
  const template = (more = {}, others = {}): Template => ({
    Resources: {
      Thing: {
        Type: ACTION,
        UpdateReplacePolicy: 'Retain' as const,
        Properties: action(world, { ...extra, ...more }),
      },
      ...others,
    },
  });
  const first = idOf(await world.cloudFormation.createStack('stack', template()));
  world.clock.advance(5_000);
  const retained = idOf(await world.cloudFormation.updateStack('stack', template({ Secure: true })));
  world.clock.advance(5_000);
  expect(idOf(await world.cloudFormation.updateStack('stack', template()))).toBe(first);
  world.clock.advance(5_000);
  expect(world.remote(retained)).toBeDefined();
  return { template, first, retained };
}

test('an object that a replacement retained survives the rollback of a later update', () =>
  inWorld({}, async (world) => {
    const { template, first, retained } = await thereAndBack(world);
    const back = await world.cloudFormation.updateStack('stack', template({ Category: 'New' }, { Bad }));
    expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(idOf(back)).toBe(first);
    expect(world.remote(retained)).toBeDefined();
  }));

test('a newer action that was retained does not disarm the guard of the live one', () =>
  inWorld({}, async (world) => {
    const { first } = await thereAndBack(world, GUARDED);
    world.genesys.seed({ flows: [{ name: 'Main menu', actionId: first }] });
    const deleted = await world.cloudFormation.deleteStack('stack');
    expect(deleted.status).toBe('DELETE_FAILED');
    expect(world.remote(first)).toBeDefined();
  }));

test.each([
  ['the guard refused', undefined],
  ['failed before the guard was asked', '500'],
] as const)('an action in use whose Delete %s is not deleted unguarded by a later request', (_, fault) =>
  inWorld({}, async (world) => {
    const Other = resource(world, { Name: 'Other' });
    const created = await world.cloudFormation.createStack('stack', {
      Resources: { Other, Thing: resource(world, GUARDED) },
    });
    const id = idOf(created);
    world.genesys.seed({ flows: [{ name: 'Main menu', actionId: id }] });
    world.containers.coolDown();
    world.containers.onEnd = () => world.containers.coolDown();
    world.containers.faultFor = ({ service }, event) =>
      event?.RequestType === 'Delete' && service === 'login' ? fault : undefined;
    await world.cloudFormation.updateStack('stack', { Resources: { Other } });
    world.containers.faultFor = () => undefined;
    for (const more of [{}, { Category: 'New' }]) {
      world.clock.advance(60_000);
      const Thing = resource(world, { ...GUARDED, Name: 'Second', ...more });
      const updated = await world.cloudFormation.updateStack('stack', { Resources: { Other, Thing } });
      expect(updated.status).toBe('UPDATE_COMPLETE');
    }
    expect(world.remote(id)).toBeDefined();
  }),
);

test('OnDelete: Retain holds after the ledger was lost and an update failed', () =>
  inWorld({}, async (world) => {
    const template = (more = {}) => only(ACTION, action(world, { OnDelete: 'Retain', ...more }));
    const id = idOf(await world.cloudFormation.createStack('stack', template()));
    world.loseLedger();
    refuse(world, 'PATCH', '/api/v2/integrations/actions/{id}');
    await world.cloudFormation.updateStack('stack', template({ Category: 'New' }));
    world.genesys.clearFaults();
    world.clock.advance(60_000);
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
    expect(world.remote(id)).toBeDefined();
  }));

test("a recording key's configuration is retained after the ledger was lost and an update failed", () =>
  inWorld({}, async (world) => {
    const before = { KeyAliasArn: KEY_ALIAS };
    const after = { KeyAliasArn: OTHER_KEY_ALIAS, Takeover: true };
    await send(world, { RequestType: 'Create' }, KEY, before);
    world.loseLedger();
    world.clock.advance(60_000);
    refuse(world, 'POST', '/api/v2/recording/recordingkeys');
    const id = world.genesys.state().organizations[0]?.keyConfigurations[0]?.id ?? '';
    const update = await send(world, { RequestType: 'Update', id, old: before }, KEY, after);
    expect(update.status).toBe('FAILED');
    await send(world, { RequestType: 'Update', id, old: after }, KEY, before);
    world.genesys.clearFaults();
    world.clock.advance(60_000);
    await send(world, { RequestType: 'Delete', id }, KEY, before);
    expect(world.genesys.state().organizations[0]?.keyConfigurations[0]).toMatchObject({
      keyConfigurationType: 'KmsSymmetric',
    });
  }));

test('a logical id is not renamed where a rollback could not be told from a deletion', () =>
  inWorld({}, async (world) => {
    const before = await world.cloudFormation.createStack('stack', only(ACTION, action(world), 'Before'));
    const id = idOf(before, 'Before');
    world.aws.unreachable.add('cloudformation');
    const { Resources } = only(ACTION, action(world, { AdoptExisting: true }), 'After');
    const back = await world.cloudFormation.updateStack('stack', {
      Resources: { ...Resources, Bad: { ...Bad, DependsOn: 'After' } },
    });
    expect(reasons(back)).toContain('a rename could not be undone');
    expect(idOf(back, 'Before')).toBe(id);
    expect(world.remote(id)).toBeDefined();
  }));

describe('an adopted action whose putting back failed in a rollback', () => {
  const adopting = (world: World, id: string): Template => ({
    Resources: { Thing: resource(world, { ExistingId: id, OnDelete: 'Delete' }), Bad },
  });

  test('is put back when the stack is deleted, though that is no rollback any more', () =>
    inWorld({}, async (world) => {
      const id = actionByHand(world);
      refuse(world, 'PATCH', '/api/v2/integrations/actions/{id}', { nth: 2, count: 1 });
      const created = await world.cloudFormation.createStack('stack', adopting(world, id));
      expect(created.status).toBe('ROLLBACK_FAILED');
      world.clock.advance(60_000);
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
      expect(categoryOf(world, id)).toBe('By hand');
    }));

  test('is never deleted where CloudFormation did not say whether it was one', () =>
    inWorld({}, async (world) => {
      const id = actionByHand(world);
      world.containers.faultFor = ({ service }, event) =>
        event?.RequestType === 'Delete' && service === 'stacks' ? '429' : undefined;
      const created = await world.cloudFormation.createStack('stack', adopting(world, id));
      expect(created.status).toBe('ROLLBACK_FAILED');
      world.containers.faultFor = () => undefined;
      world.clock.advance(60_000);
      await world.cloudFormation.deleteStack('stack');
      expect(world.remote(id)).toBeDefined();
    }));
});
