/**
 * Genesys Cloud is eventually consistent: for a while a new object is 404, also for the write that follows.
 */
import { compare, compareRemote } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf, types } from '../../local/provider/inputs.ts';
import { inWorld, only, reasons } from '../../local/provider/world.ts';

const delays = [5_000, 40_000];

test.each(types.flatMap(({ type }) => delays.map((delay) => [type, delay] as const)))(
  'a new %s that is not found for %d ms is made all the same, once',
  (type, readAfterWriteMs) =>
    inWorld({}, async (world) => {
      world.genesys.settings({ delays: { readAfterWriteMs, activationMs: 3_000 } });
      const { create } = firstInputs(type);
      const stack = await world.cloudFormation.createStack(
        'stack',
        only(type, inWorldOf(create.properties, world)),
      );
      expect(reasons(stack)).not.toContain('FAILED');
      expect(stack.status).toBe('CREATE_COMPLETE');
      const { physicalId = '' } = stack.resources['Thing'] ?? {};
      expect([...compareRemote(world, physicalId, create), ...compare(world)]).toEqual([]);
    }),
);
