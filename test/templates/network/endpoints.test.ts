/**
 * Both directions of a private connection: the endpoint towards Genesys Cloud, and the service that it
 * consumes.
 */
import { resolve } from '../../../scripts/build/templates/resolve.ts';
import { scenarios, serviceName, topic } from '../../../scripts/build/templates/scenarios.ts';
import { type JsonObject, readTemplate } from '../../../scripts/build/templates/template.ts';
import { ofType, properties, stack, variation } from '../resolved.ts';

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
    ['amazonaws.com.cn', 'cn-north-1', 'cn.com.amazonaws.vpce.cn-north-1'],
  ])('the service name under %s begins as AWS makes it', (urlSuffix, region, start) => {
    const { Outputs } = resolve(readTemplate(file), scenarios[file]?.base ?? {}, {
      urlSuffix,
      partition: urlSuffix.endsWith('.cn') ? 'aws-cn' : 'aws',
      region,
      attributes: (id) => id,
    });
    expect(Outputs['ServiceName']?.Value).toBe(`${start}.EndpointService`);
  });
});
