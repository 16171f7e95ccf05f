/** Wrong parameters of the templates of stacksets/. */
import { homeLedgerArn, oauthSecret, scenarios } from '../../../scripts/build/templates/scenarios.ts';
import type { Refusal } from './refusal.ts';

export const rollout: Refusal[] = [
  ...['A', 'B', 'C', 'D', 'E', 'F'].map(
    (replica): Refusal => [
      'stacksets/oauth-secret.yaml',
      `replica ${replica} without a key there`,
      { [`ReplicaRegion${replica}`]: 'us-east-1' },
      new RegExp(
        `a replica needs its Region and a key there; set both ReplicaRegion${replica} and ReplicaKmsKeyArn${replica}`,
      ),
    ],
  ),
  [
    'stacksets/oauth-secret.yaml',
    'a secret that no provider logs in with',
    { SecretName: '/genesys/credentials/oauth' },
    /begins with \/genesys\/oauth\//,
  ],
  [
    'stacksets/artifact-bucket.yaml',
    'a name of an organization instead of its id',
    { OrganizationId: 'example' },
    /id of an AWS organization/,
  ],
  [
    'stacksets/provider.yaml',
    'automatic deployment without an organization',
    { AutoDeployment: 'true' },
    /AutoDeployment needs PermissionModel SERVICE_MANAGED/,
  ],
  [
    'stacksets/provider.yaml',
    'a delegated administrator of no organization',
    { CallAs: 'DELEGATED_ADMIN' },
    /CallAs DELEGATED_ADMIN needs PermissionModel SERVICE_MANAGED/,
  ],
  [
    'stacksets/provider.yaml',
    'roles where the organization has its own',
    { PermissionModel: 'SERVICE_MANAGED', ExecutionRoleName: 'StackSetsExecution' },
    /need PermissionModel SELF_MANAGED/,
  ],
  [
    'stacksets/provider.yaml',
    'two accounts at once where no failure is tolerated',
    { MaxConcurrentCount: '2' },
    /at most FailureToleranceCount \+ 1/,
  ],
  [
    'stacksets/provider.yaml',
    'a self-managed set without accounts',
    { GroupAAccountIds: '' },
    /SELF_MANAGED needs GroupAAccountIds/,
  ],
  [
    'stacksets/provider.yaml',
    'organizational units in a self-managed set',
    { GroupAOrganizationalUnitIds: 'ou-ab12-cdefgh34' },
    /organizational units need PermissionModel SERVICE_MANAGED/,
  ],
  [
    'stacksets/provider.yaml',
    'a service-managed set without units',
    { PermissionModel: 'SERVICE_MANAGED' },
    /SERVICE_MANAGED needs GroupAOrganizationalUnitIds/,
  ],
  ...[...'BCD'].flatMap((letter): Refusal[] => {
    const file = 'stacksets/provider.yaml';
    const whole = {
      [`Group${letter}Regions`]: 'us-east-1',
      [`Group${letter}GenesysEnvironment`]: 'mypurecloud.com',
      [`Group${letter}OAuthSecretArn`]: scenarios[file]?.base['GroupAOAuthSecretArn'] ?? '',
      [`Group${letter}LedgerTableArn`]: homeLedgerArn,
    };
    return [
      [
        file,
        `group ${letter} without a secret`,
        { ...whole, [`Group${letter}OAuthSecretArn`]: '' },
        /a group needs both/,
      ],
      [file, `group ${letter} without Regions`, { ...whole, [`Group${letter}Regions`]: '' }, /Regions$/],
      [file, `group ${letter} without accounts`, whole, /SELF_MANAGED needs Group[BCD]AccountIds/],
      [
        file,
        `group ${letter} without units`,
        {
          ...whole,
          PermissionModel: 'SERVICE_MANAGED',
          GroupAOrganizationalUnitIds: 'ou-ab12-cdefgh34',
        },
        /SERVICE_MANAGED needs Group[BCD]OrganizationalUnitIds/,
      ],
    ];
  }),
  ...['A', 'B', 'C', 'D'].map(
    (group): Refusal => [
      'stacksets/provider.yaml',
      `group ${group} without a shared ledger`,
      {
        [`Group${group}GenesysEnvironment`]: 'mypurecloud.com',
        [`Group${group}OAuthSecretArn`]: oauthSecret,
        [`Group${group}LedgerTableArn`]: '',
      },
      new RegExp(`set Group${group}LedgerTableArn; only OwnLedgers true`),
    ],
  ),
  [
    'stacksets/provider.yaml',
    'recording keys by every provider',
    { ResourceTypes: 'Custom::GenesysRecordingKey' },
    /need RecordingKeyProviderArn/,
  ],
  [
    'stacksets/artifact-bucket.yaml',
    'a prefix that would end in two hyphens',
    { BucketPrefix: 'packages-' },
    /end with a letter or digit/,
  ],
  ['stacksets/artifact-bucket.yaml', 'everybody as reader', { ReaderAccountIds: '*' }, /12 digits/],
  [
    'stacksets/oauth-secret.yaml',
    'a name that the provider does not log in with',
    { SecretName: '/genesys/credentials/crm' },
    /begins with \/genesys\/oauth\//,
  ],
  ['stacksets/oauth-secret.yaml', 'everybody as reader', { ReaderAccountIds: '*' }, /12 digits/],
  [
    'stacksets/oauth-secret.yaml',
    'every role of an account as reader',
    { ReaderAccountIds: '444455556666', ReaderRoleArns: 'arn:aws:iam::444455556666:role/*' },
    /must be ARNs of IAM roles/,
  ],
  [
    'stacksets/oauth-secret.yaml',
    'the provider of every account as reader',
    { ReaderAccountIds: '444455556666', ReaderRoleArns: 'arn:aws:iam::*:role/provider-ProviderRole-*' },
    /must be ARNs of IAM roles/,
  ],
  [
    'stacksets/oauth-secret.yaml',
    'accounts as readers without their roles',
    { ReaderAccountIds: '444455556666' },
    /readers need their roles/,
  ],
  [
    'stacksets/oauth-secret.yaml',
    'roles as readers without their accounts',
    { ReaderRoleArns: 'arn:aws:iam::444455556666:role/provider-ProviderRole-1A2B3C' },
    /ReaderRoleArns need ReaderAccountIds/,
  ],
  [
    'stacksets/provider.yaml',
    'roles in a service-managed set',
    { PermissionModel: 'SERVICE_MANAGED', ExecutionRoleName: 'Execution' },
    /need PermissionModel SELF_MANAGED/,
  ],
  [
    'stacksets/provider.yaml',
    'many accounts at once where none may fail',
    { MaxConcurrentCount: '10' },
    /at most FailureToleranceCount \+ 1/,
  ],
  ['stacksets/provider.yaml', 'a group without Regions', { GroupARegions: '' }, /names of AWS Regions/],
];
