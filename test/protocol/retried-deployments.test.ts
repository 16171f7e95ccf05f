/**
 * A deployment that is tried again: CloudFormation sends a request again with its RequestId and a new
 * ResponseURL of the same object in its bucket. Lambda's repeat is of another kind: it is the same event to
 * the byte.
 */
import { compare, compareRemote, judge } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf, types } from '../../local/provider/inputs.ts';
import { ACTION, action, INTEGRATION, idOf, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';
import { send } from './send.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Refuses calls to Genesys Cloud for want of a permission. */
const refuse = (world: World, method: string, path: string, times: object = { count: 1 }) =>
  world.genesys.faults({
    match: { method, path, ...times },
    action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
  });

const template = (world: World, type: string, changes = {}) =>
  only(type, { ...inWorldOf(firstInputs(type).create.properties, world), ...changes });
const integration = (world: World, changes?: object) => template(world, INTEGRATION, changes);
const actions = (world: World, changes?: object) => template(world, ACTION, changes);

const thing = (world: World) => world.cloudFormation.describe('stack').resources['Thing'];
const requestIdOf = (world: World, at = -1) => world.requests('Thing').at(at)?.event.RequestId ?? '';
const uploadsSince = (world: World, count: number) =>
  world.requests().flatMap(({ uploads }) => uploads).length - count;
const uploads = (world: World) => world.requests().flatMap((request) => request.uploads).length;
const callsToGenesys = (world: World) =>
  world.containers.calls.filter(({ service }) => service === 'genesys').map(({ operation }) => operation);

/** Time passes when all is quiet: an invocation that has answered may still be closing its attempt. */
async function later(world: World, milliseconds: number): Promise<void> {
  await world.cloudFormation.idle();
  world.clock.advance(milliseconds);
}

/** At the end each resource has one object, every request is answered, and the deletion leaves nothing. */
async function expectSound(world: World): Promise<void> {
  await world.cloudFormation.idle();
  expect(compare(world)).toEqual([]);
  await world.cloudFormation.deleteStack('stack');
  await world.cloudFormation.idle();
  expect(compare(world, [])).toEqual([]);
  expect(judge(world)).toEqual([]);
}

describe.each(types)('$type, after FAILED', ({ type, inputs: [of] }) => {
  const writes = (world: World, requestType: string) => {
    let isRefused = false;
    world.containers.faultFor = ({ service, operation }, event) => {
      if (event?.RequestType !== requestType || isRefused) return undefined;
      if (service !== 'genesys' || operation.startsWith('GET')) return undefined;
      isRefused = true;
      return '403';
    };
  };
  const withInput = (world: World, input = of?.create) =>
    only(type, inWorldOf(input?.properties ?? {}, world));

  test('a Create is tried again', () =>
    withWorld(async (world) => {
      writes(world, 'Create');
      const failed = await world.cloudFormation.createStack('stack', withInput(world), {
        disableRollback: true,
      });
      expect(failed.status).toBe('CREATE_FAILED');
      await later(world, HOUR);
      const again = await world.cloudFormation.retry('stack');
      expect(reasons(again)).not.toContain('did not receive a response');
      expect(again.status).toBe('CREATE_COMPLETE');
      if (of) expect(compareRemote(world, idOf(again), of.create)).toEqual([]);
      await expectSound(world);
    }));

  test('an Update is tried again', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', withInput(world)));
      await later(world, 60_000);
      writes(world, 'Update');
      const failed = await world.cloudFormation.updateStack('stack', withInput(world, of?.update), {
        disableRollback: true,
      });
      expect(failed.status).toBe('UPDATE_FAILED');
      await later(world, 3 * DAY);
      const again = await world.cloudFormation.retry('stack');
      expect(again.status).toBe('UPDATE_COMPLETE');
      expect(idOf(again)).toBe(id);
      if (of) expect(compareRemote(world, id, of.update)).toEqual([]);
      await expectSound(world);
    }));

  test('a Delete is tried again', () =>
    withWorld(async (world) => {
      const { id } = await world.cloudFormation.createStack('stack', withInput(world));
      await later(world, 60_000);
      writes(world, 'Delete');
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
      await later(world, 2 * HOUR);
      await world.cloudFormation.retry('stack');
      expect(world.cloudFormation.describe(id).status).toBe('DELETE_COMPLETE');
      await world.cloudFormation.idle();
      expect(compare(world, [])).toEqual([]);
      expect(judge(world)).toEqual([]);
    }));
});

