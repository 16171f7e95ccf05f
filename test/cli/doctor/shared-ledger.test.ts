/** A provider with a ledger that several accounts share: everything is looked at by the ARN of the table. */
import { withItem } from './by-hand.ts';
import { DoctorWorld } from './world.ts';

const TABLE = 'shared-ledger';
let world: DoctorWorld;

beforeAll(async () => {
  world = await DoctorWorld.start();
  await world.deploy('ledger', 'ledger', { TableName: TABLE, MemberAccountIds: '444455556666' });
  await world.deployProvider({ LedgerTableArn: world.outputs['ledger']?.['LedgerTableArn'] ?? '' });
}, 300_000);
afterAll(() => world?.stop());

const registered = (account: string) => {
  const provider = `arn:aws:lambda:us-east-1:${account}:function:genesys-cloud-provider`;
  return withItem(world, TABLE, `PROVIDER#${provider}`, { provider, at: 0, by: 'installation' });
};

test('a shared ledger has no fault', async () => {
  const { code, findings } = await world.findings();
  expect(findings.filter(({ state }) => ['fault', 'not-looked-at'].includes(state))).toEqual([]);
  expect(findings.find(({ id }) => id === 'ledger-table')?.detail).toMatch(
    /^arn:aws:dynamodb:.*:table\/shared-ledger$/,
  );
  expect(code).toBe(0);
});

test('a provider of a member account is admitted', async () => {
  const remove = await registered('444455556666');
  const { findings } = await world.findings();
  await remove();
  expect(findings.find(({ id }) => id === 'ledger-policy')).toMatchObject({
    state: 'fine',
    detail: '1 of other accounts',
  });
});

test('a provider of an account that is no member any more is not', async () => {
  const remove = await registered('555566667777');
  const { code, findings } = await world.findings();
  await remove();
  expect(findings.filter(({ state }) => state === 'fault')).toEqual([
    expect.objectContaining({
      id: 'ledger-policy',
      fix: expect.stringContaining('Add 555566667777 to MemberAccountIds'),
    }),
  ]);
  expect(code).toBe(1);
});
