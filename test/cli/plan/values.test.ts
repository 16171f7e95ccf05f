/** Parameters, conditions and functions are resolved as CloudFormation does, and the unknown is said. */

import { installed } from '../../../local/provider/installed-provider.ts';
import { ACTION, action, INTEGRATION, idOf } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { actionsOf, deploy, plannedFor, planOf, served, withFile } from './running.ts';

const { PROVIDER_ARN } = installed();
const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

/** A stack of one action, deployed from a source template whose functions are resolved by hand. */
async function deployed(
  world: World,
  source: object,
  resolved: Record<string, unknown>,
  parameters: Record<string, { value: string; resolved?: string }> = {},
) {
  const { stack } = await deploy(world, served(only(ACTION, action(world, resolved))));
  expect(stack.status).toBe('CREATE_COMPLETE');
  world.stacks.sources.set('stack', { body: JSON.stringify(source), parameters });
  return stack;
}

/** A source template of one action, with the token by its export. */
const source = (world: World, changes: object, more: object = {}) => ({
  ...more,
  Resources: {
    Thing: {
      Type: ACTION,
      Properties: {
        ServiceToken: { 'Fn::ImportValue': { 'Fn::Sub': '${Prefix}-ServiceToken' } },
        ...action(world, changes),
      },
    },
  },
});

const Prefix = { Type: 'String', Default: 'genesys-cloud' };

test('an export, a default and a parameter of the command line', () =>
  withWorld(async (world) => {
    const template = source(
      world,
      { Name: { 'Fn::Join': ['-', ['Order', { Ref: 'Stage' }]] } },
      { Parameters: { Prefix, Stage: { Type: 'String', Default: 'test' } } },
    );
    await deployed(
      world,
      template,
      { Name: 'Order-test' },
      { Prefix: { value: 'genesys-cloud' }, Stage: { value: 'test' } },
    );
    expect((await plannedFor(world, template)).of('Thing').action).toBe('nothing');
    const { of } = await plannedFor(world, template, '--parameters', 'Stage=live', 'Prefix=genesys-cloud');
    expect(of('Thing')).toMatchObject({ action: 'change', changes: ['Name'], isCertain: true });
    await withFile([{ ParameterKey: 'Stage', ParameterValue: 'live' }], async (path) => {
      expect((await plannedFor(world, template, '--parameters', path)).of('Thing').action).toBe('change');
    });
  }));

test('the value of the deployed stack goes before the default', () =>
  withWorld(async (world) => {
    const template = source(
      world,
      { Name: { 'Fn::Sub': 'Order ${Stage}' } },
      { Parameters: { Prefix, Stage: { Type: 'String', Default: 'test' } } },
    );
    await deployed(world, template, { Name: 'Order live' }, { Stage: { value: 'live' } });
    expect((await plannedFor(world, template)).of('Thing').action).toBe('nothing');
  }));

const functions: [string, unknown][] = [
  ['If', { 'Fn::If': ['IsLive', 'Order live', { Ref: 'AWS::NoValue' }] }],
  ['FindInMap', { 'Fn::FindInMap': ['Names', { Ref: 'Stage' }, 'order'] }],
  ['Select and Split', { 'Fn::Select': ['1', { 'Fn::Split': ['|', 'Order test|Order live'] }] }],
  ['Sub with a map', { 'Fn::Sub': ['Order ${Which}', { Which: { Ref: 'Stage' } }] }],
  ['an attribute', { 'Fn::GetAtt': ['First', 'Name'] }],
];

test.each(functions)('%s has the value that was deployed', (_name, expression) =>
  withWorld(async (world) => {
    const more = {
      Parameters: { Stage: { Type: 'String', Default: 'live' } },
      Mappings: { Names: { live: { order: 'Order live' }, test: { order: 'Order test' } } },
      Conditions: {
        IsLive: {
          'Fn::And': [{ 'Fn::Equals': [{ Ref: 'Stage' }, 'live'] }, { 'Fn::Not': [{ Condition: 'IsTest' }] }],
        },
        IsTest: {
          'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'Stage' }, 'test'] }, { 'Fn::Equals': ['a', 'b'] }],
        },
      },
    };
    const resource = (changes: object) => ({
      Type: ACTION,
      Properties: { ServiceToken: PROVIDER_ARN, ...action(world, changes) },
    });
    const resources = (Category: unknown) => ({
      First: resource({ Name: 'Order live' }),
      Thing: resource({ Name: 'Other', Category }),
    });
    const { status } = await deploy(world, { Resources: resources('Order live') });
    expect(status).toBe('CREATE_COMPLETE');
    const planned = await plannedFor(world, { ...more, Resources: resources(expression) });
    expect(actionsOf(planned)).toEqual({ First: 'nothing', Thing: 'nothing' });
  }),
);

