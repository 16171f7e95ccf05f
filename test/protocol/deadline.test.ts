/**
 * CloudFormation waits as long as ServiceTimeout says. The true reason of a failure arrives within that time.
 */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';

const INTEGRATION = 'Custom::GenesysAwsIntegration';
const lambda = (more = {}) =>
  only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r', ...more });

/** An integration that reports an error for `count` looks. */
function reportError(world: World, count: number): void {
  const reportedState = { code: 'ERROR', detail: { message: 'cannot assume role' } };
  for (const method of ['GET', 'PATCH']) {
    world.genesys.faults({
      match: { method, path: '/api/v2/integrations/{integrationId}', count },
      action: { status: 200, body: { id: 'x', name: 'Orders', intendedState: 'ENABLED', reportedState } },
    });
  }
}

test('a Create that CloudFormation waits a minute for fails within it, for its reason, and is undone', () =>
  inWorld({}, async (world) => {
    reportError(world, 30);
    const stack = await world.cloudFormation.createStack('stack', lambda({ ServiceTimeout: 60 }));
    await world.cloudFormation.idle();
    expect(reasons(stack)).toContain('cannot assume role');
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(world.made().size).toBe(0);
  }));

test('an update that is throttled for longer than its ServiceTimeout fails at once, and is rolled back', () =>
  inWorld({}, async (world) => {
    await world.cloudFormation.createStack('stack', lambda({ ServiceTimeout: 60 }));
    world.genesys.faults({
      match: { method: 'PUT', path: '/api/v2/integrations/{id}/config/current' },
      action: { status: 429, body: { status: 429 }, headers: { 'retry-after': '130' } },
    });
    const updated = await world.cloudFormation.updateStack(
      'stack',
      lambda({ ServiceTimeout: 60, Notes: 'x' }),
    );
    expect(reasons(updated)).toContain('The rate limit of Genesys Cloud is exceeded');
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  }));

test.each([1, 2, 5, 10])(
  'a ServiceTimeout of %s seconds that is too short says so, or why, in that time',
  (seconds) =>
    inWorld({}, async (world) => {
      world.genesys.settings({ delays: { activationMs: 40_000 } });
      const stack = await world.cloudFormation.createStack('stack', lambda({ ServiceTimeout: seconds }));
      await world.cloudFormation.idle();
      expect(reasons(stack)).toMatch(
        /The ServiceTimeout of \d+ seconds is too short|Genesys Cloud still reports ACTIVATING/,
      );
      expect(reasons(stack)).not.toContain('did not receive a response');
      await world.cloudFormation.deleteStack('stack').catch(() => undefined);
      await world.cloudFormation.idle();
      expect(world.made().size).toBe(0);
    }),
);

test('a Create that was given up while it waits undoes itself, and its rollback need not wait', () =>
  inWorld({ cloudFormation: { retryDelaysMs: [] } }, async (world) => {
    // This resource would wait for a minute and a half. The other one fails after seven seconds.
    reportError(world, 1_000);
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      action: { status: 429, body: { status: 429 }, headers: { 'retry-after': '7' } },
    });
    const action = inWorldOf(firstInputs('Custom::GenesysDataAction').create.properties, world);
    const Bad = { Type: 'Custom::GenesysDataAction', Properties: { ...action, IntegrationId: 'none' } };
    world.containers.faultFor = ({ operation }) => {
      if (operation.startsWith('DELETE')) world.genesys.clearFaults();
      return undefined;
    };
    const { Resources } = lambda();
    const begun = world.clock.now();
    const stack = await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Bad } });
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(world.clock.now() - begun).toBeLessThan(15_000);
    await world.cloudFormation.idle();
    expect(world.made().size).toBe(0);
  }));

test('a request that does not wait writes nothing to renew its lease', () =>
  inWorld({}, async (world) => {
    await world.cloudFormation.createStack('stack', lambda());
    await world.cloudFormation.idle();
    const { calls } = world.containers;
    const puts = calls.filter(({ service, operation }) => service === 'ledger' && operation === 'PutItem');
    // One notes the credential, and one closes the attempt. Every other write is a transaction.
    expect(puts).toHaveLength(2);
  }));
