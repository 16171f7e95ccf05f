/**
 * The id that an answer names. CloudFormation deletes the old object where an Update answers another id, and
 * sends the Delete of a failed Create to the id that this one answered. A wrong id orphans one object or
 * deletes another.
 */
import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import { compare, objects } from '../../local/faults/verdicts.ts';
import { ACTION, action, idOf, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';
import { attemptIdOf } from './send.ts';

const SMOKE_TEST = { Input: { orderId: 'A-1001' } };

/** The ids that were answered to the requests of a type, by every delivery. */
const answeredIds = (world: World, type: CustomResourceEvent['RequestType']): string[] =>
  world
    .requests('Thing')
    .filter(({ event }) => event.RequestType === type)
    .flatMap(({ uploads }) => uploads.map(({ body }) => JSON.parse(body.toString()).PhysicalResourceId));

/** The new object is made and tested, and the test ends badly. */
const failSmokeTests = (world: World) =>
  world.genesys.faults({
    match: { method: 'POST', path: '/api/v2/integrations/actions/{actionId}/test', count: 'every' },
    action: { status: 200, body: { operations: [], finalResult: {}, success: false } },
  });

describe('an Update that made a new object and failed answers the id of the old one', () => {
  const replaced = (world: World, more = {}) =>
    only(ACTION, action(world, { Secure: true, SmokeTest: SMOKE_TEST, ...more }));

  test('where the new object fails', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      failSmokeTests(world);
      const failed = await world.cloudFormation.updateStack('stack', replaced(world));
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(reasons(failed)).toContain('SmokeTest');
      expect(objects(world)).toHaveLength(1);
      expect(new Set(answeredIds(world, 'Update'))).toEqual(new Set([idOf(stack)]));
      expect(compare(world)).toEqual([]);
    }));

  test('where the time is over before it is ready', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      world.containers.faultFor = ({ operation }, event) =>
        event?.RequestType === 'Update' && operation.endsWith('/test') ? 'hang before' : undefined;
      const failed = await world.cloudFormation.updateStack('stack', replaced(world, { ServiceTimeout: 30 }));
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(new Set(answeredIds(world, 'Update'))).toEqual(new Set([idOf(stack)]));
      await world.cloudFormation.idle();
      expect(compare(world)).toEqual([]);
    }));

  test('where the process died and its repeat finds no time', () =>
    withWorld(
      async (world) => {
        const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
        let isDead = false;
        world.containers.faultFor = ({ operation }, event) => {
          if (event?.RequestType !== 'Update' || !operation.endsWith('/test')) return undefined;
          if (isDead) return 'hang before';
          isDead = true;
          return 'kill before';
        };
        const failed = await world.cloudFormation.updateStack('stack', replaced(world));
        await world.cloudFormation.idle();
        expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(new Set(answeredIds(world, 'Update'))).toEqual(new Set([idOf(stack)]));
        expect(compare(world)).toEqual([]);
      },
      { retryDelaysMs: [60_000, 120_000] },
    ));
});

test('a Create that made an object and failed answers its id, so that the Delete finds it', () =>
  withWorld(async (world) => {
    failSmokeTests(world);
    const template = only(ACTION, action(world, { SmokeTest: SMOKE_TEST }));
    const failed = await world.cloudFormation.createStack('stack', template);
    expect(failed.status).toBe('ROLLBACK_COMPLETE');
    const [id = ''] = answeredIds(world, 'Create');
    expect(id).toMatch(/^custom_-_/);
    expect(answeredIds(world, 'Delete')).toEqual([id]);
    expect(objects(world)).toEqual([]);
  }));

test('a Create that sent a write and knows no id answers failed-create, so that the Delete looks for the object', () =>
  withWorld(async (world) => {
    world.containers.faultFor = ({ operation }, event) =>
      event?.RequestType === 'Create' && operation === 'POST /api/v2/integrations/actions'
        ? 'hang after'
        : undefined;
    const template = only(ACTION, action(world, { ServiceTimeout: 15 }));
    const failed = await world.cloudFormation.createStack('stack', template);
    await world.cloudFormation.idle();
    expect(failed.status).toBe('ROLLBACK_COMPLETE');
    const [create] = world.requests('Thing');
    const id = `failed-create/${attemptIdOf(world, create?.event.RequestId ?? '')}`;
    expect(answeredIds(world, 'Create')).toEqual([id]);
    expect(answeredIds(world, 'Delete')).toEqual([id]);
    expect(objects(world)).toEqual([]);
  }));

test('a Delete that failed answers the id that it was sent', () =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    world.genesys.faults({
      match: { method: 'DELETE', path: '/api/v2/integrations/actions/{actionId}' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const failed = await world.cloudFormation.deleteStack('stack');
    expect(failed.status).toBe('DELETE_FAILED');
    await world.cloudFormation.deleteStack('stack');
    expect(answeredIds(world, 'Delete')).toEqual([idOf(stack), idOf(stack)]);
  }));
