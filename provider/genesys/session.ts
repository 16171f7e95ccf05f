import { setImmediate } from 'node:timers/promises';
import type platformClient from 'purecloud-platform-client-v2';
import type { Deadline } from '../../common/deadline.ts';
import { asObject, failedCall, readAnswer } from './answer.ts';
import { Integrations, type LazyApi, type LazyApiName, lazyApis, Organizations, Recording } from './apis.ts';
import {
  type FailedCall,
  isDefiniteRefusal,
  LoginError,
  OrganizationChangedError,
  ServerError,
} from './errors.ts';
import { secretsIn } from './redaction.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import { type SdkCall, sdkClient } from './sdk-client.ts';
import { Shared } from './shared.ts';
import type { Login, Logins } from './token.ts';
import { changesSomething, exchange, type HttpCall, isRepeatable, type Wire } from './transport.ts';

/** The organization that an OAuth client belongs to. */
export interface Organization {
  readonly id: string;
  readonly name?: string;
}

/** The calls of one piece of work. All of them end with its deadline. */
export interface GenesysSession {
  readonly integrations: platformClient.IntegrationsApi;
  readonly recording: platformClient.RecordingApi;
  readonly organizations: platformClient.OrganizationApi;
  /** A write of this session was carried out, or may have been: not every one was clearly refused. */
  readonly mayHaveWritten: boolean;
  /** An API that few requests call; it is loaded now. */
  api<Name extends LazyApiName>(name: Name): Promise<LazyApi<Name>>;
  /** A call without a body to an API that the provider itself does not use; resolves to the parsed answer. */
  call(method: string, template: string, pathParams: Readonly<Record<string, string>>): Promise<unknown>;
  /** The organization of the OAuth client. It costs one call for each container and client. */
  organization(): Promise<Organization>;
  /** AWS region of the organization; undefined where only base addresses are set. */
  region(): Promise<string | undefined>;
  /** Domain of the organization's region, e.g. `mypurecloud.ie`. */
  domain(): Promise<string>;
}

/** The state that all sessions of a container share. */
export interface Container {
  readonly wire: Wire & RetryPolicy;
  readonly logins: Logins;
  /** By OAuth client and address of the API. */
  readonly organizations: Map<string, Organization>;
  readonly lookUps: Map<string, Shared<Organization>>;
  /** The time of the API's last answer, in milliseconds since the epoch. */
  lastAnswerAt?: number;
}

/** A kept-alive connection that was idle for longer is not trusted with a POST (undici keeps one for 4 s). */
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
  /** The OAuth client of this session's calls, and the address of its region. */
  #caller: string | undefined;
  #organization: Organization | undefined;
  #mayHaveWritten = false;

  constructor(container: Container, deadline: Deadline) {
    this.#container = container;
    this.#deadline = deadline;
    this.integrations = new Integrations(this.#client);
    this.recording = new Recording(this.#client);
    this.organizations = new Organizations(this.#client);
  }

  get mayHaveWritten(): boolean {
    return this.#mayHaveWritten;
  }

  async api<Name extends LazyApiName>(name: Name): Promise<LazyApi<Name>> {
    const { default: Api } = await lazyApis[name]();
    return new Api(this.#client) as LazyApi<Name>;
  }

  call(method: string, template: string, pathParams: Readonly<Record<string, string>>): Promise<unknown> {
    const json = ['application/json'];
    return this.#client.callApi(template, method, pathParams, {}, {}, {}, null, [], json, json);
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

  async #call(call: SdkCall): Promise<unknown> {
    if (!isRepeatable(call.method, call.template)) await this.#wakeConnection();
    const login = await this.#container.logins.current(this.#deadline);
    const isWrite = changesSomething(call.method, call.template);
    try {
      const { value } = await send(this.#container, this.#deadline, call, login, (used) =>
        this.#stayInOrganization(used),
      );
      this.#mayHaveWritten ||= isWrite;
      return value;
    } catch (error) {
      this.#mayHaveWritten ||= isWrite && !isDefiniteRefusal(error);
      throw error;
    }
  }

  /**
   * Makes a GET before a POST that follows a pause. Lambda freezes a container between invocations, timers
   * included, so a dead connection may still be in the pool. A POST into it would have an unknown outcome,
   * but a GET is repeated.
   */
  async #wakeConnection(): Promise<void> {
    const { lastAnswerAt, logins, wire } = this.#container;
    const isNew = lastAnswerAt === undefined;
    if (isNew || wire.clock.now() - lastAnswerAt <= trustedIdleMs) return;
    await this.#askOrganization(await logins.current(this.#deadline));
    // fetch gives the body a moment before it takes the connection back. After it, the POST gets this
    // connection.
    await setImmediate();
  }

  /** Checks, when the secret names another OAuth client now, that it belongs to the same organization. */
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
 * Makes a call with retries. After a 401 it is made once more, with a new token and the secret read again.
 * @param before runs ahead of each of the two, with its login
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
      // The SDK sends it without a body, too: a POST without a content type may be refused.
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
