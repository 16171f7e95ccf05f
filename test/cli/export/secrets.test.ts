/** A header that may hold a secret is printed and written nowhere; its action still comes under a stack. */
import type { Action } from '../../../local/genesys-cloud/store.ts';
import type { World } from '../../../local/provider/world.ts';
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
