/** A header that may hold a secret is printed and written nowhere; its action still comes under a stack. */
import { tellingNames } from '../../../cli/export/texts.ts';
import type { Action } from '../../../local/genesys-cloud/store.ts';
import { ACTION } from '../../../local/provider/stacks.ts';
import { OAUTH_SECRET, only, type World } from '../../../local/provider/world.ts';
import { writes } from '../../protocol/adoption/adoptable.ts';
import { actionByHand, SECRETS } from '../../protocol/by-hand.ts';
import { drift } from '../drift/running.ts';
import { deploy, exported, filesOf, inWorldWithFolder, readTemplate } from './running.ts';

const HEADERS = {
  Authorization: 'Bearer CANARY-bearer',
  Cookie: 'a=CANARY-cookie',
  'X-Tenant': 'CANARY-tenant',
  'X-Pin': '42',
  'api-key': '1',
  'Content-Type': 'application/json',
  'X-Token': '${credentials.token}',
};

/** Changes to an action of web services. */
const withHeaders = (world: World, headers: object) => ({
  integrationId: world.webServicesId,
  config: {
    timeoutSeconds: 7,
    request: { requestUrlTemplate: 'https://example.com/', requestType: 'PUT', requestTemplate: '', headers },
    response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  },
});

const PARAMETERS = {
  OrderStatusAuthorization: 'Bearer CANARY-bearer',
  OrderStatusCookie: 'a=CANARY-cookie',
  OrderStatusXTenant: 'CANARY-tenant',
  OrderStatusApiKey: '1',
};

test('each is a parameter without a default; the others stand in the template', () =>
  inWorldWithFolder(async (world, folder) => {
    const id = actionByHand(world, withHeaders(world, HEADERS));
    const { code, out, problems } = await exported(world, '--action', id, '--output', folder);
    expect({ code, problems }).toEqual({ code: 3, problems: '' });
    expect(out).toContain(
      'has headers whose values may be secret ("Authorization", "Cookie", "X-Tenant", "api-key")',
    );
    const files = await filesOf(folder);
    expect(`${out} ${JSON.stringify(files)}`).not.toMatch(/CANARY/);
    const { Parameters, Resources } = readTemplate(files['template.yaml'] ?? '');
    for (const name of Object.keys(PARAMETERS)) {
      expect(Parameters[name]).toMatchObject({ NoEcho: true });
      expect(Parameters[name]).not.toHaveProperty('Default');
    }
    expect(Resources['OrderStatus']?.Properties?.['Request']).toEqual({
      Headers: {
        Authorization: { Ref: 'OrderStatusAuthorization' },
        Cookie: { Ref: 'OrderStatusCookie' },
        'X-Tenant': { Ref: 'OrderStatusXTenant' },
        'X-Pin': '42',
        'api-key': { Ref: 'OrderStatusApiKey' },
        'Content-Type': 'application/json',
        'X-Token': '${credentials.token}',
      },
    });
  }));

test('with the present values the deployment writes nothing, and with others it writes them', () =>
  inWorldWithFolder(async (world, folder) => {
    const id = actionByHand(world, withHeaders(world, HEADERS));
    await exported(world, '--action', id, '--output', folder);
    world.genesys.resetCalls();
    const stack = await deploy(world, folder, { values: PARAMETERS });
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(writes(world)).toEqual([]);
    expect(await drift(world)).toMatchObject({ code: 0 });
    await world.cloudFormation.deleteStack('stack');
    const other = await deploy(world, folder, {
      stack: 'b',
      values: { ...PARAMETERS, OrderStatusApiKey: '2' },
    });
    expect(other.status).toBe('CREATE_COMPLETE');
    expect(writes(world).map(({ method }) => method)).toEqual(['PATCH']);
    const { published } = world.remote(id) as unknown as Action;
    expect(published?.config.request?.headers).toEqual({ ...HEADERS, 'api-key': '2' });
  }));

test('a lone secret header whose name CloudFormation takes for a function is refused with the reason', () =>
  inWorldWithFolder(async (world, folder) => {
    const id = actionByHand(world, withHeaders(world, { Ref: 'CANARY-of-ref' }));
    const { code, out } = await exported(world, '--action', id, '--output', `${folder}/a`);
    expect(code).toBe(1);
    expect(out).toContain('has a secret header named Ref, which CloudFormation takes for a function');
    expect(out).not.toMatch(/CANARY/);
  }));

const TEXTS = {
  OrderStatusUrlTemplate: 'https://example.com/?q=CANARY-url',
  OrderStatusTemplate: '{"CANARY": "template"}',
  OrderStatusSuccessTemplate: '{"CANARY": "success"}',
};

