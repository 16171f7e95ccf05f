/** Rules of form for every template that cfn-lint does not know. `make test` runs cfn-lint as well. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { resourceTypes } from '../../provider/resources/index.ts';
import { overLimit, sizeOf } from '../../scripts/build/template-sizes.ts';
import {
  type JsonObject,
  objects,
  readTemplate,
  templateFiles,
  templateText,
} from '../../scripts/build/templates/template.ts';

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));

/**
 * Types without a property for tags, or that are not AWS resources. A new type must be put here or carry
 * tags.
 */
const untaggable = new Set([
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::BasePathMapping',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Model',
  'AWS::ApiGateway::RequestValidator',
  'AWS::ApiGateway::Resource',
  'AWS::CloudFormation::LambdaHook',
  'AWS::EC2::Route',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPCEndpointConnectionNotification',
  'AWS::EC2::VPCEndpointServicePermissions',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::IAM::ManagedPolicy',
  'AWS::KMS::Alias',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::MetricFilter',
  'AWS::Route53::RecordSet',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::WAFv2::WebACLAssociation',
  'Custom::GenesysConnectivityCheck',
  'Custom::GenesysLedgerRegistration',
  ...resourceTypes.map(({ typeName }) => typeName),
  'AWS::SecretsManager::RotationSchedule',
]);

/** Custom resources of the stack that has their function. */
const ofTheirOwnStack = new Set(['Custom::GenesysConnectivityCheck', 'Custom::GenesysLedgerRegistration']);

const stateful =
  /^AWS::(DynamoDB::Table|EC2::EIP|KMS::(Key|ReplicaKey|Alias)|Logs::LogGroup|S3::Bucket|SQS::Queue)$/;
/** Whose loss no backup mends: data, keys, and addresses that stand in the allow lists of others. */
const irreplaceable = /^AWS::(DynamoDB::Table|EC2::EIP|KMS::)/;

/**
 * Actions of which a policy can name no resource: EC2's Describe actions and those of X-Ray know none
 * (service authorization reference), and Lambda asks for the others alone when it attaches a function to a
 * VPC.
 */
const askedWithoutResource =
  /^(ec2:(Describe.*|DeleteNetworkInterface|(Una|A)ssignPrivateIpAddresses)|xray:Put.*)$/;

