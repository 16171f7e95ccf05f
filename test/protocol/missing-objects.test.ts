/**
 * An object that answers 404 for a while is neither replaced nor deleted for it, and one that is gone is made
 * anew.
 */
import type { ReplacementRollback, StackView } from '../../local/cloudformation/stack.ts';
import { callsOn, emptyLists, spell, writes } from '../../local/faults/spells.ts';
import { compare } from '../../local/faults/verdicts.ts';
import { ACTION, action, INTEGRATION, idOf, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';
import { byHand } from './by-hand.ts';
import { send } from './send.ts';

const integration = (more = {}) => ({
  Name: 'Orders',
  RoleArn: 'arn:aws:iam::123456789012:role/r',
  ...more,
});

/** A type with two forms of it, and how to see which one an object has. */
const types = [
  {
    what: 'data action',
    before: (world: World) => only(ACTION, action(world)),
    after: (world: World) => only(ACTION, action(world, { TimeoutSeconds: 9 })),
    isAfter: (world: World, id: string) => JSON.stringify(world.remote(id)).includes('"timeoutSeconds":9'),
  },
  {
    what: 'integration',
    before: () => only(INTEGRATION, integration()),
    after: () => only(INTEGRATION, integration({ Notes: 'after' })),
    isAfter: (world: World, id: string) => JSON.stringify(world.remote(id)).includes('"notes":"after"'),
  },
];

/** Makes the first form; answers the id. */
async function made(world: World, { before }: (typeof types)[number]): Promise<string> {
  const id = idOf(await world.cloudFormation.createStack('stack', before(world)));
  world.clock.advance(3600_000);
  world.genesys.resetCalls();
  return id;
}

const deletions = (world: World) => writes(world).filter((write) => write.startsWith('DELETE'));
const eventsOf = (stack: StackView) => stack.events.map(({ ResourceStatus }) => ResourceStatus);

describe.each(types)('an update of a $what', (type) => {
  test.each([undefined, 'GET', 'PATCH', 'PUT'])('outlasts 15 s of 404 of %s', (method) =>
    withWorld(async (world) => {
      const id = await made(world, type);
      spell(world, 15, { ...callsOn(id), ...(method === undefined ? {} : { method }) });
      const stack = await world.cloudFormation.updateStack('stack', type.after(world));
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(idOf(stack)).toBe(id);
      expect(type.isAfter(world, id)).toBe(true);
      expect(deletions(world)).toEqual([]);
      expect(compare(world)).toEqual([]);
    }),
  );

  test('fails where the list shows the object for which calls are answered 404, and makes no successor', () =>
    withWorld(async (world) => {
      const id = await made(world, type);
      spell(world, 100, callsOn(id));
      const stack = await world.cloudFormation.updateStack('stack', type.after(world));
      expect(reasons(stack)).toContain(`${id} is not to be seen at present`);
      expect(reasons(stack)).toContain('though its list shows it');
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(idOf(stack)).toBe(id);
      expect([...world.made().keys()].filter((key) => key.endsWith(id))).toHaveLength(1);
      expect(deletions(world)).toEqual([]);
      expect(compare(world)).toEqual([]);
    }));

  test('fails where too little time is left to tell, and says so before CloudFormation gives up', () =>
    withWorld(async (world) => {
      const id = await made(world, type);
      spell(world, 200, callsOn(id));
      const { Resources } = type.after(world);
      const Thing = { Type: '', ...Resources['Thing'] };
      const hurried = { Thing: { ...Thing, Properties: { ...Thing.Properties, ServiceTimeout: 60 } } };
      const stack = await world.cloudFormation.updateStack('stack', { Resources: hurried });
      expect(reasons(stack)).toContain('but not for long enough to call it gone');
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(idOf(stack)).toBe(id);
      expect(compare(world)).toEqual([]);
    }));

  test('rolls back to an object that is not to be seen, and the next update writes it', () =>
    withWorld(async (world) => {
      const id = await made(world, type);
      world.containers.onEnd = ({ RequestType, LogicalResourceId }) => {
        if (RequestType === 'Update' && LogicalResourceId === 'Thing' && type.isAfter(world, id))
          spell(world, 200, callsOn(id));
      };
      const back = await world.cloudFormation.updateStack('stack', withFailure(type.after(world)));
      expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(idOf(back)).toBe(id);
      const answers = world
        .requests('Thing')
        .flatMap(({ uploads }) => uploads.map(({ body }) => String(body)));
      expect(JSON.parse(answers.at(-1) ?? '')).toMatchObject({
        Status: 'SUCCESS',
        Reason: expect.stringContaining(`${id} is not to be seen at present`),
      });
      expect(type.isAfter(world, id)).toBe(true);
      world.containers.onEnd = () => undefined;
      world.genesys.clearFaults();
      world.clock.advance(3600_000);
      const { Resources } = type.before(world);
      const again = { ...Resources['Thing'], Type: Resources['Thing']?.Type ?? '' };
      const Thing = { ...again, Properties: { ...again.Properties, ServiceTimeout: 900 } };
      await world.cloudFormation.updateStack('stack', { Resources: { Thing } });
      expect(type.isAfter(world, id)).toBe(false);
      expect(compare(world)).toEqual([]);
    }));
});

test('an update of an integration outlasts 12 s of 404 of its credential, and makes no other one', () =>
  withWorld(async (world) => {
    const created = await world.cloudFormation.createStack('stack', only(INTEGRATION, integration()));
    const credentialOf = ({ resources }: StackView) => resources['Thing']?.attributes['CredentialId'] ?? '';
    world.clock.advance(3600_000);
    world.genesys.resetCalls();
    spell(world, 12, callsOn(credentialOf(created)));
    const change = only(INTEGRATION, integration({ Notes: 'after' }));
    const updated = await world.cloudFormation.updateStack('stack', change);
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(credentialOf(updated)).toBe(credentialOf(created));
    expect(writes(world).filter((write) => write.startsWith('POST'))).toEqual([]);
    expect(compare(world)).toEqual([]);
  }));

test.each([3, 15, 40])('the undoing of a Create outlasts %i s of 404 of its credential', (seconds) =>
  withWorld(async (world) => {
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    spell(world, seconds, { pattern: '/credentials/[0-9a-f-]{36}' });
    const stack = await world.cloudFormation.createStack('stack', only(INTEGRATION, integration()));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect([...world.made().keys()]).toEqual([]);
  }),
);

describe('a flow that uses a missing action', () => {
  test('is named by the failure where the list shows the action', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
      const [flowId] = world.genesys.seed({ flows: [{ name: 'Main menu', actionId: id }] }).flows;
      spell(world, 100, callsOn(id));
      const change = only(ACTION, action(world, { Secure: true }));
      const stack = await world.cloudFormation.updateStack('stack', change);
      expect(reasons(stack)).toContain(`It is used by INBOUNDCALLFLOW "Main menu" published 1.0 (${flowId})`);
      expect(compare(world)).toEqual([]);
    }));

  test('is named in the answer and counted by a metric where the action is gone and made anew', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
      const [flowId] = world.genesys.seed({ flows: [{ name: 'Main menu', actionId: id }] }).flows;
      await byHand(world, 'DELETE', `/api/v2/integrations/actions/${id}`);
      const change = only(ACTION, action(world, { TimeoutSeconds: 9 }));
      const stack = await world.cloudFormation.updateStack('stack', change);
      expect(stack.status).toBe('UPDATE_COMPLETE');
      const answer = world.requests().find(({ event }) => event.RequestType === 'Update')?.uploads[0]?.body;
      expect(JSON.parse(String(answer))['Reason']).toContain(
        `INBOUNDCALLFLOW "Main menu" published 1.0 (${flowId})`,
      );
      expect(world.containers.logs()).toContain('UsersOfObjectsBelievedGone: 1');
      expect(compare(world)).toEqual([]);
    }));
});

