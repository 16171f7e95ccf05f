/** Dates of ResponseURLs: they show the order of requests, but the clocks of those who sign them differ. */
import { judge } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { ACTION, idOf } from '../../local/provider/stacks.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';

const template = (world: World, type: string, changes = {}) =>
  only(type, { ...inWorldOf(firstInputs(type).create.properties, world), ...changes });

/** The world's time, for options that are made before the world. */
let now = () => 0;

test.each([1_000, 2_000, 5_000])(
  'a rollback that was signed %i ms before its update is carried out',
  (behind) =>
    inWorld(
      {
        cloudFormation: {
          // The signer of the rollback is behind.
          signedAtMs: ({ OldResourceProperties: old }) => now() - (old?.['Category'] === 'B' ? behind : 0),
        },
      },
      async (world) => {
        now = () => world.clock.now();
        const created = await world.cloudFormation.createStack('stack', template(world, ACTION));
        await world.cloudFormation.idle();
        world.clock.advance(60_000);
        const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
        const { Resources } = template(world, ACTION, { Category: 'B' });
        const updated = await world.cloudFormation.updateStack('stack', {
          Resources: { ...Resources, Bad },
        });
        expect(reasons(updated)).not.toContain('superseded');
        expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(world.remote(idOf(created))).not.toMatchObject({ published: { category: 'B' } });
        await world.cloudFormation.idle();
        expect(judge(world)).toEqual([]);
      },
    ),
);

test('a repeat that is clearly older than what followed it makes nothing', () =>
  inWorld({ cloudFormation: { retryDelaysMs: [] } }, async (world) => {
    const before = template(world, ACTION);
    const id = idOf(await world.cloudFormation.createStack('stack', before));
    await world.cloudFormation.idle();
    world.clock.advance(60_000);
    const [create] = world.requests('Thing');
    if (create === undefined) throw new Error('no request');
    const { ResponseURL: _, ...event } = create.event;
    const late = world.responses.open({
      ...event,
      RequestType: 'Update',
      RequestId: 'late',
      PhysicalResourceId: id,
      ResourceProperties: { ...event.ResourceProperties, Category: 'Late' },
      OldResourceProperties: event.ResourceProperties,
    });
    world.clock.advance(10_000);
    await world.cloudFormation.updateStack('stack', template(world, ACTION, { Category: 'Newer' }));
    await world.cloudFormation.idle();
    late.countDelivery();
    await world.containers.invoke(late.event);
    expect(await late.answered).toMatchObject({ status: 'FAILED' });
    expect(world.remote(id)).toMatchObject({ published: { category: 'Newer' } });
  }));
