/**
 * The four steps by which Secrets Manager rotates a secret, for the secret of an OAuth client. A client has
 * one secret and no overlap: its reset voids the current one. So the reset stands in the first step, and the
 * new secret becomes current in the same step, as soon as it is stored. The other steps are repeats of that.
 */
import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import { ProviderError, RefusedError, SettingsError } from '../../common/errors.ts';
import { type GenesysSession, type OAuthSecret, parseOAuthSecret } from '../../provider/genesys/index.ts';
import type { Log } from '../../provider/runtime/logger.ts';
import { canLogIn, resetSecret } from './oauth-client.ts';
import type { SecretVersions, Versions } from './secret-versions.ts';

/** A secret that was made, stored, and is refused by Genesys Cloud all the same. The rotation has failed. */
export class PendingSecretRefusedError extends ProviderError {}

/** The parts of one step. */
export interface Rotation {
  secretArn: string;
  secrets: SecretVersions;
  /** The calls of the rotation's own OAuth client. */
  own: { clientId(): Promise<string>; session(deadline: Deadline): GenesysSession };
  /** The calls of a client with this secret. */
  sessionOf(secret: OAuthSecret): (deadline: Deadline) => GenesysSession;
  clock: Clock;
  log: Log;
  /** The end of the step, with time for one more call to Secrets Manager after it. */
  deadline: Deadline;
  /** The end of that time. */
  lastDeadline: Deadline;
}

/** The version that a rotation is about, as the event names it. */
export type Step = (rotation: Rotation, token: string) => Promise<void>;

/** Time that a stored secret gets to become known everywhere in Genesys Cloud. */
const PATIENCE_MILLISECONDS = 60_000;
/** A secret that is stored already was known everywhere long ago. */
const SHORT_PATIENCE_MILLISECONDS = 10_000;
/** A reset begins only where so much time is left to make the call and to store its answer. */
const ROOM_FOR_RESET_MILLISECONDS = 20_000;

/** Makes the new secret, stores it as pending, and puts it in the place of the void one. */
const createSecret: Step = async (rotation, token) => {
  const { secrets, deadline, log } = rotation;
  const versions = await secrets.versions(deadline);
  const id = versionOf(versions, token, rotation);
  const current = await currentText(versions, rotation);
  const { clientId } = parseOAuthSecret(current, rotation.secretArn);
  const stored = await secrets.text(id, deadline);
  if (stored !== undefined && (await isOfUse(stored, clientId, rotation))) {
    // An earlier run has stored it, and ended before the rest.
    await secrets.makeCurrent(id, versions, deadline);
    return;
  }
  if (stored !== undefined) log.warn('the pending secret is of no use; another one is made', { id });
  await refuseOwnClient(clientId, rotation);
  await secrets.tryToWrite(current, deadline);
  const made = await reset(clientId, rotation);
  const text = JSON.stringify({ ...(JSON.parse(current) as object), client_secret: made });
  const newId = await secrets.putPending(text, id, rotation.lastDeadline);
  await secrets.makeCurrent(newId, versions, rotation.lastDeadline);
  log.info('the secret of the OAuth client was reset and stored', { clientId, version: newId });
};

/** Nothing to do: Genesys Cloud has made the secret itself, in the first step. */
const setSecret: Step = async (rotation, token) => {
  versionOf(await rotation.secrets.versions(rotation.deadline), token, rotation);
};

/**
 * Logs in with the new secret. Secrets Manager also runs this step alone when a rotation is set up, on a
 * version without a value: then the current secret and the rotation's own client are tried.
 */
const testSecret: Step = async (rotation, token) => {
  const { secrets, deadline, secretArn, own } = rotation;
  const versions = await secrets.versions(deadline);
  const id = versionOf(versions, token, rotation);
  const stored = await secrets.text(id, deadline);
  if (stored === undefined) await own.session(deadline).organization();
  const text = stored ?? (await currentText(versions, rotation));
  if (await isGood(text, PATIENCE_MILLISECONDS, rotation)) return;
  throw new PendingSecretRefusedError(
    `Genesys Cloud refuses the secret in version ${stored === undefined ? versions.current : id} of ${secretArn}. Rotate again: the rotation makes another one.`,
  );
};

