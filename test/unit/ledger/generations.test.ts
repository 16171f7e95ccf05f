/**
 * A request that CloudFormation sends again has the same RequestId, and an attempt of its own for each
 * generation.
 */
import type { LocalAws } from '../../../local/aws/in-process.ts';
import type { Ledger, LedgerRequest, ObjectRecord, OpenAttempt } from '../../../provider/ledger/index.ts';

import type { FakeClock } from '../../support/fake-clock.ts';
import { LedgerWorld, requestOf, stackId } from '../../support/ledger-world.ts';

let world: LedgerWorld;
let aws: LocalAws;
let clock: FakeClock;
let ledger: Ledger;

beforeEach(async () => {
  world = await LedgerWorld.start();
  ({ aws, clock, ledger } = world);
});
afterEach(() => world.stop());

const deadline = () => world.deadline();

const request = (generation: number, more: Partial<LedgerRequest> = {}): LedgerRequest =>
  requestOf({
    attemptId: `${more.requestId ?? 'r1'}/${generation}`,
    content: 'the same',
    wanted: 'the same',
    ...more,
  });

const begin = (of: LedgerRequest) => world.begin(of);

const verdictOn = async (of: LedgerRequest) => (await ledger.begin(of, deadline())).verdict;

const action = (id: string, changes: Partial<ObjectRecord> = {}): ObjectRecord => ({
  kind: 'action',
  id,
  organization: 'o',
  owner: { stackId, logicalId: 'Action' },
  origin: 'created',
  createdAt: clock.now(),
  applied: [{ fingerprint: 'form' }],
  dirty: false,
  identity: '',
  attributes: {},
  details: {},
  ...changes,
});

/** Makes an action and succeeds with it. */
async function succeed(of: LedgerRequest, id = 'a1'): Promise<OpenAttempt> {
  const attempt = await begin(of);
  const index = await attempt.intend({ kind: 'action', marker: {} }, 'o');
  await attempt.made(index, id, action(id, { applied: [], dirty: true }));
  await attempt.succeed({ physicalId: id, data: { Name: 'n' } }, { object: action(id) });
  return attempt;
}

const owner = () => aws.items('ledger').get(`OWNER#${stackId}#Action`);
const DAY_SECONDS = 24 * 3600;
const expiryOf = (attemptId: string) =>
  aws.tables.get('ledger')?.get(`ATTEMPT#${stackId}#${attemptId}`)?.['expiresAt'];
const attemptOf = (attemptId: string) => aws.items('ledger').get(`ATTEMPT#${stackId}#${attemptId}`);

