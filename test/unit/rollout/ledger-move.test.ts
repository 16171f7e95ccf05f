/** The move of a ledger, in memory: what it makes of two ledgers, and that it may end at any call. */

import { nameKey } from '../../../provider/ledger/records.ts';
import { registrationKey } from '../../../provider/ledger/registration.ts';
import { LedgerMove, type MovingProvider, NotHereError } from '../../../scripts/rollout/ledger-move.ts';
import { bodyOf, type Item, itemOf } from '../../../scripts/rollout/ledger-table.ts';
import { memoryTable } from '../../support/memory-table.ts';

const SOURCE = 'arn:aws:dynamodb:us-east-1:777788889999:table/genesys-cloud-ledger';
const TARGET = 'arn:aws:dynamodb:eu-central-1:999900001111:table/genesys-cloud-shared-ledger';
const PROVIDER = 'arn:aws:lambda:us-east-1:777788889999:function:genesys-cloud-provider';
const stack = (name: string) => `arn:aws:cloudformation:us-east-1:777788889999:stack/${name}/1`;
const owner = (name: string) => ({ stackId: stack(name), logicalId: 'Thing' });

let writers = 0;
const item = (key: string, body: unknown, more: Item = {}): [string, Item] => {
  writers += 1;
  return [key, { ...itemOf(key, body), writer: { S: `writer ${writers}` }, ...more }];
};
/** An object with its owner, and the name that is kept for it. */
const owned = (id: string, name: string, organization = 'org-1'): [string, Item][] => [
  item(`OBJECT#data action#${id}`, {
    kind: 'data action',
    id,
    organization,
    owner: owner(name),
    claims: [`place ${id}`],
  }),
  item(`OWNER#${stack(name)}#Thing`, {
    ...owner(name),
    objects: [{ kind: 'data action', id, organization }],
    unfinished: [],
  }),
  item(nameKey(`place ${id}`), { name: `place ${id}`, owner: owner(name) }),
];
const registered = (provider = PROVIDER) =>
  item(registrationKey(provider), { provider, at: 0, by: 'installation' });
const attempt = (requestId: string, state: string, until: number, more: Item = {}) =>
  item(
    `ATTEMPT#${stack('a')}#${requestId}`,
    { ...owner('a'), requestId, state, lease: { until }, steps: [] },
    more,
  );

class World {
  now = 1_000_000;
  source: Map<string, Item>;
  target: Map<string, Item>;
  concurrency: number | undefined = 10;
  ledger = SOURCE;
  /** Calls until the process dies; none by default. */
  callsLeft = Number.POSITIVE_INFINITY;
  calls = 0;
  said: string[] = [];
  log: string[] = [];
  decisions = new Map<string, 'source' | 'target'>();
  isInStackSet = false;

  constructor(source: [string, Item][], target: [string, Item][]) {
    this.source = new Map(structuredClone(source));
    this.target = new Map(structuredClone(target));
  }

