/** Each way in which Genesys Cloud can differ from what was deployed is found, by its cause. */
import { ACTION, action, INTEGRATION, idOf, KEY, webServices } from '../../../local/provider/stacks.ts';
import {
  inWorld,
  KEY_ALIAS,
  OAUTH_SECRET,
  only,
  SEALING_SECRET,
  type World,
} from '../../../local/provider/world.ts';
import { byHand, callByHand } from '../../protocol/by-hand.ts';
import { drift, findings } from './running.ts';

const ACTIONS = '/api/v2/integrations/actions';

const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

const deployAction = async (world: World, changes = {}, stack = 'stack') =>
  idOf(await world.cloudFormation.createStack(stack, only(ACTION, action(world, changes))));

/** The form of an action that flows run, as a PATCH takes it. */
const published = (world: World, id: string) =>
  (world.remote(id) as { published: { name: string; category: string; config: Config } }).published;

interface Config {
  timeoutSeconds?: number;
  request: object;
  response: object;
}

/** A person changes an action's configuration. */
async function reconfigure(world: World, id: string, by: (config: Config) => Partial<Config>) {
  const { name, category, config } = published(world, id);
  const body = { version: 2, name, category, config: { ...config, ...by(config) } };
  await change(world, 'PATCH', `${ACTIONS}/${id}`, body);
}

/** A change in Genesys Cloud's own words, by a person. */
async function change(world: World, method: string, path: string, body: object): Promise<void> {
  const answer = await callByHand(world.genesys, method, path, body);
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
}

test('an action that was changed by hand: each field with both values, and 3', () =>
  withWorld(async (world) => {
    const id = await deployAction(world, { TimeoutSeconds: 10 });
    await reconfigure(world, id, () => ({ timeoutSeconds: 55 }));
    const found = await findings(world);
    expect(found).toMatchObject([{ cause: 'changed', stack: 'stack', logicalId: 'Thing', type: ACTION, id }]);
    expect(found[0]?.fields).toEqual([{ path: 'TimeoutSeconds', applied: 10, now: 55 }]);
    const { code, out } = await drift(world);
    expect(code).toBe(3);
    expect(out).toContain('    TimeoutSeconds: 10 → 55\n');
    expect(out).toContain('1 object of the organization');
    expect(out).toContain('1 differs\n');
  }));

test('headers and everything else that may be secret are shown by digests alone', () =>
  withWorld(async (world) => {
    const { Request } = action(world) as { Request: object };
    const Headers = { Authorization: 'Bearer CANARY-applied' };
    const id = await deployAction(world, { Request: { ...Request, Headers } });
    await reconfigure(world, id, ({ request }) => ({
      request: { ...request, headers: { Authorization: 'Bearer CANARY-now' } },
    }));
    const [found] = await findings(world);
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{12}$/);
    expect(found?.fields).toEqual([{ path: 'Request.Headers.Authorization', applied: digest, now: digest }]);
    const { out } = await drift(world);
    expect(`${JSON.stringify(found)} ${out}`).not.toMatch(/CANARY/);
  }));

test('the address and the templates of a definition in a secret are shown by digests alone', () =>
  withWorld(async (world) => {
    const SecretArn = OAUTH_SECRET.replace('/oauth/credentials', '/definitions/order');
    const schema = { type: 'object' };
    const texts = (of: string) => ({
      request: {
        requestUrlTemplate: `https://example.com/?token=CANARY-${of}`,
        requestType: 'POST',
        requestTemplate: `{"CANARY": "${of}"}`,
      },
      response: { successTemplate: `{"CANARY-success": "${of}"}` },
    });
    world.aws.secrets.set(SecretArn, {
      text: JSON.stringify({
        name: 'Order status',
        category: 'Orders',
        contract: { input: { inputSchema: schema }, output: { successSchema: schema } },
        config: { timeoutSeconds: 10, ...texts('applied') },
      }),
      tags: { 'genesys-cloud-cfn:stacks': 'stack' },
    });
    const { IntegrationId } = action(world) as { IntegrationId: string };
    const VersionId = 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111';
    const properties = { IntegrationId, Definition: { SecretArn, VersionId } };
    const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, properties)));
    await reconfigure(world, id, () => ({ ...texts('now'), timeoutSeconds: 11 }));
    const [found] = await findings(world);
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{12}$/);
    expect(found?.fields).toEqual(
      expect.arrayContaining([
        { path: 'TimeoutSeconds', applied: 10, now: 11 },
        { path: 'Request.UrlTemplate', applied: digest, now: digest },
        { path: 'Request.Template', applied: digest, now: digest },
        { path: 'Response.SuccessTemplate', applied: digest, now: digest },
      ]),
    );
    const { out } = await drift(world);
    expect(`${JSON.stringify(found)} ${out}`).not.toMatch(/CANARY/);
  }));

