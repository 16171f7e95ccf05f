import type { Clock } from '../../common/clock.ts';
import type { InvocationEnd, Invoker } from './invoker.ts';
import type { Slot } from './response-server.ts';

/**
 * The deliveries of one event. Lambda promises at least one.
 * - `once`: one, and Lambda's retries if the invocation crashes or times out;
 * - `again`: a second one when the first invocation has ended, whatever its end;
 * - `at once`: two at the same time;
 * - `after the answer`: a second one when CloudFormation has accepted an answer.
 */
export type Redelivery = 'once' | 'again' | 'at once' | 'after the answer';

/** One asynchronous invocation, with the ends of its attempts in order. */
export interface Delivery {
  ends: InvocationEnd[];
}

export interface DeliveryOptions {
  /** Waits before Lambda's retries of an asynchronous invocation. Default: one and two minutes. */
  retryDelaysMs?: readonly number[];
}

/** Lambda's queue of asynchronous invocations. */
export class Deliveries {
  #invoker: Invoker;
  #clock: Clock;
  #retryDelaysMs: readonly number[];
  #stopping = new AbortController();
  #running = new Set<Promise<void>>();

  constructor(invoker: Invoker, clock: Clock, options: DeliveryOptions = {}) {
    this.#invoker = invoker;
    this.#clock = clock;
    this.#retryDelaysMs = options.retryDelaysMs ?? [60_000, 120_000];
  }

  /**
   * Delivers the event of a slot. The returned list grows by one entry for each delivery. `onCrash` is called
   * when an invocation has ended without returning.
   */
  deliver(slot: Slot, redelivery: Redelivery, onCrash: () => void = () => {}): Delivery[] {
    const deliveries: Delivery[] = [];
    const first = this.#deliver(slot, deliveries, onCrash);
    if (redelivery === 'at once') this.#deliver(slot, deliveries, onCrash);
    if (redelivery === 'again') this.#track(first.then(() => this.#deliver(slot, deliveries)));
    if (redelivery === 'after the answer')
      this.#track(slot.answered.then(() => this.#deliver(slot, deliveries)));
    return deliveries;
  }

  /** Delivers a known event once more; resolves when the invocation has ended. */
  async redeliver(slot: Slot, deliveries: Delivery[]): Promise<void> {
    await this.#deliver(slot, deliveries);
  }

  /** Resolves when no invocation runs and none is to come. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Kills running invocations and drops waiting ones. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    await this.idle();
  }

  #deliver(slot: Slot, deliveries: Delivery[], onCrash?: () => void): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    const delivery: Delivery = { ends: [] };
    deliveries.push(delivery);
    return this.#track(this.#attempts(slot, delivery, onCrash));
  }

  async #attempts(slot: Slot, delivery: Delivery, onCrash: () => void = () => {}): Promise<void> {
    const { signal } = this.#stopping;
    for (const delayMs of [0, ...this.#retryDelaysMs]) {
      if (delayMs > 0) await this.#clock.sleep(delayMs, signal).catch(() => {});
      if (signal.aborted) return;
      slot.countDelivery();
      const end = await this.#invoker.invoke(slot.event, { signal });
      delivery.ends.push(end);
      if (end === 'returned') return;
      onCrash();
    }
  }

  #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work));
    return work;
  }
}
