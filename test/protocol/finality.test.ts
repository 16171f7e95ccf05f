/**
 * An adoption is undone until its stack was complete after it; and a ledger that is behind never costs an
 * object.
 */
import type { Template } from '../../local/cloudformation/template.ts';
import { ACTION, action, idOf, KEY, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { KEY_ALIAS, LEDGER, OTHER_KEY_ALIAS, only, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';

const adopting = (world: World, more = {}): Template =>
  only(ACTION, action(world, { AdoptExisting: true, ...more }));
const Other = (world: World) => ({ Type: ACTION, Properties: action(world, { Name: 'Other' }) });
const categoryOf = (world: World, id: string) =>
  (world.remote(id) as { published?: { category?: string } } | undefined)?.published?.category;

describe.each([{}, { OnDelete: 'Delete' }, { OnDelete: 'Retain' }])(
  'an object that was adopted with %j',
  (more) => {
    test('is put back by --on-failure DELETE', () =>
      withWorld(async (world) => {
        const id = actionByHand(world);
        const stack = await world.cloudFormation.createStack('stack', withFailure(adopting(world, more)), {
          onFailure: 'DELETE',
        });
        expect(stack.status).toBe('DELETE_COMPLETE');
        expect(categoryOf(world, id)).toBe('By hand');
      }));

    test('is put back by a deletion after a creation that failed with rollback disabled', () =>
      withWorld(async (world) => {
        const id = actionByHand(world);
        await world.cloudFormation.createStack('stack', withFailure(adopting(world, more)), {
          disableRollback: true,
        });
        world.clock.advance(3600_000);
        await world.cloudFormation.deleteStack('stack');
        expect(categoryOf(world, id)).toBe('By hand');
      }));

    test('is put back by a deletion after an update that failed with rollback disabled', () =>
      withWorld(async (world) => {
        const id = actionByHand(world);
        await world.cloudFormation.createStack('stack', { Resources: { Other: Other(world) } });
        world.clock.advance(3600_000);
        const { Resources } = withFailure(adopting(world, more));
        const template = { Resources: { Other: Other(world), ...Resources } };
        await world.cloudFormation.updateStack('stack', template, { disableRollback: true });
        world.clock.advance(3600_000);
        await world.cloudFormation.deleteStack('stack');
        expect(categoryOf(world, id)).toBe('By hand');
      }));

    test('ends as OnDelete says once its stack was complete', () =>
      withWorld(async (world) => {
        const id = actionByHand(world);
        await world.cloudFormation.createStack('stack', adopting(world, more));
        await world.cloudFormation.deleteStack('stack');
        expect(categoryOf(world, id)).toBe(more.OnDelete === 'Delete' ? undefined : 'Orders');
      }));
  },
);

test('an adoption is final after an update that failed, and one that succeeded', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await world.cloudFormation.createStack('stack', { Resources: { Other: Other(world) } });
    world.clock.advance(3600_000);
    const { Resources } = adopting(world, { OnDelete: 'Delete' });
    const both = { Resources: { Other: Other(world), ...Resources } };
    await world.cloudFormation.updateStack('stack', withFailure(both));
    expect(categoryOf(world, id)).toBe('By hand');
    world.clock.advance(3600_000);
    expect((await world.cloudFormation.updateStack('stack', both)).status).toBe('UPDATE_COMPLETE');
    await world.cloudFormation.deleteStack('stack');
    expect(world.remote(id)).toBeUndefined();
  }));

test('an update notes that the adoption is final, so that a deletion need not ask any more', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await world.cloudFormation.createStack('stack', adopting(world, { OnDelete: 'Delete' }));
    world.clock.advance(3600_000);
    await world.cloudFormation.updateStack('stack', adopting(world, { OnDelete: 'Delete', Nonce: '2' }));
    expect([...world.ledger('OBJECT#').values()]).toMatchObject([{ isFinal: true }]);
    world.aws.unreachable.add('cloudformation');
    await world.cloudFormation.deleteStack('stack');
    expect(world.remote(id)).toBeUndefined();
  }));

