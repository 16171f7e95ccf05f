/** Which objects a selection means, what is left out, and why. */
import { join } from 'node:path';
import { ACTION, action, webServices } from '../../../local/provider/stacks.ts';
import { only, type World } from '../../../local/provider/world.ts';
import { writes } from '../../protocol/adoption/adoptable.ts';
import { callByHand } from '../../protocol/by-hand.ts';
import { madeByHand } from './organization.ts';
import { deploy, exported, filesOf, inWorldWithFolder, readTemplate } from './running.ts';

interface Report {
  exported: { type: string; id: string; name: string; logicalId: string }[];
  skipped: { what: string; id: string; name: string; reason: string }[];
  notes: { what: string; id: string; note: string; needsHand: boolean }[];
  sharedIntegrationIds: string[];
}

/** The report of an export into the folder. */
async function report(
  world: World,
  folder: string,
  ...args: string[]
): Promise<Report & { code: number; problems: string }> {
  const { code, out, problems } = await exported(world, ...args, '--output', folder, '--format', 'json');
  return { code, problems, ...(JSON.parse(out || '{}') as Report) };
}

const ids = ({ exported: all }: Report) => all.map(({ id }) => id).sort();

test('an integration: it and its data actions, by name and by id the same', () =>
  inWorldWithFolder(async (world, folder) => {
    const { basic, actions } = madeByHand(world);
    const own = actions.filter((_, index) => index % 5 === 2);
    const byName = await report(world, join(folder, 'a'), '--integration', 'Shop API');
    expect(ids(byName)).toEqual([basic, ...own].sort());
    const byId = await report(world, join(folder, 'b'), '--integration', basic);
    expect(ids(byId)).toEqual(ids(byName));
    expect(await filesOf(join(folder, 'b'))).toEqual(await filesOf(join(folder, 'a')));
    const { Resources } = readTemplate((await filesOf(join(folder, 'a')))['template.yaml'] ?? '');
    const parents = Object.values(Resources).flatMap(
      ({ Properties = {} }) => Properties['IntegrationId'] ?? [],
    );
    expect(new Set(parents.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ Ref: 'ShopAPIIntegration' })]),
    );
  }));

test('one data action: its integration is a parameter, and the provider has to admit it', () =>
  inWorldWithFolder(async (world, folder) => {
    const { lambda, actions } = madeByHand(world);
    const found = await report(world, folder, '--action', 'Get order');
    expect(ids(found)).toEqual([actions[0]]);
    expect(found).toMatchObject({ code: 3, sharedIntegrationIds: [lambda] });
    const { Resources, Parameters } = readTemplate((await filesOf(folder))['template.yaml'] ?? '');
    expect(Object.keys(Resources)).toEqual(['GetOrder']);
    expect(Parameters['OrdersIntegrationId']).toMatchObject({ Default: lambda });
    world.containers.redeploy({ SHARED_INTEGRATION_IDS: lambda });
    for (const [arn, environment] of world.aws.functions)
      world.aws.functions.set(arn, { ...environment, SHARED_INTEGRATION_IDS: lambda });
    const admitted = await report(world, folder, '--action', 'Get order');
    expect(admitted).toMatchObject({ code: 0, sharedIntegrationIds: [] });
    world.genesys.resetCalls();
    const stack = await deploy(world, folder);
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(writes(world)).toEqual([]);
  }));

test('something of a named selection is left out: exit code 3', () =>
  inWorldWithFolder(async (world, folder) => {
    const { basic } = madeByHand(world);
    await draftByHand(world, 'Half done', basic);
    const found = await report(world, folder, '--integration', basic);
    expect(found).toMatchObject({ code: 3, skipped: [{ name: 'Half done' }], sharedIntegrationIds: [] });
  }));

test('a category: its data actions of all integrations', () =>
  inWorldWithFolder(async (world, folder) => {
    const { actions } = madeByHand(world);
    const found = await report(world, folder, '--category', 'Kunden: ${all}');
    expect(ids(found)).toEqual(actions.filter((_, index) => index % 3 === 1).sort());
  }));

test.each([
  [['--integration', 'Shop AP'], 'There is no integration "Shop AP". Did you mean "Shop API"?'],
  [['--action', 'Get ordr'], 'There is no data action "Get ordr". Did you mean "Get order"?'],
  [['--category', 'orders'], 'No data action has the category "orders". Did you mean "Orders"?'],
  [['--integration', 'Orders'], 'Several have the name "Orders": give the id of the integration, one of '],
  [['--stack', 'stak'], 'No stack stak manages an integration or a data action. Did you mean "stack"?'],
  [['--action', 'Half done'], 'The data action Half done is only a draft.'],
])('%j is refused in one line, and names the nearest', (args, line) =>
  inWorldWithFolder(async (world, folder) => {
    const { basic } = madeByHand(world);
    await draftByHand(world, 'Half done', basic);
    await world.cloudFormation.createStack('stack', webServices());
    const { code, out, problems } = await exported(world, ...args, '--output', folder);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(problems).toContain(`genesys-cloud-cfn: ${line}`);
    expect(problems.trim().split('\n')).toHaveLength(1);
    expect(await filesOf(folder)).toEqual({});
  }),
);

