import { randomUUID } from 'node:crypto';
import type { PropertyValue, ResourceProperties } from './events.ts';
import type { Settings } from './options.ts';
import type { ResourceDeclaration, Scope, Template } from './template.ts';

/** A line of the stack's events, as DescribeStackEvents answers it. */
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

/** A refusal that the CloudFormation API answers with 400. */
export class ValidationError extends Error {}

export interface Resource {
  logicalId: string;
  declaration: ResourceDeclaration;
  status: string;
  reason?: string;
  physicalId?: string;
  properties?: ResourceProperties;
  attributes: Readonly<Record<string, string>>;
}

/** An object that no resource names any more. The clean-up deletes it. */
export interface Leftover {
  resource: Resource;
  physicalId: string;
  properties: ResourceProperties;
}

/** The progress of an update, so that it can be undone. */
export interface Update {
  old: Template;
  created: Set<string>;
  /** By logical id: the resource before its first Update event, and the properties of that event. */
  changed: Map<string, { before: Resource; sent: ResourceProperties }>;
  rolledBack: Set<string>;
  leftovers: Leftover[];
}

/** A stack with its resources and events. Every change of a status goes through it and becomes an event. */
export class Stack {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly resources = new Map<string, Resource>();
  status = 'REVIEW_IN_PROGRESS';
  template: Template;
  /** The template of the operation that was begun last; a failed one is tried again with it. */
  wanted: Template;
  outputs: Record<string, PropertyValue> = {};
  /** True during an operation. CloudFormation refuses a second one. */
  busy = false;
  /** The update to roll back further; only while the stack waits in a failed state. */
  failedUpdate: Update | undefined;
  #reason: string | undefined;
  #events: StackEvent[] = [];
  #settings: Settings;

  constructor(name: string, template: Template, settings: Settings) {
    const { region, accountId, clock } = settings;
    this.id = `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`;
    this.name = name;
    this.createdAt = new Date(clock.now());
    this.template = template;
    this.wanted = template;
    this.#settings = settings;
  }

  get isDeleted(): boolean {
    return this.status === 'DELETE_COMPLETE';
  }

  /** Sets the status of the stack. */
  mark(status: string, reason?: string): void {
    this.status = status;
    this.#reason = reason;
    this.#log(this.name, this.id, 'AWS::CloudFormation::Stack', status, reason);
  }

  /** Sets the status of a resource. */
  markResource(resource: Resource, status: string, reason?: string): void {
    resource.status = status;
    if (reason === undefined) delete resource.reason;
    else resource.reason = reason;
    this.#log(resource.logicalId, resource.physicalId ?? '', resource.declaration.Type, status, reason);
  }

  /** The values of `Ref` and `Fn::GetAtt` at this moment. */
  scope(): Scope {
    const pseudo = new Map([
      ['AWS::AccountId', this.#settings.accountId],
      ['AWS::Partition', 'aws'],
      ['AWS::Region', this.#settings.region],
      ['AWS::StackId', this.id],
      ['AWS::StackName', this.name],
      ['AWS::URLSuffix', 'amazonaws.com'],
    ]);
    return {
      ref: (name) => pseudo.get(name) ?? this.resources.get(name)?.physicalId ?? '',
      attribute: (logicalId, name) => {
        const attributes = this.resources.get(logicalId)?.attributes ?? {};
        const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
        if (value === undefined)
          throw new Error(
            `CustomResource attribute error: Vendor response doesn't contain ${name} key in object ${this.id}|${logicalId}`,
          );
        return value;
      },
    };
  }

  view(): StackView {
    return {
      id: this.id,
      name: this.name,
      createdAt: this.createdAt,
      status: this.status,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      resources: Object.fromEntries(
        [...this.resources].map(([logicalId, { declaration, logicalId: _, ...view }]) => [
          logicalId,
          { type: declaration.Type, ...view },
        ]),
      ),
      outputs: { ...this.outputs },
      events: [...this.#events],
    };
  }

  #log(
    LogicalResourceId: string,
    PhysicalResourceId: string,
    ResourceType: string,
    ResourceStatus: string,
    reason: string | undefined,
  ): void {
    this.#events.push({
      StackId: this.id,
      StackName: this.name,
      LogicalResourceId,
      PhysicalResourceId,
      ResourceType,
      ResourceStatus,
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
      Timestamp: new Date(this.#settings.clock.now()),
    });
  }
}
