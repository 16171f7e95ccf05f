/** What the templates of network/ and the example that joins them come to. */
import { attributes } from '../../provider/connectivity/custom-resource.ts';
import { readPlan } from '../../provider/connectivity/plan.ts';
import { type Resolved, resolve, type World } from './resolve.ts';
import { scenarios, serviceName, topic } from './scenarios.ts';
import { type Json, type JsonObject, readTemplate } from './template.ts';

const stack = (file: string, change: Record<string, string> = {}, world: World = {}) =>
  resolve(readTemplate(file), { ...scenarios[file]?.base, ...change }, world);
const properties = ({ Resources }: Resolved, id: string) => Resources[id]?.Properties ?? {};
const ofType = ({ Resources }: Resolved, type: string) =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);
const variation = (file: string, name: string) => scenarios[file]?.variations[name] ?? {};

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

describe('network/genesys-endpoint.yaml', () => {
  const file = 'network/genesys-endpoint.yaml';

  test('the endpoint admits HTTPS from the callers by reference, and no range of addresses', () => {
    const all = stack(file, variation(file, 'every option'));
    const ingress = ofType(all, 'AWS::EC2::SecurityGroupIngress').map(
      ([, { Properties }]) => Properties ?? {},
    );
    expect(ingress.map(({ SourceSecurityGroupId }) => SourceSecurityGroupId)).toEqual([
      'sg-0aaaaaaaaaaaaaaaa',
      'sg-0bbbbbbbbbbbbbbbb',
    ]);
    for (const rule of ingress) {
      expect(rule).toMatchObject({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 });
      expect(rule).not.toHaveProperty('CidrIp');
    }
    expect(properties(all, 'EndpointSecurityGroup')).not.toHaveProperty('SecurityGroupIngress');
  });

  test('no name leads to an endpoint that nobody has accepted yet, unless somebody says so', () => {
    const pending = stack(file);
    expect(properties(pending, 'GenesysEndpoint')['PrivateDnsEnabled']).toBe(false);
    expect(Object.values(pending.Resources).filter(({ Type }) => Type.startsWith('AWS::Route53'))).toEqual(
      [],
    );
  });

  test('names resolve by hosted zones for exactly the two hosts', () => {
    const zones = stack(file, variation(file, 'hosted zones'));
    expect(properties(zones, 'GenesysEndpoint')['PrivateDnsEnabled']).toBe(false);
    expect(
      ofType(zones, 'AWS::Route53::HostedZone').map(([, { Properties }]) => Properties?.['Name']),
    ).toEqual(['api.mypurecloud.ie', 'login.mypurecloud.ie']);
    expect(properties(zones, 'ApiRecord')).toMatchObject({
      Name: 'api.mypurecloud.ie',
      Type: 'A',
      HostedZoneId: { Ref: 'ApiZone' },
      AliasTarget: { EvaluateTargetHealth: true },
    });
  });

  test('names resolve by the private DNS name of the service where it has one', () => {
    const named = stack(file, { NameResolution: 'PrivateDns' });
    expect(properties(named, 'GenesysEndpoint')['PrivateDnsEnabled']).toBe(true);
    expect(Object.values(named.Resources).filter(({ Type }) => Type.startsWith('AWS::Route53'))).toEqual([]);
  });

  test('the service name is the given one, in two subnets at least, and a policy only where one is given', () => {
    expect(properties(stack(file), 'GenesysEndpoint')).toMatchObject({
      ServiceName: serviceName,
      SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
    });
    expect(properties(stack(file), 'GenesysEndpoint')).not.toHaveProperty('PolicyDocument');
    expect(
      properties(stack(file, variation(file, 'every option')), 'GenesysEndpoint')['PolicyDocument'],
    ).toMatch(/^\{/);
    expect(readTemplate(file).Parameters?.['EndpointPolicy']?.Description).toMatch(/No security control/);
    expect(readTemplate(file).Parameters?.['ServiceName']).not.toHaveProperty('Default');
  });

  test('dropped packets are an alarm with the dimensions that AWS publishes', () => {
    expect(properties(stack(file, { AlarmTopicArn: topic }), 'PacketsDroppedAlarm')).toMatchObject({
      Namespace: 'AWS/PrivateLinkEndpoints',
      MetricName: 'PacketsDropped',
      Dimensions: [
        { Name: 'Endpoint Type', Value: 'Interface' },
        { Name: 'Service Name', Value: serviceName },
        { Name: 'VPC Endpoint Id', Value: { Ref: 'GenesysEndpoint' } },
        { Name: 'VPC Id', Value: 'vpc-0aaaaaaaaaaaaaaaa' },
      ],
      AlarmActions: [topic],
    });
  });
});

describe('network/endpoint-service.yaml', () => {
  const file = 'network/endpoint-service.yaml';
  const instances = stack(file, variation(file, 'three instances, private DNS name, other Regions'));

  test('every connection is accepted by hand, and only named principals may ask', () => {
    expect(properties(stack(file), 'EndpointService')['AcceptanceRequired']).toBe(true);
    expect(properties(stack(file), 'Principals')).toEqual({
      ServiceId: { Ref: 'EndpointService' },
      AllowedPrincipals: ['arn:aws:iam::444455556666:root'],
    });
    expect(readTemplate(file).Parameters?.['AllowedPrincipals']).not.toHaveProperty('Default');
  });

  test('the load balancer is protected from deletion once the stack stands, not while a rollback may have to delete it', () => {
    const protection = (change: Record<string, string>) =>
      (properties(stack(file, change), 'LoadBalancer')['LoadBalancerAttributes'] as JsonObject[]).find(
        ({ Key }) => Key === 'deletion_protection.enabled',
      )?.['Value'];
    expect(protection({})).toBe('false');
    expect(protection({ DeletionProtection: 'true' })).toBe('true');
  });

  test('the load balancer is internal, crosses zones, logs, and lets nobody in but PrivateLink', () => {
    const balancer = properties(stack(file), 'LoadBalancer');
    expect(balancer).toMatchObject({
      Type: 'network',
      Scheme: 'internal',
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: 'off',
    });
    expect(balancer['LoadBalancerAttributes']).toEqual([
      { Key: 'deletion_protection.enabled', Value: 'false' },
      { Key: 'load_balancing.cross_zone.enabled', Value: 'true' },
      { Key: 'access_logs.s3.enabled', Value: 'true' },
      { Key: 'access_logs.s3.bucket', Value: { Ref: 'AccessLogBucket' } },
    ]);
    expect(properties(stack(file), 'LoadBalancerSecurityGroup')).not.toHaveProperty('SecurityGroupIngress');
  });

  test('TCP is passed through to an application load balancer', () => {
    const alb = stack(file);
    expect(properties(alb, 'Listener')).toMatchObject({ Port: 443, Protocol: 'TCP' });
    expect(properties(alb, 'Listener')).not.toHaveProperty('Certificates');
    expect(properties(alb, 'TargetGroup')).toMatchObject({
      TargetType: 'alb',
      Protocol: 'TCP',
      Port: 443,
      HealthCheckProtocol: 'HTTPS',
    });
    expect(properties(alb, 'TargetGroup')['Targets']).toHaveLength(1);
  });

  test.each([
    ['ip', 'two addresses', 2],
    ['instance', 'three instances, private DNS name, other Regions', 3],
  ])('TLS 1.2 or newer is ended and opened anew to targets of type %s', (type, name, count) => {
    const tls = stack(file, variation(file, name));
    expect(properties(tls, 'Listener')).toMatchObject({
      Protocol: 'TLS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
    expect(properties(tls, 'TargetGroup')).toMatchObject({ TargetType: type, Protocol: 'TLS' });
    expect(properties(tls, 'TargetGroup')['Targets']).toHaveLength(count);
  });

  test('connection events reach the topic', () => {
    expect(properties(instances, 'ConnectionNotification')).toEqual({
      ServiceId: { Ref: 'EndpointService' },
      ConnectionNotificationArn: topic,
      ConnectionEvents: ['Accept', 'Connect', 'Delete', 'Reject'],
    });
    expect(stack(file).Resources).not.toHaveProperty('ConnectionNotification');
  });

  test('a private DNS name comes with the record that verifies it, here or as outputs', () => {
    expect(properties(instances, 'VerificationRecord')).toMatchObject({
      Type: 'TXT',
      HostedZoneId: 'Z0123456789ABCDEFGHIJ',
    });
    const elsewhere = stack(file, { PrivateDnsName: 'orders.example.com' });
    expect(elsewhere.Resources).not.toHaveProperty('VerificationRecord');
    expect(elsewhere.Outputs).toHaveProperty('VerificationRecordName');
    expect(elsewhere.Outputs).toHaveProperty('VerificationRecordValue');
    expect(stack(file).Outputs).not.toHaveProperty('VerificationRecordName');
  });

  test('consumers of other Regions are served only where these are named', () => {
    expect(properties(instances, 'EndpointService')['SupportedRegions']).toEqual(['eu-west-1', 'us-east-1']);
    expect(properties(stack(file), 'EndpointService')).not.toHaveProperty('SupportedRegions');
  });

  test.each(['UnhealthyTargetsAlarm', 'NoHealthyTargetAlarm'])(
    '%s also fires when there is no metric at all',
    (id) => {
      expect(properties(stack(file), id)).toMatchObject({ TreatMissingData: 'breaching' });
    },
  );

  test.each([
    ['amazonaws.com', 'eu-west-1', 'com.amazonaws.vpce.eu-west-1'],
    ['amazonaws.eu', 'eusc-de-east-1', 'eu.amazonaws.vpce.eusc-de-east-1'],
  ])('the service name under %s begins as AWS makes it', (urlSuffix, region, start) => {
    const { Outputs } = resolve(readTemplate(file), scenarios[file]?.base ?? {}, {
      urlSuffix,
      region,
      attributes: (id) => id,
    });
    expect(Outputs['ServiceName']?.Value).toBe(`${start}.EndpointService`);
  });
});

describe('network/connectivity-check.yaml', () => {
  const file = 'network/connectivity-check.yaml';

  test("the function is an entry of the provider's package and stands where the callers stand", () => {
    expect(properties(stack(file), 'CheckFunction')).toMatchObject({
      Handler: 'connectivity.handler',
      Runtime: 'nodejs24.x',
      VpcConfig: {
        SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
        SecurityGroupIds: ['sg-0aaaaaaaaaaaaaaaa'],
      },
      Environment: {
        Variables: {
          CONNECTIVITY_HOSTS: 'api.mypurecloud.ie,login.mypurecloud.ie',
          CONNECTIVITY_EXPECT_PRIVATE: 'true',
        },
      },
    });
  });

  test.each([
    ['the least', {}],
    ['every option', variation(file, 'every option')],
  ])('its code understands the settings and properties that the template gives it (%s)', (_name, change) => {
    const { Resources } = stack(file, change);
    const { Variables } = properties(stack(file, change), 'CheckFunction')['Environment'] as {
      Variables: JsonObject;
    };
    const environment = Object.fromEntries(
      Object.entries(Variables).map(([name, value]) => [name, String(value)]),
    );
    const read = Object.keys(environment).filter((name) => name.startsWith('CONNECTIVITY_'));
    const plan = readPlan(environment, Resources['Check']?.Properties as Record<string, unknown> | undefined);
    expect(plan).toEqual({
      hosts: [
        { name: 'api.mypurecloud.ie', port: 443 },
        { name: 'login.mypurecloud.ie', port: 443 },
      ],
      expectPrivate: true,
      failStack: true,
      privateRanges: 'PrivateRanges' in change ? [expect.anything(), expect.anything()] : [],
      resolvers: ['169.254.169.253', 'fd00:ec2::253'],
      stepMs: 5000,
    });
    // Each of them is one that the code reads: without it, the plan is another or there is none.
    for (const name of read) {
      const other = { ...environment, [name]: 'malformed value' };
      expect(() => readPlan(other)).toThrow(name);
    }
  });

  test('the stack asks the resource only for attributes that it has', () => {
    const { Outputs } = stack(file, { RunOnDeployment: 'true' });
    const asked = Object.values(Outputs).flatMap(({ Value }) => {
      const [id, attribute] = ((Value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? []) as string[];
      return id === 'Check' && attribute !== undefined ? [attribute] : [];
    });
    expect(asked).toHaveLength(2);
    const report = { ok: true, summary: '', failures: 0, warnings: 0, findings: [], hosts: [], ms: 0 };
    expect(Object.keys(attributes(report))).toEqual(expect.arrayContaining(asked));
  });

  test('a schedule brings the rule, its permission and an alarm of the same period; without one there is none of them', () => {
    expect(Object.keys(stack(file).Resources).sort()).toEqual([
      'CheckFunction',
      'CheckPolicy',
      'CheckRole',
      'LogGroup',
    ]);
    const hourly = stack(file, { Schedule: 'Hourly', AlarmTopicArn: topic });
    expect(properties(hourly, 'ScheduleRule')).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      Targets: [{ Arn: { 'Fn::GetAtt': ['CheckFunction', 'Arn'] } }],
    });
    expect(properties(hourly, 'SchedulePermission')).toMatchObject({
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['ScheduleRule', 'Arn'] },
    });
    const [metric] = properties(hourly, 'FailuresFilter')['MetricTransformations'] as JsonObject[];
    expect(properties(hourly, 'FailuresAlarm')).toMatchObject({
      Namespace: metric?.['MetricNamespace'],
      MetricName: metric?.['MetricName'],
      Period: 3600,
      TreatMissingData: 'breaching',
      AlarmActions: [topic],
    });
  });

  test('the stack runs it only when asked to, and again with a new run', () => {
    expect(stack(file).Resources).not.toHaveProperty('Check');
    expect(properties(stack(file, { RunOnDeployment: 'true', RunId: '2' }), 'Check')).toMatchObject({
      ServiceToken: { 'Fn::GetAtt': ['CheckFunction', 'Arn'] },
      RunId: '2/subnet-0aaaaaaaaaaaaaaaa/subnet-0bbbbbbbbbbbbbbbb//sg-0aaaaaaaaaaaaaaaa',
    });
  });
});

describe('examples/private-network.yaml', () => {
  const file = 'examples/private-network.yaml';
  const nested = (change: Record<string, string>) =>
    ofType(stack(file, change), 'AWS::CloudFormation::Stack').map(([id, { Properties }]) => {
      const url = Properties?.['TemplateURL'] as string;
      const child = url.slice(url.indexOf('/templates/') + '/templates/'.length);
      return { id, child, parameters: Properties?.['Parameters'] as JsonObject };
    });
  const three = variation(file, 'three zones and a private endpoint');

  test.each([
    ['without a private endpoint', {}],
    ['with one that is not accepted yet', variation(file, 'an endpoint that is not accepted yet')],
    ['with one', three],
  ])(
    '%s, each stack takes the parameters it is given and gives the outputs that others take',
    (_name, change) => {
      const stacks = nested(change);
      const outputs = (id: string): Record<string, unknown> => {
        const one = stacks.find((each) => each.id === id);
        if (one === undefined) throw new Error(`no stack ${id}`);
        return resolve(readTemplate(one.child), sample(one)).Outputs;
      };
      /** Values for references, such as another stack's outputs have. */
      const sample = ({ child, parameters }: (typeof stacks)[number]): Record<string, string> =>
        Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [
            name,
            typeof value === 'object' ? (samples[child]?.[name] ?? '') : String(value),
          ]),
        );
      const samples: Record<string, Record<string, string>> = Object.fromEntries(
        Object.entries(scenarios).map(([name, { base }]) => [
          name,
          {
            ...base,
            SubnetIdC: 'subnet-0cccccccccccccccc',
            SubnetIdA: 'subnet-0aaaaaaaaaaaaaaaa',
            SubnetIdB: 'subnet-0bbbbbbbbbbbbbbbb',
            SecurityGroupId: 'sg-0aaaaaaaaaaaaaaaa',
          },
        ]),
      );
      for (const one of stacks) {
        expect(() => resolve(readTemplate(one.child), sample(one))).not.toThrow();
        for (const value of Object.values(one.parameters)) {
          const [source, output] = ((value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? []) as string[];
          if (source !== undefined)
            expect(outputs(source)).toHaveProperty((output ?? '').replace('Outputs.', ''));
        }
      }
      for (const { Value } of Object.values(stack(file, change).Outputs)) {
        const [source, output] = ((Value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? []) as string[];
        if (source !== undefined)
          expect(outputs(source)).toHaveProperty((output ?? '').replace('Outputs.', ''));
      }
    },
  );

  test('the provider is deployed after the check, which expects private addresses only behind an endpoint', () => {
    expect(stack(file).Resources['Provider']?.DependsOn).toBe('ConnectivityCheck');
    const expects = (change: Record<string, string>): Json | undefined =>
      nested(change).find(({ id }) => id === 'ConnectivityCheck')?.parameters['ExpectPrivateAddresses'];
    expect(expects({})).toBe('false');
    expect(expects(three)).toBe('true');
    // The way leads by NAT gateways until the endpoint is accepted; names and their check come with the second update.
    const pending = variation(file, 'an endpoint that is not accepted yet');
    expect(expects(pending)).toBe('false');
    expect(nested(pending).map(({ id }) => id)).toEqual([
      'Network',
      'GenesysEndpoint',
      'ConnectivityCheck',
      'Provider',
    ]);
    expect(nested({}).map(({ id }) => id)).toEqual(['Network', 'ConnectivityCheck', 'Provider']);
  });
});

test.each([
  ['network/connectivity-check.yaml', {}],
  ['provider.yaml', variation('provider.yaml', 'in a VPC')],
])('%s may put its interfaces into a subnet that another account shares', (file, change) => {
  const statements = Object.values(stack(file, change).Resources)
    .flatMap(({ Properties }) => [Properties?.['PolicyDocument']])
    .flatMap((document) => ((document as JsonObject | undefined)?.['Statement'] ?? []) as JsonObject[])
    .filter(({ Action }) => [Action].flat().includes('ec2:CreateNetworkInterface'));
  expect(statements).toHaveLength(1);
  expect(statements[0]?.['Resource']).toEqual([
    'arn:aws:ec2:eu-west-1:111122223333:network-interface/*',
    'arn:aws:ec2:eu-west-1:*:subnet/*',
    'arn:aws:ec2:eu-west-1:111122223333:security-group/*',
  ]);
});
