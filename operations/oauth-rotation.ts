/**
 * Entry of the rotation function of Secrets Manager: resets the secret of the provider's OAuth client, by
 * an OAuth client of its own (docs/templates/oauth-rotation.md).
 */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Deadline } from '../common/deadline.ts';
import { RequestError } from '../common/errors.ts';
import { isPlainObject } from '../common/objects.ts';
import { registerSecret } from '../common/redaction.ts';
import { GenesysCloud, type OAuthSecret, parseOAuthSecret } from '../provider/genesys/index.ts';
import { awsClientDefaults, regionOfArn } from '../provider/runtime/aws.ts';
import { type EntryParts, wire } from '../provider/wiring.ts';
import { SecretVersions } from './rotation/secret-versions.ts';
import { readRotationSettings } from './rotation/settings.ts';
import { type Step, steps } from './rotation/steps.ts';

export interface RotationParts extends EntryParts {
  /** The client that writes the secret; a real one by default. */
  secretsManager?: Pick<SecretsManagerClient, 'send'>;
}

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Time that is kept to store a secret whose reset took until the deadline. */
const KEPT_MILLISECONDS = 20_000;
const MARGIN_MILLISECONDS = 1_000;
/** A secret that is not stored is lost, so its writing is tried for longer than other calls. */
const MOST_ATTEMPTS = 8;

/** @returns a handler that resolves when the step is done, and throws where it is not */
export function createOAuthRotation(parts: RotationParts = {}) {
  return async (event: unknown, context: LambdaContext): Promise<void> => {
    const { environment = process.env } = parts;
    const { settings, aws, clock, log, genesysCloud } = wire(parts);
    const { rotatedSecretArn } = readRotationSettings(environment, settings.oauthSecretArn);
    const { step, token } = readEvent(event, rotatedSecretArn);
    const killedAt = clock.now() + context.getRemainingTimeInMillis() - MARGIN_MILLISECONDS;
    const until = (at: number): Deadline => ({
      signal: AbortSignal.timeout(Math.max(1, at - clock.now())),
      at,
    });
    const client =
      parts.secretsManager ??
      new SecretsManagerClient({
        ...awsClientDefaults,
        maxAttempts: MOST_ATTEMPTS,
        ...regionOfArn(rotatedSecretArn),
      });
    const deadline = until(killedAt - KEPT_MILLISECONDS);
    await step(
      {
        secretArn: rotatedSecretArn,
        secrets: new SecretVersions(client, rotatedSecretArn),
        own: {
          clientId: async () => {
            const text = await aws.secretText(settings.oauthSecretArn, deadline);
            return parseOAuthSecret(text, settings.oauthSecretArn).clientId;
          },
          session: (until) => genesysCloud(settings.oauthSecretArn).session(until),
        },
        sessionOf: (secret: OAuthSecret) => {
          registerSecret(secret.clientSecret);
          const cloud = new GenesysCloud({
            clock,
            fetch: parts.fetch,
            random: parts.random,
            readSecret: async () => secret,
            environment: settings.genesysEnvironment,
            apiBaseUrl: settings.apiBaseUrl,
            loginBaseUrl: settings.loginBaseUrl,
            onCall: (call) => log.info('Genesys Cloud call', { ...call }),
          });
          return (until) => cloud.session(until);
        },
        clock,
        log,
        deadline,
        lastDeadline: until(killedAt),
      },
      token,
    );
  };
}

/** @throws RequestError for an event that is no step of a rotation of this secret */
function readEvent(event: unknown, rotatedSecretArn: string): { step: Step; token: string } {
  const { SecretId, ClientRequestToken, Step: name } = isPlainObject(event) ? event : {};
  const step = typeof name === 'string' && Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined || typeof ClientRequestToken !== 'string' || ClientRequestToken === '') {
    throw new RequestError(
      'The event is no step of a rotation. Only Secrets Manager invokes this function; use RotateSecret.',
    );
  }
  if (SecretId !== rotatedSecretArn) {
    throw new RequestError(
      `The event names another secret than ${rotatedSecretArn}, the one that this function rotates. Deploy templates/oauth-rotation.yaml once for each secret.`,
    );
  }
  return { step, token: ClientRequestToken };
}

export const handler = createOAuthRotation();
