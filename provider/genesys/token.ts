import type { Clock } from '../../common/clock.ts';
import { type Deadline, endOfRepeats } from '../../common/deadline.ts';
import { asObject, errorFor, failedCall, parseJson } from './answer.ts';
import type { OAuthSecret } from './credentials.ts';
import { type FailedCall, LoginError, RateLimitedError, ServerError } from './errors.ts';
import { type HostSettings, type Hosts, resolveHosts } from './hosts.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import { Shared } from './shared.ts';
import { exchange, type HttpAnswer, type HttpCall, type Wire } from './transport.ts';

/** A token, with its client and region. */
export interface Login {
  readonly clientId: string;
  readonly hosts: Hosts;
  readonly accessToken: string;
  /** End of its use, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Texts that an error must not quote. */
  readonly secrets: readonly string[];
}

export interface LoginSettings extends HostSettings {
  readonly readSecret: () => Promise<OAuthSecret>;
  /** Reads the secret that a rotation is about to put in place of the current one; undefined without one. */
  readonly readPendingSecret?: (() => Promise<OAuthSecret | undefined>) | undefined;
}

/** A token is not used in its last minute, because it may expire on the way. */
const skewMs = 60_000;

/**
 * A rotation voids the current secret, and for a moment nothing shows that one is under way. A wrong secret
 * is therefore reported after these waits, together.
 */
const patienceMs = 8_000;
const firstWaitMs = 500;
const longestWaitMs = 5_000;

/**
 * The container's OAuth secret and token. A login reads the secret, and both are kept until the token expires
 * or the API answers 401. A login that is refused with a kept secret reads it again. A rotation voids the
 * current secret first, so a refused login also tries the pending one, and waits for a moment.
 */
export class Logins {
  readonly #settings: LoginSettings;
  readonly #wire: Wire & RetryPolicy;
  readonly #logins = new Shared<Login>();
  readonly #secrets = new Shared<OAuthSecret>();
  #secret: OAuthSecret | undefined;
  #login: Login | undefined;

  constructor(settings: LoginSettings, wire: Wire & RetryPolicy) {
    this.#settings = settings;
    this.#wire = wire;
  }

