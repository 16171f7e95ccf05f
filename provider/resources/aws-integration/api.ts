/** The calls of Genesys Cloud's API for integrations. */
import type { Models } from 'purecloud-platform-client-v2';
import { collect } from '../../genesys/index.ts';
import type { CollectionApi } from '../../lifecycle/collection.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { listed, onExisting, withFreshVersion } from '../../lifecycle/waiting.ts';
import { type FreeForm, typedBy } from '../../properties/index.ts';
import { type Config, configurationOf, type IntegrationState, type Prepared, stateOf } from './mapping.ts';
import { type IntegrationProperties, typeOf } from './schema.ts';

export const api: CollectionApi<IntegrationProperties, Models.Integration, Prepared> = {
  read: (id, { session }) => session.integrations.getIntegration(id, {}),

  list: (id, operation) =>
    listed(
      (page) =>
        operation.session.integrations.getIntegrations({
          ...(id === undefined ? {} : { ids: [id] }),
          ...page,
        }),
      operation,
    ),

  async named(name, properties, operation) {
    const { integrations } = operation.session;
    const type = properties && typeOf(properties);
    const filter = type === undefined ? {} : { integrationType: type };
    const all = await collect(
      listed((page) => integrations.getIntegrations({ ...filter, ...page }), operation),
    );
    return all.filter((one) => one.name === name && (type === undefined || one.integrationType?.id === type));
  },

  make: (name, { properties }, { session }) =>
    session.integrations.postIntegrations({
      body: { name, integrationType: { id: typeOf(properties) } },
    }),

  async change(id, { properties, prepared, details }, _known, operation) {
    await putConfiguration(id, wantedConfiguration(properties, prepared, details), operation);
    return undefined;
  },

  remove: (id, { session }) => session.integrations.deleteIntegration(id),
};

export const wantedConfiguration = (
  properties: IntegrationProperties,
  prepared: Prepared,
  details: Record<string, string>,
) => configurationOf(properties, typeOf(properties), prepared, details['credentialId'] ?? '');

/** Replaces the whole configuration. */
export async function putConfiguration(
  id: string,
  body: Omit<Models.IntegrationConfiguration, 'version' | 'id' | 'selfUri'>,
  operation: Operation,
): Promise<void> {
  const { integrations } = operation.session;
  await withFreshVersion(async () => {
    const { version } = await onExisting(id, () => integrations.getIntegrationConfigCurrent(id), operation);
    const put = () => integrations.putIntegrationConfigCurrent(id, { body: { ...body, version } });
    await onExisting(id, put, operation);
  }, operation);
}

/** An integration's state, as putting back restores it. */
export async function readState(
  integration: Models.Integration,
  operation: Operation,
): Promise<IntegrationState> {
  const { id = '' } = integration;
  const read = () => operation.session.integrations.getIntegrationConfigCurrent(id);
  return stateOf(integration, await onExisting(id, read, operation));
}

/** Writes that state again. */
export async function restoreState(id: string, state: unknown, operation: Operation): Promise<void> {
  const { intendedState, ...configuration } = state as IntegrationState;
  await putConfiguration(id, configuration, operation);
  const { integrations } = operation.session;
  await onExisting(id, () => integrations.patchIntegration(id, { body: { intendedState } }), operation);
}

/**
 * The free forms with their types: JSON text has them, an object's strings get them from the published
 * schema.
 */
export async function readConfig(properties: IntegrationProperties, { session }: Operation): Promise<Config> {
  const typed = async (
    form: FreeForm | undefined,
    name: 'properties' | 'advanced',
  ): Promise<Record<string, unknown>> => {
    if (form === undefined) return {};
    if ('typed' in form) return form.typed;
    const published = await session.integrations.getIntegrationsTypeConfigschema(typeOf(properties), name);
    return typedBy(form, published);
  };
  const [main, advanced] = await Promise.all([
    typed(properties.Properties, 'properties'),
    typed(properties.Advanced, 'advanced'),
  ]);
  return { properties: main, advanced };
}
