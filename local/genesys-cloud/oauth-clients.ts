import { randomUUID } from 'node:crypto';
import { refuseYoung, rememberDeleted, stillShown } from './consistency.ts';
import { ApiError, badRequest, notFound } from './errors.ts';
import { type Call, noContent, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { page } from './listing.ts';
import { holds } from './oauth.ts';
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
    handle: (call) => ok(stillShown(call, param(call, 'clientId')) ?? entity(clientOf(call))),
  },
  {
    method: 'PUT',
    template: `${base}/{clientId}`,
    permissions: ['oauth:client:edit'],
    body: 'OAuthClientRequest',
    handle(call) {
      const client = clientToEdit(call);
      Object.assign(client, requested(call));
      return ok(entity(client));
    },
  },
  {
    method: 'DELETE',
    template: `${base}/{clientId}`,
    permissions: ['oauth:client:delete'],
    handle(call) {
      const client = clientOf(call);
      rememberDeleted(call, client.id, entity(client));
      endTokens(call.world, client.id);
      call.world.clients.delete(client.id);
      return noContent;
    },
  },
  {
    method: 'POST',
    template: `${base}/{clientId}/secret`,
    permissions: ['oauth:client:edit'],
    handle(call) {
      const client = clientToEdit(call);
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
  const madeAt = call.fixed.clock.now();
  const window = { startedAt: madeAt, count: 0 };
  return {
    id: randomUUID(),
    secret: randomUUID(),
    organizationId: call.organization.id,
    ...requested(call),
    madeAt,
    logins: { ...window },
    requests: { ...window },
  };
}

type Requested = 'name' | 'description' | 'grantType' | 'roleDivisions' | 'permissions' | 'tokenSeconds';

/** The part of a client that a request writes. A PUT replaces all of it. */
function requested(call: Call): Pick<Client, Requested> {
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
  return {
    name: body.name,
    description: body.description,
    grantType: body.authorizedGrantType,
    roleDivisions,
    permissions: roles.flatMap(({ permissions }) => permissions),
    tokenSeconds: body.accessTokenValiditySeconds,
  };
}

function clientOf(call: Call): Client {
  const id = param(call, 'clientId');
  const client = call.world.clients.get(id);
  if (client?.organizationId !== call.organization.id) throw notFound('OAuth client', id);
  if (client.madeAt !== undefined) refuseYoung(call, 'OAuth client', id, client.madeAt);
  return client;
}

/**
 * The client of a call that edits it. Prerequisites are the permission, and "the same roles as the OAuth
 * Client you plan to edit" (Genesys Cloud help, p=188025). Clients of a test have permissions without roles.
 */
function clientToEdit(call: Call): Client {
  const client = clientOf(call);
  if (call.settings.behaviour.clientEditNeeds === 'permission') return client;
  const own = call.client;
  const hasRoles = client.roleDivisions.every(({ roleId }) =>
    own.roleDivisions.some((held) => held.roleId === roleId),
  );
  const hasPermissions = client.permissions.every((wanted) => holds(own, wanted));
  if (client.roleDivisions.length > 0 ? hasRoles || hasPermissions : hasPermissions) return client;
  throw new ApiError(403, 'not.authorized', 'You must have the roles of the OAuth client to edit it.');
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
