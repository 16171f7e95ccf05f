/**
 * CloudFormation's own contract tests for resource types (cloudformation-cli,
 * src/rpdk/core/contract/suite/resource), translated to custom resources. They run for every type that has
 * inputs.
 */
import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import type { ReplacementRollback, SentRequest, StackView } from '../../local/cloudformation/stack.ts';
import { objects } from '../../local/faults/verdicts.ts';
import { type Inputs, inWorldOf, types } from '../../local/provider/inputs.ts';
import { inWorld, only, reasons, type World, type WorldOptions } from '../../local/provider/world.ts';
import { deleteByHand, refusesDelete } from './by-hand.ts';

const cases = types.flatMap(({ type, inputs }) =>
  inputs.map((of) => ({ name: `${type} ${of.number}`, type, of })),
);
const replacing = cases.filter(({ of }) => of.replace !== undefined);

/** Expects in Genesys Cloud what the template asks for; answers the object's id. */
function expectRemote(world: World, stack: StackView, expected: Record<string, unknown> = {}): string {
  const id = stack.resources['Thing']?.physicalId ?? '';
  expect(world.remote(id)).toMatchObject(inWorldOf(expected, world));
  return id;
}

/** The verbs of one type in one world. */
function driver(world: World, type: string, of: Inputs) {
  const template = (which: 'create' | 'update' | 'replace', extra: Record<string, unknown> = {}) =>
    only(type, { ...inWorldOf(of[which]?.properties ?? {}, world), ...extra });
  const { cloudFormation } = world;
  return {
    template,
    create: () => cloudFormation.createStack('stack', template('create')),
    update: (which: 'update' | 'replace' | 'create', extra = {}) =>
      cloudFormation.updateStack('stack', template(which, extra)),
    delete: () => cloudFormation.deleteStack('stack'),
    /** An update whose second resource fails after this one succeeded. */
    failAfter: (which: 'update' | 'replace') => {
      const { Resources } = template(which);
      const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
      return cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
    },
  };
}

/** The expectations at the end of every test in this file. */
function expectClean(world: World): void {
  expect(world.cloudFormation.violations()).toEqual([]);
  expect(world.leaks()).toEqual([]);
}

/** Expects exactly the stack's objects in Genesys Cloud. */
function expectOnly(world: World, stack: StackView): void {
  const { physicalId = '', attributes = {} } = stack.resources['Thing'] ?? {};
  const [record] = world.ledger('OBJECT#integration').values();
  const { previousCredentialId = '' } = (record?.['details'] ?? {}) as Record<string, string>;
  const believed = [physicalId, attributes['CredentialId'] ?? '', previousCredentialId].filter(
    (id) => id !== '',
  );
  expect(
    objects(world)
      .map(([key]) => key.split(' ')[1])
      .sort(),
  ).toEqual(believed.sort());
}

const genesysCalls = (world: World) => world.genesys.calls().length;

