/** Looks at the organization's recording key, and at the key in KMS where this account may. */
import { AwsError } from '../../../common/errors.ts';
import { differencesBetween } from '../../lifecycle/differences.ts';
import type { DriftRules, Looking, Trouble } from '../../lifecycle/resource-type.ts';
import { reasonOf } from './checks.ts';
import { type Configuration, KMS } from './reading.ts';
import type { RecordingKeyProperties } from './schema.ts';

export const drift: DriftRules<RecordingKeyProperties, Configuration> = {
  async *list({ session }) {
    const { entities = [] } = await session.recording.getRecordingKeyconfigurations();
    yield* entities;
  },

  read: (id, { session }) => session.recording.getRecordingKeyconfiguration(id),

  async differences({ url, keyConfigurationType }, { properties }, { session }) {
    const { KeyAliasArn, RotationPeriod } = properties;
    const rotation =
      RotationPeriod === undefined
        ? undefined
        : (await session.recording.getRecordingRecordingkeysRotationschedule()).period;
    return differencesBetween(
      { KeyConfigurationType: KMS, KeyAliasArn, RotationPeriod },
      { KeyConfigurationType: keyConfigurationType, KeyAliasArn: url, RotationPeriod: rotation },
      '',
    );
  },

  async troubles({ lastError }, applied, looking) {
    return [
      ...(lastError === undefined
        ? []
        : [{ cause: 'last-error' as const, detail: `Genesys Cloud says: ${reasonOf(lastError)}` }]),
      ...(applied === undefined ? [] : await keyTroubles(applied.properties.KeyAliasArn, looking)),
    ];
  },
};

async function keyTroubles(aliasArn: string, { aws, deadline }: Looking): Promise<Trouble[]> {
  try {
    const key = await aws.describeKey(aliasArn, deadline);
    if (key === undefined || key.enabled) return [];
    return [{ cause: 'key-disabled', detail: `The KMS key ${key.arn} is ${key.state}.` }];
  } catch (error) {
    // The alias is gone.
    if (error instanceof AwsError) return [{ cause: 'key-disabled', detail: error.message }];
    throw error;
  }
}
