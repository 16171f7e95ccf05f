/** The ways of objects from the baseline to the version at hand. */
import type { Input } from '../../local/provider/inputs.ts';
import { withFailure } from '../../local/provider/stacks.ts';
import type { Subject, UpgradeWorld } from './upgrade-world.ts';

export interface Journey {
  name: string;
  /** Whether the inputs have what the journey needs. Default: always. */
  suits?: (inputs: Subject['inputs']) => boolean;
  /** Whether every number of inputs goes this way. Default: the first that suits, of each type. */
  isForAllInputs?: boolean;
  /** Whether it waits for long or leaves objects behind. Default: journeys of a type share a world. */
  needsOwnWorld?: boolean;
  run: (world: UpgradeWorld, inputs: Subject['inputs']) => Promise<void>;
}

const replaces = ({ replace }: Subject['inputs']) => replace !== undefined;
const adopts = ({ create }: Subject['inputs']) => create.properties['AdoptExisting'] === true;

/** The same input, for an object that is adopted by its id. */
function adopting({ properties: { AdoptExisting: _, ...properties }, ...input }: Input, id: string): Input {
  return { ...input, properties: { ...properties, ExistingId: id } };
}

/** These wait for the lease of a process that died, so they begin first. */
const interrupted: Journey[] = [
  ...(['Create', 'Update', 'Delete'] as const).map(
    (request): Journey => ({
      name: `the baseline dies in the ${request}, and the version at hand gets Lambda's repeat`,
      run: async (world, { create, update }) => {
        world.afterWrite = {
          of: request,
          act: () => {
            world.use('atHand');
            return world.die();
          },
        };
        const id = await world.create(world.template(create));
        world.expectObjects(id);
        if (request !== 'Delete') {
          expect(await world.update(world.template(update))).toBe(id);
          world.expectRemote(id, update);
          world.expectObjects(id);
        }
        expect(world.afterWrite === undefined).toBe(request !== 'Delete');
        await world.expectDeleted();
      },
    }),
  ),
  {
    name: 'the baseline works on a Create, and the version at hand gets the same event',
    run: async (world, { create }) => {
      let twin: Promise<void> | undefined;
      world.afterWrite = {
        of: 'Create',
        act: ({ RequestId }) => {
          world.use('atHand');
          twin = world.zip.cloudFormation.redeliver(RequestId);
          return world.ledgerRead();
        },
      };
      const id = await world.create(world.template(create));
      expect(twin).toBeDefined();
      await twin;
      world.expectObjects(id);
      await world.expectUntouched(id, create);
      await world.expectDeleted();
    },
  },
];

const upgraded: Journey[] = [
  {
    name: 'the first request after the upgrade is an update that fails and is rolled back',
    run: async (world, { create, update }) => {
      const id = await world.create(world.template(create));
      world.use('atHand');
      await world.expectWentBack(id, withFailure(world.template(update)));
      expect(world.writesElsewhere(id)).toEqual([]);
      await world.expectDeleted();
    },
  },
  {
    name: 'the first request after the upgrade is a deletion',
    run: async (world, { create }) => {
      await world.create(world.template(create));
      world.use('atHand');
      await world.expectDeleted();
    },
  },
  {
    name: 'a failed replacement leaves the object alone',
    suits: replaces,
    run: async (world, { create, replace = create }) => {
      const id = await world.create(world.template(create));
      world.use('atHand');
      await world.expectWentBack(id, withFailure(world.template(replace)));
      expect(world.writes().filter((write) => write.includes(id))).toEqual([]);
      await world.expectDeleted();
    },
  },
  {
    name: 'the baseline replaces, and the version at hand cleans up',
    suits: replaces,
    run: async (world, { create, replace = create }) => {
      const before = await world.create(world.template(create));
      world.onEvent = ({ RequestType }) => {
        if (RequestType === 'Delete') world.use('atHand');
      };
      const id = await world.update(world.template(replace));
      expect(id).not.toBe(before);
      world.expectObjects(id);
      await world.expectUntouched(id, replace);
      await world.expectDeleted();
    },
  },
  {
    name: 'the baseline replaces, its clean-up fails, and the version at hand removes the leftover',
    suits: replaces,
    run: async (world, { create, replace = create }) => {
      const before = await world.create(world.template(create));
      world.refuseOnce('DELETE');
      const id = await world.update(world.template(replace));
      world.expectObjects(id, before);
      world.use('atHand');
      const form = world.form(id);
      expect(await world.update(world.template(replace, { ServiceTimeout: 600 }))).toBe(id);
      world.expectObjects(id);
      expect(world.form(id)).toEqual(form);
      await world.expectDeleted();
    },
  },
  {
    name: 'the baseline replaces, and the version at hand rolls back',
    suits: replaces,
    run: async (world, { create, replace = create }) => {
      const id = await world.create(world.template(create));
      world.onEvent = ({ LogicalResourceId }) => {
        if (LogicalResourceId === 'Bad') world.use('atHand');
      };
      await world.expectWentBack(id, withFailure(world.template(replace)));
      await world.expectDeleted();
    },
  },
];

