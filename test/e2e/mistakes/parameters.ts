/** Parameters and commands that are refused before anything is made. */
import { parameters } from './attempts.ts';
import { ACCOUNT } from './base.ts';
import type { Mistake } from './mistake.ts';

const right = {
  CodeS3Bucket: 'packages-us-east-1',
  CodeS3Key: 'provider.zip',
  GenesysEnvironment: 'eu-west-1',
  OAuthSecretArn: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/genesys/oauth/credentials-AbCdEf`,
};
const provider = (values: Record<string, string>) => parameters('provider.yaml', { ...right, ...values });

export const ofParameters: Mistake[] = [
  {
    what: 'an environment by its country',
    make: provider({ GenesysEnvironment: 'ireland' }),
    names: ['GenesysEnvironment'],
    advice: 'must be the domain of a Genesys Cloud region (mypurecloud.ie) or its AWS Region (eu-west-1)',
  },
  {
    what: 'the name of the OAuth secret for its ARN',
    make: provider({ OAuthSecretArn: '/genesys/oauth/credentials' }),
    names: ['OAuthSecretArn'],
    advice: 'must be the complete ARN (with its six random characters)',
  },
  {
    what: 'an OAuth secret of another name',
    make: provider({ OAuthSecretArn: right.OAuthSecretArn.replace('oauth', 'logins') }),
    names: ['OAuthSecretArn'],
    advice: 'whose name begins with /genesys/oauth/',
  },
  {
    what: 'an OAuth secret without its six characters',
    make: provider({ OAuthSecretArn: right.OAuthSecretArn.replace('-AbCdEf', '') }),
    names: ['OAuthSecretArn'],
    advice: 'must be the complete ARN (with its six random characters)',
  },
  {
    what: 'a misspelt resource type',
    make: provider({ ResourceTypes: 'Custom::GenesysAwsIntegrations' }),
    names: ['ResourceTypes'],
    advice: 'must be some of the listed resource types',
  },
  {
    what: 'no bucket',
    make: provider({ CodeS3Bucket: '' }),
    names: ['CodeS3BucketPrefix'],
    advice: 'set CodeS3Bucket or CodeS3BucketPrefix',
  },
  {
    what: 'a bucket by its URL',
    make: provider({ CodeS3Bucket: 's3://packages' }),
    names: ['CodeS3Bucket'],
    advice: 'must be the name of an S3 bucket, or empty',
  },
  {
    what: 'one subnet only',
    make: provider({ SubnetIdA: 'subnet-0123456789abcdef0', SecurityGroupId: 'sg-0123456789abcdef0' }),
    names: ['SubnetIdB'],
    advice: 'set SubnetIdB',
  },
  {
    what: 'too little memory',
    make: provider({ MemorySize: '128' }),
    names: ['MemorySize'],
    advice: 'must be between 256 and 10240 MB',
  },
  {
    what: 'the alias of a key for its ARN',
    make: provider({ KmsKeyArn: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/ledger` }),
    names: ['KmsKeyArn'],
    advice: 'must be the ARN of a KMS key (no alias), or empty',
  },
  {
    what: 'one address of two',
    make: provider({ GenesysApiBaseUrl: 'https://gateway.example.com' }),
    names: ['GenesysLoginBaseUrl'],
    advice: 'set both GenesysApiBaseUrl and GenesysLoginBaseUrl, or neither',
  },
  {
    what: 'capitals in the prefix',
    make: provider({ ExportPrefix: 'Genesys' }),
    names: ['ExportPrefix'],
    advice: 'must be 3 to 40 lower-case letters, digits and hyphens',
  },
  {
    what: 'the name of the organization for its id',
    make: parameters('examples/quickstart.yaml', { GenesysOrganizationId: 'Example Ltd' }),
    names: ['GenesysOrganizationId'],
    advice: 'must be the id of the organization, a UUID in lower case',
  },
  {
    what: 'an account id with hyphens',
    make: parameters('examples/quickstart.yaml', {
      GenesysOrganizationId: '01234567-89ab-4cde-8f01-23456789abcd',
      GenesysAccountId: '7656-2898-5471',
    }),
    names: ['GenesysAccountId'],
    advice: 'must be an AWS account id of 12 digits',
  },
];
