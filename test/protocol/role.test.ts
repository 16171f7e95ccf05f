/** The role in docs/getting-started.md has every permission that the provider needs. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inWorldOf, types } from '../../local/provider/inputs.ts';
import { inWorld, only, reasons } from '../../local/provider/world.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/getting-started.md'), 'utf8');
const permissions = [...page.matchAll(/`([a-z]+:[a-zA-Z]+:[a-z]+)`/g)].map(
  ([, permission = '']) => permission,
);

test('the page names permissions', () => {
  expect(permissions.length).toBeGreaterThan(10);
});

test.each(
  types.flatMap(({ type, inputs }) => inputs.map((of) => ({ name: `${type} ${of.number}`, type, of }))),
)('$name is created, updated, replaced and deleted with them', ({ type, of }) =>
  inWorld({}, async (world) => {
    world.genesys.seed({ clients: [{ id: world.genesys.clientId, permissions }] });
    const template = (properties: Record<string, unknown>) => only(type, inWorldOf(properties, world));
    const stack = await world.cloudFormation.createStack('stack', template(of.create.properties));
    expect(reasons(stack)).not.toMatch(/permission/);
    for (const input of [of.update, of.replace]) {
      if (input === undefined) continue;
      const updated = await world.cloudFormation.updateStack('stack', template(input.properties));
      expect(reasons(updated)).not.toMatch(/permission/);
      expect(updated.status).toBe('UPDATE_COMPLETE');
    }
    await world.cloudFormation.deleteStack('stack');
    expect(world.cloudFormation.living()).toEqual([]);
  }),
);
