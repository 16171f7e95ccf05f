/**
 * A provider with consumers moves from a ledger of its own to the one that others share, while stacks are at
 * work.
 */
import { aws, deleteStack, describeStack, outputs } from '../../../local/aws/cli.ts';
import { account, type Ended, home, RolloutWorld, regions, rows } from './world.ts';

let world: RolloutWorld;
beforeAll(async () => {
  world = await RolloutWorld.start();
}, 120_000);
afterAll(() => world?.stop());

const MOVER = 'mover';
const FUNCTION = ['--function-name', `${MOVER}-provider`];
const ledgerRegion = regions[2];
let ledgerArn: string;
const move = (...more: string[]): Promise<Ended> =>
  world.script('move-ledger', '--region', home, '--ledger', ledgerArn, '--export-prefix', MOVER, ...more);

/** Keys of a table of this account. */
async function keysOf(name: string, region: string): Promise<string[]> {
  const scan = ['dynamodb', 'scan', '--table-name', name];
  const { Items } = await aws<{ Items: { pk: { S: string } }[] }>(world.aws, scan, { region });
  return Items.map(({ pk }) => pk.S);
}
const kindsOf = (keys: string[]) => [...new Set(keys.map((key) => key.split('#')[0]))].sort();

async function reservedConcurrency(): Promise<number | undefined> {
  const get = ['lambda', 'get-function-concurrency', ...FUNCTION];
  const { ReservedConcurrentExecutions } = await aws<{ ReservedConcurrentExecutions?: number }>(
    world.aws,
    get,
    {
      region: home,
    },
  );
  return ReservedConcurrentExecutions;
}

test('two providers get one ledger, which the roll-out makes first', async () => {
  const deployed = await world.deployProviders('shared', [regions[1], ledgerRegion]);
  expect(deployed).toMatchObject({ code: 0 });
  ledgerArn =
    (await outputs(world.aws, 'shared-shared-ledger', { region: ledgerRegion }))['LedgerTableArn'] ?? '';
  expect(ledgerArn).toBe(`arn:aws:dynamodb:${ledgerRegion}:${account}:table/shared-shared-ledger`);
  for (const region of [regions[1], ledgerRegion]) {
    expect(await outputs(world.aws, 'shared', { region })).toMatchObject({ LedgerTableArn: ledgerArn });
    await world.consumer('shared', region, `neighbour-${region}`, 'ssm');
  }
  expect(kindsOf(await keysOf('shared-shared-ledger', ledgerRegion))).toEqual([
    'ATTEMPT',
    'NAME',
    'OBJECT',
    'OWNER',
    'PROVIDER',
  ]);
});

test('a provider with a ledger of its own is not given another by a deployment', async () => {
  expect(await world.deployProviders(MOVER, [home])).toMatchObject({ code: 0 });
  await world.consumer(MOVER, home, 'orders', 'export');
  const refused = await world.deployProviders(MOVER, [home], '--parameter', `LedgerTableArn=${ledgerArn}`);
  expect(refused.code).toBe(1);
  expect(rows(refused, account, home)[0]).toMatch(/FAILED: .*first run make move-ledger/);
});

test('a dry run says what there is, and changes nothing', async () => {
  const before = await keysOf(`${MOVER}-ledger`, home);
  const said = await move();
  expect(said.code).toBe(0);
  expect(said.text).toMatch(/OBJECT: 2 items/);
  expect(said.text).toContain('stands still for some');
  expect((await keysOf(`${MOVER}-ledger`, home)).sort()).toEqual(before.sort());
  expect(await reservedConcurrency()).toBeUndefined();
});

test('a move loses neither a Create in flight nor an event of meanwhile', async () => {
  // Invocations end sooner, so the move waits less for them.
  await aws(world.aws, ['lambda', 'update-function-configuration', ...FUNCTION, '--timeout', '8'], {
    region: home,
  });
  world.genesys.faults({
    match: { method: 'POST', path: '/api/v2/integrations/actions' },
    action: { delayMs: 3_000 },
  });
  world.genesys.resetCalls();
  const flight = world.consumer(MOVER, home, 'flight', 'ssm');
  while (
    !world.genesys.calls().some(({ method, path }) => method === 'POST' && path === '/api/v2/integrations')
  )
    await new Promise((look) => setTimeout(look, 50));
  const moving = move('--go');
  while ((await reservedConcurrency()) !== 0) await new Promise((look) => setTimeout(look, 50));
  const meanwhile = world.consumer(MOVER, home, 'meanwhile', 'ssm');
  const moved = await moving;
  expect(moved).toMatchObject({ code: 0, text: expect.stringContaining('compared') });
  await Promise.all([flight, meanwhile]);

  expect(await reservedConcurrency()).toBeUndefined();
  const shared = await keysOf('shared-shared-ledger', ledgerRegion);
  const names = ['orders', 'flight', 'meanwhile'];
  for (const name of names) {
    const { StackId } = await describeStack(world.aws, name, { region: home });
    const { IntegrationId, LookUpOrderId } = await outputs(world.aws, name, { region: home });
    for (const id of [IntegrationId, LookUpOrderId])
      expect(shared.filter((key) => key.startsWith('OBJECT#') && key.endsWith(`#${id}`))).toHaveLength(1);
    expect(shared.some((key) => key.startsWith(`OWNER#${StackId}#`))).toBe(true);
  }
  // The former table is retained; nothing was written there since.
  const former = await keysOf(`${MOVER}-ledger`, home);
  expect(former.filter((key) => key.startsWith('OBJECT#'))).toHaveLength(4);
  expect(await outputs(world.aws, MOVER, { region: home })).toMatchObject({ LedgerTableArn: ledgerArn });
}, 120_000);

test('a moved provider serves its stacks with the shared ledger, and is removed by what that ledger knows', async () => {
  const listed = await world.script('remove', '--list', '--regions', home, '--stack-name', MOVER);
  expect(rows(listed, account, home, 'used by 3')).toHaveLength(1);
  for (const name of ['orders', 'flight', 'meanwhile']) await deleteStack(world.aws, name, { region: home });
  expect(world.integrationNames().filter((name) => name.endsWith(home))).toEqual([]);
  const removed = await world.script('remove', '--regions', home, '--stack-name', MOVER);
  expect(removed).toMatchObject({
    code: 0,
    text: expect.stringContaining('the ledger shared-shared-ledger'),
  });
}, 120_000);
