import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../common/clock.ts';
import { timeLimit } from '../../common/deadline.ts';
import { createHandler } from '../../provider/index.ts';
import type { LambdaContext } from '../../provider/protocol/serve.ts';
import { type AwsServices, awsClientDefaults } from '../../provider/runtime/aws.ts';
import { awsServices } from '../../provider/runtime/aws-services.ts';
import type { Log } from '../../provider/runtime/logger.ts';
import type { CustomResourceEvent } from '../cloudformation/events.ts';
import type { InvocationEnd, Invoker } from '../cloudformation/invoker.ts';
import { FAULT_HEADER, type ServerFault } from '../server-faults.ts';
import type { VirtualClock } from '../virtual-clock.ts';

export type Service = 'genesys' | 'login' | 'secrets' | 'ledger' | 'kms' | 's3' | 'stacks' | 'answer';

/** One call that the provider sends. A retry counts as a call of its own. */
export interface Call {
  service: Service;
  /** `GET /api/v2/integrations/{id}`, `GetItem`, `PUT`, … */
  operation: string;
}

/** A fault of one call: of its server, of the network before the server, or of the calling process. */
export type CallFault = ServerFault | 'dns' | 'kill before' | 'kill after';

export interface ContainersOptions {
  clock: VirtualClock;
  environment: Record<string, string>;
  awsUrl: string;
  /** Of the function. Default: 123456789012 and us-east-1. */
  account?: string;
  region?: string;
  /** The function's timeout. Default: 300,000. */
  timeoutMs?: number;
  /** Invocations at a time. Further ones wait. Default: no limit. */
  concurrency?: number;
  random?: () => number;
}

/** The part of the SDK's handler interface that a handler needs, whatever its client. */
interface Handler {
  handle(
    request: { method: string; headers: Record<string, string> },
    options?: { abortSignal?: AbortSignal },
  ): Promise<unknown>;
}

const REQUEST_TIMEOUT_MILLISECONDS = 8_000;

/**
 * Lambda in this process and in virtual time. Each container runs a handler of the provider's own factory,
 * one invocation at a time, and is reused while it is warm. A killed or timed-out container sends no further
 * call, and none of its calls returns.
 */
export class Containers implements Invoker {
  /** Every call so far, in order. */
  readonly calls: Call[] = [];
  /** Decides which fault, if any, a call meets. */
  faultFor: (call: Call, event: CustomResourceEvent | undefined) => CallFault | undefined = () => undefined;
  /** Called when an invocation has ended, in any way. */
  onEnd: (event: CustomResourceEvent) => void = () => {};
  /** Containers made so far. */
  started = 0;
  /** How long each invocation took, in milliseconds of the clock. */
  readonly durations: number[] = [];
  readonly #options: ContainersOptions;
  #idle: Container[] = [];
  #busy = 0;
  #waiting: (() => void)[] = [];
  #output: string[] = [];

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  async invoke(event: CustomResourceEvent, options: { signal?: AbortSignal } = {}): Promise<InvocationEnd> {
    const { clock, timeoutMs = 300_000 } = this.#options;
    const isFull = () => this.#busy >= (this.#options.concurrency ?? Number.POSITIVE_INFINITY);
    while (isFull()) await new Promise<void>((free) => this.#waiting.push(free));
    this.#busy += 1;
    const container = this.#idle.shift() ?? this.#start();
    const begun = clock.now();
    const { promise, resolve } = Promise.withResolvers<InvocationEnd>();
    const cancel = clock.schedule(timeoutMs, () => resolve('timed out'));
    const onAbort = () => resolve('crashed');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    container.onKill = () => resolve('crashed');
    container.run(structuredClone(event), begun + timeoutMs).then(resolve);
    const end = await promise;
    cancel();
    options.signal?.removeEventListener('abort', onAbort);
    this.durations.push(clock.now() - begun);
    this.onEnd(event);
    if (end === 'returned') this.#idle.push(container);
    else container.kill();
    this.#busy -= 1;
    this.#waiting.shift()?.();
    return end;
  }

  /**
   * The administrator updates the function's environment. Invocations from here on are cold and have the new
   * one.
   */
  redeploy(environment: Record<string, string>): void {
    this.#options.environment = { ...this.#options.environment, ...environment };
    this.coolDown();
  }

  /** Changes the reserved concurrency; with 0 every invocation waits, as its event does in Lambda's queue. */
  reserve(concurrency: number): void {
    this.#options.concurrency = concurrency;
    for (const free of this.#waiting.splice(0)) free();
  }

  /** Forgets the warm containers, so the next invocations are cold. */
  coolDown(): void {
    this.#idle = [];
  }

  logs(): string {
    return this.#output.join('\n');
  }

  async stop(): Promise<void> {
    this.coolDown();
  }

  #start(): Container {
    this.started += 1;
    return new Container(this.#options, {
      onCall: (call, event) => {
        this.calls.push(call);
        return this.faultFor(call, event);
      },
      onOutput: (text) => this.#output.push(text),
    });
  }
}

