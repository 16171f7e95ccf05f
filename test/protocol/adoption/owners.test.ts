/**
 * An object has one owner: no stack adopts what another living stack owns, and a renamed logical id takes its
 * object along.
 */
import { ACTION, action, INTEGRATION, idOf, withFailure, withWorld } from '../../../local/provider/stacks.ts';
import { reasons } from '../../../local/provider/world.ts';
import { actionByHand } from '../by-hand.ts';
import { attemptIdOf, send } from '../send.ts';
import {
  actionStack,
  adoptables,
  count,
  formOf,
  integration,
  integrationStack,
  records,
} from './adoptable.ts';

test('an object of another living stack is not taken over, and the reason names the owner and the way', () =>
  withWorld(async (world) => {
    const theirs = await world.cloudFormation.createStack('theirs', actionStack(world));
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toContain('belongs to Thing of stack theirs');
    expect(reasons(mine)).toContain('OnDelete: Retain');
    expect(records(world)).toEqual([[idOf(theirs), 'Thing', 'created']]);
    const updated = await world.cloudFormation.updateStack('theirs', actionStack(world, { Category: 'New' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
  }));

test('a stack owns what it has just made, though CloudFormation does not list its id yet', () =>
  withWorld(async (world) => {
    const slow = withFailure(actionStack(world));
    const creating = world.cloudFormation.createStack('theirs', slow);
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    await creating;
    // Either stack may be the first one. Both never have the same object.
    expect(world.made().size).toBe(mine.status === 'CREATE_COMPLETE' ? 1 : 0);
  }));

test.each([
  ['is deleted, and retained its resource by DeletionPolicy', true],
  ['lives, and has forgotten its resource by DeletionPolicy', false],
])('what a stack that %s has left in the ledger is taken over by another', (_what, isDeleted) =>
  withWorld(async (world) => {
    const { Resources } = actionStack(world);
    const Thing = { ...Resources['Thing'], Type: ACTION, DeletionPolicy: 'Retain' as const };
    const Rest = { Type: INTEGRATION, Properties: integration() };
    const theirs = await world.cloudFormation.createStack('theirs', { Resources: { Thing, Rest } });
    if (isDeleted) await world.cloudFormation.deleteStack('theirs');
    else await world.cloudFormation.updateStack('theirs', { Resources: { Rest } });
    expect(records(world)).toContainEqual([idOf(theirs), 'Thing', 'created']);
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    expect(reasons(mine)).not.toMatch(/FAILED/);
    expect(idOf(mine)).toBe(idOf(theirs));
    expect(records(world)).toContainEqual([idOf(theirs), 'Thing', 'adopted']);
  }),
);

test.each(['AccessDenied', 'another account'])('an owner that cannot be asked (%s) counts as living', (why) =>
  withWorld(async (world) => {
    if (why === 'AccessDenied') {
      await world.cloudFormation.createStack('theirs', actionStack(world));
      world.aws.unreachable.add('cloudformation');
    } else {
      const stackId = 'arn:aws:cloudformation:us-east-1:999999999999:stack/theirs/11111111-2222';
      const answer = await send(world, { RequestType: 'Create', stackId }, ACTION, action(world));
      expect(answer.status).toBe('SUCCESS');
    }
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toMatch(/belongs to \w+ of stack theirs .*cannot be asked/);
  }),
);

test.each([
  ['by hand', true],
  ['by the first of them', false],
])('two resources of a new stack cannot have the same object, made %s', (_by, byHand) =>
  withWorld(async (world) => {
    const id = byHand ? actionByHand(world) : undefined;
    const before = id && formOf(world, id);
    const { Thing } = actionStack(world, { AdoptExisting: true }).Resources;
    const Second = { ...Thing, Type: ACTION, DependsOn: 'Thing' };
    const template = { Resources: { Thing: { ...Thing, Type: ACTION }, Second } };
    const stack = await world.cloudFormation.createStack('stack', template);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toContain('belongs to Thing of this stack');
    if (id) expect(formOf(world, id)).toEqual(before);
    expect(count(world, 'actions')).toBe(byHand ? 1 : 0);
    expect(records(world)).toEqual([]);
  }),
);

test('a logical id that comes back takes up what its DeletionPolicy had left behind, and gives it back in a rollback', () =>
  withWorld(async (world) => {
    const { Resources } = actionStack(world, { AdoptExisting: true });
    const Thing = { ...Resources['Thing'], Type: ACTION, DeletionPolicy: 'Retain' as const };
    const Rest = { Type: INTEGRATION, Properties: integration() };
    const stack = await world.cloudFormation.createStack('stack', { Resources: { Thing, Rest } });
    const form = formOf(world, idOf(stack));
    const owned = records(world);
    await world.cloudFormation.updateStack('stack', { Resources: { Rest } });
    expect(records(world)).toEqual(owned);
    world.clock.advance(60_000);
    const { Thing: Back } = actionStack(world, { AdoptExisting: true, Category: 'Back' }).Resources;
    const template = { Resources: { Rest, Thing: { ...Back, Type: ACTION } } };
    const failed = await world.cloudFormation.updateStack('stack', withFailure(template));
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(formOf(world, idOf(stack))).toEqual(form);
    expect(records(world)).toEqual(owned);
    const back = await world.cloudFormation.updateStack('stack', template);
    expect(idOf(back)).toBe(idOf(stack));
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test.each(adoptables)(
  'the undoing of a Create leaves alone what another stack has adopted meanwhile: $what',
  ({ type, template }) =>
    withWorld(async (world) => {
      const properties = template(world).Resources['Thing']?.Properties ?? {};
      const requestId = crypto.randomUUID();
      const made = await send(world, { RequestType: 'Create', requestId }, type, properties);
      if (made.status !== 'SUCCESS') throw new Error(made.reason);
      const id = made.physicalResourceId;
      const mine = await world.cloudFormation.createStack('mine', template(world, { ExistingId: id }));
      expect(idOf(mine)).toBe(id);
      const form = formOf(world, id);
      const late = { RequestType: 'Delete' as const, id: `failed-create/${attemptIdOf(world, requestId)}` };
      expect(await send(world, late, type, {})).toMatchObject({ status: 'SUCCESS' });
      expect(formOf(world, id)).toEqual(form);
      expect(records(world)).toEqual([[id, 'Thing', 'adopted']]);
    }),
);

test('a renamed logical id takes the object along: same id, nothing deleted, and it goes with its stack', () =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', actionStack(world, {}, 'Before'));
    const renamed = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { AdoptExisting: true }, 'After'),
    );
    expect(renamed.status).toBe('UPDATE_COMPLETE');
    expect(idOf(renamed, 'After')).toBe(idOf(before, 'Before'));
    expect(world.remote(idOf(renamed, 'After'))).toBeDefined();
    // The stack owns it as it did before the rename.
    expect(records(world)).toEqual([[idOf(renamed, 'After'), 'After', 'created']]);
    const again = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { AdoptExisting: true, Category: 'New' }, 'After'),
    );
    expect(again.status).toBe('UPDATE_COMPLETE');
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
    expect(records(world)).toEqual([]);
  }));

