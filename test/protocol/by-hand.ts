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
