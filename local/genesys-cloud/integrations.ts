import { randomUUID } from 'node:crypto';
import { beginActivation, settleState } from './activation.ts';
import { deleteAction, noSuch, refuseYoung, rememberDeleted, stillShown } from './consistency.ts';
import { keepCustomAuthAction } from './custom-auth.ts';
import { badRequest, notFound } from './errors.ts';
import { type Call, ok, param, type Route } from './http.ts';
import type { IntegrationType } from './integration-types.ts';
import type { JsonObject } from './json.ts';
import { list, page, sorted } from './listing.ts';
import type { Integration, IntegrationConfig, IntendedState } from './store.ts';
import { compile } from './validation.ts';
import { checkVersion } from './versions.ts';

const view = ['integrations:integration:view'];
const edit = ['integrations:integration:edit'];
const base = '/api/v2/integrations';
/** The help pages of Genesys give 1 to 999. */
const maximumPageSize = 999;

export const integrationRoutes: Route[] = [
  { method: 'GET', template: base, permissions: view, handle: listIntegrations },
  {
    method: 'POST',
    template: base,
    permissions: ['integrations:integration:add'],
    body: 'CreateIntegrationRequest',
    handle: createIntegration,
  },
  {
    method: 'GET',
    template: `${base}/types`,
    permissions: view,
    handle: (call) =>
      ok(page(`${base}/types`, call.query, [...call.world.integrationTypes.values()].map(typeEntity))),
  },
  {
    method: 'GET',
    template: `${base}/types/{typeId}`,
    permissions: view,
    handle: (call) => ok(typeEntity(typeOf(call, param(call, 'typeId')))),
  },
  {
    method: 'GET',
    template: `${base}/types/{typeId}/configschemas/{configType}`,
    permissions: view,
    handle(call) {
      const type = typeOf(call, param(call, 'typeId'));
      const configType = param(call, 'configType');
      if (configType === 'properties') return ok(type.propertiesSchema);
      if (configType === 'advanced') return ok(type.advancedSchema);
      throw notFound('configuration schema', configType);
    },
  },
  {
    method: 'GET',
    template: `${base}/{integrationId}`,
    permissions: view,
    async handle(call) {
      const gone = stillShown(call, param(call, 'integrationId'));
      if (gone !== undefined) return ok(gone);
      const integration = integrationOf(call);
      refuseYoung(call, 'integration', integration.id, integration.createdAt);
      await settleState(call, call.organization, integration);
      return ok(entity(call, integration));
    },
  },
  {
    method: 'PATCH',
    template: `${base}/{integrationId}`,
    permissions: edit,
    body: 'Integration',
    async handle(call) {
      const integration = integrationOf(call);
      const { intendedState } = call.body as { intendedState: IntendedState };
      if (intendedState === 'DELETED' || intendedState === 'RESTORED')
        throw badRequest(`An integration is deleted by DELETE, not by intendedState ${intendedState}`);
      if (intendedState !== integration.intendedState) {
        integration.intendedState = intendedState;
        beginActivation(call, integration);
      }
      await settleState(call, call.organization, integration);
      return ok(entity(call, integration));
    },
  },
  {
    method: 'DELETE',
    template: `${base}/{integrationId}`,
    permissions: ['integrations:integration:delete'],
    handle(call) {
      const integration = integrationOf(call);
      const shown = entity(call, integration);
      rememberDeleted(call, integration.id, shown);
      call.organization.integrations.delete(integration.id);
      // "Parent integration was probably deleted which caused the action to be deleted" (Terraform provider,
      // integration_action, delete)
      for (const action of [...call.organization.actions.values()])
        if (action.integrationId === integration.id) deleteAction(call, action);
      return ok({ ...shown, intendedState: 'DELETED' });
    },
  },
  {
    method: 'GET',
    template: `${base}/{integrationId}/config/current`,
    permissions: view,
    // Never late: Genesys' Terraform provider reads it right after the POST, without a retry of a 404
    // (genesyscloud/integration, createIntegration), and would fail for everybody.
    handle: (call) => ok(configEntity(call, integrationOf(call))),
  },
  {
    method: 'PUT',
    template: `${base}/{integrationId}/config/current`,
    permissions: edit,
    body: 'IntegrationConfiguration',
    handle: putConfig,
  },
];

async function listIntegrations(call: Call) {
  const { organization, query } = call;
  const ids = list(query, 'ids');
  if (ids.length > 100) throw badRequest('ids: at most 100', 'invalid.query.parameter');
  const typeId = query.get('integrationType');
  const credentialId = query.get('credentialId');
  // "Filter integrations by reported state (case-insensitive)" (Python SDK, get_integrations).
  const reportedState = query.get('reportedState')?.toUpperCase();
  const all = [...organization.integrations.values()].filter(
    (integration) =>
      (ids.length === 0 || ids.includes(integration.id)) &&
      (typeId === null || integration.typeId === typeId) &&
      (credentialId === null || Object.values(integration.config.credentials).includes(credentialId)),
  );
  await Promise.all(all.map((integration) => settleState(call, organization, integration)));
  const found = all.filter(
    (integration) => reportedState === undefined || integration.reported.code === reportedState,
  );
  return ok(
    page(
      base,
      query,
      sorted(
        query,
        found.map((integration) => ({ id: integration.id, name: integration.config.name, integration })),
      ).map(({ integration }) => entity(call, integration)),
      maximumPageSize,
    ),
  );
}

