/** The version at hand goes on with everything that the baseline has made. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inputsIn } from '../../local/provider/inputs.ts';
import { journeys } from './journeys.ts';
import { type Subject, UpgradeWorld } from './upgrade-world.ts';
import { source, unpackVersions } from './versions.ts';

const inputs = join(source, 'test/protocol/inputs');
const types = readdirSync(inputs).map((type) => ({
  type: `Custom::${type}`,
  numbers: inputsIn(join(inputs, type)),
}));

const cases = journeys.flatMap((journey) =>
  types.flatMap(({ type, numbers }) => {
    const suited = numbers.filter((of) => journey.suits?.(of) ?? true);
    return (journey.isForAllInputs ? suited : suited.slice(0, 1)).map((of) => ({
      name: `${journey.name}: ${type}, inputs ${of.number}`,
      subject: { type, inputs: of } satisfies Subject,
      journey,
    }));
  }),
);
const { versions, remove } = await unpackVersions();
afterAll(remove);

describe.each(types)('in one world, one after the other: $type', ({ type }) => {
  let world: UpgradeWorld;
  beforeAll(async () => {
    world = await UpgradeWorld.start(versions);
  });
  afterAll(() => world.stop());

  test.each(cases.filter(({ journey, subject }) => !journey.needsOwnWorld && subject.type === type))(
    '$name',
    async ({ subject, journey }) => {
      world.begin(subject);
      await journey.run(world, subject.inputs);
    },
  );
});

// Jest starts these with the first test of the file. They mostly wait while the tests above run.
test.concurrent.each(cases.filter(({ journey }) => journey.needsOwnWorld))(
  '$name',
  async ({ subject, journey }) => {
    const world = await UpgradeWorld.start(versions);
    try {
      world.begin(subject);
      await journey.run(world, subject.inputs);
    } finally {
      await world.stop();
    }
  },
  240_000,
);
