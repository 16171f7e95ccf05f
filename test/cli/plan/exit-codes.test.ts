/** The exit code is 3 wherever an id that is used ends, or may end. */
import type { Template } from '../../../local/cloudformation/template.ts';
import { BUCKET } from '../../../local/faults/outside.ts';
import { installed } from '../../../local/provider/installed-provider.ts';
import { ACTION, action, idOf } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { deploy, plannedFor, planOf, served } from './running.ts';

const KEY = 'actions/orders.json';
const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

const named = (world: World, Name: string, changes = {}, more: object = {}) =>
  ({ ...served(only(ACTION, action(world, { Name, ...changes }))).Resources['Thing'], ...more }) as never;

test('an object that is deleted, with the flow that uses it', () =>
  withWorld(async (world) => {
    const stays = named(world, 'Stays');
    const { stack } = await deploy(world, { Resources: { Stays: stays, Goes: named(world, 'Goes') } });
    world.genesys.seed({ flows: [{ name: 'Y', actionId: idOf(stack, 'Goes'), version: '7' }] });
    const { code, of } = await plannedFor(world, { Resources: { Stays: stays } });
    expect({ code, ...of('Goes') }).toMatchObject({
      code: 3,
      action: 'delete',
      users: [expect.stringContaining('"Y" published 7')],
    });
  }));

test('a deployed resource whose condition may not hold', () =>
  withWorld(async (world) => {
    await deploy(world, { Resources: { Thing: named(world, 'Orders') } });
    const template = (more: object) => ({
      Parameters: { Secret: { Type: 'String', NoEcho: true } },
      Conditions: { IsOn: { 'Fn::Equals': [{ Ref: 'Secret' }, 'on'] } },
      Resources: { Thing: named(world, 'Orders', {}, { Condition: 'IsOn', ...more }) },
    });
    const args = ['--parameters', 'Secret=on'];
    const { code, of } = await plannedFor(world, template({}), ...args);
    expect({ code, ...of('Thing') }).toMatchObject({
      code: 3,
      action: 'nothing',
      isCertain: false,
      notes: ['It leaves the stack where its condition does not hold.'],
    });
    expect((await plannedFor(world, template({ DeletionPolicy: 'Retain' }), ...args)).code).toBe(0);
  }));

/** A stack of an action whose definition is in S3, and the template that names another version. */
async function definedInS3(world: World): Promise<Template> {
  world.containers.redeploy({ DEFINITION_OBJECT_ARNS: `arn:aws:s3:::${BUCKET}/actions/*` });
  const { PROVIDER_ARN } = installed();
  const environment = world.aws.functions.get(PROVIDER_ARN);
  world.aws.functions.set(PROVIDER_ARN, {
    ...environment,
    DEFINITION_OBJECT_ARNS: `arn:aws:s3:::${BUCKET}/actions/*`,
  });
  const {
    Name,
    Contract: { Input, Output },
    Request: { RequestType, UrlTemplate, RequestTemplate },
  } = action(world) as {
    Name: string;
    Contract: { Input: object; Output: object };
    Request: Record<string, string>;
  };
  const text = (seconds: number) =>
    JSON.stringify({
      name: Name,
      contract: { input: { inputSchema: Input }, output: { successSchema: Output } },
      config: {
        timeoutSeconds: seconds,
        request: {
          requestType: RequestType ?? 'POST',
          requestUrlTemplate: UrlTemplate,
          requestTemplate: RequestTemplate ?? '${input.rawRequest}',
        },
        response: {},
      },
    });
  const template = (seconds: number) =>
    served(
      only(ACTION, {
        IntegrationId: world.integrationId,
        Category: 'Orders',
        Definition: {
          S3: { Bucket: BUCKET, Key: KEY, VersionId: world.aws.putObject(`${BUCKET}/${KEY}`, text(seconds)) },
        },
      }),
    );
  const { stack } = await deploy(world, template(8));
  expect(stack.status).toBe('CREATE_COMPLETE');
  world.genesys.seed({ flows: [{ name: 'Y', actionId: idOf(stack), version: '7' }] });
  return template(9);
}

test.each([
  ['AccessDenied', /Not judged any further: with your credentials, s3:.* cannot be read: AccessDenied/],
  ['KMS.DisabledException', /Not judged any further: s3:.* cannot be read: KMS\.DisabledException/],
])('an update whose definition cannot be read (%s) may be a replacement', (refusal, note) =>
  withWorld(async (world) => {
    const template = await definedInS3(world);
    const readable = await plannedFor(world, template);
    expect({ code: readable.code, ...readable.of('Thing') }).toMatchObject({ code: 0, action: 'change' });
    const object = world.aws.objects.get(`${BUCKET}/${KEY}`);
    if (object) object.refusal = refusal;
    const { code, of } = await plannedFor(world, template);
    expect({ code, ...of('Thing') }).toMatchObject({
      code: 3,
      action: 'replace',
      isCertain: false,
      users: [expect.stringContaining('"Y" published 7')],
      notes: [expect.stringMatching(note)],
    });
    expect((await planOf(world, template)).out).toContain(': maybe replace; used by ');
  }),
);
