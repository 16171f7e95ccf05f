/**
 * The local AWS as demo and e2e use it: what CloudFormation promises for custom resources and the rest of a stack,
 * on the patched server. patches.test.ts shows what the patches add to it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  AwsCliError,
  aws,
  deleteStack,
  deploy,
  describeStack,
  outputs,
  stackEvents,
} from '../../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../../local/aws/ministack.ts';
import { cloudFormation, create, remove, stackStatus, update } from '../../../local/aws/stacks.ts';
import { tailEvents } from '../../../scripts/events.ts';
import { type Probe, type ProbeEvent, probeTemplate, startProbe, succeed } from './probe.ts';

let probe: Probe;
let server: MiniStack;
let client: CloudFormationClient;
let folder: string;
let count = 0;

beforeAll(async () => {
  [probe, server, folder] = await Promise.all([
    startProbe(),
    startMiniStack(),
    mkdtemp(join(tmpdir(), 'world-test-')),
  ]);
  client = cloudFormation(server);
  await create(client, 'probe', probeTemplate);
});

afterAll(async () => {
  await Promise.all([server?.stop(), probe?.stop(), rm(folder, { recursive: true, force: true })]);
});

const stackName = () => {
  count += 1;
  return `w${count}`;
};

/** A `Custom::Probe` of the stack that imports the token. */
const thing = (properties: object = {}, attributes: object = {}) => ({
  Type: 'Custom::Probe',
  Properties: {
    ServiceToken: { 'Fn::ImportValue': 'ProbeToken' },
    ServiceTimeout: 20,
    Probe: probe.url,
    ...properties,
  },
  ...attributes,
});

const parameter = (Value: unknown, attributes: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value },
  ...attributes,
});

const said = (event: ProbeEvent) =>
  `${event.RequestType} ${event.PhysicalResourceId ?? event.LogicalResourceId}`;

const readText = (file: string) => readFile(file, 'utf8');

function groupExists(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** A function that answers its environment; its name is the output `Name`. */
const environmentTemplate = {
  Resources: {
    Role: probeTemplate.Resources.Role,
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => process.env;' },
      },
    },
  },
  Outputs: { Name: { Value: { Ref: 'Function' } } },
};

async function templateFile(template: object): Promise<string> {
  count += 1;
  const file = join(folder, `template-${count}.json`);
  await writeFile(file, JSON.stringify(template));
  return file;
}

/** The error's name and message, or what the call answered. */
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('events', () => {
  test('every scalar in ResourceProperties is a string, maps and lists stay', async () => {
    const { stackId } = await create(client, stackName(), {
      Resources: {
        A: thing({
          Yes: true,
          Count: 7,
          Rate: 1.5,
          Map: { No: false, List: [1, 'ü'] },
          Gone: { Ref: 'AWS::NoValue' },
        }),
      },
    });
    const { ResourceProperties } = probe.events(stackId)[0] ?? {};
    expect(ResourceProperties).toEqual({
      ServiceToken: expect.stringMatching(/^arn:aws:lambda:/),
      ServiceTimeout: '20',
      Probe: probe.url,
      Yes: 'true',
      Count: '7',
      Rate: '1.5',
      Map: { No: 'false', List: ['1', 'ü'] },
    });
  });

  test('an Update carries the old properties, and a resource that did not change gets none', async () => {
    const name = stackName();
    await create(client, name, { Resources: { A: thing({ Size: 1 }), B: thing() } });
    const { stackId } = await update(client, name, { Resources: { A: thing({ Size: 2 }), B: thing() } });
    const updates = probe.events(stackId).slice(2);
    expect(updates.map(said)).toEqual(['Update A-1']);
    expect(updates[0]?.OldResourceProperties?.['Size']).toBe('1');
  });

  test('the function sees its own name, ARN and the time it has left', async () => {
    const { stackId } = await create(client, stackName(), { Resources: { A: thing() } });
    const event = probe.events(stackId)[0];
    expect(event?.context).toEqual({
      functionName: expect.stringMatching(/^probe-Function-/),
      invokedFunctionArn: event?.ServiceToken,
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      remainingMs: expect.any(Number),
    });
    expect(event?.context.remainingMs).toBeLessThanOrEqual(20_000);
    expect(event?.context.remainingMs).toBeGreaterThan(15_000);
  });
});

