import { badRequest } from './errors.ts';
import type { Call, Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { problemWithKey } from './key-check.ts';
import { keyConfigurationRoutes } from './key-configurations.ts';
import type { ConversationKeyConfiguration } from './store.ts';

const base = '/api/v2/conversations/keyconfigurations';

/**
 * The key for the data of conversations: a twin of the key for recordings, with a configuration of its own.
 * The key policy is the same (help.mypurecloud.com, ?p=269687). `None` disables a configuration.
 */
export const conversationKeyRoutes: Route[] = keyConfigurationRoutes({
  base,
  idName: 'keyconfigurationsId',
  permissions: {
    view: ['conversation:encryptionKey:view'],
    edit: ['conversation:encryptionKey:edit'],
  },
  body: 'ConversationEncryptionConfiguration',
  present: ({ conversationKeyConfigurations }) => conversationKeyConfigurations,
  wanted,
  problemWith,
  save,
  entity,
});

function wanted({ body }: Call, id: string): ConversationKeyConfiguration {
  const { url, keyConfigurationType } = body as ConversationKeyConfiguration;
  // "Type should be 'KmsSymmetric' when create or update Key configurations, 'None' to disable configuration"
  // (SDKs, ConversationEncryptionConfiguration).
  if (keyConfigurationType !== 'KmsSymmetric' && keyConfigurationType !== 'None')
    throw badRequest('keyConfigurationType is KmsSymmetric, or None to disable the configuration');
  return { id, url, keyConfigurationType };
}

async function problemWith(
  call: Call,
  { keyConfigurationType, url }: ConversationKeyConfiguration,
): Promise<string | undefined> {
  return keyConfigurationType === 'KmsSymmetric' ? problemWithKey(call, url) : undefined;
}

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

function entity(configuration: ConversationKeyConfiguration): JsonObject {
  return { ...configuration, selfUri: `${base}/${configuration.id}` };
}
