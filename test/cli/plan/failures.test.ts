/** A plan that cannot be made ends with one line and 2; one of a stack that cannot be deployed says so. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ACTION, action, INTEGRATION } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { bundleCli, bundleRemote } from '../../../scripts/build/package.ts';
import { personOf } from '../drift/running.ts';
import { actionsOf, deploy, plan, plannedFor, planOf, served } from './running.ts';

const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);
const template = (world: World, changes = {}) => served(only(ACTION, action(world, changes)));

test.each<[string, string[], string]>([
  ['no template', ['--stack', 'stack'], 'no template'],
  ['no stack', ['t.yaml'], 'name the stack that is to be deployed by --stack'],
  ['two templates', ['a.yaml', 'b.yaml', '--stack', 's'], 'plan takes one template, and not b.yaml too'],
  ['no such format', ['t.yaml', '--stack', 's', '--format', 'xml'], 'no format xml'],
  ['a change set by name alone', ['--change-set', 'next'], 'name the stack of the change set by --stack'],
  ['a change set and a template', ['t.yaml', '--change-set', 'arn:x'], 'has its own template'],
])('%s: the usage, and 2', async (_name, args, says) => {
  const { code, problems } = await plan({ aws: { url: 'http://127.0.0.1:9' } as World['aws'] }, ...args);
  expect(code).toBe(2);
  expect(problems).toContain(says);
  expect(problems).toContain('Usage: genesys-cloud-cfn plan');
});

test.each<[string, (world: World) => Promise<{ code: number; out: string; problems: string }>, RegExp]>([
  [
    'a file that is not there',
    (world) => plan(world, 'nobody.yaml', '--stack', 's'),
    /nobody\.yaml cannot be read \(ENOENT\)/,
  ],
  ['a file that is no YAML', (world) => planOf(world, 'a: [1'), /is no template: line 1: /],
  [
    'a file without resources',
    (world) => planOf(world, { Parameters: {} }),
    /is no template: it has no Resources/,
  ],
  [
    'aliases of aliases',
    (world) => planOf(world, `${bomb()}\nResources: *z`),
    /is no template: line \d+: aliases make too many values/,
  ],
  [
    'parameters that are no JSON',
    (world) => planOf(world, template(world), '--parameters', 'README.md'),
    /README\.md is no JSON\. Give --parameters Key=Value/,
  ],
])('%s: one line, and 2', (_name, run, says) =>
  withWorld(async (world) => {
    const { code, out, problems } = await run(world);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(problems).toMatch(says);
    expect(problems.trimEnd()).not.toContain('\n');
  }),
);

/** Ten levels of ten aliases each. */
const bomb = () => {
  const levels = Array.from({ length: 8 }, (_, index) => {
    const below = index === 0 ? '1' : `*l${index - 1}`;
    return `l${index}: &l${index} [${Array(10).fill(below).join(', ')}]`;
  });
  return [...levels, 'z: &z {a: *l7}'].join('\n');
};

test.each<[string, (world: World) => void, RegExp]>([
  [
    'CloudFormation may not be asked',
    ({ aws }) => aws.unreachable.add('cloudformation'),
    /AWS refuses: AccessDenied/,
  ],
  ['the ledger may not be read', ({ aws }) => aws.unreachable.add('DynamoDB'), /ledger, DynamoDB table/],
  [
    'a permission of Genesys Cloud is missing',
    ({ genesys }) =>
      genesys.seed({ clients: [{ id: genesys.clientId, secret: genesys.clientSecret, permissions: [] }] }),
    /^ {4}fails: .*integrations:action:view/m,
  ],
])('%s', (_name, fail, says) =>
  withWorld(async (world) => {
    await deploy(world, template(world));
    fail(world);
    const { code, out, problems } = await planOf(world, template(world, { TimeoutSeconds: 9 }));
    expect(code).not.toBe(0);
    expect(out + problems).toMatch(says);
    expect(out + problems).not.toContain('CANARY');
  }),
);

test('a throttled CloudFormation is asked again', () =>
  withWorld(async (world) => {
    await deploy(world, template(world));
    for (const action of ['GetTemplate', 'ListStackResources', 'DescribeStacks'])
      world.stacks.throttled.set(action, 2);
    expect(actionsOf(await plannedFor(world, template(world)))).toEqual({ Thing: 'nothing' });
    expect(world.stacks.calls.filter(({ action }) => action === 'GetTemplate')).toHaveLength(3);
  }));

