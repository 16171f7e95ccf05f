/** An adopted object is left behind, deleted or put back, as OnDelete and the kind of Delete say. */
import { ACTION, action, idOf, withFailure, withWorld } from '../../../local/provider/stacks.ts';
import { OAUTH_SECRET, reasons, SEALING_SECRET, type World } from '../../../local/provider/world.ts';
import { actionByHand } from '../by-hand.ts';
import { attemptIdOf, send } from '../send.ts';
import { actionStack, adoptables, expectNoSecrets, formOf, records, writes } from './adoptable.ts';

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
        world.loseLedger();
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
    world.loseLedger();
    world.containers.coolDown();
    const moved = await world.cloudFormation.createStack('new', actionStack(world, { AdoptExisting: true }));
    expect(moved.status).toBe('CREATE_COMPLETE');
    expect(idOf(moved)).toBe(idOf(stack));
  }));

test('where the stack cannot be asked, an adoption of less than a day is put back', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    const before = formOf(world, id);
    world.aws.unreachable.add('cloudformation');
    const stack = await world.cloudFormation.createStack(
      'stack',
      withFailure(actionStack(world, { AdoptExisting: true, OnDelete: 'Delete' })),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(formOf(world, id)).toEqual(before);
    expect(records(world)).toEqual([]);
  }));

test('where the stack cannot be asked, OnDelete decides about an adoption of more than a day', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    world.aws.unreachable.add('cloudformation');
    await world.cloudFormation.createStack(
      'stack',
      actionStack(world, { AdoptExisting: true, OnDelete: 'Delete' }),
    );
    world.clock.advance(24 * 3600_000);
    await world.cloudFormation.deleteStack('stack');
    expect(world.remote(id)).toBeUndefined();
  }));

test.each(adoptables)(
  'what fails half-way while it is adopted is put back, though its stack cannot be asked: $what',
  ({ template, byHand }) =>
    withWorld(async (world) => {
      const id = byHand(world);
      const before = formOf(world, id);
      const there = [...world.made().keys()];
      world.aws.unreachable.add('cloudformation');
      // Before that an integration has got its configuration, by a PUT below its path.
      for (const method of ['PATCH', 'PUT'])
        world.genesys.faults({
          match: { method, pattern: `/${id}$` },
          action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
        });
      const stack = await world.cloudFormation.createStack('stack', template(world, { AdoptExisting: true }));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
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

/** Makes a new secret for the OAuth client. Genesys Cloud accepts only this one from now on. */
function rotateClientSecret(world: World): void {
  const secret = `rotated-${crypto.randomUUID()}`;
  world.genesys.seed({ clients: [{ id: world.genesys.clientId, secret }] });
  world.aws.secrets.set(OAUTH_SECRET, {
    text: JSON.stringify({ client_id: world.genesys.clientId, client_secret: secret }),
  });
  world.containers.coolDown();
}

test.each(adoptables)(
  'a rotation of the client secret between adoption and rollback loses nothing: $what',
  ({ template, byHand }) => {
    let rotate = () => {};
    return withWorld(
      async (world) => {
        const id = byHand(world);
        const before = formOf(world, id);
        const there = [...world.made().keys()];
        let rotations = 0;
        rotate = () => {
          expect(formOf(world, id)).not.toEqual(before);
          rotateClientSecret(world);
          rotations += 1;
        };
        const stack = await world.cloudFormation.createStack(
          'stack',
          withFailure(template(world, { AdoptExisting: true })),
        );
        expect({ rotations, status: stack.status }).toEqual({ rotations: 1, status: 'ROLLBACK_COMPLETE' });
        expect(formOf(world, id)).toEqual(before);
        expect([...world.made().keys()]).toEqual(there);
        expect(records(world)).toEqual([]);
        expectNoSecrets(world);
      },
      {
        // The resource that fails the stack comes when all others are there.
        redelivery: ({ LogicalResourceId, RequestType }) => {
          if (LogicalResourceId === 'Bad' && RequestType === 'Create') rotate();
          return 'once';
        },
      },
    );
  },
);

test('an adopted object that another provider sealed fails its rollback with the way out, and stays', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    const before = formOf(world, id);
    const sealing = world.aws.secrets.get(SEALING_SECRET)?.text ?? '';
    world.containers.onEnd = ({ RequestType }) => {
      world.containers.coolDown();
      if (RequestType === 'Create') world.aws.secrets.set(SEALING_SECRET, { text: 'of another stack' });
    };
    const failed = await world.cloudFormation.createStack(
      'stack',
      withFailure(actionStack(world, { AdoptExisting: true })),
    );
    expect(failed.status).toBe('ROLLBACK_FAILED');
    expect(reasons(failed)).toContain('before its adoption cannot be read');
    world.aws.secrets.set(SEALING_SECRET, { text: sealing });
    world.clock.advance(60_000);
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
    expect(formOf(world, id)).toEqual(before);
  }));
