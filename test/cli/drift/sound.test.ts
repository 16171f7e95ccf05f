/** Nothing differs after a deployment of any kind, for every type. */
import { type Input, inWorldOf, types } from '../../../local/provider/inputs.ts';
import { withFailure } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { drift } from './running.ts';

const everyInput = types.flatMap(({ type, inputs }) => inputs.map((input) => ({ type, ...input })));

const templateOf = (world: World, type: string, { properties }: Input) =>
  only(type, inWorldOf(properties, world));

/** Nothing differs, and every object was compared. */
async function nothingDiffers(world: World, objects: number): Promise<void> {
  const { code, out, problems } = await drift(world, '--format', 'json');
  expect({ problems, code, ...JSON.parse(out || '{}') }).toMatchObject({
    problems: '',
    code: 0,
    objects,
    findings: [],
    notCompared: [],
  });
}

test.each(everyInput)('$type $number: created, updated, replaced, rolled back', async (input) => {
  const { type, before, create, update, replace } = input;
  await inWorld({}, async (world) => {
    const { cloudFormation } = world;
    if (before) world.genesys.seed(inWorldOf(before, world));
    await cloudFormation.createStack('stack', templateOf(world, type, create));
    await nothingDiffers(world, 1);
    const updated = await cloudFormation.updateStack('stack', templateOf(world, type, update));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    await nothingDiffers(world, 1);
    const back = await cloudFormation.updateStack('stack', withFailure(templateOf(world, type, create)));
    expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    await nothingDiffers(world, 1);
    if (replace === undefined) return;
    await cloudFormation.updateStack('stack', templateOf(world, type, replace));
    await nothingDiffers(world, 1);
  });
});
