import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CustomResourceEvent } from './events.ts';
import type { InvocationEnd, Invoker } from './invoker.ts';
import { RuntimeApi } from './runtime-api.ts';
import { unzip } from './zip.ts';

/** Where AWS's runtime client (npm package aws-lambda-ric) lies when it was installed. */
const ricFolder = resolve(import.meta.dirname, '../../.tools/ric/node_modules/aws-lambda-ric');

/** AWS's runtime client with its native transport, the same with ours, or our own small bootstrap. */
export type Runtime = 'aws-lambda-ric' | 'aws-lambda-ric without its native part' | 'own bootstrap';

/** AWS's client where it is installed, natively where it could be built, else the bootstrap. */
export function bestRuntime(folder = ricFolder): Runtime {
  if (!existsSync(join(folder, 'index.mjs'))) return 'own bootstrap';
  return existsSync(join(folder, 'rapid-client.node'))
    ? 'aws-lambda-ric'
    : 'aws-lambda-ric without its native part';
}

export interface LambdaOptions {
  /** The zip, or a folder with what is in it. */
  code: string;
  /** Default: `index.handler`. */
  handler?: string;
  /** The function's timeout. Default: 300,000. */
  timeoutMs?: number;
  /** The function's own environment variables. Nothing is inherited from this process. */
  environment?: Record<string, string>;
  /** Default: `bestRuntime()`. */
  runtime?: Runtime;
  /** Where AWS's runtime client lies. */
  ricFolder?: string;
  /** Invocations at a time; further ones wait. Default: no limit. */
  concurrency?: number;
}

/**
 * Lambda as far as a function can see it: each execution environment is a process of its own with a clean environment,
 * one invocation at a time, reused while warm, frozen (SIGSTOP) between invocations, killed (SIGKILL) at the deadline.
 */
export class LambdaInvoker implements Invoker {
  readonly runtime: Runtime;
  #options: LambdaOptions;
  #taskRoot: string;
  #unpacked: string | undefined;
  #environments = new Set<ExecutionEnvironment>();
  #busy = new Map<ExecutionEnvironment, CustomResourceEvent>();
  #waiting: (() => void)[] = [];
  #logs: string[] = [];

  static async start(options: LambdaOptions): Promise<LambdaInvoker> {
    if ((await stat(options.code)).isDirectory()) return new LambdaInvoker(options, resolve(options.code));
    const folder = await mkdtemp(join(tmpdir(), 'lambda-'));
    await unzip(await readFile(options.code), folder);
    return new LambdaInvoker(options, folder, folder);
  }

  private constructor(options: LambdaOptions, taskRoot: string, unpacked?: string) {
    this.#options = options;
    this.runtime = options.runtime ?? bestRuntime(options.ricFolder);
    this.#taskRoot = taskRoot;
    this.#unpacked = unpacked;
  }

