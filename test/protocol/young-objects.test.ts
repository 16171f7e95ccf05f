/**
 * Genesys Cloud is eventually consistent: for a while a new object is 404, also for the write that follows.
 */
import { firstInputs, inWorldOf } from './inputs.ts';
import { inWorld, only } from './world.ts';

test.each([
  ['Custom::GenesysDataAction', 5_000],
  ['Custom::GenesysDataAction', 40_000],
  ['Custom::GenesysAwsIntegration', 5_000],
  ['Custom::GenesysAwsIntegration', 40_000],
])('a new %s that is not found for %d ms is made all the same, once', (type, readAfterWriteMs) =>
  inWorld({}, async (world) => {
    world.genesys.settings({ delays: { readAfterWriteMs, activationMs: 3_000 } });
    const { properties } = firstInputs(type).create;
    const stack = await world.cloudFormation.createStack('stack', only(type, inWorldOf(properties, world)));
    expect(
      stack.events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join('\n'),
    ).not.toContain('FAILED');
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(
      world.genesys.state().organizations[0]?.actions.filter(({ id }) => !id.startsWith('customAuth')),
    ).toHaveLength(type === 'Custom::GenesysDataAction' ? 1 : 0);
  }),
);
