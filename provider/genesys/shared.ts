import type { Scope } from './retry.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  deadline: number;
  waiting: number;
}

/**
 * Work that several callers wait for and that is done once. A caller that is aborted leaves alone; the work is
 * aborted when nobody waits any more, and has the time of the most patient caller.
 */
export class Shared<T> {
  #flight: Flight<T> | undefined;

  /** Joins the work under way, or starts it. */
  async join(scope: Scope, work: (scope: Scope) => Promise<T>): Promise<T> {
    scope.signal.throwIfAborted();
    this.#flight ??= this.#start(work);
    const flight = this.#flight;
    flight.deadline = Math.max(flight.deadline, scope.deadline);
    flight.waiting += 1;
    try {
      return await unlessAborted(flight.result, scope.signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.#flight === flight) this.#flight = undefined;
        flight.controller.abort(new Error('nobody waits for this any more'));
      }
    }
  }

  #start(work: (scope: Scope) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const flight: Flight<T> = { result: promise, controller, deadline: 0, waiting: 0 };
    const scope: Scope = {
      signal: controller.signal,
      get deadline() {
        return flight.deadline;
      },
    };
    // Begins after the first caller has given the flight its deadline.
    queueMicrotask(() => {
      work(scope)
        .finally(() => {
          if (this.#flight === flight) this.#flight = undefined;
        })
        .then(resolve, reject);
    });
    // Those who wait see the failure; when all have left, nobody does.
    promise.catch(() => {});
    return flight;
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
