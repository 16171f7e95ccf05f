/** The version at hand goes on with everything that the baseline has made. */
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzip } from '../../local/cloudformation/zip.ts';
import { baselineFolder } from '../../scripts/baseline.ts';
import { inputsIn } from '../protocol/inputs.ts';
import { journeys } from './journeys.ts';
import { type Subject, UpgradeWorld, type Versions } from './upgrade-world.ts';

const source = await baselineFolder();
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
const scratch = await mkdtemp(join(tmpdir(), 'upgrade-'));
const versions: Versions = { baseline: join(scratch, 'baseline'), atHand: join(scratch, 'at-hand') };
await unzip(await readFile(join(source, 'dist/provider.zip')), versions.baseline);
await unzip(await readFile(join(import.meta.dirname, '../../dist/provider.zip')), versions.atHand);
afterAll(() => rm(scratch, { recursive: true, force: true }));

test.concurrent.each(cases)(
  '$name',
  async ({ subject, journey }) => {
    const world = await UpgradeWorld.start(versions, subject);
    try {
      await journey.run(world, subject.inputs);
    } finally {
      await world.stop();
    }
  },
  600_000,
);
