import { randomUUID } from 'node:crypto';
import {
  badRequest,
  type Call,
  type JsonObject,
  list,
  notFound,
  ok,
  page,
  param,
  type Route,
} from './http.ts';
import type { Client, Flow } from './store.ts';

/** The organization itself, its OAuth clients, and which flows use what. */
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
  {
    method: 'GET',
    template: '/api/v2/architect/dependencytracking/consumingresources',
    permissions: ['architect:dependencyTracking:view'],
    handle(call) {
      const { id } = tracked(call);
      const types = list(call.query, 'resourceType');
      const flows = consumers(call, id).filter(({ type }) => types.length === 0 || types.includes(type));
      return ok(
        page('/api/v2/architect/dependencytracking/consumingresources', call.query, flows.map(dependency)),
      );
    },
  },
  {
    method: 'GET',
    template: '/api/v2/architect/dependencytracking/object',
    permissions: ['architect:dependencyTracking:view'],
    handle(call) {
      const { id } = tracked(call);
      const action = call.organization.actions.get(id);
      if (action === undefined) throw notFound('tracked object', id);
      return ok({
        id,
        name: action.names.at(-1)?.name,
        version: String(action.published?.version ?? 1),
        type: 'DATAACTION',
        deleted: false,
        updated: false,
        stateUnknown: false,
        ...(call.query.get('consumingResources') === 'true'
          ? { consumingResources: consumers(call, id).map(dependency) }
          : {}),
      });
    },
  },
];

function clientOf(call: Call): Client {
  const id = param(call, 'clientId');
  const client = call.world.clients.get(id);
  if (client?.organizationId !== call.organization.id) throw notFound('OAuth client', id);
  return client;
}

/** Without the secret: only its creation and its reset show it. */
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

function tracked(call: Call): { id: string } {
  const id = call.query.get('id');
  const objectType = call.query.get('objectType');
  if (id === null) throw badRequest('id is required', 'missing.query.parameter');
  if (objectType !== 'DATAACTION')
    throw badRequest(`objectType ${objectType ?? '(missing)'} is not tracked here; DATAACTION is`);
  return { id };
}

const consumers = (call: Call, actionId: string): Flow[] =>
  call.organization.flows.filter((flow) => flow.actionId === actionId);

function dependency(flow: Flow): JsonObject {
  return {
    id: flow.id,
    name: flow.name,
    version: flow.version,
    type: flow.type,
    deleted: false,
    updated: false,
    stateUnknown: false,
    selfUri: `/api/v2/flows/${flow.id}`,
  };
}
