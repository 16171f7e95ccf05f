import type { Template } from '../../../local/cloudformation/template.ts';
import { events, start, stopDrivers, template, thing } from './driver.ts';

afterEach(stopDrivers);

describe('a stack without failures', () => {
  test('is created in the order of dependency, with ids and attributes handed on', async () => {
    const { cloudFormation, provider } = await start();
    const stack = await cloudFormation.createStack(
      'good',
      template(
        {
          B: thing({ Of: { Ref: 'A' }, Name: { 'Fn::GetAtt': ['A', 'Name'] } }),
          A: thing({ Name: 'first' }),
          C: thing({}, { DependsOn: 'B' }),
        },
        { Id: { Ref: 'B' }, Name: { 'Fn::GetAtt': 'B.Name' } },
      ),
    );
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Create B', 'Create C']);
    expect(stack.outputs).toEqual({ Id: 'B-2', Name: 'first' });
    expect(provider.things.get('B-2')).toMatchObject({ Of: 'A-1', Name: 'first' });
    expect(cloudFormation.violations()).toEqual([]);
  });
});

describe('an event', () => {
  test('has exactly the fields that CloudFormation sends', async () => {
    const { cloudFormation } = await start();
    const stack = await cloudFormation.createStack(
      's',
      template({ A: thing({ Name: 'a', ServiceTimeout: 60 }) }),
    );
    await cloudFormation.updateStack('s', template({ A: thing({ Name: 'b', ServiceTimeout: 60 }) }));
    await cloudFormation.deleteStack('s');
    const common = {
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
      ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//),
      StackId: stack.id,
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LogicalResourceId: 'A',
      ResourceType: 'Custom::Thing',
    };
    const properties = (Name: string) => ({ ServiceToken: common.ServiceToken, Name, ServiceTimeout: '60' });
    expect(events(cloudFormation)).toEqual([
      { ...common, RequestType: 'Create', ResourceProperties: properties('a') },
      {
        ...common,
        RequestType: 'Update',
        PhysicalResourceId: 'A-1',
        ResourceProperties: properties('b'),
        OldResourceProperties: properties('a'),
      },
      { ...common, RequestType: 'Delete', PhysicalResourceId: 'A-1', ResourceProperties: properties('b') },
    ]);
    expect(new Set(events(cloudFormation).map(({ RequestId }) => RequestId)).size).toBe(3);
    expect(stack.id).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/s\/[0-9a-f-]{36}$/);
  });

  test('has every scalar as a string, at any depth, and nothing for AWS::NoValue', async () => {
    const { cloudFormation } = await start();
    const properties = {
      Yes: true,
      Count: 3,
      Half: 1.5,
      Empty: '',
      Nested: { No: false, List: [1, 'two', { Three: 3 }, { Ref: 'AWS::NoValue' }] },
      Gone: { Ref: 'AWS::NoValue' },
      Stack: { Ref: 'AWS::StackName' },
    };
    await cloudFormation.createStack('s', template({ A: thing(properties) }));
    const { ServiceToken, ...sent } = events(cloudFormation)[0]?.ResourceProperties ?? {};
    expect(sent).toEqual({
      Yes: 'true',
      Count: '3',
      Half: '1.5',
      Empty: '',
      Nested: { No: 'false', List: ['1', 'two', { Three: '3' }] },
      Stack: 's',
    });
  });
});

test('a ResponseURL is signed at the time that a test sets', async () => {
  const { cloudFormation } = await start({ signedAtMs: () => Date.UTC(2026, 10, 20, 12) });
  const creation = cloudFormation.createStack('s', template({ A: thing({ ServiceTimeout: 1 }) }), {
    disableRollback: true,
  });
  expect(events(cloudFormation)[0]?.ResponseURL).toContain('X-Amz-Date=20261120T120000Z');
  await cloudFormation.stop();
  await creation;
});

