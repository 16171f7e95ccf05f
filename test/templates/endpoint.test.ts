/**
 * The settings that endpoint.yaml and endpoint-api.yaml give to their code, and the metrics that their alarms
 * read.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { jest } from '@jest/globals';
import { createObserver } from '../../endpoint/observe.ts';
import { RecordStore } from '../../endpoint/store.ts';
import { longestWaitSeconds, maxDeliveries } from '../../endpoint/two-phase.ts';
import { type Way, wayIn, workerAlias } from '../../endpoint/way.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import {
  type JsonObject,
  type Resource,
  readTemplate,
  templateText,
} from '../../scripts/build/templates/template.ts';

const backend = readTemplate('endpoint.yaml');
const front = readTemplate('endpoint-api.yaml');
const of = (template: typeof backend, type: string) =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
const properties = (resource: Resource | undefined) => resource?.Properties ?? {};
const variables = (template: typeof backend, name: string) =>
  (properties(template.Resources[name])['Environment'] as JsonObject)['Variables'] as JsonObject;

interface Emitted {
  name: string;
  dimensions: string[];
  namespace: string;
}

/** The metrics that a piece of code writes to its log, in the form that CloudWatch reads. */
async function emitted(run: () => Promise<void> | void): Promise<Emitted[]> {
  // The code writes to the global console, because a console of its own would switch metrics off.
  process.env['POWERTOOLS_DEV'] = 'true';
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'false';
  process.env['POWERTOOLS_SERVICE_NAME'] = 'stack';
  const lines: string[] = [];
  const spies = (['log', 'info', 'warn', 'error'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line))),
  );
  try {
    await run();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines
    .filter((line) => line.includes('"_aws"'))
    .flatMap((line) => {
      const { _aws, service } = JSON.parse(line);
      expect(service).toBe('stack');
      return _aws.CloudWatchMetrics.flatMap(
        ({
          Namespace,
          Dimensions,
          Metrics,
        }: {
          Namespace: string;
          Dimensions: string[][];
          Metrics: { Name: string }[];
        }) =>
          Metrics.map(({ Name }) => ({ name: Name, dimensions: Dimensions.flat(), namespace: Namespace })),
      );
    });
}

/** Alarms on metrics that the code itself writes. */
function ownAlarms(template: typeof backend): [string, JsonObject][] {
  return of(template, 'AWS::CloudWatch::Alarm')
    .map(([id, resource]): [string, JsonObject] => [id, properties(resource)])
    .filter(
      ([, { Namespace, MetricName }]) => Namespace === 'GenesysDataActions' && typeof MetricName === 'string',
    );
}

