/**
 * A data action that flows use is neither replaced nor deleted. Rollbacks and clean-ups are never refused.
 */
import type {
  CloudFormationOptions,
  ReplacementRollback,
  StackView,
} from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import { compare, objects } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';
import { byHand } from './by-hand.ts';

const ACTION = 'Custom::GenesysDataAction';
const TRACKING = '/api/v2/architect/dependencytracking';
const CONTRACT = { Input: { type: 'object' }, Output: { type: 'object' } };

const template = (world: World, extra = {}) =>
  only(ACTION, { ...inWorldOf(firstInputs(ACTION).create.properties, world), ...extra });
/** The template with one more resource, which fails after the action succeeded. */
const failing = ({ Resources }: Template): Template => ({
  Resources: { ...Resources, Bad: { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} } },
});
const idOf = (stack: StackView) => stack.resources['Thing']?.physicalId ?? '';
const asked = (world: World) => world.genesys.calls().filter(({ path }) => path.startsWith(TRACKING));
const isThere = (world: World, id: string) => world.remote(id) !== undefined;

const withWorld = (
  run: (world: World) => Promise<void>,
  cloudFormation: Partial<CloudFormationOptions> = {},
) =>
  inWorld({ cloudFormation }, async (world) => {
    await run(world);
    expect(world.cloudFormation.violations()).toEqual([]);
    expect(world.leaks()).toEqual([]);
  });

/** A stack with an action that a published flow uses. Answers the ids of action and flow. */
async function used(world: World, extra = {}): Promise<{ id: string; flowId: string }> {
  const id = idOf(await world.cloudFormation.createStack('stack', template(world, extra)));
  const [flowId = ''] = world.genesys.seed({ flows: [{ name: 'Main menu', actionId: id }] }).flows;
  world.genesys.resetCalls();
  return { id, flowId };
}

/** The client lacks the permission for dependency tracking from its nth call on. */
const refuseFrom = (world: World, nth: number) =>
  world.genesys.faults({
    match: { method: 'GET', path: `${TRACKING}/build`, nth, count: 'every' },
    action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
  });

