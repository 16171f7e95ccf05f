import { firstInputs } from './inputs.ts';
import type { World } from './world.ts';

/** What somebody does in Genesys Cloud beside the provider. */
export async function byHand({ genesys }: World, method: string, path: string): Promise<void> {
  const basic = Buffer.from(`${genesys.clientId}:${genesys.clientSecret}`).toString('base64');
  const login = await fetch(`${genesys.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const response = await fetch(`${genesys.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
}

/** What stands in a data action that somebody made, and may leave the provider in no form. */
export const SECRETS = ['CANARY-header', 'CANARY-url', 'CANARY-template', 'CANARY-success'];

/** A data action that somebody has made, with secrets in it, of the contract and name of the first inputs; its id. */
export function actionByHand(world: World, extra = {}): string {
  const { Contract } = firstInputs('Custom::GenesysDataAction').create.properties as {
    Contract?: { Input: object; Output: object };
  };
  const seeded = world.genesys.seed({
    actions: [
      {
        name: 'Order status',
        integrationId: world.integrationId,
        category: 'By hand',
        contract: {
          input: { inputSchema: { ...Contract?.Input } },
          output: { successSchema: { ...Contract?.Output } },
        },
        config: {
          timeoutSeconds: 7,
          request: {
            requestUrlTemplate: 'https://example.com/?key=CANARY-url',
            requestType: 'PUT',
            // JSON, and text all the same.
            requestTemplate: '{"by": "hand", "token": "CANARY-template"}',
            headers: { 'x-api-key': 'CANARY-header' },
          },
          response: {
            translationMap: { status: '$.status' },
            translationMapDefaults: { status: '"none"' },
            successTemplate: '{"status": ${status}, "token": "CANARY-success"}',
          },
        },
        ...extra,
      },
    ],
  });
  return seeded.actions[0] ?? '';
}
