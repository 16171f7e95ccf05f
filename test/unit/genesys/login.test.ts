import { AwsError, SettingsError } from '../../../common/errors.ts';
import {
  LoginError,
  type OAuthSecret,
  OrganizationChangedError,
  ServerError,
} from '../../../provider/genesys/index.ts';
import { json, type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts';
import { canaries, failureOf, type World, world } from './support.ts';

interface Client {
  /** The client secret that Genesys Cloud accepts. */
  secret: string;
  organization: string;
}

/** A Genesys Cloud that knows clients and revokes tokens. Each token is `<canary>.<client>.<number>`. */
class Accounts {
  readonly clients = new Map<string, Client>();
  readonly valid = new Set<string>();
  /** Answers 401 to every call, whatever the token. */
  refusing = false;
  /** Refuses every login so. */
  refusal: object | undefined;
  issued = 0;
  server!: LoopbackServer;

  async start(): Promise<void> {
    this.server = await loopbackServer((received, response) => {
      const authorization = received.headers.authorization ?? '';
      if (received.url === '/oauth/token') {
        const [id = '', secret] = Buffer.from(authorization.slice(6), 'base64').toString().split(':');
        if (this.refusal) return json(response, 400, this.refusal);
        if (this.clients.get(id)?.secret !== secret) {
          json(response, 400, { error: 'invalid_client', error_description: 'authentication failed' });
          return;
        }
        this.issued += 1;
        const token = `${canaries.token}.${id}.${this.issued}`;
        this.valid.add(token);
        json(response, 200, { access_token: token, expires_in: 86_400 });
        return;
      }
      const token = authorization.slice(7);
      if (this.refusing || !this.valid.has(token)) {
        json(response, 401, { code: 'bad.credentials', message: `Invalid token ${token}` });
        return;
      }
      const client = this.clients.get(token.split('.')[1] ?? '');
      if (received.url === '/api/v2/organizations/me') {
        json(response, 200, { id: client?.organization, name: 'Acme' });
      } else json(response, 200, { id: 'i1' });
    });
  }

  /** Requests as `METHOD path by client`. */
  get requests(): string[] {
    return this.server.received.map(({ method, url, headers }) => {
      const [, client] = (headers.authorization ?? '').split('.');
      return url === '/oauth/token' ? 'login' : `${method} ${url.replace('/api/v2/', '')} by ${client}`;
    });
  }
}

let accounts: Accounts;
let stored: OAuthSecret;
let pending: OAuthSecret | undefined;
let reads: number;
let onRead: () => void;
let here: World;

beforeEach(async () => {
  accounts = new Accounts();
  await accounts.start();
  accounts.clients.set('one', { secret: canaries.clientSecret, organization: 'org-1' });
  stored = { clientId: 'one', clientSecret: canaries.clientSecret };
  pending = undefined;
  reads = 0;
  onRead = () => {};
  here = world({
    apiBaseUrl: accounts.server.url,
    loginBaseUrl: accounts.server.url,
    readSecret: async () => {
      reads += 1;
      onRead();
      return stored;
    },
    readPendingSecret: async () => pending,
  });
});
afterEach(() => accounts.server.close());

const get = (session = here.session) => session.integrations.getIntegration('i1');
const post = (session = here.session) =>
  session.integrations.postIntegrations({ body: { name: 'x', integrationType: { id: 't' } } });
const anotherSession = () =>
  here.cloud.session({ signal: new AbortController().signal, at: here.clock.now() + 300_000 });

test('secret, token and organization are asked for once per container', async () => {
  for (const session of [here.session, anotherSession()]) {
    await expect(session.organization()).resolves.toEqual({ id: 'org-1', name: 'Acme' });
    await get(session);
  }
  expect(reads).toBe(1);
  expect(accounts.requests).toEqual([
    'login',
    'GET organizations/me by one',
    'GET integrations/i1 by one',
    'GET integrations/i1 by one',
  ]);
});

test('concurrent questions for the organization are one call', async () => {
  await Promise.all([
    here.session.organization(),
    here.session.organization(),
    anotherSession().organization(),
  ]);
  expect(accounts.requests).toEqual(['login', 'GET organizations/me by one']);
});

test('after a 401 the secret is read again, a new token taken and the call repeated; a POST too', async () => {
  await get();
  accounts.valid.clear();
  accounts.clients.set('one', { secret: 'rotated-secret', organization: 'org-1' });
  stored = { clientId: 'one', clientSecret: 'rotated-secret' };
  await expect(post()).resolves.toEqual({ id: 'i1' });
  expect(reads).toBe(2);
  expect(accounts.requests.slice(2)).toEqual([
    'POST integrations by one',
    'login',
    'POST integrations by one',
  ]);
});

test('when the token has expired the secret is read again, once: another client in it is used', async () => {
  await get();
  accounts.clients.set('two', { secret: 'second-secret', organization: 'org-1' });
  stored = { clientId: 'two', clientSecret: 'second-secret' };
  await get(anotherSession());
  expect(reads).toBe(1);
  here.clock.advance(86_400_000);
  await Promise.all([get(anotherSession()), get(anotherSession())]);
  expect(reads).toBe(2);
  expect(accounts.issued).toBe(2);
  expect(accounts.requests.filter((request) => request.endsWith('i1 by two'))).toHaveLength(2);
});

test('calls that meet a 401 together take one new token', async () => {
  await get();
  accounts.valid.clear();
  await Promise.all([get(), get(), get(), get()]);
  expect(reads).toBe(2);
  expect(accounts.issued).toBe(2);
});

test('a second 401 names the OAuth client; the next call begins with secret and login anew', async () => {
  await get();
  accounts.refusing = true;
  const error = (await failureOf(post())) as LoginError;
  expect(error.constructor).toBe(LoginError);
  expect(error).toMatchObject({ status: 401, code: 'bad.credentials', path: '/api/v2/integrations' });
  expect(error.message).toContain('OAuth client one');
  expect(accounts.requests.slice(2)).toEqual([
    'POST integrations by one',
    'login',
    'POST integrations by one',
  ]);
  accounts.refusing = false;
  await get();
  expect(reads).toBe(3);
});

test('a secret rotated while the token was good is picked up when the token has run out', async () => {
  await get();
  accounts.clients.set('one', { secret: 'rotated-secret', organization: 'org-1' });
  stored = { clientId: 'one', clientSecret: 'rotated-secret' };
  here.clock.advance(86_400_000);
  await expect(get(anotherSession())).resolves.toEqual({ id: 'i1' });
  expect(reads).toBe(2);
});

describe('while a secret is rotated', () => {
  /** The reset: the current secret is void, and Genesys Cloud knows another one. */
  const reset = () => {
    accounts.valid.clear();
    accounts.clients.set('one', { secret: 'rotated-secret', organization: 'org-1' });
  };
  const rotated = { clientId: 'one', clientSecret: 'rotated-secret' };

  test('a container with the void secret logs in with the pending one', async () => {
    await get();
    reset();
    pending = rotated;
    await expect(post()).resolves.toEqual({ id: 'i1' });
    expect(here.clock.sleeps).toEqual([]);
    expect(accounts.requests.slice(2)).toEqual([
      'POST integrations by one',
      'login',
      'login',
      'POST integrations by one',
    ]);
  });

  test('a container waits while the new secret is not stored yet', async () => {
    reset();
    onRead = () => {
      if (reads === 3) pending = rotated;
    };
    await expect(get()).resolves.toEqual({ id: 'i1' });
    expect(here.clock.sleeps.length).toBe(2);
  });

  test('a container that missed the pending secret finds it as the current one', async () => {
    reset();
    onRead = () => {
      if (reads === 4) stored = rotated;
    };
    await expect(get()).resolves.toEqual({ id: 'i1' });
  });

  test('a container waits for a pending secret that Genesys Cloud does not know everywhere yet', async () => {
    reset();
    accounts.clients.set('one', { secret: 'not-known-yet', organization: 'org-1' });
    pending = rotated;
    here.clock.schedule(60_000, reset);
    await expect(get()).resolves.toEqual({ id: 'i1' });
  });

  test('a container that waits gives up in time to undo and to answer', async () => {
    reset();
    accounts.clients.set('one', { secret: 'never-known', organization: 'org-1' });
    pending = rotated;
    const end = here.clock.now() + 300_000 - 30_000;
    expect(await failureOf(get())).toBeInstanceOf(LoginError);
    expect(here.clock.now()).toBeLessThanOrEqual(end);
    expect(here.clock.now()).toBeGreaterThan(end - 10_000);
  });
});

test('a secret that stays wrong is reported within eight seconds', async () => {
  await get();
  accounts.clients.set('one', { secret: 'rotated-secret', organization: 'org-1' });
  here.clock.advance(86_400_000);
  const begunAt = here.clock.now();
  expect(await failureOf(get(anotherSession()))).toBeInstanceOf(LoginError);
  expect(here.clock.now() - begunAt).toBeLessThanOrEqual(8_000);
  expect(accounts.requests.slice(2)).toEqual(Array(5).fill('login'));
});

test('a client that may not log in is reported at once', async () => {
  accounts.refusal = { error: 'unauthorized_client' };
  expect(await failureOf(get())).toBeInstanceOf(LoginError);
  expect(here.clock.sleeps).toEqual([]);
});

test('a secret that was corrected after a failed login is picked up', async () => {
  stored = { clientId: 'one', clientSecret: 'mistyped' };
  expect(await failureOf(get())).toBeInstanceOf(LoginError);
  stored = { clientId: 'one', clientSecret: canaries.clientSecret };
  await expect(get()).resolves.toEqual({ id: 'i1' });
});

describe('a secret that names another client', () => {
  beforeEach(() => {
    accounts.clients.set('same', { secret: 'another-secret', organization: 'org-1' });
    accounts.clients.set('other', { secret: 'another-secret', organization: 'org-2' });
  });

  const replaceSecret = (clientId: string) => {
    accounts.valid.clear();
    accounts.clients.delete('one');
    stored = { clientId, clientSecret: 'another-secret' };
  };

  test('of the same organization goes on, after its organization was looked up', async () => {
    await here.session.organization();
    replaceSecret('same');
    await expect(post()).resolves.toEqual({ id: 'i1' });
    expect(accounts.requests.slice(2)).toEqual([
      'POST integrations by one',
      'login',
      'GET organizations/me by same',
      'POST integrations by same',
    ]);
  });

  test('of another organization fails before the call', async () => {
    await here.session.organization();
    replaceSecret('other');
    const error = await failureOf(post());
    expect(error).toBeInstanceOf(OrganizationChangedError);
    expect(error).toMatchObject({ before: 'org-1', after: 'org-2' });
    expect(accounts.requests.slice(2)).toEqual([
      'POST integrations by one',
      'login',
      'GET organizations/me by other',
    ]);
    // The session does not ask again.
    expect(await failureOf(get())).toBeInstanceOf(OrganizationChangedError);
    expect(await failureOf(here.session.organization())).toBeInstanceOf(OrganizationChangedError);
    expect(accounts.requests).toHaveLength(5);
  });

  test('is noticed where another session took the new token', async () => {
    await here.session.organization();
    replaceSecret('other');
    await get(anotherSession()).catch(() => {});
    await expect(anotherSession().organization()).resolves.toMatchObject({ id: 'org-2' });
    const before = accounts.requests.length;
    expect(await failureOf(post())).toBeInstanceOf(OrganizationChangedError);
    expect(accounts.requests).toHaveLength(before);
  });

  test('is noticed where the token ran out', async () => {
    const session = here.cloud.session({
      signal: new AbortController().signal,
      at: Number.POSITIVE_INFINITY,
    });
    await session.organization();
    replaceSecret('other');
    accounts.clients.delete('one');
    here.clock.advance(86_400_000);
    const before = accounts.requests.length;
    expect(await failureOf(post(session))).toBeInstanceOf(OrganizationChangedError);
    expect(accounts.requests.slice(before)).toEqual(['login', 'GET organizations/me by other']);
  });

  test('is noticed by a session that never asked for its organization, where the container knows it', async () => {
    await anotherSession().organization();
    await get();
    replaceSecret('other');
    expect(await failureOf(post())).toBeInstanceOf(OrganizationChangedError);
  });

  test('does not concern a session that begins after it', async () => {
    await here.session.organization();
    replaceSecret('other');
    here.clock.advance(86_400_000);
    await expect(anotherSession().organization()).resolves.toMatchObject({ id: 'org-2' });
  });
});

test('an error of readSecret passes through, and is not kept', async () => {
  const denied = new AwsError('not allowed to read the secret');
  let broken = true;
  const { session } = world({
    apiBaseUrl: accounts.server.url,
    loginBaseUrl: accounts.server.url,
    readSecret: async () => {
      if (broken) throw denied;
      return stored;
    },
  });
  expect(await failureOf(get(session))).toBe(denied);
  expect(await failureOf(session.region())).toBe(denied);
  broken = false;
  await expect(get(session)).resolves.toEqual({ id: 'i1' });
});

test('an organization without id is an error', async () => {
  accounts.clients.set('one', { secret: canaries.clientSecret, organization: '' });
  expect(await failureOf(here.session.organization())).toBeInstanceOf(ServerError);
});

describe('region and domain', () => {
  const session = (options: Parameters<typeof world>[0]) => world(options).session;

  test('come from the setting', async () => {
    const { session } = world({ environment: 'ap-southeast-2' });
    await expect(session.region()).resolves.toBe('ap-southeast-2');
    await expect(session.domain()).resolves.toBe('mypurecloud.com.au');
  });

  test("come from the secret's environment first", async () => {
    const readSecret = async () => ({ ...stored, environment: 'mypurecloud.de' });
    await expect(session({ readSecret }).region()).resolves.toBe('eu-central-1');
    await expect(session({ readSecret }).domain()).resolves.toBe('mypurecloud.de');
  });

  test('are of the API address where there is no environment', async () => {
    const { session } = world({
      environment: undefined,
      apiBaseUrl: 'https://gateway.example.com/genesys/',
      loginBaseUrl: 'https://gateway.example.com/login',
    });
    await expect(session.region()).resolves.toBeUndefined();
    await expect(session.domain()).resolves.toBe('gateway.example.com');
  });

  test.each<[string, Parameters<typeof world>[0]]>([
    ['GENESYS_ENVIRONMENT', { environment: undefined }],
    ['GENESYS_ENVIRONMENT', { environment: 'mypurecloud.xx' }],
    ['"environment" of the OAuth secret', { readSecret: async () => ({ ...stored, environment: 'moon-1' }) }],
    ['GENESYS_API_BASE_URL', { apiBaseUrl: 'gateway' }],
    ['GENESYS_API_BASE_URL', { apiBaseUrl: 'https://user:pass@gateway.example.com' }],
    ['GENESYS_LOGIN_BASE_URL', { loginBaseUrl: 'http://gateway.example.com' }],
    ['GENESYS_LOGIN_BASE_URL', { loginBaseUrl: 'ftp://gateway.example.com' }],
  ])('an error in them names %s and calls nothing', async (name, options) => {
    const here = world(options);
    const error = await failureOf(get(here.session));
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as Error).message).toContain(name);
    expect(here.calls).toEqual([]);
  });
});
