/** Wrong parameters of provider.yaml, operations.yaml, validate-hook.yaml and oauth-rotation.yaml. */
import { account, oauthSecret, providerArn, scenarios } from '../../../scripts/build/templates/scenarios.ts';
import { group, type Refusal, subnetA, subnetB } from './refusal.ts';

/** Templates whose functions may stand in a VPC, and reach Genesys Cloud by a gateway. */
const ofNetwork = ['provider.yaml', 'operations.yaml', 'oauth-rotation.yaml'].flatMap((file): Refusal[] => [
  [file, 'one subnet', { SubnetIdA: subnetA, SecurityGroupId: group }, /set SubnetIdB/],
  [
    file,
    'equal subnets',
    { SubnetIdA: subnetA, SubnetIdB: subnetA, SecurityGroupId: group },
    /Subnet.* must differ/,
  ],
  [
    file,
    'equal second and third subnets',
    { SubnetIdA: subnetA, SubnetIdB: subnetB, SubnetIdC: subnetB, SecurityGroupId: group },
    /Subnet.* must differ/,
  ],
  [
    file,
    'the first subnet again as the third',
    { SubnetIdA: subnetA, SubnetIdB: subnetB, SubnetIdC: subnetA, SecurityGroupId: group },
    /Subnet.* must differ/,
  ],
  [
    file,
    'subnets without a security group',
    { SubnetIdA: subnetA, SubnetIdB: subnetB },
    /set SecurityGroupId/,
  ],
  [file, 'a security group without subnets', { SecurityGroupId: group }, /need SubnetIdA/],
  [file, 'one base URL of two', { GenesysApiBaseUrl: 'https://gateway.example.com/api' }, /set both/],
]);