describe('an action that was believed gone, and is seen again', () => {
  /** The update makes another one in its place; after that the old one is to be seen again. */
  async function madeAnew(
    world: World,
    after = {},
    failing = false,
  ): Promise<[old: string, stack: StackView]> {
    const old = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
    world.genesys.seed({ flows: [{ name: 'Main menu', actionId: old }] });
    world.clock.advance(3600_000);
    spell(world, 70, callsOn(old));
    emptyLists(world, 70);
    world.containers.onEnd = ({ RequestType }) => {
      if (RequestType === 'Update') world.genesys.clearFaults();
    };
    world.genesys.resetCalls();
    const template = only(ACTION, action(world, { TimeoutSeconds: 9, ...after }));
    const stack = await world.cloudFormation.updateStack('stack', failing ? withFailure(template) : template);
    return [old, stack];
  }

  test('is not deleted by the clean-up of the update that made its successor', () =>
    withWorld(async (world) => {
      const [old, stack] = await madeAnew(world);
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(idOf(stack)).not.toBe(old);
      expect(world.requests().at(-1)?.event).toMatchObject({
        RequestType: 'Delete',
        PhysicalResourceId: old,
      });
      expect(world.remote(old)).toBeDefined();
      expect(deletions(world)).toEqual([]);
      expect(world.ledger(`OBJECT#action#${old}`).size).toBe(1);
    }));

  test('stays left over when its stack is deleted, and the ledger knows it', () =>
    withWorld(async (world) => {
      const [old] = await madeAnew(world);
      world.clock.advance(3600_000);
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual([`actions ${old}`]);
      expect([...world.ledger('OBJECT#').values()]).toMatchObject([
        { id: old, believedGoneAt: expect.any(Number) },
      ]);
    }));

  const orders: ReplacementRollback[] = [
    'update-back-then-delete-new',
    'update-old-then-delete-new',
    'delete-new-only',
    'update-back',
  ];
  test.each(orders)('is never deleted by a rollback (%s), which goes back to it', (replacementRollback) =>
    withWorld(
      async (world) => {
        const [old, stack] = await madeAnew(world, {}, true);
        expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(idOf(stack)).toBe(old);
        expect(world.remote(old)).toBeDefined();
        expect(deletions(world).filter((write) => write.endsWith(old))).toEqual([]);
      },
      { replacementRollback },
    ),
  );
});

