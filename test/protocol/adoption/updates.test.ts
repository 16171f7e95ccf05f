/** Updates of an adopted object, and replacements by adoption. */
import { idOf, withFailure, withWorld } from '../../../local/provider/stacks.ts';
import { actionByHand, byHand } from '../by-hand.ts';
import { actionStack, count, formOf, records } from './adoptable.ts';

test('an Update after the adoption is in place; one that fails elsewhere is rolled back to the last form', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await world.cloudFormation.createStack('stack', actionStack(world, { AdoptExisting: true }));
    const form = formOf(world, id);
    const failed = await world.cloudFormation.updateStack(
      'stack',
      withFailure(actionStack(world, { AdoptExisting: true, Category: 'New' })),
    );
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(formOf(world, id)).toEqual(form);
    const updated = await world.cloudFormation.updateStack('stack', actionStack(world, { Category: 'New' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).toBe(id);
    expect(formOf(world, id)).toMatchObject({ category: 'New' });
  }));

test('a change of AdoptExisting, ExistingId or OnDelete alone makes no call', () =>
  withWorld(async (world) => {
    actionByHand(world);
    await world.cloudFormation.createStack('stack', actionStack(world, { AdoptExisting: true }));
    world.genesys.resetCalls();
    for (const extra of [{ OnDelete: 'Delete' }, {}, { AdoptExisting: false, OnDelete: 'Retain' }]) {
      const updated = await world.cloudFormation.updateStack('stack', actionStack(world, extra));
      expect(updated.status).toBe('UPDATE_COMPLETE');
    }
    expect(world.genesys.calls()).toEqual([]);
  }));

test('ExistingId with the id that the resource has changes nothing; without it, too', () =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('stack', actionStack(world));
    for (const extra of [{ ExistingId: idOf(stack) }, {}]) {
      const updated = await world.cloudFormation.updateStack('stack', actionStack(world, extra));
      expect(updated.status).toBe('UPDATE_COMPLETE');
      expect(idOf(updated)).toBe(idOf(stack));
    }
    expect(count(world, 'actions')).toBe(1);
  }));

test('ExistingId with another id replaces the object by that one', () =>
  withWorld(async (world) => {
    const first = actionByHand(world, { name: 'First' });
    const second = actionByHand(world, { name: 'Second' });
    const template = (id: string, Name: string) => actionStack(world, { ExistingId: id, Name });
    await world.cloudFormation.createStack('stack', template(first, 'First'));
    const replaced = await world.cloudFormation.updateStack('stack', template(second, 'Second'));
    expect(replaced.status).toBe('UPDATE_COMPLETE');
    expect(idOf(replaced)).toBe(second);
    // An adopted object is retained when its stack lets it go.
    expect(world.remote(first)).toBeDefined();
    expect(records(world)).toEqual([[second, 'Thing', 'adopted']]);
  }));

test.each([
  'update-back-then-delete-new',
  'update-old-then-delete-new',
  'delete-new-only',
  'update-back',
] as const)(
  'a replacement by adoption that is rolled back (%s) puts the other one back',
  (replacementRollback) =>
    withWorld(
      async (world) => {
        const other = actionByHand(world, { name: 'Second' });
        const form = formOf(world, other);
        const stack = await world.cloudFormation.createStack('stack', actionStack(world));
        const own = formOf(world, idOf(stack));
        world.clock.advance(5_000);
        const failed = await world.cloudFormation.updateStack(
          'stack',
          withFailure(actionStack(world, { ExistingId: other, Name: 'Second' })),
        );
        expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(idOf(failed)).toBe(idOf(stack));
        expect(formOf(world, idOf(stack))).toEqual(own);
        // No Delete of the other object comes in this order, so the next request puts it back.
        if (replacementRollback === 'update-back') await world.cloudFormation.deleteStack('stack');
        expect(formOf(world, other)).toEqual(form);
        expect(records(world).map(([id]) => id)).not.toContain(other);
      },
      { replacementRollback },
    ),
);

test('a replacement by adoption that fails by itself is undone, and the old one stays', () =>
  withWorld(async (world) => {
    const other = actionByHand(world, { name: 'Second' });
    const form = formOf(world, other);
    const stack = await world.cloudFormation.createStack('stack', actionStack(world));
    world.genesys.faults({
      match: { method: 'PATCH', path: '/api/v2/integrations/actions/{actionId}' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const failed = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { ExistingId: other, Name: 'Second' }),
    );
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(idOf(failed)).toBe(idOf(stack));
    expect(formOf(world, other)).toEqual(form);
    expect(records(world).map(([id]) => id)).toEqual([idOf(stack)]);
  }));

test('an adopted action that somebody deleted is made anew by its next change, ExistingId or not', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id }));
    await byHand(world, 'DELETE', `/api/v2/integrations/actions/${id}`);
    const template = actionStack(world, { ExistingId: id, Category: 'New' });
    const updated = await world.cloudFormation.updateStack('stack', template);
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).not.toBe(id);
    const again = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { ExistingId: id, Category: 'Newer' }),
    );
    expect(idOf(again)).toBe(idOf(updated));
  }));
