import { randomUUID } from 'node:crypto';
import { badRequest, notFound } from './errors.ts';
import { type Call, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { problemWithKey } from './key-check.ts';
import type { ConversationKeyConfiguration } from './store.ts';

const view = ['conversation:encryptionKey:view'];
const edit = ['conversation:encryptionKey:edit'];
const base = '/api/v2/conversations/keyconfigurations';

/**
 * The key for the data of conversations: a twin of the key for recordings, with a configuration of its own.
 * The key policy is the same (help.mypurecloud.com, ?p=269687). The API has no DELETE; `None` disables a
 * configuration.
 */
export const conversationKeyRoutes: Route[] = [
  {
    method: 'GET',
    template: base,
    permissions: view,
    handle({ organization }) {
      const entities = [...organization.conversationKeyConfigurations.values()].map(entity);
      return ok({ total: entities.length, entities, selfUri: base });
    },
  },
  {
    method: 'POST',
    template: base,
    permissions: edit,
    body: 'ConversationEncryptionConfiguration',
    async handle(call) {
      const present = [...call.organization.conversationKeyConfigurations.keys()][0];
      const replaces = call.settings.behaviour.secondKeyConfiguration === 'replace';
      return ok(await save(call, replaces && present !== undefined ? present : randomUUID()));
    },
  },
  {
    method: 'POST',
    template: `${base}/validate`,
    permissions: edit,
    body: 'ConversationEncryptionConfiguration',
    async handle(call) {
      const configuration = wanted(call, randomUUID());
      const problem = await problemWith(call, configuration);
      if (problem !== undefined) throw badRequest(problem, 'invalid.key.configuration');
      return ok(entity(configuration));
    },
  },
  {
    method: 'GET',
    template: `${base}/{keyconfigurationsId}`,
    permissions: view,
    handle: (call) => ok(entity(configurationOf(call))),
  },
  {
    method: 'PUT',
    template: `${base}/{keyconfigurationsId}`,
    permissions: edit,
    body: 'ConversationEncryptionConfiguration',
    handle: async (call) => ok(await save(call, configurationOf(call).id)),
  },
];

function wanted({ body }: Call, id: string): ConversationKeyConfiguration {
  const { url, keyConfigurationType } = body as ConversationKeyConfiguration;
  // "Type should be 'KmsSymmetric' when create or update Key configurations, 'None' to disable configuration"
  // (SDKs, ConversationEncryptionConfiguration).
  if (keyConfigurationType !== 'KmsSymmetric' && keyConfigurationType !== 'None')
    throw badRequest('keyConfigurationType is KmsSymmetric, or None to disable the configuration');
  return { id, url, keyConfigurationType };
}

const problemWith = async (call: Call, { keyConfigurationType, url }: ConversationKeyConfiguration) =>
  keyConfigurationType === 'KmsSymmetric' ? problemWithKey(call, url) : undefined;

/** Saves every well-formed configuration. A key that cannot be used gives a 200 with `lastError`. */
async function save(call: Call, id: string): Promise<JsonObject> {
  const configuration = wanted(call, id);
  const problem = await problemWith(call, configuration);
  if (problem !== undefined)
    configuration.lastError = badRequest(problem, 'invalid.key.configuration').body(call.contextId);
  const { conversationKeyConfigurations } = call.organization;
  // Deleted first, so that it becomes the last one of the map: the last saved configuration is in force.
  conversationKeyConfigurations.delete(id);
  conversationKeyConfigurations.set(id, configuration);
  return entity(configuration);
}

function configurationOf(call: Call): ConversationKeyConfiguration {
  const id = param(call, 'keyconfigurationsId');
  const configuration = call.organization.conversationKeyConfigurations.get(id);
  if (configuration === undefined) throw notFound('key configuration', id);
  return configuration;
}

const entity = (configuration: ConversationKeyConfiguration): JsonObject => ({
  ...configuration,
  selfUri: `${base}/${configuration.id}`,
});
