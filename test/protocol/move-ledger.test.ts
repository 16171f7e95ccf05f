/** A provider moves from a ledger of its own to the shared one while stacks are at work. */
import type { Template } from '../../local/cloudformation/template.ts';
import { firstInputs } from '../../local/provider/inputs.ts';
import { ACTION, INTEGRATION, idOf } from '../../local/provider/stacks.ts';
import { only } from '../../local/provider/world.ts';
import { LedgerMove, type MovingProvider } from '../../scripts/rollout/ledger-move.ts';
import { memoryTable } from '../support/memory-table.ts';
import {
  OWN_LEDGER,
  outcome,
  type SeveralProviders,
  SHARED_LEDGER,
  type WorldOptions,
  withProviders,
} from './several-providers.ts';

const everyMember: WorldOptions = { members: ['first', 'second', 'third'] };
const action = (world: SeveralProviders, changes = {}): Template =>
  only(ACTION, { ...firstInputs(ACTION).create.properties, IntegrationId: world.integrationId, ...changes });

/** The move of the third provider. `onStep` hears each of its steps. */
function moveOf(
  world: SeveralProviders,
  {
    onStep = () => {},
    decisions = new Map(),
  }: {
    onStep?: (line: string) => void;
    decisions?: Map<string, 'source' | 'target'>;
  } = {},
): LedgerMove {
  const { containers, arn } = world.third;
  const items = (table: string) => {
    const found = world.aws.tables.get(table);
    if (found === undefined) throw new Error(`there is no table ${table}`);
    return found as never;
  };
  let ledger = OWN_LEDGER;
  const provider: MovingProvider = {
    arn,
    timeoutMs: 300_000,
    ledger: async () => ledger,
    concurrency: async () => 10,
    setConcurrency: async (reserved) => containers.reserve(reserved ?? Number.POSITIVE_INFINITY),
    switchTo: async (table) => {
      ledger = table;
      containers.redeploy({ LEDGER_TABLE_NAME: table, OTHER_LEDGERS: 'false' });
    },
  };
  return new LedgerMove({
    source: memoryTable(OWN_LEDGER, items(OWN_LEDGER)),
    target: memoryTable(SHARED_LEDGER, items(SHARED_LEDGER)),
    provider,
    decisions,
    clock: world.clock,
    say: onStep,
  });
}

test('a Create in flight ends with the old ledger, events of meanwhile are served with the new one, and nothing is lost', () =>
  withProviders(async (world) => {
    const { cloudFormation, containers } = world.third;
    const before = await cloudFormation.createStack('before', action(world, { Name: 'before' }));
    const integration = await cloudFormation.createStack(
      'integration',
      only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::777788889999:role/genesys' }),
    );
    const meanwhile: Promise<unknown>[] = [];
    const steps: string[] = [];
    const onStep = (line: string) => {
      steps.push(line);
      if (!line.startsWith('waiting')) return;
      meanwhile.push(
        cloudFormation.createStack('new', action(world, { Name: 'new' })),
        cloudFormation.updateStack('before', action(world, { Name: 'before', Category: 'New' })),
        cloudFormation.deleteStack('integration'),
      );
    };
    let moving: Promise<void> | undefined;
    containers.faultFor = ({ operation }) => {
      if (operation !== 'POST /api/v2/integrations/actions' || moving !== undefined) return undefined;
      moving = moveOf(world, { onStep }).go();
      return undefined;
    };
    const flight = await cloudFormation.createStack('flight', action(world, { Name: 'flight' }));
    expect(flight.status).toBe('CREATE_COMPLETE');
    // The attempt is closed in the old ledger, before the copy.
    expect(steps.some((line) => line.startsWith('copying'))).toBe(false);
    await moving;
    expect(steps.at(-1)).toMatch(/^moved/);
    await Promise.all(meanwhile);
    await cloudFormation.idle();
    expect(cloudFormation.describe('new').status).toBe('CREATE_COMPLETE');
    expect(cloudFormation.describe('before').status).toBe('UPDATE_COMPLETE');
    expect(cloudFormation.describe(integration.id).status).toBe('DELETE_COMPLETE');

    const ids = [before, flight, cloudFormation.describe('new')].map((stack) => idOf(stack)).sort();
    expect(world.made().sort()).toEqual(ids);
    const known = [...world.aws.items(SHARED_LEDGER)].flatMap(([key, { id }]) =>
      key.startsWith('OBJECT#') ? [id] : [],
    );
    expect(known.sort()).toEqual(ids);
    for (const name of ['before', 'flight', 'new'])
      expect((await cloudFormation.deleteStack(name)).status).toBe('DELETE_COMPLETE');
    expect(world.made()).toEqual([]);
  }, everyMember));

