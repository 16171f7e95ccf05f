/** An integration is neither deleted nor taken away under the data actions that other stacks have on it. */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { ACTION, INTEGRATION, idOf, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';

const PROVIDER = 'arn:aws:lambda:us-east-1:123456789012:function:provider';

const integration = (more = {}) =>
  only(INTEGRATION, {
    ...firstInputs(INTEGRATION).create.properties,
    ServiceToken: PROVIDER,
    SharedWith: ['theirs*'],
    ...more,
  });

const actionOn = (world: World, IntegrationId: string, more = {}) =>
  only(ACTION, {
    ...inWorldOf(firstInputs(ACTION).create.properties, world),
    ServiceToken: PROVIDER,
    IntegrationId,
    ...more,
  });

/** An integration of the stack `mine` with a data action of the stack `theirs`. Answers both ids. */
async function shared(world: World, more = {}): Promise<{ id: string; theirs: string }> {
  const id = idOf(await world.cloudFormation.createStack('mine', integration(more)));
  const theirs = await world.cloudFormation.createStack('theirs', actionOn(world, id));
  expect(theirs.status).toBe('CREATE_COMPLETE');
  return { id, theirs: idOf(theirs) };
}

test('DeletionGuard: None gives up an action that nobody owns', () =>
  withWorld(async (world) => {
    const mine = await world.cloudFormation.createStack('mine', integration({ DeletionGuard: 'None' }));
    actionByHand(world, { integrationId: idOf(mine) });
    expect((await world.cloudFormation.deleteStack('mine')).status).toBe('DELETE_COMPLETE');
  }));

test('DeletionGuard: None does not give up an action of another stack, which is named', () =>
  withWorld(async (world) => {
    const { id, theirs } = await shared(world, { DeletionGuard: 'None' });
    const refused = await world.cloudFormation.deleteStack('mine');
    expect(refused.status).toBe('DELETE_FAILED');
    expect(reasons(refused)).toMatch(/"Order status" \(\S+\), which belongs to Thing of stack theirs/);
    expect(world.remote(theirs)).toBeDefined();
    expect(world.remote(id)).toBeDefined();
    await world.cloudFormation.deleteStack('theirs');
    expect((await world.cloudFormation.deleteStack('mine')).status).toBe('DELETE_COMPLETE');
  }));

test('an integration that was made by hand, adopted to be deleted, does not take the action of another stack along', () =>
  withWorld(async (world) => {
    const theirs = idOf(
      await world.cloudFormation.createStack('theirs', actionOn(world, world.integrationId)),
    );
    const adopting = { ExistingId: world.integrationId, OnDelete: 'Delete', DeletionGuard: 'None' };
    const mine = await world.cloudFormation.createStack('mine', integration(adopting));
    expect(mine.status).toBe('CREATE_COMPLETE');
    expect((await world.cloudFormation.deleteStack('mine')).status).toBe('DELETE_FAILED');
    expect(world.remote(theirs)).toBeDefined();
    expect(world.remote(world.integrationId)).toBeDefined();
  }));

test('DeletionGuard: None does not let a replacement take the action of another stack along', () =>
  withWorld(async (world) => {
    const { id, theirs } = await shared(world, { DeletionGuard: 'None' });
    const other = integration({ DeletionGuard: 'None', IntegrationType: 'custom-rest-actions' });
    delete other.Resources['Thing']?.Properties?.['RoleArn'];
    const refused = await world.cloudFormation.updateStack('mine', other);
    expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(idOf(refused)).toBe(id);
    expect(world.remote(theirs)).toBeDefined();
  }));

test('an action that its stack left behind when it was deleted counts as owned by nobody', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('mine', integration({ DeletionGuard: 'None' })));
    const { Resources } = actionOn(world, id);
    const Thing = { ...Resources['Thing'], Type: ACTION, DeletionPolicy: 'Retain' as const };
    const theirs = idOf(await world.cloudFormation.createStack('theirs', { Resources: { Thing } }));
    await world.cloudFormation.deleteStack('theirs');
    expect(world.remote(theirs)).toBeDefined();
    expect([...world.ledger('OBJECT#action').keys()]).toHaveLength(1);
    expect((await world.cloudFormation.deleteStack('mine')).status).toBe('DELETE_COMPLETE');
  }));

test('without the right to list actions an integration is not deleted, whatever its guard', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('mine', integration({ DeletionGuard: 'None' }));
    world.genesys.faults({
      match: { method: 'GET', path: '/api/v2/integrations/actions', count: 'every' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const refused = await world.cloudFormation.deleteStack('mine');
    expect(refused.status).toBe('DELETE_FAILED');
    expect(reasons(refused)).toContain('cannot be seen');
  }));

test.each<[string, object, string, RegExp]>([
  [
    'takes a stack with an action off the list',
    { SharedWith: ['others'] },
    'ROLLBACK',
    /Thing of stack theirs/,
  ],
  ['empties the list', { SharedWith: [] }, 'ROLLBACK', /Thing of stack theirs/],
  ['says the same in other words', { SharedWith: ['123456789012/theirs'] }, 'COMPLETE', /^$/m],
  ['takes off a stack without an action', { SharedWith: ['theirs*'] }, 'COMPLETE', /^$/m],
  ['empties the list with DeletionGuard: None', { SharedWith: [], DeletionGuard: 'None' }, 'COMPLETE', /^$/m],
])('an update that %s', (_what, change, end, reason) =>
  withWorld(async (world) => {
    await shared(world, { SharedWith: ['theirs*', 'nobody'] });
    const updated = await world.cloudFormation.updateStack('mine', integration(change));
    expect(updated.status).toBe(end === 'ROLLBACK' ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE');
    expect(reasons(updated)).toMatch(reason);
    const changed = await world.cloudFormation.updateStack(
      'theirs',
      actionOn(world, idOf(updated), { TimeoutSeconds: 9 }),
    );
    const isOpen = end === 'ROLLBACK' || !('DeletionGuard' in change);
    expect(changed.status).toBe(isOpen ? 'UPDATE_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE');
  }),
);

test('a rollback takes back what an update shared', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('mine', integration({ SharedWith: [] })));
    const updated = await world.cloudFormation.updateStack('mine', withFailure(integration()));
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const theirs = await world.cloudFormation.createStack('theirs', actionOn(world, id));
    expect(theirs.status).toBe('ROLLBACK_COMPLETE');
  }));
