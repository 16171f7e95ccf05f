import {
  type GenesysCloudServer,
  realisticDelays,
  startGenesysCloud,
} from '../../../local/genesys-cloud/index.ts';
import { type Caller, callerOf, integrationBy } from './support.ts';

// The calls of Genesys' Terraform provider (MyPureCloud/terraform-provider-genesyscloud 1.84.1), in its
// order.
let server: GenesysCloudServer;
let call: Caller;
beforeEach(async () => {
  server = await startGenesysCloud();
  call = await callerOf(server);
});
afterEach(() => server.close());

test('its start reads the products, of which it needs a total and ids', async () => {
  const { status, body } = await call('GET', '/authorization/products');
  expect(status).toBe(200);
  expect(body.entities.length).toBe(body.total);
  for (const { id } of body.entities) expect(id).toEqual(expect.any(String));
});

test('its list of credentials goes on after the id of the last one, until a page is empty', async () => {
  const { credentials } = server.seed({
    credentials: [1, 2, 3].map((number) => ({
      name: `Credential ${number}`,
      typeName: 'userDefined',
      fields: {},
    })),
  });
  const found: string[] = [];
  let after = '';
  for (;;) {
    const { status, body } = await call(
      'GET',
      `/integrations/credentials/listing?before=&after=${after}&pageSize=2`,
    );
    expect(status).toBe(200);
    if (body.entities.length === 0) break;
    found.push(...body.entities.map(({ id }: { id: string }) => id));
    after = found.at(-1) ?? '';
  }
  expect(found).toEqual(credentials);
});

test('the configuration of an integration is there right after its POST and gone right after its DELETE', async () => {
  server.settings({ delays: realisticDelays });
  const id = await integrationBy(call);
  expect((await call('GET', `/integrations/${id}`)).status).toBe(404);
  const { status, body } = await call('GET', `/integrations/${id}/config/current`);
  expect(status).toBe(200);
  expect(body.version).toBe(1);
  await call('DELETE', `/integrations/${id}`);
  expect((await call('GET', `/integrations/${id}/config/current`)).status).toBe(404);
});
