/**
 * The check at deployment by the real CLI: templates/validate-hook.yaml makes the function, and a door in
 * front of the local AWS asks it before anything is created.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type AwsCliError, aws, deploy, describeStack, outputs } from '../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { HookPayloads } from '../../local/cloudformation/hook-payloads.ts';
import { HookedApi } from '../../local/cloudformation/hooked-api.ts';
import { LambdaHook } from '../../local/cloudformation/lambda-hook.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';
import { without } from '../templates/not-emulated.ts';

const root = resolve(import.meta.dirname, '../..');

let folder: string;
let server: MiniStack;
let payloads: HookPayloads;
let functionName: string;
const doors: HookedApi[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deployment-check-'));
  [server, payloads] = await Promise.all([
    startMiniStack({ lambdaEnv: { ALLOW_LOOPBACK_PAYLOAD_URL: 'true' } }),
    HookPayloads.start(),
  ]);
  await aws(server, ['s3', 'mb', 's3://packages']);
  await aws(server, ['s3', 'cp', join(root, 'dist/operations.zip'), 's3://packages/operations.zip']);
  const templateFile = join(folder, 'validate-hook.json');
  await writeFile(templateFile, JSON.stringify(without(readTemplate('validate-hook.yaml'), ['Hook'])));
  const parameters = { CodeS3Bucket: 'packages', CodeS3Key: 'operations.zip' };
  await deploy(server, { stackName: 'the-hook', templateFile, parameters });
  functionName = (await outputs(server, 'the-hook'))['FunctionName'] ?? '';
});

afterAll(async () => {
  await Promise.all([...doors.map((door) => door.stop()), server?.stop(), payloads?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** The local AWS behind a hook, and the hook. */
async function behind(failureMode: 'FAIL' | 'WARN') {
  const client = new LambdaClient({
    endpoint: server.url,
    region: server.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const hook = new LambdaHook({
    payloads,
    failureMode,
    functionArn: `arn:aws:lambda:${server.region}:000000000000:function:${functionName}`,
    async invoke(event, abortSignal) {
      const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
        { abortSignal },
      );
      if (FunctionError !== undefined) throw new Error(`the function crashed: ${FunctionError}`);
      return Buffer.from(Payload ?? []).toString();
    },
  });
  const door = await HookedApi.start(server.url, [hook]);
  doors.push(door);
  return { hook, world: { env: { ...server.env, AWS_ENDPOINT_URL: door.url } } };
}

const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

/** A queue of the stack's own, and a resource of ours that a condition leaves out. */
const template = (property: string, queue = 'Waiting') =>
  JSON.stringify({
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { Tags: [{ Key: 'state', Value: queue }] } },
      Key: {
        Type: 'Custom::GenesysRecordingKey',
        Condition: 'Never',
        Properties: {
          ServiceToken: {
            'Fn::Sub': 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:p',
          },
          ServiceTimeout: 300,
          [property]: {
            'Fn::Sub': 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/recordings',
          },
        },
      },
    },
  });
const sound = template('KeyAliasArn');
const broken = template('KeyAliasAnr');
const sentence = 'The following hook(s) failed: [GenesysCloud::Templates::Validate]';
const failed = (error: AwsCliError) => error.message;
const resourcesOf = async (stackName: string) => {
  const args = ['cloudformation', 'describe-stack-resources', '--stack-name', stackName];
  const answer = await aws<{ StackResources: object[] }>(server, args).catch(() => ({ StackResources: [] }));
  return answer.StackResources.length;
};

test('under FAIL a broken template is refused before a resource is touched, and a sound one is deployed', async () => {
  const { hook, world } = await behind('FAIL');
  const deployment = (templateFile: string) => ({ stackName: 'strict', templateFile });
  const refusal = await deploy(world, deployment(await file('broken.json', broken))).catch(failed);
  expect(refusal).toContain('Failed to create the changeset');
  expect(refusal).toContain(sentence);
  expect(await resourcesOf('strict')).toBe(0);
  expect(hook.results).toEqual([
    expect.objectContaining({
      target: 'CHANGE_SET',
      status: 'HOOK_COMPLETE_FAILED',
      reason: expect.stringMatching(/unknown-property, line 1: Key\.KeyAliasAnr: .*Write KeyAliasArn/),
    }),
  ]);

  await deploy(world, deployment(await file('sound.json', sound)));
  expect((await describeStack(server, 'strict')).StackStatus).toBe('CREATE_COMPLETE');
  expect(hook.results.slice(1).map(({ target, status }) => `${target} ${status}`)).toEqual([
    'CHANGE_SET HOOK_COMPLETE_SUCCEEDED',
    'STACK HOOK_COMPLETE_SUCCEEDED',
  ]);

  // An update that breaks it is refused; the stack stays as it is.
  const worse = await deploy(world, deployment(await file('worse.json', template('KeyAlias', 'Done')))).catch(
    failed,
  );
  expect(worse).toContain(sentence);
  expect((await describeStack(server, 'strict')).StackStatus).toBe('CREATE_COMPLETE');
  expect(hook.violations()).toEqual([]);
});

test('under WARN a broken template is deployed, and the result of the hook is kept', async () => {
  const { hook, world } = await behind('WARN');
  await deploy(world, { stackName: 'lenient', templateFile: await file('broken.json', broken) });
  expect((await describeStack(server, 'lenient')).StackStatus).toBe('CREATE_COMPLETE');
  expect(hook.results.map(({ target, status }) => `${target} ${status}`)).toEqual([
    'CHANGE_SET HOOK_COMPLETE_FAILED',
    'STACK HOOK_COMPLETE_FAILED',
  ]);
});

test('a stack with an old fault takes an urgent change of something else', async () => {
  const lenient = await behind('WARN');
  const deployment = (templateFile: string) => ({ stackName: 'old-fault', templateFile });
  await deploy(lenient.world, deployment(await file('broken.json', broken)));
  const { hook, world } = await behind('FAIL');
  await deploy(world, deployment(await file('urgent.json', template('KeyAliasAnr', 'Done'))));
  expect((await describeStack(server, 'old-fault')).StackStatus).toBe('UPDATE_COMPLETE');
  expect(hook.results.map(({ target, status }) => `${target} ${status}`)).toEqual([
    'CHANGE_SET HOOK_COMPLETE_SUCCEEDED',
    'STACK HOOK_COMPLETE_SUCCEEDED',
  ]);
  expect(hook.results.map(({ annotations }) => annotations[0]?.statusMessage)).toEqual([
    expect.stringMatching(/^not new: /),
    expect.stringMatching(/^not new: /),
  ]);
});

test('a stack that is made without a change set is judged as well', async () => {
  const { hook, world } = await behind('FAIL');
  const create = (body: string) =>
    aws(world, ['cloudformation', 'create-stack', '--stack-name', 'plain', '--template-body', body]);
  expect(await create(broken).catch(failed)).toContain(sentence);
  expect(await resourcesOf('plain')).toBe(0);
  await create(sound);
  expect(hook.results.map(({ target }) => target)).toEqual(['STACK', 'STACK']);
});

test('a stack without types of ours is deployed under FAIL', async () => {
  const template = JSON.parse(sound);
  delete template.Resources.Key;
  const templateFile = await file('others.json', JSON.stringify(template));
  const { hook, world } = await behind('FAIL');
  await deploy(world, { stackName: 'others', templateFile });
  expect(hook.results.map(({ reason }) => reason)).toEqual([
    'The template has no resource of Genesys Cloud.',
    'The template has no resource of Genesys Cloud.',
  ]);
});
