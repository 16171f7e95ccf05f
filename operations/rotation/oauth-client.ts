/** The calls to Genesys Cloud of a rotation: the reset of a client's secret, and a login that proves one. */
import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import { messageOf, ProviderError, RefusedError } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';
import { registerSecret } from '../../common/redaction.ts';
import {
  type GenesysSession,
  isRefusal,
  LoginError,
  OutcomeUnknownError,
} from '../../provider/genesys/index.ts';

const RESET = '/api/v2/oauth/clients/{clientId}/secret';
/** A reset whose answer was lost is repeated: each one voids the secret of the one before it. */
const MOST_RESETS = 3;
const WAIT_MILLISECONDS = 2_000;

/**
 * Resets the secret of an OAuth client and returns the new one, which no other call ever shows. The old
 * secret is void from then on.
 * @throws RefusedError where Genesys Cloud does not let the rotation's own client do it
 */
export async function resetSecret(session: GenesysSession, clientId: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return secretIn(await session.call('POST', RESET, { clientId }));
    } catch (error) {
      if (error instanceof OutcomeUnknownError && attempt < MOST_RESETS) continue;
      if (!isRefusal(error) || error instanceof LoginError) throw error;
      throw new RefusedError(
        `${messageOf(error)} The rotation's own OAuth client must belong to the same organization, have the permission oauth:client:edit, and every role of the client whose secret it resets.`,
        { cause: error },
      );
    }
  }
}

// The answer itself is in no message, because it holds the secret.
function secretIn(answer: unknown): string {
  const { secret } = isPlainObject(answer) ? answer : {};
  if (typeof secret !== 'string' || secret.trim() === '') {
    throw new ProviderError(
      'Genesys Cloud has reset the secret, and its answer has no secret. Rotate again: the next reset makes another one.',
    );
  }
  registerSecret(secret);
  return secret;
}

/**
 * Whether a client can log in. A new secret may not be known everywhere at once, so a refusal counts only
 * after some time.
 * @param until milliseconds since the epoch
 * @throws the error of any other failure than a refused login
 */
export async function canLogIn(
  client: (deadline: Deadline) => GenesysSession,
  { clock, until, deadline }: { clock: Clock; until: number; deadline: Deadline },
): Promise<boolean> {
  for (;;) {
    try {
      await client(deadline).organization();
      return true;
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      if (clock.now() + WAIT_MILLISECONDS > until) return false;
      await clock.sleep(WAIT_MILLISECONDS, deadline.signal);
    }
  }
}
