import { join } from 'node:path';
import { type AwsCliError, aws } from '../../../local/aws/cli.ts';
import { create } from '../../../local/aws/stacks.ts';
import { divergence, probe, startSides, stopSides } from './divergence.ts';

beforeAll(startSides);
afterAll(stopSides);

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

divergence(
  'throttled_events_wait',
  'an event that comes while the reserved concurrency is 0 is served once there is some again',
  async (side) => {
    const name = side.token.split(':').at(-1) ?? '';
    const stackId = `stack/${side.name}`;
    const event = { StackId: stackId, ResourceProperties: { Probe: probe.url } };
    probe.behave(side.name, () => ({ silent: true }));
    const lambda = (...args: string[]) => aws(side.server, ['lambda', ...args, '--function-name', name]);
    await lambda('put-function-concurrency', '--reserved-concurrent-executions', '0');
    const out = join(side.server.env['HOME'] ?? '', 'out.json');
    const payload = ['--payload', JSON.stringify(event)];
    await lambda('invoke', '--invocation-type', 'Event', ...payload, out);
    // MiniStack's own three attempts are over after 0.6 seconds.
    await new Promise((done) => setTimeout(done, 1_500));
    expect(probe.events(stackId)).toEqual([]);
    await lambda('delete-function-concurrency');
    for (let look = 0; look < 20 && probe.events(stackId).length === 0; look++)
      await new Promise((done) => setTimeout(done, 100));
    return probe.events(stackId).length;
  },
  { stock: 0, patched: 1 },
);

/** A rotation function that does nothing, which Secrets Manager may invoke. */
const rotationFunction = {
  Resources: {
    ...functionWithAlias('undefined'),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: { Ref: 'Function' },
        Action: 'lambda:InvokeFunction',
        Principal: 'secretsmanager.amazonaws.com',
      },
    },
  },
  Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
};

divergence<string | string[] | undefined>(
  'secret_rotation',
  'the version of a rotation is pending and without a value until the rotation function gives it one',
  async (side) => {
    const { outputs } = await create(side.client, side.name, rotationFunction);
    const secrets = <T>(...args: string[]) => aws<T>(side.server, ['secretsmanager', ...args]);
    await secrets('create-secret', '--name', side.name, '--secret-string', 'text');
    const rotate = ['rotate-secret', '--rotation-lambda-arn', outputs['Arn'] ?? ''];
    const { VersionId } = await secrets<{ VersionId: string }>(...rotate, '--secret-id', side.name);
    const read = ['get-secret-value', '--secret-id', side.name, '--version-id', VersionId];
    return refusedOr(secrets<{ VersionStages: string[] }>(...read));
  },
  { stock: ['AWSCURRENT'], patched: 'ResourceNotFoundException' },
);

const refusedOr = (call: Promise<{ VersionStages: string[] }>): Promise<string | string[] | undefined> =>
  call.then(
    ({ VersionStages }) => VersionStages,
    (error: AwsCliError) => error.code,
  );