describe('an alarm on a metric of ours', () => {
  test('of endpoint.yaml names what the handler writes, with its dimension', async () => {
    const codes = [
      'InProgress',
      'OutcomeUnknown',
      'PayloadMismatch',
      'IdempotencyUnavailable',
      'CredentialWrong',
      'FunctionTimedOut',
      'FunctionThrottled',
    ];
    const metrics = await emitted(() => {
      const observer = createObserver();
      for (const code of codes) {
        const answer = { status: 500, code, data: null, requiresRetry: false, processedAt: 'now' };
        observer.answered({}, answer, { executionTimeMs: 1, timeUsedPercent: 1, replayed: false });
      }
    });
    const alarms = ownAlarms(backend);
    expect(alarms.length).toBeGreaterThanOrEqual(6);
    for (const [id, alarm] of alarms) {
      expect([id, metrics]).toEqual([
        id,
        expect.arrayContaining([
          { name: alarm['MetricName'], namespace: alarm['Namespace'], dimensions: ['service'] },
        ]),
      ]);
      expect(alarm['Dimensions']).toEqual([{ Name: 'service', Value: { Ref: 'AWS::StackName' } }]);
    }
    const shown = JSON.stringify(properties(backend.Resources['Dashboard']));
    const names = [
      ...shown.matchAll(/\[\\"(?:GenesysDataActions|\.)\\", \\"([A-Za-z0-9]+)\\", \\"(?:service|\.)\\"/g),
    ];
    const ofHandler = new Set(metrics.map(({ name }) => name));
    const ofLambda = ['Throttles', 'ConcurrentExecutions'];
    expect(names.length).toBeGreaterThan(5);
    for (const [, name = ''] of names) expect([...ofHandler, ...ofLambda]).toContain(name);
  });

  test('of endpoint-api.yaml names what the authorizer writes, with its dimension', async () => {
    const metrics = await emitted(async () => {
      process.env['SHARED_SECRET_ARN'] = 'arn:x';
      const { handler } = await import('../../endpoint/authorizer.ts');
      const refused = handler({ methodArn: 'arn:aws:execute-api:r:1:a/live/POST/actions/x', headers: {} });
      await expect(refused).rejects.toThrow('Unauthorized');
      delete process.env['SHARED_SECRET_ARN'];
    });
    const [[, alarm] = ['', {} as JsonObject], ...others] = ownAlarms(front);
    expect(others).toEqual([]);
    expect(metrics).toEqual([
      { name: alarm['MetricName'], namespace: alarm['Namespace'], dimensions: ['service'] },
    ]);
    // API Gateway caches a refusal of the authorizer, so the counter rises once in that time.
    const ttl = Number(front.Parameters?.['AuthorizerTtlSeconds']?.Default);
    expect(Number(alarm['Period']) / ttl).toBeGreaterThan(Number(alarm['Threshold']));
    expect(alarm['Threshold']).toBe(0);
  });

  test.each([
    ['endpoint.yaml', backend, ['Handler'], 'AWS::StackName'],
    ['endpoint-api.yaml', front, ['Authorizer'], 'AWS::StackName'],
  ])('of %s watches the functions that write it by this name', (_, template, functions, name) => {
    for (const id of functions) {
      expect(variables(template, id)).toMatchObject({
        POWERTOOLS_SERVICE_NAME: { Ref: name },
        POWERTOOLS_METRICS_NAMESPACE: 'GenesysDataActions',
      });
    }
  });

  test('does not count the worker: nobody waits for it, and what fails there is delivered again', () => {
    expect(variables(backend, 'Worker')['POWERTOOLS_SERVICE_NAME']).toEqual({
      'Fn::Sub': '${AWS::StackName}-worker',
    });
  });

  test.each([
    ['AnswersAlarm', backend],
    ['DeathsAlarm', backend],
    ['ErrorsAlarm', front],
  ])('%s needs one bad minute, since traffic may be sparse', (id, template) => {
    expect(properties(template.Resources[id])['DatapointsToAlarm']).toBe(1);
  });
});

describe("a handler's death", () => {
  const [[, filter] = ['', undefined]] = of(backend, 'AWS::Logs::MetricFilter');
  const { FilterPattern, LogGroupName, MetricTransformations } = properties(filter) as JsonObject & {
    FilterPattern: string;
    MetricTransformations: JsonObject[];
  };
  const pattern = new RegExp(FilterPattern.replace(/^%|%$/g, ''));

  test.each([
    '2026-11-25T12:00:00.000Z 0a1b Task timed out after 15.00 seconds',
    'RequestId: 0a1b Error: Runtime exited with error: signal: killed Runtime.ExitError',
    '{"errorType":"Runtime.ImportModuleError","errorMessage":"Cannot find package"}',
  ])('is counted by its line in the log: %s', (line) => {
    expect(line).toMatch(pattern);
  });

  test.each([
    'REPORT RequestId: 0a1b Duration: 12.3 ms Billed Duration: 13 ms Memory Size: 512 MB',
    '{"level":"ERROR","message":"data action answered","code":"FunctionTimedOut","statusCode":504}',
    'ERROR Invoke Error {"errorType":"DataActionError","errorMessage":"{\\"status\\":404}"}',
  ])('is not what another line tells: %s', (line) => {
    expect(line).not.toMatch(pattern);
  });

  test("is looked for in the handler's log group, and alarmed about by the filter's own name", () => {
    expect(LogGroupName).toEqual({ Ref: 'HandlerLogs' });
    const [metric] = MetricTransformations;
    expect(properties(backend.Resources['DeathsAlarm'])).toMatchObject({
      Namespace: metric?.['MetricNamespace'],
      MetricName: metric?.['MetricName'],
    });
  });
});

test('an alarm on a metric of AWS names a resource of its own template', () => {
  for (const template of [backend, front]) {
    for (const [, resource] of of(template, 'AWS::CloudWatch::Alarm')) {
      const text = JSON.stringify(properties(resource));
      for (const [, id = ''] of text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([A-Za-z]+)"/g)) {
        expect([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]).toContain(id);
      }
    }
  }
});

test("the alarm on the API's latency fires at 80 percent of the time of the caller, whatever that is", () => {
  const { MinValue = 0, MaxValue = 0 } = front.Parameters?.['CallerTimeoutSeconds'] ?? {};
  const [[name, limits] = ['', {}]] = Object.entries(front.Mappings ?? {});
  const seconds = Array.from({ length: MaxValue - MinValue + 1 }, (_, i) => MinValue + i);
  expect(limits).toEqual(Object.fromEntries(seconds.map((s) => [String(s), { Milliseconds: s * 800 }])));
  expect(properties(front.Resources['LatencyAlarm'])).toMatchObject({
    MetricName: 'Latency',
    Threshold: { 'Fn::FindInMap': [name, { Ref: 'CallerTimeoutSeconds' }, 'Milliseconds'] },
  });
});

test('the table removes records by the attribute that the store writes, in seconds', async () => {
  const sent: UpdateItemCommand[] = [];
  const client = {
    send: async (command: UpdateItemCommand) => {
      sent.push(command);
      return { Attributes: {} };
    },
  } as unknown as DynamoDBClient;
  await new RecordStore(() => client, 't').claim(
    {
      key: 'k',
      owner: 'o',
      payloadHash: 'h',
      nowMs: 5_000,
      inProgressUntilMs: 6_000,
      expiresAtSeconds: 65,
      takeOverTheDead: true,
    },
    new AbortController().signal,
  );
  const { UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues, Key } = sent[0]?.input ?? {};
  expect(sent[0]).toBeInstanceOf(UpdateItemCommand);
  const { AttributeName } = properties(backend.Resources['Table'])['TimeToLiveSpecification'] as {
    AttributeName: string;
  };
  expect(ExpressionAttributeNames?.['#expiration']).toBe(AttributeName);
  expect(UpdateExpression).toContain('#expiration = :expiration');
  expect(ExpressionAttributeValues?.[':expiration']).toEqual({ N: '65' });
  const [key] = properties(backend.Resources['Table'])['KeySchema'] as { AttributeName: string }[];
  expect(Object.keys(Key ?? {})).toEqual([key?.AttributeName]);
});

describe('provisioned concurrency', () => {
  const resolved = (number: number) =>
    resolve(backend, { ...scenarios['endpoint.yaml']?.base, ProvisionedConcurrency: String(number) })
      .Resources;
  const revision = (number: number) =>
    (properties(resolved(number)['Handler'])['Environment'] as { Variables: JsonObject }).Variables[
      'REVISION'
    ];

  test('belongs to a version, so that an alias only ever changes where it leads', () => {
    expect(properties(resolved(2)['HandlerVersion'])['ProvisionedConcurrencyConfig']).toEqual({
      ProvisionedConcurrentExecutions: 2,
    });
    expect(resolved(0)).not.toHaveProperty('HandlerVersion');
    for (const number of [0, 2]) {
      const version = number === 0 ? '$LATEST' : { 'Fn::GetAtt': ['HandlerVersion', 'Version'] };
      for (const [id, name] of [
        ['HandlerAlias', 'live'],
        ['ApiAlias', 'api'],
        ['AlbAlias', 'alb'],
      ] as const) {
        expect(properties(resolved(number)[id])).toEqual({
          FunctionName: { Ref: 'Handler' },
          Name: name,
          FunctionVersion: version,
        });
      }
    }
  });

  test('of another number changes the function too, since Lambda publishes no second version of the same', () => {
    expect(revision(4)).not.toBe(revision(2));
  });
});

test('work that fails goes to the queue that the alarm watches, after as many deliveries as the code counts', () => {
  expect(properties(backend.Resources['WorkerInvocations'])).toMatchObject({
    FunctionName: { Ref: 'Worker' },
    Qualifier: workerAlias,
    MaximumRetryAttempts: maxDeliveries - 1,
    MaximumEventAgeInSeconds: longestWaitSeconds,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailureQueue', 'Arn'] } } },
  });
  expect(properties(backend.Resources['FailureQueueAlarm'])['Dimensions']).toEqual([
    { Name: 'QueueName', Value: { 'Fn::GetAtt': ['FailureQueue', 'QueueName'] } },
  ]);
  expect(variables(backend, 'Handler')['WORKER_FUNCTION_ARN']).toMatchObject({
    'Fn::If': ['HasWorker', { Ref: 'WorkerAlias' }, expect.anything()],
  });
  expect(properties(backend.Resources['WorkerAlias'])).toMatchObject({
    FunctionName: { Ref: 'Worker' },
    Name: workerAlias,
  });
});

describe('an alias of the handler', () => {
  const aliases = of(backend, 'AWS::Lambda::Alias').filter(
    ([, resource]) => (properties(resource)['FunctionName'] as JsonObject)['Ref'] === 'Handler',
  );
  /** Logical id of an alias by the way in that the code makes of it. */
  const aliasOf = (way: Way) => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:handler';
    const found = aliases.filter(([, resource]) => wayIn(`${arn}:${properties(resource)['Name']}`) === way);
    expect(found).toHaveLength(1);
    return found[0]?.[0] ?? '';
  };

  test('is there for each way in and leads to the same code', () => {
    expect(aliases).toHaveLength(3);
    const versions = aliases.map(([, resource]) => properties(resource)['FunctionVersion']);
    expect(new Set(versions.map((version) => JSON.stringify(version))).size).toBe(1);
  });

  test.each([
    ['FunctionArn', 'direct'],
    ['ApiFunctionArn', 'api'],
    ['AlbFunctionArn', 'alb'],
  ] as const)('is the output %s of the way in "%s"', (output, way) => {
    expect(backend.Outputs?.[output]?.Value).toEqual({ Ref: aliasOf(way) });
  });

  test('is invoked by the API, the load balancer and the role of the examples, each by its own', () => {
    const used = (file: string, id: string) => JSON.stringify(readTemplate(`examples/${file}`).Resources[id]);
    const outputOf = (text: string) =>
      [...text.matchAll(/Outputs\.(\w*FunctionArn)/g)].map(([, name]) => name);
    expect(outputOf(used('web-services-endpoint.yaml', 'EndpointApi'))).toEqual(['ApiFunctionArn']);
    expect(outputOf(used('private-endpoint.yaml', 'TargetGroup'))).toEqual(['AlbFunctionArn']);
    expect(outputOf(used('private-endpoint.yaml', 'BalancerPermission'))).toEqual(['AlbFunctionArn']);
    expect(outputOf(used('lambda-endpoint.yaml', 'DataActionRole'))).toEqual(['FunctionArn']);
    expect(outputOf(used('lambda-endpoint.yaml', 'OpenTicket'))).toEqual(['FunctionArn']);
  });

  test('is allowed to a new stage before the stage calls it', () => {
    for (const id of ['DeploymentA', 'DeploymentB']) {
      expect(front.Resources[id]?.DependsOn).toContain('HandlerPermission');
    }
    expect(properties(front.Resources['HandlerPermission'])).toMatchObject({
      FunctionName: { Ref: 'HandlerArn' },
      Principal: 'apigateway.amazonaws.com',
    });
  });
});

