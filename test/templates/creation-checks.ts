/**
 * AWS checks some permissions when it makes a resource, so a missing one fails the deployment and not the
 * first use. docs/templates/creation-checks.md shows the same table.
 */
import type { Json, JsonObject, Resource } from '../../scripts/build/templates/template.ts';
import { noResource } from './judge.ts';
import type { Resources } from './order.ts';
import { arn } from './policies/court.ts';

export interface Need {
  /** Logical id of the role whose permission is asked. */
  role?: string;
  /** The service that has to be able to assume the role. */
  service?: string;
  action?: string;
  resource?: string;
  /** Logical ids of other resources that have to stand before. */
  before?: string[];
}

export interface CreationCheck {
  type: string;
  /** As in the table of the page. */
  check: string;
  source: string;
  /** Needs of a resource of the type. Empty where AWS checks nothing. */
  needs(resource: Resource, resources: Resources): Need[];
}

const refers = (json: Json | undefined) => {
  const { Ref, 'Fn::GetAtt': attribute } = (json ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0];
};
const properties = ({ Properties = {} }: Resource) => Properties;

/** A service has to be able to assume the role that a property of the resource names. */
const assumes = (service: string, property: string) => (resource: Resource) => {
  const role = refers(properties(resource)[property]);
  return role === undefined ? [] : [{ role, service }];
};

export const creationChecks: CreationCheck[] = [
  {
    type: 'AWS::CloudFormation::LambdaHook',
    check: 'CloudFormation hooks can assume the role, and it may invoke the function',
    source:
      'https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-prepare-to-create-hook.html',
    needs: (resource) => {
      const role = refers(properties(resource)['ExecutionRole']);
      if (role === undefined) return [];
      return [
        { role, service: 'hooks.cloudformation.amazonaws.com' },
        { role, action: 'lambda:InvokeFunction', resource: arn('lambda', 'function:function') },
      ];
    },
  },
  {
    type: 'AWS::Lambda::Function',
    check: 'Lambda can assume the role',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
    needs: assumes('lambda.amazonaws.com', 'Role'),
  },
  {
    type: 'AWS::Lambda::Function',
    check: 'the role may make and delete network interfaces, if the function is in a VPC',
    source:
      'https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions',
    needs: (resource) => {
      const role = refers(properties(resource)['Role']);
      if (role === undefined || properties(resource)['VpcConfig'] === undefined) return [];
      return [
        ...[
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeVpcs',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ].map((action) => ({ role, action, resource: noResource })),
        ...[
          'subnet/subnet-0aaaaaaaaaaaaaaaa',
          'security-group/sg-0aaaaaaaaaaaaaaaa',
          'network-interface/*',
        ].map((one) => ({ role, action: 'ec2:CreateNetworkInterface', resource: arn('ec2', one) })),
      ];
    },
  },
  {
    type: 'AWS::Lambda::EventInvokeConfig',
    check: "the function's role may send to the destination",
    source: 'https://github.com/aws-amplify/amplify-js/issues/9869',
    needs: (resource, resources) => {
      const config = (properties(resource)['DestinationConfig'] ?? {}) as { OnFailure?: JsonObject };
      const queue = refers(config.OnFailure?.['Destination']);
      const of = resources[refers(properties(resource)['FunctionName']) ?? ''];
      const role = of === undefined ? undefined : refers(properties(of)['Role']);
      if (queue === undefined || role === undefined) return [];
      return [
        {
          role,
          action: 'sqs:SendMessage',
          resource: arn('sqs', queue.toLowerCase()),
          before: [queue],
        },
      ];
    },
  },
  {
    type: 'AWS::EC2::FlowLog',
    check: 'VPC flow logs can assume the role',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html',
    needs: assumes('vpc-flow-logs.amazonaws.com', 'DeliverLogsPermissionArn'),
  },
  {
    type: 'AWS::ApiGateway::Account',
    check: 'API Gateway can assume the role',
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html',
    needs: assumes('apigateway.amazonaws.com', 'CloudWatchRoleArn'),
  },
  {
    type: 'AWS::ApiGateway::Stage',
    check: 'the account of API Gateway has a role for logs',
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html',
    needs: (_resource, resources) =>
      Object.keys(resources)
        .filter((id) => resources[id]?.Type === 'AWS::ApiGateway::Account')
        .map((id) => ({ before: [id] })),
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    check: "the bucket's policy lets log delivery write, if there are access logs",
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html',
    needs: (resource, resources) => {
      const attributes = (properties(resource)['LoadBalancerAttributes'] ?? []) as JsonObject[];
      const bucket = refers(attributes.find(({ Key }) => Key === 'access_logs.s3.bucket')?.['Value']);
      return Object.entries(resources)
        .filter(
          ([, { Type, Properties }]) =>
            Type === 'AWS::S3::BucketPolicy' &&
            bucket !== undefined &&
            refers(Properties?.['Bucket']) === bucket,
        )
        .map(([id]) => ({ before: [id] }));
    },
  },
];