describe.each(cases)('$name', ({ type, of }) => {
  const here = (
    options: WorldOptions,
    run: (world: World, drive: ReturnType<typeof driver>) => Promise<void>,
  ) =>
    inWorld(options, async (world) => {
      await run(world, driver(world, type, of));
      await world.cloudFormation.idle();
      expectClean(world);
    });

  test('a Create makes its object: it is there, it is listed, and it has all its attributes', async () => {
    await here({}, async (world, drive) => {
      const stack = await drive.create();
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(stack.status).toBe('CREATE_COMPLETE');
      expectRemote(world, stack, of.create.remote);
      expectOnly(world, stack);
      expect(Object.keys(stack.resources['Thing']?.attributes ?? {})).not.toEqual([]);
    });
  });

  test('a Delete leaves nothing, a second Delete succeeds, and the same can be created again', async () => {
    await here({}, async (world, drive) => {
      const { id: stackId } = await drive.create();
      await drive.delete();
      expect(world.cloudFormation.describe(stackId).status).toBe('DELETE_COMPLETE');
      expect(objects(world)).toEqual([]);
      expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
      const deleted = world.requests().at(-1) as SentRequest;
      await sendAgain(world, deleted.event);
      const again = await drive.create();
      expect(again.status).toBe('CREATE_COMPLETE');
      expectRemote(world, again, of.create.remote);
      expectOnly(world, again);
    });
  });

  test('an Update in place keeps the id and changes the object as asked', async () => {
    await here({}, async (world, drive) => {
      const id = expectRemote(world, await drive.create(), of.create.remote);
      const stack = await drive.update('update');
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(expectRemote(world, stack, of.update.remote)).toBe(id);
      expectOnly(world, stack);
      await drive.delete();
      expect(objects(world)).toEqual([]);
    });
  });

  test('an Update that changes nothing makes no call to Genesys Cloud; a new Nonce writes over changes that others made', async () => {
    await here({}, async (world, drive) => {
      await drive.create();
      const before = genesysCalls(world);
      const unchanged = await drive.update('create', { ServiceTimeout: 600 });
      expect(unchanged.status).toBe('UPDATE_COMPLETE');
      expect(genesysCalls(world)).toBe(before);
      const nonce = await drive.update('create', { Nonce: '2' });
      expect(nonce.status).toBe('UPDATE_COMPLETE');
      expect(genesysCalls(world)).toBeGreaterThan(before);
      expectRemote(world, nonce, of.create.remote);
    });
  });

  test('an Update whose object somebody deleted makes it anew, where Genesys Cloud has a DELETE', async () => {
    await here({}, async (world, drive) => {
      const id = expectRemote(world, await drive.create());
      if (of.create.hasNoDelete === true) {
        expect(await refusesDelete(world, id)).toBe(true);
        return;
      }
      await deleteByHand(world, id);
      const stack = await drive.update('update');
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(expectRemote(world, stack, of.update.remote)).not.toBe(id);
      await drive.delete();
      // Nobody saw the deletion of the first object, so its record stays.
      const known = [...world.ledger('OBJECT#').values()].filter(
        ({ believedGoneAt }) => believedGoneAt === undefined,
      );
      expect(known).toEqual([]);
      expect(objects(world).filter(([key]) => !key.startsWith('credentials'))).toEqual([]);
    });
  });

  test('an update that fails elsewhere is rolled back to what was there', async () => {
    await here({}, async (world, drive) => {
      const id = expectRemote(world, await drive.create());
      const stack = await drive.failAfter('update');
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(expectRemote(world, stack, of.create.remote)).toBe(id);
      expectOnly(world, stack);
    });
  });

  test('a Create that fails elsewhere is rolled back to nothing', async () => {
    await here({}, async (world, drive) => {
      const { Resources } = drive.template('create');
      const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
      const stack = await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Bad } });
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(objects(world)).toEqual([]);
      expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
    });
  });

  test('a second object beside the first is refused where there can be only one, and takes nothing away', async () => {
    await here({}, async (world, drive) => {
      const first = await drive.create();
      const second = await world.cloudFormation.createStack('stack-2', drive.template('create'));
      if (of.create.unique !== true) {
        expect(second.status).toBe('CREATE_COMPLETE');
        return;
      }
      expect(second.status).toBe('ROLLBACK_COMPLETE');
      expectRemote(world, first, of.create.remote);
      expectOnly(world, first);
    });
  });

  test.each(['again', 'at once', 'after the answer'] as const)(
    'a request delivered twice (%s) makes one object',
    async (how) => {
      await here({ cloudFormation: { redelivery: () => how } }, async (world, drive) => {
        const created = await drive.create();
        await world.cloudFormation.idle();
        expect(created.status).toBe('CREATE_COMPLETE');
        expectOnly(world, created);
        const updated = await drive.update('update');
        await world.cloudFormation.idle();
        expect(updated.status).toBe('UPDATE_COMPLETE');
        expectOnly(world, updated);
        await drive.delete();
        await world.cloudFormation.idle();
        expect(objects(world)).toEqual([]);
      });
    },
  );

  test('a request delivered again after its answer was accepted costs no call to Genesys Cloud, hours later too', async () => {
    await here({}, async (world, drive) => {
      await drive.create();
      await drive.update('update');
      await drive.delete();
      await world.cloudFormation.idle();
      const before = genesysCalls(world);
      for (const hours of [0, 0.5, 1.5]) {
        world.clock.advance(hours * 3_600_000);
        world.containers.coolDown();
        for (const { event } of world.requests()) await world.cloudFormation.redeliver(event.RequestId);
        expect(genesysCalls(world)).toBe(before);
      }
      for (const { uploads } of world.requests()) expect(uploads).toHaveLength(1);
    });
  });
});

