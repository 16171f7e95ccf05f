/**
 * The examples as a team deploys them: the real CLI, the real provider, nested templates from a bucket; then Genesys
 * Cloud runs the data action as it does, by AssumeRole and Invoke or by HTTP with the header of the credential.
 */
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { aws, deploy, outputs, stackEvents } from '../aws/cli.ts';
import { callerOf } from '../genesys-cloud/support.ts';
import { type LocalWorld, type Prepared, root, startLocalWorld } from '../support/local-world.ts';

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

/** Deploys, or fails with what a person would read in the stack's events. */
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

/** What both ways have to show of the same contract. */
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
