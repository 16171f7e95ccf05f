/** A week and a year between the requests of a stack. */
import { compare } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { ACTION, INTEGRATION, idOf } from '../../local/provider/stacks.ts';
import { dropExpired, inWorld, only, type World } from '../../local/provider/world.ts';

const DAY = 24 * 3_600_000;

const template = (world: World, type: string, changes = {}) =>
  only(type, { ...inWorldOf(firstInputs(type).create.properties, world), ...changes });

describe.each([
  ['8 days', 8 * DAY],
  ['a year', 366 * DAY],
])('%s after a Create failed and was kept (--disable-rollback)', (_, milliseconds) => {
  test.each(['the credential', 'the integration'])('the deletion removes everything: %s was made', (made) =>
    inWorld({}, async (world) => {
      const path =
        made === 'the credential'
          ? '/api/v2/integrations'
          : '/api/v2/integrations/{integrationId}/config/current';
      world.genesys.faults(
        ['POST', 'PUT'].map((method) => ({
          match: { method, path, count: 1 },
          action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
        })),
      );
      const failed = await world.cloudFormation.createStack('stack', template(world, INTEGRATION), {
        disableRollback: true,
      });
      expect(failed.status).toBe('CREATE_FAILED');
      expect(world.made().size).toBeGreaterThan(0);
      await world.cloudFormation.idle();
      world.clock.advance(milliseconds);
      dropExpired(world);
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      await world.cloudFormation.idle();
      expect(compare(world, [])).toEqual([]);
    }),
  );
});

test.each([DAY * 8, DAY * 366])('an update and a deletion after %i ms find their object', (milliseconds) =>
  inWorld({}, async (world) => {
    const created = await world.cloudFormation.createStack('stack', template(world, ACTION));
    for (const Category of ['B', 'C']) {
      await world.cloudFormation.idle();
      world.clock.advance(milliseconds);
      dropExpired(world);
      const updated = await world.cloudFormation.updateStack('stack', template(world, ACTION, { Category }));
      expect(updated.status).toBe('UPDATE_COMPLETE');
      expect(idOf(updated)).toBe(idOf(created));
    }
    await world.cloudFormation.idle();
    world.clock.advance(milliseconds);
    dropExpired(world);
    await world.cloudFormation.deleteStack('stack');
    expect(compare(world, [])).toEqual([]);
  }),
);
