/**
 * Entry for a schedule: asks Genesys Cloud whether it can still use the organization's recording key. Calls
 * by Genesys Cloud that KMS denied or throttled are logged in Genesys Cloud's account and not in the key
 * owner's. So the check reads the configuration's `lastError`, and has Genesys Cloud test the key.
 */
import { messageOf, ProviderError } from '../common/errors.ts';
import { BadRequestError } from '../provider/genesys/index.ts';
import type { LambdaContext } from '../provider/protocol/index.ts';
import { type EntryParts, type Wiring, wire } from '../provider/wiring.ts';

/** The key cannot be used. The invocation fails, which raises the function's error metric and alarm. */
export class RecordingKeyUnusableError extends ProviderError {}

export interface RecordingKeyCheckResult {
  /** Key configurations under customer managed keys. */
  checked: number;
}

/** Time for the log after the calls were aborted. */
const RESERVE_MILLISECONDS = 2_000;

/**
 * @returns a handler that resolves when every key can be used, and throws RecordingKeyUnusableError when one
 * cannot.
 */
export function createRecordingKeyCheck(parts: EntryParts = {}) {
  let wiring: Wiring | undefined;
  return async (
    _event: unknown,
    context: Pick<LambdaContext, 'getRemainingTimeInMillis'>,
  ): Promise<RecordingKeyCheckResult> => {
    wiring ??= wire(parts);
    const { settings, clock, log } = wiring;
    const left = context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS;
    const deadline = { signal: AbortSignal.timeout(left), at: clock.now() + left };
    const { recording } = wiring.genesysCloud(settings.oauthSecretArn).session(deadline);
    const { entities = [] } = await recording.getRecordingKeyconfigurations();
    const keys = entities.filter(({ keyConfigurationType }) => keyConfigurationType === 'KmsSymmetric');
    const problems: string[] = [];
    for (const { url, keyConfigurationType, lastError } of keys) {
      const refusal = await recording
        .postRecordingKeyconfigurationsValidate({ url, keyConfigurationType })
        .then(
          (answer) => answer?.lastError?.message,
          (error: unknown) => {
            if (error instanceof BadRequestError) return messageOf(error);
            throw error;
          },
        );
      // The test runs now, so its refusal is newer than `lastError`.
      const problem = refusal ?? lastError?.message;
      if (problem !== undefined) problems.push(`${url}: ${problem}`);
      log.info('recording key checked', {
        url,
        usable: problem === undefined,
        ...(problem === undefined ? {} : { problem }),
      });
    }
    if (problems.length > 0) {
      throw new RecordingKeyUnusableError(
        `Genesys Cloud cannot use the recording key. ${problems.join('; ')}`,
      );
    }
    return { checked: keys.length };
  };
}

export const handler = createRecordingKeyCheck();
