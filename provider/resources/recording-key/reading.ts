/** How the organization's recording encryption is. */
import type { Models } from 'purecloud-platform-client-v2';
import type { Operation } from '../../lifecycle/operation.ts';
import { listed, ofList } from '../../lifecycle/waiting.ts';

export type Configuration = Models.RecordingEncryptionConfiguration;

/** Kind of the configuration in the ledger. */
export const KIND = 'key-configuration';
/** Types of configuration, in the API's words. */
export const KMS = 'KmsSymmetric';
export const NATIVE = 'Native';
export const LOCAL = 'LocalKeyManager';

/** All key configurations of the organization. */
export async function configurations(operation: Operation): Promise<Configuration[]> {
  const { recording } = operation.session;
  const { entities = [] } = await ofList(() => recording.getRecordingKeyconfigurations(), operation);
  return entities;
}

/** The organization's configuration; where there are several, the one with the alias, or the one in use. */
export async function currentConfiguration(
  operation: Operation,
  aliasArn?: string,
): Promise<Configuration | undefined> {
  const entities = await configurations(operation);
  if (aliasArn !== undefined)
    return entities.find(({ url, keyConfigurationType }) => url === aliasArn && keyConfigurationType === KMS);
  return (
    entities.find(
      ({ keyConfigurationType }) => keyConfigurationType !== NATIVE && keyConfigurationType !== 'None',
    ) ?? entities[0]
  );
}

/** The recording key that was made last; in which order they are listed is not documented. */
export async function newestRecordingKey(operation: Operation): Promise<Models.EncryptionKey | undefined> {
  let newest: Models.EncryptionKey | undefined;
  const { recording } = operation.session;
  const keys = listed((page) => recording.getRecordingRecordingkeys(page), operation);
  for await (const key of keys)
    if (newest === undefined || Date.parse(key.createDate ?? '') > Date.parse(newest.createDate ?? ''))
      newest = key;
  return newest;
}