export const provider: Refusal[] = [
  ...ofNetwork,
  ...['provider.yaml', 'stacksets/provider.yaml', 'examples/private-network.yaml'].flatMap((file) =>
    ['aws-genesys', 'ssmgenesys'].map(
      (prefix): Refusal => [
        file,
        `the prefix ${prefix}, which Systems Manager keeps for itself`,
        { ExportPrefix: prefix },
        /not (beginning )?with aws or ssm/,
      ],
    ),
  ),
  [
    'oauth-rotation.yaml',
    'one secret for both clients',
    { RotationClientSecretArn: oauthSecret },
    /must differ, because a reset voids/,
  ],
  ['oauth-rotation.yaml', 'no bucket', { CodeS3Bucket: '' }, /set CodeS3Bucket or CodeS3BucketPrefix/],
  [
    'oauth-rotation.yaml',
    'a bucket and a prefix of buckets',
    { CodeS3BucketPrefix: 'packages' },
    /either CodeS3Bucket or CodeS3BucketPrefix/,
  ],
  [
    'operations.yaml',
    'nothing to do',
    { CreateDashboard: 'false' },
    /CreateDashboard, CheckDrift or CheckRecordingKey/,
  ],
  [
    'operations.yaml',
    'a check for drift without code',
    { CheckDrift: 'true' },
    /CheckDrift needs CodeS3Bucket/,
  ],
  ...['CodeS3Key', 'OAuthSecretArn'].map(
    (parameter): Refusal => [
      'operations.yaml',
      `a check for drift without ${parameter}`,
      { ...scenarios['operations.yaml']?.variations['check for drift'], [parameter]: '' },
      new RegExp(`CheckDrift needs ${parameter}`),
    ],
  ),
  [
    'operations.yaml',
    'a schedule that is none',
    { ...scenarios['operations.yaml']?.variations['check for drift'], DriftCheckSchedule: 'daily' },
    /rate or cron expression/,
  ],
  ['operations.yaml', 'a check without code', { CheckRecordingKey: 'true' }, /needs CodeS3Bucket/],
  ...[
    ['the key of its code', 'CodeS3Key', 'needs CodeS3Key'],
    ['its organization', 'GenesysEnvironment', 'needs GenesysEnvironment'],
    ['its secret', 'OAuthSecretArn', 'needs OAuthSecretArn'],
  ].map(
    ([what, parameter = '', message = '']): Refusal => [
      'operations.yaml',
      `a check without ${what}`,
      { ...scenarios['operations.yaml']?.variations['check alone'], [parameter]: '' },
      new RegExp(message),
    ],
  ),
  [
    'operations.yaml',
    'a bucket and a prefix of buckets',
    { ...scenarios['operations.yaml']?.variations['check alone'], CodeS3BucketPrefix: 'packages' },
    /either CodeS3Bucket or CodeS3BucketPrefix/,
  ],
  ['validate-hook.yaml', 'no bucket', { CodeS3Bucket: '' }, /set CodeS3Bucket or CodeS3BucketPrefix/],
  [
    'validate-hook.yaml',
    'a bucket and a prefix of buckets',
    { CodeS3BucketPrefix: 'packages' },
    /either CodeS3Bucket or CodeS3BucketPrefix/,
  ],
  ['validate-hook.yaml', 'a name that AWS keeps', { HookAlias: 'AWS::Own::Hook' }, /HookAlias: must be/],
  ['validate-hook.yaml', 'a name of two parts', { HookAlias: 'Own::Hook' }, /HookAlias: must be/],
  ['validate-hook.yaml', 'an empty list of stacks', { ExcludedStacks: '' }, /ExcludedStacks: must be/],
  [
    'provider.yaml',
    'an OAuth secret outside /genesys/oauth/',
    { OAuthSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/credentials/crm-AbCdEf` },
    /OAuthSecretArn: must be the complete ARN/,
  ],
  [
    'provider.yaml',
    'an OAuth secret without its six characters',
    { OAuthSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/oauth/credentials` },
    /OAuthSecretArn/,
  ],
  [
    'provider.yaml',
    'one bad secret among the further ones',
    {
      AdditionalOAuthSecretArns: `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/oauth/a-AbCdEf,*`,
    },
    /AdditionalOAuthSecretArns/,
  ],
  [
    'provider.yaml',
    'a region that Genesys Cloud does not have',
    { GenesysEnvironment: 'euw1.pure.cloud' },
    /domain of a Genesys Cloud region/,
  ],
  [
    'provider.yaml',
    'a resource type that it does not know',
    { ResourceTypes: 'Custom::GenesysQueue' },
    /ResourceTypes/,
  ],
  [
    'provider.yaml',
    'a base URL with credentials in its query',
    { GenesysApiBaseUrl: 'https://gateway.example.com/?key=1' },
    /URL without query/,
  ],
  ['provider.yaml', 'too little memory', { MemorySize: '128' }, /between 256 and 10240/],
  ['provider.yaml', 'an upper-case prefix', { ExportPrefix: 'Genesys' }, /ExportPrefix/],
  ['provider.yaml', 'a parameter that it does not have', { OnDelete: 'Retain' }, /do not exist/],
  [
    'provider.yaml',
    'a bucket and a prefix of buckets',
    { CodeS3BucketPrefix: 'packages' },
    /set either CodeS3Bucket or CodeS3BucketPrefix/,
  ],
  ['provider.yaml', 'no bucket', { CodeS3Bucket: '' }, /set CodeS3Bucket or CodeS3BucketPrefix/],
  [
    'provider.yaml',
    'a ledger by its name',
    { LedgerTableArn: 'genesys-cloud-ledger' },
    /must be the ARN of a DynamoDB table/,
  ],
  [
    'provider.yaml',
    'the ARN of something else than a table',
    { LedgerTableArn: `arn:aws:s3:::${account}` },
    /must be the ARN of a DynamoDB table/,
  ],
  [
    'provider.yaml',
    'an alias as the provider of the recording key',
    { RecordingKeyProviderArn: `${providerArn}:live` },
    /must be the ARN of a Lambda function/,
  ],
  ['ledger.yaml', 'everybody as member', { MemberAccountIds: '*' }, /12 digits/],
  ['ledger.yaml', 'an organization as member', { MemberAccountIds: 'o-a1b2c3d4e5' }, /12 digits/],
  ['ledger.yaml', 'every role of a member', { MemberRoleName: '*' }, /name of an IAM role/],
  ['ledger.yaml', 'an alias for the key', { KmsKeyArn: 'alias/aws/dynamodb' }, /ARN of a KMS key/],
  ['provider.yaml', 'everybody as consumer', { ConsumerAccountIdA: '*' }, /12 digits/],
  ['provider.yaml', 'every organization as consumer', { ConsumerOrganizationId: '*' }, /AWS organization/],
];
