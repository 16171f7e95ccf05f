/**
 * The ledgers of a roll-out: several on one organization are refused, and a plan says which one is shared.
 */
import { mayServe } from '../../../scripts/rollout/consumers.ts';
import {
  ledgerParameters,
  providerArnOf,
  refuseSeparateLedgers,
  refuseSeveralRecordingKeyProviders,
  tableOf,
  type Wanted,
} from '../../../scripts/rollout/ledger.ts';
import { parsePlan } from '../../../scripts/rollout/plan.ts';

const shared = 'arn:aws:dynamodb:eu-west-1:111122223333:table/genesys-cloud-shared-ledger';
const provider = (account: string, region: string, parameters: Record<string, string> = {}): Wanted => ({
  instance: { account, region },
  parameters: { GenesysEnvironment: 'mypurecloud.ie', ...parameters },
});
const [one, two] = ['111122223333', '444455556666'];

describe('providers of one organization', () => {
  test.each<[string, Wanted[]]>([
    ['one provider with a ledger of its own', [provider(one, 'eu-west-1')]],
    [
      'two providers that share a ledger',
      [
        provider(one, 'eu-west-1', { LedgerTableArn: shared }),
        provider(two, 'us-east-1', { LedgerTableArn: shared }),
      ],
    ],
    ['an organizational unit that shares a ledger', [provider('', 'eu-west-1', { LedgerTableArn: shared })]],
    [
      'two organizations in two regions of Genesys Cloud',
      [provider(one, 'eu-west-1'), provider(one, 'us-east-1', { GenesysEnvironment: 'mypurecloud.com' })],
    ],
    ['none', []],
  ])('are built: %s', (_what, wanted) => {
    expect(() => refuseSeparateLedgers(wanted, { ownLedgers: false })).not.toThrow();
  });

  test.each<[string, Wanted[]]>([
    ['two Regions with ledgers of their own', [provider(one, 'eu-west-1'), provider(one, 'us-east-1')]],
    ['two accounts with ledgers of their own', [provider(one, 'eu-west-1'), provider(two, 'eu-west-1')]],
    [
      'one that shares a ledger beside one that does not',
      [
        provider(one, 'eu-west-1', { LedgerTableArn: shared }),
        provider(two, 'eu-west-1', { LedgerTableArn: '' }),
      ],
    ],
    [
      'two shared ledgers',
      [
        provider(one, 'eu-west-1', { LedgerTableArn: shared }),
        provider(two, 'eu-west-1', { LedgerTableArn: `${shared}-2` }),
      ],
    ],
    [
      'the domain beside the AWS Region of the same organization',
      [provider(one, 'eu-west-1'), provider(two, 'eu-west-1', { GenesysEnvironment: 'eu-west-1' })],
    ],
    ['an organizational unit, whose accounts nobody counts', [provider('', 'eu-west-1')]],
  ])('are refused: %s', (_what, wanted) => {
    expect(() => refuseSeparateLedgers(wanted, { ownLedgers: false })).toThrow(
      /several ledgers: .*ownLedgers: true/,
    );
    expect(() => refuseSeparateLedgers(wanted, { ownLedgers: true })).not.toThrow();
  });

  test('with several ledgers are told so', () => {
    expect(ledgerParameters({ ownLedgers: true }, undefined)).toEqual({ OtherLedgers: 'true' });
    expect(ledgerParameters({ ownLedgers: false }, shared)).toEqual({ LedgerTableArn: shared });
    expect(ledgerParameters({ ownLedgers: false }, undefined)).toEqual({});
  });
});

describe('recording keys', () => {
  const serving = { ResourceTypes: 'Custom::GenesysDataAction,Custom::GenesysRecordingKey' };
  const designated = {
    ...serving,
    RecordingKeyProviderArn: providerArnOf({ account: one, region: 'eu-west-1' }),
  };

  test.each<[string, Wanted[]]>([
    ['one provider serves them', [provider(one, 'eu-west-1', serving), provider(two, 'eu-west-1')]],
    [
      'all know the one that sets the key',
      [provider(one, 'eu-west-1', designated), provider(two, 'eu-west-1', designated)],
    ],
  ])('are served where %s', (_what, wanted) => {
    expect(() => refuseSeveralRecordingKeyProviders(wanted)).not.toThrow();
  });

  test.each<[string, Wanted[]]>([
    ['two providers serve them', [provider(one, 'eu-west-1', serving), provider(two, 'eu-west-1', serving)]],
    [
      'one of two does not know',
      [provider(one, 'eu-west-1', designated), provider(two, 'eu-west-1', serving)],
    ],
    ['an organizational unit serves them', [provider('', 'eu-west-1', serving)]],
  ])('are refused where %s', (_what, wanted) => {
    expect(() => refuseSeveralRecordingKeyProviders(wanted)).toThrow('RecordingKeyProviderArn');
  });
});

describe('a plan', () => {
  test('names the ledger of a roll-out, with defaults', () => {
    expect(parsePlan('ledger: {}').ledger).toEqual({
      stackName: 'genesys-cloud-ledger',
      members: [],
      parameters: {},
    });
    expect(
      parsePlan(`
ledger:
  region: eu-west-1
  account: '111122223333'
  roleName: Deployer
  stackName: home
  members: ['444455556666']
  parameters: { KmsKeyArn: key }
`).ledger,
    ).toEqual({
      region: 'eu-west-1',
      account: one,
      roleName: 'Deployer',
      stackName: 'home',
      members: [two],
      parameters: { KmsKeyArn: 'key' },
    });
    expect(parsePlan('').ledger).toBeUndefined();
    expect(parsePlan('').ownLedgers).toBe(false);
  });

  test.each([
    ['ledger: { regions: [eu-west-1] }', 'ledger has no field regions'],
    ['ledger: { members: [444455556666] }', 'put it into quotes'],
    ['ledger: { account: 111122223333 }', 'put it into quotes'],
    [`ledger: { tableArn: '${shared}', region: eu-west-1 }`, 'leave out region'],
    ['ledger: {}\nownLedgers: true', 'either a ledger'],
  ])('%j is refused', (text, message) => {
    expect(() => parsePlan(text)).toThrow(message);
  });
});

test('the ARN of a table is taken apart, and nothing else', () => {
  expect(tableOf(shared)).toEqual({
    arn: shared,
    partition: 'aws',
    region: 'eu-west-1',
    account: one,
    name: 'genesys-cloud-shared-ledger',
  });
  for (const text of ['genesys-cloud-ledger', `${shared}/index/a`, shared.replace('dynamodb', 's3'), ''])
    expect(() => tableOf(text)).toThrow('is not the ARN of a DynamoDB table');
});

test.each([
  ['its own account and Region', `arn:aws:cloudformation:eu-west-1:${one}:stack/orders/1`, true],
  ['another Region', `arn:aws:cloudformation:us-east-1:${one}:stack/orders/1`, false],
  ['an account that it lets in', 'arn:aws:cloudformation:eu-west-1:777788889999:stack/orders/1', true],
  ['another account', `arn:aws:cloudformation:eu-west-1:${two}:stack/orders/1`, false],
])('of a shared ledger, a provider may serve stacks of %s: %s', (_what, stackId, expected) => {
  const here = {
    account: one,
    region: 'eu-west-1',
    consumers: ['777788889999', ''],
    admitsOrganization: false,
  };
  expect(mayServe(here, { stackId })).toBe(expected);
  const everybody = { ...here, admitsOrganization: true };
  expect(mayServe(everybody, { stackId })).toBe(stackId.includes(':eu-west-1:'));
});
