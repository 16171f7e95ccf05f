/**
 * An update fails, its rollback is disabled, and the stack is deleted. CloudFormation sends one Delete for
 * each resource (assumed: docs/assumptions.md, "A stack that is deleted after a failed replacement"). So the
 * Delete of an object ends the one that it was to replace as well.
 */
import type { Template } from '../../local/cloudformation/template.ts';
import { sample } from '../../local/faults/sample.ts';
import { ACTION, action, idOf, webServices, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { reasons, type World } from '../../local/provider/world.ts';
import { actionStack, formOf, integrationStack, records } from './adoption/adoptable.ts';
import { actionByHand } from './by-hand.ts';
import { send } from './send.ts';

const HOUR = 3600_000;

/** Updates the stack to the template. Another resource fails, so the stack stays in UPDATE_FAILED. */
async function failedUpdate(world: World, template: Template) {
  world.clock.advance(HOUR);
  const failed = await world.cloudFormation.updateStack('stack', withFailure(template), {
    disableRollback: true,
  });
  expect(failed.status).toBe('UPDATE_FAILED');
  world.clock.advance(HOUR);
  return failed;
}

/** An action under a policy that CloudFormation itself obeys. */
function withPolicy(world: World, more: object, policy: object): Template {
  const { Thing = { Type: ACTION } } = actionStack(world, more).Resources;
  return { Resources: { Thing: { ...Thing, ...policy } } };
}

/** A change that replaces the action, as `Secure` does. */
function otherContract(world: World): object {
  const { Contract } = action(world) as { Contract: object };
  return { Contract: { ...Contract, Output: { type: 'object' } } };
}

const replaceable: [what: string, template: (world: World, isNew: boolean) => Template][] = [
  ['data action', (world, isNew) => actionStack(world, isNew ? { Secure: true } : {})],
  ['integration', (_, isNew) => (isNew ? webServices() : integrationStack())],
];

test.each(replaceable)(
  'a deletion leaves neither the replaced object nor the new one: %s',
  (_what, template) =>
    withWorld(async (world) => {
      const before = await world.cloudFormation.createStack('stack', template(world, false));
      const failed = await failedUpdate(world, template(world, true));
      expect(idOf(failed)).not.toBe(idOf(before));
      expect(world.remote(idOf(before))).toBeDefined();
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
      expect(records(world)).toEqual([]);
    }),
);

describe('a replaced object for which CloudFormation sends a Delete of its own', () => {
  test.each(['before', 'after'] as const)(
    'is gone, and so is the new one: %s the stack is deleted',
    (order) =>
      withWorld(async (world) => {
        const before = await world.cloudFormation.createStack('stack', actionStack(world));
        const failed = await failedUpdate(world, actionStack(world, { Secure: true }));
        const fields = { stackId: failed.id, logicalId: 'Thing', id: idOf(before) };
        const deleteOld = async () =>
          expect(
            await send(world, { RequestType: 'Delete', ...fields }, ACTION, action(world)),
          ).toMatchObject({ status: 'SUCCESS' });
        if (order === 'before') {
          await deleteOld();
          expect(world.remote(idOf(before))).toBeUndefined();
          expect(world.remote(idOf(failed))).toBeDefined();
        }
        expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
        if (order === 'after') await deleteOld();
        expect([...world.made().keys()]).toEqual([]);
        expect(records(world)).toEqual([]);
      }),
  );
});

test('a deletion after two attempts at the update leaves none of the three objects', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', actionStack(world));
    await failedUpdate(world, actionStack(world, { Secure: true }));
    await world.cloudFormation.retry(
      'stack',
      withFailure(actionStack(world, { Secure: true, ...otherContract(world) })),
    );
    expect(records(world)).toHaveLength(3);
    world.clock.advance(HOUR);
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test('the guard of the object that was to be replaced holds, and a later deletion goes on', () =>
  withWorld(async (world) => {
    const guarded = { DeletionGuard: 'All' };
    const before = await world.cloudFormation.createStack('stack', actionStack(world, guarded));
    const failed = await failedUpdate(world, actionStack(world, { ...guarded, Secure: true }));
    const flow = { name: 'Pay', actionId: idOf(before), type: 'SECURECALLFLOW' };
    const [id] = world.genesys.seed({ flows: [flow] }).flows;
    const refused = await world.cloudFormation.deleteStack('stack');
    expect(refused.status).toBe('DELETE_FAILED');
    expect(reasons(refused)).toContain('SECURECALLFLOW "Pay"');
    expect(world.remote(idOf(before))).toBeDefined();
    expect(world.remote(idOf(failed))).toBeUndefined();
    world.genesys.seed({ flows: [{ ...flow, ...(id === undefined ? {} : { id }), published: false }] });
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
    expect([...world.made().keys()].filter((key) => !key.startsWith('flows'))).toEqual([]);
  }));

test.each([
  ['OnDelete', { OnDelete: 'Retain' }, 'DELETE_COMPLETE'],
  ['DeletionGuard', { DeletionGuard: 'All' }, 'DELETE_FAILED'],
])(
  'the object that was to be replaced ends by its own %s, which the failed update dropped',
  (_rule, rule, end) =>
    withWorld(async (world) => {
      const before = await world.cloudFormation.createStack('stack', actionStack(world, rule));
      await failedUpdate(world, actionStack(world, { Secure: true }));
      world.genesys.seed({ flows: [{ name: 'Pay', actionId: idOf(before), type: 'SECURECALLFLOW' }] });
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe(end);
      expect(world.remote(idOf(before))).toBeDefined();
    }),
);

test('a deletion that dies at any call leaves nothing once it is repeated', async () => {
  async function run(place?: number): Promise<number> {
    let calls = 0;
    await withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', actionStack(world));
      await failedUpdate(world, actionStack(world, { Secure: true }));
      world.containers.faultFor = (_call, event) => {
        if (event?.RequestType !== 'Delete' || event.LogicalResourceId !== 'Thing') return undefined;
        calls += 1;
        return calls === place ? 'kill after' : undefined;
      };
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
      await world.cloudFormation.idle();
      expect({ place, made: [...world.made().keys()] }).toEqual({ place, made: [] });
    });
    return calls;
  }
  const calls = await run();
  expect(calls).toBeGreaterThan(10);
  for (const place of sample(
    Array.from({ length: calls }, (_, index) => index + 1),
    8,
  ))
    await run(place);
});

