import { randomUUID } from 'node:crypto';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { type Clock, systemClock } from '../../common/clock.ts';
import type { CustomResourceEvent } from './events.ts';
import type { InvocationEnd, Invoker } from './invoker.ts';

export interface InProcessOptions {
  /** The function's timeout. Default: 300,000. */
  timeoutMs?: number;
  clock?: Clock;
}

/**
 * Calls a handler in this process: fast, and with an injected clock. It cannot kill a handler. After the
 * deadline it only stops waiting for it. `logs` has the errors that handlers threw; their other output goes
 * to this process.
 */
export class InProcessInvoker implements Invoker {
  #handler: (event: CloudFormationCustomResourceEvent, context: Context) => Promise<unknown>;
  #timeoutMs: number;
  #clock: Clock;
  #logs = '';

  constructor(
    handler: (event: CloudFormationCustomResourceEvent, context: Context) => Promise<unknown>,
    options: InProcessOptions = {},
  ) {
    this.#handler = handler;
    this.#timeoutMs = options.timeoutMs ?? 300_000;
    this.#clock = options.clock ?? systemClock;
  }

  async invoke(event: CustomResourceEvent, options: { signal?: AbortSignal } = {}): Promise<InvocationEnd> {
    const { promise, resolve } = Promise.withResolvers<InvocationEnd>();
    const cancel = this.#clock.schedule(this.#timeoutMs, () => resolve('timed out'));
    const onAbort = () => resolve('crashed');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    // A copy, because Lambda parses the event again for every invocation.
    this.#run(structuredClone(event), event.ServiceToken).then(resolve);
    try {
      return await promise;
    } finally {
      cancel();
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  async #run(event: CustomResourceEvent, arn: string): Promise<InvocationEnd> {
    try {
      await this.#handler(event as CloudFormationCustomResourceEvent, this.#context(arn));
      return 'returned';
    } catch (error) {
      this.#logs += `Invoke Error ${error instanceof Error ? error.stack : String(error)}\n`;
      return 'crashed';
    }
  }

  /** The context of nodejs24.x, which has no done, succeed and fail. */
  #context(arn: string): Context {
    const deadline = this.#clock.now() + this.#timeoutMs;
    const functionName = arn.split(':')[6] ?? 'function';
    return {
      callbackWaitsForEmptyEventLoop: true,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: '256',
      awsRequestId: randomUUID(),
      logGroupName: `/aws/lambda/${functionName}`,
      logStreamName: `2026/11/20/[$LATEST]${randomUUID().replaceAll('-', '')}`,
      getRemainingTimeInMillis: () => deadline - this.#clock.now(),
    } as Context;
  }

  logs(): string {
    return this.#logs;
  }

  async stop(): Promise<void> {}
}
