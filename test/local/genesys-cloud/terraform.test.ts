import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { type Caller, callerOf } from './support.ts';

// The calls of Genesys' Terraform provider (MyPureCloud/terraform-provider-genesyscloud 1.84.1), in its order.
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
