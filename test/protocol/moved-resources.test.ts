/** CloudFormation can move a resource to another stack, with its physical id: the ledger follows. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import { spell } from '../../local/faults/spells.ts';
import { compare } from '../../local/faults/verdicts.ts';
import { ACTION, action, idOf, KEY, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { KEY_ALIAS, OTHER_KEY_ALIAS, only, reasons, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';

const resource = (world: World, Name: string, more = {}) => ({
  Type: ACTION,
  Properties: action(world, { Name, ...more }),
});

/** Two stacks; `Thing` has moved from the one to the other. */
async function moved(world: World, more = {}): Promise<{ id: string; from: StackView; to: StackView }> {
  const Thing = resource(world, 'Order status', more);
  const from = await world.cloudFormation.createStack('from', {
    Resources: { Thing, Kept: resource(world, 'Kept') },
  });
  const to = await world.cloudFormation.createStack('to', {
    Resources: { Other: resource(world, 'Other') },
  });
  world.clock.advance(3600_000);
  world.cloudFormation.moveResource('Thing', 'from', 'to', 'Moved');
  return { id: idOf(from), from, to };
}

const ownerOf = (world: World, id: string) =>
  world.ledger(`OBJECT#action#${id}`).values().next().value?.['owner'];

test('an update in the new stack changes the object, which then goes with the new stack alone', () =>
  withWorld(async (world) => {
    const { id, to } = await moved(world);
    const template = {
      Resources: {
        Other: resource(world, 'Other'),
        Moved: resource(world, 'Order status', { Category: 'New' }),
      },
    };
    const updated = await world.cloudFormation.updateStack('to', template);
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated, 'Moved')).toBe(id);
    expect(world.remote(id)).toMatchObject({ published: { category: 'New' } });
    expect(ownerOf(world, id)).toEqual({ stackId: to.id, logicalId: 'Moved' });
    expect(compare(world)).toEqual([]);
    await world.cloudFormation.deleteStack('from');
    expect(world.remote(id)).toBeDefined();
    await world.cloudFormation.deleteStack('to');
    expect([...world.made().keys()]).toEqual([]);
    expect([...world.ledger('OBJECT#').keys(), ...world.ledger('NAME#').keys()]).toEqual([]);
  }));

test('a deletion of the new stack, without an update before, leaves no orphan', () =>
  withWorld(async (world) => {
    await moved(world);
    await world.cloudFormation.deleteStack('to');
    await world.cloudFormation.deleteStack('from');
    expect([...world.made().keys()]).toEqual([]);
    expect([...world.ledger('OBJECT#').keys(), ...world.ledger('NAME#').keys()]).toEqual([]);
  }));

test('an adopted object that has moved ends as OnDelete says', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await moved(world, { ExistingId: id, OnDelete: 'Delete' });
    await world.cloudFormation.deleteStack('to');
    expect(world.remote(id)).toBeUndefined();
  }));