describe('an invocation that fails', () => {
  test("is delivered again as often as the function's EventInvokeConfig says", async () => {
    const name = stackName();
    probe.behave(name, (event) => (event.RequestType === 'Create' ? { crash: true } : succeed(event)));
    const { status, stackId } = await create(client, name, {
      Resources: {
        ...probeTemplate.Resources,
        Retries: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: { Ref: 'Function' }, Qualifier: '$LATEST', MaximumRetryAttempts: 1 },
        },
        A: thing(
          { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ServiceTimeout: 1 },
          { DependsOn: 'Retries' },
        ),
      },
    });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(probe.events(stackId).map((event) => event.RequestType)).toEqual(['Create', 'Create', 'Delete']);
  });
});

describe('rollback', () => {
  test('of an update: failed and updated resources are sent back, unchanged ones nothing, new ones a Delete', async () => {
    const name = stackName();
    const template = (size: number, more: object = {}) => ({
      Resources: {
        Unchanged: thing(),
        Changed: thing({ Size: size }, { DependsOn: 'Unchanged' }),
        ...more,
        Failing: thing({ Size: size }, { DependsOn: ['Changed', ...Object.keys(more)] }),
      },
    });
    probe.behave(name, (event) =>
      event.LogicalResourceId === 'Failing' && event.ResourceProperties['Size'] === '2'
        ? { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'Failing-1' }
        : succeed(event),
    );
    await create(client, name, template(1));
    const { status, stackId, resources } = await update(
      client,
      name,
      template(2, { New: thing({}, { DependsOn: 'Changed' }) }),
    );
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const events = probe.events(stackId).slice(3);
    expect(events.map((event) => `${said(event)} to ${event.ResourceProperties['Size']}`)).toEqual([
      'Update Changed-1 to 2',
      'Create New to undefined',
      'Update Failing-1 to 2',
      'Update Changed-1 to 1',
      'Update Failing-1 to 1',
      'Delete New-1 to undefined',
    ]);
    expect(events[3]?.OldResourceProperties?.['Size']).toBe('2');
    expect(Object.keys(resources).sort()).toEqual(['Changed', 'Failing', 'Unchanged']);
  });

  test('of an update deletes a new resource whose Create failed, in the clean-up', async () => {
    const name = stackName();
    await create(client, name, { Resources: { Old: thing() } });
    const seen: string[] = [];
    probe.behave(name, async (event) => {
      if (event.RequestType === 'Create')
        return { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'half-made' };
      seen.push(await stackStatus(client, event.StackId));
      return succeed(event);
    });
    const { status, stackId, resources } = await update(client, name, {
      Resources: { Old: thing(), New: thing({}, { DependsOn: 'Old' }) },
    });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(probe.events(stackId).map(said)).toEqual(['Create Old', 'Create New', 'Delete half-made']);
    expect(seen).toEqual(['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS']);
    expect(resources).toEqual({ Old: 'Old-1' });
  });

  test("of an update puts AWS's own resources back too: function, role, parameter", async () => {
    const name = stackName();
    const template = (size: number) => ({
      Resources: {
        Role: {
          ...probeTemplate.Resources.Role,
          Properties: { ...probeTemplate.Resources.Role.Properties, Description: `size ${size}` },
        },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs24.x',
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { ZipFile: `exports.handler = async () => 'code ${size}';` },
            Environment: { Variables: { SIZE: `${size}` } },
          },
        },
        Parameter: parameter(`size ${size}`),
        A: thing({ Size: size }, { DependsOn: ['Function', 'Parameter'] }),
      },
    });
    probe.behave(name, (event) =>
      event.ResourceProperties['Size'] === '2' ? { Status: 'FAILED', Reason: 'told to' } : succeed(event),
    );
    const { resources } = await create(client, name, template(1));
    const { status } = await update(client, name, template(2));
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const functionName = resources['Function'] ?? '';
    const out = join(folder, 'answer.json');
    const [configuration, role, ssm] = await Promise.all([
      aws<{ Environment: unknown }>(server, [
        'lambda',
        'get-function-configuration',
        '--function-name',
        functionName,
      ]),
      aws<{ Role: { Description: string } }>(server, [
        'iam',
        'get-role',
        '--role-name',
        resources['Role'] ?? '',
      ]),
      aws<{ Parameter: { Value: string } }>(server, [
        'ssm',
        'get-parameter',
        '--name',
        resources['Parameter'] ?? '',
      ]),
    ]);
    await aws(server, ['lambda', 'invoke', '--function-name', functionName, out]);
    expect(configuration.Environment).toEqual({ Variables: { SIZE: '1' } });
    expect(role.Role.Description).toBe('size 1');
    expect(ssm.Parameter.Value).toBe('size 1');
    expect(await readText(out)).toBe('"code 1"');
  });
});

