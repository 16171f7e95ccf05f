/**
 * After a crash CloudFormation need not wait for Lambda's repeat: where another resource fails, it gives the
 * request up and sends what undoes it. The follow-up does not wait for the end of the dead invocation's time.
 */
import type { CloudFormationOptions } from '../../local/cloudformation/stack.ts';
import { compare, judge } from '../../local/faults/verdicts.ts';
import type { Call, CallFault } from '../../local/provider/containers.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { ACTION, INTEGRATION } from '../../local/provider/stacks.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';

/**
 * The rest of the dead one's lease (25 s), a look for as long as the index may lag (15 s), and the work
 * itself.
 */
const MOST_MILLISECONDS = 60_000;

const template = (world: World, type: string, changes = {}) =>
  only(type, { ...inWorldOf(firstInputs(type).create.properties, world), ...changes });

/** Kills the process at the first call of that kind. */
function killAt(world: World, operation: string, when: CallFault, requestType: string): void {
  let kills = 0;
  world.containers.faultFor = (call: Call, event) =>
    event?.RequestType === requestType && call.operation === operation && kills++ === 0 ? when : undefined;
}

async function withCrash(
  afterMilliseconds: number,
  run: (world: World) => Promise<void>,
  options: Partial<CloudFormationOptions> = {},
): Promise<void> {
  const cloudFormation = { givesUpAfterCrashMs: () => afterMilliseconds, ...options };
  await inWorld({ cloudFormation }, async (world) => {
    await run(world);
    await world.cloudFormation.idle();
    expect(judge(world)).toEqual([]);
    for (const milliseconds of world.containers.durations)
      expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
  });
}

describe.each([0, 2_000, 5_000, 15_000, 30_000])('%i ms after a crash', (milliseconds) => {
  test.each<[string, string, CallFault]>([
    [INTEGRATION, 'POST /api/v2/integrations/credentials', 'kill before'],
    [INTEGRATION, 'POST /api/v2/integrations/credentials', 'kill after'],
    [INTEGRATION, 'POST /api/v2/integrations', 'kill after'],
    [INTEGRATION, 'PUT /api/v2/integrations/{id}/config/current', 'kill after'],
    [ACTION, 'POST /api/v2/integrations/actions', 'kill before'],
    [ACTION, 'POST /api/v2/integrations/actions', 'kill after'],
    [ACTION, 'PATCH /api/v2/integrations/actions/{id}', 'kill after'],
  ])('the Delete of an invented id undoes a Create: %s, %s, %s', (type, operation, when) =>
    withCrash(milliseconds, async (world) => {
      killAt(world, operation, when, 'Create');
      const stack = await world.cloudFormation.createStack('stack', template(world, type));
      expect(reasons(stack)).not.toContain('time for this request is over');
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      await world.cloudFormation.idle();
      expect(compare(world, [])).toEqual([]);
    }),
  );

  test.each<[string, CallFault]>([
    ['PATCH /api/v2/integrations/actions/{id}', 'kill before'],
    ['PATCH /api/v2/integrations/actions/{id}', 'kill after'],
    ['TransactWriteItems', 'kill after'],
  ])('the rollback of an Update succeeds: %s, %s', (operation, when) =>
    withCrash(milliseconds, async (world) => {
      await world.cloudFormation.createStack('stack', template(world, ACTION));
      await world.cloudFormation.idle();
      killAt(world, operation, when, 'Update');
      const stack = await world.cloudFormation.updateStack(
        'stack',
        template(world, ACTION, { Category: 'B' }),
      );
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      await world.cloudFormation.idle();
      expect(compare(world)).toEqual([]);
      const id = stack.resources['Thing']?.physicalId ?? '';
      expect(world.remote(id)).not.toMatchObject({ published: { category: 'B' } });
    }),
  );
});

test('the Delete of a real id that comes 2 s after the answer succeeds, although the process died with it', () =>
  withCrash(2_000, async (world) => {
    killAt(world, 'PUT', 'kill after', 'Create');
    const stack = await world.cloudFormation.createStack('stack', template(world, ACTION));
    expect(stack.status).toBe('CREATE_COMPLETE');
    await world.clock.sleep(2_000);
    await world.cloudFormation.deleteStack('stack');
    await world.cloudFormation.idle();
    expect(compare(world, [])).toEqual([]);
  }));

test('a lock that a dead Create holds does not stop the next deployment', () =>
  withCrash(2_000, async (world) => {
    killAt(world, 'POST /api/v2/integrations/actions', 'kill after', 'Create');
    const adopting = template(world, ACTION, { AdoptExisting: true });
    expect((await world.cloudFormation.createStack('stack', adopting)).status).toBe('ROLLBACK_COMPLETE');
    expect((await world.cloudFormation.createStack('other', adopting)).status).toBe('CREATE_COMPLETE');
    await world.cloudFormation.idle();
    expect(compare(world)).toEqual([]);
  }));

test('the late repeat of a Create that died before it wrote anything makes nothing', () =>
  withCrash(0, async (world) => {
    killAt(world, 'TransactWriteItems', 'kill before', 'Create');
    const stack = await world.cloudFormation.createStack('stack', template(world, INTEGRATION));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    // Lambda's repeat comes a minute later.
    await world.cloudFormation.idle();
    expect(world.requests('Thing')[0]?.deliveries[0]?.ends).toEqual(['crashed', 'returned']);
    expect(compare(world, [])).toEqual([]);
  }));
