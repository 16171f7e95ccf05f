/**
 * `Custom::GenesysRecordingKey`: one configuration an organization, so it is no collection. `reading.ts` and
 * `writing.ts` are the calls, `checks.ts` refuses a key that cannot work, `key-policy.ts` says why.
 */
import type { ObjectRecord, Step } from '../../ledger/index.ts';
import { makeOnce } from '../../lifecycle/making.ts';
import { type Operation, stepOf } from '../../lifecycle/operation.ts';
import type { ResourceType } from '../../lifecycle/resource-type.ts';
import { onExisting } from '../../lifecycle/waiting.ts';
import {
  checkRegion,
  oursOf,
  refuseOtherHand,
  refuseOwnedByOther,
  refuseToOverwrite,
  refuseUndesignated,
  validate,
} from './checks.ts';
import { about } from './description.ts';
import { drift } from './drift.ts';
import { preview } from './preview.ts';
import {
  type Configuration,
  configurations,
  currentConfiguration,
  KIND,
  KMS,
  NATIVE,
  newestRecordingKey,
} from './reading.ts';
import { type RecordingKeyProperties, schema } from './schema.ts';
import { finish, previousRotation, putBack, rotationOfUpdate, save } from './writing.ts';

/**
 * An organization's one configuration of recording encryption. It has no DELETE: undoing puts back what was
 * there, and what was there stands in the ledger before the first write.
 */
export const recordingKey: ResourceType<RecordingKeyProperties> = {
  typeName: 'Custom::GenesysRecordingKey',
  kind: KIND,
  // It decides about the whole organization.
  servedByDefault: false,
  about,
  drift,
  preview,
  schema,
  replacement: [],
  notApplied: ['OnDelete'],
  attributes: ['KeyConfigurationId', 'KeyConfigurationType', 'PreviousKeyConfigurationType', 'ActiveKeyId'],

  async create(properties, operation) {
    const { ledger, attempt, organization, deadline } = operation;
    if (stepOf(operation, KIND) === undefined) refuseUndesignated(operation);
    return ledger.withLock(`${organization.id}#${KIND}`, attempt.record, deadline, async () => {
      checkRegion(properties, await operation.session.region());
      const before = await currentConfiguration(operation);
      await refuseOwnedByOther(before, operation);
      // A repeat of this request meets what it wrote itself.
      if (stepOf(operation, KIND) === undefined) refuseToOverwrite(before, properties);
      await validate(properties, operation);
      const marker = stepOf(operation, KIND)?.marker ?? {
        url: properties.KeyAliasArn,
        previousUrl: before?.url ?? '',
        previousType: before?.keyConfigurationType ?? NATIVE,
        origin: before ? 'taken-over' : 'created',
        newestKey: (await newestRecordingKey(operation))?.id ?? '',
        ...(await previousRotation(properties, operation)),
      };
      const { id, value } = await makeOnce<Configuration>(
        {
          kind: KIND,
          marker,
          send: () => save(before?.id, properties.KeyAliasArn, operation),
          find: () => currentConfiguration(operation, properties.KeyAliasArn),
          object: () => ({
            origin: marker['origin'] === 'created' ? 'created' : 'taken-over',
            details: marker,
          }),
        },
        operation,
      );
      const wasTheSame = marker['previousUrl'] === properties.KeyAliasArn && marker['previousType'] === KMS;
      return finish(id, value, properties, marker, wasTheSame ? undefined : marker['newestKey'], operation);
    });
  },

  async update(existing, properties, operation) {
    if (!operation.appliedBefore) checkRegion(properties, await operation.session.region());
    const before = await onExisting(
      existing.id,
      () => operation.session.recording.getRecordingKeyconfiguration(existing.id),
      operation,
    );
    const details = existing.record?.details ?? {
      previousUrl: before.url,
      previousType: before.keyConfigurationType,
    };
    refuseOtherHand(before, details, properties, operation);
    let saved: Configuration = before;
    // Begun before and not finished: the recording key of then tells whether a new one was made.
    let newestKey = details['pendingUrl'] === properties.KeyAliasArn ? details['newestKey'] : undefined;
    if (before.url !== properties.KeyAliasArn || before.keyConfigurationType !== KMS || before.lastError) {
      newestKey = (await newestRecordingKey(operation))?.id ?? '';
      if (!operation.appliedBefore) await validate(properties, operation);
      await operation.markDirty({ pendingUrl: properties.KeyAliasArn, newestKey });
      saved = await save(existing.id, properties.KeyAliasArn, operation);
    }
    const rotation = await rotationOfUpdate(properties, details['previousRotation'], operation);
    const kept = { ...details, ...rotation, url: properties.KeyAliasArn, pendingUrl: '' };
    return finish(existing.id, saved, properties, kept, newestKey, operation);
  },

  async exists(id, operation) {
    return (await currentConfiguration(operation))?.id === id;
  },

  async isListed(id, _properties, operation) {
    return (await configurations(operation)).some((configuration) => configuration.id === id);
  },

  async remove(existing, properties, operation) {
    const { record } = existing;
    const onDelete = properties['OnDelete'];
    const neverSucceeded = record !== undefined && record.applied.length === 0;
    const restore =
      neverSucceeded ||
      onDelete === 'RestorePrevious' ||
      (record !== undefined && (await isProvisional(record, operation)));
    if (!restore && onDelete !== NATIVE) return { gone: [existing.id], wasMissing: false };
    // Without a record, an earlier delivery may have put the configuration back, or the ledger was lost.
    if (record === undefined && !(await wasEverComplete(existing.id, operation)))
      return { gone: [existing.id], wasMissing: false };
    // A ledger that was restored may not know the alias that CloudFormation had applied last.
    const applied = neverSucceeded ? [] : [String(properties['KeyAliasArn'])];
    const urls = [...(record ? oursOf(record.details) : []), ...applied];
    const target = restore ? previousOf(record?.details) : { url: urls[0] ?? '', type: NATIVE };
    await putBack(existing.id, urls, target, record?.details['previousRotation'], operation);
    return { gone: [existing.id], wasMissing: false };
  },

  async undo(step: Step, operation) {
    const id = step.id ?? (await currentConfiguration(operation))?.id;
    if (id === undefined) return;
    const urls = oursOf(step.marker);
    await putBack(id, urls, previousOf(step.marker), step.marker['previousRotation'], operation);
  },
};

/** Whether a takeover is put back, whatever `OnDelete` says: until the stack was complete after it. */
async function isProvisional(
  { id, createdAt, isFinal }: ObjectRecord,
  operation: Operation,
): Promise<boolean> {
  // The events of the stack that it was moved to say nothing of it.
  if (isFinal) return false;
  const wasComplete = await wasCompleteWith(id, createdAt, operation);
  return wasComplete === false || (await operation.isRollingBack()) === true;
}

/** Whether the stack was complete with the configuration in it, and does not roll back. */
async function wasEverComplete(id: string, operation: Operation): Promise<boolean> {
  return (await wasCompleteWith(id, 0, operation)) === true && !(await operation.isRollingBack());
}

const wasCompleteWith = (id: string, since: number, { aws, deadline, request }: Operation) =>
  aws.wasCompleteAfter({ stackId: request.stackId, physicalId: id }, since, deadline);

const previousOf = (details: Record<string, string> | undefined) => ({
  url: details?.['previousUrl'] ?? '',
  type: details?.['previousType'] ?? NATIVE,
});