test('a resource moves to another stack without a request, and is updated and deleted there', async () => {
  const { cloudFormation, provider } = await start();
  const before = await cloudFormation.createStack('old', template({ A: thing(), Kept: thing() }));
  await cloudFormation.createStack('new', template({ Other: thing() }));
  const sent = cloudFormation.requests.length;
  cloudFormation.moveResource('A', 'old', 'new', 'B');
  expect(cloudFormation.requests).toHaveLength(sent);
  expect(Object.keys(cloudFormation.describe('old').resources)).toEqual(['Kept']);
  await cloudFormation.updateStack('new', template({ Other: thing(), B: thing({ Name: 'b' }) }));
  await cloudFormation.deleteStack('new');
  expect(cloudFormation.sequence().slice(sent)).toEqual([
    `Update B ${before.resources['A']?.physicalId}`,
    expect.stringMatching(/^Delete /),
    expect.stringMatching(/^Delete /),
  ]);
  expect(provider.things.size).toBe(1);
});

describe('resources without dependency', () => {
  test('are created at the same time', async () => {
    const { cloudFormation, provider } = await start();
    const begun: string[] = [];
    const { promise: both, resolve } = Promise.withResolvers<void>();
    provider.before = ({ LogicalResourceId }) => {
      begun.push(LogicalResourceId);
      if (begun.length === 2) resolve();
      return both; // neither goes on before both have begun
    };
    const stack = await cloudFormation.createStack('s', template({ A: thing(), B: thing() }));
    expect(stack.status).toBe('CREATE_COMPLETE');
  });

  test('are no more at a time than the limit', async () => {
    const { cloudFormation, provider } = await start({ concurrency: 2 });
    let running = 0;
    let most = 0;
    provider.before = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const names = ['A', 'B', 'C', 'D', 'E'];
    await cloudFormation.createStack('s', template(Object.fromEntries(names.map((name) => [name, thing()]))));
    expect(most).toBe(2);
  });
});

describe('Fn::GetAtt of an attribute that the answer lacks', () => {
  test('fails the resource that reads it', async () => {
    const { cloudFormation } = await start();
    const stack = await cloudFormation.createStack(
      's',
      template({ A: thing(), B: thing({ Of: { 'Fn::GetAtt': ['A', 'Missing'] } }) }),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Delete A A-1']);
    expect(stack.events.map(({ ResourceStatusReason }) => ResourceStatusReason)).toContainEqual(
      expect.stringMatching(/Vendor response doesn't contain Missing key/),
    );
  });

  test('fails the stack when an output reads it', async () => {
    const { cloudFormation } = await start();
    const outputs = { Missing: { 'Fn::GetAtt': 'A.Missing' } };
    const stack = await cloudFormation.createStack('s', template({ A: thing() }, outputs));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
  });
});

describe('a template is refused', () => {
  test.each<[string, Template['Resources'], RegExp]>([
    [
      'with a circle',
      { A: thing({}, { DependsOn: 'B' }), B: thing({ Of: { Ref: 'A' } }) },
      /Circular dependency/,
    ],
    [
      'with an unknown reference',
      { A: thing({ Of: { Ref: 'Nobody' } }) },
      /Unresolved resource dependencies \[Nobody\]/,
    ],
    ['with a function that has to be resolved before', { A: thing({ Of: { 'Fn::Sub': 'x' } }) }, /Fn::Sub/],
  ])('%s', async (_, resources, message) => {
    const { cloudFormation } = await start();
    await expect(cloudFormation.createStack('s', template(resources))).rejects.toThrow(message);
  });
});

test('one stack takes one operation at a time, and a name one stack', async () => {
  const { cloudFormation } = await start();
  const creation = cloudFormation.createStack('s', template({ A: thing() }));
  expect(cloudFormation.describe('s').status).toBe('CREATE_IN_PROGRESS');
  await expect(cloudFormation.deleteStack('s')).rejects.toThrow(/CREATE_IN_PROGRESS/);
  await expect(cloudFormation.createStack('s', template({ A: thing() }))).rejects.toThrow('already exists');
  await creation;
});
