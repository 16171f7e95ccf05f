import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { type Caller, callerOf } from './support.ts';

// "Requires ANY permissions" of the JavaScript SDK's documentation (build/docs, 259.0.0).
const viewIntegration = ['integrations:integration:view'];
const viewAction = ['integrations:action:view', 'bridge:actions:view'];
const execute = ['integrations:action:execute', 'bridge:actions:execute'];
const viewKey = ['recording:encryptionKey:view'];
const editKey = ['recording:encryptionKey:edit'];

const table: [method: string, path: string, anyOf: string[]][] = [
  ['GET', '/integrations', viewIntegration],
  ['GET', '/integrations/x', viewIntegration],
  ['GET', '/integrations/x/config/current', viewIntegration],
  ['GET', '/integrations/types', viewIntegration],
  ['GET', '/integrations/types/x', viewIntegration],
  ['GET', '/integrations/types/x/configschemas/properties', viewIntegration],
  ['GET', '/integrations/credentials', viewIntegration],
  ['GET', '/integrations/credentials/x', viewIntegration],
  ['GET', '/integrations/credentials/listing', viewIntegration],
  ['GET', '/integrations/credentials/types', viewIntegration],
  ['POST', '/integrations', ['integrations:integration:add']],
  ['POST', '/integrations/credentials', ['integrations:integration:add']],
  ['PATCH', '/integrations/x', ['integrations:integration:edit']],
  ['PUT', '/integrations/x/config/current', ['integrations:integration:edit']],
  ['PUT', '/integrations/credentials/x', ['integrations:integration:edit']],
  ['DELETE', '/integrations/x', ['integrations:integration:delete']],
  ['DELETE', '/integrations/credentials/x', ['integrations:integration:delete']],
  ['GET', '/integrations/actions', viewAction],
  ['GET', '/integrations/actions/x', viewAction],
  ['GET', '/integrations/actions/x/templates/x', viewAction],
  ['GET', '/integrations/actions/x/schemas/x', viewAction],
  ['GET', '/integrations/actions/categories', viewAction],
  ['GET', '/integrations/actions/drafts', viewAction],
  ['GET', '/integrations/actions/x/draft', viewAction],
  ['GET', '/integrations/actions/x/draft/templates/x', viewAction],
  ['GET', '/integrations/actions/x/draft/schemas/x', viewAction],
  ['POST', '/integrations/actions', ['integrations:action:add']],
  ['POST', '/integrations/actions/drafts', ['integrations:action:add']],
  ['PATCH', '/integrations/actions/x', ['integrations:action:edit']],
  ['POST', '/integrations/actions/x/draft', ['integrations:action:edit']],
  ['PATCH', '/integrations/actions/x/draft', ['integrations:action:edit']],
  ['POST', '/integrations/actions/x/draft/publish', ['integrations:action:edit']],
  ['GET', '/integrations/actions/x/draft/validation', ['integrations:action:edit']],
  ['DELETE', '/integrations/actions/x', ['integrations:action:delete']],
  ['DELETE', '/integrations/actions/x/draft', ['integrations:action:delete']],
  ['POST', '/integrations/actions/x/test', execute],
  ['POST', '/integrations/actions/x/execute', execute],
  ['POST', '/integrations/actions/x/draft/test', ['integrations:action:execute']],
  ['GET', '/recording/keyconfigurations', viewKey],
  ['GET', '/recording/keyconfigurations/x', viewKey],
  ['GET', '/recording/recordingkeys', viewKey],
  ['GET', '/recording/recordingkeys/rotationschedule', viewKey],
  ['POST', '/recording/keyconfigurations', editKey],
  ['PUT', '/recording/keyconfigurations/x', editKey],
  ['POST', '/recording/keyconfigurations/validate', editKey],
  ['POST', '/recording/recordingkeys', editKey],
  ['PUT', '/recording/recordingkeys/rotationschedule', editKey],
  ['GET', '/conversations/keyconfigurations', ['conversation:encryptionKey:view']],
  ['GET', '/conversations/keyconfigurations/x', ['conversation:encryptionKey:view']],
  ['POST', '/conversations/keyconfigurations', ['conversation:encryptionKey:edit']],
  ['PUT', '/conversations/keyconfigurations/x', ['conversation:encryptionKey:edit']],
  ['POST', '/conversations/keyconfigurations/validate', ['conversation:encryptionKey:edit']],
  ['GET', '/integrations/actions/x/function', ['integrations:actionFunction:view']],
  ['GET', '/integrations/actions/x/draft/function', ['integrations:actionFunction:view']],
  ['PUT', '/integrations/actions/x/draft/function', ['integrations:actionFunction:edit']],
  ['POST', '/integrations/actions/x/draft/function/upload', ['integrations:actionFunction:edit']],
  ['GET', '/oauth/clients', ['oauth:client:view']],
  ['POST', '/oauth/clients', ['oauth:client:add']],
  ['GET', '/oauth/clients/x', ['oauth:client:view']],
  ['PUT', '/oauth/clients/x', ['oauth:client:edit']],
  ['DELETE', '/oauth/clients/x', ['oauth:client:delete']],
  ['POST', '/oauth/clients/x/secret', ['oauth:client:edit']],
  ['GET', '/authorization/roles', ['authorization:role:view']],
  ['GET', '/integrations/actions/certificates', ['integrations:actionCertificate:view']],
  ['GET', '/integrations/actions/certificates/truststore', ['integrations:actionCertificate:view']],
  ['GET', '/integrations/actions/functions/runtimes', ['integrations:actionFunction:view']],
  ['GET', '/architect/dependencytracking/consumingresources', ['architect:dependencyTracking:view']],
  ['GET', '/architect/dependencytracking/object', ['architect:dependencyTracking:view']],
  ['GET', '/architect/dependencytracking/build', ['architect:dependencyTracking:view']],
];

let server: GenesysCloudServer;
let nobody: Caller;
beforeAll(async () => {
  server = await startGenesysCloud({ clients: [{ id: 'nobody', secret: 's', permissions: [] }] });
  nobody = await callerOf(server);
});
afterAll(() => server.close());

test.each(table)('%s %s needs %j', async (method, path, anyOf) => {
  const refused = await nobody(method, path);
  expect(refused.status).toBe(403);
  expect(refused.body.messageParams.permissions).toBe(anyOf.join(', '));
  for (const permission of anyOf) {
    server.seed({ clients: [{ id: permission, secret: 's', permissions: [permission] }] });
    const somebody = await callerOf(server, { id: permission, secret: 's' });
    expect((await somebody(method, path)).status).not.toBe(403);
  }
});

test.each(['/organizations/me', '/authorization/products', '/authorization/subjects/me', '/tokens/me'])(
  '%s needs none',
  async (path) => {
    expect((await nobody('GET', path)).status).toBe(200);
  },
);

test('a client gets the permissions of its roles as policies', async () => {
  server.seed({ clients: [{ id: 'two', secret: 's', permissions: ['integrations:action:view', '*'] }] });
  const client = await callerOf(server, { id: 'two', secret: 's' });
  const { body } = await client('GET', '/authorization/subjects/me');
  expect(body).toMatchObject({
    id: 'two',
    grants: [
      {
        role: {
          policies: [
            { domain: 'integrations', entityName: 'action', actions: ['view'] },
            { domain: '*', entityName: '*', actions: ['*'] },
          ],
        },
      },
    ],
  });
});