test('an object that an earlier replacement retained on purpose stays', () =>
  withWorld(async (world) => {
    const template = (more: object) => withPolicy(world, more, { UpdateReplacePolicy: 'Retain' });
    const retained = idOf(await world.cloudFormation.createStack('stack', template({})));
    world.clock.advance(HOUR);
    const second = otherContract(world);
    expect((await world.cloudFormation.updateStack('stack', template(second))).status).toBe(
      'UPDATE_COMPLETE',
    );
    await failedUpdate(world, template({ ...second, Secure: true }));
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([expect.stringContaining(retained)]);
  }));

test('an object that an update retained on purpose stays where a later update in place fails', () =>
  withWorld(async (world) => {
    const template = (more: object) => withPolicy(world, more, { UpdateReplacePolicy: 'Retain' });
    const retained = idOf(await world.cloudFormation.createStack('stack', template({})));
    world.clock.advance(HOUR);
    await world.cloudFormation.updateStack('stack', template({ Secure: true }));
    await failedUpdate(world, template({ Secure: true, Category: 'New' }));
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([expect.stringContaining(retained)]);
  }));

describe('an object that was retained before its resource was removed and added again', () => {
  const Other = (world: World) => ({ Type: ACTION, Properties: action(world, { Name: 'Other' }) });
  const both = (world: World, more: object, policy: object): Template => ({
    Resources: { Other: Other(world), ...withPolicy(world, more, policy).Resources },
  });

  /** The resource is removed, its second creation fails, and the stack is deleted. */
  async function removeAddAndDelete(world: World, again: Template) {
    world.clock.advance(HOUR);
    await world.cloudFormation.updateStack('stack', { Resources: { Other: Other(world) } });
    await failedUpdate(world, again);
    await world.cloudFormation.deleteStack('stack');
  }

  test('by DeletionPolicy stays', () =>
    withWorld(async (world) => {
      const template = both(world, {}, { DeletionPolicy: 'Retain' });
      const retained = idOf(await world.cloudFormation.createStack('stack', template));
      await removeAddAndDelete(world, both(world, { Name: 'Second' }, {}));
      expect([...world.made().keys()]).toEqual([expect.stringContaining(retained)]);
    }));

  test('by UpdateReplacePolicy stays', () =>
    withWorld(async (world) => {
      const policy = { UpdateReplacePolicy: 'Retain' };
      const retained = idOf(await world.cloudFormation.createStack('stack', both(world, {}, policy)));
      world.clock.advance(HOUR);
      const second = both(world, { Name: 'Second', Secure: true }, policy);
      await world.cloudFormation.updateStack('stack', second);
      await removeAddAndDelete(world, both(world, { Name: 'Third' }, policy));
      expect([...world.made().keys()]).toEqual([expect.stringContaining(retained)]);
    }));
});

