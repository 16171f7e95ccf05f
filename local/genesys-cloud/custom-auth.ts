import type { Integration, Organization } from './store.ts';

export const customAuthId = (integrationId: string): string => `customAuth_-_${integrationId}`;

/**
 * Makes or removes the action that gets the token for a `userDefinedOAuth` credential. Genesys Cloud does
 * this by itself (Terraform provider, guide "custom auth action").
 */
export function keepCustomAuthAction(
  organization: Organization,
  integration: Integration,
  now: number,
): void {
  const id = customAuthId(integration.id);
  const credential = organization.credentials.get(integration.config.credentials['basicAuth'] ?? '');
  const wanted = integration.typeId === 'custom-rest-actions' && credential?.typeName === 'userDefinedOAuth';
  if (!wanted) organization.actions.delete(id);
  else if (!organization.actions.has(id)) {
    const name = `${integration.config.name} custom auth`;
    organization.actions.set(id, {
      id,
      integrationId: integration.id,
      createdAt: now,
      names: [{ name, at: now }],
      draft: undefined,
      published: {
        version: 1,
        name,
        category: integration.config.name,
        secure: true,
        config: {
          request: {
            requestUrlTemplate: '${credentials.loginUrl}',
            requestType: 'POST',
            requestTemplate: 'grant_type=client_credentials',
            headers: {
              Authorization: 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
              'Content-Type': 'application/x-www-form-urlencoded',
            },
          },
          response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
        },
        contract: {
          input: { inputSchema: { type: 'object', properties: {} } },
          output: { successSchema: { type: 'object', additionalProperties: true } },
        },
      },
    });
  }
}
