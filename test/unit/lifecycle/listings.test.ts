import { Listings } from '../../../provider/lifecycle/listings.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const KIND = 'org#action';
const clock = new FakeClock();
let reads: number;
let listed: string[];
let listings: Listings;
beforeEach(() => {
  reads = 0;
  listed = ['there'];
  listings = new Listings(clock);
});

const MINUTE = 60_000;
const longAgo = () => clock.now() - 60 * MINUTE;
const shows = (id: string, madeAt: number | undefined, kind = KIND) =>
  listings.shows(kind, id, madeAt, async () => {
    reads += 1;
    return listed;
  });

test('objects that a list does not show share one look at it', async () => {
  expect(await shows('one', longAgo())).toBe(false);
  expect(await shows('two', longAgo())).toBe(false);
  expect(reads).toBe(1);
});

test('a list that shows an object is read again, since the object may have gone', async () => {
  expect(await shows('there', longAgo())).toBe(true);
  listed = [];
  expect(await shows('there', longAgo())).toBe(false);
  expect(reads).toBe(2);
});

test('a list is read again for an object that it may not have shown yet', async () => {
  await shows('one', longAgo());
  expect(await shows('young', clock.now())).toBe(false);
  expect(await shows('unknown to the ledger', undefined)).toBe(false);
  expect(reads).toBe(3);
});

test('a list is read again after five minutes', async () => {
  await shows('one', longAgo());
  clock.advance(5 * MINUTE);
  await shows('two', longAgo());
  expect(reads).toBe(1);
  clock.advance(1);
  await shows('three', longAgo());
  expect(reads).toBe(2);
});

test('each kind of an organization has a list of its own', async () => {
  await shows('one', longAgo());
  await shows('one', longAgo(), 'other#action');
  expect(reads).toBe(2);
});
