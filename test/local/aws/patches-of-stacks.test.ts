import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetResourcePolicyCommand,
} from '@aws-sdk/client-dynamodb';
import { create, stackStatus, update } from '../../../local/aws/stacks.ts';
import { divergence, probe, type Side, startSides, stopSides, thing } from './divergence.ts';
import { probeTemplate, succeed } from './probe.ts';
import { refusal } from './world.ts';

beforeAll(startSides);
afterAll(stopSides);

divergence(
  'capabilities',
  'a template with a role needs CAPABILITY_IAM',
  (side) => refusal(create(side.client, side.name, probeTemplateWithoutExport, { capabilities: [] })),
  {
    stock: 'accepted',
    patched: 'InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]',
  },
);

const probeTemplateWithoutExport = { Resources: probeTemplate.Resources };

const chosen = (side: Side, value: string) =>
  refusal(
    side.client.send(
      new CreateStackCommand({
        StackName: `${side.name}-${value.length}`,
        TemplateBody: JSON.stringify({
          Parameters: {
            Colours: {
              Type: 'CommaDelimitedList',
              AllowedValues: ['red', 'green'],
              ConstraintDescription: 'names colours of the set red, green',
            },
          },
          Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
        }),
        Parameters: [{ ParameterKey: 'Colours', ParameterValue: value }],
      }),
    ),
  );

divergence(
  'allowed_values',
  'AllowedValues hold for each member of a list, and ConstraintDescription says so',
  async (side) => [await chosen(side, 'red,green'), await chosen(side, 'red,blue')],
  {
    stock: [
      "ValidationError: Parameter 'Colours' value 'red,green' is not in AllowedValues: ['red', 'green']",
      "ValidationError: Parameter 'Colours' value 'red,blue' is not in AllowedValues: ['red', 'green']",
    ],
    patched: ['accepted', "ValidationError: Parameter 'Colours' names colours of the set red, green"],
  },
);

const exporting = (name: string, value: string) => ({
  Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
  Outputs: { Out: { Value: value, Export: { Name: name } } },
});

divergence(
  'exports',
  'a second stack cannot take the name of an export',
  async (side) => {
    await create(side.client, `${side.name}-a`, exporting(side.name, 'a'));
    const { status, reasons } = await create(side.client, `${side.name}-b`, exporting(side.name, 'b'));
    return { status, reason: reasons[`${side.name}-b CREATE_FAILED`]?.replaceAll(side.name, 'S') };
  },
  {
    stock: { status: 'CREATE_COMPLETE', reason: undefined },
    patched: {
      status: 'ROLLBACK_COMPLETE',
      reason: 'Export with name S is already exported by stack S-a',
    },
  },
);

divergence(
  'exports',
  'an export cannot change while it is imported',
  async (side) => {
    await create(side.client, `${side.name}-a`, exporting(side.name, 'a'));
    await create(side.client, `${side.name}-b`, {
      Resources: {
        P: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Type: 'String', Value: { 'Fn::ImportValue': side.name } },
        },
      },
    });
    const { status, reasons } = await update(side.client, `${side.name}-a`, exporting(side.name, 'changed'));
    return { status, reason: reasons[`${side.name}-a UPDATE_FAILED`]?.replaceAll(side.name, 'S') };
  },
  {
    stock: { status: 'UPDATE_COMPLETE', reason: undefined },
    patched: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      reason: 'Export S cannot be updated as it is in use by S-b',
    },
  },
);

divergence(
  'no_echo_in_change_set',
  'a NoEcho parameter is masked in a change set',
  async (side) => {
    const { Id = '' } = await side.client.send(
      new CreateChangeSetCommand({
        StackName: side.name,
        ChangeSetName: 'c',
        ChangeSetType: 'CREATE',
        TemplateBody: JSON.stringify({
          Parameters: { Secret: { Type: 'String', NoEcho: true } },
          Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
        }),
        Parameters: [{ ParameterKey: 'Secret', ParameterValue: 'canary' }],
      }),
    );
    const { Parameters } = await side.client.send(new DescribeChangeSetCommand({ ChangeSetName: Id }));
    return Parameters?.[0]?.ParameterValue;
  },
  { stock: 'canary', patched: '****' },
);

divergence(
  'unresolved_references',
  'a reference to nothing is refused before anything is created',
  (side) =>
    refusal(
      create(side.client, side.name, {
        Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: 'Nothing' } } } },
      }),
    ),
  {
    stock: 'accepted',
    patched:
      'ValidationError: Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template',
  },
);

divergence(
  'null_values',
  'a template with a null is refused before anything is created',
  (side) =>
    refusal(create(side.client, side.name, { Resources: { A: thing(side, { List: [{ Member: null }] }) } })),
  {
    stock: 'accepted',
    patched:
      "ValidationError: Template format error: [/Resources/A/Properties/List/0/Member] 'null' values are not allowed in templates",
  },
);

divergence(
  'null_values',
  'a null outside of the resources is refused as well',
  (side) =>
    refusal(
      create(side.client, side.name, { Mappings: { M: { a: { b: null } } }, Resources: { A: thing(side) } }),
    ),
  {
    stock: 'accepted',
    patched:
      "ValidationError: Template format error: [/Mappings/M/a/b] 'null' values are not allowed in templates",
  },
);