test('a renamed integration gets a credential of its own; the one of before goes with it', () =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', integrationStack({}, 'Before'));
    const renamed = await world.cloudFormation.updateStack(
      'stack',
      integrationStack({ AdoptExisting: true, Notes: 'renamed' }, 'After'),
    );
    expect(idOf(renamed, 'After')).toBe(idOf(before, 'Before'));
    expect(world.remote(idOf(renamed, 'After'))).toMatchObject({ config: { notes: 'renamed' } });
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test.each(adoptables)(
  'a rename that is rolled back gives the object back to the old logical id: $what',
  ({ template }) =>
    withWorld(async (world) => {
      const before = await world.cloudFormation.createStack('stack', template(world, {}, 'Before'));
      const id = idOf(before, 'Before');
      const form = formOf(world, id);
      const renamed = await world.cloudFormation.updateStack(
        'stack',
        withFailure(
          template(world, { AdoptExisting: true, Name: 'Order status', Enabled: undefined }, 'After'),
        ),
      );
      expect(renamed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(formOf(world, id)).toEqual(form);
      expect(records(world)).toEqual([[id, 'Before', 'created']]);
      const updated = await world.cloudFormation.updateStack(
        'stack',
        template(world, { Nonce: '2' }, 'Before'),
      );
      expect(updated.status).toBe('UPDATE_COMPLETE');
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual([]);
    }),
);
