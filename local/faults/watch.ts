/** The calls of one request, the fault that one of them meets, and what else begins with one of them. */
import type { CustomResourceEvent } from '../cloudformation/events.ts';
import type { Call, CallFault, Service } from '../provider/containers.ts';
import type { World } from '../provider/world.ts';

/** A call of an operation: the nth of its kind, counted from 1. */
export interface Place extends Call {
  nth: number;
}

/** `once`: that call alone. `ever`: that call and every later one of its kind in the same invocation. */
export type Persistence = 'once' | 'ever';

export interface PlacedFault {
  place: Place;
  fault: CallFault;
  persistence: Persistence;
}

/** Watches the first request, or the first Delete, that comes after `begin`. */
export class Watch {
  /** The calls of the watched request's first delivery. */
  readonly places: Place[] = [];
  fault: PlacedFault | undefined;
  /** Whether a call has met the fault. */
  hit = false;
  /** The watched request. */
  event: CustomResourceEvent | undefined;
  /** Called for each call of every delivery of the watched request; `nth` counts the calls of a service. */
  onCall: (call: Call, nth: number) => CallFault | undefined = () => undefined;
  /** Called when an invocation of the watched request has ended, in any way. */
  onEnd: () => void = () => undefined;
  #isWatching = false;
  #isFor: (event: CustomResourceEvent) => boolean = () => true;
  #isDone = false;
  readonly #counts = new Map<Service, number>();

  constructor({ containers }: World) {
    containers.faultFor = (call, event) => this.#faultFor(call, event);
    containers.onEnd = ({ RequestId }) => {
      if (RequestId !== this.event?.RequestId) return;
      this.#isDone = true;
      this.onEnd();
    };
  }

  begin(only?: CustomResourceEvent['RequestType']): void {
    if (only !== undefined) this.#isFor = ({ RequestType }) => RequestType === only;
    this.#isWatching = true;
  }

  #faultFor(call: Call, event: CustomResourceEvent | undefined): CallFault | undefined {
    if (event === undefined || !this.#isWatching) return undefined;
    if (this.event === undefined && !this.#isFor(event)) return undefined;
    this.event ??= event;
    if (event.ResponseURL !== this.event.ResponseURL) return undefined;
    const placed = this.#isDone ? undefined : this.#placedFault(call);
    const count = (this.#counts.get(call.service) ?? 0) + 1;
    this.#counts.set(call.service, count);
    const other = this.onCall(call, count);
    return placed ?? other;
  }

  #placedFault(call: Call): CallFault | undefined {
    const nth =
      this.places.filter(({ service, operation }) => service === call.service && operation === call.operation)
        .length + 1;
    this.places.push({ ...call, nth });
    const { place, fault, persistence } = this.fault ?? {};
    if (place?.service !== call.service || place.operation !== call.operation) return undefined;
    const isHit = persistence === 'ever' ? nth >= place.nth : nth === place.nth;
    if (!isHit) return undefined;
    this.hit = true;
    return fault;
  }
}
