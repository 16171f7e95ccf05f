/** A first write that Genesys Cloud clearly refuses leaves nothing to put right. */
import { writes } from '../../local/faults/spells.ts';
import { compare } from '../../local/faults/verdicts.ts';
import { ACTION, action, INTEGRATION, idOf, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';

const refused = { status: 403, body: { status: 403, code: 'missing.any.permissions' } };
const web = (more = {}) =>
  only(INTEGRATION, { Name: 'Orders', IntegrationType: 'custom-rest-actions', ...more });
const categoryOf = (world: World, id: string) =>
  (world.remote(id) as { published?: { category?: string } } | undefined)?.published?.category;

describe('a first write that is refused for good', () => {
  test('of an update is not repeated by the rollback', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
      world.genesys.resetCalls();
      world.genesys.faults({ match: { method: 'PATCH', count: 'every' }, action: refused });
      const change = only(ACTION, action(world, { Category: 'New' }));
      const stack = await world.cloudFormation.updateStack('stack', change);
      expect(reasons(stack)).toContain('permission');
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(writes(world)).toEqual([`PATCH /api/v2/integrations/actions/${id}`]);
      expect(compare(world)).toEqual([]);
    }));

  test('and allowed later is written by the next update', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
      world.genesys.faults({ match: { method: 'PATCH', count: 'every' }, action: refused });
      const change = only(ACTION, action(world, { Category: 'New' }));
      await world.cloudFormation.updateStack('stack', change);
      world.genesys.clearFaults();
      world.clock.advance(60_000);
      expect((await world.cloudFormation.updateStack('stack', change)).status).toBe('UPDATE_COMPLETE');
      expect(categoryOf(world, id)).toBe('New');
      world.clock.advance(60_000);
      await world.cloudFormation.updateStack('stack', only(ACTION, action(world)));
      expect(categoryOf(world, id)).toBe('Orders');
    }));

  test('after another write of the same update is put right by the rollback', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', web({ Notes: 'before' })));
      world.genesys.faults({ match: { method: 'PATCH' }, action: refused });
      const stack = await world.cloudFormation.updateStack('stack', web({ Notes: 'after' }));
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(JSON.stringify(world.remote(id))).toContain('"notes":"before"');
    }));

  test('of an object that an earlier request left unfinished is repeated', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
      // The write was done, and nobody knows it.
      world.genesys.faults({
        match: { method: 'PATCH', count: 'every' },
        action: { status: 409, body: { status: 409 }, after: true },
      });
      const failed = await world.cloudFormation.updateStack(
        'stack',
        only(ACTION, action(world, { Category: 'New' })),
        { disableRollback: true },
      );
      expect(failed.status).toBe('UPDATE_FAILED');
      expect(categoryOf(world, id)).toBe('New');
      world.genesys.clearFaults();
      world.clock.advance(60_000);
      await world.cloudFormation.continueUpdateRollback('stack');
      expect(categoryOf(world, id)).toBe('Orders');
    }));

  test('of an adoption leaves the object to its former owner without a write', () =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const before = world.remote(id);
      world.genesys.resetCalls();
      world.genesys.faults({ match: { method: 'PATCH', count: 'every' }, action: refused });
      const stack = await world.cloudFormation.createStack(
        'stack',
        only(ACTION, action(world, { AdoptExisting: true, OnDelete: 'Delete' })),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(writes(world)).toEqual([`PATCH /api/v2/integrations/actions/${id}`]);
      expect(world.remote(id)).toEqual(before);
      expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
    }));
});
