/** The VPC: subnets, ways out, endpoints and logs. */
import type { Resolved } from '../../../scripts/build/templates/resolve.ts';
import type { Json, JsonObject } from '../../../scripts/build/templates/template.ts';
import { ofType, properties, stack, variation } from '../resolved.ts';

const reference = (json: Json | undefined) => (json as { Ref?: string } | undefined)?.Ref;

/** First and last address of a range, as numbers. */
function range(cidr: string): [number, number] {
  const [address = '', bits = '32'] = cidr.split('/');
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}

describe('network/vpc.yaml', () => {
  const file = 'network/vpc.yaml';
  const three = stack(file, variation(file, 'three zones'));

  test.each([
    ['two', stack(file)],
    ['three', three],
  ] as const)(
    'subnets of %s zones lie inside the VPC, do not overlap and give nobody a public address',
    (_name, vpc) => {
      const [first, last] = range(properties(vpc, 'Vpc')['CidrBlock'] as string);
      const subnets = ofType(vpc, 'AWS::EC2::Subnet').map(([, { Properties }]) => Properties ?? {});
      const ranges = subnets.map(({ CidrBlock }) => range(CidrBlock as string)).sort(([a], [b]) => a - b);
      expect(ranges.every(([from, to]) => from >= first && to <= last)).toBe(true);
      expect(ranges.every(([from], i) => i === 0 || from > (ranges[i - 1]?.[1] ?? 0))).toBe(true);
      expect(new Set(subnets.map(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch))).toEqual(
        new Set([false]),
      );
    },
  );

  test('each zone has its own way out, with a fixed address and two alarms', () => {
    for (const [zones, vpc] of [
      ['AB', stack(file)],
      ['ABC', three],
    ] as const) {
      expect(ofType(vpc, 'AWS::EC2::NatGateway').map(([id]) => id)).toEqual(
        [...zones].map((zone) => `Nat${zone}`),
      );
      for (const zone of zones) {
        expect(properties(vpc, `Nat${zone}`)).toMatchObject({
          SubnetId: { Ref: `PublicSubnet${zone}` },
          AllocationId: { 'Fn::GetAtt': [`Address${zone}`, 'AllocationId'] },
        });
        expect(properties(vpc, `PrivateRoute${zone}`)).toMatchObject({
          NatGatewayId: { Ref: `Nat${zone}` },
          RouteTableId: { Ref: `PrivateRouteTable${zone}` },
        });
        expect(properties(vpc, `PublicSubnet${zone}`)['AvailabilityZone']).toBe(
          properties(vpc, `PrivateSubnet${zone}`)['AvailabilityZone'],
        );
        for (const [alarm, metric] of [
          ['PortErrors', 'ErrorPortAllocation'],
          ['Drops', 'PacketsDropCount'],
        ] as const) {
          expect(properties(vpc, `Nat${zone}${alarm}Alarm`)).toMatchObject({
            MetricName: metric,
            Dimensions: [{ Name: 'NatGatewayId', Value: { Ref: `Nat${zone}` } }],
          });
        }
      }
    }
  });

  test('given addresses are used, and none is allocated', () => {
    const own = stack(file, variation(file, 'addresses of its own, no interface endpoints'));
    expect(ofType(own, 'AWS::EC2::EIP')).toEqual([]);
    expect(properties(own, 'NatC')['AllocationId']).toBe('eipalloc-0cccccccccccccccc');
    expect(own.Outputs['NatAddresses']?.Value).toBe(
      'eipalloc-0aaaaaaaaaaaaaaaa,eipalloc-0bbbbbbbbbbbbbbbb,eipalloc-0cccccccccccccccc',
    );
  });

  test('addresses that were allocated outlive stack and zone, and can be named on the next deployment', () => {
    for (const [, address] of ofType(three, 'AWS::EC2::EIP')) {
      expect(address).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
    const allocated = stack(file, { Zones: '3' }, { attributes: (id) => `eipalloc-of-${id}` });
    expect(allocated.Outputs['AllocationIds']?.Value).toBe(
      'eipalloc-of-AddressA,eipalloc-of-AddressB,eipalloc-of-AddressC',
    );
    const own = stack(file, variation(file, 'addresses of its own, no interface endpoints'));
    expect(own.Outputs['AllocationIds']?.Value).toBe(
      'eipalloc-0aaaaaaaaaaaaaaaa,eipalloc-0bbbbbbbbbbbbbbbb,eipalloc-0cccccccccccccccc',
    );
  });

  test.each([
    ['aws', 'eu-west-1', []],
    ['aws-us-gov', 'us-gov-west-1', []],
    ['aws-eusc', 'eusc-de-east-1', []],
    // As aws-cdk-lib has them (aws-ec2, vpc-endpoint.ts), from `aws ec2 describe-vpc-endpoint-services`.
    ['aws-cn', 'cn-north-1', ['cloudformation', 'lambda', 'sts']],
  ])('in %s the services of AWS are named as they are there', (partition, region, prefixed) => {
    const named = ofType(stack(file, {}, { partition, region }), 'AWS::EC2::VPCEndpoint').map(
      ([, { Properties }]) => String(Properties?.['ServiceName']),
    );
    const services = ['s3', 'dynamodb', 'secretsmanager', 'cloudformation', 'kms', 'lambda', 'sts'];
    expect(named).toEqual(
      services.map(
        (service) => `${prefixed.includes(service) ? 'cn.' : ''}com.amazonaws.${region}.${service}`,
      ),
    );
  });

  test('the endpoints admit every action that a function of these templates may call through them, and no other', () => {
    const statements = (where: Resolved, type: string) =>
      ofType(where, type).flatMap(([, { Properties = {} }]) => {
        const policy = Properties['PolicyDocument'] as { Statement: JsonObject[] };
        return policy.Statement;
      });
    const wanted = ['provider.yaml', 'operations.yaml', 'endpoint.yaml', 'endpoint-api.yaml']
      .flatMap((name) => statements(stack(name, variation(name, 'every option')), 'AWS::IAM::ManagedPolicy'))
      // A service that uses the caller's permission does not go by the caller's endpoint.
      .filter(
        ({ Effect, Condition }) =>
          Effect === 'Allow' && !JSON.stringify(Condition ?? {}).includes('kms:ViaService'),
      )
      .flatMap(({ Action }) => [Action].flat() as string[]);
    const admitted = statements(stack(file), 'AWS::EC2::VPCEndpoint').flatMap(
      ({ Action }) => [Action].flat() as string[],
    );
    const services = new Set(admitted.map((action) => action.split(':')[0]));
    const through = wanted.filter((action) => services.has(action.split(':')[0]));
    expect(through.length).toBeGreaterThan(10);
    expect(through.filter((action) => !admitted.includes(action))).toEqual([]);
    // Answers to CloudFormation are signed by it, and roles are for functions of one's own.
    const others = ['s3:PutObject', 'sts:AssumeRole'];
    const unused = admitted.filter((action) => !wanted.includes(action) && !others.includes(action));
    expect(unused).toEqual([]);
  });

  test.each([
    ['aws', 'eu-west-1', 'euwest1'],
    ['aws-us-gov', 'us-gov-west-1', 'usgovwest1'],
    // As in the event that the Lambda developer guide for China shows.
    ['aws-cn', 'cn-north-1', 'cnnorth1'],
    // Its names are not documented, so anything may stand before the Region's.
    ['aws-eusc', 'eusc-de-east-1', '*euscdeeast1'],
  ])('in %s custom resources answer by the bucket of their Region', (partition, region, bucket) => {
    const policy = properties(stack(file, {}, { partition, region }), 'S3Endpoint')['PolicyDocument'];
    expect(JSON.stringify(policy)).toContain(
      `"arn:${partition}:s3:::cloudformation-custom-resource-response-${bucket}/*"`,
    );
  });

  test('Availability Zones can be chosen, by both subnets of each zone', () => {
    const chosen = stack(file, variation(file, 'chosen zones'));
    const zones = ofType(chosen, 'AWS::EC2::Subnet').map(([id, { Properties }]) => [
      id,
      Properties?.['AvailabilityZone'],
    ]);
    expect(Object.fromEntries(zones)).toEqual({
      PrivateSubnetA: 'eu-west-1b',
      PublicSubnetA: 'eu-west-1b',
      PrivateSubnetB: 'eu-west-1c',
      PublicSubnetB: 'eu-west-1c',
      PrivateSubnetC: 'eu-west-1a',
      PublicSubnetC: 'eu-west-1a',
    });
  });

  test('only the NAT gateways stand behind the internet gateway', () => {
    const routes = ofType(three, 'AWS::EC2::Route').filter(
      ([, { Properties }]) => Properties?.['GatewayId'] !== undefined,
    );
    expect(routes.map(([id]) => id)).toEqual(['PublicRoute']);
    const behind = ofType(three, 'AWS::EC2::SubnetRouteTableAssociation').filter(
      ([, { Properties }]) => reference(Properties?.['RouteTableId']) === 'PublicRouteTable',
    );
    expect(behind.map(([, { Properties }]) => reference(Properties?.['SubnetId']))).toEqual([
      'PublicSubnetA',
      'PublicSubnetB',
      'PublicSubnetC',
    ]);
  });

  test('S3 and DynamoDB are reached from every private subnet by gateway endpoints, other services by private names', () => {
    for (const id of ['S3Endpoint', 'DynamoDbEndpoint']) {
      expect(properties(three, id)).toMatchObject({
        VpcEndpointType: 'Gateway',
        RouteTableIds: ['A', 'B', 'C'].map((zone) => ({ Ref: `PrivateRouteTable${zone}` })),
      });
    }
    const interfaces = ofType(three, 'AWS::EC2::VPCEndpoint').filter(
      ([, { Properties }]) => Properties?.['VpcEndpointType'] === 'Interface',
    );
    expect(interfaces.map(([, { Properties }]) => Properties?.['ServiceName'])).toEqual(
      ['secretsmanager', 'cloudformation', 'kms', 'lambda', 'sts'].map(
        (name) => `com.amazonaws.eu-west-1.${name}`,
      ),
    );
    for (const [, { Properties }] of interfaces)
      expect(Properties).toMatchObject({ PrivateDnsEnabled: true });
    const none = stack(file, { InterfaceEndpoints: 'false' });
    expect(ofType(none, 'AWS::EC2::VPCEndpoint').map(([id]) => id)).toEqual([
      'S3Endpoint',
      'DynamoDbEndpoint',
    ]);
  });

  test('all traffic is logged', () => {
    expect(properties(stack(file), 'FlowLog')).toMatchObject({ ResourceType: 'VPC', TrafficType: 'ALL' });
  });
});