  #call = () => {
    this.calls += 1;
    if (this.callsLeft <= 0) throw new Error('the process died');
    this.callsLeft -= 1;
  };

  #provider: MovingProvider = {
    arn: PROVIDER,
    timeoutMs: 300_000,
    ledger: async () => {
      this.#call();
      return this.ledger;
    },
    concurrency: async () => {
      this.#call();
      return this.concurrency;
    },
    setConcurrency: async (reserved) => {
      this.#call();
      this.concurrency = reserved;
      this.log.push(`concurrency ${reserved} with ${this.ledger === TARGET ? 'target' : 'source'}`);
    },
    switchTo: async (table) => {
      this.#call();
      if (this.isInStackSet) throw new NotHereError('by the stack set');
      expect(this.concurrency).toBe(0);
      this.ledger = table;
    },
  };

  /** The move as a new process makes it. */
  get move(): LedgerMove {
    return new LedgerMove({
      source: memoryTable(SOURCE, this.source, this.#call),
      target: memoryTable(TARGET, this.target, this.#call),
      provider: this.#provider,
      decisions: this.decisions,
      clock: {
        now: () => this.now,
        sleep: async (milliseconds) => {
          this.now += milliseconds;
        },
      },
      say: (line) => this.said.push(line),
    });
  }
}

const others = [registered('another'), ...owned('t1', 'there')];
const mine = [
  registered(),
  ...owned('s1', 'here'),
  ...owned('s2', 'also-here'),
  attempt('done', 'closed', 0, { expiresAt: { N: '9999999999' } }),
  attempt('expired', 'closed', 0, { expiresAt: { N: '1' } }),
  item('LOCK#org-1#key', { until: 9_999_999 }),
];
const moving = mine.filter(([key]) => !/^(LOCK|PROVIDER)#|#expired$/.test(key)).map(([key]) => key);
const without = (items: Map<string, Item>, ...keys: string[]) =>
  new Map([...items].filter(([key]) => !keys.includes(key)));

test('a dry run says what there is, and writes nothing', async () => {
  const world = new World([...mine, attempt('busy', 'running', 9_999_999_999)], others);
  const before = structuredClone([world.source, world.target]);
  const report = await world.move.report();
  expect(report).toMatchObject({
    counts: { OBJECT: 2, OWNER: 2, NAME: 2, ATTEMPT: 2 },
    undecided: [],
    changes: moving.length + 1,
  });
  expect(report.running.map(({ requestId }) => requestId)).toEqual(['busy']);
  expect([world.source, world.target]).toEqual(before);
  expect({ concurrency: world.concurrency, log: world.log }).toEqual({ concurrency: 10, log: [] });
});

test('a move copies every record as it is, registers the provider, closes the source, and starts it last', async () => {
  const world = new World(mine, others);
  await world.move.go();
  for (const key of moving) expect(world.target.get(key)).toEqual(world.source.get(key));
  expect([...world.target.keys()].sort()).toEqual(
    [...others.map(([key]) => key), ...moving, registrationKey(PROVIDER)].sort(),
  );
  expect(bodyOf(world.target.get(registrationKey(PROVIDER)))).toMatchObject({
    by: 'move',
    movedFrom: SOURCE,
  });
  expect(bodyOf(world.source.get(registrationKey(PROVIDER)))).toMatchObject({ movedTo: TARGET });
  // Nothing of the move is left, and nothing else of the source was touched.
  expect(without(world.source, registrationKey(PROVIDER))).toEqual(
    without(new Map(mine), registrationKey(PROVIDER)),
  );
  expect(world.log).toEqual(['concurrency 0 with source', 'concurrency 10 with target']);
  expect(world.ledger).toBe(TARGET);
});

test('a provider without reserved concurrency has none afterwards', async () => {
  const world = new World(mine, others);
  world.concurrency = undefined;
  await world.move.go();
  expect(world.log.at(-1)).toBe('concurrency undefined with target');
});

test('nothing is copied before every invocation of before has ended, and no request is at work', async () => {
  const world = new World([...mine, attempt('busy', 'running', 1_000_000 + 400_000)], others);
  const begun = world.now;
  await world.move.go();
  expect(world.now - begun).toBeGreaterThanOrEqual(400_000);
  const quick = new World(mine, others);
  await quick.move.go();
  expect(quick.now - begun).toBeGreaterThanOrEqual(310_000);
});

test('an interrupted move does not wait again for what has ended', async () => {
  const world = new World(mine, others);
  world.isInStackSet = true;
  await expect(world.move.go()).rejects.toThrow(NotHereError);
  const { now } = world;
  world.isInStackSet = false;
  await world.move.go();
  expect(world.now).toBe(now);
});

test('a second move to the same ledger does nothing', async () => {
  const world = new World(mine, others);
  await world.move.go();
  const before = structuredClone([world.source, world.target, world.log]);
  await world.move.go();
  expect([world.source, world.target, world.log]).toEqual(before);
});

/** Everything of a world that a move changes, apart from times. */
const outcome = ({ source, target, concurrency, ledger }: World) =>
  JSON.parse(
    JSON.stringify({
      source: [...source].sort(),
      target: [...target].sort(),
      concurrency,
      ledger,
    })
      .replaceAll(/\\"at\\":\d+/g, '\\"at\\":0')
      .replaceAll(/"revision":\{"N":"\d+"\}/g, '"revision":{"N":"0"}'),
  );

test('a process that dies at any call of a move is taken up by the same command, and loses nothing', async () => {
  const whole = new World(mine, others);
  await whole.move.go();
  expect(whole.calls).toBeGreaterThan(30);
  for (let calls = 0; calls < whole.calls; calls += 1) {
    const world = new World(mine, others);
    world.callsLeft = calls;
    await expect(world.move.go()).rejects.toThrow('the process died');
    world.callsLeft = Number.POSITIVE_INFINITY;
    await world.move.go();
    expect({ calls, ...outcome(world) }).toEqual({ calls, ...outcome(whole) });
  }
});

test('a process that dies at any call before the start can be taken back, and so can a dying take-back', async () => {
  const whole = new World(mine, others);
  await whole.move.go();
  const initial = outcome(new World(mine, others));
  for (let calls = 0; calls < whole.calls; calls += 1) {
    for (const callsOfUndo of [3, 9, 15, Number.POSITIVE_INFINITY]) {
      const world = new World(mine, others);
      world.callsLeft = calls;
      await world.move.go().catch(() => undefined);
      world.callsLeft = callsOfUndo;
      await world.move.undo().catch(() => undefined);
      world.callsLeft = Number.POSITIVE_INFINITY;
      const isOver = world.log.at(-1) === 'concurrency 10 with target';
      if (isOver) break;
      const error = await world.move.undo().then(
        () => undefined,
        ({ message }: Error) => message,
      );
      if (error !== undefined) expect(error).toContain('no unfinished move');
      expect({ calls, callsOfUndo, ...outcome(world) }).toEqual({ calls, callsOfUndo, ...initial });
    }
  }
});

describe('an object that both ledgers know', () => {
  const both = (): [[string, Item][], [string, Item][]] => [
    [registered(), ...owned('x', 'here'), ...owned('s1', 'also-here')],
    [registered('another'), ...owned('x', 'there')],
  ];
  const key = 'OBJECT#data action#x';

  test('is refused until a person decides, before the provider is stopped', async () => {
    const world = new World(...both());
    expect((await world.move.report()).undecided.map((one) => one.key)).toEqual([key, nameKey('place x')]);
    const refused = world.move.go();
    await expect(refused).rejects.toThrow(`${key}\n    source: Thing of stack here`);
    await expect(refused).rejects.toThrow('target: Thing of stack there');
    expect(world.log).toEqual([]);
  });

  test.each([
    ['target', 'there', 'here'],
    ['source', 'here', 'there'],
  ] as const)(
    'goes to the owner in the %s, and the other one has it no more',
    async (decision, winner, loser) => {
      const world = new World(...both());
      world.decisions.set(key, decision);
      await world.move.go();
      expect(bodyOf(world.target.get(key))).toMatchObject({ owner: owner(winner) });
      expect(bodyOf(world.target.get(nameKey('place x')))).toMatchObject({ owner: owner(winner) });
      expect(bodyOf(world.target.get(`OWNER#${stack(winner)}#Thing`))).toMatchObject({
        objects: [{ id: 'x' }],
      });
      expect(bodyOf(world.target.get(`OWNER#${stack(loser)}#Thing`))).toMatchObject({ objects: [] });
      expect(bodyOf(world.target.get('OBJECT#data action#s1'))).toMatchObject({ owner: owner('also-here') });
    },
  );

  test.each(['target', 'source'] as const)(
    'with the decision %s survives a death at any call, and is taken back as it was',
    async (decision) => {
      const whole = new World(...both());
      whole.decisions.set(key, decision);
      await whole.move.go();
      const [source, target] = both();
      for (let calls = 0; calls < whole.calls; calls += 1) {
        const world = new World(source, target);
        world.decisions.set(key, decision);
        world.callsLeft = calls;
        await world.move.go().catch(() => undefined);
        world.callsLeft = Number.POSITIVE_INFINITY;
        // A decision is noted, so that it need not be given again.
        const noted = [...world.source.keys()].some((one) => one.startsWith('MOVE#'));
        if (noted) world.decisions = new Map();
        const isSwitched = world.ledger === TARGET;
        if (calls % 2 === 0 || isSwitched) {
          await world.move.go();
          expect(bodyOf(world.target.get(key))).toMatchObject({
            owner: owner(decision === 'source' ? 'here' : 'there'),
          });
        } else {
          await world.move.undo().catch(({ message }: Error) => expect(message).toContain('no unfinished'));
          expect({ calls, ...outcome(world) }).toEqual({ calls, ...outcome(new World(source, target)) });
        }
      }
    },
  );
});

test.each([
  ['to itself', SOURCE, 'has this ledger already'],
  ['to another partition', TARGET.replace('aws', 'aws-cn'), 'another partition'],
])('a move %s is refused', async (_what, arn, message) => {
  const world = new World(mine, others);
  const provider = { arn: PROVIDER, ledger: async () => SOURCE } as MovingProvider;
  const move = new LedgerMove({
    source: memoryTable(SOURCE, world.source),
    target: memoryTable(arn, world.target),
    provider,
    decisions: new Map(),
    clock: { now: () => 0, sleep: async () => {} },
    say: () => {},
  });
  await expect(move.report()).rejects.toThrow(message);
});

test('a ledger that other providers use is not moved with one of them', async () => {
  const world = new World([...mine, registered('another')], others);
  await expect(world.move.report()).rejects.toThrow('is the ledger of other providers too');
  expect(world.log).toEqual([]);
});

test('ledgers of different organizations are not joined', async () => {
  const world = new World(mine, [registered('another'), ...owned('t1', 'there', 'org-2')]);
  await expect(world.move.go()).rejects.toThrow('different Genesys Cloud organizations: org-1 and org-2');
  expect(world.log).toEqual([]);
});

test('a move that has begun goes nowhere else', async () => {
  const world = new World(mine, others);
  world.isInStackSet = true;
  await expect(world.move.go()).rejects.toThrow(NotHereError);
  const elsewhere = new LedgerMove({
    source: memoryTable(SOURCE, world.source),
    target: memoryTable(`${TARGET}-2`, new Map()),
    provider: { arn: PROVIDER, timeoutMs: 0, ledger: async () => SOURCE } as MovingProvider,
    decisions: new Map(),
    clock: { now: () => 0, sleep: async () => {} },
    say: () => {},
  });
  await expect(elsewhere.go()).rejects.toThrow(`A move to ${TARGET} has begun`);
});

test('a finished move cannot be taken back', async () => {
  const world = new World(mine, others);
  await world.move.go();
  await expect(world.move.undo()).rejects.toThrow('no unfinished move');
  expect(world.ledger).toBe(TARGET);
});

describe.each(['source', 'target'] as const)('a %s with an item of a newer version', (table) => {
  const [key, newer] = item('OBJECT#data action#new', {}, { format: { N: '2' } });
  const state = (world: World) =>
    structuredClone([[...world.source], [...world.target], world.concurrency, world.ledger, world.log]);

  test.each(['report', 'go'] as const)('is refused by name before any write (%s)', async (command) => {
    const world = new World(mine, others);
    world[table].set(key, newer);
    const before = state(world);
    await expect(world.move[command]()).rejects.toThrow(`such as ${key} in format 2`);
    expect(state(world)).toEqual(before);
  });

  test('lets a move that has begun be neither finished nor taken back', async () => {
    const world = new World(mine, others);
    world.isInStackSet = true;
    await expect(world.move.go()).rejects.toThrow(NotHereError);
    world[table].set(key, newer);
    const before = state(world);
    for (const command of ['go', 'undo'] as const)
      await expect(world.move[command]()).rejects.toThrow(
        /newer version .* use make move-ledger of that version/,
      );
    expect(state(world)).toEqual(before);
  });
});