describe('deletion', () => {
  test('a FAILED Delete is DELETE_FAILED with its reason, and can be tried again', async () => {
    const name = stackName();
    let busy = true;
    probe.behave(name, (event) =>
      event.RequestType === 'Delete' && busy
        ? { Status: 'FAILED', Reason: 'still in use', PhysicalResourceId: 'A-1' }
        : succeed(event),
    );
    const { stackId } = await create(client, name, { Resources: { A: thing() } });
    const failed = await remove(client, stackId);
    expect(failed.status).toBe('DELETE_FAILED');
    expect(failed.statusReason).toContain('[A]');
    expect(failed.reasons['A DELETE_FAILED']).toContain('still in use');
    busy = false;
    expect((await remove(client, stackId)).status).toBe('DELETE_COMPLETE');
  });

  test('DeletionPolicy: Retain sends no Delete; RetainExceptOnCreate sends one when its Create is rolled back', async () => {
    const name = stackName();
    const kept = await create(client, name, {
      Resources: {
        Kept: thing({}, { DeletionPolicy: 'Retain' }),
        Except: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
        Gone: thing(),
      },
    });
    const { history, status } = await remove(client, kept.stackId);
    expect(status).toBe('DELETE_COMPLETE');
    expect(probe.events(kept.stackId).map(said).slice(3)).toEqual(['Delete Gone-1']);
    expect(history).toContain('Kept DELETE_SKIPPED');
    expect(history).toContain('Except DELETE_SKIPPED');

    const failing = stackName();
    probe.behave(failing, (event) =>
      event.RequestType === 'Create'
        ? { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'half' }
        : succeed(event),
    );
    const rolledBack = await create(client, failing, {
      Resources: { Except: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }) },
    });
    expect(probe.events(rolledBack.stackId).map(said)).toEqual(['Create Except', 'Delete half']);
  });

  test('UpdateReplacePolicy: Retain keeps what an update replaced', async () => {
    const name = stackName();
    probe.behave(name, (event) =>
      event.RequestType === 'Update' ? { Status: 'SUCCESS', PhysicalResourceId: 'A-2' } : succeed(event),
    );
    await create(client, name, { Resources: { A: thing({}, { UpdateReplacePolicy: 'Retain' }) } });
    const { stackId, history, status } = await update(client, name, {
      Resources: { A: thing({ Size: 2 }, { UpdateReplacePolicy: 'Retain' }) },
    });
    expect(status).toBe('UPDATE_COMPLETE');
    expect(probe.events(stackId).map(said)).toEqual(['Create A', 'Update A-1']);
    expect(history).toContain('A DELETE_SKIPPED');
  });
});

