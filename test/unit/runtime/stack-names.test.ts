import { admitsStack } from '../../../provider/runtime/stack-names.ts';

const OWN = '123456789012';
const OTHER = '444455556666';
const idIn = (account: string, name = 'orders-eu') =>
  `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/5f3c2b10-0000-4000-8000-000000000000`;

/**
 * An entry, and whether it admits the stack `orders-eu` of the provider's own account, and of another one.
 */
test.each([
  ['orders-eu', true, false],
  ['orders-*', true, false],
  ['*', true, false],
  ['*orders*', true, false],
  ['order', false, false],
  [`${OTHER}/orders-eu`, false, true],
  [`${OTHER}/orders-*`, false, true],
  [`${OTHER}/*`, false, true],
  [`${OWN}/orders-*`, true, false],
  ['*/orders-eu', false, false],
  [idIn(OTHER), false, true],
  [idIn(OWN), true, false],
  [`arn:aws:cloudformation:*:${OTHER}:stack/orders-*`, false, true],
  ['arn:aws:cloudformation:*:*:stack/orders-*', true, false],
  ['arn:*', true, false],
  [`arn:aws:cloudformation:eu-west-1:${OTHER}*:stack/orders-*`, false, false],
  [`arn:aws:cloudformation:eu-west-2:${OTHER}:stack/orders-*`, false, false],
  ['', false, false],
])('%j admits a stack of the own account: %s, of another account: %s', (entry, own, other) => {
  expect(admitsStack(entry, { stackId: idIn(OWN), ownAccount: OWN })).toBe(own);
  expect(admitsStack(entry, { stackId: idIn(OTHER), ownAccount: OWN })).toBe(other);
});

test('without the account of the provider no name counts, but an id and an account do', () => {
  const asking = { stackId: idIn(OWN), ownAccount: undefined };
  expect(admitsStack('orders-*', asking)).toBe(false);
  expect(admitsStack(`${OWN}/orders-*`, asking)).toBe(true);
  expect(admitsStack(idIn(OWN), asking)).toBe(true);
});

test('what is no id of a stack is admitted by nothing', () => {
  expect(admitsStack('*', { stackId: 'orders', ownAccount: OWN })).toBe(false);
});
