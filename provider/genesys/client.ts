import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import type { OAuthSecret } from './credentials.ts';
import { type Container, type GenesysSession, Session } from './session.ts';
import { Logins } from './token.ts';
import type { CallRecord } from './transport.ts';

export interface GenesysCloudOptions {
  readonly clock: Clock;
  /** Reads the OAuth secret for a login. Its errors pass through to the caller. */
  readonly readSecret: () => Promise<OAuthSecret>;
  /** Reads the secret that a rotation has made and not put in place yet; undefined without one. */
  readonly readPendingSecret?: (() => Promise<OAuthSecret | undefined>) | undefined;
  /** Domain or AWS region name (GENESYS_ENVIRONMENT); the secret's own wins. */
  readonly environment?: string | undefined;
  /** Replaces `https://api.<domain>`. */
  readonly apiBaseUrl?: string | undefined;
  /** Replaces `https://login.<domain>`. */
  readonly loginBaseUrl?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Between 0 and 1; Math.random by default. */
  readonly random?: (() => number) | undefined;
  /** Called after every attempt, logins included. */
  readonly onCall?: ((call: CallRecord) => void) | undefined;
}

/**
 * One OAuth client of Genesys Cloud. A container keeps it, with its secret, its token and its organization's
 * id.
 */
export class GenesysCloud {
  readonly #container: Container;

  constructor(options: GenesysCloudOptions) {
    const wire = {
      clock: options.clock,
      // The global function is looked up at each call, so that a test may replace it.
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      random: options.random ?? Math.random,
      onCall: options.onCall,
    };
    this.#container = {
      wire,
      logins: new Logins(options, wire),
      organizations: new Map(),
      lookUps: new Map(),
    };
  }

  /** The calls of one invocation. */
  session(deadline: Deadline): GenesysSession {
    return new Session(this.#container, deadline);
  }
}
