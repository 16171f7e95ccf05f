import type { Models } from 'purecloud-platform-client-v2';
import * as z from 'zod/mini';
import { BadRequestError, NotFoundError, OutcomeUnknownError } from '../genesys/index.ts';
import type { Step } from '../ledger/index.ts';
import { sameOwner } from '../ledger/index.ts';
import { livingOwner } from '../lifecycle/adoption.ts';
import { commonProperties, GoneError, type ResourceType, type Result } from '../lifecycle/type.ts';
import { type Work, YOUNG_MILLISECONDS } from '../lifecycle/work.ts';
import { choice, flag, text } from '../properties/index.ts';
import { ProviderError, RefusedError } from '../runtime/errors.ts';
import { keyProblem } from './key-policy.ts';

const schema = z.strictObject({
  ...commonProperties,
  /** Genesys Cloud takes the ARN of an alias, not of a key (Genesys Cloud help 269685). */
  KeyAliasArn: text({
    pattern: /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/,
    hint: 'must be the ARN of a KMS alias of your own: arn:<partition>:kms:<region>:<account>:alias/<name>',
  }),
  RotationPeriod: z.optional(choice('DISABLED', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')),
  Takeover: z.optional(flag()),
  OnDelete: z.optional(choice('Retain', 'Native', 'RestorePrevious')),
});

export type RecordingKeyProperties = z.infer<typeof schema>;
type Configuration = Models.RecordingEncryptionConfiguration;

const KIND = 'key-configuration';
const KMS = 'KmsSymmetric';
const NATIVE = 'Native';
const LOCAL = 'LocalKeyManager';

/**
 * An organization's one configuration of recording encryption. It has no DELETE: undoing puts back what was there,
 * and what was there stands in the ledger before the first write.
 */
export const recordingKey: ResourceType<RecordingKeyProperties> = {
  typeName: 'Custom::GenesysRecordingKey',
  kind: KIND,
  schema,
  replacement: [],
  attributes: ['KeyConfigurationId', 'KeyConfigurationType', 'PreviousKeyConfigurationType', 'ActiveKeyId'],

  async create(properties, work) {
    return work.ledger.withLock(`${work.organization.id}#${KIND}`, work.holding, async () => {
      checkRegion(properties, await work.session.region());
      const before = await currentConfiguration(work);
      await refuseOwnedByOther(before, work);
      // A repeat of this request meets what it wrote itself.
      if (work.stepOf(KIND) === undefined) refuseToOverwrite(before, properties);
      await validate(properties, work);
      const marker = work.stepOf(KIND)?.marker ?? {
        url: properties.KeyAliasArn,
        previousUrl: before?.url ?? '',
        previousType: before?.keyConfigurationType ?? NATIVE,
        origin: before ? 'taken-over' : 'created',
        newestKey: (await newestRecordingKey(work))?.id ?? '',
        ...(await previousRotation(properties, work)),
      };
      const { id, value } = await work.make<Configuration>({
        kind: KIND,
        marker,
        send: () => save(before?.id, properties.KeyAliasArn, work),
        find: () => currentConfiguration(work, properties.KeyAliasArn),
        object: () => ({
          origin: marker['origin'] === 'created' ? 'created' : 'taken-over',
          details: marker,
        }),
      });
      const wasTheSame = marker['previousUrl'] === properties.KeyAliasArn && marker['previousType'] === KMS;
      return finish(id, value, properties, marker, wasTheSame ? undefined : marker['newestKey'], work);
    });
  },

  async update(existing, properties, work) {
    if (!work.trusted) checkRegion(properties, await work.session.region());
    const before = await work.readExisting(() =>
      work.session.recording.getRecordingKeyconfiguration(existing.id),
    );
    const details = existing.record?.details ?? {
      previousUrl: before.url,
      previousType: before.keyConfigurationType,
    };
    // Somebody else's hand has been at it: the rules of a Create hold, in a rollback too.
    if (!oursOf(details).includes(before.url) || before.keyConfigurationType === LOCAL)
      refuseToOverwrite(before, properties);
    let saved: Configuration = before;
    // Begun before and not finished: the recording key of then tells whether a new one was made.
    let newestKey = details['pendingUrl'] === properties.KeyAliasArn ? details['newestKey'] : undefined;
    if (before.url !== properties.KeyAliasArn || before.keyConfigurationType !== KMS || before.lastError) {
      newestKey = (await newestRecordingKey(work))?.id ?? '';
      if (!work.trusted) await validate(properties, work);
      await work.writing({ pendingUrl: properties.KeyAliasArn, newestKey });
      saved = await save(existing.id, properties.KeyAliasArn, work);
    }
    const rotation = await rotationOfUpdate(properties, details['previousRotation'], work);
    const kept = { ...details, ...rotation, url: properties.KeyAliasArn, pendingUrl: '' };
    return finish(existing.id, saved, properties, kept, newestKey, work);
  },

  async exists(id, work) {
    return (await currentConfiguration(work))?.id === id;
  },

  async remove(existing, properties, work) {
    const { record } = existing;
    const onDelete = properties['OnDelete'];
    const neverSucceeded = record !== undefined && record.applied.length === 0;
    // In a rollback what was taken over is put back, whatever `OnDelete` says.
    const restore =
      neverSucceeded ||
      onDelete === 'RestorePrevious' ||
      (record !== undefined && (await work.isRollingBack()));
    if (!restore && onDelete !== NATIVE) return [existing.id];
    const urls = record ? oursOf(record.details) : [String(properties['KeyAliasArn'])];
    const target = restore ? previousOf(record?.details) : { url: urls[0] ?? '', type: NATIVE };
    await putBack(existing.id, urls, target, record?.details['previousRotation'], work);
    return [existing.id];
  },

  async undo(step: Step, work) {
    const id = step.id ?? (await currentConfiguration(work))?.id;
    if (id === undefined) return;
    const urls = oursOf(step.marker);
    await putBack(id, urls, previousOf(step.marker), step.marker['previousRotation'], work);
  },
};

/** The aliases that this resource has, or was about to have, in the configuration. */
const oursOf = ({ url, pendingUrl }: Record<string, string>) =>
  [url, pendingUrl].filter((alias): alias is string => alias !== undefined && alias !== '');

const previousOf = (details: Record<string, string> | undefined) => ({
  url: details?.['previousUrl'] ?? '',
  type: details?.['previousType'] ?? NATIVE,
});

// ---- reading

/** The organization's configuration; where there are several, the one with the alias, or the one in use. */
async function currentConfiguration(work: Work, aliasArn?: string): Promise<Configuration | undefined> {
  const { entities = [] } = await work.session.recording.getRecordingKeyconfigurations();
  if (aliasArn !== undefined)
    return entities.find(({ url, keyConfigurationType }) => url === aliasArn && keyConfigurationType === KMS);
  return (
    entities.find(
      ({ keyConfigurationType }) => keyConfigurationType !== NATIVE && keyConfigurationType !== 'None',
    ) ?? entities[0]
  );
}

/** The recording key that was made last; in which order they are listed is not documented. */
async function newestRecordingKey(work: Work): Promise<Models.EncryptionKey | undefined> {
  let newest: Models.EncryptionKey | undefined;
  for (let pageNumber = 1; ; pageNumber += 1) {
    const page = await work.session.recording.getRecordingRecordingkeys({ pageSize: 100, pageNumber });
    const { entities = [], pageCount = 1 } = page;
    for (const key of entities)
      if (newest === undefined || Date.parse(key.createDate ?? '') > Date.parse(newest.createDate ?? ''))
        newest = key;
    if (pageNumber >= pageCount || entities.length === 0) return newest;
  }
}

// ---- checks

function checkRegion({ KeyAliasArn }: RecordingKeyProperties, region: string | undefined): void {
  const keyRegion = KeyAliasArn.split(':')[3];
  if (region === undefined || keyRegion === region) return;
  throw new RefusedError(
    `KeyAliasArn is in ${keyRegion}, but the Genesys Cloud organization is in ${region}: the key, or a replica of it, must be in the organization's region.`,
  );
}

async function refuseOwnedByOther(before: Configuration | undefined, work: Work): Promise<void> {
  if (before?.id === undefined) return;
  const record = await work.ledger.object(KIND, before.id, work.invocation);
  if (record === undefined || sameOwner(record.owner, work.owner)) return;
  // CloudFormation may have retained it without a word: a deletion policy sends no Delete.
  const owner = await livingOwner(record, work);
  if (owner === undefined) return;
  throw new RefusedError(
    `The organization's recording key configuration belongs to ${owner}: an organization has one, and one owner.`,
  );
}

function refuseToOverwrite(
  before: Configuration | undefined,
  { KeyAliasArn, Takeover }: RecordingKeyProperties,
): void {
  const type = before?.keyConfigurationType;
  if (type === LOCAL) {
    throw new RefusedError(
      'The organization encrypts recordings with a local key manager. The provider never overwrites that: switch it off in Genesys Cloud first.',
    );
  }
  if (type === KMS && before?.url !== KeyAliasArn && Takeover !== true) {
    throw new RefusedError(
      `The organization already encrypts recordings with ${before?.url}. Set Takeover: true to replace that key (recordings made under it still need it).`,
    );
  }
}

/**
 * Asks Genesys Cloud whether it can use the key. A fresh key policy is waited for, unless this account can see
 * that it will never do.
 */
async function validate({ KeyAliasArn }: RecordingKeyProperties, work: Work): Promise<void> {
  let problem: string | undefined;
  let looked = false;
  const check = async () => {
    const answer = await work.session.recording.postRecordingKeyconfigurationsValidate({
      url: KeyAliasArn,
      keyConfigurationType: KMS,
    });
    if (answer?.lastError) throw new KeyRefusedError(reasonOf(answer.lastError));
  };
  try {
    await work.patiently(
      async () => {
        try {
          await check();
        } catch (error) {
          if (!looked && isKeyRefusal(error)) {
            looked = true;
            problem = await keyProblem(KeyAliasArn, work.organization.id, work);
          }
          throw error;
        }
      },
      (error) => isKeyRefusal(error) && problem === undefined,
    );
  } catch (error) {
    if (!isKeyRefusal(error)) throw error;
    const said = error instanceof Error ? error.message : '';
    throw new KeyRefusedError(
      `Genesys Cloud cannot use ${KeyAliasArn}. ${problem === undefined ? '' : `${problem} `}It says: ${said}`,
      {
        cause: error,
      },
    );
  }
}

/** Genesys Cloud tried the key, and it did not work. */
class KeyRefusedError extends ProviderError {}

const isKeyRefusal = (error: unknown) =>
  error instanceof KeyRefusedError || (error instanceof BadRequestError && !(error instanceof NotFoundError));

function reasonOf(error: Models.ErrorBody): string {
  return (error.messageWithParams ?? error.message ?? error.code ?? 'no reason given').slice(0, 600);
}

// ---- writing

async function save(id: string | undefined, url: string, work: Work, type = KMS): Promise<Configuration> {
  const body = { url, keyConfigurationType: type };
  const { recording } = work.session;
  return id === undefined
    ? recording.postRecordingKeyconfigurations(body)
    : recording.putRecordingKeyconfiguration(id, { id, ...body });
}

/**
 * Checks that the saved configuration works, and that new recordings are made under it: `newestKey` is the recording
 * key that was the newest before it was saved ('' for none; undefined where nothing changed).
 */
async function finish(
  id: string,
  saved: Configuration | undefined,
  properties: RecordingKeyProperties,
  details: Record<string, string>,
  newestKey: string | undefined,
  work: Work,
): Promise<Result> {
  const configuration =
    saved?.lastError === undefined && saved !== undefined ? saved : await waitForNoError(id, work);
  const key = newestKey === undefined ? await anyKey(work) : await keyAfter(newestKey, work);
  if (properties.RotationPeriod !== undefined) await setRotation(properties.RotationPeriod, work);
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
async function waitForNoError(id: string, work: Work): Promise<Configuration> {
  let last: Configuration | undefined;
  const healthy = await work.until(
    async () => {
      last = await work.session.recording.getRecordingKeyconfiguration(id);
      if (last === undefined) throw new GoneError();
      return last.lastError ? undefined : last;
    },
    YOUNG_MILLISECONDS,
    5_000,
  );
  if (healthy) return healthy;
  throw new KeyRefusedError(
    `Genesys Cloud saved the key configuration, but cannot use it: ${reasonOf(last?.lastError as Models.ErrorBody)}.`,
  );
}

/**
 * The recording key that came after another. Whether saving a configuration makes one is not documented, and a key
 * does not say which alias wraps it (`kmsKeyArn` is an internal key, by the SDK's models): where the newest is still
 * the one of before, one is made.
 */
async function keyAfter(before: string, work: Work): Promise<Models.EncryptionKey> {
  const newest = await newestRecordingKey(work);
  return newest?.id !== undefined && newest.id !== before ? newest : makeRecordingKey(newest, work);
}

/** The newest recording key, made where there is none under KMS. */
async function anyKey(work: Work): Promise<Models.EncryptionKey> {
  const newest = await newestRecordingKey(work);
  return newest?.keyConfigurationType === KMS ? newest : makeRecordingKey(newest, work);
}

/** Makes the next recording key; a call of unknown outcome made one when another is the newest now. */
async function makeRecordingKey(
  before: Models.EncryptionKey | undefined,
  work: Work,
): Promise<Models.EncryptionKey> {
  try {
    return await work.session.recording.postRecordingRecordingkeys();
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error;
    const after = await work.until(async () => {
      const newest = await newestRecordingKey(work);
      return newest?.id !== before?.id ? newest : undefined;
    }, 10_000);
    return after ?? work.session.recording.postRecordingRecordingkeys();
  }
}

async function previousRotation(
  { RotationPeriod }: RecordingKeyProperties,
  work: Work,
): Promise<Record<string, string>> {
  if (RotationPeriod === undefined) return {};
  const { period } = await work.session.recording.getRecordingRecordingkeysRotationschedule();
  return period === undefined ? {} : { previousRotation: period };
}

async function setRotation(period: string, work: Work): Promise<void> {
  await work.session.recording.putRecordingRecordingkeysRotationschedule({ period });
}

/** The rotation schedule around an update: what was there before ours is noted first, and put back when ours ends. */
async function rotationOfUpdate(
  properties: RecordingKeyProperties,
  previous: string | undefined,
  work: Work,
): Promise<Record<string, string>> {
  const noted = previous !== undefined && previous !== '';
  if (properties.RotationPeriod === undefined) {
    if (!noted) return {};
    await work.writing();
    await setRotation(previous, work);
    return { previousRotation: '' };
  }
  const found = noted ? {} : await previousRotation(properties, work);
  await work.writing(found);
  return found;
}

/**
 * Puts a configuration back, but only while it is ours, or half-way back; new recordings leave our key with it.
 * @param urls the aliases that are ours
 */
async function putBack(
  id: string,
  urls: readonly string[],
  target: { url: string; type: string },
  rotation: string | undefined,
  work: Work,
): Promise<void> {
  const { entities = [] } = await work.session.recording.getRecordingKeyconfigurations();
  const now = entities.find((configuration) => configuration.id === id);
  if (now === undefined) return;
  const type = target.type === 'None' ? NATIVE : target.type;
  const isOurs = now.keyConfigurationType === KMS && urls.includes(now.url);
  const isBack = now.keyConfigurationType === type && (type !== KMS || now.url === target.url);
  if (!isOurs && !isBack) return;
  if (rotation !== undefined && rotation !== '') await setRotation(rotation, work);
  if (isOurs && isBack) return;
  const newest = await newestRecordingKey(work);
  const record = await work.ledger.object(KIND, id, work.invocation);
  let before = record?.details['newestBeforeBack'];
  if (!isBack) {
    before = newest?.id ?? '';
    // A repeat that finds the configuration back has to know whether the recording key followed.
    if (record)
      await work.attempt.keep({ ...record, details: { ...record.details, newestBeforeBack: before } });
    // Whether Native takes an empty url is not documented: it keeps the one that is there.
    await save(id, target.url === '' ? now.url : target.url, work, type);
  }
  // Else what is recorded from now on would still need the key that is being given up.
  const isBehind = type === KMS ? newest?.id === before : newest?.keyConfigurationType === KMS;
  if (newest && isBehind) await keyAfter(newest.id ?? '', work);
}