describe('what is refused', () => {
  test('an attribute that the answer did not hold fails the stack', async () => {
    const { status, reasons } = await create(client, stackName(), {
      Resources: { A: thing(), P: parameter({ 'Fn::GetAtt': ['A', 'Missing'] }) },
    });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reasons['P CREATE_FAILED']).toContain('Missing');
  });

  test('parameters that break a constraint, are missing, or fail a rule, before anything is created', async () => {
    const template = {
      Parameters: {
        Name: {
          Type: 'String',
          AllowedPattern: '[a-z]+',
          MinLength: 2,
          MaxLength: 4,
          ConstraintDescription: 'is two to four small letters',
        },
        Number: { Type: 'Number', MinValue: 1, MaxValue: 3, Default: 2 },
      },
      Rules: {
        Together: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Name' }, 'bad'] }] },
              AssertDescription: 'Name must not be bad',
            },
          ],
        },
      },
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
    };
    const attempt = (parameters: Record<string, string>) =>
      refusal(create(client, stackName(), template, { parameters }));
    const description = "ValidationError: Parameter 'Name' is two to four small letters";
    expect(await attempt({ Name: 'A1' })).toBe(description);
    expect(await attempt({ Name: 'a' })).toBe(description);
    expect(await attempt({ Name: 'abcde' })).toBe(description);
    expect(await attempt({ Name: 'abc', Number: '4' })).toMatch(
      /^ValidationError: Parameter 'Number' must be/,
    );
    expect(await attempt({})).toMatch(/^ValidationError: .*Name/);
    expect(await attempt({ Name: 'bad' })).toMatch(/^ValidationError: .*Name must not be bad/);
    expect(await attempt({ Name: 'abc' })).toBe('accepted');
  });
});

describe('between stacks', () => {
  test('an export is imported, listed by its importers, and keeps its stack from deletion', async () => {
    const [owner, user] = [stackName(), stackName()];
    await create(client, owner, {
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: { Arn: { Value: { Ref: 'Topic' }, Export: { Name: owner } } },
    });
    const importer = await create(client, user, {
      Resources: { P: parameter({ 'Fn::ImportValue': owner }) },
    });
    const listed = await aws<{ Imports: string[] }>(server, [
      'cloudformation',
      'list-imports',
      '--export-name',
      owner,
    ]);
    expect(listed.Imports).toEqual([user]);
    await expect(deleteStack(server, owner)).rejects.toThrow(`Export ${owner} is imported by stack ${user}`);
    await remove(client, importer.stackId);
    await deleteStack(server, owner);
  });

  test('two regions of one server hold stacks and exports of the same names apart', async () => {
    const name = stackName();
    const elsewhere = cloudFormation(server, 'eu-west-1');
    await create(elsewhere, 'probe', probeTemplate);
    const template = { Resources: { A: thing() }, Outputs: { Id: { Value: { Ref: 'A' } } } };
    const [here, there] = await Promise.all([
      create(client, name, template),
      create(elsewhere, name, template),
    ]);
    const [one, other] = [probe.events(here.stackId)[0], probe.events(there.stackId)[0]];
    expect(one?.ServiceToken).toMatch(/^arn:aws:lambda:us-east-1:/);
    expect(other?.ServiceToken).toMatch(/^arn:aws:lambda:eu-west-1:/);
    expect(await outputs(server, name, { region: 'eu-west-1' })).toEqual({ Id: 'A-1' });
    await remove(elsewhere, there.stackId);
    await expect(describeStack(server, name, { region: 'eu-west-1' })).rejects.toThrow('does not exist');
    expect((await describeStack(server, name)).StackStatus).toBe('CREATE_COMPLETE');
  });
});

