/** What a wrong parameter is refused with, before anything is made. */
import { Refused, resolve } from './resolve.ts';
import { account, apiMethod, customerFunction, genesysAccount, keyId, scenarios } from './scenarios.ts';
import { readTemplate } from './template.ts';

const role = `arn:aws:iam::${account}:role/Admin`;
const subnetA = 'subnet-0aaaaaaaaaaaaaaaa';
const subnetB = 'subnet-0bbbbbbbbbbbbbbbb';
const group = 'sg-0aaaaaaaaaaaaaaaa';
const balancer = `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/app/orders/50dc6c495c0c9188`;

/** Template, what is wrong, the parameters that make it so, what the refusal says. */
type Refusal = [string, string, Record<string, string>, RegExp];
const refusals: Refusal[] = [
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
  ['provider.yaml', 'one subnet', { SubnetIdA: subnetA, SecurityGroupId: group }, /set SubnetIdB/],
  [
    'provider.yaml',
    'equal subnets',
    { SubnetIdA: subnetA, SubnetIdB: subnetA, SecurityGroupId: group },
    /SubnetIdA and SubnetIdB must differ/,
  ],
  [
    'provider.yaml',
    'equal second and third subnets',
    { SubnetIdA: subnetA, SubnetIdB: subnetB, SubnetIdC: subnetB, SecurityGroupId: group },
    /SubnetIdB and SubnetIdC must differ/,
  ],
  [
    'provider.yaml',
    'subnets without a security group',
    { SubnetIdA: subnetA, SubnetIdB: subnetB },
    /set SecurityGroupId/,
  ],
  ['provider.yaml', 'a security group without subnets', { SecurityGroupId: group }, /need SubnetIdA/],
  [
    'provider.yaml',
    'one base URL of two',
    { GenesysApiBaseUrl: 'https://gateway.example.com/api' },
    /set both/,
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

  ['network/vpc.yaml', 'the world as address range', { VpcCidr: '0.0.0.0/0' }, /private IPv4 range/],
  ['network/vpc.yaml', 'a public address range', { VpcCidr: '8.8.0.0/16' }, /private IPv4 range/],
  ['network/vpc.yaml', 'one Availability Zone', { Zones: '1' }, /2 or 3/],
  [
    'network/vpc.yaml',
    'a third address for two zones',
    { AllocationIdC: 'eipalloc-0cccccccccccccccc' },
    /needs three Zones/,
  ],
  [
    'network/vpc.yaml',
    'one address for two gateways',
    { AllocationIdA: 'eipalloc-0aaaaaaaaaaaaaaaa', AllocationIdB: 'eipalloc-0aaaaaaaaaaaaaaaa' },
    /must differ/,
  ],

  [
    'network/genesys-endpoint.yaml',
    'a service of AWS',
    { ServiceName: 'com.amazonaws.eu-west-1.s3' },
    /name of an endpoint service/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'one subnet twice',
    { SubnetIdB: subnetA },
    /needs two Availability Zones/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'the second subnet again as the third',
    { SubnetIdC: subnetB },
    /must differ/,
  ],
  ['network/genesys-endpoint.yaml', 'no second subnet', { SubnetIdB: '' }, /id of a subnet/],
  [
    'network/genesys-endpoint.yaml',
    'the world as caller',
    { CallerSecurityGroupId: '0.0.0.0/0' },
    /address ranges are not admitted/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'the world as further caller',
    { SecondCallerSecurityGroupId: '0.0.0.0/0' },
    /address ranges are not admitted/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'the same caller twice',
    { SecondCallerSecurityGroupId: group },
    /must differ/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'a host as domain',
    { GenesysDomain: 'https://api.mypurecloud.ie' },
    /without api\. or https/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'a policy that is no JSON',
    { EndpointPolicy: 'allow' },
    /policy in JSON/,
  ],

  [
    'network/endpoint-service.yaml',
    'everybody as principal',
    { AllowedPrincipals: '*' },
    /everybody \(\*\) is not admitted/,
  ],
  [
    'network/endpoint-service.yaml',
    'everybody among principals',
    { AllowedPrincipals: 'arn:aws:iam::444455556666:root,*' },
    /everybody \(\*\) is not admitted/,
  ],
  [
    'network/endpoint-service.yaml',
    'a role with a path',
    { AllowedPrincipals: 'arn:aws:iam::444455556666:role/path/Caller' },
    /without a path/,
  ],
  ['network/endpoint-service.yaml', 'equal subnets', { SubnetIdB: subnetA }, /needs two Availability Zones/],
  [
    'network/endpoint-service.yaml',
    'a certificate before an application load balancer',
    { CertificateArn: `arn:aws:acm:eu-west-1:${account}:certificate/1` },
    /leave CertificateArn empty/,
  ],
  ['network/endpoint-service.yaml', 'two application load balancers', { TargetB: '10.0.0.1' }, /only target/],
  [
    'network/endpoint-service.yaml',
    'a second application load balancer by its ARN',
    { TargetB: balancer },
    /TargetB/,
  ],
  [
    'network/endpoint-service.yaml',
    'TLS without a certificate',
    { TargetType: 'ip', TargetA: '10.0.0.1', TargetB: '10.0.1.1' },
    /set CertificateArn/,
  ],
  [
    'network/endpoint-service.yaml',
    'one address only',
    {
      TargetType: 'ip',
      TargetA: '10.0.0.1',
      CertificateArn: `arn:aws:acm:eu-west-1:${account}:certificate/1`,
    },
    /set TargetB/,
  ],
  [
    'network/endpoint-service.yaml',
    'a public address',
    { TargetType: 'ip', TargetA: '8.8.8.8' },
    /private IPv4 address/,
  ],
  [
    'network/endpoint-service.yaml',
    'a zone for a name that is not there',
    { VerificationHostedZoneId: 'Z0123456789ABCDEFGHIJ' },
    /needs PrivateDnsName/,
  ],
  [
    'network/endpoint-service.yaml',
    'a name of which the record would verify nothing',
    { PrivateDnsName: '*.example.com' },
    /DNS name .* without \*/,
  ],

  [
    'network/connectivity-check.yaml',
    'a URL instead of a host',
    { Hosts: 'https://api.mypurecloud.ie' },
    /host names in lower case/,
  ],
  [
    'network/connectivity-check.yaml',
    'a range without its length',
    { PrivateRanges: '52.1.0.0' },
    /PrivateRanges: must be CIDR ranges/,
  ],
  [
    'network/connectivity-check.yaml',
    'a name for a resolver',
    { VpcResolvers: 'resolver.example.com' },
    /VpcResolvers: must be IP addresses/,
  ],
  ['network/connectivity-check.yaml', 'equal subnets', { SubnetIdB: subnetA }, /must differ/],

  [
    'provider.yaml',
    'the first subnet again as the third',
    { SubnetIdA: subnetA, SubnetIdB: subnetB, SubnetIdC: subnetA, SecurityGroupId: group },
    /SubnetIdA and SubnetIdC must differ/,
  ],
  [
    'kms/recording-key-replica.yaml',
    'a kill switch for a policy that it does not manage',
    { ExistingKeyId: keyId, GenesysCloudAccess: 'Denied' },
    /import the key/,
  ],
  [
    'network/vpc.yaml',
    'the first address again for the third gateway',
    { Zones: '3', AllocationIdA: 'eipalloc-0aaaaaaaaaaaaaaaa', AllocationIdC: 'eipalloc-0aaaaaaaaaaaaaaaa' },
    /AllocationIdA and AllocationIdC must differ/,
  ],
  [
    'network/vpc.yaml',
    'the second address again for the third gateway',
    { Zones: '3', AllocationIdB: 'eipalloc-0aaaaaaaaaaaaaaaa', AllocationIdC: 'eipalloc-0aaaaaaaaaaaaaaaa' },
    /AllocationIdB and AllocationIdC must differ/,
  ],
  [
    'network/genesys-endpoint.yaml',
    'the first subnet again as the third',
    { SubnetIdC: subnetA },
    /SubnetIdA and SubnetIdC must differ/,
  ],
  [
    'network/endpoint-service.yaml',
    'the first subnet again as the third',
    { SubnetIdC: subnetA },
    /SubnetIdA and SubnetIdC must differ/,
  ],
  [
    'network/connectivity-check.yaml',
    'the first subnet again as the third',
    { SubnetIdC: subnetA },
    /SubnetIdA and SubnetIdC must differ/,
  ],
  [
    'network/endpoint-service.yaml',
    'the second subnet again as the third',
    { SubnetIdC: subnetB },
    /SubnetIdB and SubnetIdC must differ/,
  ],
  [
    'network/connectivity-check.yaml',
    'the second subnet again as the third',
    { SubnetIdC: subnetB },
    /SubnetIdB and SubnetIdC must differ/,
  ],
  [
    'endpoint.yaml',
    'a function with a wildcard',
    { FunctionArn: `${customerFunction}:*` },
    /FunctionArn: must be the ARN of a Lambda function/,
  ],
  ['endpoint.yaml', 'one subnet', { SubnetIdA: subnetA }, /set SubnetIdB and SecurityGroupId/],
  [
    'endpoint.yaml',
    'equal subnets',
    { SubnetIdA: subnetA, SubnetIdB: subnetA, SecurityGroupId: group },
    /must differ/,
  ],
  ['endpoint.yaml', 'a security group without subnets', { SecurityGroupId: group }, /need SubnetIdA/],
  [
    'endpoint.yaml',
    'tokens of anybody',
    { Authentication: 'Jwt', JwtIssuer: 'https://issuer.example.com' },
    /set JwtIssuer and JwtAudience/,
  ],
  ['endpoint.yaml', 'signatures without a secret', { SignatureMode: 'Body' }, /set SigningSecretArn/],
  ['endpoint.yaml', 'IAM, which only an API checks', { Authentication: 'Iam' }, /Authentication: must be/],
  ['endpoint-api.yaml', 'one subnet', { SubnetIdA: subnetA }, /set SubnetIdB and SecurityGroupId/],
  [
    'endpoint-api.yaml',
    'equal subnets',
    { SubnetIdA: subnetA, SubnetIdB: subnetB, SubnetIdC: subnetA, SecurityGroupId: group },
    /must differ/,
  ],
  ['endpoint-api.yaml', 'a third subnet alone', { SubnetIdC: subnetA }, /need SubnetIdA/],
  ['endpoint-api.yaml', 'no shared secret', { SharedSecretArn: '' }, /set SharedSecretArn/],
  [
    'endpoint-api.yaml',
    'tokens of no issuer',
    { Authentication: 'Jwt', JwtAudience: 'data-actions' },
    /set JwtIssuer and JwtAudience/,
  ],
  [
    'endpoint-api.yaml',
    'a domain without a certificate',
    { DomainName: 'actions.example.com' },
    /set CertificateArn/,
  ],
  [
    'endpoint-api.yaml',
    'a domain for a private API',
    {
      DomainName: 'actions.example.com',
      CertificateArn: `arn:aws:acm:eu-west-1:${account}:certificate/12345678-1234-1234-1234-123456789012`,
      PrivateVpcEndpointIds: 'vpce-0aaaaaaaaaaaaaaaa',
    },
    /leave DomainName or PrivateVpcEndpointIds empty/,
  ],
  [
    'endpoint-api.yaml',
    'mutual TLS without a domain',
    { TruststoreUri: 's3://truststores/genesys-cloud.pem' },
    /set DomainName/,
  ],
  ...['', ':live', ':alb', ':7'].map(
    (qualifier): Refusal => [
      'endpoint-api.yaml',
      `a handler that ends in "${qualifier}" instead of its alias api`,
      { HandlerArn: `${customerFunction}${qualifier}` },
      /HandlerArn: must be the ARN of the alias api/,
    ],
  ),
  [
    'provider.yaml',
    'a bucket and a prefix of buckets',
    { CodeS3BucketPrefix: 'packages' },
    /set either CodeS3Bucket or CodeS3BucketPrefix/,
  ],
  ['provider.yaml', 'no bucket', { CodeS3Bucket: '' }, /set CodeS3Bucket or CodeS3BucketPrefix/],
  ...['A', 'B', 'C', 'D', 'E', 'F'].map(
    (replica): Refusal => [
      'stacksets/oauth-secret.yaml',
      `replica ${replica} without a key there`,
      { [`ReplicaRegion${replica}`]: 'us-east-1' },
      new RegExp(`set both ReplicaRegion${replica} and ReplicaKmsKeyArn${replica}`),
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
  ...['B', 'C', 'D'].map(
    (group): Refusal => [
      'stacksets/provider.yaml',
      `group ${group} without a secret`,
      { [`Group${group}GenesysEnvironment`]: 'mypurecloud.com' },
      new RegExp(`both Group${group}GenesysEnvironment and Group${group}OAuthSecretArn`),
    ],
  ),
  [
    'examples/consumer-by-ssm.yaml',
    "a parameter that is not a provider's",
    { ServiceToken: '/payroll/token' },
    /name of the provider's SSM parameter/,
  ],
  [
    'examples/quickstart.yaml',
    'a key instead of its alias',
    { RecordingKeyAliasArn: `arn:aws:kms:eu-west-1:${account}:key/${keyId}` },
    /no key ARN/,
  ],
  [
    'examples/quickstart.yaml',
    'an organization id that is no UUID',
    { GenesysOrganizationId: 'demo' },
    /a UUID in lower case/,
  ],
  [
    'examples/definition-in-s3.yaml',
    'a file that may change unseen',
    { DefinitionVersionId: '' },
    /set DefinitionVersionId or DefinitionSha256/,
  ],
  [
    'examples/recording-key.yaml',
    'a key instead of its alias',
    { KeyAliasArn: `arn:aws:kms:eu-west-1:${account}:key/${keyId}` },
    /no key ARN/,
  ],
  [
    'examples/private-network.yaml',
    'templates without TLS',
    { TemplatesUrl: 'http://packages.example.com' },
    /https address/,
  ],

  ['provider.yaml', 'a bucket and a prefix', { CodeS3BucketPrefix: 'packages' }, /set either/],
  ['provider.yaml', 'neither bucket nor prefix', { CodeS3Bucket: '' }, /set CodeS3Bucket or/],
  ['provider.yaml', 'everybody as consumer', { ConsumerAccountIdA: '*' }, /12 digits/],
  ['provider.yaml', 'every organization as consumer', { ConsumerOrganizationId: '*' }, /AWS organization/],
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
  ...[...'ABCDEF'].map((letter): [string, string, Record<string, string>, RegExp] => [
    'stacksets/oauth-secret.yaml',
    `replica ${letter} without a key`,
    { [`ReplicaRegion${letter}`]: 'us-east-1' },
    /a replica needs its Region and a key there/,
  ]),
  [
    'stacksets/provider.yaml',
    'new accounts in a self-managed set',
    { AutoDeployment: 'true' },
    /AutoDeployment needs PermissionModel SERVICE_MANAGED/,
  ],
  [
    'stacksets/provider.yaml',
    'a delegated administrator in a self-managed set',
    { CallAs: 'DELEGATED_ADMIN' },
    /CallAs DELEGATED_ADMIN needs/,
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
  ...[...'BCD'].map((letter): [string, string, Record<string, string>, RegExp] => [
    'stacksets/provider.yaml',
    `group ${letter} without a secret`,
    { [`Group${letter}GenesysEnvironment`]: 'mypurecloud.ie' },
    /a group needs both/,
  ]),
  ['stacksets/provider.yaml', 'a group without Regions', { GroupARegions: '' }, /names of AWS Regions/],
  [
    'examples/nested-stack.yaml',
    'a template without a URL',
    { TemplateUrl: 'consumer.yaml' },
    /URL of a template/,
  ],
  [
    'examples/consumer-by-ssm.yaml',
    'another parameter',
    { ServiceToken: '/other' },
    /provider's SSM parameter/,
  ],
];

test.each(refusals)('%s refuses %s', (file, _what, wrong, reason) => {
  const template = readTemplate(file);
  const base = scenarios[file]?.base ?? {};
  expect(() => resolve(template, base)).not.toThrow();
  expect(() => resolve(template, { ...base, ...wrong })).toThrow(Refused);
  expect(() => resolve(template, { ...base, ...wrong })).toThrow(reason);
});

test('every assertion of every rule has been seen to refuse', () => {
  const said = refusals.flatMap(([file, , wrong]) => {
    try {
      resolve(readTemplate(file), { ...scenarios[file]?.base, ...wrong });
      return [];
    } catch (error) {
      return [`${file}: ${(error as Error).message}`];
    }
  });
  const assertions = Object.keys(scenarios).flatMap((file) =>
    Object.values(readTemplate(file).Rules ?? {}).flatMap(({ Assertions }) =>
      Assertions.map(({ AssertDescription }) => `${file}: ${AssertDescription}`),
    ),
  );
  expect(assertions.filter((assertion) => !said.includes(assertion))).toEqual([]);
});
