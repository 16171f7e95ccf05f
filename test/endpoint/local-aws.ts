/** MiniStack on a port of its own, and the environment that the SDK's clients read. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const tools = resolve(import.meta.dirname, '../../.tools/bin');

export interface LocalAws {
  url: string;
  port: number;
  env: Record<string, string>;
  /** What server and Lambda functions wrote. */
  log(): string;
  stop(): Promise<void>;
}

export async function startLocalAws(): Promise<LocalAws> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'endpoint-aws-'));
  for (const name of ['home', 'tmp', 'state']) await mkdir(join(folder, name));
  const child = spawn(join(tools, 'python'), ['-B', '-m', 'ministack.app'], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${tools}:/usr/local/bin:/usr/bin:/bin`,
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
      STATE_DIR: join(folder, 'state'),
      LANG: 'C.UTF-8',
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<void>((done) => child.on('exit', () => done()));
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  for (let waited = 0; !(await healthy(url)); waited += 50) {
    if (waited > 30_000 || child.exitCode !== null) {
      await stop();
      throw new Error(`MiniStack did not start:\n${output.slice(-2000)}`);
    }
    await delay(50);
  }
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return { url, port, env, log: () => output, stop };
}

async function healthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/_ministack/health`)).ok;
  } catch {
    return false;
  }
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? done(address.port) : fail()));
    });
  });
}