describe('an object whose replacement was never answered', () => {
  async function unanswered(world: World, more = {}) {
    const before = idOf(await world.cloudFormation.createStack('stack', actionStack(world, more)));
    world.clock.advance(HOUR);
    world.containers.faultFor = ({ service }, event) =>
      event?.RequestType === 'Update' && service === 'answer' ? 'kill before' : undefined;
    const template = actionStack(world, { ...more, Secure: true });
    const failed = await world.cloudFormation.updateStack('stack', template, { disableRollback: true });
    expect(failed.status).toBe('UPDATE_FAILED');
    expect(idOf(failed)).toBe(before);
    expect(records(world)).toHaveLength(2);
    world.containers.faultFor = () => undefined;
    world.clock.advance(HOUR);
    return { id: before, stackId: failed.id };
  }

  test('goes with the stack, and so does the replacement', () =>
    withWorld(async (world) => {
      await unanswered(world);
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
      expect(records(world)).toEqual([]);
    }));

  test('keeps its guard', () =>
    withWorld(async (world) => {
      const { id } = await unanswered(world, { DeletionGuard: 'All' });
      world.genesys.seed({ flows: [{ name: 'Pay', actionId: id, type: 'SECURECALLFLOW' }] });
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_FAILED');
      expect(world.remote(id)).toBeDefined();
    }));

  /** The next update of the stack, as its own request. */
  async function next(world: World, changes: object) {
    const { id, stackId } = await unanswered(world);
    const fields = { RequestType: 'Update', logicalId: 'Thing', stackId, id, old: action(world) } as const;
    const { status, physicalResourceId } = await send(world, fields, ACTION, action(world, changes));
    expect(status).toBe('SUCCESS');
    return { id, answered: physicalResourceId };
  }

  test('is the only one after an update in place', () =>
    withWorld(async (world) => {
      const { id, answered } = await next(world, { Category: 'New' });
      expect(answered).toBe(id);
      expect([...world.made().keys()]).toEqual([expect.stringContaining(id)]);
    }));

  test('is replaced by the same replacement in a second update', () =>
    withWorld(async (world) => {
      const { id, answered } = await next(world, { Secure: true });
      expect(answered).not.toBe(id);
      expect(world.made().size).toBe(2);
    }));
});

describe('an adopted object that was to be replaced', () => {
  test.each([
    ['stays by default', undefined, true],
    ['goes with OnDelete: Delete', 'Delete', false],
  ])('%s', (_end, OnDelete, stays) =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const more = OnDelete === undefined ? {} : { OnDelete };
      await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id, ...more }));
      await failedUpdate(world, actionStack(world, { ...more, Secure: true, Name: 'New' }));
      expect(records(world)).toHaveLength(2);
      await world.cloudFormation.deleteStack('stack');
      expect(world.remote(id) !== undefined).toBe(stays);
      expect(records(world)).toEqual([]);
    }),
  );
});

test('an object that was to be replaced by an adopted one goes, and the adopted one is put back', () =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', actionStack(world));
    const id = actionByHand(world, { name: 'By hand' });
    const form = formOf(world, id);
    await failedUpdate(world, actionStack(world, { ExistingId: id, Name: 'By hand' }));
    expect(formOf(world, id)).not.toEqual(form);
    await world.cloudFormation.deleteStack('stack');
    expect(formOf(world, id)).toEqual(form);
    expect(world.remote(idOf(before))).toBeUndefined();
    expect(records(world)).toEqual([]);
  }));

describe('a renamed resource', () => {
  const renamed = (world: World, more = {}) =>
    actionStack(world, { AdoptExisting: true, Category: 'New', ...more }, 'After');

  test.each([
    ['the old name', 'After'],
    ['the new name', 'Before'],
  ])('is gone whichever Delete comes first: %s', (_first, last) =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', actionStack(world, {}, 'Before'));
      await failedUpdate(world, renamed(world));
      // The first delivery dies, and Lambda's repeat comes after the other Delete has ended.
      let died = false;
      world.containers.faultFor = (_call, event) => {
        if (died || event?.RequestType !== 'Delete' || event.LogicalResourceId !== last) return undefined;
        died = true;
        return 'kill before';
      };
      const stack = await world.cloudFormation.deleteStack('stack');
      expect(stack.status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
      expect([...world.ledger('OBJECT#').keys(), ...world.ledger('NAME#').keys()]).toEqual([]);
    }),
  );

  test('is gone where both Deletes come at once', () =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', actionStack(world, {}, 'Before'));
      await failedUpdate(world, renamed(world));
      let stack = await world.cloudFormation.deleteStack('stack');
      if (stack.status === 'DELETE_FAILED') stack = await world.cloudFormation.deleteStack('stack');
      expect(stack.status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }));

  test('stays as it was before the rename where OnDelete retains it under either name', () =>
    withWorld(async (world) => {
      const before = await world.cloudFormation.createStack(
        'stack',
        actionStack(world, { OnDelete: 'Retain' }, 'Before'),
      );
      const form = formOf(world, idOf(before, 'Before'));
      await failedUpdate(world, renamed(world, { OnDelete: 'Delete' }));
      await world.cloudFormation.deleteStack('stack');
      expect(formOf(world, idOf(before, 'Before'))).toEqual(form);
      expect(records(world)).toEqual([]);
    }));
});