describe.each(replacing)('replacement of $name', ({ type, of }) => {
  test('makes the new one, answers its id, and the clean-up deletes the old one', async () => {
    await inWorld({}, async (world) => {
      const drive = driver(world, type, of);
      const id = expectRemote(world, await drive.create());
      const stack = await drive.update('replace');
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(expectRemote(world, stack, of.replace?.remote)).not.toBe(id);
      expectOnly(world, stack);
      await drive.delete();
      expect(objects(world)).toEqual([]);
      expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
      expectClean(world);
    });
  });

  const orders: ReplacementRollback[] = [
    'update-back-then-delete-new',
    'update-old-then-delete-new',
    'delete-new-only',
    'update-back',
  ];
  test.each(orders)('is rolled back to the old one (%s)', async (replacementRollback) => {
    await inWorld({ cloudFormation: { replacementRollback } }, async (world) => {
      const drive = driver(world, type, of);
      const id = expectRemote(world, await drive.create());
      world.clock.advance(5_000);
      const stack = await drive.failAfter('replace');
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(expectRemote(world, stack, of.create.remote)).toBe(id);
      // No Delete of the new object comes in this order, so the next Update or Delete removes it.
      if (replacementRollback !== 'update-back') expectOnly(world, stack);
      await drive.delete();
      expect(objects(world)).toEqual([]);
      expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
      expectClean(world);
    });
  });
});

describe.each(types)('bad input of $type', ({ type, invalid, inputs }) => {
  test.each(invalid)(
    '$file is refused with its reason before any call',
    async ({ properties, reason = '' }) => {
      await inWorld({}, async (world) => {
        const stack = await world.cloudFormation.createStack(
          'stack',
          only(type, inWorldOf(properties, world)),
        );
        expect(stack.status).toBe('ROLLBACK_COMPLETE');
        expect(reasons(stack)).toMatch(new RegExp(reason));
        expect(stack.resources['Thing']?.physicalId).toMatch(/^nothing-created\//);
        expect(objects(world)).toEqual([]);
        expect(world.genesys.calls().filter(({ method }) => method !== 'GET' && method !== 'POST')).toEqual(
          [],
        );
        expectClean(world);
      });
    },
  );

  test.each(invalid)(
    '$file as an update keeps the object, and the next update succeeds',
    async ({ properties }) => {
      await inWorld({}, async (world) => {
        const of = inputs[0] as Inputs;
        const drive = driver(world, type, of);
        const id = expectRemote(world, await drive.create());
        const failed = await world.cloudFormation.updateStack(
          'stack',
          only(type, inWorldOf(properties, world)),
        );
        expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(expectRemote(world, failed, of.create.remote)).toBe(id);
        expect((await drive.update('update')).status).toBe('UPDATE_COMPLETE');
        expectClean(world);
      });
    },
  );
});

/** The same Delete under a new RequestId, as a person's second `delete-stack` sends it. */
async function sendAgain(world: World, event: CustomResourceEvent): Promise<void> {
  const { ResponseURL: _, ...request } = event;
  const slot = world.responses.open({ ...request, RequestId: `${event.RequestId}-again` });
  slot.countDelivery();
  expect(await world.containers.invoke(slot.event)).toBe('returned');
  expect((await slot.answered).status).toBe('SUCCESS');
}
