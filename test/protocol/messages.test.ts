/** A reason in a stack's events says what is wrong, and what to do. */
import { actionByHand } from './by-hand.ts';
import { ACTION, action, INTEGRATION, idOf, KEY, webServices, withWorld } from './stacks.ts';
import { CREDENTIALS_SECRET, KEY_ALIAS, OTHER_KEY_ALIAS, only, reasons, type World } from './world.ts';

const lambda = (more = {}) =>
  only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r', ...more });
const create = async (world: World, template: ReturnType<typeof only>) =>
  reasons(await world.cloudFormation.createStack('stack', template));

describe('time', () => {
  test('a ServiceTimeout that ends the wait for an integration is named, with a good value', () =>
    withWorld(async (world) => {
      world.genesys.settings({ delays: { activationMs: 40_000 } });
      const said = await create(world, lambda({ ServiceTimeout: 3 }));
      expect(said).toMatch(
        /still reports ACTIVATING for it\. It may take 90 seconds, and 2 were left \(ServiceTimeout: 3\)\. Set ServiceTimeout: 1200, and deploy again\./,
      );
      expect(said).not.toContain('Check that the role');
    }));

  test('an API that is too slow for the ServiceTimeout: create and delete name it, and what to do', () =>
    withWorld(async (world) => {
      world.genesys.faults({ match: { count: 'every' }, action: { delayMs: 3_000 } });
      const said = await create(world, lambda({ ServiceTimeout: 20 }));
      expect(said).toContain('The ServiceTimeout of 20 seconds is too short');
      expect(said).toContain('Set ServiceTimeout: 1200, and deploy again.');
      expect(said).toContain('Delete the stack again when Genesys Cloud answers faster.');
      expect(said).not.toContain('No time is left');
      world.genesys.clearFaults();
      const gone = await world.cloudFormation.deleteStack('stack');
      expect(gone.status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }));
});
void [ACTION, action, actionByHand, idOf, KEY, webServices, CREDENTIALS_SECRET, KEY_ALIAS, OTHER_KEY_ALIAS];
