/** The resources of every example of the baseline live on under the version at hand. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import { withFailure } from '../../local/provider/stacks.ts';
import { exampleIn, examples, putDefinition } from './examples.ts';
import { UpgradeWorld } from './upgrade-world.ts';
import { unpackVersions } from './versions.ts';

const { versions, remove } = await unpackVersions();
afterAll(remove);

const nameOf = (file: string) => `stack-${file.replace('.yaml', '')}`;
const idsOf = ({ resources }: StackView, like = resources) =>
  Object.keys(like).map((logicalId) => `${logicalId} ${resources[logicalId]?.physicalId}`);

describe('the stacks of all examples in one organization', () => {
  let world: UpgradeWorld;
  const stack = (file: string) => world.zip.cloudFormation.describe(nameOf(file));
  const made = new Map<string, StackView>();

  beforeAll(async () => {
    world = await UpgradeWorld.start(versions);
    putDefinition(world.zip);
    for (const file of examples) {
      await world.create(exampleIn(world.zip, file, 600), 'CREATE_COMPLETE', nameOf(file));
      made.set(file, stack(file));
    }
    world.use('atHand');
  }, 240_000);
  afterAll(() => world.stop());

  test.each(examples)(
    'are not written by the same template or by a failed update, and go: %s',
    async (file) => {
      const { resources = {} } = made.get(file) ?? {};
      const before = Object.entries(resources).map(
        ([logicalId, { physicalId }]) => `${logicalId} ${physicalId}`,
      );
      expect(before).not.toEqual([]);
      world.zip.genesys.resetCalls();
      await world.update(exampleIn(world.zip, file, 601), 'UPDATE_COMPLETE', nameOf(file));
      expect(idsOf(stack(file))).toEqual(before);
      const failing = withFailure(exampleIn(world.zip, file, 602));
      await world.update(failing, 'UPDATE_ROLLBACK_COMPLETE', nameOf(file));
      expect(idsOf(stack(file), resources)).toEqual(before);
      expect(world.writes()).toEqual([]);
      await world.delete(nameOf(file));
    },
  );

  test('leave nothing in Genesys Cloud', () => {
    world.zip.judge();
    expect(world.zip.findings).toEqual([]);
  });
});
