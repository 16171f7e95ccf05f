import { installed } from '../../../local/provider/installed-provider.ts';
import {
  definitionAllowed,
  readLedgerSettings,
  readSettings,
  stackAllowed,
} from '../../../provider/runtime/settings.ts';

const environment = {
  GENESYS_ENVIRONMENT: 'mypurecloud.ie',
  GENESYS_OAUTH_SECRET_ARN:
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/oauth/credentials-AbCdEf',
};
const ledger = { LEDGER_TABLE_NAME: 'ledger', ...installed() };

test('an optional setting that is unset has its documented meaning', () => {
  expect(readSettings(environment)).toMatchObject({
    resourceTypes: undefined,
    allowedStacks: [],
    additionalOauthSecretArns: [],
    allowLoopbackResponseUrl: false,
  });
});

test.each([
  ['GENESYS_OAUTH_SECRET_ARN', { GENESYS_OAUTH_SECRET_ARN: undefined }],
  [
    'GENESYS_OAUTH_SECRET_ARN',
    {
      GENESYS_OAUTH_SECRET_ARN:
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/credentials/x-AbCdEf',
    },
  ],
  [
    'ADDITIONAL_OAUTH_SECRET_ARNS',
    { ADDITIONAL_OAUTH_SECRET_ARNS: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-AbCdEf' },
  ],
  ['GENESYS_API_BASE_URL', { GENESYS_API_BASE_URL: 'ftp://x' }],
])('a bad %s is named', (name, change) => {
  expect(() => readSettings({ ...environment, ...change })).toThrow(name);
});

describe('the ledger', () => {
  const home = 'arn:aws:dynamodb:eu-west-1:999999999999:table/genesys-cloud-shared-ledger';

  test.each(['ledger', 'genesys.cloud_ledger-2', home])('may be %s', (LEDGER_TABLE_NAME) => {
    const { PROVIDER_ARN: providerArn, PROVIDER_STACK_ID: stackId } = ledger;
    expect(readLedgerSettings({ ...ledger, LEDGER_TABLE_NAME })).toEqual({
      table: LEDGER_TABLE_NAME,
      providerArn,
      stackId,
    });
  });

  test.each([
    ['nothing', ' ', 'LEDGER_TABLE_NAME is not set'],
    ['a name that no table can have', 'a/b', 'must hold the name of a DynamoDB table, or its ARN'],
    ['an ARN without a table', 'arn:aws:dynamodb:eu-west-1:999999999999:table/', 'or its ARN'],
    ['an index of a table', `${home}/index/owners`, 'or its ARN'],
    ['the ARN of something else', home.replace('dynamodb', 's3'), 'or its ARN'],
    ['an ARN without an account', home.replace('999999999999', ''), 'or its ARN'],
    ['a table of another partition', home.replace('aws', 'aws-cn'), 'of the partition aws-cn'],
  ])('is refused where it is %s', (_what, LEDGER_TABLE_NAME, message) => {
    expect(() => readLedgerSettings({ ...ledger, LEDGER_TABLE_NAME })).toThrow(message);
  });

  test.each(['PROVIDER_ARN', 'PROVIDER_STACK_ID'])('needs %s', (name) => {
    expect(() => readLedgerSettings({ ...ledger, [name]: undefined })).toThrow(name);
  });
});

test.each([
  [[], 'any', true],
  [['team-*'], 'team-orders', true],
  [['team-*'], 'other', false],
  [['orders'], 'orders-2', false],
  [['order?'], 'orders', true],
  [['arn:aws:cloudformation:*:123456789012:stack/*'], 'orders', true],
  [['arn:aws:cloudformation:*:999999999999:stack/*'], 'orders', false],
  [['a.c'], 'abc', false],
])('globs %j allow stack %s: %s', (allowedStacks, name, expected) => {
  expect(
    stackAllowed(
      { allowedStacks },
      {
        stackId: `arn:aws:cloudformation:eu-west-1:123456789012:stack/${name}/1a2b`,
        ownAccount: '123456789012',
      },
    ),
  ).toBe(expected);
});

test.each([
  [[], false],
  [['arn:aws:s3:::artifacts/actions/*.json'], true],
  [['arn:aws-cn:s3:::artifacts/actions/*.json'], true],
  [['arn:aws:s3:::artifacts/other/*'], false],
])('globs %j allow a definition from S3: %s', (definitionObjectArns, expected) => {
  expect(definitionAllowed({ definitionObjectArns }, 'artifacts', 'actions/order.json')).toBe(expected);
});