describe('after SUCCESS', () => {
  test('the new generation is answered alike, and has the steps that led to it', async () => {
    await succeed(request(1));
    expect(await ledger.begin(request(2), deadline())).toMatchObject({
      verdict: 'replay',
      answer: { physicalId: 'a1', data: { Name: 'n' } },
    });
    expect(attemptOf('r1/2')).toMatchObject({ state: 'succeeded', steps: [{ state: 'made', id: 'a1' }] });
    expect(attemptOf('r1/1')).toMatchObject({ state: 'undone', steps: [] });
    expect(owner()).toMatchObject({ newestCreate: 'r1/2', newest: { attemptId: 'r1/2' } });
    // Undoing goes on to undo what was made.
    const undone: (string | undefined)[] = [];
    const taken = await ledger.takeOver(stackId, 'r1/2', 'r9', deadline());
    await taken?.undo(async ({ id }) => void undone.push(id));
    expect(undone).toEqual(['a1']);
  });

  test.each<[string, Partial<LedgerRequest>, Partial<ObjectRecord> | undefined]>([
    ['the request asks for something else', { content: 'other' }, {}],
    ['the object is dirty', {}, { dirty: true }],
    ['the object has another form', {}, { applied: [{ fingerprint: 'other' }] }],
    ['the object has another Nonce', {}, { applied: [{ fingerprint: 'form', nonce: 'n' }] }],
    ["the object is another resource's", {}, { owner: { stackId, logicalId: 'Other' } }],
    ['the ledger does not know the object', {}, undefined],
  ])('the request begins anew where %s', async (_, more, object) => {
    await succeed(request(1));
    const table = aws.tables.get('ledger');
    if (object === undefined) table?.delete('OBJECT#action#a1');
    else {
      const item = table?.get('OBJECT#action#a1');
      if (item) item['body'] = { S: JSON.stringify(action('a1', object)) };
    }
    expect(await verdictOn(request(2, more))).toBe('go');
    // A success owns its steps: nothing undoes them, and the object is left to a later request.
    expect(attemptOf('r1/1')).toMatchObject({ state: 'succeeded', steps: [{ state: 'made' }] });
    expect(owner()).toMatchObject({ unfinished: [], objects: [{ id: 'a1', leftover: true }] });
  });

  test('the request begins anew where another request of its resource has begun since', async () => {
    await succeed(request(1));
    const update = request(1, { requestId: 'r2', type: 'Update', content: 'update', names: 'an object' });
    await (await begin(update)).succeed({ physicalId: 'a1', data: {} }, { object: action('a1') });
    expect(await verdictOn(request(2))).toBe('go');
  });

  test('the object that the new generation names is not left over', async () => {
    const update = request(1, { type: 'Update', physicalId: 'a1', names: 'an object' });
    await succeed(update);
    expect(await verdictOn({ ...update, attemptId: 'r1/2', content: 'other' })).toBe('go');
    expect(owner()).toMatchObject({ objects: [{ id: 'a1' }] });
    expect(owner()).not.toMatchObject({ objects: [{ leftover: true }] });
  });

  test('a Delete is answered alike, as long as the object is gone', async () => {
    await succeed(request(1));
    const remove = request(1, { requestId: 'r2', type: 'Delete', content: 'delete', physicalId: 'a1' });
    const attempt = await begin(remove);
    await attempt.release({ kind: 'action', id: 'a1' });
    await attempt.succeed({ physicalId: 'a1', data: {} });
    expect(await verdictOn({ ...remove, attemptId: 'r2/2' })).toBe('replay');
  });
});

describe('after FAILED', () => {
  test('the new generation begins, and what the one before left is known as unfinished', async () => {
    const attempt = await begin(request(1));
    await attempt.intend({ kind: 'action', marker: {} }, 'o');
    await attempt.fail('no permission', deadline());
    const begun = await ledger.begin(request(2), deadline());
    expect(begun).toMatchObject({ verdict: 'go', owner: { unfinished: ['r1/1'], newestCreate: 'r1/2' } });
    expect(await ledger.isPending({ stackId, logicalId: 'Action' }, 'r1/2', deadline())).toBe(true);
  });

  test('a repeat of the one before is told that the request was sent again', async () => {
    await (await begin(request(1))).fail('no permission', deadline());
    await begin(request(2));
    expect(await verdictOn(request(1))).toBe('sent again');
    expect(await ledger.recall(request(1), deadline())).toEqual({ verdict: 'sent again' });
  });
});

test('a generation at work is told to stop, and for what', async () => {
  const first = await begin(request(1));
  const begun = ledger.begin(request(2), deadline());
  while (attemptOf('r1/1')?.['cancelledBy'] === undefined)
    await new Promise((resolve) => setImmediate(resolve));
  // Its twin is told so as well, while the new generation still waits.
  expect(await verdictOn(request(1))).toBe('sent again');
  await expect(first.renew(deadline())).rejects.toMatchObject({ name: 'CancelledError', isSentAgain: true });
  await first.undo(async () => {});
  expect((await begun).verdict).toBe('go');
});

test('a URL that is not known is one of before where its date says so, and only there', async () => {
  const at = (signedAt: number | undefined) => (signedAt === undefined ? {} : { signedAt });
  await (await begin(request(2, at(100_000)))).fail('refused', deadline());
  expect(await verdictOn(request(1, at(94_000)))).toBe('sent again');
  for (const [generation, signedAt] of [
    [3, 95_000],
    [4, undefined],
  ] as const) {
    const begun = await ledger.begin(request(generation, at(signedAt)), deadline());
    if (begun.verdict !== 'go') throw new Error(begun.verdict);
    await begun.attempt.fail('refused', deadline());
  }
});

