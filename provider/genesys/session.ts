import { setImmediate } from 'node:timers/promises';
import type platformClient from 'purecloud-platform-client-v2';
import IntegrationsApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/IntegrationsApi.js';
import OrganizationApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/OrganizationApi.js';
import RecordingApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RecordingApi.js';
import type { Deadline } from '../runtime/deadline.ts';
import { asObject, failedCall, readAnswer } from './answer.ts';
import { type FailedCall, LoginError, OrganizationChangedError, ServerError } from './errors.ts';
import { secretsIn } from './redaction.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import { type SdkCall, sdkClient } from './sdk-client.ts';
import { seal, unseal } from './sealing.ts';
import { Shared } from './shared.ts';
import type { Login, Logins } from './token.ts';
import { exchange, type HttpCall, isRepeatable, type Wire } from './transport.ts';

/** The organization that an OAuth client belongs to. */
export interface Organization {
  readonly id: string;
  readonly name?: string;
}

/** Genesys Cloud for one piece of work: every call ends with its signal and deadline. */
export interface GenesysSession {
  readonly integrations: platformClient.IntegrationsApi;
  readonly recording: platformClient.RecordingApi;
  readonly organizations: platformClient.OrganizationApi;
  /** Loaded when asked for; hardly any request needs it. */
  architect(): Promise<platformClient.ArchitectApi>;
  /** The organization of the OAuth client: one call per container and client. */
  organization(): Promise<Organization>;
  /** AWS region of the organization; undefined where only base addresses are set. */
  region(): Promise<string | undefined>;
  /** Domain of the organization's region, e.g. `mypurecloud.ie`. */
  domain(): Promise<string>;
  /**
   * Encrypts what was read in Genesys Cloud for keeping elsewhere: with the OAuth client's secret, so that whoever can
   * open it could read the same there.
   */
  seal(text: string): Promise<string>;
  /** What was sealed; undefined where the client or its secret is another one by now. */
  unseal(sealed: string): Promise<string | undefined>;
}

/** What the sessions of a container have in common. */
export interface Container {
  readonly wire: Wire & RetryPolicy;
  readonly logins: Logins;
  /** By OAuth client and address of the API. */
  readonly organizations: Map<string, Organization>;
  readonly lookUps: Map<string, Shared<Organization>>;
  /** When the API last answered, in milliseconds since the epoch; undefined before it did. */
  lastAnswerAt?: number;
}

/** Longest time without traffic after which a kept-alive connection is trusted with a POST (undici's own 4 s). */
const trustedIdleMs = 4000;

const me: SdkCall = {
  method: 'GET',
  template: '/api/v2/organizations/me',
  path: '/api/v2/organizations/me',
  query: '',
  headers: {},
  body: undefined,
  plainText: false,
};

/** The API refused the token; the call was not made. */
class TokenRefused extends LoginError {}

export class Session implements GenesysSession {
  readonly integrations: platformClient.IntegrationsApi;
  readonly recording: platformClient.RecordingApi;
  readonly organizations: platformClient.OrganizationApi;
  readonly #container: Container;
  readonly #deadline: Deadline;
  readonly #client = sdkClient((call) => this.#call(call));
  /** The OAuth client, and its region, that this session calls with. */
  #caller: string | undefined;
  #organization: Organization | undefined;