test('what an earlier generation left is undone before its request begins anew', () =>
  withWorld(async (world) => {
    // The credential is made, the integration is not: the answer names the request.
    refuse(world, 'POST', '/api/v2/integrations');
    const failed = await world.cloudFormation.createStack('stack', integration(world), {
      disableRollback: true,
    });
    const marker = idOf(failed);
    expect(marker).toMatch(/^failed-create\//);
    expect(world.made().size).toBe(1);
    const again = await world.cloudFormation.retry('stack');
    expect(again.status).toBe('CREATE_COMPLETE');
    const made = [...world.made().keys()];
    // A late Delete of the id of before is about that generation alone.
    const stackId = again.id;
    const answer = await send(
      world,
      { RequestType: 'Delete', stackId, logicalId: 'Thing', id: marker },
      INTEGRATION,
      {},
    );
    expect(answer.status).toBe('SUCCESS');
    expect([...world.made().keys()]).toEqual(made);
    await expectSound(world);
  }));

test('a Create does not begin anew while what it left cannot be undone; its Delete undoes that as well', () =>
  withWorld(async (world) => {
    refuse(world, 'POST', '/api/v2/integrations');
    await world.cloudFormation.createStack('stack', integration(world), { disableRollback: true });
    refuse(world, 'DELETE', '/api/v2/integrations/credentials/{credentialId}');
    const again = await world.cloudFormation.retry('stack');
    expect(again.status).toBe('CREATE_FAILED');
    expect(thing(world)?.physicalId).toMatch(/^(nothing-created|failed-create)\//);
    expect(world.made().size).toBe(1);
    const { id } = await world.cloudFormation.deleteStack('stack');
    expect(world.cloudFormation.describe(id).status).toBe('DELETE_COMPLETE');
    expect(world.made().size).toBe(0);
  }));

describe('after SUCCESS', () => {
  /** CloudFormation gives the Create up, because another resource fails, and its answer comes later. */
  async function answeredTooLate(world: World) {
    world.genesys.settings({ delays: { activationMs: 20_000 } });
    const { Resources } = integration(world);
    const Bad = { Type: 'Custom::GenesysNothing', Properties: {} };
    const failed = await world.cloudFormation.createStack(
      'stack',
      { Resources: { ...Resources, Bad } },
      { disableRollback: true },
    );
    expect(failed.status).toBe('CREATE_FAILED');
    expect(failed.resources['Thing']?.reason).toContain('cancelled');
    await world.cloudFormation.idle();
    world.genesys.settings({ delays: { activationMs: 0 } });
    return world.made();
  }

  test.each([
    ['seconds', 5_000],
    ['hours', 3 * HOUR],
    ['days', 6 * DAY],
  ])('the same answer goes to the new URL, %s later, without a call to Genesys Cloud', (_, milliseconds) =>
    withWorld(async (world) => {
      const made = await answeredTooLate(world);
      await later(world, milliseconds);
      const before = callsToGenesys(world).length;
      const again = await world.cloudFormation.retry('stack', integration(world));
      expect(again.resources['Thing']?.status).toBe('CREATE_COMPLETE');
      expect(made.has(`integrations ${idOf(again)}`)).toBe(true);
      expect(callsToGenesys(world)).toHaveLength(before);
      await world.cloudFormation.idle();
      // Lambda's repeat of either event is owed nothing.
      for (const at of [0, 1]) await world.cloudFormation.redeliver(requestIdOf(world), at);
      expect(callsToGenesys(world)).toHaveLength(before);
      await world.cloudFormation.deleteStack('stack');
      expect(world.made().size).toBe(0);
    }),
  );

  test('the Delete of an invented id still undoes what was answered twice in vain', () =>
    withWorld(async (world) => {
      await answeredTooLate(world);
      world.responses.fault(
        { kind: 'status', status: 503 },
        1_000,
        ({ RequestType }) => RequestType === 'Create',
      );
      const again = await world.cloudFormation.retry('stack', integration(world, {}), {
        disableRollback: false,
      });
      expect(again.status).toBe('ROLLBACK_COMPLETE');
      await world.cloudFormation.idle();
      expect(world.made().size).toBe(0);
    }));

  test.each([
    ['within the week', HOUR],
    ['when the attempt was forgotten', 9 * DAY],
  ])('other properties begin anew, %s, and what was answered before is removed later', (_, milliseconds) =>
    withWorld(async (world) => {
      const made = await answeredTooLate(world);
      await later(world, milliseconds);
      const again = await world.cloudFormation.retry('stack', integration(world, { Notes: 'other' }));
      expect(again.resources['Thing']?.status).toBe('CREATE_COMPLETE');
      expect(made.has(`integrations ${idOf(again)}`)).toBe(false);
      // CloudFormation may have that object after all, so nothing deletes it yet.
      for (const key of made.keys()) expect(world.made().has(key)).toBe(true);
      await later(world, 60_000);
      await world.cloudFormation.deleteStack('stack');
      await world.cloudFormation.idle();
      expect(compare(world, [])).toEqual([]);
    }),
  );

  test('an object that is not any more as it was answered is written again', () =>
    withWorld(async (world) => {
      const [before, after] = [actions(world), actions(world, { Category: 'After' })];
      const id = idOf(await world.cloudFormation.createStack('stack', before));
      await later(world, 60_000);
      await world.cloudFormation.updateStack('stack', after);
      const update = requestIdOf(world);
      await later(world, 60_000);
      await world.cloudFormation.updateStack('stack', before);
      await later(world, 60_000);
      expect(await world.cloudFormation.sendAgain(update)).toMatchObject({
        status: 'SUCCESS',
        physicalResourceId: id,
      });
      expect(world.remote(id)).toMatchObject({ published: { category: 'After' } });
    }));

  test('an object that another resource has adopted since is not answered', () =>
    withWorld(async (world) => {
      const id = idOf(
        await world.cloudFormation.createStack('stack', actions(world, { OnDelete: 'Retain' })),
      );
      const create = requestIdOf(world);
      await later(world, 60_000);
      const { Resources } = only(ACTION, action(world, { ExistingId: id }), 'Renamed');
      await world.cloudFormation.updateStack('stack', { Resources });
      await later(world, 60_000);
      const again = await world.cloudFormation.sendAgain(create, { LogicalResourceId: 'Thing' });
      expect(again).not.toMatchObject({ physicalResourceId: id });
    }));
});

test('a Create that was never answered is tried again', () =>
  withWorld(
    async (world) => {
      let kills = 0;
      world.containers.faultFor = ({ operation }) =>
        operation === 'POST /api/v2/integrations' && kills++ === 0 ? 'kill after' : undefined;
      const failed = await world.cloudFormation.createStack(
        'stack',
        integration(world, { ServiceTimeout: 600 }),
        { disableRollback: true },
      );
      expect(reasons(failed)).toContain('did not receive a response');
      await later(world, HOUR);
      const again = await world.cloudFormation.retry('stack');
      expect(again.status).toBe('CREATE_COMPLETE');
      await world.cloudFormation.idle();
      expect(compare(world)).toEqual([]);
    },
    { retryDelaysMs: [] },
  ));

test('a generation that is still at work undoes itself and does not answer, and the new one makes its own', () =>
  withWorld(async (world) => {
    world.genesys.settings({ delays: { activationMs: 60_000 } });
    const first = world.cloudFormation.createStack('stack', integration(world), { disableRollback: true });
    await world.clock.sleep(7_000);
    world.genesys.settings({ delays: { activationMs: 0 } });
    const second = await world.cloudFormation.sendAgain(requestIdOf(world));
    expect(second.status).toBe('SUCCESS');
    // The answer by the new URL is what CloudFormation finds in its bucket for the first one, too.
    await world.cloudFormation.idle();
    expect(world.requests('Thing')[0]?.uploads).toEqual([]);
    expect([...world.made().keys()].filter((key) => key.startsWith('integrations'))).toEqual([
      `integrations ${second.physicalResourceId}`,
    ]);
    void first;
  }));

describe('an event of before', () => {
  test.each(['FAILED', 'SUCCESS'])(
    'does nothing once its request was sent again: the new one ended %s',
    (end) =>
      withWorld(async (world) => {
        refuse(world, 'POST', '/api/v2/integrations', { count: end === 'FAILED' ? 2 : 1 });
        await world.cloudFormation.createStack('stack', integration(world), { disableRollback: true });
        await later(world, 60_000);
        await world.cloudFormation.retry('stack');
        await world.cloudFormation.idle();
        const [calls, answers] = [callsToGenesys(world).length, uploads(world)];
        await later(world, 60_000);
        await world.cloudFormation.redeliver(requestIdOf(world), 0);
        expect(callsToGenesys(world)).toHaveLength(calls);
        expect(uploadsSince(world, answers)).toBe(0);
      }),
  );

  test('does nothing where it was never delivered before, by its date', () =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', actions(world));
      const [request] = world.requests('Thing');
      if (request === undefined) throw new Error('no request');
      const { ResponseURL: _, ...event } = request.event;
      const late = world.responses.open(event, world.clock.now() + 1_000);
      await later(world, HOUR);
      await world.cloudFormation.sendAgain(event.RequestId, {
        ResourceProperties: { ...event.ResourceProperties, Category: 'Newer' },
      });
      const before = callsToGenesys(world).length;
      late.countDelivery();
      await world.containers.invoke(late.event);
      expect(callsToGenesys(world)).toHaveLength(before);
      expect(late.uploads).toEqual([]);
    }));

  test('does nothing when it comes too late for its ServiceTimeout', () =>
    withWorld(async (world) => {
      refuse(world, 'POST', '/api/v2/integrations');
      await world.cloudFormation.createStack('stack', integration(world), { disableRollback: true });
      await later(world, 90 * 60_000);
      await world.cloudFormation.retry('stack');
      const answers = uploads(world);
      await world.cloudFormation.redeliver(requestIdOf(world), 0);
      expect(uploadsSince(world, answers)).toBe(0);
    }));
});