test('a condition takes a resource out, and another one brings it in', () =>
  withWorld(async (world) => {
    const resource = (Name: string) => ({
      Type: ACTION,
      Properties: { ServiceToken: PROVIDER_ARN, ...action(world, { Name }) },
    });
    const template = {
      Parameters: { Stage: { Type: 'String' } },
      Conditions: {
        IsLive: { 'Fn::Equals': [{ Ref: 'Stage' }, 'live'] },
        IsTest: { 'Fn::Equals': [{ Ref: 'Stage' }, 'test'] },
      },
      Resources: {
        Live: { ...resource('Live'), Condition: 'IsLive' },
        Test: { ...resource('Test'), Condition: 'IsTest' },
      },
    };
    await deploy(world, { Resources: { Test: resource('Test') } });
    world.stacks.sources.set('stack', {
      body: JSON.stringify(template),
      parameters: { Stage: { value: 'test' } },
    });
    expect(actionsOf(await plannedFor(world, template))).toEqual({ Test: 'nothing' });
    const planned = await plannedFor(world, template, '--parameters', 'Stage=live');
    expect(actionsOf(planned)).toEqual({ Live: 'create', Test: 'delete' });
    const { done } = await deploy(world, { Resources: { Live: resource('Live') } });
    expect(done).toEqual({ Live: 'create', Test: 'delete' });
  }));

test('a parameter without a value is a failure, and 1', () =>
  withWorld(async (world) => {
    const template = source(
      world,
      { Name: { Ref: 'Nobody' } },
      { Parameters: { Prefix, Nobody: { Type: 'String' } } },
    );
    const { code, failures, of } = await plannedFor(world, template);
    expect({ code, failures }).toEqual({
      code: 1,
      failures: [expect.stringContaining('The parameter Nobody has no value')],
    });
    expect(of('Thing').open).toEqual([{ path: 'Name', why: 'the parameter Nobody, which has no value' }]);
  }));

test('a parameter that the template does not have is refused, and 2', () =>
  withWorld(async (world) => {
    const template = source(world, {}, { Parameters: { Prefix } });
    const { code, problems } = await planOf(world, template, '--parameters', 'Nobody=1');
    expect({ code, problems }).toEqual({
      code: 2,
      problems: 'genesys-cloud-cfn: The template has no parameter Nobody. Take it out of --parameters.\n',
    });
  }));

test('an export that is not there is a failure', () =>
  withWorld(async (world) => {
    const template = source(world, {}, { Parameters: { Prefix: { Type: 'String', Default: 'nobody' } } });
    const { code, failures } = await plannedFor(world, template);
    expect({ code, failures }).toEqual({ code: 1, failures: ['No export named nobody-ServiceToken found.'] });
  }));

const SECRET = 'CANARY-value-of-no-echo';

const withHeader = (world: World, value: unknown) => {
  const { Request } = action(world) as { Request: object };
  return { Request: { ...Request, Headers: { Authorization: value } } };
};

const noEcho = (world: World, changes = {}) =>
  source(
    world,
    { ...withHeader(world, { 'Fn::Sub': 'Bearer ${Token}' }), ...changes },
    { Parameters: { Prefix, Token: { Type: 'String', NoEcho: true } } },
  );

test('a NoEcho parameter is the same until it is given, and its value is never shown', () =>
  withWorld(async (world) => {
    await deployed(world, noEcho(world), withHeader(world, `Bearer ${SECRET}`), { Token: { value: '****' } });
    expect((await plannedFor(world, noEcho(world))).of('Thing')).toMatchObject({
      action: 'nothing',
      open: [],
    });
    const other = await plannedFor(world, noEcho(world, { TimeoutSeconds: 9 }));
    expect(other.of('Thing')).toMatchObject({
      action: 'change',
      changes: ['TimeoutSeconds'],
      isCertain: true,
    });
    const given = ['--parameters', `Token=${SECRET}-2`];
    const { of } = await plannedFor(world, noEcho(world), ...given);
    expect(of('Thing')).toMatchObject({
      action: 'change',
      isCertain: false,
      open: [{ path: 'Request.Headers.Authorization', why: 'the NoEcho parameter Token' }],
    });
    for (const format of ['pretty', 'json', 'markdown']) {
      const { out, problems } = await planOf(world, noEcho(world), '--format', format, ...given);
      expect(`${out} ${problems}`).not.toContain('CANARY');
    }
  }));

/** The action with a token that only the deployment shows. */
const withToken = (world: World, ServiceToken: unknown, changes = {}, more: object = {}) => ({
  Resources: {
    ...more,
    Thing: { Type: ACTION, Properties: { ...action(world, changes), ServiceToken } },
  },
});