  constructor(container: Container, deadline: Deadline) {
    this.#container = container;
    this.#deadline = deadline;
    this.integrations = new IntegrationsApi(this.#client);
    this.recording = new RecordingApi(this.#client);
    this.organizations = new OrganizationApi(this.#client);
  }

  async architect(): Promise<platformClient.ArchitectApi> {
    const { default: ArchitectApi } = await import(
      'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js'
    );
    return new ArchitectApi(this.#client);
  }

  async organization(): Promise<Organization> {
    const login = await this.#container.logins.current(this.#deadline);
    await this.#stayInOrganization(login);
    this.#organization = await this.#organizationOf(login);
    return this.#organization;
  }

  async region(): Promise<string | undefined> {
    return (await this.#container.logins.hosts(this.#deadline)).awsRegion;
  }

  async domain(): Promise<string> {
    return (await this.#container.logins.hosts(this.#deadline)).domain;
  }

  async seal(text: string): Promise<string> {
    return seal(text, await this.#container.logins.currentSecret());
  }

  async unseal(sealed: string): Promise<string | undefined> {
    return unseal(sealed, await this.#container.logins.currentSecret());
  }

  async #call(call: SdkCall): Promise<unknown> {
    if (!isRepeatable(call.method, call.template)) await this.#wakeConnection();
    const login = await this.#container.logins.current(this.#deadline);
    const { value } = await send(this.#container, this.#deadline, call, login, (used) =>
      this.#stayInOrganization(used),
    );
    return value;
  }

  /**
   * Lambda freezes a container between invocations, timers included, so that a connection may be dead and still
   * in the pool. A POST sent into it would be reset, its outcome unknown; a GET may be repeated.
   */
  async #wakeConnection(): Promise<void> {
    const { lastAnswerAt, logins, wire } = this.#container;
    if (lastAnswerAt === undefined || wire.clock.now() - lastAnswerAt <= trustedIdleMs) return;
    await this.#askOrganization(await logins.current(this.#deadline));
    // fetch hands over the body a moment before it takes the connection back; the POST shall have this one.
    await setImmediate();
  }

  /** Before a call by another OAuth client than until now: is it of the same organization? */
  async #stayInOrganization(login: Login): Promise<void> {
    const caller = callerOf(login);
    this.#caller ??= caller;
    if (caller === this.#caller) return;
    const before = this.#organization ?? this.#container.organizations.get(this.#caller);
    if (before) assertSame(before, await this.#organizationOf(login), login);
    this.#caller = caller;
  }

  async #organizationOf(login: Login): Promise<Organization> {
    return this.#container.organizations.get(callerOf(login)) ?? this.#askOrganization(login);
  }

  async #askOrganization(login: Login): Promise<Organization> {
    const { organizations, lookUps } = this.#container;
    const caller = callerOf(login);
    const lookUp = lookUps.get(caller) ?? new Shared<Organization>();
    lookUps.set(caller, lookUp);
    return lookUp.join(this.#deadline, async (deadline) => {
      const { value, used } = await send(this.#container, deadline, me, login);
      const { id, name } = asObject(value) ?? {};
      if (typeof id !== 'string' || id === '') {
        throw new ServerError('The answer names no organization', callFacts(me, used));
      }
      const organization = typeof name === 'string' ? { id, name } : { id };
      organizations.set(callerOf(used), organization);
      return organization;
    });
  }
}

function callerOf(login: Login): string {
  return `${login.clientId} ${login.hosts.api}`;
}

function callFacts(call: SdkCall, login: Login): FailedCall {
  return { method: call.method, path: call.path, host: new URL(login.hosts.api).host };
}

function assertSame(before: Organization, after: Organization, login: Login): void {
  if (before.id === after.id) return;
  throw new OrganizationChangedError(before.id, after.id, callFacts(me, login));
}

/**
 * Makes a call with retries. After a 401, once, with a new token of a secret read again.
 * @param before runs with the login of each of the two, before the call.
 */
async function send(
  container: Container,
  deadline: Deadline,
  call: SdkCall,
  first: Login,
  before: (login: Login) => Promise<void> = async () => {},
): Promise<{ value: unknown; used: Login }> {
  const { logins } = container;
  let attempts = 0;
  const attempt = async (login: Login) => {
    await before(login);
    const http = httpCall(call, login);
    const value = await withRetries(container.wire, deadline, async () => {
      attempts += 1;
      const answer = await exchange(container.wire, http, attempts, deadline);
      container.lastAnswerAt = container.wire.clock.now();
      if (answer.status === 401) {
        throw new TokenRefused('Genesys Cloud refuses the token', failedCall(http, answer));
      }
      return readAnswer(http, answer);
    });
    return { value, used: login };
  };

  try {
    return await attempt(first);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
  }
  const second = await logins.renewed(first, deadline);
  try {
    return await attempt(second);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    logins.forget(second);
    throw new LoginError(
      `Genesys Cloud refuses even a new token of the OAuth client ${second.clientId}. Check that the client is ` +
        'active, and that the addresses of the API and of the login are of one region',
      error,
    );
  }
}

function httpCall(call: SdkCall, login: Login): HttpCall {
  const { authorization: _, ...headers } = lowerCased(call.headers);
  return {
    method: call.method,
    template: call.template,
    path: call.path,
    url: `${login.hosts.api}${call.path}${call.query}`,
    headers: {
      accept: call.plainText ? 'text/plain' : 'application/json',
      // On requests without a body too, as the SDK: a POST without it may be refused as of an unknown type.
      'content-type': 'application/json',
      ...headers,
      authorization: `Bearer ${login.accessToken}`,
    },
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
    plainText: call.plainText,
    repeatable: isRepeatable(call.method, call.template),
    secrets: [...login.secrets, ...secretsIn(call.body)],
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
