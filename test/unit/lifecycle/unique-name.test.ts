/** The name of an object that a request has not finished yet. */
import { isUniqueName, uniqueName } from '../../../provider/lifecycle/making.ts';
import type { Operation } from '../../../provider/lifecycle/operation.ts';

const operation = (attemptId: string) =>
  ({ request: { stackId: 'stack', logicalId: 'Thing', attemptId } }) as unknown as Operation;
const LONGEST = 256;

test.each([
  ['ASCII', 'a'],
  ['characters of two units', '𝄞'],
  ['characters of two units after one of one', 'a𝄞'],
  ['emoji of several characters', '👩‍🚀'],
])('a long name of %s is cut between characters, and has at most 256 units', (_what, part) => {
  const name = uniqueName(part.repeat(300), operation('1'));
  expect(name.length).toBeLessThanOrEqual(LONGEST);
  expect(name.length).toBeGreaterThan(LONGEST - 3);
  expect(name.isWellFormed()).toBe(true);
  expect(isUniqueName(name)).toBe(true);
});

test('a short name stays whole, and each attempt has a name of its own', () => {
  const name = uniqueName('Orders 𝄞', operation('1'));
  expect(name).toMatch(/^Orders 𝄞 \[[0-9a-f]{12}\]$/);
  expect(uniqueName('Orders 𝄞', operation('1'))).toBe(name);
  expect(uniqueName('Orders 𝄞', operation('2'))).not.toBe(name);
});
