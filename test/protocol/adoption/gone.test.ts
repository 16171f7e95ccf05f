/** An adopted object that somebody deleted meanwhile stays gone, and holds up nothing. */
import { withWorld } from '../../../local/provider/stacks.ts';
import { byHand as callByHand } from '../by-hand.ts';
import { adoptables, records } from './adoptable.ts';

const PATHS: Record<string, string> = {
  'data action': '/api/v2/integrations/actions',
  integration: '/api/v2/integrations',
};

test.each(adoptables)(
  'needs no putting back where its adoption failed and somebody deleted it: $what',
  ({ what, template, byHand }) =>
    withWorld(async (world) => {
      const id = byHand(world);
      // The first write of the adoption may have been done, so its Delete puts the object back.
      world.genesys.faults({
        match: {
          method: what === 'integration' ? 'PUT' : 'PATCH',
          path: what === 'integration' ? `${PATHS[what]}/${id}/config/current` : `${PATHS[what]}/${id}`,
          count: 'every',
        },
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
      await callByHand(world, 'DELETE', `${PATHS[what]}/${id}`);
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      expect(records(world)).toEqual([]);
    }),
);
