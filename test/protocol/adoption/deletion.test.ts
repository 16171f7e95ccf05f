/** An adopted object is left behind, deleted or put back, as OnDelete and the kind of Delete say. */
import { actionByHand } from '../by-hand.ts';
import { attemptIdOf, send } from '../send.ts';
import { ACTION, action, idOf, withFailure, withWorld } from '../stacks.ts';
import { LEDGER, OAUTH_SECRET } from '../world.ts';
import { actionStack, adoptables, formOf, records, writes } from './adoptable.ts';

describe.each(adoptables)('the Delete of a $what', ({ template, byHand }) => {
  test('leaves by default an adopted one as it is, without a write, and owned by nobody', () =>
    withWorld(async (world) => {
      const id = byHand(world);
      await world.cloudFormation.createStack('stack', template(world, { AdoptExisting: true }));
      const form = formOf(world, id);
      const there = [...world.made().keys()];
      world.genesys.resetCalls();
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      expect(writes(world)).toEqual([]);
      expect(formOf(world, id)).toEqual(form);
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
    }));

  test('with OnDelete: Delete deletes an adopted one, and nothing that others made', () =>
    withWorld(async (world) => {
      const id = byHand(world);
      const others = [...world.made().keys()].filter((key) => !key.endsWith(id));
      await world.cloudFormation.createStack(
        'stack',
        template(world, { AdoptExisting: true, OnDelete: 'Delete' }),
      );
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual(others);
    }));

  test('with OnDelete: Retain leaves a created one, credential included, for another stack to take up', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', template(world, {}));
      await world.cloudFormation.updateStack('stack', template(world, { OnDelete: 'Retain' }));
      const there = [...world.made().keys()];
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
      const other = await world.cloudFormation.createStack(
        'other',
        template(world, { ExistingId: idOf(stack) }),
      );
      expect(other.status).toBe('CREATE_COMPLETE');
      expect(idOf(other)).toBe(idOf(stack));
    }));

  test('in the rollback of its own creation deletes a created one, whatever OnDelete says', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack(
        'stack',
        withFailure(template(world, { OnDelete: 'Retain' })),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }));

  test.each(['', ', after an update too'])(
    'with a lost ledger leaves what the template says was adopted%s',
    (updated) =>
      withWorld(async (world) => {
        const id = byHand(world);
        await world.cloudFormation.createStack('stack', template(world, { AdoptExisting: true }));
        world.aws.tables.get(LEDGER)?.clear();
        if (updated)
          await world.cloudFormation.updateStack(
            'stack',
            template(world, { AdoptExisting: true, Nonce: '2' }),
          );
        await world.cloudFormation.deleteStack('stack');
        expect(world.remote(id)).toBeDefined();
      }),
  );
});

test('an object moves to another provider, with another ledger, under the same id', () =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('old', actionStack(world));
    await world.cloudFormation.updateStack('old', actionStack(world, { OnDelete: 'Retain' }));
    await world.cloudFormation.deleteStack('old');
    world.aws.tables.set(LEDGER, new Map());
    world.containers.coolDown();
    const moved = await world.cloudFormation.createStack('new', actionStack(world, { AdoptExisting: true }));
    expect(moved.status).toBe('CREATE_COMPLETE');
    expect(idOf(moved)).toBe(idOf(stack));
  }));

test('where the stack cannot be asked, a rollback leaves an adopted object as OnDelete says', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    world.aws.unreachable.add('cloudformation');
    const stack = await world.cloudFormation.createStack(
      'stack',
      withFailure(actionStack(world, { AdoptExisting: true })),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(formOf(world, id)).toMatchObject({ category: 'Orders' });
    expect(records(world)).toEqual([]);
  }));

test.each(adoptables)(
  'what fails half-way while it is adopted is put back, though its stack cannot be asked: $what',
  ({ template, byHand }) =>
    withWorld(async (world) => {
      const id = byHand(world);
      const before = formOf(world, id);
      const there = [...world.made().keys()];
      world.aws.unreachable.add('cloudformation');
      world.genesys.faults({
        match: { method: 'PATCH', path: '/api/v2/integrations/{integrationId}' },
        action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
      });
      world.genesys.faults({
        match: { method: 'PATCH', path: '/api/v2/integrations/actions/{actionId}' },
        action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
      });
      const stack = await world.cloudFormation.createStack('stack', template(world, { AdoptExisting: true }));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(world.requests().at(-1)?.event.PhysicalResourceId).toBe(id);
      expect(formOf(world, id)).toEqual(before);
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
    }),
);

test.each(['an id that CloudFormation invents', 'failed-create'])(
  'the Delete with %s puts back what the Create took over',
  (marker) =>
    withWorld(
      async (world) => {
        const id = actionByHand(world);
        const before = formOf(world, id);
        if (marker === 'failed-create') {
          const fields = {
            stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/other/1111',
            logicalId: 'Other',
          };
          const requestId = crypto.randomUUID();
          await send(
            world,
            { ...fields, RequestType: 'Create', requestId },
            ACTION,
            action(world, { ExistingId: id }),
          );
          expect(formOf(world, id)).not.toEqual(before);
          await send(
            world,
            { ...fields, RequestType: 'Delete', id: `failed-create/${attemptIdOf(world, requestId)}` },
            ACTION,
            {},
          );
        } else {
          const isCreate = ({ RequestType }: { RequestType: string }) => RequestType === 'Create';
          world.responses.fault({ kind: 'status', status: 503 }, 1_000, isCreate);
          const stack = await world.cloudFormation.createStack(
            'stack',
            actionStack(world, { ExistingId: id, ServiceTimeout: 400 }),
          );
          expect(stack.status).toBe('ROLLBACK_COMPLETE');
          await world.cloudFormation.idle();
        }
        expect(formOf(world, id)).toEqual(before);
        expect(records(world)).toEqual([]);
      },
      { retryDelaysMs: [] },
    ),
);

test('a form that was kept under an earlier client secret fails the rollback with the way out, and is not lost', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    const before = formOf(world, id);
    const { clientId, clientSecret } = world.genesys;
    const put = (secret: string) => {
      world.genesys.seed({ clients: [{ id: clientId, secret }] });
      world.aws.secrets.set(OAUTH_SECRET, {
        text: JSON.stringify({ client_id: clientId, client_secret: secret }),
      });
    };
    const stack = await world.cloudFormation.createStack(
      'stack',
      actionStack(world, { AdoptExisting: true }),
    );
    // The Delete of a rollback, as another resource's failure would bring it just after the rotation.
    put('another-client-secret');
    world.containers.coolDown();
    const status = world.cloudFormation.describe.bind(world.cloudFormation);
    world.cloudFormation.describe = (name) => ({ ...status(name), status: 'ROLLBACK_IN_PROGRESS' });
    const request = { RequestType: 'Delete' as const, stackId: stack.id, logicalId: 'Thing', id };
    const failed = await send(world, request, ACTION, action(world));
    expect(failed).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('earlier secret') });
    put(clientSecret);
    world.containers.coolDown();
    expect(await send(world, request, ACTION, action(world))).toMatchObject({ status: 'SUCCESS' });
    expect(formOf(world, id)).toEqual(before);
    world.cloudFormation.describe = status;
  }));
