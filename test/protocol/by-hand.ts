import { firstInputs } from './inputs.ts';
import type { World } from './world.ts';

/** A call to Genesys Cloud that a person makes, without the provider. */
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

/** Secrets in a data action that somebody made. The provider may pass none of them on. */
export const SECRETS = ['CANARY-header', 'CANARY-url', 'CANARY-template', 'CANARY-success'];

/**
 * Makes a data action as a person would, with secrets in it. Contract and name are those of the first inputs.
 * Answers its id.
 */
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
            // A template that is valid JSON stays text.
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
