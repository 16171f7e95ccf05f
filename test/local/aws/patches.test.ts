/**
 * Each patch of ./patches, shown on two servers: MiniStack as published still differs from CloudFormation in the
 * way the patch says, and the patched one does not. When the first half fails, MiniStack has caught up: drop the
 * patch.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import { aws } from '../../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../../local/aws/ministack.ts';
import { cloudFormation, create, remove, stackStatus, update } from '../../../local/aws/stacks.ts';
import {
  type Probe,
  type ProbeEvent,
  type ProbeHandler,
  probeTemplate,
  startProbe,
  succeed,
} from './probe.ts';

interface Side {
  server: MiniStack;
  client: CloudFormationClient;
  /** The probe's ServiceToken. */
  token: string;
  /** A stack name of this test's own. */
  name: string;
}

let probe: Probe;
const sides = {} as { stock: Omit<Side, 'name'>; patched: Omit<Side, 'name'> };
const shown = new Set<string>();
let count = 0;

beforeAll(async () => {
  const started = await Promise.all([
    startProbe(),
    startMiniStack({ withoutPatches: 'all' }),
    startMiniStack(),
  ]);
  probe = started[0];
  for (const [key, server] of [
    ['stock', started[1]],
    ['patched', started[2]],
  ] as const) {
    const client = cloudFormation(server);
    const { outputs } = await create(client, 'probe', probeTemplate);
    sides[key] = { server, client, token: outputs['ProbeToken'] ?? '' };
  }
});

afterAll(async () => {
  await Promise.all([sides.stock?.server.stop(), sides.patched?.server.stop(), probe?.stop()]);
});

/** Runs one scenario on both servers and compares what it saw. */
function divergence<Seen>(
  patch: string,
  rule: string,
  scenario: (side: Side) => Promise<Seen>,
  expected: { stock: Seen; patched: Seen },
): void {
  shown.add(patch);
  test(`${patch}: ${rule}`, async () => {
    count += 1;
    const name = `s${count}`;
    const [stock, patched] = await Promise.all([
      scenario({ ...sides.stock, name: `${name}-stock` }),
      scenario({ ...sides.patched, name: `${name}-patched` }),
    ]);
    expect(patched).toEqual(expected.patched);
    expect(stock).toEqual(expected.stock);
  });
}

/** A `Custom::Probe`. */
function thing(side: Side, properties: object = {}, attributes: object = {}) {
  return {
    Type: 'Custom::Probe',
    Properties: { ServiceToken: side.token, ServiceTimeout: 20, Probe: probe.url, ...properties },
    ...attributes,
  };
}

/** `<request type> <physical id>` or, for a Create, `<request type> <logical id>`. */
const said = (event: ProbeEvent) =>
  `${event.RequestType} ${event.PhysicalResourceId ?? event.LogicalResourceId}`;

divergence(
  'service_token_in_event',
  'an event has the ServiceToken at its top level',
  async (side) => {
    const { stackId } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    return probe.events(stackId).map((event) => event.ServiceToken === side.token);
  },
  { stock: [false], patched: [true] },
);

divergence(
  'signed_response_url',
  'a ResponseURL carries the date of its signature',
  async (side) => {
    const { stackId } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    return probe
      .events(stackId)
      .map((event) => /^\d{8}T\d{6}Z$/.test(new URL(event.ResponseURL).searchParams.get('X-Amz-Date') ?? ''));
  },
  { stock: [false], patched: [true] },
);

divergence(
  'asynchronous_invocation',
  'an event whose invocation failed is delivered twice again, as the same request',
  async (side) => {
    let crashes = 2;
    probe.behave(side.name, (event) => {
      if (event.RequestType !== 'Create' || crashes === 0) return succeed(event);
      crashes -= 1;
      return { crash: true };
    });
    const { status, stackId } = await create(side.client, side.name, {
      Resources: { A: thing(side, { ServiceTimeout: 3 }) },
    });
    const creates = probe.events(stackId).filter((event) => event.RequestType === 'Create');
    return { status, creates: creates.length, requests: new Set(creates.map((e) => e.RequestId)).size };
  },
  {
    stock: { status: 'ROLLBACK_COMPLETE', creates: 1, requests: 1 },
    patched: { status: 'CREATE_COMPLETE', creates: 3, requests: 1 },
  },
);

