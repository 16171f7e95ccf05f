/** The provider's own stack registers it in its ledger; without that no request does anything. */
import { installed, registrationOf } from '../../local/provider/installed-provider.ts';
import { ACTION, action, withWorld } from '../../local/provider/stacks.ts';
import { LEDGER, only, reasons, type World } from '../../local/provider/world.ts';
import { REGISTRATION_TYPE } from '../../provider/registration.ts';
import { send } from './send.ts';

const [key] = registrationOf();
const { PROVIDER_STACK_ID: stackId } = installed();

/** The provider is given an empty table. */
async function emptyTable(world: World): Promise<void> {
  // An invocation that still closes its attempt would leave a warm container, which has looked already.
  await world.cloudFormation.idle();
  world.aws.tables.get(LEDGER)?.clear();
  world.containers.coolDown();
}
const registers = (world: World, RequestType: 'Create' | 'Update' | 'Delete', of = stackId) =>
  send(
    world,
    { RequestType, stackId: of, logicalId: 'Registration', id: 'ledger-registration' },
    REGISTRATION_TYPE,
    {},
  );

test('with an empty table every request fails before any write, and the rollback works', () =>
  withWorld(async (world) => {
    await emptyTable(world);
    world.genesys.resetCalls();
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(/not registered in the ledger genesys-cloud-ledger: .*LedgerTableArn/);
    expect(world.genesys.calls().filter(({ path }) => path.startsWith('/api/'))).toEqual([]);
    expect([...(world.aws.tables.get(LEDGER) ?? [])]).toEqual([]);
  }));

test('a living stack keeps its objects while the provider is given an empty table, and goes on with its ledger', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    const before = world.made();
    const items = new Map(world.aws.tables.get(LEDGER));
    await emptyTable(world);
    const failed = await world.cloudFormation.updateStack(
      'stack',
      only(ACTION, action(world, { Category: 'New' })),
    );
    // The way back is an Update too, so CloudFormation waits for a person to continue it.
    expect(failed.status).toBe('UPDATE_ROLLBACK_FAILED');
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
    expect(world.made()).toEqual(before);
    world.aws.tables.set(LEDGER, items);
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
    expect([...world.made().keys()]).toEqual([]);
  }));

test('the first installation registers the provider, and nothing but an installation or a move does', () =>
  withWorld(async (world) => {
    await emptyTable(world);
    expect(await registers(world, 'Update')).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('not registered'),
    });
    expect(await registers(world, 'Delete')).toMatchObject({ status: 'SUCCESS' });
    expect([...(world.aws.tables.get(LEDGER) ?? [])]).toEqual([]);
    expect(await registers(world, 'Create')).toMatchObject({ status: 'SUCCESS' });
    expect(world.ledger('').get(key)).toMatchObject({ by: 'installation' });
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    expect(stack.status).toBe('CREATE_COMPLETE');
  }));

test('no other stack can register the provider', () =>
  withWorld(async (world) => {
    await emptyTable(world);
    const other = stackId.replace('genesys-cloud-provider', 'orders');
    expect(await registers(world, 'Create', other)).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining(`${REGISTRATION_TYPE} is no resource type of this provider`),
    });
    expect([...(world.aws.tables.get(LEDGER) ?? [])]).toEqual([]);
  }));

test('a role whose permissions are a moment old is given its time', () =>
  withWorld(async (world) => {
    await emptyTable(world);
    world.aws.unreachable.add('DynamoDB');
    world.clock.schedule(20_000, () => world.aws.unreachable.delete('DynamoDB'));
    expect(await registers(world, 'Create')).toMatchObject({ status: 'SUCCESS' });
    expect(world.ledger('').has(key)).toBe(true);
  }));

test('a table that never admits the provider fails its installation with the reason', () =>
  withWorld(async (world) => {
    world.aws.unreachable.add('DynamoDB');
    const begun = world.clock.now();
    expect(await registers(world, 'Create')).toMatchObject({
      status: 'FAILED',
      reason: expect.stringMatching(/genesys-cloud-ledger, cannot be used: AccessDeniedException/),
    });
    expect(world.clock.now() - begun).toBeLessThan(120_000);
  }));

describe('a table that is emptied while a container is warm', () => {
  const template = (world: World, changes = {}, logicalId = 'Thing') =>
    only(ACTION, action(world, changes), logicalId);
  const writes = (world: World) =>
    world.genesys.calls().filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'));

  /** A stack is made, and the table is emptied. The container has looked for its registration before. */
  const withEmptied = (run: (world: World) => Promise<void>) =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', template(world));
      await world.cloudFormation.idle();
      world.aws.tables.get(LEDGER)?.clear();
      world.genesys.resetCalls();
      const made = world.made();
      await run(world);
      expect(writes(world)).toEqual([]);
      expect(world.made()).toEqual(made);
    });

  test('lets a Delete fail, however often it is tried', () =>
    withEmptied(async (world) => {
      for (let left = 3; left > 0; left -= 1) {
        const stack = await world.cloudFormation.deleteStack('stack');
        expect(stack.status).toBe('DELETE_FAILED');
        expect(reasons(stack)).toContain('not registered in the ledger');
      }
    }));

  test('lets an Update fail, and its rollback', () =>
    withEmptied(async (world) => {
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Category: 'New' }));
      expect(stack.status).toBe('UPDATE_ROLLBACK_FAILED');
      expect(reasons(stack)).toContain('not registered in the ledger');
    }));

  test('lets a Create fail, which takes nothing', () =>
    withEmptied(async (world) => {
      const stack = await world.cloudFormation.createStack('other', template(world, { AdoptExisting: true }));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain('not registered in the ledger');
    }));
});