describe('a refusal by API Gateway', () => {
  const responses = of(front, 'AWS::ApiGateway::GatewayResponse');

  test.each(responses)(
    '%s has the form of our answers, and the status that the caller sees',
    (_, resource) => {
      const { StatusCode, ResponseType, ResponseTemplates } = properties(resource) as JsonObject & {
        ResponseTemplates: Record<string, string>;
      };
      const text = ResponseTemplates['application/json'] ?? '';
      // The value of messageString brings its quotation marks along.
      const filled = text.replaceAll('$context.error.messageString', JSON.stringify('No "key"\n'));
      expect(filled).not.toContain('$context');
      const answer = JSON.parse(filled) as JsonObject;
      expect(answer).toEqual({
        status: expect.any(Number),
        data: null,
        code: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        message: expect.any(String),
        requiresRetry: expect.any(Boolean),
        processedAt: null,
      });
      expect(answer['status']).toBe(ResponseType === 'DEFAULT_4XX' ? 400 : Number(StatusCode));
    },
  );

  test('is there for each kind that this API knows with another status than 400 or 500', () => {
    const kinds = responses.map(([, resource]) => String(properties(resource)['ResponseType']));
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html,
    // without the types of API keys and quotas, which this API does not use.
    expect(kinds.sort()).toEqual(
      [
        'ACCESS_DENIED',
        'DEFAULT_4XX',
        'DEFAULT_5XX',
        'EXPIRED_TOKEN',
        'INTEGRATION_TIMEOUT',
        'INVALID_SIGNATURE',
        'MISSING_AUTHENTICATION_TOKEN',
        'REQUEST_TOO_LARGE',
        'RESOURCE_NOT_FOUND',
        'THROTTLED',
        'UNAUTHORIZED',
        'UNSUPPORTED_MEDIA_TYPE',
        'WAF_FILTERED',
      ].sort(),
    );
  });

  test('is in every snapshot of the API', () => {
    for (const id of ['DeploymentA', 'DeploymentB']) {
      const waitsFor = front.Resources[id]?.DependsOn;
      expect(waitsFor).toEqual(expect.arrayContaining(responses.map(([name]) => name)));
    }
  });
});

