/** Saves, and puts back, the organization's recording encryption. */
import type { Models } from 'purecloud-platform-client-v2';
import { OutcomeUnknownError } from '../../genesys/index.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { GoneError, type Result } from '../../lifecycle/resource-type.ts';
import { onExisting, until, YOUNG_MILLISECONDS } from '../../lifecycle/waiting.ts';
import { KeyRefusedError, reasonOf } from './checks.ts';
import { type Configuration, configurations, KIND, KMS, NATIVE, newestRecordingKey } from './reading.ts';
import type { RecordingKeyProperties } from './schema.ts';

export async function save(
  id: string | undefined,
  url: string,
  operation: Operation,
  type = KMS,
): Promise<Configuration> {
  const body = { url, keyConfigurationType: type };
  const { recording } = operation.session;
  return id === undefined
    ? recording.postRecordingKeyconfigurations(body)
    : onExisting(id, () => recording.putRecordingKeyconfiguration(id, { id, ...body }), operation);
}

/**
 * Checks that the saved configuration works, and that new recordings are made under it: `newestKey` is the
 * recording key that was the newest before it was saved ('' for none; undefined where nothing changed).
 */
export async function finish(
  id: string,
  saved: Configuration | undefined,
  properties: RecordingKeyProperties,
  details: Record<string, string>,
  newestKey: string | undefined,
  operation: Operation,
): Promise<Result> {
  const configuration =
    saved?.lastError === undefined && saved !== undefined ? saved : await waitForNoError(id, operation);
  const key = newestKey === undefined ? await anyKey(operation) : await keyAfter(newestKey, operation);
  if (properties.RotationPeriod !== undefined) await setRotation(properties.RotationPeriod, operation);
  return {
    id,
    attributes: {
      KeyConfigurationId: id,
      KeyConfigurationType: configuration.keyConfigurationType,
      PreviousKeyConfigurationType: details['previousType'] ?? NATIVE,
      ActiveKeyId: key.id ?? '',
    },
    details,
  };
}

/** A 200 may still carry `lastError`; a key policy made seconds ago heals. */
async function waitForNoError(id: string, operation: Operation): Promise<Configuration> {
  let last: Configuration | undefined;
  const healthy = await until(
    async () => {
      last = await operation.session.recording.getRecordingKeyconfiguration(id);
      if (last === undefined) throw new GoneError();
      return last.lastError ? undefined : last;
    },
    YOUNG_MILLISECONDS,
    operation,
    5_000,
  );
  if (healthy) return healthy;
  throw new KeyRefusedError(
    `Genesys Cloud saved the key configuration, but cannot use it: ${reasonOf(last?.lastError as Models.ErrorBody)}.`,
  );
}

/**
 * The recording key that came after another. Whether saving a configuration makes one is not documented, and
 * a key does not say which alias wraps it (`kmsKeyArn` is an internal key, by the SDK's models): where the
 * newest is still the one of before, one is made.
 */
async function keyAfter(before: string, operation: Operation): Promise<Models.EncryptionKey> {
  const newest = await newestRecordingKey(operation);
  return newest?.id !== undefined && newest.id !== before ? newest : makeRecordingKey(newest, operation);
}

/** The newest recording key, made where there is none under KMS. */
async function anyKey(operation: Operation): Promise<Models.EncryptionKey> {
  const newest = await newestRecordingKey(operation);
  return newest?.keyConfigurationType === KMS ? newest : makeRecordingKey(newest, operation);
}

/** Makes the next recording key; a call of unknown outcome made one when another is the newest now. */
async function makeRecordingKey(
  before: Models.EncryptionKey | undefined,
  operation: Operation,
): Promise<Models.EncryptionKey> {
  try {
    return await operation.session.recording.postRecordingRecordingkeys();
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error;
    const after = await until(
      async () => {
        const newest = await newestRecordingKey(operation);
        return newest?.id !== before?.id ? newest : undefined;
      },
      10_000,
      operation,
    );
    return after ?? operation.session.recording.postRecordingRecordingkeys();
  }
}

export async function previousRotation(
  { RotationPeriod }: RecordingKeyProperties,
  operation: Operation,
): Promise<Record<string, string>> {
  if (RotationPeriod === undefined) return {};
  const { period } = await operation.session.recording.getRecordingRecordingkeysRotationschedule();
  return period === undefined ? {} : { previousRotation: period };
}

async function setRotation(period: string, operation: Operation): Promise<void> {
  await operation.session.recording.putRecordingRecordingkeysRotationschedule({ period });
}

/**
 * The rotation schedule around an update: what was there before ours is noted first, and put back when ours
 * ends.
 */
export async function rotationOfUpdate(
  properties: RecordingKeyProperties,
  previous: string | undefined,
  operation: Operation,
): Promise<Record<string, string>> {
  const noted = previous !== undefined && previous !== '';
  if (properties.RotationPeriod === undefined) {
    if (!noted) return {};
    await operation.markDirty();
    await setRotation(previous, operation);
    return { previousRotation: '' };
  }
  const found = noted ? {} : await previousRotation(properties, operation);
  await operation.markDirty(found);
  return found;
}

/**
 * Puts a configuration back, but only while it is ours, or half-way back; new recordings leave our key with
 * it.
 * @param urls the aliases that are ours
 */
export async function putBack(
  id: string,
  urls: readonly string[],
  target: { url: string; type: string },
  rotation: string | undefined,
  operation: Operation,
): Promise<void> {
  const now = (await configurations(operation)).find((configuration) => configuration.id === id);
  if (now === undefined) return;
  const type = target.type === 'None' ? NATIVE : target.type;
  const isOurs = now.keyConfigurationType === KMS && urls.includes(now.url);
  const isBack = now.keyConfigurationType === type && (type !== KMS || now.url === target.url);
  if (!isOurs && !isBack) return;
  if (rotation !== undefined && rotation !== '') await setRotation(rotation, operation);
  if (isOurs && isBack) return;
  const newest = await newestRecordingKey(operation);
  const record = await operation.ledger.object(KIND, id, operation.deadline);
  let before = record?.details['newestBeforeBack'];
  if (!isBack) {
    before = newest?.id ?? '';
    // A repeat that finds the configuration back has to know whether the recording key followed.
    if (record)
      await operation.attempt.keep({ ...record, details: { ...record.details, newestBeforeBack: before } });
    // Whether Native takes an empty url is not documented: it keeps the one that is there.
    await save(id, target.url === '' ? now.url : target.url, operation, type);
  }
  // Else what is recorded from now on would still need the key that is being given up.
  const isBehind = type === KMS ? newest?.id === before : newest?.keyConfigurationType === KMS;
  if (newest && isBehind) await keyAfter(newest.id ?? '', operation);
}
