/** An adopted object that somebody deleted meanwhile stays gone, and holds up nothing. */
import { withWorld } from '../../../local/provider/stacks.ts';
import { byHand as callByHand } from '../by-hand.ts';
import { adoptables, records } from './adoptable.ts';

test.each(adoptables)(
  'needs no putting back where its adoption failed and somebody deleted it: $what',
  ({ template, byHand }) =>
    withWorld(async (world) => {
      const id = byHand(world);
      // The first write of the adoption may have been done, so its Delete puts the object back.
      for (const method of ['PATCH', 'PUT'])
        world.genesys.faults({
          match: { method, pattern: `/${id}(/config/current)?$`, count: 'every' },
          action: { status: 503 },
        });
      const failed = await world.cloudFormation.createStack(
        'stack',
        template(world, { AdoptExisting: true }),
        {
          disableRollback: true,
        },
      );
      expect(failed.status).toBe('CREATE_FAILED');
      world.genesys.clearFaults();
      // The provider has read the object to take it over.
      const path = world.genesys.calls().find((call) => call.path.endsWith(`/${id}`))?.path ?? '';
      await callByHand(world, 'DELETE', path);
      expect(world.remote(id)).toBeUndefined();
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      expect(records(world)).toEqual([]);
    }),
);