test.each([
  ['Retain', { url: KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
  ['Native', { keyConfigurationType: 'Native' }],
  ['RestorePrevious', { url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
])('a recording key that has moved ends as OnDelete says: %s', (OnDelete, left) =>
  withWorld(async (world) => {
    const [id = ''] = world.genesys.seed({
      keyConfigurations: [{ url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
    }).keyConfigurations;
    const Properties = { KeyAliasArn: KEY_ALIAS, Takeover: true, OnDelete };
    const Thing = { Type: KEY, Properties };
    await world.cloudFormation.createStack('from', { Resources: { Thing, Kept: resource(world, 'Kept') } });
    await world.cloudFormation.createStack('to', { Resources: { Other: resource(world, 'Other') } });
    world.clock.advance(3600_000);
    world.cloudFormation.moveResource('Thing', 'from', 'to', 'Moved');
    expect((await world.cloudFormation.deleteStack('to')).status).toBe('DELETE_COMPLETE');
    expect(world.remote(id)).toMatchObject(left);
  }),
);

test('a resource that gets another logical id in its stack keeps its object', () =>
  withWorld(async (world) => {
    const created = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    world.cloudFormation.moveResource('Thing', 'stack', 'stack', 'Renamed');
    const { Thing } = only(ACTION, action(world, { Category: 'New' })).Resources;
    const updated = await world.cloudFormation.updateStack('stack', {
      Resources: { Renamed: { Type: ACTION, ...Thing } },
    });
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated, 'Renamed')).toBe(idOf(created));
    expect(compare(world)).toEqual([]);
  }));

describe('an update of a moved resource that fails, with the rollback disabled', () => {
  async function failAndDelete(world: World, more: object) {
    const Moved = resource(world, 'Order status', more);
    const template = withFailure({ Resources: { Other: resource(world, 'Other'), Moved } });
    const failed = await world.cloudFormation.updateStack('to', template, { disableRollback: true });
    expect(failed.status).toBe('UPDATE_FAILED');
    world.clock.advance(3600_000);
    for (const name of ['to', 'from']) await world.cloudFormation.deleteStack(name);
  }

  test('leaves neither the moved object nor its replacement', () =>
    withWorld(async (world) => {
      await moved(world);
      await failAndDelete(world, { Secure: true });
      expect([...world.made().keys()]).toEqual([]);
    }));

  test('does not cost the object that the same logical id had before, and retained', () =>
    withWorld(async (world) => {
      const { Thing, Kept } = { Thing: resource(world, 'Order status'), Kept: resource(world, 'Kept') };
      await world.cloudFormation.createStack('from', { Resources: { Thing, Kept } });
      const Other = resource(world, 'Other');
      const Moved = { ...resource(world, 'Retained'), DeletionPolicy: 'Retain' as const };
      const to = await world.cloudFormation.createStack('to', { Resources: { Other, Moved } });
      world.clock.advance(3600_000);
      await world.cloudFormation.updateStack('to', { Resources: { Other } });
      world.clock.advance(3600_000);
      world.cloudFormation.moveResource('Thing', 'from', 'to', 'Moved');
      await failAndDelete(world, { Category: 'New' });
      expect([...world.made().keys()]).toEqual([expect.stringContaining(idOf(to, 'Moved'))]);
    }));
});

describe('a deletion of the new stack in the middle of an operation of the old one', () => {
  test('waits for its end, and leaves no orphan', () =>
    withWorld(async (world) => {
      const { id } = await moved(world);
      spell(world, 60, { method: 'PATCH' }, { status: 503 });
      const Kept = resource(world, 'Kept', { Category: 'New' });
      const updating = world.cloudFormation.updateStack('from', { Resources: { Kept } });
      const deleted = await world.cloudFormation.deleteStack('to');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      expect(world.remote(id)).toBeUndefined();
      expect((await updating).status).toBe('UPDATE_COMPLETE');
    }));

  test('fails with the way out where it takes too long, and succeeds later', () =>
    withWorld(async (world) => {
      const { id, from } = await moved(world);
      const describe = world.cloudFormation.describe.bind(world.cloudFormation);
      world.cloudFormation.describe = (name) => ({
        ...describe(name),
        ...(name === from.id ? { status: 'UPDATE_IN_PROGRESS' } : {}),
      });
      const failed = await world.cloudFormation.deleteStack('to');
      expect(failed.status).toBe('DELETE_FAILED');
      expect(reasons(failed)).toMatch(/belongs to Thing of stack from .*Wait .* delete/);
      expect(world.remote(id)).toBeDefined();
      world.cloudFormation.describe = describe;
      expect((await world.cloudFormation.deleteStack('to')).status).toBe('DELETE_COMPLETE');
      expect(world.remote(id)).toBeUndefined();
    }));

  test('fails where CloudFormation gives no answer, and succeeds later', () =>
    withWorld(async (world) => {
      const { id } = await moved(world);
      // It still says that the stack does not roll back, but not where the resource is.
      let asked = 0;
      world.containers.faultFor = ({ service }) => {
        if (service === 'stacks') asked += 1;
        return service === 'stacks' && asked > 1 ? 'dns' : undefined;
      };
      expect((await world.cloudFormation.deleteStack('to')).status).toBe('DELETE_FAILED');
      world.containers.faultFor = () => undefined;
      expect((await world.cloudFormation.deleteStack('to')).status).toBe('DELETE_COMPLETE');
      expect(world.remote(id)).toBeUndefined();
    }));
});

test('an update in the new stack is refused where the old one cannot be asked', () =>
  withWorld(async (world) => {
    const { id } = await moved(world);
    world.aws.unreachable.add('cloudformation');
    const template = {
      Resources: {
        Other: resource(world, 'Other'),
        Moved: resource(world, 'Order status', { Category: 'New' }),
      },
    };
    const refused = await world.cloudFormation.updateStack('to', template);
    expect(reasons(refused)).toContain('belongs to Thing of stack from');
    expect(world.remote(id)).toMatchObject({ published: { category: 'Orders' } });
  }));