test.each([12, 40])(
  'a rollback that meets %i s of 404 of a replaced action sends no DELETE for it',
  (seconds) =>
    withWorld(async (world) => {
      const old = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
      world.clock.advance(3600_000);
      world.containers.onEnd = ({ RequestType, LogicalResourceId }) => {
        if (RequestType === 'Update' && LogicalResourceId === 'Thing' && world.genesys.faults().length === 0)
          spell(world, seconds, callsOn(old));
      };
      world.genesys.resetCalls();
      const change = withFailure(only(ACTION, action(world, { Secure: true })));
      const stack = await world.cloudFormation.updateStack('stack', change);
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(eventsOf(stack)).toContain('UPDATE_ROLLBACK_IN_PROGRESS');
      expect(idOf(stack)).toBe(old);
      expect(deletions(world).filter((write) => write.endsWith(old))).toEqual([]);
      expect(compare(world)).toEqual([]);
    }),
);

describe.each(types)('the Delete of a $what', (type) => {
  test('outlasts 3 s of 404, and leaves nothing', () =>
    withWorld(async (world) => {
      const id = await made(world, type);
      spell(world, 3, callsOn(id));
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual([]);
      expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
    }));

  test('of one that the list shows fails, and leaves nothing when it is repeated', () =>
    withWorld(async (world) => {
      const id = await made(world, type);
      spell(world, 200, callsOn(id));
      const failed = await world.cloudFormation.deleteStack('stack');
      expect(failed.status).toBe('DELETE_FAILED');
      expect(reasons(failed)).toContain(`${id} is not to be seen at present`);
      world.genesys.clearFaults();
      world.clock.advance(3600_000);
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual([]);
    }));

  test('of one that is gone succeeds, and the ledger remembers that nobody saw it go', () =>
    withWorld(async (world) => {
      const id = await made(world, type);
      const path = type.what === 'integration' ? 'integrations' : 'integrations/actions';
      await byHand(world, 'DELETE', `/api/v2/${path}/${id}`);
      await world.cloudFormation.deleteStack('stack');
      expect(world.cloudFormation.living()).toEqual([]);
      expect(world.ledger('OBJECT#').size).toBe(1);
      expect([...world.ledger('OBJECT#').values()]).toMatchObject([
        { id, believedGoneAt: expect.any(Number), claims: [] },
      ]);
    }));
});

