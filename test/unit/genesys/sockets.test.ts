import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { DeadlineError } from '../../../common/errors.ts';
import {
  GenesysError,
  LoginError,
  OutcomeUnknownError,
  UnreachableError,
} from '../../../provider/genesys/index.ts';
import { type Answering, json, type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts';
import { canaries, failureOf, type World, world } from './support.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A world against a real server. `answering` sees every call but logins, numbered from 1. */
async function against(
  answering: (number: number, ...args: Parameters<Answering>) => void,
  options: Parameters<typeof world>[0] = {},
): Promise<World & { server: LoopbackServer }> {
  let calls = 0;
  const server = await loopbackServer((received, response, request) => {
    if (received.url === '/oauth/token') {
      json(response, 200, { access_token: canaries.token, expires_in: 86_400 });
      return;
    }
    calls += 1;
    answering(calls, received, response, request);
  });
  closers.push(() => server.close());
  return { ...world({ apiBaseUrl: server.url, loginBaseUrl: server.url, ...options }), server };
}

const get = ({ session }: World) => session.integrations.getIntegration('i1');
const post = ({ session }: World) =>
  session.integrations.postIntegrations({ body: { name: 'x', integrationType: { id: 't' } } });
const put = ({ session }: World) =>
  session.recording.putRecordingRecordingkeysRotationschedule({ period: 'DAILY' });

/** Calls other than logins that reached the server. */
const made = ({ server }: { server: LoopbackServer }) =>
  server.received.filter(({ url }) => url !== '/oauth/token').map(({ method }) => method);

describe('a host that cannot be reached', () => {
  test('a refused connection is tried again, and named; even a POST', async () => {
    const free = await loopbackServer(() => {});
    await free.close();
    const here = await against(() => {}, { apiBaseUrl: free.url });
    const error = await failureOf(post(here));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ kind: 'refused', host: `127.0.0.1:${free.port}` });
    expect((error as Error).message).toContain(`127.0.0.1:${free.port} refuses the connection`);
    expect(here.clock.sleeps.length).toBeGreaterThan(8);
  });

  test('an unknown name is told apart', async () => {
    const here = await against(() => {}, { apiBaseUrl: 'https://api.nowhere.invalid' });
    const error = await failureOf(post(here));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ kind: 'dns', host: 'api.nowhere.invalid' });
  });

  test('a host that does not speak TLS is told apart', async () => {
    const plain = await loopbackServer(() => {});
    closers.push(() => plain.close());
    const here = await against(() => {}, { apiBaseUrl: `https://127.0.0.1:${plain.port}` });
    expect(await failureOf(post(here))).toMatchObject({ name: 'UnreachableError', kind: 'tls' });
  });

  test('the host of the login is named as well', async () => {
    const here = await against(() => {}, { loginBaseUrl: 'https://login.nowhere.invalid' });
    expect(await failureOf(get(here))).toMatchObject({ kind: 'dns', host: 'login.nowhere.invalid' });
  });
});

describe('a connection that breaks', () => {
  const breaks: [string, Answering][] = [
    ['before an answer', (_, response) => response.destroy()],
    [
      'after half of the answer',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
        response.write('{"id":', () => response.destroy());
      },
    ],
  ];

  test.each(breaks)('%s: a GET is sent again', async (_, breaking) => {
    const here = await against((number, received, response, request) =>
      number < 3 ? breaking(received, response, request) : json(response, 200, { id: 'i1' }),
    );
    await expect(get(here)).resolves.toEqual({ id: 'i1' });
    expect(made(here)).toEqual(['GET', 'GET', 'GET']);
  });

  test.each(breaks)('%s: a PUT is sent again', async (_, breaking) => {
    const here = await against((number, received, response, request) =>
      number < 2 ? breaking(received, response, request) : json(response, 200, { id: 'i1' }),
    );
    await expect(put(here)).resolves.toEqual({ id: 'i1' });
    expect(made(here)).toEqual(['PUT', 'PUT']);
  });

  test.each(breaks)('%s: a POST is not sent again, its outcome is unknown', async (_, breaking) => {
    const here = await against((_number, received, response, request) =>
      breaking(received, response, request),
    );
    expect(await failureOf(post(here))).toBeInstanceOf(OutcomeUnknownError);
    expect(made(here)).toEqual(['POST']);
    expect(here.clock.sleeps).toEqual([]);
  });

  test('an answer that is no HTTP leaves a POST in doubt', async () => {
    const { port, close } = await rawServer((socket) => socket.end('garbage\r\n\r\n'));
    closers.push(close);
    const here = await against(() => {}, { apiBaseUrl: `http://127.0.0.1:${port}` });
    expect(await failureOf(post(here))).toBeInstanceOf(OutcomeUnknownError);
  });
});