describe('by the real CLI', () => {
  test('deploy, update and delete of a slow stack cost their own time, not the half minute between two looks', async () => {
    const name = stackName();
    const started = Date.now();
    const second = () => new Promise((done) => setTimeout(done, 1000));
    probe.behave(name, async (event) => {
      await second();
      return { ...succeed(event), Status: 'SUCCESS', Data: { Size: event.ResourceProperties['Size'] } };
    });
    const file = await templateFile({
      Parameters: { Size: { Type: 'String' }, Secret: { Type: 'String', NoEcho: true } },
      Resources: { A: thing({ Size: { Ref: 'Size' }, Secret: { Ref: 'Secret' } }) },
      Outputs: { Size: { Value: { 'Fn::GetAtt': ['A', 'Size'] } } },
    });
    const deployment = { stackName: name, templateFile: file };
    await deploy(server, { ...deployment, parameters: { Size: '1', Secret: 'canary' } });
    await deploy(server, { ...deployment, parameters: { Size: '2' } });
    const stack = await describeStack(server, name);
    expect(await outputs(server, name)).toEqual({ Size: '2' });
    expect(stack.Parameters).toContainEqual({ ParameterKey: 'Secret', ParameterValue: '****' });
    await deleteStack(server, name);
    expect(Date.now() - started).toBeLessThan(25_000);
    const events = probe.events(stack.StackId);
    expect(events.map(said)).toEqual(['Create A', 'Update A-1', 'Delete A-1']);
    expect(events.map((event) => event.ResourceProperties['Secret'])).toEqual(['canary', 'canary', 'canary']);
    const history = await stackEvents(server, stack.StackId);
    expect(history.at(-1)?.ResourceStatus).toBe('DELETE_COMPLETE');
  });

  test('a deployment that fails says how to see why, and one that is refused says so at once', async () => {
    const name = stackName();
    probe.behave(name, (event) =>
      event.RequestType === 'Create' ? { Status: 'FAILED', Reason: 'told to' } : succeed(event),
    );
    const failing = await templateFile({ Resources: { A: thing() } });
    await expect(deploy(server, { stackName: name, templateFile: failing })).rejects.toThrow(
      'Failed to create/update the stack',
    );
    const withRole = await templateFile({ Resources: probeTemplate.Resources });
    const error = await deploy(server, {
      stackName: stackName(),
      templateFile: withRole,
      capabilities: [],
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AwsCliError);
    expect((error as AwsCliError).code).toBe('InsufficientCapabilitiesException');
  });
});

describe('the event tail', () => {
  test('prints every event of an operation once, in order, also of a stack that is made or deleted meanwhile', async () => {
    const name = stackName();
    const lines: string[] = [];
    const tail = <Result>(during: () => Promise<Result>) =>
      tailEvents(server, name, during, { print: (line) => lines.push(line), intervalMs: 10 });
    const texts = () =>
      lines.splice(0).map((line) => line.split('\n')[0]?.slice(10).split(/ +/).slice(0, 2).join(' '));
    probe.behave(name, (event) =>
      event.ResourceProperties['Size'] === '2' ? { Status: 'FAILED', Reason: 'told to' } : succeed(event),
    );
    const { stackId } = await tail(() => create(client, name, { Resources: { A: thing({ Size: 1 }) } }));
    expect(texts()).toEqual([
      `CREATE_IN_PROGRESS ${name}`,
      'CREATE_IN_PROGRESS A',
      'CREATE_COMPLETE A',
      `CREATE_COMPLETE ${name}`,
    ]);
    await tail(() => update(client, name, { Resources: { A: thing({ Size: 2 }) } }));
    expect(lines.join('\n')).toContain('told to');
    expect(texts()[0]).toBe(`UPDATE_IN_PROGRESS ${name}`);
    await tail(() => remove(client, stackId));
    expect(texts().at(-1)).toBe(`DELETE_COMPLETE ${name}`);
  });
});

describe('with enforceIam', () => {
  let own: MiniStack;
  beforeAll(async () => {
    own = await startMiniStack({ enforceIam: true });
  });
  afterAll(() => own?.stop());

  test("a function has its role's permissions and no others", async () => {
    const { outputs: token } = await create(cloudFormation(own), 'env', environmentTemplate);
    const out = join(folder, 'credentials.json');
    await aws(own, ['lambda', 'invoke', '--function-name', token['Name'] ?? '', out]);
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = JSON.parse(await readText(out));
    const functionWorld = {
      env: { ...own.env, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN },
    };
    const { Arn } = await aws<{ Arn: string }>(functionWorld, ['sts', 'get-caller-identity']);
    expect(Arn).toMatch(/:assumed-role\/env-Role-/);
    await expect(aws(functionWorld, ['dynamodb', 'list-tables'])).rejects.toThrow(
      'is not authorized to perform: dynamodb:ListTables',
    );
  });

  test('a role is assumed by the account and ExternalId it trusts, and invokes the function it may', async () => {
    const AssumeRolePolicyDocument = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::765628985471:root' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'the-organization' } },
        },
      ],
    };
    const invoke = {
      PolicyName: 'invoke',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: { 'Fn::GetAtt': ['Allowed', 'Arn'] },
          },
        ],
      },
    };
    const { Role: Execution, Function: Allowed } = environmentTemplate.Resources;
    const code = {
      ...Allowed,
      Properties: { ...Allowed.Properties, Role: { 'Fn::GetAtt': ['Execution', 'Arn'] } },
    };
    const { outputs: made } = await create(cloudFormation(own), 'trust', {
      Resources: {
        Execution,
        Allowed: code,
        Other: code,
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument, Policies: [invoke] } },
      },
      Outputs: {
        Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        Allowed: { Value: { Ref: 'Allowed' } },
        Other: { Value: { Ref: 'Other' } },
      },
    });
    // An access key of twelve digits is that account's root.
    const assume = (account: string, ...externalId: string[]) =>
      aws<{ Credentials: Record<'AccessKeyId' | 'SecretAccessKey' | 'SessionToken', string> }>(
        { env: { ...own.env, AWS_ACCESS_KEY_ID: account } },
        ['sts', 'assume-role', '--role-arn', made['Arn'] ?? '', '--role-session-name', 'test', ...externalId],
      );
    const right = ['--external-id', 'the-organization'];
    await expect(assume('765628985471')).rejects.toThrow('AccessDenied');
    await expect(assume('765628985471', '--external-id', 'another')).rejects.toThrow('AccessDenied');
    await expect(assume('111122223333', ...right)).rejects.toThrow('AccessDenied');
    const { Credentials } = await assume('765628985471', ...right);
    const genesys = {
      env: {
        ...own.env,
        AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: Credentials.SessionToken,
      },
    };
    const call = (name: string | undefined) =>
      aws(genesys, ['lambda', 'invoke', '--function-name', name ?? '', join(folder, 'invoked.json')]);
    await expect(call(made['Allowed'])).resolves.toHaveProperty('StatusCode', 200);
    await expect(call(made['Other'])).rejects.toThrow('not authorized to perform: lambda:InvokeFunction');
  });
});

