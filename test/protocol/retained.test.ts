/** An object that a template retains is never deleted by the provider, whatever follows. */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { inWorld, only, type World } from '../../local/provider/world.ts';
import { send } from './send.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';
const action = (world: World, more = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...more,
});

/** Replaced under `UpdateReplacePolicy: Retain`, and updated back to the first properties. */
async function thereAndBack(world: World) {
  const template = (more = {}) => ({
    Resources: {
      Thing: { Type: ACTION, UpdateReplacePolicy: 'Retain' as const, Properties: action(world, more) },
    },
  });
  const idOf = async (stack: Promise<{ resources: Readonly<Record<string, { physicalId?: string }>> }>) => {
    world.clock.advance(5_000);
    return (await stack).resources['Thing']?.physicalId ?? '';
  };
  const first = await idOf(world.cloudFormation.createStack('stack', template()));
  const retained = await idOf(world.cloudFormation.updateStack('stack', template({ Secure: true })));
  const back = await idOf(world.cloudFormation.updateStack('stack', template()));
  expect(back).toBe(first);
  expect(retained).not.toBe(first);
  expect(world.remote(retained)).toBeDefined();
  return { template, first, retained };
}

test('an object that a replacement retained, and an update back left behind, stays in later updates', () =>
  inWorld({}, async (world) => {
    const { template, first, retained } = await thereAndBack(world);
    const updated = await world.cloudFormation.updateStack('stack', template({ Category: 'New' }));
    expect(updated.resources['Thing']?.physicalId).toBe(first);
    expect(world.remote(retained)).toBeDefined();
  }));

test('an object that a replacement retained, and an update back left behind, stays when the other object of its stack is deleted', () =>
  inWorld({}, async (world) => {
    const { first, retained } = await thereAndBack(world);
    await world.cloudFormation.deleteStack('stack');
    expect(world.remote(first)).toBeUndefined();
    expect(world.remote(retained)).toBeDefined();
  }));

test('the stack is asked whether it rolls back only where objects of replacements are about', () =>
  inWorld({}, async (world) => {
    const template = (more = {}) => only(ACTION, action(world, more));
    await world.cloudFormation.createStack('stack', template());
    await world.cloudFormation.updateStack('stack', template({ Category: 'New' }));
    await world.cloudFormation.updateStack('stack', template());
    await world.cloudFormation.updateStack('stack', template({ Secure: true }));
    await world.cloudFormation.deleteStack('stack');
    expect(world.containers.calls.filter(({ service }) => service === 'stacks')).toEqual([]);
  }));

test.each([
  ['goes with the next update', false, 1],
  ['stays where the stack cannot be asked whether it rolls back: it may be retained', true, 2],
])('what a rolled-back replacement made, and CloudFormation forgets, %s', (_, isMute, left) =>
  inWorld({ cloudFormation: { replacementRollback: 'update-back' } }, async (world) => {
    world.containers.faultFor = ({ service }) => (service === 'stacks' && isMute ? 'dns' : undefined);
    const before = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    const { Resources } = only(ACTION, action(world, { Secure: true }));
    const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
    const back = await world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
    expect(back.resources['Thing']?.physicalId).toBe(before.resources['Thing']?.physicalId);
    expect(world.made().size).toBe(2);
    await world.cloudFormation.updateStack('stack', only(ACTION, action(world, { Category: 'New' })));
    expect(world.made().size).toBe(left);
  }),
);

test('retained, removed, and added again by a Create that never ran: the retained one stays', () =>
  inWorld({}, async (world) => {
    const Other = {
      Type: INTEGRATION,
      Properties: inWorldOf(firstInputs(INTEGRATION).create.properties, world),
    };
    const Thing = { Type: ACTION, Properties: action(world), DeletionPolicy: 'Retain' as const };
    const created = await world.cloudFormation.createStack('stack', { Resources: { Other, Thing } });
    await world.cloudFormation.idle();
    world.clock.advance(60_000);
    await world.cloudFormation.updateStack('stack', { Resources: { Other } });
    world.clock.advance(60_000);
    world.containers.faultFor = (_call, event) =>
      event?.RequestType === 'Create' ? 'kill before' : undefined;
    const again = { ...Thing, DeletionPolicy: 'RetainExceptOnCreate' as const };
    const updated = await world.cloudFormation.updateStack('stack', { Resources: { Other, Thing: again } });
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(world.requests('Thing').at(-1)?.event).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: expect.stringMatching(/^stack-Thing-/),
    });
    expect(world.remote(created.resources['Thing']?.physicalId ?? '')).toBeDefined();
  }));

test('a Create whose answer came when CloudFormation had just given it up is undone, though its bucket took the answer', () =>
  inWorld({}, async (world) => {
    const created = await send(world, { RequestType: 'Create' }, ACTION, action(world));
    expect(created.status).toBe('SUCCESS');
    world.clock.advance(60_000);
    const invented = { RequestType: 'Delete', id: 'other-Other-ABCDEF123456' } as const;
    expect((await send(world, invented, ACTION, action(world))).status).toBe('SUCCESS');
    expect(world.made().size).toBe(0);
  }));
