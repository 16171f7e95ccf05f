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

/** Sends requests to the provider and waits for their outcomes. */
export class Requests {
  /** Every request so far, in order. */
  readonly sent: SentRequest[] = [];
  #settings: Settings;
  #deliveries: Deliveries;
  #slots = new Map<string, { slot: Slot; deliveries: Delivery[] }>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#deliveries = new Deliveries(settings.invoker, settings.clock, settings);
  }

  /** Resolves to the first of these: the answer, the end of ServiceTimeout, a failure of another resource. */
  async send(
    stackId: string,
    resource: Resource,
    kind: RequestKind,
    properties: ResourceProperties,
    cancelled?: AbortSignal,
  ): Promise<Outcome> {
    const event = eventOf(stackId, resource, kind, properties);
    const slot = this.#deliver(event);
    const { clock, serviceTimeoutSecondMs } = this.#settings;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const giveUp = (reason: string) => resolve({ status: 'FAILED', reason });
    const verb = kind.RequestType === 'Create' ? 'creation' : 'update';
    const onCancel = () => giveUp(`Resource ${verb} cancelled`);
    const seconds = Number(properties['ServiceTimeout'] ?? 3600);
    const stopTimer = clock.schedule(seconds * serviceTimeoutSecondMs, () =>
      giveUp(
        `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${event.RequestId}].`,
      ),
    );
    cancelled?.addEventListener('abort', onCancel, { once: true });
    slot.answered.then(resolve);
    try {
      return await promise;
    } finally {
      stopTimer();
      cancelled?.removeEventListener('abort', onCancel);
    }
  }

  /** Delivers an event once more, however late; resolves when the invocation has ended. */
  async redeliver(requestId: string): Promise<void> {
    const sent = this.#slots.get(requestId);
    if (sent === undefined) throw new Error(`no request ${requestId} was sent`);
    await this.#deliveries.redeliver(sent.slot, sent.deliveries);
  }

  /** Resolves when no invocation runs and none is to come. */
  idle(): Promise<void> {
    return this.#deliveries.idle();
  }

  /** Ends invocations. */
  stop(): Promise<void> {
    return this.#deliveries.stop();
  }

  #deliver(event: Omit<CustomResourceEvent, 'ResponseURL'>): Slot {
    const { responses, redelivery, signedAtMs } = this.#settings;
    const slot = responses.open(event, signedAtMs(event));
    const deliveries = this.#deliveries.deliver(slot, redelivery(slot.event));
    this.#slots.set(event.RequestId, { slot, deliveries });
    this.sent.push({ event: slot.event, deliveries, uploads: slot.uploads });
    return slot;
  }
}

function eventOf(
  stackId: string,
  resource: Resource,
  { RequestType, PhysicalResourceId, OldResourceProperties }: RequestKind,
  properties: ResourceProperties,
): Omit<CustomResourceEvent, 'ResponseURL'> {
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