const failed: Journey[] = [
  {
    name: 'a creation fails later, and the version at hand rolls back',
    run: async (world, { create }) => {
      world.onEvent = ({ LogicalResourceId }) => {
        if (LogicalResourceId === 'Bad') world.use('atHand');
      };
      await world.create(withFailure(world.template(create)), 'ROLLBACK_COMPLETE');
      world.expectObjects();
      await world.expectDeleted();
    },
  },
  {
    name: 'a failed Create is kept, and tried again',
    run: async (world, { create }) => {
      world.refuseOnce('POST');
      await world.create(world.template(create), 'CREATE_FAILED');
      world.use('atHand');
      const id = await world.retry('CREATE_COMPLETE');
      world.expectObjects(id);
      world.expectRemote(id, create);
      await world.expectDeleted();
    },
  },
  {
    name: 'a failed Create is kept, and deleted',
    run: async (world, { create }) => {
      world.refuseOnce('POST');
      await world.create(world.template(create), 'CREATE_FAILED');
      world.use('atHand');
      await world.expectDeleted();
    },
  },
  {
    name: 'a failed update is kept, and rolled back',
    run: async (world, { create, update }) => {
      const id = await world.create(world.template(create));
      const before = world.form(id);
      await world.update(withFailure(world.template(update)), 'UPDATE_FAILED');
      world.use('atHand');
      expect(await world.rollBack()).toBe(id);
      expect(world.form(id)).toEqual(before);
      world.expectObjects(id);
      await world.expectDeleted();
    },
  },
  {
    name: 'a failed update is kept, and tried again',
    run: async (world, { create, update }) => {
      const id = await world.create(world.template(create));
      await world.update(withFailure(world.template(update)), 'UPDATE_FAILED');
      world.use('atHand');
      expect(await world.retry('UPDATE_COMPLETE', world.template(update))).toBe(id);
      world.expectRemote(id, update);
      world.expectObjects(id);
      await world.expectDeleted();
    },
  },
];

const adopted: Journey[] = [
  {
    name: 'an adopted object is not touched, changed in place, and deleted as its template says',
    suits: adopts,
    run: async (world, { create, update }) => {
      const { id, others } = await world.unowned(update);
      expect(await world.create(world.template(adopting(create, id)))).toBe(id);
      world.use('atHand');
      await world.expectUntouched(id, adopting(create, id));
      await world.expectChanged(id, adopting(update, id));
      // The credential of before was not the stack's.
      await world.expectDeleted({ butFor: others });
    },
  },
  {
    name: 'an adoption is put back in a rollback',
    suits: adopts,
    run: async (world, { create, update }) => {
      const { id, others } = await world.unowned(update);
      const before = world.form(id);
      world.onEvent = ({ LogicalResourceId }) => {
        if (LogicalResourceId === 'Bad') world.use('atHand');
      };
      await world.create(withFailure(world.template(adopting(create, id))), 'ROLLBACK_COMPLETE');
      expect(world.form(id)).toEqual(before);
      await world.expectDeleted({ butFor: [id, ...others] });
      expect(world.form(id)).toEqual(before);
    },
  },
  {
    name: 'an adoption of a failed creation that was kept is put back by the deletion',
    suits: adopts,
    run: async (world, { create, update }) => {
      const { id, others } = await world.unowned(update);
      const before = world.form(id);
      await world.create(withFailure(world.template(adopting(create, id))), 'CREATE_FAILED');
      expect(world.form(id)).not.toEqual(before);
      world.use('atHand');
      await world.expectDeleted({ butFor: [id, ...others] });
      expect(world.form(id)).toEqual(before);
    },
  },
];

const thereAndBack: Journey[] = [
  {
    name: 'nothing, a failed update and a change are asked for, and the provider goes back and forth',
    isForAllInputs: true,
    run: async (world, { create, update }) => {
      const id = await world.create(world.template(create));
      world.use('atHand');
      await world.expectUntouched(id, create);
      await world.expectWentBack(id, withFailure(world.template(update)));
      expect(world.writesElsewhere(id)).toEqual([]);
      await world.expectChanged(id, update);
      world.use('baseline');
      const wentOn = await world.goesOnOrRefuses(() => world.expectUntouched(id, update));
      if (wentOn) await world.expectChanged(id, create);
      world.use('atHand');
      if (!wentOn) expect(await world.rollBack()).toBe(id);
      await world.expectUntouched(id, wentOn ? create : update);
      await world.expectDeleted();
    },
  },
  {
    name: 'the version at hand makes the object, and the provider goes back to the baseline',
    run: async (world, { create, update }) => {
      world.use('atHand');
      const id = await world.create(world.template(create));
      world.use('baseline');
      const wentOn = await world.goesOnOrRefuses(() => world.expectUntouched(id, create));
      if (wentOn) await world.expectChanged(id, update);
      else {
        world.use('atHand');
        expect(await world.rollBack()).toBe(id);
      }
      await world.expectDeleted();
    },
  },
  {
    name: 'the baseline refuses records in a newer format before any write, and the newer version goes on',
    run: async (world, { create }) => {
      const id = await world.create(world.template(create));
      world.setFormatOfObjects(2);
      const wentOn = await world.goesOnOrRefuses(() => world.expectUntouched(id, create));
      expect(wentOn).toBe(false);
      world.setFormatOfObjects(1);
      world.use('atHand');
      expect(await world.rollBack()).toBe(id);
      await world.expectUntouched(id, create);
      await world.expectDeleted();
    },
  },
];

const inOwnWorld = (journey: Journey): Journey => ({ ...journey, needsOwnWorld: true });

export const journeys: Journey[] = [
  ...[...interrupted, ...adopted].map(inOwnWorld),
  ...upgraded,
  ...failed,
  ...thereAndBack,
];
