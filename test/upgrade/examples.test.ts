/** The resources of every example of the baseline live on under the version at hand. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import { withFailure } from '../protocol/stacks.ts';
import { exampleIn, examples, putDefinition } from './examples.ts';
import { UpgradeWorld } from './upgrade-world.ts';
import { unpackVersions } from './versions.ts';

const { versions, remove } = await unpackVersions();
afterAll(remove);

const idsOf = ({ resources }: StackView) =>
  Object.entries(resources).map(([logicalId, { physicalId }]) => `${logicalId} ${physicalId}`);

test.concurrent.each(examples)(
  'the same template and a failed update write nothing, and the deletion leaves nothing: %s',
  async (file) => {
    const world = await UpgradeWorld.start(versions);
    try {
      putDefinition(world.zip);
      const template = (serviceTimeout: number) => exampleIn(world.zip, file, serviceTimeout);
      const stack = () => world.zip.cloudFormation.describe('stack');
      await world.create(template(600));
      const before = idsOf(stack());
      world.use('atHand');
      world.zip.genesys.resetCalls();
      await world.update(template(601));
      expect(idsOf(stack())).toEqual(before);
      await world.update(withFailure(template(602)), 'UPDATE_ROLLBACK_COMPLETE');
      expect(idsOf(stack()).slice(0, before.length)).toEqual(before);
      expect(world.writes()).toEqual([]);
      await world.expectDeleted();
    } finally {
      await world.stop();
    }
  },
  600_000,
);
