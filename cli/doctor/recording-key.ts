/** The KMS key of the organization's recordings, where a stack manages it. */
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
} from '@aws-sdk/client-kms';
import type { Models } from 'purecloud-platform-client-v2';
import { reasonOf } from '../../provider/resources/recording-key/checks.ts';
import { policyProblem } from '../../provider/resources/recording-key/key-policy.ts';
import { nameOf } from './aws.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import { managed } from './managed.ts';
import { fault, fine, NotLookedAtError, nothing, type Outcome } from './outcome.ts';

export const recordingKeyChecks: Check[] = [
  {
    id: 'recording-key-alias',
    title: "The alias of the recording key leads to a key in the organization's Region",
    reads: ['kms:DescribeKey', 'GET /api/v2/recording/keyconfigurations'],
    look: (facts) =>
      ofConfiguration(facts, async ({ alias }) => {
        const region = await (await facts.session()).region();
        if (region !== undefined && alias.split(':')[3] !== region) {
          return fault(
            `The alias ${alias} is not in ${region}, the Region of the organization.`,
            `Make a replica of the key in ${region} (templates/kms/recording-key-replica.yaml), and name its alias.`,
          );
        }
        try {
          const { Arn } = await describe(facts, alias);
          return fine(Arn);
        } catch (error) {
          if (nameOf(error) !== 'NotFoundException') throw error;
          return fault(
            `There is no alias ${alias}, so Genesys Cloud can encrypt and decrypt no recording.`,
            `aws kms create-alias --alias-name ${alias.split(':').at(-1)} --target-key-id <id of the key>`,
          );
        }
      }),
  },
  {
    id: 'recording-key-state',
    title: 'The recording key is enabled',
    reads: ['kms:DescribeKey'],
    look: (facts) =>
      ofConfiguration(facts, async ({ alias }) => {
        const { Enabled, KeyState, Arn } = await keyOf(facts, alias);
        if (Enabled === true) return fine();
        const first =
          KeyState === 'PendingDeletion' ? `aws kms cancel-key-deletion --key-id ${Arn}, then ` : '';
        return fault(
          `The key ${Arn} is ${KeyState}, so Genesys Cloud can encrypt and decrypt no recording.`,
          `${first}aws kms enable-key --key-id ${Arn}`,
        );
      }),
  },
  {
    id: 'recording-key-policy',
    title: 'The key policy lets Genesys Cloud use the key for this organization',
    reads: ['kms:DescribeKey', 'kms:GetKeyPolicy'],
    look: (facts) =>
      ofConfiguration(facts, async ({ alias }) => {
        const { Arn = '' } = await keyOf(facts, alias);
        const { Policy = '{}' } = await facts.aws.ask('kms:GetKeyPolicy', () =>
          facts.aws.kms(alias).send(new GetKeyPolicyCommand({ KeyId: Arn, PolicyName: 'default' })),
        );
        const problem = policyProblem(Policy, (await facts.organization()).id);
        if (problem === undefined) return fine();
        return fault(
          problem,
          "Deploy templates/kms/recording-key.yaml again, or mend the key's policy by its text.",
        );
      }),
  },
  {
    id: 'recording-key-rotation',
    title: 'KMS rotates the recording key',
    reads: ['kms:DescribeKey', 'kms:GetKeyRotationStatus'],
    look: (facts) =>
      ofConfiguration(facts, async ({ alias }) => {
        const { Arn = '', Enabled } = await keyOf(facts, alias);
        if (Enabled !== true) throw new NotLookedAtError('other-fault', 'see recording-key-state');
        const { KeyRotationEnabled } = await facts.aws.ask('kms:GetKeyRotationStatus', () =>
          facts.aws.kms(alias).send(new GetKeyRotationStatusCommand({ KeyId: Arn })),
        );
        if (KeyRotationEnabled === true) return fine();
        return fault(`The key ${Arn} is not rotated.`, `aws kms enable-key-rotation --key-id ${Arn}`);
      }),
  },
  {
    id: 'recording-key-use',
    title: 'Genesys Cloud used the recording key without an error',
    reads: ['GET /api/v2/recording/keyconfigurations'],
    look: (facts) =>
      ofConfiguration(facts, async ({ lastError }) =>
        lastError === undefined
          ? fine()
          : fault(
              `Genesys Cloud says: ${reasonOf(lastError)}`,
              'Mend what the other checks of the recording key name. Then change Nonce of the resource and deploy, so that Genesys Cloud tries the key again.',
            ),
      ),
  },
];

interface Configuration {
  /** ARN. */
  alias: string;
  lastError: Models.ErrorBody | undefined;
}

async function ofConfiguration(
  facts: Facts,
  look: (configuration: Configuration) => Promise<Outcome>,
): Promise<Outcome> {
  const [first] = await managed(facts, 'key-configuration');
  const configuration = first?.listed as Models.RecordingEncryptionConfiguration | undefined;
  if (configuration?.keyConfigurationType !== 'KmsSymmetric')
    return nothing('no stack manages a recording key');
  return look({ alias: configuration.url ?? '', lastError: configuration.lastError });
}

/** @throws NotFoundException of KMS */
async function describe(facts: Facts, alias: string): Promise<Partial<KeyMetadata>> {
  const { KeyMetadata: key } = await facts.aws.ask('kms:DescribeKey', () =>
    facts.aws.kms(alias).send(new DescribeKeyCommand({ KeyId: alias })),
  );
  return key ?? {};
}

/** The key of an alias. Its absence is the matter of `recording-key-alias`. */
async function keyOf(facts: Facts, alias: string) {
  try {
    return await describe(facts, alias);
  } catch (error) {
    if (nameOf(error) === 'NotFoundException')
      throw new NotLookedAtError('other-fault', 'see recording-key-alias');
    throw error;
  }
}