test('the removals of a stack whose actions are gone share one look at the list in each container', () =>
  withWorld(
    async (world) => {
      const names = ['One', 'Two', 'Three', 'Four', 'Five'];
      const Resources = Object.fromEntries(
        names.map((Name) => [Name, { Type: ACTION, Properties: action(world, { Name }) }]),
      );
      const { resources } = await world.cloudFormation.createStack('stack', { Resources });
      for (const { physicalId } of Object.values(resources))
        await byHand(world, 'DELETE', `/api/v2/integrations/actions/${physicalId}`);
      world.clock.advance(3600_000);
      world.genesys.resetCalls();
      const before = world.containers.started;
      await world.cloudFormation.deleteStack('stack');
      expect(world.cloudFormation.living()).toEqual([]);
      const looks = world.genesys
        .calls()
        .filter(({ method, template }) => method === 'GET' && template === '/api/v2/integrations/actions');
      expect(world.containers.started).toBe(before);
      // Each container has a token of its own.
      const containers = new Set(looks.map(({ token }) => token)).size;
      expect(looks).toHaveLength(containers);
      expect(containers).toBeLessThan(names.length);
    },
    { concurrency: 1 },
  ));

describe('a Delete with DeletionGuard: All of an action that a flow uses', () => {
  const guarded = (world: World) => only(ACTION, action(world, { DeletionGuard: 'All' }));

  test.each([3, 200])('is not let past the guard by %i s of 404', (seconds) =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', guarded(world)));
      world.genesys.seed({ flows: [{ name: 'Main menu', actionId: id }] });
      world.genesys.resetCalls();
      spell(world, seconds, callsOn(id));
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
      expect(deletions(world)).toEqual([]);
      expect(world.remote(id)).toBeDefined();
    }),
  );
});

test("an integration is not deleted under another's action that answers 404 for 3 s", () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', only(INTEGRATION, integration())));
    const [other = ''] = world.genesys.seed({ actions: [{ name: 'By hand', integrationId: id }] }).actions;
    spell(world, 3, callsOn(other));
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
    expect(world.remote(other)).toBeDefined();
  }));

describe('a list that goes on showing a deleted action', () => {
  test.each([{}, { AdoptExisting: true }])('does not refuse the next stack with its name (%j)', (more) =>
    withWorld(async (world) => {
      world.genesys.settings({ delays: { listAfterDeleteMs: 60_000 } });
      const template = only(ACTION, action(world, more));
      const first = idOf(await world.cloudFormation.createStack('stack', template));
      await world.cloudFormation.deleteStack('stack');
      const stack = await world.cloudFormation.createStack('stack', template);
      expect(stack.status).toBe('CREATE_COMPLETE');
      expect(idOf(stack)).not.toBe(first);
      expect(compare(world)).toEqual([]);
    }),
  );

  test('does not refuse the deletion of its integration', () =>
    withWorld(async (world) => {
      world.genesys.settings({ delays: { listAfterDeleteMs: 60_000 } });
      const { Resources } = only(INTEGRATION, integration(), 'Integration');
      const Thing = { Type: ACTION, Properties: action(world, { IntegrationId: { Ref: 'Integration' } }) };
      await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Thing } });
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual([]);
    }));
});

test.each([
  [ACTION, {}],
  [ACTION, { DeletionGuard: 'All' }],
  [INTEGRATION, {}],
])('the Delete of an id that is none by its form succeeds, though it is answered 400: %s %j', (type, more) =>
  withWorld(async (world) => {
    world.genesys.settings({ behaviour: { malformedIdStatus: 400 } });
    const properties = type === ACTION ? action(world, more) : integration();
    const answer = await send(world, { RequestType: 'Delete', id: 'nonsense' }, type, properties);
    expect(answer.status).toBe('SUCCESS');
  }),
);

test('a 400 of an object that is there fails its Delete', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
    world.genesys.faults({ match: { method: 'DELETE', count: 'every' }, action: { status: 400 } });
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
    expect(world.remote(id)).toBeDefined();
  }));