test('a moved provider and its new neighbours take nothing from each other', () =>
  withProviders(async (world) => {
    const mine = await world.third.cloudFormation.createStack('mine', action(world));
    await moveOf(world).go();
    const taking = await world.first.cloudFormation.createStack(
      'taker',
      action(world, { ExistingId: idOf(mine) }),
    );
    expect(outcome(taking)).toMatchObject({
      reason: expect.stringContaining('belongs to Thing of stack mine'),
    });
    const theirs = await world.first.cloudFormation.createStack('theirs', action(world, { Name: 'theirs' }));
    const back = await world.third.cloudFormation.createStack(
      'taker',
      action(world, { ExistingId: idOf(theirs) }),
    );
    expect(outcome(back)).toMatchObject({
      reason: expect.stringContaining('belongs to Thing of stack theirs'),
    });
  }, everyMember));

test('a provider that is set back to its former ledger by hand does nothing, and says where its records are', () =>
  withProviders(async (world) => {
    await world.third.cloudFormation.createStack('mine', action(world));
    await moveOf(world).go();
    world.third.containers.redeploy({ LEDGER_TABLE_NAME: OWN_LEDGER });
    world.genesys.resetCalls();
    const failed = await world.third.cloudFormation.createStack('new', action(world, { Name: 'new' }));
    expect(outcome(failed)).toEqual({
      status: 'ROLLBACK_COMPLETE',
      reason: expect.stringContaining(`moved from the ledger ${OWN_LEDGER} to ${SHARED_LEDGER}`),
    });
    expect(world.writes()).toEqual([]);
  }, everyMember));

test.each(['source', 'target'] as const)(
  'a person decides about an object that two providers own in two ledgers: the owner in the %s keeps it',
  (decision) =>
    withProviders(async (world) => {
      const owner = await world.first.cloudFormation.createStack('owner', action(world));
      const id = idOf(owner);
      // The administrator of the third provider has not said that there are other ledgers.
      world.third.containers.redeploy({ OTHER_LEDGERS: 'false' });
      const taker = await world.third.cloudFormation.createStack(
        'taker',
        action(world, { ExistingId: id, OnDelete: 'Delete' }),
      );
      expect(taker.status).toBe('CREATE_COMPLETE');
      await expect(moveOf(world).go()).rejects.toThrow('Thing of stack taker');
      const decisions = new Map([[`OBJECT#action#${id}`, decision]]);
      await moveOf(world, { decisions }).go();
      const [keeper, loser] = decision === 'source' ? [world.third, world.first] : [world.first, world.third];
      const [kept, lost] = decision === 'source' ? ['taker', 'owner'] : ['owner', 'taker'];
      expect((await loser.cloudFormation.deleteStack(lost)).status).toBe('DELETE_COMPLETE');
      expect(world.made()).toEqual([id]);
      expect((await keeper.cloudFormation.deleteStack(kept)).status).toBe('DELETE_COMPLETE');
      expect(world.made()).toEqual([]);
    }, everyMember),
);

test('a move that is taken back leaves the provider with its own ledger', () =>
  withProviders(async (world) => {
    const { cloudFormation } = world.third;
    const mine = await cloudFormation.createStack('mine', action(world));
    const shared = structuredClone(world.aws.tables.get(SHARED_LEDGER));
    const move = moveOf(world, {
      onStep: (line) => {
        if (line.startsWith('switching the provider to')) throw new Error('the process died');
      },
    });
    await expect(move.go()).rejects.toThrow('the process died');
    const waiting = cloudFormation.updateStack('mine', action(world, { Category: 'New' }));
    await move.undo();
    expect((await waiting).status).toBe('UPDATE_COMPLETE');
    expect(world.aws.tables.get(SHARED_LEDGER)).toEqual(shared);
    expect((await cloudFormation.deleteStack('mine')).status).toBe('DELETE_COMPLETE');
    expect(world.made()).not.toContain(idOf(mine));
  }, everyMember));