  async invoke(
    event: CustomResourceEvent,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<InvocationEnd> {
    const limit = this.#options.concurrency ?? Number.POSITIVE_INFINITY;
    while (this.#busy.size >= limit) await new Promise<void>((free) => this.#waiting.push(free));
    if (signal?.aborted) return 'crashed';
    const environment = this.#take(event);
    const kill = () => environment.kill();
    signal?.addEventListener('abort', kill, { once: true });
    try {
      return await environment.invoke(event, this.#options.timeoutMs ?? 300_000);
    } finally {
      signal?.removeEventListener('abort', kill);
      this.#busy.delete(environment);
      if (environment.dead || environment.outdated) await this.#drop(environment);
      this.#waiting.shift()?.();
    }
  }

  /** Kills the processes that work on a matching event right now, as a lost host would. Returns how many. */
  kill(matches: (event: CustomResourceEvent) => boolean = () => true): number {
    const hit = [...this.#busy].filter(([, event]) => matches(event));
    for (const [environment] of hit) environment.kill();
    return hit.length;
  }

  /** Changes the function's variables or timeout: from the next invocation on, in new processes. */
  async update(changes: Pick<LambdaOptions, 'environment' | 'timeoutMs'>): Promise<void> {
    this.#options = { ...this.#options, ...changes };
    for (const environment of this.#environments) environment.outdated = true;
    const idle = [...this.#environments].filter((environment) => !this.#busy.has(environment));
    await Promise.all(idle.map((environment) => this.#drop(environment)));
  }

  /** Processes alive, busy or warm. */
  get environments(): number {
    return this.#environments.size;
  }

  logs(): string {
    return this.#logs.join('');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
    this.#environments.clear();
    if (this.#unpacked !== undefined) await rm(this.#unpacked, { recursive: true });
    this.#unpacked = undefined;
  }

  async #drop(environment: ExecutionEnvironment): Promise<void> {
    this.#environments.delete(environment);
    await environment.stop();
  }

  /** A warm environment that is free, or a new one. */
  #take(event: CustomResourceEvent): ExecutionEnvironment {
    let environment = [...this.#environments].find(
      (one) => !this.#busy.has(one) && !one.dead && !one.outdated,
    );
    if (environment === undefined) {
      environment = new ExecutionEnvironment({
        runtime: this.runtime,
        ricFolder: this.#options.ricFolder ?? ricFolder,
        taskRoot: this.#taskRoot,
        handler: this.#options.handler ?? 'index.handler',
        functionArn: event.ServiceToken,
        variables: this.#options.environment ?? {},
        log: (text) => this.#logs.push(text),
      });
      this.#environments.add(environment);
    }
    this.#busy.set(environment, event);
    return environment;
  }
}

interface EnvironmentOptions {
  runtime: Runtime;
  ricFolder: string;
  taskRoot: string;
  handler: string;
  functionArn: string;
  variables: Record<string, string>;
  log: (text: string) => void;
}

/** One process with its Runtime API. */
class ExecutionEnvironment {
  dead = false;
  /** Set when the function was changed: for no further invocation. */
  outdated = false;
  #options: EnvironmentOptions;
  #started: Promise<{ api: RuntimeApi; child: ChildProcess; exited: Promise<void> }>;
  #child: ChildProcess | undefined;
  #killed = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#started = this.#start();
  }

  async invoke(event: CustomResourceEvent, timeoutMs: number): Promise<InvocationEnd> {
    const { api, child, exited } = await this.#started;
    const gone = exited.then(() => 'exited' as const);
    child.kill('SIGCONT');
    // Loading the code is a phase of its own and does not count towards the timeout; failing it ends the process.
    const loaded = await Promise.race([gone, api.idle()]);
    if (loaded === 'exited') return this.#crashed(exited);

    const requestId = randomUUID();
    api.give({ requestId, deadlineMs: Date.now() + timeoutMs, functionArn: event.ServiceToken, event });
    const { promise: expired, resolve: expire } = Promise.withResolvers<'expired'>();
    const timer = setTimeout(() => expire('expired'), timeoutMs);
    // An invocation has ended when the runtime asks for the next one, not when it has reported.
    const end = await Promise.race([gone, expired, api.idle().then(() => 'idle' as const)]);
    clearTimeout(timer);
    if (end === 'exited') return this.#crashed(exited);
    if (end === 'expired') {
      this.kill();
      await exited;
      this.#options.log(`${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds\n`);
      return 'timed out';
    }
    child.kill('SIGSTOP');
    return (await api.report()).kind === 'response' ? 'returned' : 'crashed';
  }

  kill(): void {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.kill();
    const { exited } = await this.#started;
    await exited;
  }

  async #crashed(exited: Promise<void>): Promise<InvocationEnd> {
    this.kill();
    await exited;
    return 'crashed';
  }

  async #start() {
    const api = await RuntimeApi.start();
    const child = spawn(process.execPath, this.#arguments(), {
      cwd: this.#options.taskRoot,
      env: this.#environment(api),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', this.#options.log);
    }
    // 'close', not 'exit': what the process had written before it died is read first.
    const exited = new Promise<void>((resolveExit) => {
      child.on('error', (error) => this.#options.log(`${error.message}\n`));
      child.on('close', () => {
        this.dead = true;
        api.stop().then(resolveExit);
      });
    });
    if (this.#killed) child.kill('SIGKILL');
    return { api, child, exited };
  }

  #arguments(): string[] {
    const here = import.meta.dirname;
    const { runtime, ricFolder: folder } = this.#options;
    if (runtime === 'own bootstrap') return [join(here, 'bootstrap.ts')];
    const preload = runtime === 'aws-lambda-ric' ? [] : ['--import', join(here, 'ric-without-native.ts')];
    return [...preload, join(folder, 'index.mjs')];
  }

  /** What Lambda sets on nodejs24.x; the credentials are no one's. */
  #environment(api: RuntimeApi): Record<string, string> {
    const { functionArn, handler, taskRoot, variables } = this.#options;
    const [, , , region = 'us-east-1', , , name = 'function'] = functionArn.split(':');
    const stream = randomUUID().replaceAll('-', '');
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: 'test',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      ...variables,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: `2026/11/20/[$LATEST]${stream}`,
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: taskRoot,
      _HANDLER: handler,
    };
  }
}
