import type { CustomResourceEvent } from './events.ts';

/**
 * The end of one invocation: the handler returned; it threw or its process died; or Lambda killed it at the
 * deadline. Lambda delivers an asynchronous event again after the last two.
 */
export type InvocationEnd = 'returned' | 'crashed' | 'timed out';

/** Runs the function behind a ServiceToken. */
export interface Invoker {
  /**
   * Never rejects because of the function. An aborted signal kills the invocation, which then has 'crashed'.
   */
  invoke(event: CustomResourceEvent, options?: { signal?: AbortSignal }): Promise<InvocationEnd>;
  /** Standard output and standard error of the function so far. */
  logs(): string;
  stop(): Promise<void>;
}
