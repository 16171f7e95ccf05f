/** Refuses a key before anything is written. */
import type { Models } from 'purecloud-platform-client-v2';
import { messageOf, ProviderError, RefusedError } from '../../../common/errors.ts';
import { cut } from '../../../common/text.ts';
import { BadRequestError, NotFoundError } from '../../genesys/index.ts';
import { sameOwner } from '../../ledger/index.ts';
import { livingOwner } from '../../lifecycle/adoption.ts';
import { type Operation, ownerOf } from '../../lifecycle/operation.ts';
import { patiently } from '../../lifecycle/waiting.ts';
import { keyProblem } from './key-policy.ts';
import { type Configuration, KIND, KMS, LOCAL } from './reading.ts';
import type { RecordingKeyProperties } from './schema.ts';

export function checkRegion({ KeyAliasArn }: RecordingKeyProperties, region: string | undefined): void {
  const keyRegion = KeyAliasArn.split(':')[3];
  if (region === undefined || keyRegion === region) return;
  throw new RefusedError(
    `KeyAliasArn is in ${keyRegion}, but the Genesys Cloud organization is in ${region}: the key, or a replica of it, must be in the organization's region.`,
  );
}

export async function refuseOwnedByOther(
  before: Configuration | undefined,
  operation: Operation,
): Promise<void> {
  if (before?.id === undefined) return;
  const record = await operation.ledger.object(KIND, before.id, operation.deadline);
  if (record === undefined || sameOwner(record.owner, ownerOf(operation))) return;
  // CloudFormation may have retained it without a word: a deletion policy sends no Delete.
  const owner = await livingOwner(record, operation);
  if (owner === undefined) return;
  throw new RefusedError(
    `The organization's recording key configuration belongs to ${owner}: an organization has one, and one owner. Change KeyAliasArn there, and leave this resource out; or set OnDelete: Retain there, deploy, remove it there, then deploy this one.`,
  );
}

/** @throws RefusedError where another provider is the one that sets the organization's recording key. */
export function refuseUndesignated({ settings, appliedBefore }: Operation): void {
  const { recordingKeyProviderArn } = settings;
  if (recordingKeyProviderArn === undefined || appliedBefore) return;
  throw new RefusedError(
    `Only the provider ${recordingKeyProviderArn} sets the recording key of this organization. Name it as the ServiceToken, or have the administrator change the parameter RecordingKeyProviderArn of this provider.`,
  );
}

export function refuseToOverwrite(
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

/** The aliases that this resource has, or was about to have, in the configuration. */
export const oursOf = ({ url, pendingUrl }: Record<string, string>): string[] =>
  [url, pendingUrl].filter((alias): alias is string => alias !== undefined && alias !== '');

/**
 * Where somebody else's hand has been at the configuration, the rules of a Create hold, in a rollback too.
 * @param details of the ledger
 */
export function refuseOtherHand(
  before: Configuration,
  details: Record<string, string>,
  properties: RecordingKeyProperties,
  operation: Operation,
): void {
  if (oursOf(details).includes(before.url ?? '') && before.keyConfigurationType !== LOCAL) return;
  refuseToOverwrite(before, properties);
  const takesOver = before.keyConfigurationType === KMS && before.url !== properties.KeyAliasArn;
  if (takesOver) refuseUndesignated(operation);
}

/**
 * Asks Genesys Cloud whether it can use the key. A fresh key policy is waited for, unless this account can
 * see that it will never do.
 */
export async function validate({ KeyAliasArn }: RecordingKeyProperties, operation: Operation): Promise<void> {
  let problem: string | undefined;
  let looked = false;
  const check = async () => {
    const answer = await operation.session.recording.postRecordingKeyconfigurationsValidate({
      url: KeyAliasArn,
      keyConfigurationType: KMS,
    });
    if (answer?.lastError) throw new KeyRefusedError(reasonOf(answer.lastError));
  };
  try {
    await patiently(
      async () => {
        try {
          await check();
        } catch (error) {
          if (!looked && isKeyRefusal(error)) {
            looked = true;
            problem = await keyProblem(KeyAliasArn, operation.organization.id, operation);
          }
          throw error;
        }
      },
      (error) => isKeyRefusal(error) && problem === undefined,
      operation,
    );
  } catch (error) {
    if (!isKeyRefusal(error)) throw error;
    throw new KeyRefusedError(
      `Genesys Cloud cannot use ${KeyAliasArn}. ${problem === undefined ? '' : `${problem} `}It says: ${wordsOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Genesys Cloud tried the key, and it did not work. */
export class KeyRefusedError extends ProviderError {}

const LONGEST_WORDS = 150;

/** Genesys Cloud's own words, which may quote whole policies of the key. */
function wordsOf(error: unknown): string {
  const { remark, correlationId } = error instanceof BadRequestError ? error : {};
  const words = cut(remark ?? messageOf(error), LONGEST_WORDS);
  return correlationId === undefined ? words : `${words} (correlation id ${correlationId})`;
}

const isKeyRefusal = (error: unknown) =>
  error instanceof KeyRefusedError || (error instanceof BadRequestError && !(error instanceof NotFoundError));

export function reasonOf(error: Models.ErrorBody): string {
  return (error.messageWithParams ?? error.message ?? error.code ?? 'no reason given').slice(0, 600);
}