divergence(
  'asynchronous_invocation',
  'ServiceTimeout runs from the invocation, not from the return of the function',
  async (side) => {
    probe.behave(side.name, async (event) => {
      if (event.RequestType === 'Create') await new Promise((done) => setTimeout(done, 2000));
      return succeed(event);
    });
    const { status } = await create(side.client, side.name, {
      Resources: { A: thing(side, { ServiceTimeout: 1 }) },
    });
    return status;
  },
  { stock: 'CREATE_COMPLETE', patched: 'ROLLBACK_COMPLETE' },
);

divergence(
  'response_size',
  'an answer over 4,096 bytes fails the resource',
  async (side) => {
    probe.behave(side.name, (event) =>
      event.RequestType === 'Create'
        ? { ...succeed(event), Status: 'SUCCESS', Data: { Text: 'x'.repeat(4096) } }
        : succeed(event),
    );
    const { status, reasons } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    return { status, reason: reasons['A CREATE_FAILED'] };
  },
  {
    stock: { status: 'CREATE_COMPLETE', reason: undefined },
    patched: { status: 'ROLLBACK_COMPLETE', reason: 'Response object is too long.' },
  },
);

divergence(
  'data_as_strings',
  'a boolean in Data is "true" to Fn::Sub and to an output',
  async (side) => {
    probe.behave(side.name, (event) => ({
      ...succeed(event),
      Status: 'SUCCESS',
      Data: { Flag: true, Size: 3 },
    }));
    const { outputs } = await create(side.client, side.name, {
      Resources: { A: thing(side) },
      Outputs: { Both: { Value: { 'Fn::Sub': '${A.Flag} ${A.Size}' } } },
    });
    return outputs['Both'];
  },
  { stock: 'True 3', patched: 'true 3' },
);

divergence(
  'failure_reason',
  'the event of a failed custom resource quotes its reason and names the request',
  async (side) => {
    probe.behave(side.name, (event) =>
      event.RequestType === 'Create' ? { Status: 'FAILED', Reason: 'no such queue' } : succeed(event),
    );
    const { reasons, stackId } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    const requestId = probe.events(stackId)[0]?.RequestId ?? '?';
    return reasons['A CREATE_FAILED']?.replace(requestId, 'REQUEST');
  },
  {
    stock: 'no such queue',
    patched:
      'Received response status [FAILED] from custom resource. Message returned: no such queue (RequestId: REQUEST)',
  },
);

divergence(
  'failure_reason',
  'the event of a custom resource that never answered names the request',
  async (side) => {
    probe.behave(side.name, (event) => (event.RequestType === 'Create' ? { silent: true } : succeed(event)));
    const { reasons, stackId } = await create(side.client, side.name, {
      Resources: { A: thing(side, { ServiceTimeout: 1 }) },
    });
    const requestId = probe.events(stackId)[0]?.RequestId ?? '?';
    return reasons['A CREATE_FAILED']?.replace(requestId, 'REQUEST').slice(0, 111);
  },
  {
    stock: "Custom resource 'A' timed out after 1s waiting for ResponseURL callback",
    patched:
      'CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [REQU',
  },
);

const failsToCreateB =
  (answer: object): ProbeHandler =>
  (event) =>
    event.RequestType === 'Create' && event.LogicalResourceId === 'B'
      ? { ...answer, Status: 'FAILED', Reason: 'told to' }
      : succeed(event);

divergence(
  'delete_after_failed_create',
  'a failed Create is deleted by the id it answered, before what it depends on',
  async (side) => {
    probe.behave(side.name, failsToCreateB({ PhysicalResourceId: 'half-made' }));
    const { stackId, history } = await create(side.client, side.name, {
      Resources: { A: thing(side), B: thing(side, {}, { DependsOn: 'A' }) },
    });
    return {
      events: probe.events(stackId).map(said),
      rollback: history.slice(history.indexOf(`${side.name} ROLLBACK_IN_PROGRESS`) + 1, -1),
    };
  },
  {
    stock: {
      events: ['Create A', 'Create B', 'Delete A-1'],
      rollback: ['A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE'],
    },
    patched: {
      events: ['Create A', 'Create B', 'Delete half-made', 'Delete A-1'],
      rollback: ['B DELETE_IN_PROGRESS', 'B DELETE_COMPLETE', 'A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE'],
    },
  },
);

