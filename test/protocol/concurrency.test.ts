/** Many requests at once over several containers, which share one rate limit of Genesys Cloud. */
import type { Template } from '../../local/cloudformation/template.ts';
import { compare, judge } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { inWorld } from '../../local/provider/world.ts';

test('50 requests at once over 10 containers under 300 calls a minute: none lost, none late, 429s obeyed', async () => {
  const containers = 10;
  await inWorld(
    {
      genesys: { rateLimitPerMinute: 300, behaviour: { rateLimitOver: 'client' } },
      cloudFormation: { whenOneFails: 'wait' },
      containers,
    },
    async (world) => {
      const properties = inWorldOf(firstInputs('Custom::GenesysAwsIntegration').create.properties, world);
      const Resources: Template['Resources'] = Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => [
          `Thing${index}`,
          {
            Type: 'Custom::GenesysAwsIntegration',
            Properties: { ...properties, Name: `Integration ${index}` },
          },
        ]),
      );
      const stack = await world.cloudFormation.createStack('stack', { Resources });
      expect(stack.status).toBe('CREATE_COMPLETE');
      expect(world.containers.started).toBeLessThanOrEqual(containers);
      const calls = world.genesys.calls();
      expect(calls.filter(({ template }) => template === '/oauth/token').length).toBeLessThanOrEqual(
        containers,
      );
      await world.cloudFormation.deleteStack('stack');
      await world.cloudFormation.idle();
      expect(compare(world, [])).toEqual([]);
      expect(judge(world)).toEqual([]);
      // Genesys Cloud refused calls for their rate, and no container repeated one before Retry-After was
      // over.
      const all = world.genesys.calls();
      const throttled = all.filter(({ status }) => status === 429);
      expect(throttled.length).toBeGreaterThan(0);
      const early = throttled.filter(({ token, method, path, at, retryAfterSeconds = 0 }) =>
        all.some(
          (call) =>
            call.token === token &&
            call.method === method &&
            call.path === path &&
            call.at > at &&
            call.at < at + retryAfterSeconds * 1000,
        ),
      );
      expect(early).toEqual([]);
    },
  );
});
