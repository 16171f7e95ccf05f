/** Parameters for each template: the smallest set that it accepts, and variations of it. */
export interface Scenarios {
  /** The smallest set of parameters. */
  base: Record<string, string>;
  /** Changes by their subject. Together with the base they make each condition true and false. */
  variations: Record<string, Record<string, string>>;
}

export const organization = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
export const otherOrganization = '11111111-2222-4333-8444-555555555555';
export const account = '111122223333';
/** A Region in each of AWS's other partitions. */
export const china = { partition: 'aws-cn', region: 'cn-north-1', urlSuffix: 'amazonaws.com.cn' };
export const govCloud = { partition: 'aws-us-gov', region: 'us-gov-west-1', urlSuffix: 'amazonaws.com' };
export const sovereignCloud = { partition: 'aws-eusc', region: 'eusc-de-east-1', urlSuffix: 'amazonaws.eu' };
export const genesysAccount = '765628985471';
export const administrator = `arn:aws:iam::${account}:role/KeyAdministrator`;
export const keyId = '1234abcd-12ab-34cd-56ef-1234567890ab';
export const keyArn = `arn:aws:kms:eu-west-1:${account}:key/${keyId}`;
export const definitionsKeyArn = keyArn.replace('1234abcd', '5678efab');
export const secretsKeyArn = keyArn.replace('1234abcd', '9abcdef0');
export const ledgerArn = `arn:aws:dynamodb:eu-west-1:${account}:table/genesys-cloud-ledger`;
/** A ledger in another account and Region. */
export const homeLedgerArn = 'arn:aws:dynamodb:us-east-1:777788889999:table/genesys-cloud-shared-ledger';
export const providerArn = 'arn:aws:lambda:us-east-1:777788889999:function:genesys-cloud-provider';
export const topic = `arn:aws:sns:eu-west-1:${account}:alarms`;
export const oauthSecret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/oauth/credentials-AbCdEf`;
export const rotationSecret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/oauth/rotation-MnOpQr`;
export const otherOauthSecret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/oauth/test-GhIjKl`;
export const customerFunction = `arn:aws:lambda:eu-west-1:${account}:function:customers`;
export const apiMethod = `arn:aws:execute-api:eu-west-1:${account}:a1b2c3d4e5/prod/POST/customers`;
export const serviceName = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';
export const awsOrganization = 'o-a1b2c3d4e5';
export const boundary = `arn:aws:iam::${account}:policy/Boundary`;

const code = { CodeS3Bucket: 'packages', CodeS3Key: 'v1/provider.zip' };
const subnets = { SubnetIdA: 'subnet-0aaaaaaaaaaaaaaaa', SubnetIdB: 'subnet-0bbbbbbbbbbbbbbbb' };
const thirdSubnet = { SubnetIdC: 'subnet-0cccccccccccccccc' };
const callers = 'sg-0aaaaaaaaaaaaaaaa';
const certificate = `arn:aws:acm:eu-west-1:${account}:certificate/12345678-1234-1234-1234-123456789012`;

const operationsCode = { CodeS3Bucket: 'packages', CodeS3Key: 'v1/operations.zip' };
const endpointCode = { CodeS3Bucket: 'packages', CodeS3Key: 'v1/endpoint.zip' };
const templatesUrl = 'https://packages.s3.eu-west-1.amazonaws.com/v1/templates';
const handler = `arn:aws:lambda:eu-west-1:${account}:function:endpoint-Handler-1ABC:api`;
const sharedSecret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:/genesys/credentials/endpoint-AbCdEf`;

const recordingKeyCheck = {
  ...operationsCode,
  CheckRecordingKey: 'true',
  GenesysEnvironment: 'mypurecloud.ie',
  OAuthSecretArn: oauthSecret,
};

const driftCheck = { ...operationsCode, CheckDrift: 'true', OAuthSecretArn: oauthSecret };

