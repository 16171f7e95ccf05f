import { type Deadline, unlessAborted } from '../../common/deadline.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  endsAt: number;
  waiting: number;
}

/**
 * Work that is done once for several callers. It has the time of the most patient one. A caller that is
 * aborted leaves the others alone, and the work is aborted when nobody waits for it.
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
    // The first caller sets the time of the flight, so the work begins after that.
    queueMicrotask(() => {
      work(deadline)
        .finally(() => {
          if (this.#flight === flight) this.#flight = undefined;
        })
        .then(resolve, reject);
    });
    // A failure after all have left must not count as unhandled.
    promise.catch(() => {});
    return flight;
  }
}
