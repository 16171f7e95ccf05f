/**
 * The examples as a team deploys them, by the real CLI, with the real provider and nested templates from a
 * bucket. Then the local Genesys Cloud runs the data actions, by AssumeRole and Invoke or by HTTP with the
 * header of the credential.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { aws, deploy, outputs, stackEvents } from '../../local/aws/cli.ts';
import { type LocalWorld, type Prepared, root, startLocalWorld } from '../../local/world.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';
import { callerOf } from '../local/genesys-cloud/support.ts';
import { notEmulated, without } from '../templates/not-emulated.ts';

jest.setTimeout(120_000);

let world: LocalWorld;
let prepared: Prepared;
let packaged: Record<string, string>;
let genesys: Awaited<ReturnType<typeof callerOf>>;

beforeAll(async () => {
  world = await startLocalWorld();
  prepared = await world.prepare();
  await world.deployProvider(prepared);
  const { bucket } = prepared;
  const target = `s3://${bucket}/v1`;
  await aws(world.ministack, [
    's3',
    'cp',
    '--only-show-errors',
    join(root, 'dist/endpoint.zip'),
    `${target}/endpoint.zip`,
  ]);
  await aws(world.ministack, [
    's3',
    'cp',
    '--only-show-errors',
    '--recursive',
    join(root, 'templates'),
    `${target}/templates`,
  ]);
  packaged = {
    TemplatesUrl: `https://s3.us-east-1.amazonaws.com/${bucket}/v1/templates`,
    CodeS3Bucket: bucket,
    CodeS3Key: 'v1/endpoint.zip',
  };
  genesys = await callerOf(world.genesys);
});
afterAll(() => world?.stop());

/** Deploys, or fails with the reasons in the stack's events. */
async function deployed(name: string, options: Parameters<typeof deploy>[1]): Promise<void> {
  try {
    await deploy(world.ministack, options);
  } catch (error) {
    const events = await stackEvents(world.ministack, name).catch(() => []);
    const reasons = events
      .filter(({ ResourceStatus }) => ResourceStatus.endsWith('_FAILED'))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
    throw new Error(`${name} was not deployed:\n${reasons.join('\n')}`, { cause: error });
  }
}

async function example(name: string, parameters: Record<string, string> = {}) {
  await deployed(name, {
    stackName: name,
    templateFile: join(root, `templates/examples/${name}.yaml`),
    parameters: { ...packaged, ...parameters },
    s3Bucket: prepared.bucket,
  });
  return outputs(world.ministack, name);
}

const execute = (actionId: string | undefined, input: object) =>
  genesys('POST', `/integrations/actions/${actionId}/execute`, input);
const trial = (actionId: string | undefined, input: object) =>
  genesys('POST', `/integrations/actions/${actionId}/test`, input);

/** Shows the contract that all ways in have in common. */
async function answersOnce(actionId: string | undefined): Promise<void> {
  const input = { requestId: 'conversation-1-ticket-1', subject: 'No dial tone' };
  const first = await execute(actionId, input);
  expect(first).toMatchObject({
    status: 200,
    body: { ticket: expect.stringMatching(/^T-/), subject: 'No dial tone' },
  });
  expect((await execute(actionId, input)).body).toEqual(first.body);
  // The order in which a template writes the fields is not part of the payload.
  const turned = await execute(actionId, { subject: 'No dial tone', requestId: 'conversation-1-ticket-1' });
  expect(turned.body).toEqual(first.body);
  const tested = await trial(actionId, input);
  expect(tested.body).toMatchObject({ success: true, finalResult: first.body as object });
  const other = await execute(actionId, { ...input, requestId: 'conversation-1-ticket-2' });
  expect((other.body as { ticket: string }).ticket).not.toBe((first.body as { ticket: string }).ticket);
}

describe('examples/lambda-endpoint.yaml', () => {
  let action: string | undefined;
  beforeAll(async () => {
    action = (await example('lambda-endpoint', { GenesysOrganizationId: world.genesys.organizationId }))[
      'DataActionId'
    ];
  });

  test('gives flows an action that opens one ticket for each request id', () => answersOnce(action));

  test('takes the failure path when the id is used with another payload', async () => {
    const input = { requestId: 'conversation-2', subject: 'one' };
    await execute(action, input);
    const reply = await execute(action, { ...input, subject: 'two' });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(reply.body)).toContain('PayloadMismatch');
  });
});

describe('an action of another author under the integration of examples/lambda-endpoint.yaml', () => {
  /** Makes and runs an action that invokes the handler by an alias. Its author writes the whole event. */
  async function runAs(alias: string, event: object) {
    const stack = await outputs(world.ministack, 'lambda-endpoint');
    const path = `/integrations/actions/${stack['DataActionId']}?includeConfig=true`;
    const { config } = (await genesys('GET', path)).body;
    const handlerArn = config.request.requestUrlTemplate.replace(/:live$/, '');
    const { body } = await genesys('POST', '/integrations/actions', {
      name: `By ${alias}`,
      category: 'Others',
      integrationId: stack['IntegrationId'],
      contract: {
        input: { inputSchema: { type: 'object', properties: {} } },
        output: { successSchema: { type: 'object', properties: {} } },
      },
      config: {
        request: {
          requestUrlTemplate: `${handlerArn}:${alias}`,
          requestType: 'POST',
          requestTemplate: JSON.stringify(event),
        },
        response: { successTemplate: '${rawResult}' },
      },
    });
    const tested = await trial(body.id, {});
    await genesys('DELETE', `/integrations/actions/${body.id}`);
    return tested.body as { success: boolean };
  }
  const payload = { requestId: 'conversation-3', subject: 'of another author' };
  const forged = {
    httpMethod: 'POST',
    path: '/actions/open-ticket',
    body: JSON.stringify(payload),
    requestContext: { authorizer: { caller: 'shared-secret' } },
  };

  test('runs with a payload of its own', async () => {
    expect(await runAs('live', payload)).toMatchObject({ success: true });
  });

  test('is refused with the event of an API that names another caller', async () => {
    const result = await runAs('live', forged);
    expect(result.success).toBe(false);
    expect(JSON.stringify(result)).toContain('WrongAlias');
  });

  test.each(['api', 'alb'])('may not invoke the alias %s', async (alias) => {
    const result = await runAs(alias, forged);
    expect(result.success).toBe(false);
    expect(JSON.stringify(result)).toContain('AccessDenied');
  });
});

