/** A rollback outlasts an outage of Genesys Cloud, and one of the ledger. */
import { spell } from '../../local/faults/spells.ts';
import { compare } from '../../local/faults/verdicts.ts';
import { ACTION, action, idOf, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { only, type World } from '../../local/provider/world.ts';

const categoryOf = (world: World, id: string) =>
  (world.remote(id) as { published?: { category?: string } } | undefined)?.published?.category;

describe('a rollback', () => {
  /** The update succeeds, another resource fails, and the spell begins with the rollback. */
  async function rolledBack(world: World, seconds: number, action_: Parameters<typeof spell>[3]) {
    const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
    world.containers.onEnd = ({ RequestType, LogicalResourceId }) => {
      if (RequestType === 'Update' && LogicalResourceId === 'Thing' && world.genesys.faults().length === 0)
        spell(world, seconds, {}, action_);
    };
    const change = withFailure(only(ACTION, action(world, { Category: 'New' })));
    const stack = await world.cloudFormation.updateStack('stack', change);
    return { id, stack };
  }

  test.each([
    ['40 s of 503', 40, { status: 503 }],
    ['200 s of 503', 200, { status: 503 }],
    ['40 s without an answer', 40, { hang: 'before' }],
  ] as const)('outlasts %s', (_, seconds, action_) =>
    withWorld(async (world) => {
      const { id, stack } = await rolledBack(world, seconds, action_);
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(idOf(stack)).toBe(id);
      expect(categoryOf(world, id)).toBe('Orders');
      expect(compare(world)).toEqual([]);
    }),
  );

  describe.each([15, 40, 200])('whose ledger is throttled for %s s', (seconds) => {
    /** An update is rolled back. The throttling begins at the first call that `starts` admits. */
    const throttledFrom = (starts: (operation: string) => boolean) =>
      withWorld(async (world) => {
        const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
        let isRollback = false;
        let isThrottled = false;
        world.containers.onEnd = ({ RequestType, LogicalResourceId }) => {
          isRollback ||= RequestType === 'Update' && LogicalResourceId === 'Thing';
        };
        world.containers.faultFor = ({ operation }, event) => {
          if (isRollback && !isThrottled && event?.RequestType === 'Update' && starts(operation)) {
            isThrottled = true;
            world.aws.throttleTables(seconds * 1000);
          }
          return undefined;
        };
        const change = withFailure(only(ACTION, action(world, { Category: 'New' })));
        const stack = await world.cloudFormation.updateStack('stack', change);
        expect(isThrottled).toBe(true);
        expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(idOf(stack)).toBe(id);
        expect(categoryOf(world, id)).toBe('Orders');
        expect(compare(world)).toEqual([]);
      });

    test('from its first look on', () => throttledFrom(() => true));

    test('while it notes its write to Genesys Cloud', () => {
      let transactions = 0;
      // The first one begins the attempt.
      return throttledFrom((operation) => operation === 'TransactWriteItems' && ++transactions === 2);
    });

    test('while it writes to Genesys Cloud', () =>
      throttledFrom((operation) => operation.startsWith('PATCH')));
  });
});
