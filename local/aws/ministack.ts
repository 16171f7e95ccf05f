/**
 * The local AWS: MiniStack (PyPI, pinned by scripts/toolchain/requirements.txt) with the patches of
 * ./patches, on a port of its own. README.md lists the differences from AWS that remain.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '../..');
const tools = join(root, '.tools/bin');
const startLimitMs = 30_000;

export interface MiniStackOptions {
  /** Default: a free port. */
  port?: number;
  /** The region in `env`. The server itself answers in every region. Default: us-east-1. */
  region?: string;
  /**
   * Our provider accepts MiniStack's `http://127.0.0.1` ResponseURLs by a variable. The variable is in the
   * environment of the server, because Lambda functions inherit that. Default: true.
   */
  allowLoopbackResponseUrl?: boolean;
  /**
   * Enforces IAM (MiniStack's AUTH=true): functions have the policies of their roles, key and bucket policies
   * count, and `test` is the root of the account. Default: false, and everybody may do everything.
   */
  enforceIam?: boolean;
  /** More environment variables for every Lambda function. */
  lambdaEnv?: Record<string, string>;
  /** Patches to leave out, by file name without `.py`. `'all'` gives MiniStack as published. */
  withoutPatches?: readonly string[] | 'all';
  /** Whether the server outlives this process; stop() still ends it. Default: false. */
  keep?: boolean;
}

export interface MiniStack {
  url: string;
  port: number;
  region: string;
  /** The process id. It is also the id of the process group of the Lambda workers. */
  pid: number;
  /** The whole environment for the `aws` CLI and the AWS SDKs. It has nothing of the caller's environment. */
  env: Record<string, string>;
  /** The output of the server and the Lambda functions so far. */
  log(): string;
  /** Ends the server and its Lambda workers and removes its files. */
  stop(): Promise<void>;
}

/** Starts before a taken port is reported. */
const MOST_STARTS = 5;

/**
 * Starts a server and waits until it answers.
 * @throws Error with the last lines of the log if the server ends, or does not answer within 30 s.
 */
export async function startMiniStack(options: MiniStackOptions = {}): Promise<MiniStack> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnFreePort(options);
    } catch (error) {
      // Another process may take the port between its choice and the start.
      const isTaken = error instanceof Error && error.message.includes('is already in use');
      if (!isTaken || tries === MOST_STARTS) throw error;
    }
  }
}

/** Starts on a port that was free a moment ago. @throws Error with the end of the server's log */
async function startOnFreePort(options: MiniStackOptions): Promise<MiniStack> {
  const port = options.port ?? (await freePort());
  const region = options.region ?? 'us-east-1';
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'ministack-'));
  for (const name of ['home', 'tmp', 'state']) await mkdir(join(folder, name));
  const logFile = join(folder, 'server.log');

  const env = {
    PATH: [tools, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: join(folder, 'home'),
    LANG: 'C.UTF-8',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const without = options.withoutPatches === 'all' ? ['all'] : (options.withoutPatches ?? []);
  const output = openSync(logFile, 'a');
  const child = spawn(
    join(tools, 'python'),
    [
      '-B',
      join(import.meta.dirname, 'launcher.py'),
      ...(options.keep === true ? [`--detached=${folder}`] : []),
      ...without,
    ],
    {
      cwd: folder,
      detached: true,
      stdio: [options.keep === true ? 'ignore' : 'pipe', output, output],
      env: {
        PATH: env.PATH,
        HOME: env.HOME,
        LANG: env.LANG,
        TMPDIR: join(folder, 'tmp'),
        STATE_DIR: join(folder, 'state'),
        BIND_HOST: '127.0.0.1',
        MINISTACK_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        MINISTACK_REGION: region,
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
        LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.2',
        ...(options.enforceIam === true ? { AUTH: 'true' } : {}),
        ...options.lambdaEnv,
        ...(options.allowLoopbackResponseUrl === false ? {} : { ALLOW_LOOPBACK_RESPONSE_URL: 'true' }),
      },
    },
  );
  closeSync(output);
  let ended: string | undefined;
  const exited = new Promise<void>((done) => {
    child.on('error', (error) => {
      ended = error.message;
      done();
    });
    child.on('exit', (code, signal) => {
      ended = `it ended with ${signal ?? code}`;
      done();
    });
  });
  const log = () => readFileSync(logFile, 'utf8');

  async function stop(): Promise<void> {
    child.ref();
    if (child.pid !== undefined) {
      // The group, because a Lambda worker may outlive the server. No orderly end is needed: the state is in
      // memory.
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await exited;
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  const giveUpAt = Date.now() + startLimitMs;
  // The log must say so too, because another server on the port would also answer the health check.
  while (!log().includes(`Running on ${url}`) || !(await healthy(url))) {
    if (ended === undefined && Date.now() < giveUpAt) {
      await delay(50);
      continue;
    }
    const tail = log().split('\n').slice(-20).join('\n');
    await stop();
    throw new Error(
      `MiniStack did not start on port ${port}: ${ended ?? `no answer in ${startLimitMs} ms`}\n${tail}`,
    );
  }
  if (child.pid === undefined) throw new Error('unreachable: a server that listens has a process id');
  if (options.keep === true) child.unref();
  return { url, port, region, pid: child.pid, env, log, stop };
}

async function healthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? done(address.port) : fail()));
    });
  });
}
