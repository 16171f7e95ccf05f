/** The connectivity check: its function, schedule and outputs. */
import { attributes } from '../../../provider/connectivity/custom-resource.ts';
import { readCheckPlan } from '../../../provider/connectivity/plan.ts';
import { topic } from '../../../scripts/build/templates/scenarios.ts';
import type { JsonObject } from '../../../scripts/build/templates/template.ts';
import { properties, stack, variation } from '../resolved.ts';

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
    const plan = readCheckPlan(
      environment,
      Resources['Check']?.Properties as Record<string, unknown> | undefined,
    );
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
    // The code reads each of these settings: a malformed value is refused by its name.
    for (const name of read) {
      const other = { ...environment, [name]: 'malformed value' };
      expect(() => readCheckPlan(other)).toThrow(name);
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