/**
 * Makes the new secret the current one, where the first step did not come so far, and ends its time as the
 * pending one. A later rotation would bring it back otherwise, after a person has put another client there.
 */
const finishSecret: Step = async (rotation, token) => {
  const { secrets, deadline, secretArn } = rotation;
  const versions = await secrets.versions(deadline);
  const id = versionOf(versions, token, rotation);
  const stored = await secrets.text(id, deadline);
  if (stored === undefined)
    throw new RefusedError(
      `Version ${id} of ${secretArn} has no text and does not become the current one. Rotate again.`,
    );
  await refuseAnotherClient(stored, versions, rotation);
  await secrets.makeCurrent(id, versions, deadline);
  await secrets.endPending(versions, deadline);
};

/** By the names of Secrets Manager's protocol. */
export const steps: Readonly<Record<string, Step>> = { createSecret, setSecret, testSecret, finishSecret };

/**
 * The version that a step works on: the pending one. The event's own version is without a label where
 * another one had to be stored, and where the rotation is over.
 */
function versionOf(
  { isRotated, pending, current }: Versions,
  token: string,
  { secretArn }: Rotation,
): string {
  if (!isRotated)
    throw new RefusedError(`The secret ${secretArn} has no rotation. Nothing was reset. Use RotateSecret.`);
  if (pending !== undefined) return pending;
  if (current === token) return token;
  throw new RefusedError(
    `The secret ${secretArn} has no pending version, and ${token} is not its current one. Nothing was reset. Use RotateSecret.`,
  );
}

async function currentText(
  { current }: Versions,
  { secrets, secretArn, deadline }: Rotation,
): Promise<string> {
  const text = current === undefined ? undefined : await secrets.text(current, deadline);
  if (text !== undefined) return text;
  throw new SettingsError(
    `The secret ${secretArn} has no current text. Put the OAuth client there, as JSON with client_id and client_secret.`,
  );
}

/** The own client's secret would be void before the new one is stored, and nobody could log in any more. */
async function refuseOwnClient(clientId: string, { own, secretArn }: Rotation): Promise<void> {
  if ((await own.clientId()) !== clientId) return;
  throw new RefusedError(
    `The secret ${secretArn} holds the rotation's own OAuth client ${clientId}. Nothing was reset. Give the rotation a client of its own.`,
  );
}

/** A person has put another client into the secret, and the pending one must not come back. */
async function refuseAnotherClient(pending: string, versions: Versions, rotation: Rotation): Promise<void> {
  const { secretArn } = rotation;
  const current = parseOAuthSecret(await currentText(versions, rotation), secretArn);
  if (parseOAuthSecret(pending, secretArn).clientId === current.clientId) return;
  throw new RefusedError(
    `The secret ${secretArn} got another OAuth client while it was rotated. That one stays. Rotate again.`,
  );
}

/** Whether a stored pending text holds the client of the current one, with a secret that logs in. */
async function isOfUse(pending: string, clientId: string, rotation: Rotation): Promise<boolean> {
  if (parseOAuthSecret(pending, rotation.secretArn).clientId !== clientId) return false;
  return isGood(pending, SHORT_PATIENCE_MILLISECONDS, rotation);
}

async function isGood(text: string, patience: number, rotation: Rotation): Promise<boolean> {
  const { clock, deadline, secretArn, sessionOf } = rotation;
  const client = sessionOf(parseOAuthSecret(text, secretArn));
  return canLogIn(client, { clock, until: Math.min(clock.now() + patience, deadline.at), deadline });
}

async function reset(clientId: string, { own, clock, deadline }: Rotation): Promise<string> {
  const session = own.session(deadline);
  // The login of the own client comes before the reset, so that it cannot fail in the middle.
  await session.organization();
  if (clock.now() + ROOM_FOR_RESET_MILLISECONDS > deadline.at) {
    throw new RefusedError(
      'There is too little time left to reset the secret and to store the new one. Nothing was reset. Rotate again.',
    );
  }
  return resetSecret(session, clientId);
}
