import type { CustomResourceEvent } from './events.ts';

/**
 * How one invocation ended: the handler returned; it threw, or its process died; or Lambda killed it at its
 * deadline. Lambda delivers an asynchronous event again after the last two.
 */
export type InvocationEnd = 'returned' | 'crashed' | 'timed out';

/** Something that runs the function behind a ServiceToken. */
export interface Invoker {
  /** Never rejects for what the function does. An aborted signal kills the invocation: 'crashed'. */
  invoke(event: CustomResourceEvent, options?: { signal?: AbortSignal }): Promise<InvocationEnd>;
  /** Everything that the function wrote so far, standard output and error. */
  logs(): string;
  stop(): Promise<void>;
}
