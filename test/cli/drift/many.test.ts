/** A large organization costs few calls, and the built command looks at it as a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACTION, action } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { bundleCli, bundleRemote } from '../../../scripts/build/package.ts';
import { callByHand } from '../../protocol/by-hand.ts';
import { drift, personOf } from './running.ts';

const OBJECTS = 120;
const IN_A_STACK = 60;

const stackOf = (world: World, from: number) => ({
  Resources: Object.fromEntries(
    Array.from({ length: IN_A_STACK }, (_, index) => [
      `Action${from + index}`,
      only(ACTION, action(world, { Name: `Action ${from + index}` })).Resources['Thing'],
    ]),
  ),
});

test(`${OBJECTS} actions: a tenth of a call for each, and the one that was changed is found`, async () => {
  await inWorld({}, async (world) => {
    let last = '';
    for (let from = 0; from < OBJECTS; from += IN_A_STACK) {
      const template = stackOf(world, from) as Parameters<World['cloudFormation']['createStack']>[1];
      const stack = await world.cloudFormation.createStack(`stack-${from}`, template);
      last = stack.resources[`Action${from}`]?.physicalId ?? '';
    }
    world.genesys.resetCalls();
    expect(await drift(world)).toMatchObject({ code: 0, problems: '' });
    expect(world.genesys.calls().length).toBeLessThanOrEqual(OBJECTS / 10);
    const path = `/api/v2/integrations/actions/${last}`;
    const body = { version: 2, name: 'by hand', category: 'Orders' };
    expect((await callByHand(world.genesys, 'PATCH', path, body)).status).toBe(200);
    world.genesys.resetCalls();
    const { code, out } = await drift(world);
    expect(code).toBe(3);
    expect(out).toContain('Name: "Action ');
    expect(out).toContain(`${OBJECTS} objects of `);
    expect(world.genesys.calls().length).toBeLessThanOrEqual(OBJECTS / 10);
  });
}, 180_000);

test('the built command, outside of the checkout, finds the same and prints nothing secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drift-'));
  try {
    await Promise.all([bundleCli(join(folder, 'cli.mjs')), bundleRemote(join(folder, 'remote.mjs'))]);
    await inWorld({}, async (world) => {
      const template = only(ACTION, action(world));
      const stack = await world.cloudFormation.createStack('stack', template);
      const id = stack.resources['Thing']?.physicalId;
      const sound = await command(join(folder, 'cli.mjs'), world);
      expect(sound).toMatchObject({ code: 0, problems: '' });
      expect(sound.out).toMatch(/^1 object of the organization Local .*: nothing differs\n$/);
      await callByHand(world.genesys, 'DELETE', `/api/v2/integrations/actions/${id}`);
      const { code, out, problems } = await command(join(folder, 'cli.mjs'), world);
      expect({ code, problems }).toEqual({ code: 3, problems: '' });
      expect(out).toContain(`stack/Thing: ${ACTION} ${id}: deleted: It was deleted by another hand.`);
      for (const secret of Object.values(world.canaries)) expect(out).not.toContain(secret);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}, 180_000);

const command = (file: string, world: World) =>
  new Promise<{ code: unknown; out: string; problems: string }>((done) => {
    const env = { PATH: process.env['PATH'], ...personOf(world) };
    execFile(process.execPath, [file, 'drift'], { env }, (error, out, problems) =>
      done({ code: error === null ? 0 : error.code, out, problems }),
    );
  });
