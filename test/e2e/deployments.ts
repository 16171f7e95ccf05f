/** Every template, with the parameters for its deployment on the local AWS. */
import { resourceTypes } from '../../provider/resources/index.ts';

const account = '000000000000';
const region = 'us-east-1';
export const lambda = `arn:aws:lambda:${region}:${account}:function:orders`;
const administrator = `arn:aws:iam::${account}:role/KeyAdministrator`;
const CertificateArn = `arn:aws:acm:${region}:${account}:certificate/12345678-1234-1234-1234-123456789012`;
export const bucketTemplate = 'stacksets/artifact-bucket.yaml';
export const bucket = `packages-${region}`;
export type Outputs = Record<string, string>;

export interface Deployment {
  /** Path below templates/. */
  file: string;
  /** Parameters, from the outputs of earlier stacks by the path of their template. */
  parameters: (outputs: (file: string) => Outputs) => Outputs;
  /** Further names to leave out, such as outputs of nested stacks that do not exist here. */
  gone?: string[];
}

/** Facts of the world that the parameters need. */
export interface Known {
  organizationId: string;
  genesysUrl: string;
  awsUrl: string;
  /** Port of a TLS server on 127.0.0.1. */
  listenerPort: number;
  /** ARN of the OAuth secret. Ref of a secret is its ARN on AWS, but its name on MiniStack. */
  secretArn: string;
  definitionVersion: string;
}