interface Surroundings {
  onCall(call: Call, event: CustomResourceEvent | undefined): CallFault | undefined;
  onOutput(text: string): void;
}

/** One execution environment: a handler and everything that it sends. */
class Container {
  onKill: () => void = () => {};
  #dead = false;
  #event: CustomResourceEvent | undefined;
  readonly #releases = new Set<() => void>();
  readonly #clock: VirtualClock;
  readonly #surroundings: Surroundings;
  readonly #handler: (event: unknown, context: LambdaContext) => Promise<void>;

  constructor(options: ContainersOptions, surroundings: Surroundings) {
    this.#clock = options.clock;
    this.#surroundings = surroundings;
    const client = {
      ...awsClientDefaults,
      endpoint: options.awsUrl,
      region: options.region ?? 'us-east-1',
      credentials: { accessKeyId: options.account ?? '123456789012', secretAccessKey: 'test' },
      requestHandler: this.#requestHandler(),
      retryStrategy: withoutWaiting,
    };
    const dynamo = (place: { region?: string }) => {
      const made = new DynamoDBClient({ ...client, ...place });
      const send = made.send.bind(made) as (...args: unknown[]) => Promise<unknown>;
      return Object.assign(made, { send: (...args: unknown[]) => this.#held(() => send(...args)) });
    };
    this.#handler = createHandler({
      environment: options.environment,
      clock: this.#mortalClock(),
      log: this.#log(),
      aws: this.#heldServices(awsServices(client)),
      dynamo,
      fetch: (input, init) => this.#fetch(input, init),
      random: options.random ?? (() => 0.5),
    });
  }

