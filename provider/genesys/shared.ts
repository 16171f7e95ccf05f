import { type Deadline, unlessAborted } from '../runtime/deadline.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  endsAt: number;
  waiting: number;
}

/**
 * Work that several callers wait for and that is done once. A caller that is aborted leaves alone; the work is
 * aborted when nobody waits any more, and has the time of the most patient caller.
 */
export class Shared<T> {
  #flight: Flight<T> | undefined;

  /** Joins the work under way, or starts it. */
  async join(deadline: Deadline, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    deadline.signal.throwIfAborted();
    this.#flight ??= this.#start(work);
    const flight = this.#flight;
    flight.endsAt = Math.max(flight.endsAt, deadline.at);
    flight.waiting += 1;
    try {
      return await unlessAborted(flight.result, deadline.signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.#flight === flight) this.#flight = undefined;
        flight.controller.abort(new Error('nobody waits for this any more'));
      }
    }
  }

  #start(work: (deadline: Deadline) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const flight: Flight<T> = { result: promise, controller, endsAt: 0, waiting: 0 };
    const deadline: Deadline = {
      signal: controller.signal,
      get at() {
        return flight.endsAt;
      },
    };
    // Begins after the first caller has given the flight its deadline.
    queueMicrotask(() => {
      work(deadline)
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
