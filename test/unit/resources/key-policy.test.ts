import { policyProblem } from '../../../provider/resources/recording-key/key-policy.ts';

const organization = '11111111-2222-4333-8444-555555555555';
const statement = (change: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::765628985471:root' },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
  Resource: '*',
  Condition: { StringEquals: { 'kms:EncryptionContext:genesys-cloud-organization-id': [organization] } },
  ...change,
});
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

test.each([
  ['the documented statement', policy(statement())],
  ['one statement that is no list', JSON.stringify({ Statement: statement() })],
  ['kms:*', policy(statement({ Action: 'kms:*' }))],
  ['actions in another case', policy(statement({ Action: ['KMS:*crypt', 'kms:generatedatake?'] }))],
])('%s lets Genesys Cloud in', (_what, document) => {
  expect(policyProblem(document, organization)).toBeUndefined();
});

test.each([
  ['no statement', policy(), /lacks the statement/],
  ['a statement without the context', policy(statement({ Condition: {} })), /lacks the statement/],
  [
    'another organization',
    policy(
      statement({
        Condition: { StringEquals: { 'kms:EncryptionContext:genesys-cloud-organization-id': 'other' } },
      }),
    ),
    /for organization other/,
  ],
  [
    'too few actions',
    policy(statement({ Action: ['kms:Decrypt'] })),
    /does not allow kms:Encrypt, kms:GenerateDataKey/,
  ],
  ['a denial only', policy(statement({ Effect: 'Deny' })), /lacks the statement/],
  ['no JSON', 'x', /lacks the statement/],
])('%s is said', (_what, document, expected) => {
  expect(policyProblem(document, organization)).toMatch(expected);
});