test.each<[string, unknown, object]>([
  ['a dynamic reference', '{{resolve:ssm:/genesys/token}}', {}],
  [
    'an output of a nested stack',
    { 'Fn::GetAtt': ['Provider', 'Outputs.ServiceToken'] },
    { Provider: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://a' } } },
  ],
])('a ServiceToken by %s counts as the same while its source is the same', (_name, token, more) =>
  withWorld(async (world) => {
    await deployed(world, withToken(world, token, {}, more), {});
    const same = await plannedFor(world, withToken(world, token, {}, more));
    expect({ code: same.code, ...same.of('Thing') }).toMatchObject({
      code: 0,
      action: 'nothing',
      failures: [],
    });
    const other = await plannedFor(world, withToken(world, token, { TimeoutSeconds: 9 }, more));
    expect({ code: other.code, ...other.of('Thing') }).toMatchObject({
      code: 0,
      action: 'change',
      changes: ['TimeoutSeconds'],
      failures: [],
    });
  }),
);

test('a ServiceToken of another source is said to be open, and no failure', () =>
  withWorld(async (world) => {
    await deployed(world, withToken(world, '{{resolve:ssm:/genesys/token}}'), {});
    const { code, of } = await plannedFor(world, withToken(world, '{{resolve:ssm:/genesys/other}}'));
    expect({ code, ...of('Thing') }).toMatchObject({
      code: 0,
      failures: [],
      notes: [expect.stringContaining('Whether its ServiceToken stays the same')],
    });
  }));

test('the value of a dynamic reference is not guessed', () =>
  withWorld(async (world) => {
    const before = source(
      world,
      { Category: '{{resolve:ssm:/orders/category}}' },
      { Parameters: { Prefix } },
    );
    await deployed(world, before, { Category: 'Orders' });
    expect((await plannedFor(world, before)).of('Thing').action).toBe('nothing');
    const after = source(
      world,
      { Category: '{{resolve:ssm:/orders/category:2}}' },
      { Parameters: { Prefix } },
    );
    const { code, of } = await plannedFor(world, after);
    expect(code).toBe(0);
    expect(of('Thing')).toMatchObject({
      action: 'change',
      isCertain: false,
      open: [{ path: 'Category', why: 'the dynamic reference ssm:/orders/category:2' }],
    });
  }));

test.each<[string, unknown, string]>([
  ['Sub', { 'Fn::Sub': '{{resolve:ssm:/${Stage}/category}}' }, 'ssm:/live/category'],
  ['Join', { 'Fn::Join': ['', ['{{resolve:ssm:/', { Ref: 'Stage' }, '}}']] }, 'ssm:/live'],
  ['a parameter', { Ref: 'Whole' }, 'ssm:/whole'],
  [
    'a value that is not known',
    { 'Fn::Sub': '{{resolve:ssm:/${Hidden}}}' },
    'ssm:/… by the NoEcho parameter Hidden',
  ],
])('a dynamic reference that is put together by %s is one', (_name, Category, shown) =>
  withWorld(async (world) => {
    const Parameters = {
      Prefix,
      Stage: { Type: 'String', Default: 'live' },
      Whole: { Type: 'String', Default: '{{resolve:ssm:/whole}}' },
      Hidden: { Type: 'String', NoEcho: true },
    };
    await deployed(world, source(world, { Category: 'Orders' }, { Parameters }), { Category: 'Orders' });
    const template = source(world, { Category }, { Parameters });
    const { code, of } = await plannedFor(world, template, '--parameters', 'Hidden=a');
    expect({ code, ...of('Thing') }).toMatchObject({
      code: 0,
      action: 'change',
      failures: [],
      open: [{ path: 'Category', why: `the dynamic reference ${shown}` }],
    });
  }),
);

test.each(['secretsmanager:/orders/key', 'ssm-secure:/orders/key:1'])(
  'CloudFormation resolves no {{resolve:%s}} in a custom resource, and the refusal of it is foreseen',
  (name) =>
    withWorld(async (world) => {
      const value = { 'Fn::Sub': `Bearer {{resolve:${name}}}` };
      const { code, of } = await plannedFor(
        world,
        source(world, withHeader(world, value), { Parameters: { Prefix } }),
      );
      expect({ code, failures: of('Thing').failures }).toEqual({
        code: 1,
        failures: [expect.stringContaining('CloudFormation does not resolve in a custom resource')],
      });
    }),
);

test('an SSM parameter is asked for, and one that cannot be read is unknown', () =>
  withWorld(async (world) => {
    const template = source(
      world,
      { Category: { Ref: 'Category' } },
      {
        Parameters: {
          Prefix,
          Category: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/orders/category' },
        },
      },
    );
    const parameters = { Category: { value: '/orders/category', resolved: 'Orders' } };
    await deployed(world, template, { Category: 'Orders' }, parameters);
    world.aws.parameters.set('/orders/category', 'Orders');
    expect((await plannedFor(world, template)).of('Thing').action).toBe('nothing');
    world.aws.parameters.set('/orders/category', 'Other');
    expect((await plannedFor(world, template)).of('Thing')).toMatchObject({
      action: 'change',
      changes: ['Category'],
    });
    world.aws.unreachable.add('AmazonSSM');
    expect((await plannedFor(world, template)).of('Thing')).toMatchObject({
      action: 'change',
      isCertain: false,
      open: [{ path: 'Category', why: 'the SSM parameter /orders/category' }],
    });
  }));

test('an attribute of another resource is unchanged with it, and decides a replacement only maybe', () =>
  withWorld(async (world) => {
    const template = (path: string) => ({
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { Path: path } },
        Thing: {
          Type: INTEGRATION,
          Properties: {
            ServiceToken: PROVIDER_ARN,
            Name: 'Orders',
            RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          },
        },
      },
    });
    const RoleArn = 'arn:aws:iam::123456789012:role/genesys';
    await deploy(world, served(only(INTEGRATION, { Name: 'Orders', RoleArn })));
    world.stacks.sources.set('stack', { body: JSON.stringify(template('/')) });
    world.stacks.others.set('stack', { Role: { type: 'AWS::IAM::Role', physicalId: 'genesys' } });
    expect((await plannedFor(world, template('/'))).of('Thing').action).toBe('nothing');
    expect((await plannedFor(world, template('/x/'))).of('Thing')).toMatchObject({
      action: 'change',
      isCertain: false,
      open: [{ path: 'RoleArn', why: 'the attribute Arn of Role, which changes' }],
    });
  }));