describe('a replacement', () => {
  test.each([
    ['Contract', () => ({ Contract: CONTRACT })],
    ['Secure', () => ({ Secure: true })],
    ['IntegrationId', (world: World) => ({ IntegrationId: world.webServicesId })],
  ])('by another %s is refused before anything is made, naming the flow that uses the action', (_, change) =>
    withWorld(async (world) => {
      const { id, flowId } = await used(world);
      const stack = await world.cloudFormation.updateStack('stack', template(world, change(world)));
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain(`Data action ${id} is not replaced`);
      expect(reasons(stack)).toContain(`INBOUNDCALLFLOW "Main menu" published 1.0 (${flowId})`);
      expect(idOf(stack)).toBe(id);
      const writes = world.genesys
        .calls()
        .filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token');
      expect(writes).toEqual([]);
      expect(compare(world)).toEqual([]);
    }),
  );

  test('names five of those that use the action, and counts the others', () =>
    withWorld(async (world) => {
      const { id } = await used(world);
      world.genesys.seed({
        flows: [1, 2, 3, 4, 5, 6].map((number) => ({ name: `Flow ${number}`, actionId: id })),
      });
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
      expect(reasons(stack).match(/INBOUNDCALLFLOW/g)).toHaveLength(5);
      expect(reasons(stack)).toContain(' and 2 more. Make the new one beside it');
    }));

  test.each([
    ['COMPOSERSCRIPT', true],
    ['GUIDE', true],
    ['AGENTICVIRTUALAGENT', true],
    // Whether the index lists former versions is open, so the guard counts what it lists.
    ['AGENTICVIRTUALAGENT', false],
  ])('is refused for a user of the type %s (a published version: %s), with its version', (type, published) =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', template(world)));
      world.genesys.seed({ flows: [{ name: 'Help', actionId: id, type, version: '3.0', published }] });
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(reasons(stack)).toMatch(new RegExp(`${type} "Help" version 3.0 \\(`));
    }),
  );

  test('finds a flow on any page', () =>
    withWorld(async (world) => {
      const { id, flowId } = await used(world);
      world.genesys.seed({
        flows: [
          { id: flowId, name: 'Main menu', actionId: id, published: false },
          ...Array.from({ length: 100 }, (_, number) => ({
            name: `Deleted ${number}`,
            actionId: id,
            deleted: true,
          })),
          { name: 'On page two', actionId: id },
        ],
      });
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
      expect(reasons(stack)).toContain('"On page two"');
      expect(reasons(stack)).not.toContain('Deleted');
    }));

  test('goes ahead once the published versions of the flows do not use the action any more', () =>
    withWorld(async (world) => {
      const { id, flowId } = await used(world);
      world.genesys.seed({ flows: [{ id: flowId, name: 'Main menu', actionId: id, published: false }] });
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(idOf(stack)).not.toBe(id);
      expect(compare(world)).toEqual([]);
    }));

  test.each(['flows', 'everything'] as const)(
    'is refused for a script too, where the filter for published ones is for %s',
    (flowFilter) =>
      withWorld(async (world) => {
        world.genesys.settings({ behaviour: { flowFilter } });
        const id = idOf(await world.cloudFormation.createStack('stack', template(world)));
        world.genesys.seed({ flows: [{ name: 'Orders', actionId: id, type: 'COMPOSERSCRIPT' }] });
        const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
        expect(reasons(stack)).toContain('COMPOSERSCRIPT "Orders"');
      }),
  );

  test.each(['SECUREACTION', 'DATAACTION'] as const)(
    'of a secure action is refused, where such a one is tracked as %s',
    (secureActionType) =>
      withWorld(async (world) => {
        world.genesys.settings({ behaviour: { secureActionType } });
        await used(world, { Secure: true });
        const stack = await world.cloudFormation.updateStack('stack', template(world));
        expect(reasons(stack)).toContain('INBOUNDCALLFLOW "Main menu"');
      }),
  );

  test.each([
    'OPERATIONALNEEDSREBUILD',
    'BUILDINITIALIZING',
    'BUILDINPROGRESS',
    'BUILDINCOMPLETE',
    'NOTBUILT',
  ] as const)(
    'is refused while dependency tracking is %s: that nobody is listed means nothing then',
    (status) =>
      withWorld(async (world) => {
        await world.cloudFormation.createStack('stack', template(world));
        world.genesys.settings({ dependencyTracking: status });
        const refused = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
        expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(reasons(refused)).toContain(`not up to date (${status})`);
        world.genesys.settings({ dependencyTracking: 'OPERATIONAL' });
        const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
        expect(stack.status).toBe('UPDATE_COMPLETE');
      }),
  );

  test('is refused without the permission to look, which is named, with the way around it', () =>
    withWorld(async (world) => {
      world.genesys.seed({ clients: [{ id: world.genesys.clientId, permissions: ['integrations:*:*'] }] });
      await world.cloudFormation.createStack('stack', template(world));
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain('architect:dependencyTracking:view');
      expect(reasons(stack)).toContain('Grant it, or set DeletionGuard: None.');
      expect(compare(world)).toEqual([]);
    }));

  test('with DeletionGuard: None, set in the same update, asks nobody', () =>
    withWorld(async (world) => {
      const { id } = await used(world);
      const change = { Secure: true, DeletionGuard: 'None' };
      const stack = await world.cloudFormation.updateStack('stack', template(world, change));
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(isThere(world, id)).toBe(false);
      expect(asked(world)).toEqual([]);
    }));

  test('of an action that was deleted by hand goes ahead, and names the flows that are broken by now', () =>
    withWorld(async (world) => {
      const { id, flowId } = await used(world);
      await byHand(world, 'DELETE', `/api/v2/integrations/actions/${id}`);
      const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
      expect(stack.status).toBe('UPDATE_COMPLETE');
      const answer = world.requests().find(({ event }) => event.RequestType === 'Update')?.uploads[0]?.body;
      expect(JSON.parse(String(answer))).toMatchObject({
        Status: 'SUCCESS',
        Reason: expect.stringContaining(`INBOUNDCALLFLOW "Main menu" published 1.0 (${flowId})`),
      });
    }));

  test('that was let through once is not checked again by a repeat of its request', () =>
    withWorld(
      async (world) => {
        await world.cloudFormation.createStack('stack', template(world));
        refuseFrom(world, 2);
        let kills = 1;
        world.containers.faultFor = ({ operation }) =>
          operation === 'POST /api/v2/integrations/actions' && kills-- > 0 ? 'kill after' : undefined;
        const stack = await world.cloudFormation.updateStack('stack', template(world, { Secure: true }));
        expect(stack.status).toBe('UPDATE_COMPLETE');
        expect(compare(world)).toEqual([]);
      },
      { retryDelaysMs: [60_000, 120_000] },
    ));
});