describe('examples/web-services-endpoint.yaml', () => {
  let action: string | undefined;
  let stack: Record<string, string>;
  beforeAll(async () => {
    stack = await example('web-services-endpoint');
    action = stack['DataActionId'];
  });

  test('gives flows an action that opens one ticket for each request id', () => answersOnce(action));

  test('keeps working while the secret is rotated, before and after the credential follows', async () => {
    await aws(world.ministack, [
      'secretsmanager',
      'put-secret-value',
      '--secret-id',
      stack['SecretArn'] ?? '',
      '--secret-string',
      JSON.stringify({ secret: 'a-new-secret-of-forty-eight-characters-or-nearly' }),
    ]);
    const before = await execute(action, { requestId: 'rotation-1', subject: 'before' });
    expect(before.status).toBe(200);
    await example('web-services-endpoint', { CredentialsSecretVersion: '2' });
    const after = await execute(action, { requestId: 'rotation-2', subject: 'after' });
    expect(after.status).toBe(200);
    const sent = world.genesys.state({ secrets: true }).organizations[0]?.credentials;
    expect(JSON.stringify(sent)).toContain('a-new-secret-of-forty-eight-characters-or-nearly');
  });

  test('answers nobody who has no secret', async () => {
    const url = (stack['ActionsUrl'] ?? '').replace(
      /^https:\/\/([a-z0-9]+)\.[^/]+/,
      `${world.ministack.url}/_aws/execute-api/$1`,
    );
    const reply = await fetch(`${url}open-ticket`, {
      method: 'POST',
      body: '{"requestId":"x","subject":"x"}',
    });
    expect(reply.status).toBe(401);
  });
});

/**
 * MiniStack has no endpoint services and no separate rules of security groups, so the example is deployed
 * without them. Its private name leads to the load balancer over HTTP. Everything behind that is as shipped.
 */
describe('examples/private-endpoint.yaml, without PrivateLink', () => {
  const privateName = 'actions.example.com';
  let action: string | undefined;
  let way: jest.SpiedFunction<typeof fetch>;
  let asked: string[];

  beforeAll(async () => {
    const name = 'private-endpoint';
    const template = readTemplate(`examples/${name}.yaml`);
    const gone = Object.entries(template.Resources).filter(([, { Type }]) => Type in notEmulated);
    const folder = await mkdtemp(join(tmpdir(), 'private-endpoint-'));
    const templateFile = join(folder, `${name}.json`);
    await writeFile(
      templateFile,
      JSON.stringify(without(template, [...gone.map(([id]) => id), 'EndpointService'])),
    );
    const parameters = {
      ...packaged,
      VpcId: 'vpc-0aaaaaaaaaaaaaaaa',
      SubnetIdA: 'subnet-0aaaaaaaaaaaaaaaa',
      SubnetIdB: 'subnet-0bbbbbbbbbbbbbbbb',
      FunctionSecurityGroupId: 'sg-0aaaaaaaaaaaaaaaa',
      CertificateArn: `arn:aws:acm:us-east-1:000000000000:certificate/${'0'.repeat(36)}`,
      PrivateDnsName: privateName,
      AllowedPrincipals: 'arn:aws:iam::444455556666:root',
    };
    const { bucket: s3Bucket } = prepared;
    await deployed(name, { stackName: name, templateFile, parameters, s3Bucket });
    await rm(folder, { recursive: true });
    action = (await outputs(world.ministack, name))['DataActionId'];
    const physicalId = async (logicalId: string) => {
      const { StackResourceDetail } = await aws<{ StackResourceDetail: { PhysicalResourceId: string } }>(
        world.ministack,
        [
          'cloudformation',
          'describe-stack-resource',
          '--stack-name',
          name,
          '--logical-resource-id',
          logicalId,
        ],
      );
      return StackResourceDetail.PhysicalResourceId;
    };
    // CloudFormation registers the target of the template, and MiniStack does not.
    const endpoint = await outputs(world.ministack, await physicalId('Endpoint'));
    await aws(world.ministack, [
      'elbv2',
      'register-targets',
      '--target-group-arn',
      await physicalId('TargetGroup'),
      '--targets',
      `Id=${endpoint['AlbFunctionArn']}`,
    ]);
    const { LoadBalancers = [] } = await aws<{ LoadBalancers: { LoadBalancerName: string }[] }>(
      world.ministack,
      ['elbv2', 'describe-load-balancers'],
    );
    const balancer = `${world.ministack.url}/_alb/${LoadBalancers[0]?.LoadBalancerName}`;
    asked = [];
    const real = globalThis.fetch;
    way = jest.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      const url = String(input);
      if (!url.startsWith(`https://${privateName}/`)) return real(input, init);
      asked.push(url);
      return real(url.replace(`https://${privateName}`, balancer), init);
    });
  });
  afterAll(() => way?.mockRestore());

  test('gives flows an action that opens one ticket for each request id, through the load balancer', async () => {
    await answersOnce(action);
    expect(new Set(asked)).toEqual(new Set([`https://${privateName}/actions/open-ticket`]));
  });
});
