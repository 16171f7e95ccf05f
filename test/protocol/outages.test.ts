/** A rollback outlasts an outage of Genesys Cloud. */
import { spell } from './spells.ts';
import { ACTION, action, idOf, withFailure, withWorld } from './stacks.ts';
import { compare } from './verdicts.ts';
import { only, type World } from './world.ts';

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
});
