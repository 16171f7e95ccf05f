/** A sound world has no fault, and a look changes nothing. */
import { writes } from './recorder.ts';
import { type DoctorWorld, healthyWorld } from './world.ts';

let world: DoctorWorld;

beforeAll(async () => {
  world = await healthyWorld();
}, 300_000);
afterAll(() => world?.stop());

test('nothing is found, and everything is looked at', async () => {
  const { code, findings } = await world.findings();
  const others = findings.filter(({ state }) => ['fault', 'not-looked-at', 'otherwise'].includes(state));
  expect(others).toEqual([]);
  expect(code).toBe(0);
});

test('no call writes, neither to AWS nor to Genesys Cloud', async () => {
  world.recorder.calls.length = 0;
  world.genesys.resetCalls();
  await world.doctor();
  expect(world.recorder.calls.length).toBeGreaterThan(30);
  expect(writes(world.recorder.calls)).toEqual([]);
  const others = world.genesys.calls().filter(({ method }) => method !== 'GET');
  expect(others.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /oauth/token']);
});
