import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../../provider/runtime/clock.ts';
import type { Outcome } from './answers.ts';
import { Deliveries, type Delivery, type Redelivery } from './deliveries.ts';
import type { CustomResourceEvent, PropertyValue, ResourceProperties } from './events.ts';
import type { Invoker } from './invoker.ts';
import type { ReceivedUpload, ResponseServer, Slot } from './response-server.ts';
import {
  declarationOf,
  dependencies,
  type ResourceDeclaration,
  resolveProperties,
  resolveValue,
  type Scope,
  type Template,
  validateTemplate,
} from './template.ts';
import { walk } from './walk.ts';

/**
 * What CloudFormation does about an Update that answered a new id when the stack's update fails afterwards (or that
 * very answer was FAILED). Seen in the field in more than one form, so a provider has to live with each:
 * - `update-back-then-delete-new`: Update of the new object with old and new properties swapped; what that answers
 *   is the resource from now on, and the new object is deleted in the clean-up unless it was answered again;
 * - `update-old-then-delete-new`: the same, with the id of the old object;
 * - `delete-new-only`: no Update, the old object is taken up again;
 * - `update-back`: Update of the new object, no Delete.
 */
export type ReplacementRollback =
  | 'update-back-then-delete-new'
  | 'update-old-then-delete-new'
  | 'delete-new-only'
  | 'update-back';

export interface CloudFormationOptions {
  invoker: Invoker;
  responses: ResponseServer;
  /** For resources whose properties name none. */
  serviceToken?: string;
  region?: string;
  accountId?: string;
  /** Resources in progress at a time. Default: no limit. */
  concurrency?: number;
  /** Whether resources in progress are given up when another one fails (CloudFormation does), or waited for. */
  whenOneFails?: 'cancel' | 'wait';
  replacementRollback?: ReplacementRollback;
  /** Called for every event before it is delivered. Default: 'once'. */
  redelivery?: (event: CustomResourceEvent) => Redelivery;
  /** Waits before Lambda's two retries of an invocation that did not return. Default: 60,000 and 120,000. */
  retryDelaysMs?: readonly number[];
  /** How long a second of ServiceTimeout lasts, so that a test need not wait for one. Default: 1000. */
  serviceTimeoutSecondMs?: number;
  /** The date that an event's ResponseURL is signed with, milliseconds since the epoch. Default: now. */
  signedAtMs?: (event: Omit<CustomResourceEvent, 'ResponseURL'>) => number;
  clock?: Clock;
}

/** One request to the provider: the event, its deliveries so far and everything that was sent to its URL. */
export interface SentRequest {
  event: CustomResourceEvent;
  deliveries: readonly Delivery[];
  uploads: readonly ReceivedUpload[];
}

/** A line of the stack's events. */
export interface StackEvent {
  StackId: string;
  StackName: string;
  LogicalResourceId: string;
  PhysicalResourceId: string;
  ResourceType: string;
  ResourceStatus: string;
  ResourceStatusReason?: string;
  Timestamp: Date;
}

export interface ResourceView {
  type: string;
  status: string;
  reason?: string;
  physicalId?: string;
  /** As applied last: every scalar a string. */
  properties?: ResourceProperties;
  attributes: Readonly<Record<string, string>>;
}

/** A stack as it is at one moment. */
export interface StackView {
  id: string;
  name: string;
  createdAt: Date;
  status: string;
  reason?: string;
  resources: Readonly<Record<string, ResourceView>>;
  outputs: Readonly<Record<string, PropertyValue>>;
  events: readonly StackEvent[];
}

/** What the CloudFormation API answers with 400. */
export class ValidationError extends Error {}

interface Resource {
  logicalId: string;
  declaration: ResourceDeclaration;
  status: string;
  reason?: string;
  physicalId?: string;
  properties?: ResourceProperties;
  attributes: Readonly<Record<string, string>>;
}

