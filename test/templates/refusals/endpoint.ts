/** Wrong parameters of the data-action endpoint. */
import { account, customerFunction } from '../../../scripts/build/templates/scenarios.ts';
import { group, type Refusal, subnetA, subnetB } from './refusal.ts';

export const endpoint: Refusal[] = [
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
];
