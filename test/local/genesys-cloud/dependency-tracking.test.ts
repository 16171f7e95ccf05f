import type { Models } from 'purecloud-platform-client-v2';
import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { actionBody, type Caller, callerOf, integrationBy } from './support.ts';

let server: GenesysCloudServer;
let call: Caller;
let integrationId: string;

beforeEach(async () => {
  server = await startGenesysCloud();
  call = await callerOf(server);
  integrationId = await integrationBy(call);
});
afterEach(() => server.close());

const actionId = async (over = {}): Promise<string> =>
  (await call('POST', '/integrations/actions', actionBody(integrationId, over))).body.id;
const consumers = (query: Record<string, string>) =>
  call('GET', `/architect/dependencytracking/consumingresources?${new URLSearchParams(query)}`);
const names = async (query: Record<string, string>): Promise<string[]> =>
  (await consumers(query)).body.entities.map(({ name }: Models.Dependency) => name);

test('what uses an action is found by its id and type, page by page', async () => {
  const id = await actionId();
  expect((await consumers({ id, objectType: 'DATAACTION' })).body).toMatchObject({ total: 0, entities: [] });
  server.seed({
    flows: [
      { name: 'Main menu', actionId: id },
      { name: 'Agent script', actionId: id, type: 'COMPOSERSCRIPT' },
      { name: 'Of another action', actionId: 'another' },
    ],
  });
  expect((await consumers({ id, objectType: 'DATAACTION' })).body.entities).toMatchObject([
    { name: 'Main menu', type: 'INBOUNDCALLFLOW', version: '1.0', deleted: false },
    { name: 'Agent script', type: 'COMPOSERSCRIPT' },
  ]);
  expect(await names({ id, objectType: 'DATAACTION', pageSize: '1', pageNumber: '2' })).toEqual([
    'Agent script',
  ]);
  expect(await names({ id, objectType: 'DATAACTION', resourceType: 'COMPOSERSCRIPT' })).toEqual([
    'Agent script',
  ]);
  expect(await names({ id, objectType: 'SECUREACTION' })).toEqual([]);
});

test.each([
  ['flows', ['Main menu', 'Agent script']],
  ['everything', ['Main menu']],
] as const)('flowFilter=published of %s leaves unpublished versions out', async (flowFilter, expected) => {
  const id = await actionId();
  server.settings({ behaviour: { flowFilter } });
  server.seed({
    flows: [
      { name: 'Main menu', actionId: id, version: '3.0' },
      { name: 'Main menu', actionId: id, version: '2.0', published: false },
      { name: 'Agent script', actionId: id, type: 'COMPOSERSCRIPT' },
    ],
  });
  expect(await names({ id, objectType: 'DATAACTION', flowFilter: 'published' })).toEqual(expected);
  expect(await names({ id, objectType: 'DATAACTION' })).toHaveLength(3);
});

test.each([
  ['all', ['1.0', '2.0']],
  ['newest', ['2.0']],
] as const)('of the versions of an object it lists: %s', async (trackedVersions, expected) => {
  const id = await actionId();
  server.settings({ behaviour: { trackedVersions } });
  server.seed({
    flows: ['1.0', '2.0'].map((version) => ({ id: 'agent', name: 'Agent', actionId: id, version })),
  });
  const { body } = await consumers({ id, objectType: 'DATAACTION' });
  expect(body.entities.map(({ version }: Models.Dependency) => version)).toEqual(expected);
});

test('an action and its integration can be deleted while a flow uses the action', async () => {
  const id = await actionId();
  server.seed({ flows: [{ name: 'Main menu', actionId: id }] });
  expect((await call('DELETE', `/integrations/actions/${id}`)).status).toBe(204);
  const other = await actionId();
  server.seed({ flows: [{ name: 'Main menu', actionId: other }] });
  expect((await call('DELETE', `/integrations/${integrationId}`)).status).toBe(200);
});

test.each(['SECUREACTION', 'DATAACTION'] as const)(
  'a secure action is known as %s',
  async (secureActionType) => {
    server.settings({ behaviour: { secureActionType } });
    const id = await actionId({ secure: true });
    server.seed({ flows: [{ name: 'Pay', actionId: id, type: 'SECURECALLFLOW' }] });
    for (const objectType of ['SECUREACTION', 'DATAACTION'])
      expect(await names({ id, objectType })).toEqual(objectType === secureActionType ? ['Pay'] : []);
    const object = await call('GET', `/architect/dependencytracking/object?id=${id}`);
    expect(object.body.type).toBe(secureActionType);
  },
);

test('an index that is not up to date says so', async () => {
  const build = async () => (await call('GET', '/architect/dependencytracking/build')).body.status;
  const id = await actionId();
  expect(await build()).toBe('OPERATIONAL');
  expect((await consumers({ id, objectType: 'DATAACTION' })).status).toBe(200);
  server.settings({ dependencyTracking: 'BUILDINPROGRESS' });
  expect(await build()).toBe('BUILDINPROGRESS');
  expect((await consumers({ id, objectType: 'DATAACTION' })).status).toBe(206);
});

test.each<[string, Record<string, string>]>([
  ['no id', { objectType: 'DATAACTION' }],
  ['no type', { id: 'x' }],
  ['an unknown type', { id: 'x', objectType: 'ACTION' }],
  ['an unknown type of consumers', { id: 'x', objectType: 'DATAACTION', resourceType: 'FLOW' }],
  ['an unknown filter', { id: 'x', objectType: 'DATAACTION', flowFilter: 'saved' }],
])('%s is refused', async (_, query) => {
  expect((await consumers(query)).status).toBe(400);
});
