import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import platformClient from 'purecloud-platform-client-v2';
import type { GenesysCloudServer } from '../../../local/genesys-cloud/index.ts';

// Genesys' own SDKs, as they are published, behind one interface: clients that know nothing of this server.

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
export type Json = any;

/** A client of one SDK that is logged in to one server. */
export interface SdkClient {
  /**
   * Calls a method of an API class by its name in the JavaScript SDK. Resolves to the JSON of the answer.
   * @throws SdkRefusal for a status that is no success
   */
  call(api: string, method: string, args?: unknown[], options?: Record<string, unknown>): Promise<Json>;
  /** The paths in answers so far that the models of the SDK have no place for. */
  lost: string[];
}

export interface Sdk {
  name: string;
  /** Whether the SDK repeats a call after a 429 by itself. */
  repeats429: boolean;
  login(server: Reachable): Promise<SdkClient>;
  close(): Promise<void>;
}

type Reachable = Pick<GenesysCloudServer, 'port' | 'clientId' | 'clientSecret'>;

/** An answer with an error, in the same shape for both SDKs. */
export class SdkRefusal extends Error {
  readonly status: number;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor({ status, body, headers }: { status: number; body: unknown; headers: Record<string, string> }) {
    super(`${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = parsed(body);
    this.headers = headers;
  }
}

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** The JavaScript SDK, with a client of its own for each server. It has no models that could lose a field. */
export function javascriptSdk(): Sdk {
  return {
    name: 'the JavaScript SDK',
    repeats429: false,
    close: async () => {},
    async login(server) {
      const client = new platformClient.ApiClientClass();
      // It would read and watch a file in the home directory.
      client.config.live_reload_config = false;
      client.config.setConfigPath('');
      client.setGateway({
        host: '127.0.0.1',
        protocol: 'http',
        port: server.port,
        path_params_login: '',
        path_params_api: '',
      });
      // Only an extended answer tells the headers of an error.
      client.setReturnExtendedResponses(true);
      await client.loginClientCredentialsGrant(server.clientId, server.clientSecret);
      return {
        lost: [],
        async call(api, method, args = [], options = {}) {
          const classes = platformClient as unknown as Record<string, new (client: unknown) => Methods>;
          const { [api]: ApiClass } = classes;
          if (ApiClass === undefined) throw new Error(`the SDK has no ${api}`);
          try {
            return (await methodOf(new ApiClass(client), method)(...args, options)).body;
          } catch (error) {
            const { status, body, headers } = error as ConstructorParameters<typeof SdkRefusal>[0];
            if (typeof status !== 'number') throw error;
            throw new SdkRefusal({ status, body, headers });
          }
        },
      };
    },
  };
}

type Methods = Record<string, (...args: unknown[]) => Promise<{ body: unknown }>>;

function methodOf(api: Methods, method: string): Methods[string] {
  const found = api[method];
  if (found === undefined) throw new Error(`the SDK has no ${method}`);
  return found.bind(api);
}

const root = resolve(import.meta.dirname, '../../..');

/** The Python SDK, in a process of its own. The start takes some seconds, because it loads every model. */
export function pythonSdk(): Sdk {
  // An empty home directory, because the SDK reads settings from there.
  const home = mkdtempSync(join(tmpdir(), 'python-sdk-'));
  const bridge = spawn(join(root, '.tools/bin/python'), [join(import.meta.dirname, 'sdk-bridge.py')], {
    env: { HOME: home, PYTHONPATH: join(root, '.tools/genesys-sdk') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(bridge, 'exit');
  const ask = asker(bridge);
  let clients = 0;
  return {
    name: 'the Python SDK',
    // urllib3 does, within the SDK.
    repeats429: true,
    async close() {
      bridge.stdin.end();
      await exited;
      rmSync(home, { recursive: true, force: true });
    },
    async login(server) {
      clients += 1;
      const client = clients;
      const to = { host: '127.0.0.1', port: server.port };
      await ask({
        client,
        login: { ...to, client_id: server.clientId, client_secret: server.clientSecret },
      });
      const lost: string[] = [];
      return {
        lost,
        async call(api, method, args = [], options = {}) {
          const named = Object.fromEntries(
            Object.entries(options).map(([name, value]) => [snakeCase(name), value]),
          );
          const answer = await ask({
            client,
            call: { api, method: snakeCase(method), args, options: named },
          });
          lost.push(...answer.lost.map((path) => `${method}: ${path}`));
          return answer.value;
        },
      };
    },
  };
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Given {
  value: unknown;
  lost: string[];
}

/** Sends a request to the bridge and waits for its answer, one after the other. */
function asker(bridge: ChildProcess): (request: object) => Promise<Given> {
  if (bridge.stdin === null || bridge.stdout === null) throw new Error('the bridge has no pipes');
  const { stdin } = bridge;
  const lines = createInterface({ input: bridge.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  return (request) => {
    const mine = last.then(async () => {
      stdin.write(`${JSON.stringify(request)}\n`);
      const { value: line, done } = await lines.next();
      if (done === true) throw new Error('the process of the Python SDK ended; see above');
      const answer = JSON.parse(line);
      if (answer.refused !== undefined) throw new SdkRefusal(answer.refused);
      if (answer.failed !== undefined) throw new Error(answer.failed);
      return answer as Given;
    });
    last = mine.catch(() => undefined);
    return mine;
  };
}