describe.each(templateFiles())('%s', (file) => {
  const template = readTemplate(file);
  const text = templateText(file);
  const parameters = Object.entries(template.Parameters ?? {});
  const resources = Object.entries(template.Resources);

  test('can be deployed without a bucket and says what it is', () => {
    expect(overLimit(sizeOf(file))).toEqual([]);
    expect(template.Description).toMatch(/^Genesys Cloud: .*\(genesys-cloud-cfn( example)?\)$/);
    expect(Buffer.byteLength(template.Description)).toBeLessThanOrEqual(1024);
  });

  test('groups and labels every parameter once', () => {
    const names = parameters.map(([name]) => name).sort();
    const form = template.Metadata['AWS::CloudFormation::Interface'] as JsonObject | undefined;
    const groups = (form?.['ParameterGroups'] ?? []) as {
      Parameters: string[];
      Label: { default: string };
    }[];
    expect(groups.flatMap((group) => group.Parameters).sort()).toEqual(names);
    expect(groups.filter((group) => !group.Label.default)).toEqual([]);
    expect(Object.keys((form?.['ParameterLabels'] ?? {}) as JsonObject).sort()).toEqual(names);
  });

  test('describes and constrains every parameter, and says what it must be', () => {
    const loose = parameters.filter(
      ([, { AllowedPattern, AllowedValues, MinValue, MaxValue }]) =>
        AllowedPattern === undefined &&
        AllowedValues === undefined &&
        (MinValue === undefined || MaxValue === undefined),
    );
    expect(loose.map(([name]) => name)).toEqual([]);
    for (const [name, { Description, ConstraintDescription }] of parameters) {
      expect([name, Description]).toEqual([name, expect.stringMatching(/^[A-Z].{15,}\.$/)]);
      expect([name, ConstraintDescription]).toEqual([name, expect.stringMatching(/^must be /)]);
    }
  });

  test('gives no parameter a default that it would refuse', () => {
    const refused = parameters.filter(
      ([, { Type, Default, AllowedPattern, AllowedValues, MinValue, MaxValue }]) => {
        if (Default === undefined) return false;
        // For a list, the path leads to each member.
        const values = Type === 'CommaDelimitedList' ? String(Default).split(',') : [String(Default)];
        return !values.every(
          (value) =>
            (AllowedPattern === undefined || new RegExp(AllowedPattern).test(value)) &&
            (AllowedValues === undefined || AllowedValues.map(String).includes(value)) &&
            (MinValue === undefined || Number(value) >= MinValue) &&
            (MaxValue === undefined || Number(value) <= MaxValue),
        );
      },
    );
    expect(refused).toEqual([]);
  });

  test('names no partition, and no region or account but as a parameter', () => {
    expect(text).not.toMatch(/arn:aws/);
    const rest = JSON.stringify([template.Resources, template.Conditions, template.Outputs, template.Rules]);
    expect(rest).not.toMatch(/\b(us|eu|ap|ca|sa|me|mx|af|il|eusc)-[a-z]+-\d\b/);
    // Where AWS's partition is another one, a rule refuses the account that Genesys Cloud has in `aws`.
    expect(rest.replaceAll('765628985471', '')).not.toMatch(/\b\d{12}\b/);
    expect(JSON.stringify(template.Resources)).not.toMatch(/765628985471/);
    const accounts = parameters.filter(([, { Default }]) => /^\d{12}$/.test(String(Default)));
    expect(accounts.filter(([name]) => name !== 'GenesysAccountId')).toEqual([]);
    expect(accounts.filter(([, { Default }]) => Default !== '765628985471')).toEqual([]);
  });

  test('tags what can be tagged with the name of the template', () => {
    const name = file.replace(/\.yaml$/, '');
    const untagged = resources.filter(([, { Type, Properties }]) => {
      if (untaggable.has(Type)) return false;
      const tags = Properties?.['Tags'] ?? Properties?.['HostedZoneTags'];
      const value = Array.isArray(tags)
        ? (tags as { Key: string; Value: string }[]).find(({ Key }) => Key === 'genesys-cloud-cfn:template')
            ?.Value
        : (tags as JsonObject | undefined)?.['genesys-cloud-cfn:template'];
      return value !== name;
    });
    expect(untagged.map(([id]) => id)).toEqual([]);
  });

  test('says what becomes of everything that holds data or an address, and keeps what cannot be had again', () => {
    const silent = resources.filter(
      ([, { Type, DeletionPolicy, UpdateReplacePolicy }]) =>
        stateful.test(Type) && (DeletionPolicy === undefined || UpdateReplacePolicy === undefined),
    );
    expect(silent.map(([id]) => id)).toEqual([]);
    const lost = resources.filter(
      ([, { Type, DeletionPolicy, UpdateReplacePolicy }]) =>
        irreplaceable.test(Type) &&
        !['Retain Retain', 'RetainExceptOnCreate Retain'].includes(
          `${DeletionPolicy} ${UpdateReplacePolicy}`,
        ),
    );
    expect(lost.map(([id]) => id)).toEqual([]);
  });

  test('never makes a table, a key or an alias twice under conditions', () => {
    const kinds = resources.map(([, { Type }]) => Type).filter((type) => /DynamoDB::Table|KMS::/.test(type));
    expect(kinds).toEqual([...new Set(kinds)]);
  });

  test('leaves the names of IAM resources to CloudFormation, so that CAPABILITY_IAM is enough', () => {
    const named = resources.filter(
      ([, { Type, Properties = {} }]) =>
        Type.startsWith('AWS::IAM::') && Object.keys(Properties).some((name) => /Name$/.test(name)),
    );
    expect(named.map(([id]) => id)).toEqual([]);
  });

  test('keeps policies out of roles, and stars out of allowed actions and resources', () => {
    expect(resources.filter(([, { Properties }]) => Properties?.['Policies'] !== undefined)).toEqual([]);
    const stars: string[] = [];
    for (const [id, { Type, Properties }] of resources) {
      if (Type !== 'AWS::IAM::ManagedPolicy') continue;
      for (const [path, statement] of objects(Properties)) {
        if (statement['Effect'] !== 'Allow') continue;
        const actions = [statement['Action']].flat() as string[];
        if (actions.some((action) => /^\*|:\*$/.test(action))) stars.push(`${id}${path} Action`);
        if (statement['Resource'] === '*' && !actions.every((action) => askedWithoutResource.test(action))) {
          stars.push(`${id}${path} Resource`);
        }
      }
    }
    expect(stars).toEqual([]);
  });

  test('gives custom resources their time and their provider by import, or by SSM parameter as its example', () => {
    const bySsm = file === 'examples/consumer-by-ssm.yaml';
    if (bySsm) expect(template.Parameters?.['ServiceToken']?.Type).toBe('AWS::SSM::Parameter::Value<String>');
    for (const [id, { Type, Properties }] of resources) {
      if (!Type.startsWith('Custom::Genesys') || ofTheirOwnStack.has(Type)) continue;
      expect([id, Properties?.['ServiceTimeout']]).toEqual([id, 1200]);
      expect([id, Properties?.['ServiceToken']]).toEqual([
        id,
        bySsm
          ? { Ref: 'ServiceToken' }
          : { 'Fn::ImportValue': { 'Fn::Sub': '${ExportPrefix}-ServiceToken' } },
      ]);
    }
  });

  test('lets every alarm say what it means, reach a topic, and treat missing data on purpose', () => {
    for (const [id, { Type, Properties }] of resources) {
      if (Type !== 'AWS::CloudWatch::Alarm') continue;
      expect([id, Properties]).toEqual([
        id,
        expect.objectContaining({
          AlarmDescription: expect.stringMatching(/^[A-Z].{20,}\.$/),
          AlarmActions: { 'Fn::If': ['HasTopic', [{ Ref: 'AlarmTopicArn' }], { Ref: 'AWS::NoValue' }] },
          TreatMissingData: expect.stringMatching(/^(notBreaching|breaching|ignore)$/),
        }),
      ]);
    }
  });

  test('uses every parameter and every condition', () => {
    const body = JSON.stringify([template.Rules, template.Conditions, template.Resources, template.Outputs]);
    const unused = parameters.filter(
      ([name]) => !body.includes(`"Ref":"${name}"`) && !body.includes(`\${${name}}`),
    );
    expect(unused.map(([name]) => name)).toEqual([]);
    const conditions = Object.keys(template.Conditions ?? {});
    expect(conditions.filter((name) => body.split(`"${name}"`).length < 3)).toEqual([]);
  });

  test('has described outputs, among them the version of the package', () => {
    const outputs = Object.entries(template.Outputs ?? {});
    expect(template.Outputs?.['TemplateVersion']?.Value).toBe(version);
    expect(outputs.filter(([, { Description }]) => !/^[A-Z].*\.$/.test(Description ?? ''))).toEqual([]);
  });

  test('never opens the provider to loopback response URLs', () => {
    expect(text).not.toMatch(/ALLOW_LOOPBACK/);
  });
});

test('at most five findings of linters are suppressed, each with its reason', () => {
  const suppressed = templateFiles().flatMap((file) =>
    [...objects(readTemplate(file) as unknown as JsonObject)].flatMap(([path, object]) => {
      const config = object['config'] as JsonObject | undefined;
      return path.endsWith('/cfn-lint') && config ? [{ path: file + path, reason: object['reason'] }] : [];
    }),
  );
  expect(suppressed.length).toBeLessThanOrEqual(5);
  expect(suppressed.filter(({ reason }) => typeof reason !== 'string')).toEqual([]);
});
