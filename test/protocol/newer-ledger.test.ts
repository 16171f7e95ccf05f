/** Two versions of the provider on one ledger: the older one changes nothing that it does not understand. */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { ACTION, action, idOf, withWorld } from '../../local/provider/stacks.ts';
import { LEDGER, only, reasons, type World } from '../../local/provider/world.ts';
import { attemptIdOf, send } from './send.ts';

const template = (world: World, changes = {}, logicalId = 'Thing') =>
  only(ACTION, { ...inWorldOf(firstInputs(ACTION).create.properties, world), ...changes }, logicalId);

/** A newer version of the provider writes the items of a kind anew. */
function writeByNewerVersion(world: World, kind: string): void {
  const items = [...(world.aws.tables.get(LEDGER) ?? [])].filter(([key]) => key.startsWith(kind));
  expect(items).not.toEqual([]);
  for (const [, item] of items) item['format'] = { N: '2' };
}

const writes = (world: World) =>
  world.genesys.calls().filter(({ method, template: path }) => method !== 'GET' && path !== '/oauth/token');

describe.each(['OWNER#', 'OBJECT#'])('an item %s in a newer format', (kind) => {
  test.each(['an Update', 'a Delete'])('lets %s fail with the remedy before any write', (request) =>
    withWorld(async (world) => {
      const created = await world.cloudFormation.createStack('stack', template(world));
      await world.cloudFormation.idle();
      writeByNewerVersion(world, kind);
      world.genesys.resetCalls();
      const stack =
        request === 'an Update'
          ? await world.cloudFormation.updateStack('stack', template(world, { Category: 'B' }))
          : await world.cloudFormation.deleteStack('stack');
      await world.cloudFormation.idle();
      expect(stack.status).toMatch(/FAILED/);
      expect(reasons(stack)).toContain('was written by a newer version of the provider, in format 2');
      expect(reasons(stack)).toContain('Update this provider to that version');
      expect(writes(world)).toEqual([]);
      expect(world.remote(idOf(created))).toBeDefined();
    }),
  );
});

test('a name that is kept in a newer format lets the Create of another one fail before any write', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', template(world));
    await world.cloudFormation.idle();
    writeByNewerVersion(world, 'NAME#');
    world.genesys.resetCalls();
    const other = await world.cloudFormation.createStack('other', template(world));
    await world.cloudFormation.idle();
    expect(other.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(other)).toContain('was written by a newer version of the provider');
    expect(writes(world)).toEqual([]);
  }));

test.each(['ATTEMPT#', 'OWNER#'])(
  'an item %s in a newer format lets the Delete of a Create that made nothing fail before any write',
  (kind) =>
    withWorld(async (world) => {
      const properties = action(world);
      await world.cloudFormation.createStack('stack', template(world));
      await world.cloudFormation.idle();
      const { StackId: stackId = '', RequestId = '' } = world.requests('Thing')[0]?.event ?? {};
      const id = `nothing-created/${attemptIdOf(world, RequestId)}`;
      const remove = () =>
        send(world, { RequestType: 'Delete', stackId, logicalId: 'Thing', id }, ACTION, properties);
      writeByNewerVersion(world, kind);
      world.genesys.resetCalls();
      const before = structuredClone(world.aws.tables.get(LEDGER));
      expect(await remove()).toMatchObject({
        status: 'FAILED',
        reason: expect.stringContaining('Update this provider to that version'),
      });
      expect(world.genesys.calls()).toEqual([]);
      expect(world.aws.tables.get(LEDGER)).toEqual(before);
    }),
);