  /** The hosts of the secret's region. It reads the secret and does not log in. */
  async hosts(deadline: Deadline): Promise<Hosts> {
    return resolveHosts(this.#settings, (await this.#readSecret(deadline)).environment);
  }

  /** A valid token, by a new login where there is none. */
  async current(deadline: Deadline): Promise<Login> {
    if (this.#login) {
      if (!hasExpired(this.#login, this.#wire.clock.now())) return this.#login;
      // The secret may name another client by now, although the old one still works.
      this.forget(this.#login);
    }
    return this.#logins.join(deadline, (flight) => this.#logIn(flight));
  }

  /**
   * Another token after the API refused this one; the secret is read again, unless another call has done so.
   */
  async renewed(refused: Login, deadline: Deadline): Promise<Login> {
    if (this.#login === refused) this.forget(refused);
    return this.current(deadline);
  }

  /** Takes a refused or expired token, and the secret behind it, out of use. */
  forget(login: Login): void {
    if (this.#login !== login) return;
    this.#login = undefined;
    this.#secret = undefined;
  }

  async #readSecret(deadline: Deadline): Promise<OAuthSecret> {
    if (this.#secret) return this.#secret;
    return this.#secrets.join(deadline, async () => {
      const secret = await this.#settings.readSecret();
      this.#secret = secret;
      return secret;
    });
  }

  async #logIn(deadline: Deadline): Promise<Login> {
    const { clock } = this.#wire;
    const begunAt = clock.now();
    let kept = this.#secret;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      const secret = await this.#readSecret(deadline);
      const refusal = await this.#tryToLogIn(secret, deadline);
      if (refusal === undefined) break;
      if (this.#secret === secret) this.#secret = undefined;
      // A kept secret may have been rotated since it was read.
      if (kept === secret) {
        const fresh = await this.#readSecret(deadline);
        kept = undefined;
        if (!isSame(fresh, secret)) continue;
        this.#secret = undefined;
      }
      if (!isUnknownClient(refusal)) throw refusal;
      const pending = await this.#settings.readPendingSecret?.();
      const isRotating = pending !== undefined && !isSame(pending, secret);
      if (isRotating && (await this.#tryToLogIn(pending, deadline)) === undefined) break;
      const end = endOfRepeats(deadline, begunAt);
      if (clock.now() + waitMs > (isRotating ? end : Math.min(end, begunAt + patienceMs))) throw refusal;
      await clock.sleep(waitMs, deadline.signal);
    }
    return this.#login as Login;
  }

  /** Takes a token; returns the refusal where Genesys Cloud does not let the client in. */
  async #tryToLogIn(secret: OAuthSecret, deadline: Deadline): Promise<LoginError | undefined> {
    try {
      this.#login = await this.#requestToken(secret, deadline);
      return undefined;
    } catch (error) {
      if (error instanceof LoginError) return error;
      throw error;
    }
  }

  async #requestToken(secret: OAuthSecret, deadline: Deadline): Promise<Login> {
    const hosts = resolveHosts(this.#settings, secret.environment);
    const basic = Buffer.from(`${secret.clientId}:${secret.clientSecret}`).toString('base64');
    const path = '/oauth/token';
    const call: HttpCall = {
      method: 'POST',
      template: path,
      path,
      url: `${hosts.login}${path}`,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: 'grant_type=client_credentials',
      plainText: false,
      repeatable: true,
      secrets: [secret.clientSecret, basic],
    };
    return withRetries(this.#wire, deadline, async (attempt) => {
      const answer = await exchange(this.#wire, call, attempt, deadline);
      return readLogin(call, answer, secret, hosts, this.#wire.clock);
    });
  }
}

const hasExpired = ({ expiresAt }: Login, now: number) => now >= expiresAt;

/** The answer for a wrong secret and for a void one. Another refusal is of the client itself. */
const isUnknownClient = ({ code, status }: Pick<FailedCall, 'code' | 'status'>) =>
  code === 'invalid_client' || status === 401;

function isSame(a: OAuthSecret, b: OAuthSecret): boolean {
  return a.clientId === b.clientId && a.clientSecret === b.clientSecret && a.environment === b.environment;
}

function readLogin(
  call: HttpCall,
  answer: HttpAnswer,
  secret: OAuthSecret,
  hosts: Hosts,
  clock: Clock,
): Login {
  if (answer.status < 200 || answer.status > 299) throw loginErrorFor(call, answer, secret, hosts);
  const body = asObject(parseJson(answer.text)?.value);
  if (!body) {
    // Its text is not shown, because it may be a part of a token.
    const failed = { ...failedCall(call, answer), remark: undefined, retryable: true };
    throw new ServerError('The answer to the login cannot be read', failed);
  }
  const token = body['access_token'];
  // With a line break in the token, fetch would throw an error that quotes the header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const failed = { ...failedCall(call, answer), remark: undefined };
    throw new LoginError(`${hosts.login} answered the login without a usable token`, failed);
  }
  const seconds = Number(body['expires_in']);
  const lifetimeMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return {
    clientId: secret.clientId,
    hosts,
    accessToken: token,
    // A token that lives less than two minutes is used for half of its life.
    expiresAt: clock.now() + Math.max(lifetimeMs - skewMs, lifetimeMs / 2),
    secrets: [secret.clientSecret, token],
  };
}

function loginErrorFor(call: HttpCall, answer: HttpAnswer, secret: OAuthSecret, hosts: Hosts): Error {
  const failed = failedCall(call, answer);
  const said = `${failed.code ?? ''} ${failed.remark ?? ''}`;
  // The token endpoint throttles with 400 "invalid_request (rate limit exceeded; …)" (Terraform provider.go).
  if (answer.status === 400 && /rate limit exceeded/i.test(said)) {
    return new RateLimitedError('Genesys Cloud limits the rate of logins', { ...failed, retryable: true });
  }
  if (isUnknownClient(failed)) {
    const region = hosts.awsRegion ? `${hosts.domain} (${hosts.awsRegion})` : hosts.domain;
    return new LoginError(
      `Genesys Cloud does not know the OAuth client ${secret.clientId} with this secret in ${region}. It gives ` +
        'this answer for two causes: the client secret is wrong or was reset, or the client belongs to ' +
        'another region. Check client_id and client_secret in the OAuth secret, and GENESYS_ENVIRONMENT or ' +
        'the field "environment" of the secret',
      failed,
    );
  }
  const error = errorFor(call, answer);
  if (error.retryable || error instanceof ServerError) return error;
  return new LoginError(
    `Genesys Cloud refuses the login of the OAuth client ${secret.clientId}. Check that it is active and has ` +
      'the grant type Client Credentials',
    failed,
  );
}