test('all: what no type can hold, and what a stack has already, is named with its reason', () =>
  inWorldWithFolder(async (world, folder) => {
    const { basic } = madeByHand(world);
    const { genesys, cloudFormation, integrationId } = world;
    await cloudFormation.createStack('mine', only(ACTION, action(world)));
    const seeded = genesys.seed({
      credentials: [{ typeName: 'userDefinedOAuth', fields: { clientId: 'a', clientSecret: 'CANARY' } }],
      integrationTypes: [{ id: 'widgets' }],
      integrations: [
        { name: 'Widgets', typeId: 'widgets' },
        { name: 'Functions', typeId: 'function-data-actions' },
      ],
      actions: [
        { id: 'static_-_1', name: 'Built in', integrationId },
        { id: `customAuth_-_${basic}`, name: 'Login', integrationId: basic },
        { name: 'Twice', integrationId: basic },
        { name: 'Twice', integrationId: basic },
        { name: 'Unfinished [0123456789ab]', integrationId: basic },
        { name: 'Resolved {{resolve:ssm:secret}}', integrationId: basic },
      ],
      keyConfigurations: [
        { url: 'arn:aws:kms:us-east-1:123456789012:alias/a', keyConfigurationType: 'KmsSymmetric' },
      ],
    });
    genesys.seed({ actions: [{ name: 'Code', integrationId: seeded.integrations[1] ?? '' }] });
    await draftByHand(world, 'Half done', basic);
    const { code, skipped, exported: all } = await report(world, folder, '--all');
    expect(code).toBe(0);
    expect(all).toHaveLength(7 + 50);
    const reasons = Object.fromEntries(skipped.map(({ name, reason }) => [name, reason]));
    expect(reasons).toEqual({
      Widgets: expect.stringContaining('is of the type widgets'),
      Functions: expect.stringContaining('is of the type function-data-actions'),
      'Built in': 'is built into Genesys Cloud, and nobody can change it',
      Login: expect.stringContaining('is the login of its integration'),
      Code: expect.stringContaining('runs code that Genesys Cloud keeps'),
      Twice: expect.stringContaining('in the same integration, and a stack can have only one'),
      'Unfinished [0123456789ab]': expect.stringContaining('ends in 12 hex digits'),
      'Resolved {{resolve:ssm:secret}}': expect.stringContaining('cannot be described'),
      'Half done': 'is only a draft: publish it in Genesys Cloud first',
      'Order status': 'belongs to mine/Thing already; --stack mine exports it',
      'arn:aws:kms:us-east-1:123456789012:alias/a': expect.stringContaining('Custom::GenesysRecordingKey'),
    });
    expect(skipped.filter(({ name }) => name === 'Twice')).toHaveLength(2);
  }));

test('what a stack has already, and is named: it is exported, with the owner, and no other stack gets it', () =>
  inWorldWithFolder(async (world, folder) => {
    const stack = await world.cloudFormation.createStack('mine', only(ACTION, action(world), 'Status'));
    const id = stack.resources['Status']?.physicalId ?? '';
    const found = await report(world, folder, '--action', id);
    expect(found.code).toBe(3);
    expect(found.exported).toMatchObject([{ id, logicalId: 'Status' }]);
    expect(found.notes).toMatchObject([
      { id, needsHand: true, note: expect.stringContaining('belongs to mine/Status already') },
    ]);
    const other = await deploy(world, folder, { stack: 'other' });
    expect(other.status).not.toBe('CREATE_COMPLETE');
    expect(world.remote(id)).toBeDefined();
  }));

test('nothing that can be exported: no file, and exit code 1', () =>
  inWorldWithFolder(async (world, folder) => {
    world.genesys.seed({
      actions: [{ id: 'static_-_1', name: 'Built in', integrationId: world.integrationId }],
    });
    const found = await report(world, join(folder, 'new'), '--action', 'Built in');
    expect(found).toMatchObject({ code: 1, exported: [], skipped: [{ id: 'static_-_1' }] });
    expect(await filesOf(folder)).toEqual({});
  }));

test('an integration that does not work is taken over as it is, and the report says so', () =>
  inWorldWithFolder(async (world, folder) => {
    const { integrationId: id, genesys } = world;
    // It has no credential, which Genesys Cloud sees when somebody enables it again.
    for (const intendedState of ['DISABLED', 'ENABLED'])
      await changeByHand(world, 'PATCH', `/api/v2/integrations/${id}`, { intendedState });
    const found = await report(world, folder, '--integration', id);
    expect(found).toMatchObject({ code: 0, notes: [{ id, needsHand: false }] });
    expect(found.notes[0]?.note).toContain('Genesys Cloud reports ERROR for it');
    genesys.resetCalls();
    const stack = await deploy(world, folder);
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(writes(world)).toEqual([]);
    expect(Object.values(stack.resources)[0]?.attributes).toMatchObject({ ReportedState: 'ERROR' });
  }));

/** Makes an action that is never published. */
const draftByHand = (world: World, name: string, integrationId: string) =>
  changeByHand(world, 'POST', '/api/v2/integrations/actions/drafts', {
    ...{ name, integrationId, category: 'Drafts' },
    contract: {
      input: { inputSchema: { type: 'object', properties: {} } },
      output: { successSchema: { type: 'object', properties: {} } },
    },
    config: { request: {}, response: {} },
  });

async function changeByHand(world: World, method: string, path: string, body: object): Promise<void> {
  const answer = await callByHand(world.genesys, method, path, body);
  if (!answer.ok) throw new Error(await answer.text());
}
