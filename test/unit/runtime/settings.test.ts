import { definitionAllowed, readSettings, stackAllowed } from '../../../provider/runtime/settings.ts';

const environment = {
  GENESYS_ENVIRONMENT: 'mypurecloud.ie',
  GENESYS_OAUTH_SECRET_ARN:
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/oauth/credentials-AbCdEf',
  LEDGER_TABLE_NAME: 'ledger',
};

test('an optional setting that is unset has its documented meaning', () => {
  expect(readSettings(environment)).toMatchObject({
    resourceTypes: undefined,
    allowedStacks: [],
    additionalOauthSecretArns: [],
    allowLoopbackResponseUrl: false,
  });
});

test.each([
  ['LEDGER_TABLE_NAME', { LEDGER_TABLE_NAME: ' ' }],
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