  async run(event: CustomResourceEvent, killedAt: number): Promise<InvocationEnd> {
    this.#event = event;
    try {
      await this.#handler(event, context(this.#clock, killedAt));
      return this.#dead ? never<InvocationEnd>() : 'returned';
    } catch (error) {
      if (this.#dead) return never();
      this.#surroundings.onOutput(inspect(error, { depth: 8 }));
      return 'crashed';
    }
  }

  kill(): void {
    this.#dead = true;
    for (const release of this.#releases) release();
    this.onKill();
  }

  // ---- what it sends

  /** Counts a call and plays its fault. `send` gets the fault that the server has to play. */
  async #call<T>(call: Call, send: (fault: ServerFault | undefined) => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const fault = this.#surroundings.onCall(call, this.#event);
    if (fault === 'kill before') {
      this.kill();
      return never();
    }
    if (fault === 'dns') throw dnsFailure();
    const result = await send(fault === 'kill after' ? undefined : fault);
    if (fault === 'kill after') this.kill();
    return this.#dead ? never() : result;
  }

  async #fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const release = this.#hold();
    try {
      const url = new URL(String(input));
      const response = await this.#call(callOf(url, init.method ?? 'GET'), (fault) =>
        fetch(input, {
          ...init,
          ...(fault === undefined
            ? {}
            : { headers: { ...(init.headers as Record<string, string>), [FAULT_HEADER]: fault } }),
        }),
      );
      // Virtual time waits until the whole answer is read.
      const held = (name: 'text' | 'arrayBuffer') => {
        const read = response[name].bind(response) as () => Promise<never>;
        return async () => {
          try {
            return await read();
          } finally {
            release();
          }
        };
      };
      return Object.assign(response, { text: held('text'), arrayBuffer: held('arrayBuffer') });
    } catch (error) {
      release();
      // Shaped like an error of fetch, which carries the reason in `cause`.
      throw isDnsFailure(error) ? Object.assign(new TypeError('fetch failed'), { cause: error }) : error;
    }
  }

  /** The SDK's own HTTP handler. The time limit of awsClientDefaults runs on the virtual clock. */
  #requestHandler(): never {
    const inner = new DynamoDBClient({ region: 'us-east-1' }).config.requestHandler as unknown as Handler;
    const handler: Handler = {
      handle: async (request, options = {}) => {
        const limit = timeLimit(
          this.#clock,
          REQUEST_TIMEOUT_MILLISECONDS,
          () => new Error(),
          options.abortSignal,
        );
        try {
          return await this.#call(awsCallOf(request), (fault) => {
            if (fault !== undefined) request.headers[FAULT_HEADER] = fault;
            else delete request.headers[FAULT_HEADER];
            return inner.handle(request, { ...options, abortSignal: limit.signal });
          });
        } catch (error) {
          if (!limit.signal.aborted || options.abortSignal?.aborted) throw error;
          throw Object.assign(new Error(`no answer within ${REQUEST_TIMEOUT_MILLISECONDS} ms`), {
            name: 'TimeoutError',
          });
        } finally {
          limit.dispose();
        }
      },
    };
    return handler as never;
  }

  /** Stops virtual time until the returned function is called or this container is dead. */
  #hold(): () => void {
    const release = this.#clock.hold();
    this.#releases.add(release);
    return () => {
      this.#releases.delete(release);
      release();
    };
  }

  async #held<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const release = this.#hold();
    try {
      const result = await work();
      return this.#dead ? never<T>() : result;
    } finally {
      release();
    }
  }

  #heldServices(services: AwsServices): AwsServices {
    const wrapped = Object.entries(services).map(([name, method]) => [
      name,
      (...args: unknown[]) => this.#held(() => (method as (...all: unknown[]) => Promise<unknown>)(...args)),
    ]);
    return Object.fromEntries(wrapped);
  }

  #mortalClock(): Clock {
    const clock = this.#clock;
    return {
      now: () => clock.now(),
      sleep: async (ms, signal) => {
        if (this.#dead) return never();
        await clock.sleep(ms, signal);
        if (this.#dead) return never();
      },
      schedule: (ms, action) => clock.schedule(ms, () => (this.#dead ? undefined : action())),
    };
  }

  /** Logs are not redacted here: a leak has to show, because no line may be built from a secret at all. */
  #log(): Log {
    const line =
      (level: string) =>
      (message: string, facts: Record<string, unknown> = {}) =>
        this.#surroundings.onOutput(`${level} ${message} ${inspect(facts, { depth: 8 })}`);
    return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  }
}

/** The part of the nodejs24.x context that the provider reads. */
function context(clock: Clock, killedAt: number): LambdaContext {
  return { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => killedAt - clock.now() };
}

/** Names the call that a request of `fetch` is. Ids in paths are left out. */
function callOf(url: URL, method: string): Call {
  if (url.pathname === '/oauth/token') return { service: 'login', operation: 'POST /oauth/token' };
  if (!url.pathname.startsWith('/api/')) return { service: 'answer', operation: 'PUT' };
  const template = url.pathname.replaceAll(/\/[^/]*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '/{id}');
  return { service: 'genesys', operation: `${method} ${template}` };
}

function awsCallOf({ method, headers }: { method: string; headers: Record<string, string> }): Call {
  const [api = '', operation = ''] = (headers['x-amz-target'] ?? '').split('.');
  if (method === 'GET') return { service: 's3', operation: 'GetObject' };
  if (api.startsWith('DynamoDB')) return { service: 'ledger', operation };
  if (api === 'secretsmanager') return { service: 'secrets', operation };
  if (api === 'TrentService') return { service: 'kms', operation };
  return { service: 'stacks', operation: 'DescribeStacks' };
}

/** Three tries, by the SDK's own rule for what is tried again, without its waits in real time. */
const withoutWaiting = (() => {
  const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (
      { getRetryCount }: { getRetryCount(): number },
      { errorType }: { errorType: string },
    ) => {
      if (getRetryCount() >= 2 || errorType === 'CLIENT_ERROR') throw new Error('not again');
      return token(getRetryCount() + 1);
    },
    recordSuccess: () => {},
  } as never;
})();

function dnsFailure(): Error {
  return Object.assign(new Error('getaddrinfo ENOTFOUND no-such-host'), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname: 'no-such-host',
  });
}

const isDnsFailure = (error: unknown) => (error as { code?: unknown }).code === 'ENOTFOUND';

/** A promise for a dead process: it never settles. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});
