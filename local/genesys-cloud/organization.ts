import { randomUUID } from 'node:crypto';
import { notFound } from './errors.ts';
import { type Call, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Client } from './store.ts';

/** The organization itself and its OAuth clients. */
export const organizationRoutes: Route[] = [
  {
    method: 'GET',
    template: '/api/v2/organizations/me',
    permissions: [],
    handle: ({ organization }) =>
      ok({
        id: organization.id,
        name: organization.name,
        defaultLanguage: 'en-us',
        defaultCountryCode: 'US',
        thirdPartyOrgName: organization.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
        domain: 'genesys-cloud.example',
        version: 1,
        state: 'active',
        features: {},
        productPlatform: 'PureCloud',
        selfUri: '/api/v2/organizations/me',
      }),
  },
  {
    method: 'GET',
    template: '/api/v2/oauth/clients/{clientId}',
    permissions: ['oauth:client:view'],
    handle: (call) => ok(clientEntity(clientOf(call))),
  },
  {
    method: 'POST',
    template: '/api/v2/oauth/clients/{clientId}/secret',
    permissions: ['oauth:client:edit'],
    handle(call) {
      const client = clientOf(call);
      client.secret = randomUUID();
      if (call.settings.behaviour.tokensAfterSecretReset === 'revoked')
        for (const token of [...call.world.tokens.values()])
          if (token.clientId === client.id) call.world.tokens.delete(token.value);
      return ok({ ...clientEntity(client), secret: client.secret });
    },
  },
];

function clientOf(call: Call): Client {
  const id = param(call, 'clientId');
  const client = call.world.clients.get(id);
  if (client?.organizationId !== call.organization.id) throw notFound('OAuth client', id);
  return client;
}

/** A client without its secret. Only the answers to its creation and to a reset have the secret. */
function clientEntity(client: Client): JsonObject {
  return {
    id: client.id,
    name: client.id,
    authorizedGrantType: 'CLIENT-CREDENTIALS',
    accessTokenValiditySeconds: client.tokenSeconds ?? 86_400,
    state: 'active',
    roleDivisions: [],
    selfUri: `/api/v2/oauth/clients/${client.id}`,
  };
}