/** An object that no resource names any more and that the clean-up deletes. */
interface Leftover {
  resource: Resource;
  physicalId: string;
  properties: ResourceProperties;
}

/** What an update has done so far, so that it can be undone. */
interface Update {
  old: Template;
  next: Template;
  created: Set<string>;
  /** By logical id: the resource before its first Update event, and what was sent with that. */
  changed: Map<string, { before: Resource; sent: ResourceProperties }>;
  rolledBack: Set<string>;
  leftovers: Leftover[];
}

interface Stack {
  id: string;
  name: string;
  createdAt: Date;
  status: string;
  reason?: string;
  template: Template;
  resources: Map<string, Resource>;
  outputs: Record<string, PropertyValue>;
  events: StackEvent[];
  busy: boolean;
  /** Kept while its rollback has failed. */
  update?: Update;
}

/** CloudFormation's side of stacks that hold custom resources. Stack operations resolve when the stack has settled. */
export class CloudFormation {
  /** Every request sent so far, in order. */
  readonly requests: SentRequest[] = [];
  #options: Required<CloudFormationOptions>;
  #deliveries: Deliveries;
  #slots = new Map<string, { slot: Slot; deliveries: Delivery[] }>();
  #stacks: Stack[] = [];

  constructor(options: CloudFormationOptions) {
    const region = options.region ?? 'us-east-1';
    const accountId = options.accountId ?? '123456789012';
    this.#options = {
      serviceToken: `arn:aws:lambda:${region}:${accountId}:function:provider`,
      region,
      accountId,
      concurrency: Number.POSITIVE_INFINITY,
      whenOneFails: 'cancel',
      replacementRollback: 'update-back-then-delete-new',
      redelivery: () => 'once',
      retryDelaysMs: [60_000, 120_000],
      serviceTimeoutSecondMs: 1000,
      signedAtMs: () => this.#options.clock.now(),
      clock: systemClock,
      ...options,
    };
    this.#deliveries = new Deliveries(options.invoker, this.#options.clock, this.#options);
  }

  // ---- stack operations

  /** A failed one is rolled back, unless `disableRollback`. */
  async createStack(name: string, template: Template, { disableRollback = false } = {}): Promise<StackView> {
    validateTemplate(template);
    if (this.#living(name) !== undefined) throw new ValidationError(`Stack [${name}] already exists`);
    const { region, accountId, clock } = this.#options;
    const stack: Stack = {
      id: `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`,
      name,
      createdAt: new Date(clock.now()),
      status: 'REVIEW_IN_PROGRESS',
      template,
      resources: new Map(),
      outputs: {},
      events: [],
      busy: false,
    };
    this.#stacks.push(stack);
    return this.#operation(stack, async () => {
      this.#mark(stack, stack, 'CREATE_IN_PROGRESS', 'User Initiated');
      const failure = await this.#apply(stack, template, undefined);
      if (failure === undefined) return this.#mark(stack, stack, 'CREATE_COMPLETE');
      if (disableRollback) return this.#mark(stack, stack, 'CREATE_FAILED', failure);
      this.#mark(stack, stack, 'ROLLBACK_IN_PROGRESS', `${failure} Rollback requested by user.`);
      const ok = await this.#deleteResources(stack, [...stack.resources.keys()], 'rollback of a creation');
      this.#mark(stack, stack, ok ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
    });
  }

  /** A failed one is rolled back, unless `disableRollback`. */
  async updateStack(name: string, template: Template, { disableRollback = false } = {}): Promise<StackView> {
    validateTemplate(template);
    const stack = this.#get(name);
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status))
      throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
    if (isDeepStrictEqual(stack.template, template))
      throw new ValidationError('No updates are to be performed.');
    for (const [logicalId, { declaration }] of stack.resources) {
      const next = declarationOf(template, logicalId);
      if (next !== undefined && next.Type !== declaration.Type)
        throw new ValidationError(
          `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${logicalId}]`,
        );
    }
    const update: Update = {
      old: stack.template,
      next: template,
      created: new Set(),
      changed: new Map(),
      rolledBack: new Set(),
      leftovers: [],
    };
    return this.#operation(stack, async () => {
      this.#mark(stack, stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
      const failure = await this.#apply(stack, template, update);
      if (failure !== undefined) {
        if (disableRollback) {
          stack.update = update;
          return this.#mark(stack, stack, 'UPDATE_FAILED', failure);
        }
        this.#mark(stack, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', failure);
        return this.#rollBack(stack, update);
      }
      stack.template = template;
      this.#mark(stack, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      const removed = [...stack.resources.keys()].filter(
        (logicalId) => declarationOf(template, logicalId) === undefined,
      );
      await this.#cleanUp(stack, removed, update.leftovers, 'removal');
      this.#mark(stack, stack, 'UPDATE_COMPLETE');
    });
  }

  /** Goes on with a rollback that failed, without the resources to skip. */
  async continueUpdateRollback(name: string, resourcesToSkip: string[] = []): Promise<StackView> {
    const stack = this.#get(name);
    const { update } = stack;
    if (update === undefined || !/^UPDATE(_ROLLBACK)?_FAILED$/.test(stack.status))
      throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
    return this.#operation(stack, async () => {
      this.#mark(stack, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated');
      for (const logicalId of resourcesToSkip) update.rolledBack.add(logicalId);
      await this.#rollBack(stack, update);
    });
  }

  /** Resources to retain are only allowed where a deletion failed before. */
  async deleteStack(name: string, { retainResources = [] as string[] } = {}): Promise<StackView> {
    const stack = this.#get(name);
    if (retainResources.length > 0 && stack.status !== 'DELETE_FAILED')
      throw new ValidationError(
        `Invalid operation on stack [${stack.id}]. RetainResources needs DELETE_FAILED.`,
      );
    return this.#operation(stack, async () => {
      this.#mark(stack, stack, 'DELETE_IN_PROGRESS', 'User Initiated');
      for (const logicalId of retainResources) stack.resources.delete(logicalId);
      const ok = await this.#deleteResources(stack, [...stack.resources.keys()], 'removal');
      if (ok) return this.#mark(stack, stack, 'DELETE_COMPLETE');
      const failed = [...stack.resources.values()].filter(({ status }) => status === 'DELETE_FAILED');
      const names = failed.map(({ logicalId }) => logicalId).join(', ');
      this.#mark(stack, stack, 'DELETE_FAILED', `The following resource(s) failed to delete: [${names}].`);
    });
  }

  // ---- looking, and what a test does on purpose

  /** The stack as it is now, also in the middle of an operation; a deleted one by its id. */
  describe(nameOrId: string): StackView {
    const stack = this.#get(nameOrId);
    return {
      id: stack.id,
      name: stack.name,
      createdAt: stack.createdAt,
      status: stack.status,
      ...(stack.reason === undefined ? {} : { reason: stack.reason }),
      resources: Object.fromEntries(
        [...stack.resources].map(([logicalId, { declaration, logicalId: _, ...view }]) => [
          logicalId,
          { type: declaration.Type, ...view },
        ]),
      ),
      outputs: { ...stack.outputs },
      events: [...stack.events],
    };
  }

  /** Every stack that is not deleted. */
  living(): StackView[] {
    const living = this.#stacks.filter(({ status }) => status !== 'DELETE_COMPLETE');
    return living.map(({ id }) => this.describe(id));
  }

  /** `Create A`, `Update A old-id`, `Delete A old-id`: what was sent so far. */
  sequence(): string[] {
    return this.requests.map(({ event }) =>
      [event.RequestType, event.LogicalResourceId, event.PhysicalResourceId].filter(Boolean).join(' '),
    );
  }

  /** Delivers an event once more, however late; resolves when the invocation has ended. */
  async redeliver(requestId: string): Promise<void> {
    const sent = this.#slots.get(requestId);
    if (sent === undefined) throw new Error(`no request ${requestId} was sent`);
    await this.#deliveries.redeliver(sent.slot, sent.deliveries);
  }

  /** Every rule of the protocol that an answer broke so far. A test of a provider ends with: there is none. */
  violations(): string[] {
    return this.#options.responses.violations();
  }

  /** Resolves when no invocation runs and none is to come: stack operations do not wait for late ones. */
  async idle(): Promise<void> {
    await this.#deliveries.idle();
  }

  /** Ends invocations; the invoker and the response server are the caller's to stop. */
  async stop(): Promise<void> {
    await this.#deliveries.stop();
  }

  // ---- applying a template

  /** Creates and updates what the template asks for. Returns why it failed. */
  async #apply(stack: Stack, template: Template, update: Update | undefined): Promise<string | undefined> {
    const cancel = new AbortController();
    const one = async (logicalId: string): Promise<boolean> => {
      const ok = await this.#applyResource(stack, template, logicalId, update, cancel.signal);
      if (!ok && this.#options.whenOneFails === 'cancel') cancel.abort();
      return ok;
    };
    const needs = (logicalId: string) => dependenciesIn(template, logicalId);
    const { concurrency: limit } = this.#options;
    const ok = await walk(Object.keys(template.Resources), needs, one, { limit, stopAtFailure: true });
    if (!ok) {
      const failed = [...stack.resources.values()].filter(({ status }) => status.endsWith('_FAILED'));
      const verb = update === undefined ? 'create' : 'create or update';
      return `The following resource(s) failed to ${verb}: [${failed.map(({ logicalId }) => logicalId).join(', ')}].`;
    }
    try {
      stack.outputs = Object.fromEntries(
        Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [
          name,
          resolveValue(Value, this.#scope(stack)),
        ]),
      );
    } catch (error) {
      return messageOf(error);
    }
    return undefined;
  }

  async #applyResource(
    stack: Stack,
    template: Template,
    logicalId: string,
    update: Update | undefined,
    cancelled: AbortSignal,
  ): Promise<boolean> {
    if (cancelled.aborted) return false; // another one failed a moment ago
    const declaration = declarationOf(template, logicalId) as ResourceDeclaration;
    const existing = stack.resources.get(logicalId);
    const resource: Resource = existing ?? { logicalId, declaration, status: '', attributes: {} };
    const verb = existing === undefined ? 'CREATE' : 'UPDATE';
    let properties: ResourceProperties;
    try {
      properties = resolveProperties(declaration, this.#scope(stack), this.#options.serviceToken);
    } catch (error) {
      if (existing === undefined) update?.created.add(logicalId);
      stack.resources.set(logicalId, resource);
      this.#mark(stack, resource, `${verb}_FAILED`, messageOf(error));
      return false;
    }
    if (existing !== undefined) {
      const before = { ...existing };
      resource.declaration = declaration;
      if (isDeepStrictEqual(existing.properties, properties)) return true;
      if (existing.properties?.ServiceToken !== properties.ServiceToken) {
        this.#mark(stack, resource, 'UPDATE_FAILED', 'Modifying service token is not allowed.');
        return false;
      }
      update?.changed.set(logicalId, { before, sent: properties });
      return this.#updateResource(stack, resource, properties, update?.leftovers, cancelled);
    }
    update?.created.add(logicalId);
    stack.resources.set(logicalId, resource);
    return this.#createResource(stack, resource, properties, cancelled);
  }

  async #createResource(
    stack: Stack,
    resource: Resource,
    properties: ResourceProperties,
    cancelled: AbortSignal,
  ): Promise<boolean> {
    resource.properties = properties;
    this.#mark(stack, resource, 'CREATE_IN_PROGRESS');
    const outcome = await this.#request(stack, resource, { RequestType: 'Create' }, properties, cancelled);
    // A Delete needs an id: CloudFormation makes one up where no answer gave any.
    resource.physicalId = outcome.physicalResourceId ?? inventedId(stack.name, resource.logicalId);
    if (outcome.status === 'SUCCESS') {
      resource.attributes = outcome.data;
      this.#mark(stack, resource, 'CREATE_COMPLETE');
      return true;
    }
    this.#mark(stack, resource, 'CREATE_FAILED', outcome.reason);
    return false;
  }

  /** Sends an Update and takes over what it answers; an id that was left behind goes to `leftovers`. */
  async #updateResource(
    stack: Stack,
    resource: Resource,
    properties: ResourceProperties,
    leftovers: Leftover[] | undefined,
    cancelled?: AbortSignal,
    physicalId = resource.physicalId as string,
  ): Promise<boolean> {
    const old = resource.properties as ResourceProperties;
    this.#mark(stack, resource, 'UPDATE_IN_PROGRESS');
    const request = {
      RequestType: 'Update',
      PhysicalResourceId: physicalId,
      OldResourceProperties: old,
    } as const;
    const outcome = await this.#request(stack, resource, request, properties, cancelled);
    resource.properties = properties;
    resource.physicalId = outcome.physicalResourceId ?? physicalId;
    if (outcome.status === 'FAILED') {
      this.#mark(stack, resource, 'UPDATE_FAILED', outcome.reason);
      return false;
    }
    resource.attributes = outcome.data;
    if (resource.physicalId !== physicalId) leftovers?.push({ resource, physicalId, properties: old });
    this.#mark(stack, resource, 'UPDATE_COMPLETE');
    return true;
  }

  // ---- rolling an update back

  /** Applies the old template again to what was changed, then deletes what the update had brought. */
  async #rollBack(stack: Stack, update: Update): Promise<void> {
    // What replacements left for the clean-up of a success is in use again.
    update.leftovers = [];
    const one = (logicalId: string) => this.#rollBackResource(stack, update, logicalId);
    const needs = (logicalId: string) => dependenciesIn(update.old, logicalId);
    const { concurrency: limit } = this.#options;
    const ok = await walk(Object.keys(update.old.Resources), needs, one, { limit, stopAtFailure: true });
    if (!ok) {
      stack.update = update;
      return this.#mark(stack, stack, 'UPDATE_ROLLBACK_FAILED', 'Some resources could not be rolled back.');
    }
    delete stack.update;
    this.#mark(stack, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.#cleanUp(stack, [...update.created], update.leftovers, 'rollback of a creation');
    this.#mark(stack, stack, 'UPDATE_ROLLBACK_COMPLETE');
  }

  async #rollBackResource(stack: Stack, update: Update, logicalId: string): Promise<boolean> {
    const resource = stack.resources.get(logicalId);
    if (resource === undefined || update.rolledBack.has(logicalId)) return true;
    resource.declaration = declarationOf(update.old, logicalId) as ResourceDeclaration;
    const properties = resolveProperties(
      resource.declaration,
      this.#scope(stack),
      this.#options.serviceToken,
    );
    const change = update.changed.get(logicalId);
    if (change === undefined && isDeepStrictEqual(resource.properties, properties)) {
      if (resource.status === 'UPDATE_FAILED') this.#mark(stack, resource, 'UPDATE_COMPLETE');
      return true;
    }
    const oldId = change?.before.physicalId;
    const newId = resource.physicalId as string;
    const order = this.#options.replacementRollback;
    const replaced = change !== undefined && newId !== oldId;
    if (change !== undefined) resource.properties = change.sent;

    if (replaced && order === 'delete-new-only') {
      update.leftovers.push({ resource, physicalId: newId, properties: change.sent });
      Object.assign(resource, { physicalId: oldId, properties, attributes: change.before.attributes });
      this.#mark(stack, resource, 'UPDATE_COMPLETE');
      update.rolledBack.add(logicalId);
      return true;
    }
    const ok = await this.#updateResource(
      stack,
      resource,
      properties,
      undefined,
      undefined,
      replaced && order === 'update-old-then-delete-new' ? oldId : newId,
    );
    if (ok) {
      update.rolledBack.add(logicalId);
      if (resource.physicalId !== newId && order !== 'update-back')
        update.leftovers.push({ resource, physicalId: newId, properties: change?.sent ?? properties });
    }
    return ok;
  }

  // ---- deleting

  /** Deletes replaced objects and resources that are no longer wanted; a failure is noted and left behind. */
  async #cleanUp(
    stack: Stack,
    logicalIds: string[],
    leftovers: Leftover[],
    occasion: Occasion,
  ): Promise<void> {
    await Promise.all(leftovers.map((leftover) => this.#deleteLeftover(stack, leftover, occasion)));
    await this.#deleteResources(stack, logicalIds, occasion);
    for (const logicalId of logicalIds) stack.resources.delete(logicalId);
  }

  async #deleteLeftover(
    stack: Stack,
    { resource, physicalId, properties }: Leftover,
    occasion: Occasion,
  ): Promise<void> {
    if (occasion === 'removal' && resource.declaration.UpdateReplacePolicy === 'Retain') return;
    // A line of its own in the events: the resource itself lives on under its other id.
    const object: Resource = { ...resource, physicalId, properties };
    this.#mark(stack, object, 'DELETE_IN_PROGRESS');
    const outcome = await this.#request(
      stack,
      object,
      { RequestType: 'Delete', PhysicalResourceId: physicalId },
      properties,
    );
    if (outcome.status === 'SUCCESS') this.#mark(stack, object, 'DELETE_COMPLETE');
    else this.#mark(stack, object, 'DELETE_FAILED', outcome.reason);
  }

  /** In reverse order of dependency; resources that others still need stay when those fail. */
  async #deleteResources(stack: Stack, logicalIds: string[], occasion: Occasion): Promise<boolean> {
    const dependents = (logicalId: string) =>
      logicalIds.filter((other) => {
        const resource = stack.resources.get(other);
        return resource !== undefined && dependencies(resource.declaration).includes(logicalId);
      });
    const { concurrency: limit } = this.#options;
    const one = (logicalId: string) => this.#deleteResource(stack, logicalId, occasion);
    return walk(logicalIds, dependents, one, { limit, stopAtFailure: false });
  }

  async #deleteResource(stack: Stack, logicalId: string, occasion: Occasion): Promise<boolean> {
    const resource = stack.resources.get(logicalId);
    const { physicalId, properties } = resource ?? {};
    if (resource === undefined || resource.status === 'DELETE_COMPLETE') return true;
    if (physicalId === undefined || properties === undefined) {
      stack.resources.delete(logicalId); // nothing was ever sent for it
      return true;
    }
    const policy = resource.declaration.DeletionPolicy;
    if (policy === 'Retain' || (policy === 'RetainExceptOnCreate' && occasion === 'removal')) {
      this.#mark(stack, resource, 'DELETE_SKIPPED');
      return true;
    }
    this.#mark(stack, resource, 'DELETE_IN_PROGRESS');
    const request = { RequestType: 'Delete', PhysicalResourceId: physicalId } as const;
    const outcome = await this.#request(stack, resource, request, properties);
    if (outcome.status === 'SUCCESS') this.#mark(stack, resource, 'DELETE_COMPLETE');
    else this.#mark(stack, resource, 'DELETE_FAILED', outcome.reason);
    return outcome.status === 'SUCCESS';
  }

  // ---- one request

  /** Sends one request and waits for what comes first: an answer, its ServiceTimeout, or another resource's failure. */
  async #request(
    stack: Stack,
    resource: Resource,
    request: Pick<CustomResourceEvent, 'RequestType' | 'PhysicalResourceId' | 'OldResourceProperties'>,
    properties: ResourceProperties,
    cancelled?: AbortSignal,
  ): Promise<Outcome> {
    const { RequestType, PhysicalResourceId, OldResourceProperties } = request;
    const event: Omit<CustomResourceEvent, 'ResponseURL'> = {
      RequestType,
      ServiceToken: properties.ServiceToken,
      StackId: stack.id,
      RequestId: randomUUID(),
      LogicalResourceId: resource.logicalId,
      ...(PhysicalResourceId === undefined ? {} : { PhysicalResourceId }),
      ResourceType: resource.declaration.Type,
      ResourceProperties: properties,
      ...(OldResourceProperties === undefined ? {} : { OldResourceProperties }),
    };
    const { responses, redelivery, signedAtMs, clock, serviceTimeoutSecondMs } = this.#options;
    const slot = responses.open(event, signedAtMs(event));
    const deliveries = this.#deliveries.deliver(slot, redelivery(slot.event));
    this.#slots.set(event.RequestId, { slot, deliveries });
    this.requests.push({ event: slot.event, deliveries, uploads: slot.uploads });

    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const giveUp = (reason: string) => resolve({ status: 'FAILED', reason });
    const onCancel = () => giveUp(`Resource ${RequestType === 'Create' ? 'creation' : 'update'} cancelled`);
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

  // ---- state

  async #operation(stack: Stack, work: () => Promise<void>): Promise<StackView> {
    if (stack.busy)
      throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be changed.`);
    stack.busy = true;
    try {
      await work();
    } finally {
      stack.busy = false;
    }
    return this.describe(stack.id);
  }

  #living(name: string): Stack | undefined {
    return this.#stacks.find((stack) => stack.name === name && stack.status !== 'DELETE_COMPLETE');
  }

  /** A name means the living stack; an id also a deleted one. */
  #get(nameOrId: string): Stack {
    const stack = this.#stacks.find(({ id }) => id === nameOrId) ?? this.#living(nameOrId);
    if (stack === undefined) throw new ValidationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  #scope(stack: Stack): Scope {
    const pseudo = new Map([
      ['AWS::AccountId', this.#options.accountId],
      ['AWS::Partition', 'aws'],
      ['AWS::Region', this.#options.region],
      ['AWS::StackId', stack.id],
      ['AWS::StackName', stack.name],
      ['AWS::URLSuffix', 'amazonaws.com'],
    ]);
    return {
      ref: (name) => pseudo.get(name) ?? stack.resources.get(name)?.physicalId ?? '',
      attribute: (logicalId, name) => {
        const attributes = stack.resources.get(logicalId)?.attributes ?? {};
        const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
        if (value === undefined)
          throw new Error(
            `CustomResource attribute error: Vendor response doesn't contain ${name} key in object ${stack.id}|${logicalId}`,
          );
        return value;
      },
    };
  }

  /** Sets a status of the stack or of a resource and writes it to the events. */
  #mark(stack: Stack, subject: Stack | Resource, status: string, reason?: string): void {
    subject.status = status;
    if (reason === undefined) delete subject.reason;
    else subject.reason = reason;
    const isStack = 'name' in subject;
    stack.events.push({
      StackId: stack.id,
      StackName: stack.name,
      LogicalResourceId: isStack ? stack.name : subject.logicalId,
      PhysicalResourceId: isStack ? stack.id : (subject.physicalId ?? ''),
      ResourceType: isStack ? 'AWS::CloudFormation::Stack' : subject.declaration.Type,
      ResourceStatus: status,
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
      Timestamp: new Date(this.#options.clock.now()),
    });
  }
}

/** Why a Delete is sent: DeletionPolicy RetainExceptOnCreate tells them apart. */
type Occasion = 'removal' | 'rollback of a creation';

function dependenciesIn(template: Template, logicalId: string): string[] {
  const declaration = declarationOf(template, logicalId);
  return declaration === undefined ? [] : dependencies(declaration);
}

/** The id that CloudFormation makes up for a resource whose Create gave none. */
function inventedId(stackName: string, logicalId: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const suffix = [...randomBytes(12)].map((byte) => alphabet[byte % alphabet.length]).join('');
  return `${stackName}-${logicalId}-${suffix}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
