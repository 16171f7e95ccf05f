/** Wrong parameters of the templates of iam/ and kms/. */
import {
  account,
  apiMethod,
  customerFunction,
  genesysAccount,
  keyId,
  sovereignCloud,
} from '../../../scripts/build/templates/scenarios.ts';
import type { Refusal } from './refusal.ts';

const role = `arn:aws:iam::${account}:role/Admin`;

const withGenesysAccount = [
  'iam/data-action-role.yaml',
  'kms/recording-key.yaml',
  'kms/recording-key-replica.yaml',
  'examples/lambda-endpoint.yaml',
  'examples/quickstart.yaml',
];

export const rolesAndKeys: Refusal[] = [
  ...withGenesysAccount.map(
    (template): Refusal => [
      template,
      "Genesys Cloud's account of another partition",
      { GenesysAccountId: genesysAccount },
      /ask Genesys for its account in this partition/,
      sovereignCloud,
    ],
  ),
  ...['api', 'alb', 'work', '7', '$LATEST', '*', 'live-2'].map(
    (qualifier): Refusal => [
      'iam/data-action-role.yaml',
      `the qualifier ${qualifier} among functions`,
      { FunctionArns: `${customerFunction}:live,${customerFunction}:${qualifier}` },
      /FunctionArns: must be ARNs of Lambda functions or of their aliases live/,
    ],
  ),
  [
    'iam/data-action-role.yaml',
    'an organization id that is no UUID',
    { GenesysOrganizationId: 'my-organization' },
    /a UUID in lower case/,
  ],
  ['iam/data-action-role.yaml', 'no organization id', { GenesysOrganizationId: '' }, /a UUID in lower case/],
  ['iam/data-action-role.yaml', 'every function', { FunctionArns: '*' }, /without wildcards/],
  [
    'iam/data-action-role.yaml',
    'functions by a wildcard',
    { FunctionArns: `${customerFunction}*` },
    /without wildcards/,
  ],
  [
    'iam/data-action-role.yaml',
    'one wildcard among functions',
    { FunctionArns: `${customerFunction},arn:aws:lambda:eu-west-1:${account}:function:*` },
    /without wildcards/,
  ],
  [
    'iam/data-action-role.yaml',
    'every method of an API',
    { ApiMethodArn: apiMethod.replace('POST/customers', '*') },
    /one method of one API/,
  ],
  [
    'iam/data-action-role.yaml',
    'an account id of 11 digits',
    { GenesysAccountId: genesysAccount.slice(1) },
    /12 digits/,
  ],
  [
    'kms/recording-key.yaml',
    'an organization id that is no UUID',
    { GenesysOrganizationIds: '*' },
    /UUIDs in lower case/,
  ],
  [
    'kms/recording-key.yaml',
    'one bad organization id among good ones',
    { GenesysOrganizationIds: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d,demo' },
    /UUIDs in lower case/,
  ],
  [
    'kms/recording-key.yaml',
    'everybody as administrator',
    { KeyAdministratorArns: '*' },
    /without wildcards/,
  ],
  [
    'kms/recording-key.yaml',
    'the whole account as administrator',
    { KeyAdministratorArns: `arn:aws:iam::${account}:root` },
    /IAM roles or users/,
  ],
  [
    'kms/recording-key.yaml',
    'roles by a wildcard as administrators',
    { KeyAdministratorArns: `${role}*` },
    /without wildcards/,
  ],
  [
    'kms/recording-key.yaml',
    'an alias with its prefix',
    { AliasName: 'alias:recordings' },
    /without "alias\/"/,
  ],
  ['kms/recording-key.yaml', "an alias of AWS's own", { AliasName: 'aws/s3' }, /not beginning with "aws\/"/],
  [
    'kms/recording-key.yaml',
    'an ARN as the retained key',
    { ExistingKeyId: `arn:aws:kms:eu-west-1:${account}:key/${keyId}` },
    /no ARN/,
  ],
  [
    'kms/recording-key.yaml',
    'a kill switch for a policy that it does not manage',
    { ExistingKeyId: keyId, GenesysCloudAccess: 'Denied', LinkToGenesysCloud: 'true' },
    /import the key/,
  ],
  [
    'kms/recording-key.yaml',
    'a retained key and nothing to do',
    { ExistingKeyId: keyId },
    /needs something to do/,
  ],
  [
    'kms/recording-key.yaml',
    'a rotation that KMS does not offer',
    { RotationPeriodInDays: '30' },
    /between 90 and 2560/,
  ],
  [
    'kms/recording-key-replica.yaml',
    'a primary key of one Region',
    { PrimaryKeyArn: `arn:aws:kms:us-east-1:${account}:key/${keyId}` },
    /multi-Region key/,
  ],
  [
    'kms/recording-key-replica.yaml',
    'an alias as primary key',
    { PrimaryKeyArn: `arn:aws:kms:us-east-1:${account}:alias/recordings` },
    /multi-Region key/,
  ],
  [
    'kms/recording-key-replica.yaml',
    'a retained key and nothing to do',
    { ExistingKeyId: keyId },
    /needs something to do/,
  ],
  [
    'kms/recording-key-replica.yaml',
    'a kill switch for a policy that it does not manage',
    { ExistingKeyId: keyId, GenesysCloudAccess: 'Denied' },
    /import the key/,
  ],
];