describe('a request that comes after the one that followed it, with dates that show no order', () => {
  const at = 100_000;
  const forms = { wanted: 'b', wantedBefore: 'a' };
  const update = (requestId: string, more: Partial<LedgerRequest>) =>
    request(1, { requestId, type: 'Update', physicalId: 'a1', names: 'an object', ...more });
  const done = async (of: LedgerRequest) => (await begin(of)).succeed({ physicalId: 'a1', data: {} });

  test('is superseded: an Update whose rollback came before it', async () => {
    await done(request(1, { wanted: 'a', signedAt: 1_000 }));
    await done(update('r3', { wanted: 'a', wantedBefore: 'b', signedAt: at }));
    expect(await verdictOn(update('r2', { ...forms, signedAt: at - 4_000 }))).toBe('superseded');
    expect(await verdictOn(update('r2', { ...forms, signedAt: at }))).toBe('superseded');
  });

  test('is superseded: a Create of which CloudFormation deletes an invented id', async () => {
    const remove = request(1, {
      requestId: 'r2',
      type: 'Delete',
      names: 'an unanswered Create',
      signedAt: at,
    });
    await done(remove);
    expect(await verdictOn(request(1, { signedAt: at }))).toBe('superseded');
  });

  test.each<[string, LedgerRequest]>([
    ['an Update with other properties', update('r4', { wanted: 'c', wantedBefore: 'a', signedAt: at })],
    ['an Update that was signed later', update('r4', { ...forms, signedAt: at + 1_000 })],
    ['an Update without a date', update('r4', forms)],
  ])('is carried out: %s', async (_, other) => {
    await done(request(1, { wanted: 'a', signedAt: 1_000 }));
    await done(update('r3', { wanted: 'a', wantedBefore: 'b', signedAt: at }));
    expect(await verdictOn(other)).toBe('go');
  });

  test('a rollback whose signer’s clock is behind is carried out', async () => {
    await done(request(1, { wanted: 'a', signedAt: 1_000 }));
    await done(update('r2', { ...forms, signedAt: at }));
    expect(await verdictOn(update('r3', { wanted: 'a', wantedBefore: 'b', signedAt: at - 5_000 }))).toBe(
      'go',
    );
  });

  test('the rollback of an Update that was sent again is carried out', async () => {
    await done(request(1, { wanted: 'a', signedAt: 1_000 }));
    await (await begin(update('r2', { ...forms, signedAt: at - 60_000 }))).fail('refused', deadline());
    const again = update('r2', { ...forms, attemptId: 'r2/2', signedAt: at });
    await (await begin(again)).fail('refused', deadline());
    const rollback = update('r3', { wanted: 'a', wantedBefore: 'b', signedAt: at + 2_000 });
    expect(await verdictOn(rollback)).toBe('go');
  });
});

describe('an attempt', () => {
  const inAWeek = () => ({ N: String(Math.floor(clock.now() / 1000) + 7 * DAY_SECONDS) });

  test('is forgotten after a week where nothing of it is left to undo', async () => {
    await succeed(request(1));
    expect(expiryOf('r1/1')).toEqual(inAWeek());
    const attempt = await begin(request(1, { requestId: 'r2', logicalId: 'Other' }));
    const index = await attempt.intend({ kind: 'action', marker: {} }, 'o');
    await attempt.unmade(index);
    await attempt.fail('refused', deadline());
    expect(expiryOf('r2/1')).toEqual(inAWeek());
  });

  test('is never forgotten while a step is not undone and it has not succeeded', async () => {
    const attempt = await begin(request(1));
    expect(expiryOf('r1/1')).toEqual(inAWeek());
    await attempt.intend({ kind: 'action', marker: {} }, 'o');
    expect(expiryOf('r1/1')).toBeUndefined();
    await attempt.fail('no permission', deadline());
    expect(expiryOf('r1/1')).toBeUndefined();
    await attempt.close(deadline());
    expect(expiryOf('r1/1')).toBeUndefined();
    clock.advance(366 * DAY_SECONDS * 1000);
    const taken = await ledger.takeOver(stackId, 'r1/1', 'r2', deadline());
    expect(taken?.steps).toHaveLength(1);
    await taken?.undo(async () => {});
    expect(expiryOf('r1/1')).toEqual(inAWeek());
  });
});
