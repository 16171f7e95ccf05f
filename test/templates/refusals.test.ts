/** A wrong parameter is refused before anything is made, with a reason that says what to write instead. */
import { Refused, resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';
import { endpoint } from './refusals/endpoint.ts';
import { examples } from './refusals/examples.ts';
import { network } from './refusals/network.ts';
import { provider } from './refusals/provider.ts';
import { rolesAndKeys } from './refusals/roles-and-keys.ts';
import { rollout } from './refusals/rollout.ts';

const refusals = [...provider, ...endpoint, ...rolesAndKeys, ...network, ...rollout, ...examples];

test.each(refusals)('%s refuses %s', (file, _what, wrong, reason, world = {}) => {
  const template = readTemplate(file);
  const base = scenarios[file]?.base ?? {};
  expect(() => resolve(template, base)).not.toThrow();
  expect(() => resolve(template, { ...base, ...wrong }, world)).toThrow(Refused);
  expect(() => resolve(template, { ...base, ...wrong }, world)).toThrow(reason);
});

test('every assertion of every rule refuses a row of the tables', () => {
  const said = refusals.flatMap(([file, , wrong, , world]) => {
    try {
      resolve(readTemplate(file), { ...scenarios[file]?.base, ...wrong }, world);
      return [];
    } catch (error) {
      return [`${file}: ${(error as Error).message}`];
    }
  });
  const assertions = Object.keys(scenarios).flatMap((file) =>
    Object.values(readTemplate(file).Rules ?? {}).flatMap(({ Assertions }) =>
      Assertions.map(({ AssertDescription }) => `${file}: ${AssertDescription}`),
    ),
  );
  expect(assertions.filter((assertion) => !said.includes(assertion))).toEqual([]);
});
