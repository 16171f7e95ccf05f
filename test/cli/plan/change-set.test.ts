/** A change set is exact: its template, its parameters, and the properties that it names. */

import type { Plan } from '../../../cli/plan/planned.ts';
import type { ResourceChange } from '../../../local/cloudformation/query-api.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { ACTION, action } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { actionsOf, deploy, plan, served } from './running.ts';

const ARN = 'arn:aws:cloudformation:us-east-1:123456789012:changeSet/next/1';
const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

const template = (world: World, changes = {}): Template => served(only(ACTION, action(world, changes)));

const change = (more: Partial<ResourceChange> = {}): ResourceChange => ({
  Action: 'Modify',
  LogicalResourceId: 'Thing',
  ResourceType: ACTION,
  ...more,
});

const naming = (Path: string) => ({ Details: [{ Target: { Attribute: 'Properties', Path } }] });

/** Deploys the first body, and makes a change set of the second. */
async function prepared(world: World, body: object, changes: ResourceChange[], status?: string) {
  const { stack } = await deploy(world, template(world));
  world.stacks.changeSets.set('next', {
    arn: ARN,
    stackId: stack.id,
    body: JSON.stringify(body),
    changes,
    ...(status === undefined ? {} : { status }),
  });
  return stack;
}

async function planned(world: World, ...args: string[]) {
  const { code, out, problems } = await plan(world, '--change-set', ...args, '--format', 'json');
  if (problems !== '') throw new Error(problems);
  return { code, ...(JSON.parse(out) as Plan) };
}

test('by its ARN, or by its name and the stack', () =>
  withWorld(async (world) => {
    const body = template(world, { TimeoutSeconds: 9 });
    await prepared(world, body, [change(naming('/Properties/TimeoutSeconds'))]);
    for (const args of [[ARN], ['next', '--stack', 'stack']]) {
      const { resources } = await planned(world, ...args);
      expect(resources).toMatchObject([{ action: 'change', changes: ['TimeoutSeconds'], isCertain: true }]);
    }
    expect((await deploy(world, body)).done).toEqual({ Thing: 'change' });
  }));

test('a resource that it does not name stays as it is', () =>
  withWorld(async (world) => {
    await prepared(world, template(world, { TimeoutSeconds: 9 }), []);
    expect(actionsOf(await planned(world, ARN))).toEqual({ Thing: 'nothing' });
  }));

/** A template whose category is a NoEcho parameter. */
const hidden = (world: World) => ({
  Parameters: { Category: { Type: 'String', NoEcho: true } },
  ...template(world, { Category: { Ref: 'Category' } }),
});

test('a NoEcho value may change where the change set names its property, and nowhere else', () =>
  withWorld(async (world) => {
    const stack = await prepared(world, hidden(world), [change(naming('/Properties/Category'))]);
    const body = JSON.stringify(hidden(world));
    const parameters = { Category: { value: '****' } };
    world.stacks.sources.set('stack', { body, parameters });
    const set = { arn: ARN, stackId: stack.id, body, parameters };
    world.stacks.changeSets.set('next', { ...set, changes: [change(naming('/Properties/Category'))] });
    expect((await planned(world, ARN)).resources).toMatchObject([
      {
        action: 'change',
        isCertain: false,
        open: [{ path: 'Category', why: 'the NoEcho parameter Category' }],
      },
    ]);
    world.stacks.changeSets.set('next', { ...set, changes: [change(naming('/Properties/Nonce'))] });
    expect((await planned(world, ARN)).resources).toMatchObject([{ action: 'nothing', open: [] }]);
  }));

test('values that CloudFormation has resolved are taken from it', () =>
  withWorld(async (world) => {
    const body = template(world, { Category: { 'Fn::GetAtt': ['Other', 'Name'] } });
    const after = (Category: string) => JSON.stringify({ Properties: { Category } });
    const stack = await prepared(world, body, [change({ AfterContext: after('New') })]);
    expect((await planned(world, ARN)).resources).toMatchObject([
      { action: 'change', changes: ['Category'], isCertain: true, open: [] },
    ]);
    const set = { arn: ARN, stackId: stack.id, body: JSON.stringify(body) };
    const AfterContext = after('{{changeSet:KNOWN_AFTER_APPLY}}');
    world.stacks.changeSets.set('next', { ...set, changes: [change({ AfterContext })] });
    expect((await planned(world, ARN)).resources).toMatchObject([{ action: 'change', isCertain: false }]);
  }));

test('many changes are read page by page', () =>
  withWorld(async (world) => {
    const many = Array.from({ length: 120 }, (_, index) => change({ LogicalResourceId: `Other${index}` }));
    await prepared(world, template(world, { TimeoutSeconds: 9 }), [...many, change()]);
    expect(actionsOf(await planned(world, ARN))).toEqual({ Thing: 'change' });
  }));

test.each<[string, string[], RegExp]>([
  ['that is not there', ['nobody', '--stack', 'stack'], /There is no change set nobody .* --stack/],
  ['that failed', [ARN], /The change set .* is FAILED, so it cannot be executed/],
])('a change set %s is refused, and 2', (_name, args, says) =>
  withWorld(async (world) => {
    await prepared(world, template(world), [], 'FAILED');
    const { code, out, problems } = await plan(world, '--change-set', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(problems).toMatch(says);
  }),
);