test.each([undefined, 'Replacement', 'None'])(
  'with DeletionGuard: %s a Create, an Update in place and a Delete cost no call for it',
  (DeletionGuard) =>
    withWorld(async (world) => {
      const guard = DeletionGuard === undefined ? {} : { DeletionGuard };
      await used(world, guard);
      const change = { ...guard, TimeoutSeconds: 9 };
      expect((await world.cloudFormation.updateStack('stack', template(world, change))).status).toBe(
        'UPDATE_COMPLETE',
      );
      await world.cloudFormation.deleteStack('stack');
      expect(objects(world)).toEqual([]);
      expect(asked(world)).toEqual([]);
      expect(world.containers.calls.filter(({ service }) => service === 'stacks')).toEqual([]);
    }),
);

describe('with DeletionGuard: All', () => {
  const all = { DeletionGuard: 'All' };

  test('a Delete is refused while a flow uses the action, and succeeds afterwards', () =>
    withWorld(async (world) => {
      const { id, flowId } = await used(world, all);
      const refused = await world.cloudFormation.deleteStack('stack');
      expect(refused.status).toBe('DELETE_FAILED');
      expect(reasons(refused)).toContain(`Data action ${id} is not deleted`);
      expect(reasons(refused)).toContain(`INBOUNDCALLFLOW "Main menu" published 1.0 (${flowId})`);
      expect(reasons(refused)).toContain('or deploy with DeletionGuard: None first.');
      expect(compare(world)).toEqual([]);
      world.genesys.seed({ flows: [{ id: flowId, name: 'Main menu', actionId: id, published: false }] });
      await world.cloudFormation.deleteStack('stack');
      expect(objects(world)).toEqual([]);
    }));

  test('a Delete goes by the applied properties: None, deployed before it, lets it go', () =>
    withWorld(async (world) => {
      await used(world, all);
      await world.cloudFormation.updateStack('stack', template(world, { DeletionGuard: 'None' }));
      await world.cloudFormation.deleteStack('stack');
      expect(objects(world)).toEqual([]);
      expect(asked(world)).toEqual([]);
    }));

  test('a replacement is refused as well, and an Update in place is not', () =>
    withWorld(async (world) => {
      await used(world, all);
      const inPlace = await world.cloudFormation.updateStack(
        'stack',
        template(world, { ...all, Category: 'X' }),
      );
      expect(inPlace.status).toBe('UPDATE_COMPLETE');
      const refused = await world.cloudFormation.updateStack(
        'stack',
        template(world, { ...all, Secure: true }),
      );
      expect(reasons(refused)).toContain('is not replaced');
    }));

  test('a used action whose resource leaves the template stays in Genesys Cloud', () =>
    withWorld(async (world) => {
      const { Resources } = template(world, all);
      const Other = template(world, { Name: 'Other' }).Resources['Thing'];
      if (Other === undefined || Resources['Thing'] === undefined) throw new Error('no resource');
      const both = { Resources: { Thing: Resources['Thing'], Other } };
      const id = idOf(await world.cloudFormation.createStack('stack', both));
      world.genesys.seed({ flows: [{ name: 'Main menu', actionId: id }] });
      const stack = await world.cloudFormation.updateStack('stack', { Resources: { Other } });
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(reasons(stack)).toContain('INBOUNDCALLFLOW "Main menu"');
      expect(isThere(world, id)).toBe(true);
    }));

  test('the clean-up of a replacement is not checked again, because the replacement itself was', () =>
    withWorld(async (world) => {
      const before = await world.cloudFormation.createStack('stack', template(world, all));
      refuseFrom(world, 2);
      const stack = await world.cloudFormation.updateStack(
        'stack',
        template(world, { ...all, Secure: true }),
      );
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(reasons(stack)).not.toContain('is not deleted');
      expect(isThere(world, idOf(before))).toBe(false);
      expect(compare(world)).toEqual([]);
    }));

  test('an action that a replacement made is guarded like any other', () =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', template(world, all));
      const stack = await world.cloudFormation.updateStack(
        'stack',
        template(world, { ...all, Secure: true }),
      );
      world.genesys.seed({ flows: [{ name: 'Pay', actionId: idOf(stack), type: 'SECURECALLFLOW' }] });
      const refused = await world.cloudFormation.deleteStack('stack');
      expect(refused.status).toBe('DELETE_FAILED');
      expect(reasons(refused)).toContain('SECURECALLFLOW "Pay"');
    }));

  test('the rollback of a Create removes the action without asking', () =>
    withWorld(async (world) => {
      refuseFrom(world, 1);
      const stack = await world.cloudFormation.createStack('stack', failing(template(world, all)));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(objects(world)).toEqual([]);
    }));

  test('the rollback of an update that brought the action removes it without asking', () =>
    withWorld(async (world) => {
      const Other = template(world, { Name: 'Other' }).Resources['Thing'];
      if (Other === undefined) throw new Error('no resource');
      await world.cloudFormation.createStack('stack', { Resources: { Other } });
      refuseFrom(world, 1);
      const { Resources } = failing(template(world, all));
      const stack = await world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Other } });
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(reasons(stack)).not.toContain('is not deleted');
      expect(objects(world)).toHaveLength(1);
    }));

  const orders: ReplacementRollback[] = [
    'update-back-then-delete-new',
    'update-old-then-delete-new',
    'delete-new-only',
  ];
  test.each(orders)('the rollback of a replacement (%s) removes the new action without asking', (order) =>
    withWorld(
      async (world) => {
        const before = await world.cloudFormation.createStack('stack', template(world, all));
        world.clock.advance(5_000);
        refuseFrom(world, 2);
        const stack = await world.cloudFormation.updateStack(
          'stack',
          failing(template(world, { ...all, Secure: true })),
        );
        expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(reasons(stack)).not.toContain('is not deleted');
        expect(idOf(stack)).toBe(idOf(before));
        expect(compare(world)).toEqual([]);
      },
      { replacementRollback: order },
    ),
  );

  test('an object that a clean-up could not remove does not disarm the guard of its successor', () =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', template(world, all));
      world.clock.advance(5_000);
      world.genesys.faults({ match: { method: 'DELETE', count: 'every' }, action: { status: 403 } });
      const stack = await world.cloudFormation.updateStack(
        'stack',
        template(world, { ...all, Secure: true }),
      );
      world.genesys.clearFaults();
      expect(objects(world)).toHaveLength(2);
      world.genesys.seed({ flows: [{ name: 'Pay', actionId: idOf(stack), type: 'SECURECALLFLOW' }] });
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
      expect(isThere(world, idOf(stack))).toBe(true);
    }));

  test('an object that a rolled back replacement left over does not disarm it either', () =>
    withWorld(
      async (world) => {
        const { id } = await used(world, { ...all, Contract: CONTRACT });
        const [flow] = world.genesys.state().organizations[0]?.flows ?? [];
        world.genesys.seed({ flows: [{ ...flow, name: 'Main menu', actionId: id, published: false }] });
        world.clock.advance(5_000);
        const stack = await world.cloudFormation.updateStack('stack', failing(template(world, all)));
        expect(idOf(stack)).toBe(id);
        expect(objects(world)).toHaveLength(2);
        world.genesys.seed({ flows: [{ ...flow, name: 'Main menu', actionId: id }] });
        expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
        expect(isThere(world, id)).toBe(true);
      },
      { replacementRollback: 'update-back' },
    ));

  test('a Delete of an action that is gone succeeds, whatever still names it', () =>
    withWorld(async (world) => {
      const { id } = await used(world, all);
      await byHand(world, 'DELETE', `/api/v2/integrations/actions/${id}`);
      await world.cloudFormation.deleteStack('stack');
      expect(world.cloudFormation.living()).toEqual([]);
    }));

  test('a ledger that was lost takes nothing from the guard', () =>
    withWorld(async (world) => {
      const { id } = await used(world, all);
      world.loseLedger();
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
      expect(isThere(world, id)).toBe(true);
    }));
});
