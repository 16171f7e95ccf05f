import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CustomResourceEvent } from './events.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { InvocationEnd, Invoker } from './invoker.ts';
import { bestRuntime, type Runtime, ricFolder } from './runtimes.ts';
import { unzip } from './zip.ts';

export interface LambdaOptions {
  /** The zip, or a folder with its content. */
  code: string;
  /** Default: `index.handler`. */
  handler?: string;
  /** The function's timeout. Default: 300,000. */
  timeoutMs?: number;
  /** The environment variables of the function. It inherits none from this process. */
  environment?: Record<string, string>;
  /** Default: `bestRuntime()`. */
  runtime?: Runtime;
  /** The folder of AWS's runtime client. */
  ricFolder?: string;
  /** Invocations at a time; further ones wait. Default: no limit. */
  concurrency?: number;
}

/**
 * Lambda as a function sees it. Each execution environment is a process with a clean environment and one
 * invocation at a time. It is reused while warm, frozen (SIGSTOP) between invocations, and killed (SIGKILL)
 * at the deadline.
 */
export class LambdaInvoker implements Invoker {
  readonly runtime: Runtime;
  #options: LambdaOptions;
  #taskRoot: string;
  #unpacked: string | undefined;
  #environments = new Set<ExecutionEnvironment>();
  #busy = new Map<ExecutionEnvironment, object>();
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

  async invoke(event: CustomResourceEvent, options: { signal?: AbortSignal } = {}): Promise<InvocationEnd> {
    return (await this.#run(event, event.ServiceToken, options)).end;
  }

  /**
   * Invokes the function with any event, as a caller that waits for its answer does.
   * @returns the text that the handler returned
   * @throws Error where the invocation crashed or timed out
   */
  async call(event: object, options: { functionArn?: string; signal?: AbortSignal } = {}): Promise<string> {
    const { functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:function' } = options;
    const { end, text } = await this.#run(event, functionArn, options);
    if (text === undefined) throw new Error(`the function ${end}`);
    return text;
  }

  async #run(event: object, functionArn: string, { signal }: { signal?: AbortSignal }) {
    const limit = this.#options.concurrency ?? Number.POSITIVE_INFINITY;
    while (this.#busy.size >= limit) await new Promise<void>((free) => this.#waiting.push(free));
    if (signal?.aborted) return { end: 'crashed' as const };
    const environment = this.#take(event, functionArn);
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

  /** Kills the processes that work on a matching event now, as a lost host would. Returns their number. */
  kill(matches: (event: CustomResourceEvent) => boolean = () => true): number {
    const hit = [...this.#busy].filter(([, event]) => matches(event as CustomResourceEvent));
    for (const [environment] of hit) environment.kill();
    return hit.length;
  }

  /** Another version of the function: the same settings with other code (a folder), and its own processes. */
  version(code: string): LambdaInvoker {
    return new LambdaInvoker({ ...this.#options, code }, resolve(code));
  }

  /** Changes variables or timeout of the function. The next invocation gets a new process. */
  async update(changes: Pick<LambdaOptions, 'environment' | 'timeoutMs'>): Promise<void> {
    this.#options = { ...this.#options, ...changes };
    for (const environment of this.#environments) environment.outdated = true;
    const idle = [...this.#environments].filter((environment) => !this.#busy.has(environment));
    await Promise.all(idle.map((environment) => this.#drop(environment)));
  }

  /** The number of living processes, busy or warm. */
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
  #take(event: object, functionArn: string): ExecutionEnvironment {
    let environment = [...this.#environments].find(
      (one) => !this.#busy.has(one) && !one.dead && !one.outdated,
    );
    if (environment === undefined) {
      environment = new ExecutionEnvironment({
        runtime: this.runtime,
        ricFolder: this.#options.ricFolder ?? ricFolder,
        taskRoot: this.#taskRoot,
        handler: this.#options.handler ?? 'index.handler',
        functionArn,
        variables: this.#options.environment ?? {},
        log: (text) => this.#logs.push(text),
      });
      this.#environments.add(environment);
    }
    this.#busy.set(environment, event);
    return environment;
  }
}