/** A stack whose action has its definition in a secret. */
async function deployFromSecret(world: World): Promise<void> {
  const SecretArn = OAUTH_SECRET.replace('/oauth/credentials', '/definitions/order');
  const schema = { type: 'object' };
  const text = JSON.stringify({
    name: 'Order status',
    category: 'Orders',
    contract: { input: { inputSchema: schema }, output: { successSchema: schema } },
    config: {
      request: {
        requestUrlTemplate: TEXTS.OrderStatusUrlTemplate,
        requestType: 'POST',
        requestTemplate: TEXTS.OrderStatusTemplate,
      },
      response: { successTemplate: TEXTS.OrderStatusSuccessTemplate },
    },
  });
  world.aws.secrets.set(SecretArn, { text, tags: { 'genesys-cloud-cfn:stacks': 'stack' } });
  const VersionId = 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111';
  const properties = { IntegrationId: world.webServicesId, Definition: { SecretArn, VersionId } };
  const stack = await world.cloudFormation.createStack('stack', only(ACTION, properties, 'OrderStatus'));
  expect(stack.status).toBe('CREATE_COMPLETE');
}

test.each([
  ['its template says so', undefined],
  ['its template cannot be read', 'body of no template: ['],
])('a definition in a secret, and %s: its texts are parameters', (_, body) =>
  inWorldWithFolder(async (world, folder) => {
    await deployFromSecret(world);
    if (body !== undefined) world.stacks.sources.set('stack', { body });
    const { code, out, problems } = await exported(world, '--stack', 'stack', '--output', folder);
    expect({ code, problems }).toEqual({ code: 3, problems: '' });
    expect(out).toContain('so each of these is a parameter: Request.UrlTemplate, Request.Template, Resp');
    const files = await filesOf(folder);
    expect(`${out} ${JSON.stringify(files)}`).not.toMatch(/CANARY/);
    const { Parameters, Resources } = readTemplate(files['template.yaml'] ?? '');
    for (const name of Object.keys(TEXTS)) {
      expect(Parameters[name]).toMatchObject({ NoEcho: true });
      expect(Parameters[name]).not.toHaveProperty('Default');
    }
    expect(Resources['OrderStatus']?.Properties).toMatchObject({
      Request: { UrlTemplate: { Ref: 'OrderStatusUrlTemplate' }, Template: { Ref: 'OrderStatusTemplate' } },
      Response: { SuccessTemplate: { Ref: 'OrderStatusSuccessTemplate' } },
    });
  }),
);

test('an address with a telling name in its query is a parameter: its present text changes nothing', () =>
  inWorldWithFolder(async (world, folder) => {
    const { config, ...others } = withHeaders(world, {});
    const requestUrlTemplate = 'https://example.com/?id=${input.id}&api_key=CANARY-query';
    actionByHand(world, {
      ...others,
      config: { ...config, request: { ...config.request, requestUrlTemplate } },
    });
    const { code, out } = await exported(world, '--all', '--output', folder);
    expect(code).toBe(3);
    expect(out).toContain('has an address whose query may hold a secret ("api_key")');
    expect(`${out} ${JSON.stringify(await filesOf(folder))}`).not.toMatch(/CANARY/);
    world.genesys.resetCalls();
    const stack = await deploy(world, folder, { values: { OrderStatusUrlTemplate: requestUrlTemplate } });
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(writes(world)).toEqual([]);
  }));

test.each([
  ['https://example.com/?token=${input.token}', []],
  ['https://example.com/?key=${esc.url($!{input.key})}&session=$esc.url($input.session)&id=1', []],
  ['https://example.com/token', []],
  ['https://example.com/?a=1&Sig_Key=abc${input.id}&token=', ['Sig_Key']],
])('the query of %s', (url, names) => {
  expect(tellingNames(url)).toEqual(names);
});

test('a refusal, and the report as JSON, quote nothing of an action', () =>
  inWorldWithFolder(async (world, folder) => {
    actionByHand(world);
    actionByHand(world, { name: 'Bad {{resolve:secretsmanager:CANARY-name}}' });
    actionByHand(world, {
      ...withHeaders(world, { Authorization: 'CANARY-header' }),
      name: 'Dead',
      contract: { input: { inputSchema: { type: 'CANARY-type' } }, output: { successSchema: {} } },
    });
    const { out, problems } = await exported(world, '--all', '--output', folder, '--format', 'json');
    for (const secret of SECRETS) expect(`${out} ${problems}`).not.toContain(secret);
    expect(JSON.stringify(await filesOf(folder))).not.toContain('CANARY-header');
  }));