test('a template, which no list has, is read where the version of the action has moved', () =>
  withWorld(async (world) => {
    const id = await deployAction(world);
    const successTemplate = '{"changed": true}';
    await reconfigure(world, id, ({ response }) => ({ response: { ...response, successTemplate } }));
    const [found] = await findings(world);
    expect(found?.fields).toMatchObject([{ path: 'Response.SuccessTemplate', now: successTemplate }]);
  }));

test('an action that was deleted by hand', () =>
  withWorld(async (world) => {
    const id = await deployAction(world);
    await byHand(world, 'DELETE', `${ACTIONS}/${id}`);
    expect(await findings(world)).toMatchObject([{ cause: 'deleted', id, logicalId: 'Thing' }]);
  }));

test('an action that an update made anew: the new id, since when, and the flows that name the old one', () =>
  withWorld(async (world) => {
    const old = await deployAction(world);
    world.genesys.seed({ flows: [{ name: 'Main menu', actionId: old }] });
    await byHand(world, 'DELETE', `${ACTIONS}/${old}`);
    const template = only(ACTION, action(world, { TimeoutSeconds: 9 }));
    const id = idOf(await world.cloudFormation.updateStack('stack', template));
    await world.cloudFormation.idle();
    expect(await findings(world)).toMatchObject([
      { cause: 'made-anew', id, detail: expect.stringMatching(/new id since 20.*Main menu/) },
    ]);
    const [{ detail = '' } = {}] = await findings(world);
    expect(detail).toContain(old);
  }));

test('an integration: changed by hand, and its credential replaced', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', webServices()));
    const [other = ''] = world.genesys.seed({
      credentials: [{ name: 'by hand', typeName: 'basicAuth', fields: { userName: 'u', password: 'p' } }],
    }).credentials;
    const path = `/api/v2/integrations/${id}/config/current`;
    const config = (await (await callByHand(world.genesys, 'GET', path)).json()) as object;
    await change(world, 'PUT', path, {
      ...config,
      notes: 'by hand',
      credentials: { basicAuth: { id: other } },
    });
    expect(await findings(world)).toMatchObject([
      { cause: 'changed', id, fields: [{ path: 'Notes', applied: '', now: 'by hand' }] },
      { cause: 'credential-replaced', id, detail: expect.stringContaining(other) },
    ]);
  }));

test('an integration that keeps its credential: another one is found until a deployment keeps it', () =>
  withWorld(async (world) => {
    const seeded = world.genesys.seed({
      credentials: ['first', 'second'].map((name) => ({
        name,
        typeName: 'basicAuth',
        fields: { userName: name, password: 'p' },
      })),
    });
    const [first = '', second = ''] = seeded.credentials;
    const typeId = 'custom-rest-actions';
    const made = { name: 'Shop', typeId, enabled: true, credentials: { basicAuth: first } };
    const [id = ''] = world.genesys.seed({ integrations: [made] }).integrations;
    const properties = { ExistingId: id, Name: 'Shop', IntegrationType: typeId };
    await world.cloudFormation.createStack('stack', only(INTEGRATION, properties));
    expect(await findings(world)).toEqual([]);
    const path = `/api/v2/integrations/${id}/config/current`;
    const config = (await (await callByHand(world.genesys, 'GET', path)).json()) as object;
    await change(world, 'PUT', path, { ...config, credentials: { basicAuth: { id: second } } });
    expect(await findings(world)).toMatchObject([
      {
        cause: 'credential-replaced',
        id,
        detail: `It has the credential ${second} instead of the credential ${first}.`,
      },
    ]);
    await world.cloudFormation.updateStack('stack', only(INTEGRATION, { ...properties, Nonce: '1' }));
    expect(await findings(world)).toEqual([]);
  }));