test('the stage with its access log waits for the role of API Gateway, where the stack makes it', () => {
  const { Description } = properties(front.Resources['Stage']) as { Description: JsonObject };
  const [condition, withRole] = Description['Fn::If'] as [string, JsonObject];
  expect(condition).toBe(front.Resources['ApiGatewayAccount']?.Condition);
  expect(withRole['Fn::Sub']).toContain('${ApiGatewayAccount}');
});

test('the example by REST API works in an account whose API Gateway has no role for logs yet', () => {
  const example = readTemplate('examples/web-services-endpoint.yaml');
  expect(example.Parameters).toHaveProperty('ConfigureApiGatewayAccount');
  const { Parameters } = properties(example.Resources['EndpointApi']) as { Parameters: JsonObject };
  expect(Parameters['ConfigureApiGatewayAccount']).toEqual({ Ref: 'ConfigureApiGatewayAccount' });
});

test('the stage logs why requests failed, without headers and bodies, into a group that is there before it', () => {
  const { Stage, ExecutionLogs } = front.Resources;
  const { StageName, MethodSettings } = properties(Stage);
  expect(MethodSettings).toEqual([
    expect.objectContaining({ LoggingLevel: 'ERROR', DataTraceEnabled: false }),
  ]);
  expect(Stage?.DependsOn).toBe('ExecutionLogs');
  // The name that API Gateway gives it (developer guide, "Set up CloudWatch logging for REST APIs").
  expect(properties(ExecutionLogs)['LogGroupName']).toEqual({
    'Fn::Sub': `API-Gateway-Execution-Logs_\${Api}/${String(StageName)}`,
  });
  expect(properties(ExecutionLogs)['RetentionInDays']).toEqual({ Ref: 'LogRetentionInDays' });
});

test.each(['endpoint.yaml', 'endpoint-api.yaml'])('%s can be given to CloudFormation as text', (file) => {
  expect(Buffer.byteLength(templateText(file))).toBeLessThan(51_200);
});
