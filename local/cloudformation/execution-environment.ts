import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { InvocationEnd } from './invoker.ts';
import { RuntimeApi } from './runtime-api.ts';
import { type Runtime, runtimeArguments } from './runtimes.ts';

export interface EnvironmentOptions {
  runtime: Runtime;
  ricFolder: string;
  taskRoot: string;
  handler: string;
  functionArn: string;
  variables: Record<string, string>;
  log: (text: string) => void;
}

/** One process with its Runtime API: what Lambda calls an execution environment. */
export class ExecutionEnvironment {
  dead = false;
  /** True after a change of the function: this process gets no further invocation. */
  outdated = false;
  #options: EnvironmentOptions;
  #started: Promise<{ api: RuntimeApi; child: ChildProcess; exited: Promise<void> }>;
  #child: ChildProcess | undefined;
  #killed = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#started = this.#start();
  }

  /** @returns the end of the invocation, and the text that the handler returned */
  async invoke(event: object, timeoutMs: number): Promise<{ end: InvocationEnd; text?: string }> {
    const { api, child, exited } = await this.#started;
    const gone = exited.then(() => 'exited' as const);
    child.kill('SIGCONT');
    // The init phase loads the code. It does not count towards the timeout, and a failure in it ends the
    // process.
    const loaded = await Promise.race([gone, api.idle()]);
    if (loaded === 'exited') return { end: await this.#crashed(exited) };

    const requestId = randomUUID();
    api.give({
      requestId,
      deadlineMs: Date.now() + timeoutMs,
      functionArn: this.#options.functionArn,
      event,
    });
    const { promise: expired, resolve: expire } = Promise.withResolvers<'expired'>();
    const timer = setTimeout(() => expire('expired'), timeoutMs);
    // Lambda counts an invocation as ended when the runtime asks for the next event, not when it reports.
    const end = await Promise.race([gone, expired, api.idle().then(() => 'idle' as const)]);
    clearTimeout(timer);
    if (end === 'exited') return { end: await this.#crashed(exited) };
    if (end === 'expired') {
      this.kill();
      await exited;
      this.#options.log(`${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds\n`);
      return { end: 'timed out' };
    }
    child.kill('SIGSTOP');
    const { kind, body } = await api.report();
    return kind === 'response' ? { end: 'returned', text: body } : { end: 'crashed' };
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
    const child = spawn(process.execPath, runtimeArguments(this.#options.runtime, this.#options.ricFolder), {
      cwd: this.#options.taskRoot,
      env: this.#environment(api),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', this.#options.log);
    }
    // 'close' comes after the last output of the process, 'exit' may come before it.
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

  /** The variables that Lambda sets on nodejs24.x. The credentials are not real. */
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
