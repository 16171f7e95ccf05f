/** Foresees the writes of the organization's recording key by reading alone. */
import { makeOnce } from '../../lifecycle/making.ts';
import type { PreviewRules } from '../../lifecycle/resource-type.ts';
import { onExisting } from '../../lifecycle/waiting.ts';
import {
  checkRegion,
  refuseOtherHand,
  refuseOwnedByOther,
  refuseToOverwrite,
  refuseUndesignated,
} from './checks.ts';
import { currentConfiguration, KIND, NATIVE } from './reading.ts';
import type { RecordingKeyProperties } from './schema.ts';

export const preview: PreviewRules<RecordingKeyProperties> = {
  async create(properties, operation, { newId }) {
    refuseUndesignated(operation);
    checkRegion(properties, await operation.session.region());
    const before = await currentConfiguration(operation);
    await refuseOwnedByOther(before, operation);
    refuseToOverwrite(before, properties);
    const id = before?.id ?? newId;
    const details = { url: properties.KeyAliasArn };
    await makeOnce<{ id: string }>(
      {
        kind: KIND,
        marker: {},
        send: async () => ({ id }),
        find: async () => undefined,
        object: () => ({ origin: before ? 'taken-over' : 'created', details }),
      },
      operation,
    );
    return { id, isThere: before !== undefined, details };
  },

  async update({ id, record }, properties, operation) {
    if (!operation.appliedBefore) checkRegion(properties, await operation.session.region());
    const { recording } = operation.session;
    const before = await onExisting(id, () => recording.getRecordingKeyconfiguration(id), operation);
    const details = record?.details ?? { url: before.url ?? '' };
    refuseOtherHand(before, details, properties, operation);
    return { id, isThere: true, details: { ...details, url: properties.KeyAliasArn } };
  },

  endOf({ OnDelete }) {
    if (OnDelete === 'RestorePrevious') return 'put back';
    return OnDelete === NATIVE ? 'delete' : 'retain';
  },
};
