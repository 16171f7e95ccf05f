/**
 * A container looks for the registration once, and again where the ledger knows no object of a logical
 * resource.
 */
import type { RequestListener } from 'node:http';
import { Ledger, RegisteredStore, Registration } from '../../../provider/ledger/index.ts';
import { LedgerWorld, requestOf, stackId } from '../../support/ledger-world.ts';

const PROVIDER = 'arn:aws:lambda:us-east-1:123456789012:function:provider';
let world: LedgerWorld;
/** The next reads, of this number, get no answer. */
let hanging = 0;
let arrived = Promise.withResolvers<void>();

const hangingReads =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    const isRead = String(request.headers['x-amz-target']).endsWith('.GetItem');
    if (!isRead || hanging-- <= 0) return listener(request, response);
    return arrived.resolve();
  };

beforeEach(async () => {
  hanging = 0;
  arrived = Promise.withResolvers<void>();
  world = await LedgerWorld.start(hangingReads);
  await registration().register();
});
afterEach(() => world.stop());

const registration = () => new Registration(world.store, 'ledger', PROVIDER, world.clock);
/** The table as one container uses it. */
const container = () => new RegisteredStore(world.dynamo, 'ledger', world.clock, registration());

test('a look that ends with the time of one request is begun again for the other one', async () => {
  hanging = 1;
  const store = container();
  const first = new AbortController();
  const one = store.read('a', first);
  const other = store.read('a', new AbortController());
  const refused = expect(one).rejects.toThrow('cannot be used');
  await arrived.promise;
  first.abort();
  await refused;
  expect(await other).toBeUndefined();
});

describe('a table that was emptied since two containers looked', () => {
  const warm = async () => {
    const ledger = new Ledger(container(), world.clock);
    await ledger.object('action', 'none', world.deadline());
    return ledger;
  };

  test.each(['Create', 'Update', 'Delete'] as const)('lets no %s begin', async (type) => {
    const [one, other] = [await warm(), await warm()];
    world.aws.tables.get('ledger')?.clear();
    const begin = (ledger: Ledger, requestId: string) =>
      ledger.begin(requestOf({ type, requestId, physicalId: 'a1', names: 'an object' }), world.deadline());
    await expect(begin(one, 'r1')).rejects.toThrow('not registered in the ledger');
    // The items of that request are there, and it may have died before its look.
    world.clock.advance(60_000);
    await expect(begin(other, 'r1')).rejects.toThrow('not registered in the ledger');
  });
});

test('a request of a logical resource that owns something looks no second time', async () => {
  const ledger = new Ledger(container(), world.clock);
  const begun = await ledger.begin(requestOf(), world.deadline());
  if (begun.verdict !== 'go') throw new Error(begun.verdict);
  await begun.attempt.succeed(
    { physicalId: 'a1', data: {} },
    {
      object: {
        ...{ kind: 'action', id: 'a1', organization: 'o', owner: { stackId, logicalId: 'Action' } },
        ...{ origin: 'created', createdAt: 0, applied: [], dirty: false, identity: '' },
        ...{ attributes: {}, details: {} },
      },
    },
  );
  world.aws.calls.splice(0);
  await ledger.begin(requestOf({ type: 'Update', requestId: 'r2' }), world.deadline());
  // The attempt and the logical resource.
  expect(world.aws.calls.filter((call) => call.endsWith('.GetItem'))).toHaveLength(2);
});