/** In the order in which they need each other. The templates of one row do not need each other. */
export function deployments(known: Known): Deployment[][] {
  const { organizationId, secretArn } = known;
  const code = { CodeS3Bucket: bucket, CodeS3Key: 'provider.zip' };
  const endpoint = { CodeS3Bucket: bucket, CodeS3Key: 'endpoint.zip' };
  const operations = { CodeS3Bucket: bucket, CodeS3Key: 'operations.zip' };
  const TemplatesUrl = `https://s3.${region}.amazonaws.com/${bucket}/templates`;
  const genesysCloud = { GenesysApiBaseUrl: known.genesysUrl, GenesysLoginBaseUrl: known.genesysUrl };
  const subnets = ({ SubnetIdA = '', SubnetIdB = '' }: Outputs) => ({ SubnetIdA, SubnetIdB });
  const consumer = (outputs: (file: string) => Outputs, IntegrationName: string) => ({
    IntegrationName,
    RoleArn: outputs('iam/data-action-role.yaml')['RoleArn'] ?? '',
    FunctionArn: lambda,
    Enabled: 'false',
  });
  const network = (outputs: (file: string) => Outputs) => {
    const vpc = outputs('network/vpc.yaml');
    return { ...subnets(vpc), SecurityGroupId: vpc['SecurityGroupId'] ?? '' };
  };
  const key = { GenesysOrganizationIds: organizationId, KeyAdministratorArns: administrator };
  return [
    // Larger templates are passed to CloudFormation through this bucket.
    [{ file: bucketTemplate, parameters: () => ({ BucketPrefix: 'packages' }) }],
    [
      // The condition of this resource is false, but MiniStack refuses its type all the same.
      { file: 'stacksets/oauth-secret.yaml', parameters: () => ({}), gone: ['SecretPolicy'] },
      {
        file: 'iam/data-action-role.yaml',
        parameters: () => ({ GenesysOrganizationId: organizationId, FunctionArns: lambda }),
      },
      { file: 'network/vpc.yaml', parameters: () => ({}) },
      { file: 'ledger.yaml', parameters: () => ({ MemberAccountIds: '444455556666' }) },
    ],
    [
      {
        file: 'provider.yaml',
        parameters: (outputs) => ({
          ...code,
          ...genesysCloud,
          ...network(outputs),
          GenesysEnvironment: region,
          OAuthSecretArn: secretArn,
          ResourceTypes: resourceTypes.map(({ typeName }) => typeName).join(','),
          DefinitionObjectArns: `arn:aws:s3:::${bucket}/definitions/*`,
        }),
      },
      { file: 'endpoint.yaml', parameters: () => ({ ...endpoint, FunctionArn: lambda }) },
      { file: 'validate-hook.yaml', parameters: () => operations },
      {
        file: 'network/genesys-endpoint.yaml',
        parameters: (outputs) => ({
          ...subnets(network(outputs)),
          VpcId: outputs('network/vpc.yaml')['VpcId'] ?? '',
          ServiceName: `com.amazonaws.vpce.${region}.vpce-svc-0123456789abcdef0`,
          GenesysDomain: 'mypurecloud.com',
          // An endpoint of MiniStack has no DNS entries for records to point to.
          NameResolution: 'PrivateDns',
          CallerSecurityGroupId: network(outputs).SecurityGroupId,
        }),
      },
      {
        file: 'network/endpoint-service.yaml',
        parameters: (outputs) => ({
          ...subnets(network(outputs)),
          VpcId: outputs('network/vpc.yaml')['VpcId'] ?? '',
          TargetType: 'ip',
          TargetA: '10.64.0.10',
          TargetB: '10.64.1.10',
          TargetSecurityGroupId: network(outputs).SecurityGroupId,
          CertificateArn,
          AllowedPrincipals: 'arn:aws:iam::444455556666:root',
        }),
      },
      {
        file: 'network/connectivity-check.yaml',
        parameters: (outputs) => ({
          ...code,
          ...network(outputs),
          Hosts: `127.0.0.1:${known.listenerPort}`,
          VpcResolvers: '127.0.0.1',
          StepSeconds: '1',
          RunOnDeployment: 'true',
          Schedule: 'Hourly',
        }),
      },
    ],
    [
      // This stack may link the key by the provider's export, so it is deleted before the provider.
      { file: 'kms/recording-key.yaml', parameters: () => ({ ...key, MultiRegion: 'true' }) },
      {
        file: 'operations.yaml',
        parameters: (outputs) => ({
          ...operations,
          ...genesysCloud,
          ...network(outputs),
          CheckDrift: 'true',
          CheckRecordingKey: 'true',
          GenesysEnvironment: region,
          OAuthSecretArn: known.secretArn,
        }),
      },
      {
        file: 'oauth-rotation.yaml',
        parameters: () => ({
          ...operations,
          ...genesysCloud,
          GenesysEnvironment: region,
          OAuthSecretArn: known.secretArn,
          RotationClientSecretArn: known.secretArn.replace(/[^/]+$/, 'rotation-AbCdEf'),
        }),
      },
      {
        file: 'examples/quickstart.yaml',
        parameters: () => ({
          GenesysOrganizationId: organizationId,
          SharedWith: 'examples-definition-in-s3',
        }),
      },
      {
        file: 'examples/consumer-by-export.yaml',
        parameters: (outputs) => consumer(outputs, 'By export'),
      },
      {
        file: 'endpoint-api.yaml',
        parameters: (outputs) => ({
          ...endpoint,
          HandlerArn: outputs('endpoint.yaml')['ApiFunctionArn'] ?? '',
          SharedSecretArn: secretArn,
        }),
        gone: ['WebAclAssociation'],
      },
      {
        file: 'examples/lambda-endpoint.yaml',
        parameters: () => ({
          ...endpoint,
          TemplatesUrl,
          GenesysOrganizationId: organizationId,
          IntegrationName: 'By Lambda',
        }),
      },
      {
        file: 'examples/web-services-endpoint.yaml',
        parameters: () => ({ ...endpoint, TemplatesUrl, IntegrationName: 'By HTTP' }),
      },
      {
        file: 'examples/private-endpoint.yaml',
        parameters: (outputs) => ({
          ...endpoint,
          ...subnets(network(outputs)),
          TemplatesUrl,
          VpcId: outputs('network/vpc.yaml')['VpcId'] ?? '',
          FunctionSecurityGroupId: network(outputs).SecurityGroupId,
          CertificateArn,
          PrivateDnsName: 'actions.example.com',
          AllowedPrincipals: 'arn:aws:iam::444455556666:root',
          IntegrationName: 'By load balancer',
        }),
        // The ARN of a load balancer has another form here, and network/endpoint-service.yaml refuses it.
        gone: ['EndpointService'],
      },
      { file: 'examples/consumer-by-ssm.yaml', parameters: (outputs) => consumer(outputs, 'By SSM') },
      { file: 'examples/two-actions.yaml', parameters: (outputs) => consumer(outputs, 'Two actions') },
      {
        file: 'examples/nested-stack.yaml',
        parameters: (outputs) => ({
          RoleArn: consumer(outputs, '').RoleArn,
          FunctionArn: lambda,
          TemplateUrl: `${known.awsUrl}/${bucket}/templates/examples/consumer-by-export.yaml`,
        }),
      },
      {
        file: 'examples/private-network.yaml',
        parameters: () => ({
          ...code,
          TemplatesUrl,
          GenesysDomain: 'mypurecloud.com',
          OAuthSecretArn: secretArn,
          ExportPrefix: 'private',
        }),
        gone: ['Network.Outputs.NatAddresses'],
      },
    ],
    [
      {
        file: 'kms/recording-key-replica.yaml',
        parameters: (outputs) => ({
          ...key,
          AliasName: 'genesys-cloud-replica',
          PrimaryKeyArn: `arn:aws:kms:eu-west-1:${account}:key/mrk-${'a'.repeat(32)}`,
          ExistingKeyId: outputs('kms/recording-key.yaml')['KeyId'] ?? '',
          AlarmTopicArn: `arn:aws:sns:${region}:${account}:alarms`,
        }),
      },
      {
        file: 'examples/recording-key.yaml',
        parameters: (outputs) => ({
          KeyAliasArn: outputs('kms/recording-key.yaml')['KeyAliasArn'] ?? '',
        }),
      },
      {
        file: 'examples/definition-in-s3.yaml',
        parameters: (outputs) => ({
          DefinitionBucket: bucket,
          DefinitionKey: 'definitions/look-up.json',
          DefinitionVersionId: known.definitionVersion,
          IntegrationId: outputs('examples/quickstart.yaml')['IntegrationId'] ?? '',
        }),
      },
    ],
  ];
}
