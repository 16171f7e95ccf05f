import { randomUUID } from 'node:crypto';
import { badRequest, notFound } from './errors.ts';
import { type Call, noContent, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { page } from './listing.ts';
import { type Client, endTokens } from './store.ts';

const base = '/api/v2/oauth/clients';
const tokensMe = '/api/v2/tokens/me';

/** OAuth clients, and the token of the caller. */
export const oauthClientRoutes: Route[] = [
  {
    method: 'GET',
    template: base,
    permissions: ['oauth:client:view'],
    handle(call) {
      const own = [...call.world.clients.values()].filter(
        ({ organizationId }) => organizationId === call.organization.id,
      );
      return ok(page(base, call.query, own.map(entity)));
    },
  },
  {
    method: 'POST',
    template: base,
    permissions: ['oauth:client:add'],
    body: 'OAuthClientRequest',
    handle(call) {
      const client = newClient(call);
      call.world.clients.set(client.id, client);
      return ok({ ...entity(client), secret: client.secret });
    },
  },
  {
    method: 'GET',
    template: `${base}/{clientId}`,
    permissions: ['oauth:client:view'],
    handle: (call) => ok(entity(clientOf(call))),
  },
  {
    method: 'POST',
    template: `${base}/{clientId}/secret`,
    permissions: ['oauth:client:edit'],
    handle(call) {
      const client = clientOf(call);
      client.secret = randomUUID();
      if (call.settings.behaviour.tokensAfterSecretReset === 'revoked') endTokens(call.world, client.id);
      return ok({ ...entity(client), secret: client.secret });
    },
  },
  {
    method: 'GET',
    template: tokensMe,
    permissions: [],
    handle({ organization, client }) {
      const { id, name } = organization;
      return ok({
        organization: { id, name },
        homeOrganization: { id, name },
        authorizedScope: [],
        OAuthClient: { ...summary(client), organization: { id, name } },
      });
    },
  },
  { method: 'HEAD', template: tokensMe, permissions: [], handle: () => ({ status: 200 }) },
  {
    method: 'DELETE',
    template: tokensMe,
    permissions: [],
    handle({ world, token }) {
      world.tokens.delete(token.value);
      return noContent;
    },
  },
];

interface ClientRequest {
  name: string;
  description?: string;
  authorizedGrantType: string;
  accessTokenValiditySeconds?: number;
  roleDivisions?: { roleId: string; divisionId: string }[];
}

function newClient(call: Call): Client {
  const { organization } = call;
  const body = call.body as ClientRequest;
  const { roleDivisions = [] } = body;
  // "Roles must be set for clients using the CLIENT-CREDENTIALS grant" (Terraform provider, schema of
  // oauth_client).
  if (body.authorizedGrantType === 'CLIENT-CREDENTIALS' && roleDivisions.length === 0)
    throw badRequest('A client for CLIENT-CREDENTIALS needs roleDivisions', 'invalid.roles');
  const roles = roleDivisions.map(({ roleId }) => {
    const role = organization.roles.get(roleId);
    if (role === undefined) throw badRequest(`There is no role ${roleId}`, 'invalid.roles');
    return role;
  });
  const window = { startedAt: call.fixed.clock.now(), count: 0 };
  return {
    id: randomUUID(),
    name: body.name,
    description: body.description,
    grantType: body.authorizedGrantType,
    secret: randomUUID(),
    organizationId: organization.id,
    roleDivisions,
    permissions: roles.flatMap(({ permissions }) => permissions),
    tokenSeconds: body.accessTokenValiditySeconds,
    logins: { ...window },
    requests: { ...window },
  };
}

function clientOf(call: Call): Client {
  const id = param(call, 'clientId');
  const client = call.world.clients.get(id);
  if (client?.organizationId !== call.organization.id) throw notFound('OAuth client', id);
  return client;
}

/** A client without its secret. Only the answers to its creation and to a reset have the secret. */
function entity(client: Client): JsonObject {
  return {
    ...summary(client),
    ...(client.description === undefined ? {} : { description: client.description }),
    accessTokenValiditySeconds: client.tokenSeconds ?? 86_400,
    selfUri: `${base}/${client.id}`,
  };
}

/** The part of a client that the answer about its token has too. */
function summary({ id, name, grantType, roleDivisions }: Client): JsonObject {
  return { id, name, authorizedGrantType: grantType, scope: [], state: 'active', roleDivisions };
}
