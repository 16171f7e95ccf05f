import type { GenesysCloudServer } from '../../local/genesys-cloud/index.ts';
import { firstInputs } from '../../local/provider/inputs.ts';
import type { World } from '../../local/provider/world.ts';

/** A call to Genesys Cloud that a person makes, without the provider. @throws Error when it is refused */
export async function byHand(world: World, method: string, path: string): Promise<void> {
  const status = await statusByHand(world, method, path);
  if (status >= 400) throw new Error(`${method} ${path} answered ${status}`);
}

/**
 * Deletes an object of any type as a person would. The provider's own calls tell its path.
 * @throws Error when they tell none or several, or when the object is still there
 */
export async function deleteByHand(world: World, id: string): Promise<void> {
  const path = await pathOf(world, id);
  await byHand(world, 'DELETE', path);
  if (world.remote(id) !== undefined) throw new Error(`${path} is still there after its DELETE`);
}

/** Whether Genesys Cloud knows no DELETE for an object: it answers 405. */
export async function refusesDelete(world: World, id: string): Promise<boolean> {
  return (await statusByHand(world, 'DELETE', await pathOf(world, id))) === 405;
}

/** The path of an object: below a collection to which the provider has posted, and readable there. */
async function pathOf(world: World, id: string): Promise<string> {
  const posts = world.genesys.calls().filter(({ method }) => method === 'POST');
  const found: string[] = [];
  for (const collection of new Set(posts.map(({ path }) => path))) {
    const path = `${collection}/${id}`;
    if ((await statusByHand(world, 'GET', path)) === 200) found.push(path);
  }
  const [path, ...others] = found;
  if (path === undefined || others.length > 0)
    throw new Error(`the path of ${id} is not clear: ${found.join(', ') || 'none can be read'}`);
  return path;
}

const statusByHand = async ({ genesys }: World, method: string, path: string): Promise<number> =>
  (await callByHand(genesys, method, path)).status;

/** A call as an administrator would make it, past the provider. */
export async function callByHand(
  genesys: Pick<GenesysCloudServer, 'url' | 'clientId' | 'clientSecret'>,
  method: string,
  path: string,
  body?: object,
): Promise<Response> {
  const basic = Buffer.from(`${genesys.clientId}:${genesys.clientSecret}`).toString('base64');
  const login = await fetch(`${genesys.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return fetch(`${genesys.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
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