test('an integration that was disabled by hand', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', webServices()));
    await change(world, 'PATCH', `/api/v2/integrations/${id}`, { intendedState: 'DISABLED' });
    expect(await findings(world)).toMatchObject([
      { cause: 'changed', id, fields: [{ path: 'Enabled', applied: true, now: false }] },
    ]);
  }));

test('a recording key: disabled in KMS, and set back by hand', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', only(KEY, { KeyAliasArn: KEY_ALIAS })));
    const key = world.aws.keys.get(KEY_ALIAS);
    if (key) world.aws.keys.set(KEY_ALIAS, { ...key, state: 'Disabled' });
    expect(await findings(world)).toMatchObject([
      { cause: 'key-disabled', id, detail: expect.stringContaining('Disabled') },
    ]);
    if (key) world.aws.keys.set(KEY_ALIAS, key);
    await change(world, 'PUT', `/api/v2/recording/keyconfigurations/${id}`, {
      id,
      url: KEY_ALIAS,
      keyConfigurationType: 'Native',
    });
    expect(await findings(world)).toMatchObject([
      { cause: 'changed', id, fields: [{ path: 'KeyConfigurationType', now: 'Native' }] },
    ]);
  }));

test('a request whose undo failed is named with its steps', () =>
  withWorld(async (world) => {
    world.genesys.faults([
      { match: { method: 'PATCH', path: `${ACTIONS}/{actionId}` }, action: { status: 403 } },
      { match: { method: 'DELETE', path: `${ACTIONS}/{actionId}` }, action: { status: 403 } },
    ]);
    await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    await world.cloudFormation.idle();
    world.genesys.clearFaults();
    const found = await findings(world);
    expect(found.map(({ cause }) => cause)).toContain('not-undone');
    expect(found.find(({ cause }) => cause === 'not-undone')?.detail).toMatch(/^The Create .* action /);
  }));

test('--stack looks at the objects of one stack alone', () =>
  withWorld(async (world) => {
    const id = await deployAction(world, { Name: 'One' }, 'one');
    await deployAction(world, { Name: 'Two' }, 'two');
    await byHand(world, 'DELETE', `${ACTIONS}/${id}`);
    expect(await findings(world, '--stack', 'two')).toEqual([]);
    expect(await findings(world, '--stack', 'one')).toMatchObject([{ cause: 'deleted', stack: 'one', id }]);
    expect(await findings(world)).toHaveLength(1);
  }));

test('a form that the ledger does not hold is said, and counts as no difference', () =>
  withWorld(async (world) => {
    world.aws.secrets.delete(SEALING_SECRET);
    await deployAction(world);
    const { code, out } = await drift(world);
    expect(code).toBe(0);
    expect(out).toContain('not compared: The ledger has no sealed form of it.');
  }));

test('drift writes nothing: neither to Genesys Cloud nor to the ledger', () =>
  withWorld(async (world) => {
    const id = await deployAction(world);
    await byHand(world, 'DELETE', `${ACTIONS}/${id}`);
    world.genesys.resetCalls();
    const before = world.aws.calls.length;
    await drift(world);
    const methods = world.genesys.calls().filter(({ template }) => template !== '/oauth/token');
    expect(new Set(methods.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(world.aws.calls.slice(before).filter((call) => /Put|Delete|Write/.test(call))).toEqual([]);
  }));