describe('a server that is slow', () => {
  /** Hangs, or sends one byte of the body whenever a test asks for it. */
  const slow: [string, Answering][] = [
    ['a server that never answers', () => {}],
    [
      'a body that only drips',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ];

  test.each(slow)('%s is given up after 12 s and asked again', async (_, answering) => {
    const here = await against((number, received, response, request) =>
      number === 1 ? answering(received, response, request) : json(response, 200, { id: 'i1' }),
    );
    const work = get(here);
    await here.server.arrived(2);
    here.clock.advance(11_999);
    expect(here.calls).toHaveLength(1);
    here.clock.advance(1);
    await expect(work).resolves.toEqual({ id: 'i1' });
    expect(here.calls.slice(1).map(({ milliseconds }) => milliseconds)).toEqual([12_000, 0]);
    expect(here.clock.pending).toBe(0);
  });

  test.each(slow)('%s leaves a POST in doubt after 12 s', async (_, answering) => {
    const here = await against((_number, received, response, request) =>
      answering(received, response, request),
    );
    const work = failureOf(post(here));
    await here.server.arrived(2);
    here.clock.advance(12_000);
    const error = await work;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect((error as Error).message).toContain('within 12 s');
    expect(made(here)).toEqual(['POST']);
  });

  test('running an action may take 65 s', async () => {
    const here = await against(() => {});
    const work = failureOf(here.session.integrations.postIntegrationsActionTest('a1', {}));
    await here.server.arrived(2);
    here.clock.advance(64_999);
    expect(here.clock.pending).toBe(1);
    here.clock.advance(1);
    expect(((await work) as Error).message).toContain('within 65 s');
  });

  test('no attempt outlasts the deadline', async () => {
    const here = await against(() => {}, { timeMs: 3000 });
    const work = failureOf(get(here));
    await here.server.arrived(2);
    here.clock.advance(3000);
    expect(await work).toMatchObject({ name: 'DeadlineError' });
    expect(made(here)).toEqual(['GET']);
  });

  test('with no time left nothing is sent', async () => {
    const here = await against(() => {}, { timeMs: 0 });
    expect(await failureOf(get(here))).toBeInstanceOf(DeadlineError);
    expect(here.server.received).toEqual([]);
  });
});

describe('an abort from outside', () => {
  const reason = () => new DeadlineError('the time is nearly over');

  test('ends a GET under way with its reason', async () => {
    const here = await against(() => {});
    const work = failureOf(get(here));
    await here.server.arrived(2);
    here.controller.abort(reason());
    expect(await work).toBeInstanceOf(DeadlineError);
  });

  test('ends a POST under way as one with an unknown outcome', async () => {
    const here = await against(() => {});
    const work = failureOf(post(here));
    await here.server.arrived(2);
    here.controller.abort(reason());
    const error = (await work) as Error;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error.cause).toBeInstanceOf(DeadlineError);
  });

  test('before a call sends nothing', async () => {
    const here = await against(() => {});
    here.controller.abort(reason());
    expect(await failureOf(post(here))).toBeInstanceOf(DeadlineError);
    expect(here.server.received).toEqual([]);
  });

  test('between two attempts ends the wait', async () => {
    const here = await against((_number, _received, response) => {
      json(response, 503, {});
      here.clock.schedule(300, () => here.controller.abort(reason()));
    });
    expect(await failureOf(get(here))).toBeInstanceOf(DeadlineError);
    expect(made(here)).toEqual(['GET']);
  });
});

test('a login that one caller abandons goes on for the others', async () => {
  let answer: (() => void) | undefined;
  const server = await loopbackServer((received, response) => {
    if (received.url === '/oauth/token') {
      answer = () => json(response, 200, { access_token: canaries.token, expires_in: 86_400 });
    } else json(response, 200, { id: 'i1' });
  });
  closers.push(() => server.close());
  const { cloud, clock } = world({ apiBaseUrl: server.url, loginBaseUrl: server.url });
  const [first, second] = [new AbortController(), new AbortController()];
  const at = clock.now() + 60_000;
  const impatient = failureOf(cloud.session({ signal: first.signal, at }).integrations.getIntegration('i1'));
  const patient = cloud.session({ signal: second.signal, at }).integrations.getIntegration('i1');
  await server.arrived(1);
  first.abort(new DeadlineError('over'));
  expect(await impatient).toBeInstanceOf(DeadlineError);
  answer?.();
  await expect(patient).resolves.toEqual({ id: 'i1' });
  expect(server.received.map(({ url }) => url)).toEqual(['/oauth/token', '/api/v2/integrations/i1']);
});

test('a shared login has the time of the most patient caller', async () => {
  const server = await loopbackServer((received, response) => {
    if (received.url !== '/oauth/token') json(response, 200, { id: 'i1' });
    else if (server.received.length === 1) json(response, 429, {}, { 'retry-after': '30' });
    else json(response, 200, { access_token: canaries.token, expires_in: 86_400 });
  });
  closers.push(() => server.close());
  const { cloud, clock } = world({ apiBaseUrl: server.url, loginBaseUrl: server.url });
  const within = (ms: number) =>
    cloud.session({ signal: new AbortController().signal, at: clock.now() + ms });
  const patient = within(90_000).integrations.getIntegration('i1');
  const hurried = failureOf(within(10_000).integrations.getIntegration('i1'));
  await expect(patient).resolves.toEqual({ id: 'i1' });
  // The request has a token now, but no time left to use it.
  expect(await hurried).toBeInstanceOf(DeadlineError);
});