function createIntegration(call: Call) {
  const body = call.body as { name?: string; integrationType: { id: string } };
  const type = call.world.integrationTypes.get(body.integrationType.id);
  if (type === undefined)
    throw badRequest(`There is no integration type ${body.integrationType.id}`, 'invalid.integration.type');
  const integration = newIntegration(type, body.name ?? type.name, call.fixed.clock.now());
  if (call.settings.behaviour.newIntegrationState === 'ENABLED') {
    integration.intendedState = 'ENABLED';
    beginActivation(call, integration);
  }
  call.organization.integrations.set(integration.id, integration);
  return ok(entity(call, integration));
}

export function newIntegration(type: IntegrationType, name: string, now: number): Integration {
  return {
    id: randomUUID(),
    typeId: type.id,
    intendedState: 'DISABLED',
    reported: { code: 'INACTIVE', updatedAt: now },
    nextLookAt: undefined,
    createdAt: now,
    config: { name, version: 1, notes: '', properties: {}, advanced: {}, credentials: {} },
    attributes: type.id === 'webhook' ? webhookAttributes() : {},
  };
}

/** Genesys Cloud sets them when the integration is made. The form of the URL is not published. */
function webhookAttributes(): Record<string, string> {
  const webhookId = randomUUID();
  return { webhookId, invocationUrl: `https://webhooks.genesys-cloud.example/${webhookId}` };
}

function putConfig(call: Call) {
  const { organization } = call;
  const integration = integrationOf(call);
  const type = typeOf(call, integration.typeId);
  const body = call.body as Omit<IntegrationConfig, 'credentials'> & {
    credentials: Record<string, { id: string }>;
  };
  checkVersion(call, body.version, integration.config.version);
  for (const part of ['properties', 'advanced'] as const) {
    const problem = compile(part === 'properties' ? type.propertiesSchema : type.advancedSchema)(body[part]);
    if (problem !== undefined)
      throw badRequest(`${part} of the configuration: ${problem}`, 'invalid.configuration');
  }
  const credentials = Object.entries(body.credentials).map(([key, { id }]) => {
    const specification = Object.hasOwn(type.credentials, key) ? type.credentials[key] : undefined;
    if (specification === undefined)
      throw badRequest(
        `Integration type ${type.id} has no credentials ${key}; it has: ${Object.keys(type.credentials).join(', ') || 'none'}`,
        'invalid.credentials',
      );
    const credential = organization.credentials.get(id);
    if (credential === undefined) throw badRequest(`There is no credential ${id}`, 'invalid.credentials');
    if (!specification.credentialTypes.includes(credential.typeName))
      throw badRequest(
        `credentials.${key} takes a credential of type ${specification.credentialTypes.join(' or ')}, not ${credential.typeName}`,
        'invalid.credentials',
      );
    return [key, id] as const;
  });
  integration.config = {
    name: body.name,
    version: integration.config.version + 1,
    notes: body.notes,
    properties: body.properties,
    advanced: body.advanced,
    credentials: Object.fromEntries(credentials),
  };
  keepCustomAuthAction(organization, integration, call.fixed.clock.now());
  if (integration.intendedState === 'ENABLED') beginActivation(call, integration);
  return ok(configEntity(call, integration));
}

export function integrationOf(call: Call): Integration {
  const id = param(call, 'integrationId');
  const integration = call.organization.integrations.get(id);
  if (integration === undefined) throw noSuch(call, 'integration', id);
  return integration;
}

function typeOf(call: Call, id: string): IntegrationType {
  const type = call.world.integrationTypes.get(id);
  if (type === undefined) throw notFound('integration type', id);
  return type;
}

function entity(call: Call, integration: Integration): JsonObject {
  const type = typeOf(call, integration.typeId);
  const { code, detail, updatedAt } = integration.reported;
  return {
    id: integration.id,
    name: integration.config.name,
    integrationType: { id: type.id, name: type.name, selfUri: `${base}/types/${type.id}` },
    notes: integration.config.notes || call.settings.behaviour.emptyNotes,
    intendedState: integration.intendedState,
    ...(list(call.query, 'expand').includes('config.current')
      ? { config: { current: configEntity(call, integration) } }
      : {}),
    reportedState: {
      code,
      ...(detail === undefined
        ? {}
        : { detail: { localizableMessageCode: 'integration.error', message: detail } }),
      lastUpdated: new Date(updatedAt).toISOString(),
    },
    attributes: integration.attributes,
    selfUri: `${base}/${integration.id}`,
  };
}

function configEntity(call: Call, integration: Integration): JsonObject {
  const { config } = integration;
  const credentials = Object.entries(config.credentials).map(([key, id]) => {
    const credential = call.organization.credentials.get(id);
    return [
      key,
      {
        id,
        ...(credential === undefined ? {} : { name: credential.name, type: { name: credential.typeName } }),
        selfUri: `${base}/credentials/${id}`,
      },
    ];
  });
  return {
    id: integration.id,
    name: config.name,
    version: config.version,
    properties: config.properties,
    advanced: config.advanced,
    notes: config.notes || call.settings.behaviour.emptyNotes,
    credentials: Object.fromEntries(credentials),
    selfUri: `${base}/${integration.id}/config/current`,
  };
}

function typeEntity(type: IntegrationType): JsonObject {
  return {
    id: type.id,
    name: type.name,
    description: type.description,
    provider: type.provider,
    category: type.category,
    configPropertiesSchemaUri: `${base}/types/${type.id}/configschemas/properties`,
    configAdvancedSchemaUri: `${base}/types/${type.id}/configschemas/advanced`,
    credentials: type.credentials,
    nonInstallable: false,
    selfUri: `${base}/types/${type.id}`,
  };
}
