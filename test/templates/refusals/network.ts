/** Wrong parameters of the templates of network/. */
import { account } from '../scenarios.ts';
import { group, type Refusal, subnetA, subnetB } from './refusal.ts';

const balancer = `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/app/orders/50dc6c495c0c9188`;

export const network: Refusal[] = [
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
];