const recordingKey: Scenarios = {
  base: { GenesysOrganizationIds: organization, KeyAdministratorArns: administrator },
  variations: {
    'two organizations and two administrators': {
      GenesysOrganizationIds: `${organization},${otherOrganization}`,
      KeyAdministratorArns: `${administrator},arn:aws:iam::${account}:role/aws-reserved/Second`,
    },
    'kill switch': { GenesysCloudAccess: 'Denied' },
    'retained key': { ExistingKeyId: keyId, AlarmTopicArn: topic },
    topic: { AlarmTopicArn: topic },
    'topic and trail': { AlarmTopicArn: topic, CloudTrailLogGroupName: 'CloudTrail/management' },
    'trail without topic': { CloudTrailLogGroupName: 'CloudTrail/management' },
  },
};

const consumer = {
  RoleArn: `arn:aws:iam::${account}:role/data-actions`,
  FunctionArn: customerFunction,
};
const unit = 'ou-ab12-cdefgh34';
/** Parameters of one group of a stack set. */
const group = (letter: string) => ({
  [`Group${letter}Regions`]:
    { A: 'eu-west-1,eu-west-2', B: 'us-east-1', C: 'us-west-2' }[letter] ?? 'ap-southeast-2',
  [`Group${letter}GenesysEnvironment`]: 'mypurecloud.ie',
  [`Group${letter}OAuthSecretArn`]: oauthSecret,
  [`Group${letter}LedgerTableArn`]: homeLedgerArn,
});
const replicas = Object.fromEntries(
  [...'ABCDEF'].flatMap((letter) => [
    [`ReplicaRegion${letter}`, 'us-east-1'],
    [`ReplicaKmsKeyArn${letter}`, keyArn],
  ]),
);