divergence(
  'delete_after_failed_create',
  'a failed Create without an id is deleted by an invented one',
  async (side) => {
    probe.behave(side.name, failsToCreateB({}));
    const { stackId } = await create(side.client, side.name, { Resources: { B: thing(side) } });
    return probe
      .events(stackId)
      .map((event) => said(event).replace(new RegExp(`${side.name}-B-[A-Z0-9]{12}$`), 'X'));
  },
  { stock: ['Create B'], patched: ['Create B', 'Delete X'] },
);

divergence(
  'delete_after_failed_create',
  'without rollback, what failed is deleted with the stack',
  async (side) => {
    probe.behave(side.name, failsToCreateB({ PhysicalResourceId: 'half-made' }));
    const template = { Resources: { B: thing(side) } };
    const { stackId, status } = await create(side.client, side.name, template, { disableRollback: true });
    await remove(side.client, stackId);
    return { status, events: probe.events(stackId).map(said) };
  },
  {
    stock: { status: 'CREATE_FAILED', events: ['Create B'] },
    patched: { status: 'CREATE_FAILED', events: ['Create B', 'Delete half-made'] },
  },
);

divergence(
  'cleanup_events',
  'what an update replaced is deleted in the clean-up, with its events',
  async (side) => {
    const seen: string[] = [];
    probe.behave(side.name, async (event) => {
      if (event.RequestType === 'Delete') seen.push(await stackStatus(side.client, event.StackId));
      return event.RequestType === 'Update'
        ? { Status: 'SUCCESS', PhysicalResourceId: 'A-2' }
        : succeed(event);
    });
    await create(side.client, side.name, { Resources: { A: thing(side) } });
    const { history, status, stackId } = await update(side.client, side.name, {
      Resources: { A: thing(side, { Size: 2 }) },
    });
    return {
      status,
      seen,
      events: probe.events(stackId).map(said),
      cleanup: history
        .slice(history.indexOf('A UPDATE_COMPLETE') + 1)
        .map((line) => line.replace(side.name, 'S')),
    };
  },
  {
    stock: {
      status: 'UPDATE_COMPLETE',
      seen: ['UPDATE_IN_PROGRESS'],
      events: ['Create A', 'Update A-1', 'Delete A-1'],
      cleanup: ['S UPDATE_COMPLETE'],
    },
    patched: {
      status: 'UPDATE_COMPLETE',
      seen: ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'],
      events: ['Create A', 'Update A-1', 'Delete A-1'],
      cleanup: [
        'S UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
        'A DELETE_IN_PROGRESS',
        'A DELETE_COMPLETE',
        'S UPDATE_COMPLETE',
      ],
    },
  },
);

/** A is replaced by the update, B's update fails; `back` is the id that A answers to the Update back. */
async function replacedThenRolledBack(side: Side, back: string) {
  probe.behave(side.name, (event) => {
    if (event.RequestType !== 'Update') return succeed(event);
    const forward = event.ResourceProperties['Size'] === '2';
    if (event.LogicalResourceId === 'B')
      return forward ? { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'B-1' } : succeed(event);
    return { Status: 'SUCCESS', PhysicalResourceId: forward ? 'A-2' : back };
  });
  const template = (Size: number) => ({
    Resources: { A: thing(side, { Size }), B: thing(side, { Size }, { DependsOn: 'A' }) },
  });
  await create(side.client, side.name, template(1));
  const { status, resources, stackId } = await update(side.client, side.name, template(2));
  return {
    status,
    A: resources['A'],
    events: probe
      .events(stackId)
      .slice(2)
      .map((event) =>
        event.RequestType === 'Update'
          ? `${said(event)} to ${event.ResourceProperties['Size']}`
          : said(event),
      ),
  };
}

divergence(
  'rollback_of_replacement',
  'the rollback of a replacement is an Update of the new id with the properties swapped, then its Delete',
  (side) => replacedThenRolledBack(side, 'A-1'),
  {
    stock: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-1',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update B-1 to 1', 'Delete A-2'],
    },
    patched: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-1',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update A-2 to 1', 'Update B-1 to 1', 'Delete A-2'],
    },
  },
);

divergence(
  'rollback_of_replacement',
  'a replacement that answers its new id to the Update back is kept',
  (side) => replacedThenRolledBack(side, 'A-2'),
  {
    stock: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-1',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update B-1 to 1', 'Delete A-2'],
    },
    patched: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-2',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update A-2 to 1', 'Update B-1 to 1'],
    },
  },
);