describe('the same RequestId', () => {
  test('with other properties is carried out with these', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', actions(world)));
      await later(world, 60_000);
      await world.cloudFormation.updateStack('stack', actions(world, { Category: 'One' }));
      const { ResourceProperties } = world.requests('Thing').at(-1)?.event ?? {};
      if (ResourceProperties === undefined) throw new Error('no request');
      await later(world, 60_000);
      const again = await world.cloudFormation.sendAgain(requestIdOf(world), {
        ResourceProperties: { ...ResourceProperties, Category: 'Two' },
      });
      expect(again).toMatchObject({ status: 'SUCCESS', physicalResourceId: id });
      expect(world.remote(id)).toMatchObject({ published: { category: 'Two' } });
    }));

  test('of another type is a request of that type', () =>
    withWorld(async (world) => {
      const id = idOf(await world.cloudFormation.createStack('stack', actions(world)));
      await later(world, 60_000);
      const again = await world.cloudFormation.sendAgain(requestIdOf(world), {
        RequestType: 'Delete',
        PhysicalResourceId: id,
      });
      expect(again).toMatchObject({ status: 'SUCCESS', physicalResourceId: id });
      expect(world.remote(id)).toBeUndefined();
    }));

  test("with another stack's physical id does not touch what that owns", () =>
    withWorld(async (world) => {
      const theirs = idOf(
        await world.cloudFormation.createStack('theirs', actions(world, { Name: 'Theirs' })),
      );
      await world.cloudFormation.createStack('stack', actions(world));
      await later(world, 60_000);
      await world.cloudFormation.updateStack('stack', actions(world, { Category: 'One' }));
      await later(world, 60_000);
      const before = world.remote(theirs);
      const again = await world.cloudFormation.sendAgain(requestIdOf(world), { PhysicalResourceId: theirs });
      expect(again).toMatchObject({ status: 'FAILED' });
      expect(world.remote(theirs)).toEqual(before);
    }));
});

test('a deployment that is tried again after the whole stack has failed ends with one object for each resource', () =>
  withWorld(async (world) => {
    const stack = withFailure(integration(world));
    await world.cloudFormation.createStack('stack', stack, { disableRollback: true });
    const again = await world.cloudFormation.retry('stack', integration(world));
    expect(again.resources['Thing']?.status).toBe('CREATE_COMPLETE');
    expect([...world.made().keys()].filter((key) => key.startsWith('integrations'))).toHaveLength(1);
  }));
