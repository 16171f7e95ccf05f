/** Names that a template gives its resources, and the resources that hold data. */
import type { Resource } from './template.ts';

const nameProperty: Record<string, string> = {
  'AWS::CloudFormation::StackSet': 'StackSetName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'Name',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::SecretsManager::Secret': 'Name',
};

/** The property by which a type takes a name that has to be free in account and Region. */
export const namePropertyOf = (type: string): string | undefined => nameProperty[type];

/** The name of a resolved resource. A name with a reference to another resource is a new one each time. */
export function fixedName({ Type, Properties = {} }: Resource): string | undefined {
  const name = Properties[nameProperty[Type] ?? ''];
  return typeof name === 'string' ? name : undefined;
}

/** Whether the loss of a resource of the type is a loss of data, a key or a secret. */
export const holdsData = (type: string): boolean =>
  /^AWS::(DynamoDB::Table|KMS::(Key|ReplicaKey)|Logs::LogGroup|S3::Bucket|SQS::Queue|SecretsManager::Secret)$/.test(
    type,
  );
