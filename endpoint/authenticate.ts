/** Authenticates callers over HTTP, by a shared secret in a header or by a JSON Web Token. */
import { type Clock, systemClock } from '../common/clock.ts';
import { EndpointError } from './errors.ts';
import { header, type RawRequest } from './request.ts';
import { RotatingSecret, sameSecret } from './secrets.ts';
import { required, type Settings } from './settings.ts';
import { verifySignature } from './signature.ts';

type Headers = Pick<RawRequest, 'headers'>;

export interface Authenticator {
  /**
   * The caller's name. It is part of every key, so two callers never share an answer.
   * @param signal aborts when the caller's time is over.
   * @throws EndpointError 401 for a missing credential, 403 for a wrong one, 503 if it cannot be checked in
   * time.
   */
  caller(request: Headers, signal?: AbortSignal): Promise<string>;
  /** Checks the signature of the body if the settings ask for one. */
  checkSignature(request: Pick<RawRequest, 'headers' | 'body'>, signal?: AbortSignal): Promise<void>;
}

/** A missing setting fails the first request that needs it, with `SettingsInvalid`. */
export function createAuthenticator(settings: Settings, clock: Clock = systemClock): Authenticator {
  const cacheMs = settings.SECRET_CACHE_SECONDS * 1000;
  const signingSecret =
    settings.SIGNATURE === 'Off'
      ? undefined
      : new RotatingSecret({
          secretId: required(settings, 'SIGNING_SECRET_ARN'),
          field: settings.SIGNING_SECRET_FIELD,
          cacheMs,
          clock,
        });
  // Made with the first credential, because an endpoint for direct invocations alone has no secret in its
  // settings.
  let checkCaller: Authenticator['caller'] | undefined;
  return {
    async caller(request, signal) {
      checkCaller ??= callerCheck(settings, cacheMs, clock);
      return checkCaller(request, signal);
    },
    async checkSignature(request, signal) {
      if (signingSecret === undefined) return;
      await verifySignature(request, signingSecret, {
        timestampRequired: settings.SIGNATURE === 'TimestampAndBody',
        nowMs: clock.now(),
        signal,
      });
    },
  };
}

function callerCheck(settings: Settings, cacheMs: number, clock: Clock): Authenticator['caller'] {
  if (settings.AUTHENTICATION === 'Iam') {
    // API Gateway names every caller that it has authenticated, and then this check is not called.
    return async () => {
      throw new EndpointError(401, 'CredentialMissing', 'The request was not signed for IAM.');
    };
  }
  if (settings.AUTHENTICATION === 'Jwt') return jwtCheck(settings);
  const name = settings.SHARED_SECRET_HEADER;
  const secret = new RotatingSecret({
    secretId: required(settings, 'SHARED_SECRET_ARN'),
    field: settings.SHARED_SECRET_FIELD,
    cacheMs,
    clock,
  });
  return async (request, signal) => {
    const given = header(request, name);
    if (given === undefined || given === '') {
      throw new EndpointError(401, 'CredentialMissing', `The header ${name} is missing.`);
    }
    if (!(await secret.matches((value) => sameSecret(value, given), signal))) {
      throw new EndpointError(403, 'CredentialWrong', `The header ${name} does not hold the right secret.`);
    }
    return 'shared-secret';
  };
}

function jwtCheck(settings: Settings): Authenticator['caller'] {
  required(settings, 'JWT_ISSUER');
  let verifier: ReturnType<typeof createVerifier> | undefined;
  return async (request, signal) => {
    const given = header(request, 'authorization');
    if (given === undefined || given === '') {
      throw new EndpointError(401, 'CredentialMissing', 'The header authorization is missing.');
    }
    verifier ??= createVerifier(settings);
    try {
      const claims = await unlessAborted((await verifier).verify(given.replace(/^Bearer\s+/i, '')), signal);
      return `jwt:${claims.sub ?? claims['client_id'] ?? claims.iss}`;
    } catch (error) {
      // The library's messages quote claims of the token, so they go to the log and not to the caller.
      if (signal?.aborted === true || (await isUnreachable(error))) {
        throw new EndpointError(503, 'KeysUnavailable', "The issuer's keys could not be read.", {
          cause: error,
        });
      }
      throw new EndpointError(403, 'CredentialWrong', 'The token is not valid here.', { cause: error });
    }
  };
}

async function createVerifier(settings: Settings) {
  // The library is loaded only where tokens are used.
  const { JwtVerifier } = await import('aws-jwt-verify');
  const { SimpleJwksCache } = await import('aws-jwt-verify/jwk');
  const audience = settings.JWT_AUDIENCE;
  const given = settings.JWT_JWKS;
  return JwtVerifier.create(
    {
      issuer: required(settings, 'JWT_ISSUER'),
      // The audience is checked below, because Cognito's access tokens carry it in `client_id`.
      audience: null,
      ...(settings.JWT_SCOPE === undefined ? {} : { scope: settings.JWT_SCOPE }),
      ...(settings.JWT_JWKS_URI === undefined ? {} : { jwksUri: settings.JWT_JWKS_URI }),
      customJwtCheck({ payload }) {
        if (payload.exp === undefined) throw new Error('The token never expires.');
        const named = [payload.aud ?? payload['client_id']].flat();
        if (audience !== undefined && !named.includes(audience)) {
          throw new Error('The token is for another audience.');
        }
      },
    },
    { jwksCache: given === undefined ? new SimpleJwksCache() : new SimpleJwksCache(onlyTheseKeys(given)) },
  );
}

/**
 * Given keys are complete, so an unknown key is refused at once instead of being looked for at the issuer.
 */
import { unlessAborted } from '../common/deadline.ts';

function onlyTheseKeys(jwks: string) {
  const nothing = () => {};
  return {
    fetcher: { fetch: async () => bytesOf(jwks) },
    penaltyBox: {
      wait: async () => {},
      registerFailedAttempt: nothing,
      registerSuccessfulAttempt: nothing,
    },
  };
}

function bytesOf(text: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = Buffer.from(text);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

async function isUnreachable(error: unknown): Promise<boolean> {
  const { FetchError, WaitPeriodNotYetEndedJwkError } = await import('aws-jwt-verify/error');
  return error instanceof FetchError || error instanceof WaitPeriodNotYetEndedJwkError;
}