test('of all stacks the template of the planned one alone is read', () =>
  withWorld(async (world) => {
    await deploy(world, template(world));
    for (let index = 0; index < 3; index += 1)
      await deploy(world, template(world, { Name: `${index}` }), `s${index}`);
    world.stacks.calls.length = 0;
    await plannedFor(world, template(world, { TimeoutSeconds: 9 }));
    const read = world.stacks.calls.filter(({ action }) => action === 'GetTemplate');
    expect(read.map(({ parameters }) => parameters['StackName'])).toEqual([
      expect.stringContaining(':stack/stack/'),
    ]);
  }));

test('a stack that never was complete is planned as a new one, and that it has to go first is a failure', () =>
  withWorld(async (world) => {
    const { status } = await deploy(world, served(only(INTEGRATION, { Name: 'Orders', RoleArn: 'none' })));
    expect(status).toBe('ROLLBACK_COMPLETE');
    const { code, failures, isUpdate } = await plannedFor(world, template(world));
    expect({ code, isUpdate, failures }).toEqual({
      code: 1,
      isUpdate: false,
      failures: ['The stack stack is ROLLBACK_COMPLETE: delete it first. The plan is that of a new stack.'],
    });
  }));

test('a resource of another type under the same logical id fails', () =>
  withWorld(async (world) => {
    await deploy(world, template(world));
    const other = served(only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r' }));
    const { code, of } = await plannedFor(world, other);
    expect(code).toBe(1);
    expect(of('Thing').failures).toEqual([expect.stringContaining('does not change the type')]);
  }));

test('invalid properties fail with their paths', () =>
  withWorld(async (world) => {
    const { code, of } = await plannedFor(world, template(world, { TimeoutSeconds: 99 }));
    expect(code).toBe(1);
    expect(of('Thing').failures).toEqual([expect.stringContaining('TimeoutSeconds')]);
  }));

test('resources of another provider are named and not planned', () =>
  withWorld(async (world) => {
    const ServiceToken = 'arn:aws:lambda:us-east-1:123456789012:function:other';
    const { resources, notes } = await plannedFor(world, template(world, { ServiceToken }));
    expect({ resources, notes }).toEqual({
      resources: [],
      notes: [`Thing is served by another provider, ${ServiceToken}: it is not planned.`],
    });
  }));

test('transforms are said', () =>
  withWorld(async (world) => {
    const { notes } = await plannedFor(world, { Transform: 'AWS::LanguageExtensions', ...template(world) });
    expect(notes).toEqual([expect.stringContaining('Plan a change set instead')]);
  }));

test('markdown is a table for a pull request, and quotes what markdown would read', () =>
  withWorld(async (world) => {
    await deploy(world, template(world));
    const { code, out } = await planOf(
      world,
      { Resources: { ...template(world, { TimeoutSeconds: 9, ExistingId: 'a_|<b>@c' }).Resources } },
      '--format',
      'markdown',
    );
    expect(code).toBe(1);
    expect(out).toContain('### Genesys Cloud: plan of the stack `stack`\n');
    expect(out).toContain(
      '| resource | type | plan |\n|---|---|---|\n| `Thing` | `Custom::GenesysDataAction` |',
    );
    expect(out).toContain(
      '**The deployment would fail**\n\n- `Thing`: There is no data action a\\_\\|\\<b\\>@\u200bc',
    );
  }));

test(
  'the built command plans as a process of its own, by YAML with short forms',
  () =>
    withWorld(async (world) => {
      const folder = await mkdtemp(join(tmpdir(), 'plan-'));
      try {
        await Promise.all([bundleCli(join(folder, 'cli.mjs')), bundleRemote(join(folder, 'remote.mjs'))]);
        const yaml = `Resources:
  Orders:
    Type: ${INTEGRATION}
    Properties:
      ServiceToken: !ImportValue genesys-cloud-ServiceToken
      Name: !Sub 'Orders of \${AWS::StackName}'
      RoleArn: !Sub 'arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/genesys'
`;
        await writeFile(join(folder, 't.yaml'), yaml);
        const args = [join(folder, 'cli.mjs'), 'plan', join(folder, 't.yaml'), '--stack', 'orders'];
        const env = { PATH: process.env['PATH'], ...personOf(world) };
        const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
        expect(stderr).toBe('');
        expect(stdout).toContain(`Orders: ${INTEGRATION}: create\n`);
        expect(stdout).toContain('\n1 create\n');
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
  60_000,
);
