/**
 * Two invocations of one request. The lease in the ledger says which one works on it. The clocks of two
 * machines differ, so one may still run when the other believes that the lease is over:
 *
 *   late    begins, notes, POSTs … waits for the answer ………………………… its next step is refused
 *   other                   finds the lease over, takes over, goes on, answers
 */
import { compare, judge } from '../../local/faults/verdicts.ts';
import { ACTION, action, INTEGRATION, idOf, withWorld } from '../../local/provider/stacks.ts';
import { CREDENTIALS_SECRET, inWorld, LEDGER, only, type World } from '../../local/provider/world.ts';

/** Makes a credential first, and then the integration that has it. */
const template = only(INTEGRATION, {
  Name: 'Orders',
  IntegrationType: 'custom-rest-actions',
  CredentialType: 'basicAuth',
  CredentialsSecretArn: CREDENTIALS_SECRET,
});

/** The lease of every running attempt is over, as another machine's clock sees it. */
function endLeases(world: World): void {
  for (const [key, item] of world.aws.tables.get(LEDGER) ?? []) {
    if (!key.startsWith('ATTEMPT#')) continue;
    const attempt = world.aws.items(LEDGER).get(key) ?? {};
    const lease = { ...(attempt['lease'] as object), until: 0 };
    item['body'] = { S: JSON.stringify({ ...attempt, lease }) };
  }
}

/**
 * Two deliveries at once. The first one waits for the answer of `waitsFor` while the second one takes over.
 */
const takenOver = (waitsFor: string, run: (world: World, id: string) => Promise<void>) =>
  inWorld({ cloudFormation: { redelivery: () => 'at once' } }, async (world) => {
    let isFirst = true;
    world.containers.faultFor = ({ operation }) => {
      if (!isFirst || operation !== waitsFor) return undefined;
      isFirst = false;
      setImmediate(() => endLeases(world));
      return 'hang after';
    };
    const stack = await world.cloudFormation.createStack('stack', template);
    await world.cloudFormation.idle();
    expect(isFirst).toBe(false);
    expect(stack.status).toBe('CREATE_COMPLETE');
    await run(world, idOf(stack));
  });

const CREDENTIAL = 'POST /api/v2/integrations/credentials';
const OBJECT = 'POST /api/v2/integrations';

/** Each POST was sent once, nothing was deleted, and what is there has an owner. */
function expectMadeOnce(world: World): void {
  const sent = world.genesys.calls().map(({ method, template }) => `${method} ${template}`);
  for (const post of [CREDENTIAL, OBJECT]) expect(sent.filter((call) => call === post)).toHaveLength(1);
  expect(sent.filter((call) => call.startsWith('DELETE'))).toEqual([]);
  expect(compare(world)).toEqual([]);
}

describe('an invocation that lost its lease', () => {
  test('while it made a part of the object makes nothing more', () =>
    takenOver(CREDENTIAL, async (world) => expectMadeOnce(world)));

  // The other one has renamed the object, so this one would not find it by its unique name.
  test('while it made the object itself makes nothing more', () =>
    takenOver(OBJECT, async (world) => expectMadeOnce(world)));

  test.each([CREDENTIAL, OBJECT])(
    'overwrites nothing that the other one noted, so that a repeat makes no call (%s)',
    (waitsFor) =>
      takenOver(waitsFor, async (world, id) => {
        const [attempt] = world.ledger('ATTEMPT#').values();
        expect(attempt).toMatchObject({ state: 'closed', answer: { physicalId: id } });
        world.genesys.resetCalls();
        const [request] = world.requests('Thing');
        const answers = request?.uploads.length ?? 0;
        await world.cloudFormation.redeliver(request?.event.RequestId ?? '');
        expect(world.genesys.calls()).toEqual([]);
        expect(request?.uploads).toHaveLength(answers);
      }),
  );

  test('leaves the answer to the other one', () =>
    takenOver(CREDENTIAL, async (world) => expect(judge(world)).toEqual([])));
});

describe('an invocation that cannot reach the ledger until another one has taken its attempt over', () => {
  /**
   * Two deliveries at once. From the call `after` on, the first one cannot reach the table: for `forMs`, or
   * until the other one has ended. `run` gets the milliseconds that the first one goes on after the other.
   */
  const cutOff = (after: string, run: (world: World, heldFor: number) => Promise<void>, forMs?: number) =>
    inWorld({ cloudFormation: { redelivery: () => 'at once' } }, async (world) => {
      let first: unknown;
      let isCutOff = false;
      const begun = world.clock.now();
      const ends: number[] = [];
      world.containers.onEnd = () => ends.push(world.clock.now());
      world.containers.faultFor = ({ service, operation }, event) => {
        if (operation === after && first === undefined) {
          first = event;
          isCutOff = true;
        }
        const isOver = forMs === undefined ? ends.length > 0 : world.clock.now() >= begun + forMs;
        return isCutOff && event === first && service === 'ledger' && !isOver ? 'dns' : undefined;
      };
      const stack = await world.cloudFormation.createStack('stack', template);
      await world.cloudFormation.idle();
      expect(isCutOff).toBe(true);
      expect(ends).toHaveLength(2);
      expect(stack.status).toBe('CREATE_COMPLETE');
      const [one = 0, other = 0] = ends;
      await run(world, other - one);
    });

  test.each([CREDENTIAL, OBJECT])('ends as soon as it reaches the ledger again (%s)', (after) =>
    cutOff(after, async (_, heldFor) => expect(heldFor).toBeLessThan(10_000)),
  );

  test.each([CREDENTIAL, OBJECT])('writes nothing more, and the other one alone answers (%s)', (after) =>
    cutOff(after, async (world) => {
      expectMadeOnce(world);
      expect(judge(world)).toEqual([]);
      expect(world.requests('Thing')[0]?.uploads).toHaveLength(1);
    }),
  );

  test('answers nothing where it reaches the ledger at its deadline only', () =>
    cutOff(
      CREDENTIAL,
      async (world, heldFor) => {
        expect(heldFor).toBeGreaterThan(200_000);
        expect(judge(world)).toEqual([]);
        expect(world.requests('Thing')[0]?.uploads).toHaveLength(1);
      },
      // Of the five minutes, 15 s are kept for the answer.
      284_900,
    ));
});

test('an Update that lost its lease while it replaced the object removes nothing that the other one made', () =>
  withWorld(
    async (world) => {
      const template = (changes = {}) => only(ACTION, action(world, changes));
      await world.cloudFormation.createStack('stack', template());
      const path = '/api/v2/integrations/actions';
      // The answer comes before this one would renew its lease, so a write of its own shows the loss.
      world.genesys.faults({ match: { method: 'POST', path }, action: { delayMs: 4_000 } });
      let isFirst = true;
      world.containers.faultFor = ({ operation }) => {
        if (!isFirst || operation !== `POST ${path}`) return undefined;
        isFirst = false;
        setImmediate(() => endLeases(world));
        return undefined;
      };
      world.genesys.resetCalls();
      const stack = await world.cloudFormation.updateStack('stack', template({ Secure: true }));
      await world.cloudFormation.idle();
      expect(isFirst).toBe(false);
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(world.remote(idOf(stack))).toBeDefined();
      // CloudFormation deletes the old action.
      expect(world.genesys.calls().filter(({ method }) => method === 'DELETE')).toHaveLength(1);
      expect(compare(world)).toEqual([]);
      expect(judge(world)).toEqual([]);
    },
    { redelivery: () => 'at once' },
  ));