describe('an adoption in a nested stack that was complete', () => {
  const ROOT =
    'arn:aws:cloudformation:us-east-1:123456789012:stack/root/99999999-2222-3333-4444-555555555555';

  /** Made by the creation of its parent, whose own states these are. */
  async function deletedBelow(world: World, states: readonly string[]) {
    const id = actionByHand(world);
    const nested = await world.cloudFormation.createStack('stack', adopting(world, { OnDelete: 'Delete' }));
    const at = (seconds: number) => new Date(world.clock.now() + seconds * 1000);
    const own = (ResourceStatus: string, seconds: number) => ({
      PhysicalResourceId: ROOT,
      ResourceStatus,
      Timestamp: at(seconds),
    });
    world.stacks.parents.set('stack', {
      id: ROOT,
      status: 'DELETE_IN_PROGRESS',
      events: [
        own('CREATE_IN_PROGRESS', -60),
        { PhysicalResourceId: nested.id, ResourceStatus: 'CREATE_COMPLETE', Timestamp: at(1) },
        ...states.map((state, index) => own(state, 2 + index)),
      ],
    });
    world.clock.advance(3600_000);
    await world.cloudFormation.deleteStack('stack');
    return id;
  }

  test('is put back where the parent is deleted because its own creation failed', () =>
    withWorld(async (world) => {
      const id = await deletedBelow(world, ['DELETE_IN_PROGRESS']);
      expect(categoryOf(world, id)).toBe('By hand');
    }));

  test('ends as OnDelete says where the parent was complete too', () =>
    withWorld(async (world) => {
      const id = await deletedBelow(world, ['CREATE_COMPLETE', 'DELETE_IN_PROGRESS']);
      expect(world.remote(id)).toBeUndefined();
    }));
});

test("a recording key's configuration that was taken over is put back by --on-failure DELETE", () =>
  withWorld(async (world) => {
    const [id = ''] = world.genesys.seed({
      keyConfigurations: [{ url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
    }).keyConfigurations;
    const template = only(KEY, { KeyAliasArn: KEY_ALIAS, Takeover: true, OnDelete: 'Retain' });
    await world.cloudFormation.createStack('stack', withFailure(template), { onFailure: 'DELETE' });
    expect(world.remote(id)).toMatchObject({ url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' });
  }));

describe('a ledger that is behind', () => {
  test('never leaves out a write: form A, update to B, ledger restored, update to A', () =>
    withWorld(async (world) => {
      const template = (Category: string) => only(ACTION, action(world, { Category }));
      const id = idOf(await world.cloudFormation.createStack('stack', template('A')));
      const backup = world.aws.backUp(LEDGER);
      world.clock.advance(3600_000);
      await world.cloudFormation.updateStack('stack', template('B'));
      world.aws.restore(LEDGER, backup);
      world.clock.advance(3600_000);
      const back = await world.cloudFormation.updateStack('stack', template('A'));
      expect(back.status).toBe('UPDATE_COMPLETE');
      expect(idOf(back)).toBe(id);
      expect(categoryOf(world, id)).toBe('A');
    }));

  test('never leaves out a write: B refused, ledger backed up, B applied, ledger restored, update to A', () =>
    withWorld(async (world) => {
      const template = (Category: string) => only(ACTION, action(world, { Category }));
      const id = idOf(await world.cloudFormation.createStack('stack', template('A')));
      world.genesys.faults({ match: { method: 'PATCH' }, action: { status: 403, body: { status: 403 } } });
      await world.cloudFormation.updateStack('stack', template('B'));
      const backup = world.aws.backUp(LEDGER);
      world.clock.advance(3600_000);
      await world.cloudFormation.updateStack('stack', template('B'));
      world.aws.restore(LEDGER, backup);
      world.clock.advance(3600_000);
      await world.cloudFormation.updateStack('stack', template('A'));
      expect(categoryOf(world, id)).toBe('A');
    }));

  /** The ledger is emptied after the nth request, or becomes again what it was before the first one. */
  const mishaps = ['emptied', 'restored'] as const;
  const moments = [1, 2, 3, 4];
  const all = mishaps.flatMap((mishap) => moments.map((after) => [mishap, after] as const));

  /** An adoption in an update that fails, and the deletion of what is left. */
  test.each(all)(
    '(%s after request %i) never costs an object that was there before: an adoption that is rolled back',
    (mishap, after) =>
      withWorld(async (world) => {
        const id = actionByHand(world);
        const backup = world.aws.backUp(LEDGER);
        let ended = 0;
        world.containers.onEnd = () => {
          ended += 1;
          if (ended !== after) return;
          if (mishap === 'emptied') world.loseLedger();
          else world.aws.restore(LEDGER, backup);
        };
        await world.cloudFormation.createStack('stack', { Resources: { Other: Other(world) } });
        world.clock.advance(3600_000);
        const { Resources } = adopting(world, { OnDelete: 'Delete' });
        const both = withFailure({ Resources: { Other: Other(world), ...Resources } });
        await world.cloudFormation.updateStack('stack', both);
        expect(world.remote(id)).toBeDefined();
        world.clock.advance(3600_000);
        await world.cloudFormation.deleteStack('stack');
        expect(world.remote(id)).toBeDefined();
      }),
  );
});