export const scenarios: Record<string, Scenarios> = {
  'provider.yaml': {
    base: { ...code, GenesysEnvironment: 'mypurecloud.ie', OAuthSecretArn: oauthSecret },
    variations: {
      'retained ledger': { LedgerTableArn: ledgerArn },
      'shared ledger': { LedgerTableArn: homeLedgerArn, RecordingKeyProviderArn: providerArn },
      'one ledger of several': { OtherLedgers: 'true' },
      'in a VPC': { ...subnets, SecurityGroupId: callers },
      'in a VPC of three zones': { ...subnets, ...thirdSubnet, SecurityGroupId: callers },
      'every option': {
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        AdditionalOAuthSecretArns: otherOauthSecret,
        AllowedStacks: 'contact-centre-*,demo',
        DefinitionObjectArns: 'arn:aws:s3:::definitions/actions/*',
        SharedIntegrationIds: '05f2e887-c317-49c5-98d9-083b62c43040',
        SecretsKmsKeyArns: secretsKeyArn,
        DefinitionsKmsKeyArns: definitionsKeyArn,
        KmsKeyArn: keyArn,
        PermissionsBoundaryArn: boundary,
        AlarmTopicArn: topic,
        ReservedConcurrency: '0',
        ResourceTypes: 'Custom::GenesysDataAction,Custom::GenesysRecordingKey',
        GenesysApiBaseUrl: 'https://gateway.example.com/api',
        GenesysLoginBaseUrl: 'https://gateway.example.com/login',
      },
      'buckets by prefix, other accounts': {
        CodeS3Bucket: '',
        CodeS3BucketPrefix: 'packages',
        ConsumerAccountIdA: '444455556666',
        ConsumerAccountIdB: '555566667777',
        ConsumerAccountIdC: '666677778888',
        ConsumerOrganizationId: awsOrganization,
      },
      'recording keys only': { ResourceTypes: 'Custom::GenesysRecordingKey' },
    },
  },
  'ledger.yaml': {
    base: {},
    variations: {
      'other accounts': { MemberAccountIds: '444455556666,555566667777' },
      'other accounts with readers': {
        MemberAccountIds: '444455556666',
        MemberReaderRoleName: '*-DriftCheckRole-*',
      },
      'every option': {
        TableName: 'contact-centre-ledger',
        KmsKeyArn: keyArn,
        MemberAccountIds: '444455556666',
        MemberRoleName: 'StackSet-provider-*',
        MemberReaderRoleName: 'operations-*',
        AlarmTopicArn: topic,
      },
    },
  },
  'operations.yaml': {
    base: {},
    variations: {
      'another ledger': { LedgerTableArn: homeLedgerArn },
      'check for drift': { ...driftCheck, CreateDashboard: 'false' },
      'check alone': { ...recordingKeyCheck, CreateDashboard: 'false' },
      'check in a VPC': { ...recordingKeyCheck, ...subnets, SecurityGroupId: callers },
      'every option': {
        ...recordingKeyCheck,
        CheckDrift: 'true',
        DriftCheckSchedule: 'cron(0 6 * * ? *)',
        LedgerTableArn: homeLedgerArn,
        ...subnets,
        ...thirdSubnet,
        SecurityGroupId: callers,
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        SecretsKmsKeyArns: secretsKeyArn,
        KmsKeyArn: keyArn,
        PermissionsBoundaryArn: boundary,
        AlarmTopicArn: topic,
        GenesysApiBaseUrl: 'https://gateway.example.com/api',
        GenesysLoginBaseUrl: 'https://gateway.example.com/login',
      },
      'buckets by prefix': { ...recordingKeyCheck, CodeS3Bucket: '', CodeS3BucketPrefix: 'packages' },
    },
  },
  'oauth-rotation.yaml': {
    base: {
      ...operationsCode,
      OAuthSecretArn: oauthSecret,
      RotationClientSecretArn: rotationSecret,
      GenesysEnvironment: 'mypurecloud.ie',
    },
    variations: {
      scheduled: { RotationDays: '30' },
      'in a VPC': { ...subnets, SecurityGroupId: callers },
      'every option': {
        ...subnets,
        ...thirdSubnet,
        SecurityGroupId: callers,
        RotationDays: '30',
        RestrictRotationClientSecret: 'false',
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        SecretsKmsKeyArns: secretsKeyArn,
        KmsKeyArn: keyArn,
        PermissionsBoundaryArn: boundary,
        AlarmTopicArn: topic,
        ReservedConcurrency: '0',
        GenesysApiBaseUrl: 'https://gateway.example.com/api',
        GenesysLoginBaseUrl: 'https://gateway.example.com/login',
      },
      'buckets by prefix': { CodeS3Bucket: '', CodeS3BucketPrefix: 'packages' },
    },
  },
  'iam/data-action-role.yaml': {
    base: { GenesysOrganizationId: organization, FunctionArns: customerFunction },
    variations: {
      'alias, API method and boundary': {
        FunctionArns: `${customerFunction}:live,${customerFunction}-2`,
        ApiMethodArn: apiMethod,
        PermissionsBoundaryArn: boundary,
      },
    },
  },
  'kms/recording-key.yaml': {
    base: recordingKey.base,
    variations: {
      ...recordingKey.variations,
      linked: { LinkToGenesysCloud: 'true' },
      'linked with rotation, taking over': {
        LinkToGenesysCloud: 'true',
        GenesysRotationPeriod: 'MONTHLY',
        Takeover: 'true',
        MultiRegion: 'true',
      },
    },
  },
  'kms/recording-key-replica.yaml': {
    base: {
      ...recordingKey.base,
      PrimaryKeyArn: `arn:aws:kms:us-east-1:${account}:key/mrk-${'a'.repeat(32)}`,
    },
    variations: recordingKey.variations,
  },
  'network/vpc.yaml': {
    base: {},
    variations: {
      'three zones': { Zones: '3', VpcCidr: '172.20.0.0/20', PrivateSubnetBits: '9' },
      'addresses of its own, no interface endpoints': {
        Zones: '3',
        AllocationIdA: 'eipalloc-0aaaaaaaaaaaaaaaa',
        AllocationIdB: 'eipalloc-0bbbbbbbbbbbbbbbb',
        AllocationIdC: 'eipalloc-0cccccccccccccccc',
        InterfaceEndpoints: 'false',
      },
      'topic and key': { AlarmTopicArn: topic, KmsKeyArn: keyArn },
      'chosen zones': {
        Zones: '3',
        AvailabilityZoneA: 'eu-west-1b',
        AvailabilityZoneB: 'eu-west-1c',
        AvailabilityZoneC: 'eu-west-1a',
      },
    },
  },
  'network/genesys-endpoint.yaml': {
    base: {
      ServiceName: serviceName,
      GenesysDomain: 'mypurecloud.ie',
      VpcId: 'vpc-0aaaaaaaaaaaaaaaa',
      ...subnets,
      CallerSecurityGroupId: callers,
    },
    variations: {
      'private DNS name of the service': { NameResolution: 'PrivateDns' },
      'hosted zones': { NameResolution: 'HostedZones' },
      'every option': {
        NameResolution: 'HostedZones',
        ...thirdSubnet,
        ServiceRegion: 'us-east-1',
        SecondCallerSecurityGroupId: 'sg-0bbbbbbbbbbbbbbbb',
        AlarmTopicArn: topic,
        EndpointPolicy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
      },
    },
  },
  'network/endpoint-service.yaml': {
    base: {
      VpcId: 'vpc-0aaaaaaaaaaaaaaaa',
      ...subnets,
      TargetA: `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/app/orders/50dc6c495c0c9188`,
      TargetSecurityGroupId: 'sg-0cccccccccccccccc',
      AllowedPrincipals: 'arn:aws:iam::444455556666:root',
    },
    variations: {
      'two addresses': {
        TargetType: 'ip',
        TargetA: '10.64.0.10',
        TargetB: '10.64.1.10',
        CertificateArn: certificate,
      },
      'three instances, private DNS name, other Regions': {
        ...thirdSubnet,
        TargetType: 'instance',
        TargetA: 'i-0aaaaaaaaaaaaaaaa',
        TargetB: 'i-0bbbbbbbbbbbbbbbb',
        TargetC: 'i-0cccccccccccccccc',
        CertificateArn: certificate,
        PrivateDnsName: 'orders.example.com',
        VerificationHostedZoneId: 'Z0123456789ABCDEFGHIJ',
        SupportedRegions: 'eu-west-1,us-east-1',
        AlarmTopicArn: topic,
      },
      'private DNS name verified elsewhere': { PrivateDnsName: 'orders.example.com' },
    },
  },
  'network/connectivity-check.yaml': {
    base: { ...code, Hosts: 'api.mypurecloud.ie,login.mypurecloud.ie', ...subnets, SecurityGroupId: callers },
    variations: {
      'every option': {
        ...thirdSubnet,
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        PermissionsBoundaryArn: boundary,
        PrivateRanges: '52.1.0.0/16,2600:1f18::/32',
        RunOnDeployment: 'true',
        Schedule: 'Hourly',
        AlarmTopicArn: topic,
        KmsKeyArn: keyArn,
      },
    },
  },
  'endpoint.yaml': {
    base: { ...endpointCode, FunctionArn: customerFunction },
    variations: {
      'in a VPC, retained table': {
        ...subnets,
        SecurityGroupId: callers,
        ExistingTableName: 'endpoint-Table-1ABC',
      },
      'two phases with a key': { CreateWorker: 'true', KmsKeyArn: keyArn, AlarmTopicArn: topic },
      'shared secret, behind a load balancer': { SharedSecretArn: sharedSecret },
      'every option': {
        ...subnets,
        ...thirdSubnet,
        SecurityGroupId: callers,
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        Revision: 'B',
        OnUnknownOutcome: 'Refuse',
        CreateWorker: 'true',
        Authentication: 'Jwt',
        JwtIssuer: 'https://issuer.example.com/pool',
        JwtAudience: 'data-actions',
        JwtJwks: '{"keys":[]}',
        PayloadPath: '{order:orderId}',
        SignatureMode: 'TimestampAndBody',
        SigningSecretArn: sharedSecret,
        SecretsKmsKeyArn: keyArn,
        PermissionsBoundaryArn: boundary,
        ProvisionedConcurrency: '2',
        ReservedConcurrency: '20',
        CreateDashboard: 'true',
      },
    },
  },
  'endpoint-api.yaml': {
    base: { ...endpointCode, HandlerArn: handler, SharedSecretArn: sharedSecret },
    variations: {
      'IAM, private': {
        Authentication: 'Iam',
        SharedSecretArn: '',
        PrivateVpcEndpointIds: 'vpce-0aaaaaaaaaaaaaaaa,vpce-0bbbbbbbbbbbbbbbb',
      },
      'tokens, mutual TLS': {
        Authentication: 'Jwt',
        SharedSecretArn: '',
        JwtIssuer: 'https://issuer.example.com/pool',
        JwtAudience: 'data-actions',
        JwtJwks: '{"keys":[]}',
        CallerTimeoutSeconds: '20',
        DomainName: 'actions.example.com',
        CertificateArn: certificate,
        TruststoreUri: 's3://truststores/genesys-cloud.pem',
        TruststoreVersion: 'abc',
      },
      'own domain, newest truststore': {
        DomainName: 'actions.example.com',
        CertificateArn: certificate,
        TruststoreUri: 's3://truststores/genesys-cloud.pem',
      },
      'every option': {
        ...subnets,
        ...thirdSubnet,
        SecurityGroupId: callers,
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        Revision: 'B',
        AllowedSourceCidrs: '192.0.2.0/24,2001:db8::/32',
        WebAclArn: `arn:aws:wafv2:eu-west-1:${account}:regional/webacl/actions/12345678-1234-1234-1234-123456789012`,
        KmsKeyArn: keyArn,
        SecretsKmsKeyArn: keyArn,
        PermissionsBoundaryArn: boundary,
        ConfigureApiGatewayAccount: 'true',
        AlarmTopicArn: topic,
      },
      'in a VPC of two zones': { ...subnets, SecurityGroupId: callers },
    },
  },
  'validate-hook.yaml': {
    base: operationsCode,
    variations: {
      'every option': {
        FailureMode: 'FAIL',
        ExcludedStacks: 'genesys-cloud-provider,genesys-operations',
        HookAlias: 'Contact::Centre::Templates',
        CodeS3ObjectVersion: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
        KmsKeyArn: keyArn,
        PermissionsBoundaryArn: boundary,
      },
      'buckets by prefix, switched off': {
        CodeS3Bucket: '',
        CodeS3BucketPrefix: 'packages',
        HookStatus: 'DISABLED',
      },
    },
  },
  'examples/lambda-endpoint.yaml': {
    base: { ...endpointCode, TemplatesUrl: templatesUrl, GenesysOrganizationId: organization },
    variations: {},
  },
  'examples/web-services-endpoint.yaml': {
    base: { ...endpointCode, TemplatesUrl: templatesUrl },
    variations: {},
  },
  'examples/private-endpoint.yaml': {
    base: {
      ...endpointCode,
      ...subnets,
      TemplatesUrl: templatesUrl,
      VpcId: 'vpc-0aaaaaaaaaaaaaaaa',
      FunctionSecurityGroupId: callers,
      CertificateArn: certificate,
      PrivateDnsName: 'actions.example.com',
      AllowedPrincipals: 'arn:aws:iam::444455556666:root',
    },
    variations: {},
  },
  'examples/quickstart.yaml': {
    base: { GenesysOrganizationId: organization },
    variations: {
      'an integration that others may use': { SharedWith: 'orders-*,444455556666/billing' },
      'recording key': { RecordingKeyAliasArn: `arn:aws:kms:eu-west-1:${account}:alias/recordings` },
    },
  },
  'examples/definition-in-s3.yaml': {
    base: {
      DefinitionBucket: 'definitions',
      DefinitionKey: 'actions/lookup.json',
      DefinitionVersionId: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
      IntegrationId: 'a1b2c3d4-1111-4222-8333-444455556666',
    },
    variations: {
      'by checksum, with a name and a function of its own': {
        DefinitionVersionId: '',
        DefinitionSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        ActionName: 'Look up customer',
        FunctionArn: customerFunction,
      },
    },
  },
  'examples/recording-key.yaml': {
    base: { KeyAliasArn: `arn:aws:kms:eu-west-1:${account}:alias/recordings` },
    variations: {},
  },
  'examples/private-network.yaml': {
    base: {
      ...code,
      TemplatesUrl: 'https://packages.s3.eu-west-1.amazonaws.com/v1/templates',
      GenesysDomain: 'mypurecloud.ie',
      OAuthSecretArn: oauthSecret,
    },
    variations: {
      'three zones and a private endpoint': {
        Zones: '3',
        ServiceName: serviceName,
        NameResolution: 'HostedZones',
      },
      'an endpoint that is not accepted yet': { ServiceName: serviceName },
    },
  },
  'examples/consumer-by-export.yaml': {
    base: consumer,
    variations: { 'switched off': { Enabled: 'false' }, shared: { SharedWith: 'orders-*,billing' } },
  },
  'examples/consumer-by-ssm.yaml': {
    base: consumer,
    variations: { shared: { SharedWith: 'orders-*,billing' } },
  },
  'examples/two-actions.yaml': { base: consumer, variations: {} },
  'examples/nested-stack.yaml': {
    base: { ...consumer, TemplateUrl: 'https://packages-eu-west-1.s3.eu-west-1.amazonaws.com/consumer.yaml' },
    variations: {},
  },
  'stacksets/artifact-bucket.yaml': {
    base: { BucketPrefix: 'packages' },
    variations: {
      'organization, accounts and logs': {
        OrganizationId: awsOrganization,
        ReaderAccountIds: '444455556666,555566667777',
        AccessLogBucket: 'logs',
      },
    },
  },
  'stacksets/oauth-secret.yaml': {
    base: {},
    variations: {
      'readers, replicas and administrators': {
        ...replicas,
        ReaderAccountIds: '444455556666,555566667777',
        ReaderRoleArns: [
          'arn:aws:iam::444455556666:role/StackSet-*-ProviderRole-*',
          'arn:aws:iam::555566667777:role/provider-ProviderRole-4D5E6F',
        ].join(','),
        KeyAdministratorArns: administrator,
      },
    },
  },
  'stacksets/provider.yaml': {
    base: {
      TemplateUrl: 'https://packages-eu-west-1.s3.eu-west-1.amazonaws.com/provider.yaml',
      CodeS3BucketPrefix: 'packages',
      CodeS3Key: 'v1/provider.zip',
      ...group('A'),
      GroupAAccountIds: '444455556666',
    },
    variations: {
      'service-managed, four groups': {
        PermissionModel: 'SERVICE_MANAGED',
        AutoDeployment: 'true',
        CallAs: 'DELEGATED_ADMIN',
        ...group('B'),
        ...group('C'),
        ...group('D'),
        ...Object.fromEntries(
          [...'ABCD'].flatMap((letter) => [
            [`Group${letter}OrganizationalUnitIds`, unit],
            [`Group${letter}AccountIds`, '444455556666'],
          ]),
        ),
      },
      'whole units': {
        PermissionModel: 'SERVICE_MANAGED',
        GroupAOrganizationalUnitIds: unit,
        GroupAAccountIds: '',
      },
      'ledgers of their own': { OwnLedgers: 'true', GroupALedgerTableArn: '' },
      'recording keys': {
        ResourceTypes: 'Custom::GenesysRecordingKey',
        RecordingKeyProviderArn: providerArn,
      },
      'roles of one’s own': {
        AdministrationRoleArn: `arn:aws:iam::${account}:role/Administration`,
        ExecutionRoleName: 'Execution',
      },
    },
  },
};