describe('a template is checked as a whole before anything is created:', () => {
  const refused: [string, (side: Side) => object, string][] = [
    [
      'a name that is not alphanumeric',
      (side) => ({ 'A-1': thing(side) }),
      'Template format error: Resource name A-1 is non alphanumeric.',
    ],
    [
      'an attribute that is none',
      (side) => ({ A: thing(side, {}, { Depends: 'B' }) }),
      "Invalid template resource property 'Depends'",
    ],
    [
      'a policy that is none',
      (side) => ({ A: thing(side, {}, { DeletionPolicy: 'Keep' }) }),
      'Template format error: Unrecognized DeletionPolicy Keep for resource A',
    ],
    [
      'a type with a name that is too long',
      (side) => ({ A: { ...thing(side), Type: `Custom::${'a'.repeat(53)}` } }),
      `Template format error: Custom::${'a'.repeat(53)} is no name of a custom resource type`,
    ],
    [
      'a custom resource without a ServiceToken',
      () => ({ A: { Type: 'Custom::Probe' } }),
      'Template format error: A needs the property ServiceToken',
    ],
    [
      'DependsOn of nothing',
      (side) => ({ A: thing(side, {}, { DependsOn: 'Nothing' }) }),
      'Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template',
    ],
    [
      'a circle',
      (side) => ({
        A: thing(side, { Of: { 'Fn::Sub': '${B} ${AWS::Region}' } }),
        B: thing(side, {}, { DependsOn: ['A'] }),
        C: thing(side, {}, { DependsOn: ['A'] }),
      }),
      'Circular dependency between resources: [A, B]',
    ],
  ];
  for (const [rule, Resources, said] of refused)
    divergence(
      'template_checks',
      rule,
      (side) => refusal(create(side.client, side.name, { Resources: Resources(side) })),
      { stock: 'accepted', patched: `ValidationError: ${said}` },
    );
});

divergence(
  'undeclared_parameters',
  'a parameter that the template does not declare is refused',
  (side) =>
    refusal(
      side.client.send(
        new CreateStackCommand({
          StackName: side.name,
          TemplateBody: JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } }),
          Parameters: [{ ParameterKey: 'Nothing', ParameterValue: 'x' }],
        }),
      ),
    ),
  {
    stock: 'accepted',
    patched: 'ValidationError: Parameters: [Nothing] do not exist in the template',
  },
);

divergence(
  'missing_function_code',
  'a function whose code is not in the bucket fails',
  async (side) => {
    const { status, reasons } = await create(side.client, side.name, {
      Resources: {
        Role: probeTemplate.Resources.Role,
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs24.x',
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { S3Bucket: 'no-such-bucket', S3Key: 'no-such-key' },
          },
        },
      },
    });
    return { status, said: reasons['Function CREATE_FAILED']?.includes('NoSuchKey') };
  },
  {
    stock: { status: 'CREATE_COMPLETE', said: undefined },
    patched: { status: 'ROLLBACK_COMPLETE', said: true },
  },
);

divergence(
  'table_settings',
  'a table has the expiry, recovery, encryption and policy of its template',
  async (side) => {
    const TableName = `${side.name}-table`;
    const table = (AttributeName: string) => ({
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName,
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            TimeToLiveSpecification: { AttributeName, Enabled: true },
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            SSESpecification: { SSEEnabled: true },
            ResourcePolicy: { PolicyDocument: { Version: '2012-10-17', Statement: [] } },
          },
        },
      },
    });
    const { stackId } = await create(side.client, side.name, table('end'));
    const made = await settingsOf(side, TableName);
    await update(side.client, stackId, table('later'));
    return [made, (await settingsOf(side, TableName)).attribute];
  },
  {
    stock: [
      { attribute: undefined, recovery: 'DISABLED', encryption: undefined, policy: undefined },
      undefined,
    ],
    patched: [
      {
        attribute: 'end',
        recovery: 'ENABLED',
        encryption: 'ENABLED',
        policy: '{"Version": "2012-10-17", "Statement": []}',
      },
      'later',
    ],
  },
);

async function settingsOf({ server }: Side, TableName: string) {
  const dynamo = new DynamoDBClient({
    endpoint: server.url,
    region: server.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
  const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
  const { ContinuousBackupsDescription } = await dynamo.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  const policy = await dynamo.send(new GetResourcePolicyCommand({ ResourceArn: Table?.TableArn })).then(
    ({ Policy }) => Policy,
    () => undefined,
  );
  return {
    attribute: TimeToLiveDescription?.AttributeName,
    recovery: ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    encryption: Table?.SSEDescription?.Status,
    policy,
  };
}

/** DescribeStacks as a waiter of the CLI asks; `m/B` marks it. */
async function askedByWaiter(side: Side, stackId: string): Promise<string | undefined> {
  const response = await fetch(side.server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'aws-cli/1.46.2 md/Botocore#1.43.62 m/Z,B,g botocore/1.43.62',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${side.server.region}/cloudformation/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({
      Action: 'DescribeStacks',
      Version: '2010-05-15',
      StackName: stackId,
    }).toString(),
  });
  return /<StackStatus>(\w+)</.exec(await response.text())?.[1];
}

divergence(
  'hold_describe_stacks',
  "a waiter's DescribeStacks is answered when the stack has settled, anybody else's at once",
  async (side) => {
    const waiter = Promise.withResolvers<string | undefined>();
    let person = '';
    probe.behave(side.name, async (event) => {
      const held = askedByWaiter(side, event.StackId);
      held.then(waiter.resolve, waiter.reject);
      person = await stackStatus(side.client, event.StackId);
      return succeed(event);
    });
    await create(side.client, side.name, { Resources: { A: thing(side) } });
    return { person, waiter: await waiter.promise };
  },
  {
    stock: { person: 'CREATE_IN_PROGRESS', waiter: 'CREATE_IN_PROGRESS' },
    patched: { person: 'CREATE_IN_PROGRESS', waiter: 'CREATE_COMPLETE' },
  },
);