describe('the server', () => {
  test('keeps the environment of the process that started it from Lambda functions and the CLI, and ends with its workers', async () => {
    process.env['CANARY_OF_THE_PARENT'] = 'canary';
    const own = await startMiniStack({ region: 'eu-central-1' });
    try {
      expect(own.env).not.toHaveProperty('CANARY_OF_THE_PARENT');
      const { outputs: token } = await create(cloudFormation(own), 'env', environmentTemplate);
      const out = join(folder, 'environment.json');
      await aws(own, ['lambda', 'invoke', '--function-name', token['Name'] ?? '', out]);
      const environment = JSON.parse(await readText(out));
      expect(environment).not.toHaveProperty('CANARY_OF_THE_PARENT');
      expect(environment).toMatchObject({
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL: own.url,
        ALLOW_LOOPBACK_RESPONSE_URL: 'true',
      });
    } finally {
      delete process.env['CANARY_OF_THE_PARENT'];
      await own.stop();
    }
    await expect(fetch(own.url)).rejects.toThrow();
    // The dead stay in the process table until init has taken note of them.
    const giveUpAt = Date.now() + 20_000;
    while (groupExists(own.pid) && Date.now() < giveUpAt) await new Promise((done) => setTimeout(done, 20));
    expect(groupExists(own.pid)).toBe(false);
  });

  test('a server that cannot start says why', async () => {
    await expect(startMiniStack({ port: server.port })).rejects.toThrow('already in use');
    await expect(startMiniStack({ withoutPatches: ['no_such_patch'] })).rejects.toThrow('no such patch');
  });
});
