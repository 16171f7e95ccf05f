/**
 * A Delete gives an adopted object back to its former owner, or to nobody. A repeat of that Delete leaves the
 * object alone.
 */
import type { Template } from '../../../local/cloudformation/template.ts';
import type { CallFault } from '../../../local/provider/containers.ts';
import { ACTION, action, idOf, KEY, withWorld } from '../../../local/provider/stacks.ts';
import { dropExpired, KEY_ALIAS, only, reasons, type World } from '../../../local/provider/world.ts';
import { actionByHand } from '../by-hand.ts';
import { actionStack, formOf, records } from './adoptable.ts';

/** A template whose first deployment fails after `Thing` was made; `Other` is there before. */
const withThing = (world: World, Thing: Template['Resources'][string]): Template => ({
  Resources: {
    Other: { Type: ACTION, Properties: action(world, { Name: 'Other' }) },
    Thing,
    Bad: { Type: 'Custom::GenesysNothing', DependsOn: ['Thing', 'Other'], Properties: {} },
  },
});

const adopting = (world: World, id: string, more = {}) =>
  withThing(world, {
    Type: ACTION,
    Properties: action(world, { ExistingId: id, Category: 'Adopted', OnDelete: 'Delete', ...more }),
  });

/** An object that its stack retained when it was deleted: the ledger still knows that stack as its owner. */
async function retained(world: World): Promise<string> {
  const { Resources } = actionStack(world);
  const Thing = { ...Resources['Thing'], Type: ACTION, DeletionPolicy: 'Retain' as const };
  const id = idOf(await world.cloudFormation.createStack('theirs', { Resources: { Thing } }));
  await world.cloudFormation.deleteStack('theirs');
  return id;
}

/** Once `Thing` is given back, its Delete meets `fault` at its next calls to the ledger, `times` times. */
function afterGivingBack(world: World, isGivenBack: () => boolean, fault: CallFault, times: number): void {
  let met = 0;
  world.containers.faultFor = ({ service }, event) => {
    const isDelete = event?.RequestType === 'Delete' && event.LogicalResourceId === 'Thing';
    if (!isDelete || service !== 'ledger' || !isGivenBack() || met >= times) return undefined;
    met += 1;
    return fault;
  };
}

const ownersOf = (world: World, id: string) =>
  records(world).flatMap(([object, logicalId]) => (object === id ? [logicalId] : []));

const stackOf = (world: World, id: string) =>
  (world.ledger(`OBJECT#action#${id}`).values().next().value?.['owner'] as { stackId: string } | undefined)
    ?.stackId;

/** Ways in which a Delete is repeated after it has given the object back. */
const repeats: [how: string, fault: CallFault, times: number][] = [
  ['by Lambda, because the process died', 'kill before', 1],
  ['by a person, because the ledger was away until it failed', 'dns', 1_000],
];

describe.each(repeats)('a Delete that is repeated %s', (_how, fault, times) => {
  async function deleted(world: World, isGivenBack: () => boolean) {
    afterGivingBack(world, isGivenBack, fault, times);
    const stack = await world.cloudFormation.deleteStack('mine');
    await world.cloudFormation.idle();
    world.containers.faultFor = () => undefined;
    if (fault === 'dns') expect(stack.status).toBe('DELETE_FAILED');
    return stack.status === 'DELETE_FAILED' ? world.cloudFormation.deleteStack('mine') : stack;
  }

  test('leaves the object to the record of its former stack, which is deleted', () =>
    withWorld(async (world) => {
      const id = await retained(world);
      const before = formOf(world, id);
      await world.cloudFormation.createStack('mine', adopting(world, id), { disableRollback: true });
      expect(formOf(world, id)).not.toEqual(before);
      world.clock.advance(3600_000);
      const stack = await deleted(world, () => stackOf(world, id)?.includes('stack/theirs/') === true);
      expect(stack.status).toBe('DELETE_COMPLETE');
      expect(formOf(world, id)).toEqual(before);
      expect(stackOf(world, id)).toContain('stack/theirs/');
    }));

  test('leaves the object to nobody, though an earlier adoption by the same stack was final', () =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const { Thing = { Type: '' }, Other = { Type: '' } } = adopting(world, id, {
        OnDelete: 'Retain',
      }).Resources;
      await world.cloudFormation.createStack('mine', { Resources: { Other, Thing } });
      world.clock.advance(3600_000);
      await world.cloudFormation.updateStack('mine', { Resources: { Other } });
      expect(ownersOf(world, id)).toEqual([]);
      world.clock.advance(3600_000);
      const before = formOf(world, id);
      await world.cloudFormation.updateStack('mine', adopting(world, id, { Category: 'Again' }), {
        disableRollback: true,
      });
      expect(formOf(world, id)).not.toEqual(before);
      world.clock.advance(3600_000);
      const stack = await deleted(world, () => ownersOf(world, id).length === 0);
      expect(stack.status).toBe('DELETE_COMPLETE');
      expect(formOf(world, id)).toEqual(before);
    }));

  test('leaves the recording key that it put back, where the same alias was there before', () =>
    withWorld(async (world) => {
      const [id = ''] = world.genesys.seed({
        keyConfigurations: [{ url: KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
      }).keyConfigurations;
      const properties = { KeyAliasArn: KEY_ALIAS, Takeover: true, OnDelete: 'RestorePrevious' };
      const stack = await world.cloudFormation.createStack('mine', only(KEY, properties));
      expect(reasons(stack)).not.toContain('FAILED');
      expect(idOf(stack)).toBe(id);
      world.clock.advance(3600_000);
      await deleted(world, () => ownersOf(world, id).length === 0);
      expect(world.remote(id)).toMatchObject({ url: KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' });
    }));
});

test('a deletion leaves the object that a rollback gave back before it failed for want of the ledger', () =>
  withWorld(async (world) => {
    const id = await retained(world);
    const before = formOf(world, id);
    let wasMine = false;
    const isGivenBack = () => {
      const isTheirs = stackOf(world, id)?.includes('stack/theirs/') === true;
      wasMine ||= !isTheirs;
      return wasMine && isTheirs;
    };
    afterGivingBack(world, isGivenBack, 'dns', 1_000);
    const stack = await world.cloudFormation.createStack('mine', adopting(world, id));
    expect(stack.status).toBe('ROLLBACK_FAILED');
    world.containers.faultFor = () => undefined;
    // A week and more may pass before a person deletes the stack.
    world.clock.advance(30 * 24 * 3600_000);
    dropExpired(world);
    expect((await world.cloudFormation.deleteStack('mine')).status).toBe('DELETE_COMPLETE');
    expect(formOf(world, id)).toEqual(before);
    expect(stackOf(world, id)).toContain('stack/theirs/');
  }));