test('a replacement that an unknown value decides is said as possible, and 3', () =>
  withWorld(async (world) => {
    const template = source(
      world,
      { IntegrationId: { Ref: 'Where' } },
      { Parameters: { Prefix, Where: { Type: 'String', NoEcho: true } } },
    );
    await deployed(world, template, {}, { Where: { value: '****' } });
    const { code, of } = await plannedFor(world, template, '--parameters', `Where=${world.integrationId}`);
    expect(code).toBe(3);
    expect(of('Thing')).toMatchObject({ action: 'replace', isCertain: false, because: ['IntegrationId'] });
  }));

test('a new resource with values of other new ones is created, and they are named', () =>
  withWorld(async (world) => {
    const template = {
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: {} },
        Lambda: {
          Type: INTEGRATION,
          Properties: { ServiceToken: PROVIDER_ARN, Name: 'Orders', RoleArn: { 'Fn::GetAtt': 'Role.Arn' } },
        },
        Thing: {
          Type: ACTION,
          Properties: { ServiceToken: PROVIDER_ARN, ...action(world, { IntegrationId: { Ref: 'Lambda' } }) },
        },
      },
    };
    const { code, failures, of } = await plannedFor(world, template);
    expect({ code, failures }).toEqual({ code: 0, failures: [] });
    expect(of('Lambda')).toMatchObject({
      action: 'create',
      failures: [],
      open: [{ path: 'RoleArn', why: 'the attribute Arn of Role, which is new' }],
    });
    expect(of('Thing')).toMatchObject({ action: 'create', isCertain: true, failures: [], open: [] });
  }));

test('a condition that nobody can tell leaves the resource open', () =>
  withWorld(async (world) => {
    const template = {
      Parameters: { Secret: { Type: 'String', NoEcho: true } },
      Conditions: { IsOn: { 'Fn::Equals': [{ Ref: 'Secret' }, 'on'] } },
      Resources: {
        Thing: {
          Type: ACTION,
          Condition: 'IsOn',
          Properties: { ServiceToken: PROVIDER_ARN, ...action(world) },
        },
      },
    };
    const { of } = await plannedFor(world, template, '--parameters', 'Secret=on');
    expect(of('Thing')).toMatchObject({
      action: 'create',
      isCertain: false,
      open: [{ path: 'Condition', why: 'the NoEcho parameter Secret' }],
    });
  }));

test('without a sealed form the deployed template says what was applied', () =>
  withWorld(async (world) => {
    const template = source(world, {}, { Parameters: { Prefix } });
    const stack = await deployed(world, template, {});
    const table = world.aws.tables.get('genesys-cloud-ledger');
    const key = `OBJECT#action#${idOf(stack)}`;
    const body = world.ledger('OBJECT#').get(key) as { applied: { typed?: string }[] };
    for (const form of body.applied) delete form.typed;
    const item = table?.get(key);
    if (item) table?.set(key, { ...item, body: { S: JSON.stringify(body) } });
    const { of } = await plannedFor(world, source(world, { TimeoutSeconds: 9 }, { Parameters: { Prefix } }));
    expect(of('Thing')).toMatchObject({ action: 'change', changes: ['TimeoutSeconds'] });
  }));
