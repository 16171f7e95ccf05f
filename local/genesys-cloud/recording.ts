import { randomBytes, randomUUID } from 'node:crypto';
import { AwsRefusal } from './aws.ts';
import { badRequest } from './errors.ts';
import { type Call, ok, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { problemWithKey } from './key-check.ts';
import { keyConfigurationRoutes } from './key-configurations.ts';
import { page } from './listing.ts';
import type { KeyConfiguration, RecordingKey } from './store.ts';

const view = ['recording:encryptionKey:view'];
const edit = ['recording:encryptionKey:edit'];
const base = '/api/v2/recording/keyconfigurations';
const keysBase = '/api/v2/recording/recordingkeys';

/**
 * The API has no DELETE for key configurations and recording keys. A configuration is set to Native instead.
 */
export const recordingRoutes: Route[] = [
  ...keyConfigurationRoutes({
    base,
    idName: 'keyConfigurationId',
    permissions: { view, edit },
    body: 'RecordingEncryptionConfiguration',
    present: ({ keyConfigurations }) => keyConfigurations,
    wanted,
    problemWith,
    save,
    entity,
  }),
  {
    method: 'GET',
    template: keysBase,
    permissions: view,
    handle(call) {
      const { recordingKeys } = call.organization;
      const isOldestFirst = call.settings.behaviour.recordingKeyOrder === 'oldest first';
      const keys = isOldestFirst ? recordingKeys : recordingKeys.toReversed();
      return ok(page(keysBase, call.query, keys.map(keyEntity)));
    },
  },
  {
    method: 'POST',
    template: keysBase,
    permissions: edit,
    async handle(call) {
      const configuration = activeConfiguration(call);
      const key = await newRecordingKey(call, configuration);
      return ok(keyEntity(key));
    },
  },
  {
    method: 'GET',
    template: `${keysBase}/rotationschedule`,
    permissions: view,
    handle: (call) => ok(schedule(call)),
  },
  {
    method: 'PUT',
    template: `${keysBase}/rotationschedule`,
    permissions: edit,
    body: 'KeyRotationSchedule',
    handle(call) {
      if (activeConfiguration(call)?.keyConfigurationType === 'LocalKeyManager')
        throw badRequest('Keys of a local key manager are not rotated by a schedule');
      call.organization.rotationPeriod = (call.body as { period: string }).period;
      return ok(schedule(call));
    },
  },
];

const schedule = (call: Call): JsonObject => ({
  period: call.organization.rotationPeriod,
  selfUri: `${keysBase}/rotationschedule`,
});

function wanted(call: Call, id: string): KeyConfiguration {
  const { url, apiId, apiKey, keyConfigurationType } = call.body as KeyConfiguration;
  return {
    id,
    url,
    ...(apiId === undefined ? {} : { apiId }),
    ...(apiKey === undefined ? {} : { apiKey }),
    keyConfigurationType,
    savedAt: call.fixed.clock.now(),
  };
}

/** Saves every well-formed configuration. A key that cannot be used gives a 200 with `lastError`. */
async function save(call: Call, id: string): Promise<JsonObject> {
  const configuration = wanted(call, id);
  if (configuration.keyConfigurationType === 'None')
    throw badRequest('keyConfigurationType is LocalKeyManager or KmsSymmetric, or Native to disable it');
  const problem = await problemWith(call, configuration);
  if (problem !== undefined)
    configuration.lastError = badRequest(problem, 'invalid.key.configuration').body(call.contextId);
  const { keyConfigurations } = call.organization;
  // Deleted first, so that it becomes the last one of the map: the last saved configuration is in force.
  keyConfigurations.delete(id);
  keyConfigurations.set(id, configuration);
  if (call.settings.behaviour.recordingKeyOnSave && problem === undefined)
    await newRecordingKey(call, configuration);
  return entity(configuration);
}

async function problemWith(call: Call, configuration: KeyConfiguration): Promise<string | undefined> {
  const { url, apiId, apiKey, keyConfigurationType } = configuration;
  if (keyConfigurationType === 'LocalKeyManager') {
    if (!url.startsWith('https://')) return 'The URL of a local key manager starts with https://';
    return apiId && apiKey ? undefined : 'A local key manager needs apiId and apiKey';
  }
  if (keyConfigurationType !== 'KmsSymmetric') return undefined;
  if (apiId || apiKey) return 'apiId and apiKey belong to a local key manager';
  return problemWithKey(call, url);
}

function activeConfiguration(call: Call): KeyConfiguration | undefined {
  return [...call.organization.keyConfigurations.values()].at(-1);
}

async function newRecordingKey(
  call: Call,
  configuration: KeyConfiguration | undefined,
): Promise<RecordingKey> {
  const { organization, fixed, settings, client } = call;
  const key: RecordingKey = {
    id: randomUUID(),
    createdAt: fixed.clock.now(),
    keyConfigurationType: configuration?.keyConfigurationType ?? 'Native',
    clientId: client.id,
    keydataSummary: randomBytes(8).toString('hex'),
  };
  if (configuration?.keyConfigurationType === 'KmsSymmetric') {
    try {
      const keyArn = await call.aws.tryKey(organization, configuration.url, call.closing);
      key.kmsKeyArn = {
        internal: `arn:aws:kms:${organization.region}:${fixed.genesysAccountId}:key/${randomUUID()}`,
        key: keyArn,
        alias: configuration.url,
      }[settings.behaviour.recordingKeyArn];
      delete configuration.lastError;
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      const problem = badRequest(error.message, 'invalid.key.configuration');
      configuration.lastError = problem.body(call.contextId);
      throw problem;
    }
  }
  organization.recordingKeys.push(key);
  return key;
}

/** The API also answers `apiKey` (README of MyPureCloud/local-key-manager). */
function entity({ savedAt: _, ...configuration }: KeyConfiguration): JsonObject {
  return { ...configuration, selfUri: `${base}/${configuration.id}` };
}

function keyEntity(key: RecordingKey): JsonObject {
  return {
    id: key.id,
    createDate: new Date(key.createdAt).toISOString(),
    keydataSummary: key.keydataSummary,
    user: { id: key.clientId },
    keyConfigurationType: key.keyConfigurationType,
    ...(key.kmsKeyArn === undefined ? {} : { kmsKeyArn: key.kmsKeyArn }),
    selfUri: `${keysBase}/${key.id}`,
  };
}
