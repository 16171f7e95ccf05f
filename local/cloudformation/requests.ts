import { randomUUID } from 'node:crypto';
import type { Outcome } from './answers.ts';
import { Deliveries, type Delivery } from './deliveries.ts';
import type { CustomResourceEvent, ResourceProperties } from './events.ts';
import type { Settings } from './options.ts';
import type { ReceivedUpload, Slot } from './response-server.ts';
import type { Resource } from './state.ts';

/** One request to the provider: the event, its deliveries so far and every upload to its URL. */
export interface SentRequest {
  event: CustomResourceEvent;
  deliveries: readonly Delivery[];
  uploads: readonly ReceivedUpload[];
}

/** The part of an event that depends on the kind of the request. */
export type RequestKind = Pick<
  CustomResourceEvent,
  'RequestType' | 'PhysicalResourceId' | 'OldResourceProperties'
>;

type EventWithoutUrl = Omit<CustomResourceEvent, 'ResponseURL'>;

/** A request as it stands at the provider. */
interface Opened {
  slot: Slot;
  deliveries: Delivery[];
}

/** The events that may end a request before its answer, and its ties to an earlier one. */
export interface SendOptions {
  cancelled?: AbortSignal | undefined;
  /** The operation is tried again: a request of the same kind for the same resource keeps its RequestId. */
  retried?: boolean | undefined;
}

/** Sends requests to the provider and waits for their outcomes. */
export class Requests {
  /** Every request so far, in order. */
  readonly sent: SentRequest[] = [];
  #settings: Settings;
  #deliveries: Deliveries;
  /** By RequestId: several where a request was sent again. */
  #opened = new Map<string, [Opened, ...Opened[]]>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#deliveries = new Deliveries(settings.invoker, settings.clock, settings);
  }

  /**
   * Resolves to the first of these: the answer, the end of ServiceTimeout, a failure of another resource, a
   * crash that CloudFormation does not wait to be repeated (`givesUpAfterCrashMs`).
   */
  send(
    stackId: string,
    resource: Resource,
    kind: RequestKind,
    properties: ResourceProperties,
    { cancelled, retried = false }: SendOptions = {},
  ): Promise<Outcome> {
    const event = eventOf(stackId, resource, kind, properties);
    const before = retried ? this.#lastLike(event) : undefined;
    return this.#sendAndWait(before ? { ...event, RequestId: before.RequestId } : event, cancelled);
  }

  /**
   * Sends a request again as a deployment that is tried again does: with its RequestId and a new ResponseURL.
   * `changes` are other fields of the event. Resolves as `send` does.
   */
  sendAgain(requestId: string, changes: Partial<EventWithoutUrl> = {}): Promise<Outcome> {
    const { ResponseURL: _, ...event } = this.#find(requestId).slot.event;
    return this.#sendAndWait({ ...event, ...changes });
  }

  /**
   * Delivers the newest event of a RequestId, or an earlier one (0 is the first), once more, however late.
   */
  async redeliver(requestId: string, at = -1): Promise<void> {
    const { slot, deliveries } = this.#find(requestId, at);
    await this.#deliveries.redeliver(slot, deliveries);
  }

  /** Resolves when no invocation runs and none is to come. */
  idle(): Promise<void> {
    return this.#deliveries.idle();
  }

  /** Ends invocations. */
  stop(): Promise<void> {
    return this.#deliveries.stop();
  }

  async #sendAndWait(event: EventWithoutUrl, cancelled?: AbortSignal): Promise<Outcome> {
    const { clock, serviceTimeoutSecondMs, givesUpAfterCrashMs } = this.#settings;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const giveUp = (reason: string) => resolve({ status: 'FAILED', reason });
    const timers: (() => void)[] = [];
    const onCancel = () => giveUp(`Resource ${VERBS[event.RequestType]} cancelled`);
    const slot = this.#deliver(event, () => {
      const milliseconds = givesUpAfterCrashMs(slot.event);
      if (milliseconds !== undefined) timers.push(clock.schedule(milliseconds, onCancel));
    });
    const seconds = Number(event.ResourceProperties['ServiceTimeout'] ?? 3600);
    timers.push(
      clock.schedule(seconds * serviceTimeoutSecondMs, () =>
        giveUp(
          `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${event.RequestId}].`,
        ),
      ),
    );
    cancelled?.addEventListener('abort', onCancel, { once: true });
    slot.answered.then(resolve);
    try {
      return await promise;
    } finally {
      for (const stop of timers) stop();
      cancelled?.removeEventListener('abort', onCancel);
    }
  }

  #deliver(event: EventWithoutUrl, onCrash: () => void): Slot {
    const { responses, redelivery, signedAtMs } = this.#settings;
    const slot = responses.open(event, signedAtMs(event));
    const deliveries = this.#deliveries.deliver(slot, redelivery(slot.event), onCrash);
    const opened = { slot, deliveries };
    const before = this.#opened.get(event.RequestId);
    if (before) before.push(opened);
    else this.#opened.set(event.RequestId, [opened]);
    this.sent.push({ event: slot.event, deliveries, uploads: slot.uploads });
    return slot;
  }

  #find(requestId: string, at = -1): Opened {
    const opened = this.#opened.get(requestId)?.at(at);
    if (opened === undefined) throw new Error(`no request ${requestId} was sent`);
    return opened;
  }

  /** The last request of the same kind for the same resource. */
  #lastLike({ StackId, LogicalResourceId, RequestType }: EventWithoutUrl): CustomResourceEvent | undefined {
    return this.sent.findLast(
      ({ event }) =>
        event.StackId === StackId &&
        event.LogicalResourceId === LogicalResourceId &&
        event.RequestType === RequestType,
    )?.event;
  }
}

const VERBS = { Create: 'creation', Update: 'update', Delete: 'deletion' } as const;

function eventOf(
  stackId: string,
  resource: Resource,
  { RequestType, PhysicalResourceId, OldResourceProperties }: RequestKind,
  properties: ResourceProperties,
): EventWithoutUrl {
  return {
    RequestType,
    ServiceToken: properties.ServiceToken,
    StackId: stackId,
    RequestId: randomUUID(),
    LogicalResourceId: resource.logicalId,
    ...(PhysicalResourceId === undefined ? {} : { PhysicalResourceId }),
    ResourceType: resource.declaration.Type,
    ResourceProperties: properties,
    ...(OldResourceProperties === undefined ? {} : { OldResourceProperties }),
  };
}