/** The error's name and message, or what the call answered. */
const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error: Error) => `${error.name}: ${error.message}`,
  );

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

/** A function with the alias `front`. */
const functionWithAlias = (body: string) => ({
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
  },
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: `exports.handler = async (_, context) => ${body};` },
    },
  },
  Alias: {
    Type: 'AWS::Lambda::Alias',
    Properties: { FunctionName: { Ref: 'Function' }, Name: 'front', FunctionVersion: '$LATEST' },
  },
});

/** A REST API in front of an alias of a function that answers with its own invokedFunctionArn. */
const apiOfAlias = {
  Resources: {
    ...functionWithAlias('({ statusCode: 200, body: context.invokedFunctionArn })'),
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: { Ref: 'AWS::StackName' } } },
    Method: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'Api' },
        ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
        HttpMethod: 'GET',
        AuthorizationType: 'NONE',
        Integration: {
          Type: 'AWS_PROXY',
          IntegrationHttpMethod: 'POST',
          Uri: {
            'Fn::Sub':
              'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Alias}/invocations',
          },
        },
      },
    },
    Deployment: {
      Type: 'AWS::ApiGateway::Deployment',
      DependsOn: 'Method',
      Properties: { RestApiId: { Ref: 'Api' }, StageName: 'one' },
    },
  },
  Outputs: { ApiId: { Value: { Ref: 'Api' } } },
};

divergence(
  'invoked_alias',
  'a function that API Gateway invokes by an alias reads the alias in invokedFunctionArn',
  async (side) => {
    const { outputs } = await create(side.client, side.name, apiOfAlias);
    const response = await fetch(`${side.server.url}/_aws/execute-api/${outputs['ApiId']}/one/`);
    return (await response.text()).split(':')[7];
  },
  { stock: undefined, patched: 'front' },
);

/** Settings of asynchronous invocations by a qualifier: no retry, and a queue of its own for failures. */
const failuresOf = (qualifier: string, queue: string) => ({
  Type: 'AWS::Lambda::EventInvokeConfig',
  DependsOn: 'Alias',
  Properties: {
    FunctionName: { Ref: 'Function' },
    Qualifier: qualifier,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queue, 'Arn'] } } },
  },
});
const failingFunction = {
  Resources: {
    ...functionWithAlias("Promise.reject(new Error('no'))"),
    OfLatest: { Type: 'AWS::SQS::Queue' },
    OfAlias: { Type: 'AWS::SQS::Queue' },
    SettingsOfLatest: failuresOf('$LATEST', 'OfLatest'),
    SettingsOfAlias: failuresOf('front', 'OfAlias'),
  },
  Outputs: {
    AliasArn: { Value: { Ref: 'Alias' } },
    OfLatest: { Value: { Ref: 'OfLatest' } },
    OfAlias: { Value: { Ref: 'OfAlias' } },
  },
};

divergence(
  'invocation_settings_of_alias',
  'a failed asynchronous invocation by an alias goes to the destination of the alias',
  async (side) => {
    const { outputs } = await create(side.client, side.name, failingFunction);
    const { url, env } = side.server;
    const invoke = ['lambda', 'invoke', '--invocation-type', 'Event', '--function-name'];
    await aws(side.server, [...invoke, outputs['AliasArn'] ?? '', join(env['HOME'] ?? '', 'out.json')]);
    for (let look = 0; look < 100; look++) {
      for (const queue of ['OfLatest', 'OfAlias']) {
        const receive = [
          'sqs',
          'receive-message',
          '--queue-url',
          outputs[queue] ?? '',
          '--endpoint-url',
          url,
        ];
        const { Messages = [] } = await aws<{ Messages?: unknown[] }>(side.server, receive);
        if (Messages.length > 0) return queue;
      }
    }
    return 'nowhere';
  },
  { stock: 'OfLatest', patched: 'OfAlias' },
);

test('every patch is shown here', async () => {
  const files = await readdir(join(import.meta.dirname, '../../../local/aws/patches'));
  const patches = files.filter((file) => /^[^_].*\.py$/.test(file)).map((file) => file.slice(0, -3));
  expect([...shown].sort()).toEqual(patches.sort());
});