test('a login that nobody waits for any more is abandoned, and the next call logs in anew', async () => {
  const aborted = Promise.withResolvers<void>();
  let logins = 0;
  const server = await loopbackServer((received, response) => {
    if (received.url !== '/oauth/token') json(response, 200, { id: 'i1' });
    else if (++logins === 1) response.on('close', () => aborted.resolve());
    else json(response, 200, { access_token: canaries.token, expires_in: 86_400 });
  });
  closers.push(() => server.close());
  const here = world({ apiBaseUrl: server.url, loginBaseUrl: server.url });
  const work = failureOf(get(here));
  await server.arrived(1);
  here.controller.abort(new DeadlineError('over'));
  await work;
  await aborted.promise;
  const next = here.cloud.session({
    signal: new AbortController().signal,
    at: here.clock.now() + 60_000,
  });
  await expect(next.integrations.getIntegration('i1')).resolves.toEqual({ id: 'i1' });
});

test('calls one after the other share a connection', async () => {
  const here = await against((_number, _received, response) => json(response, 200, { id: 'i1' }));
  for (const call of [get, put, get]) {
    await call(here);
    // fetch hands over the body a moment before it takes the connection back.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ports = new Set(here.server.received.map(({ clientPort }) => clientPort));
  expect(here.server.received).toHaveLength(4);
  expect(ports.size).toBeLessThan(3);
});

describe('a connection that died while the container was frozen', () => {
  /** Resets the connections of the first call at their next request. */
  const dying = () => {
    let old: number | undefined;
    return against((number, received, response) => {
      if (number === 1) old = received.clientPort;
      else if (received.clientPort === old) {
        response.destroy();
        return;
      }
      json(response, 200, { id: 'i1' });
    });
  };

  test('is found out by a GET, not by a POST, whose outcome would be unknown', async () => {
    const here = await dying();
    await get(here);
    await new Promise((resolve) => setImmediate(resolve));
    here.clock.advance(60_000);
    await expect(post(here)).resolves.toEqual({ id: 'i1' });
    const [, , ...later] = here.server.received;
    expect(later.at(-1)).toMatchObject({ method: 'POST', url: '/api/v2/integrations' });
    for (const { url } of later.slice(0, -1)) expect(url).toBe('/api/v2/organizations/me');
    expect(later.length).toBeGreaterThan(1);
  });

  test('is not looked for where the connection was just used, or none was made yet', async () => {
    const here = await against((_number, _received, response) => json(response, 200, { id: 'i1' }));
    await post(here);
    here.clock.advance(4000);
    await post(here);
    expect(made(here)).toEqual(['POST', 'POST']);
  });
});

test('an observer of calls that throws does not fail a call that succeeded', async () => {
  const here = await against((_number, _received, response) => json(response, 200, { id: 'i1' }), {
    onCall: () => {
      throw new Error('observer');
    },
  });
  await expect(post(here)).resolves.toEqual({ id: 'i1' });
});

test('a record of a call holds the template of its path, and neither ids nor secrets', async () => {
  const here = await against((_number, _received, response) =>
    json(response, 200, { id: 'i1' }, { 'inin-correlation-id': 'c-1' }),
  );
  await get(here);
  expect(here.calls).toEqual([
    {
      method: 'POST',
      path: '/oauth/token',
      host: `127.0.0.1:${here.server.port}`,
      status: 200,
      attempt: 1,
      milliseconds: 0,
      correlationId: undefined,
    },
    {
      method: 'GET',
      path: '/api/v2/integrations/{integrationId}',
      host: `127.0.0.1:${here.server.port}`,
      status: 200,
      attempt: 1,
      milliseconds: 0,
      correlationId: 'c-1',
    },
  ]);
});

test('an id with special characters stays one segment of the path', async () => {
  const here = await against((_number, _received, response) => json(response, 200, {}));
  await here.session.integrations.getIntegration('a/../b?c#d e');
  await here.session.integrations.getIntegration('..');
  expect(here.server.received.slice(1).map(({ url }) => url)).toEqual([
    '/api/v2/integrations/a%2F..%2Fb%3Fc%23d%20e',
    '/api/v2/integrations/%252E%252E',
  ]);
});

/** A TCP server that answers with `onData`, whatever it receives. */
async function rawServer(
  onData: (socket: Socket) => void,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => onData(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test('errors of the login and of calls are all of one kind', () => {
  for (const type of [LoginError, OutcomeUnknownError, UnreachableError]) {
    expect(type.prototype).toBeInstanceOf(GenesysError);
  }
});
