import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CloudFormation, type StackEvent, type StackView, ValidationError } from './stack.ts';

type Xml = string | Xml[] | { [name: string]: Xml | undefined };

/** A stack that another one is nested in. */
export interface ParentStack {
  id: string;
  status: string;
  parentId?: string;
  /** Oldest first; the physical id of a nested stack's resource is the nested stack's id. */
  events?: Pick<StackEvent, 'PhysicalResourceId' | 'ResourceStatus' | 'Timestamp'>[];
}

/** A stack that the driver does not run, such as the one of a provider. */
export interface StandingStack {
  id: string;
  outputs: Record<string, string>;
  /** Names of exports by the outputs that they export. */
  exports?: Record<string, string>;
}

/**
 * The template of a stack as its author wrote it. The driver runs templates whose parameters and conditions
 * are resolved.
 */
export interface SourceTemplate {
  body: string;
  parameters?: Record<string, StackParameter>;
}

export interface StackParameter {
  /** Asterisks for NoEcho. */
  value: string;
  /** The value that an SSM parameter had. */
  resolved?: string;
}

/** A change set, as DescribeChangeSet and GetTemplate answer it. */
export interface ChangeSet extends SourceTemplate {
  arn: string;
  stackId: string;
  status?: string;
  changes: ResourceChange[];
}

/** A part of ResourceChange in the API reference. */
export interface ResourceChange {
  Action: string;
  LogicalResourceId: string;
  ResourceType: string;
  BeforeContext?: string;
  AfterContext?: string;
  Details?: { Target: { Attribute: string; Name?: string; Path?: string } }[];
}

/** Resources in one answer of ListStackResources, and changes in one of DescribeChangeSet. */
const MEMBERS_IN_A_PAGE = 50;

/** Events in one answer of DescribeStackEvents. CloudFormation does not say how many it has. */
const EVENTS_IN_A_PAGE = 10;

/**
 * DescribeStacks, DescribeStackResources, ListStackResources, DescribeStackEvents, GetTemplate,
 * DescribeChangeSet and ListExports over HTTP (Query protocol, XML), answered from the state of a driver.
 * AWS_ENDPOINT_URL_CLOUDFORMATION leads the AWS SDK of a function here.
 */
export class QueryApi {
  /** Every call so far: its action and parameters. */
  readonly calls: { action: string; parameters: Record<string, string> }[] = [];
  /** When set, every call is refused with this code: `AccessDenied` (403) or `Throttling` (400). */
  refusal: 'AccessDenied' | 'Throttling' | undefined;
  /** By the name of a nested stack: its parent, which exists only in the answers of this API. */
  readonly parents = new Map<string, ParentStack>();
  /** By name. */
  readonly standing = new Map<string, StandingStack>();
  /** By the name of a stack. Without one, the driver's own template is the answer of GetTemplate. */
  readonly sources = new Map<string, SourceTemplate>();
  /** By the name of a stack: its resources that are none of the driver's, by logical id. */
  readonly others = new Map<string, Record<string, { type: string; physicalId: string }>>();
  /** By name. */
  readonly changeSets = new Map<string, ChangeSet>();
  /** So many calls of an action are refused as throttled, and then no more. */
  readonly throttled = new Map<string, number>();
  #cloudFormation: CloudFormation;
  #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  static async start(cloudFormation: CloudFormation): Promise<QueryApi> {
    const api = new QueryApi(cloudFormation);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  private constructor(cloudFormation: CloudFormation) {
    this.#cloudFormation = cloudFormation;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { Action: action = '', ...parameters } = Object.fromEntries(
      new URLSearchParams(await text(request)),
    );
    this.calls.push({ action, parameters });
    if (this.refusal === 'AccessDenied')
      return fail(
        response,
        403,
        'AccessDenied',
        `User is not authorized to perform: cloudformation:${action}`,
      );
    const throttled = this.throttled.get(action) ?? 0;
    if (throttled > 0) this.throttled.set(action, throttled - 1);
    if (this.refusal === 'Throttling' || throttled > 0)
      return fail(response, 400, 'Throttling', 'Rate exceeded');
    try {
      const result = this.#answer(action, parameters);
      if (result === undefined)
        return fail(response, 400, 'InvalidAction', `Could not find operation ${action}`);
      send(response, 200, { [`${action}Response`]: { [`${action}Result`]: result } });
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      fail(response, 400, 'ValidationError', error.message);
    }
  }

  #answer(action: string, parameters: Record<string, string>): Xml | undefined {
    const { StackName, LogicalResourceId, PhysicalResourceId } = parameters;
    if (action === 'DescribeStacks') {
      const parent = [...this.parents.values()].find(({ id }) => id === StackName);
      if (parent) return { Stacks: [parentMember(parent)] };
      const standing = [...this.standing].find(([name, { id }]) => [name, id].includes(StackName ?? ''));
      if (standing) return { Stacks: [standingMember(...standing)] };
      const stacks = StackName === undefined ? this.#cloudFormation.living() : [this.#view(StackName)];
      return {
        Stacks: stacks.map((stack) => ({
          ...stackMember(stack),
          Parameters: parameterMembers(this.sources.get(stack.name)?.parameters),
          ParentId: this.parents.get(stack.name)?.id,
          RootId: this.#rootOf(stack.name),
        })),
      };
    }
    if (action === 'DescribeStackResources') {
      const stack = StackName === undefined ? this.#owner(PhysicalResourceId ?? '') : this.#view(StackName);
      const resources = resourceMembers(stack);
      const wanted = (member: { LogicalResourceId: string }) =>
        LogicalResourceId === undefined || member.LogicalResourceId === LogicalResourceId;
      return { StackResources: resources.filter(wanted) };
    }
    if (action === 'ListStackResources') {
      const stack = this.#view(StackName ?? '');
      const ours = resourceMembers(stack).map(({ Timestamp, ...member }) => ({
        ...member,
        LastUpdatedTimestamp: Timestamp,
      }));
      const page = pageOf([...ours, ...this.#otherMembers(stack)], parameters['NextToken']);
      return { StackResourceSummaries: page.members, NextToken: page.next };
    }
    if (action === 'GetTemplate') return { TemplateBody: this.#templateOf(parameters) };
    if (action === 'DescribeChangeSet') return this.#changeSetOf(parameters);
    if (action === 'ListExports') return { Exports: [...this.standing.values()].flatMap(exportMembers) };
    if (action === 'DescribeStackEvents') return this.#eventsOf(StackName ?? '', parameters['NextToken']);
    return undefined;
  }

  #otherMembers({ name, createdAt }: StackView) {
    return Object.entries(this.others.get(name) ?? {}).map(([LogicalResourceId, { type, physicalId }]) => ({
      LogicalResourceId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      ResourceStatus: 'CREATE_COMPLETE',
      LastUpdatedTimestamp: createdAt.toISOString(),
    }));
  }

  #templateOf({ StackName = '', ChangeSetName }: Record<string, string>): string {
    if (ChangeSetName !== undefined) return this.#changeSet(ChangeSetName).body;
    const { name, id } = this.#view(StackName);
    return this.sources.get(name)?.body ?? JSON.stringify(this.#cloudFormation.templateOf(id));
  }

  /** @throws ValidationError */
  #changeSet(nameOrArn: string): ChangeSet {
    const found = [...this.changeSets].find(([name, { arn }]) => [name, arn].includes(nameOrArn));
    if (found === undefined) throw new ValidationError(`ChangeSet [${nameOrArn}] does not exist`);
    return found[1];
  }

  #changeSetOf({ ChangeSetName = '', NextToken }: Record<string, string>): Xml {
    const { arn, stackId, status = 'CREATE_COMPLETE', changes, parameters } = this.#changeSet(ChangeSetName);
    const page = pageOf(changes, NextToken);
    return {
      ChangeSetId: arn,
      StackId: stackId,
      StackName: nameIn(stackId),
      Status: status,
      ExecutionStatus: status === 'CREATE_COMPLETE' ? 'AVAILABLE' : 'UNAVAILABLE',
      Parameters: parameterMembers(parameters),
      Changes: page.members.map((change) => ({
        Type: 'Resource',
        ResourceChange: change as unknown as Xml,
      })),
      NextToken: page.next,
    };
  }

  /** The topmost stack above a nested one; undefined for a stack that is not nested. */
  #rootOf(stackName: string): string | undefined {
    const parent = this.parents.get(stackName);
    if (parent?.parentId === undefined) return parent?.id;
    const above = [...this.parents].find(([, { id }]) => id === parent.parentId);
    return above === undefined ? parent.parentId : (this.#rootOf(above[0]) ?? parent.parentId);
  }

  /** A page of events, newest first. */
  #eventsOf(stackName: string, token = '0'): Xml {
    const parent = [...this.parents.values()].find(({ id }) => id === stackName);
    const events = parent ? parentEvents(parent) : this.#view(stackName).events.map(eventMember);
    const begin = Number(token);
    const end = begin + EVENTS_IN_A_PAGE;
    return {
      StackEvents: events.toReversed().slice(begin, end),
      NextToken: end < events.length ? String(end) : undefined,
    };
  }

  #view(stackName: string): StackView {
    return this.#cloudFormation.describe(stackName);
  }

  /** The stack that holds a resource with this physical id. */
  #owner(physicalId: string): StackView {
    const owner = this.#cloudFormation
      .living()
      .find(({ resources }) =>
        Object.values(resources).some((resource) => resource.physicalId === physicalId),
      );
    if (owner === undefined) throw new ValidationError(`Stack for ${physicalId} does not exist`);
    return owner;
  }
}

const parameterMembers = (parameters: Record<string, StackParameter> = {}) =>
  Object.entries(parameters).map(([ParameterKey, { value, resolved }]) => ({
    ParameterKey,
    ParameterValue: value,
    ResolvedValue: resolved,
  }));

function pageOf<T>(members: readonly T[], token = '0'): { members: T[]; next: string | undefined } {
  const end = Number(token) + MEMBERS_IN_A_PAGE;
  return { members: members.slice(Number(token), end), next: end < members.length ? String(end) : undefined };
}

function stackMember(stack: StackView) {
  return {
    StackName: stack.name,
    StackId: stack.id,
    CreationTime: stack.createdAt.toISOString(),
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue: String(OutputValue),
    })),
  };
}

const standingMember = (name: string, { id, outputs, exports }: StandingStack) => ({
  StackName: name,
  StackId: id,
  CreationTime: new Date(0).toISOString(),
  StackStatus: 'CREATE_COMPLETE',
  Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({
    OutputKey,
    OutputValue,
    ExportName: exports?.[OutputKey],
  })),
});

const exportMembers = ({ id, outputs, exports = {} }: StandingStack) =>
  Object.entries(exports).map(([output, Name]) => ({
    ExportingStackId: id,
    Name,
    Value: outputs[output] ?? '',
  }));

const eventMember = ({ Timestamp, ...event }: StackEvent, index: number) => ({
  EventId: String(index),
  ...event,
  Timestamp: Timestamp.toISOString(),
});

const parentEvents = ({ id, events = [] }: ParentStack) =>
  events.map(({ PhysicalResourceId, ResourceStatus, Timestamp }, index) =>
    eventMember(
      {
        StackId: id,
        StackName: nameIn(id),
        LogicalResourceId: PhysicalResourceId === id ? nameIn(id) : 'Nested',
        PhysicalResourceId,
        ResourceType: 'AWS::CloudFormation::Stack',
        ResourceStatus,
        Timestamp,
      },
      index,
    ),
  );

const nameIn = (stackId: string) => stackId.split('/')[1] ?? '';

function parentMember({ id, status, parentId }: ParentStack) {
  const StackName = nameIn(id);
  return {
    StackName,
    StackId: id,
    CreationTime: new Date(0).toISOString(),
    StackStatus: status,
    ParentId: parentId,
  };
}

function resourceMembers(stack: StackView) {
  return Object.entries(stack.resources).map(([LogicalResourceId, resource]) => ({
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    Timestamp: (
      stack.events.findLast((event) => event.LogicalResourceId === LogicalResourceId)?.Timestamp ??
      stack.createdAt
    ).toISOString(),
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.reason,
  }));
}

function fail(response: ServerResponse, status: number, Code: string, Message: string): void {
  send(response, status, {
    ErrorResponse: { Error: { Type: 'Sender', Code, Message }, RequestId: 'query-api' },
  });
}

function send(response: ServerResponse, status: number, document: Xml): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(`<?xml version="1.0"?>${xml(document)}`);
}

/** A list becomes `member` elements; an absent value is left out. */
function xml(value: Xml): string {
  if (typeof value === 'string')
    return value.replace(/[<>&]/g, (c) => ({ '<': '&lt;', '>': '&gt;' })[c] ?? '&amp;');
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join('');
  return Object.entries(value)
    .map(([name, item]) => (item === undefined ? '' : `<${name}>${xml(item)}</${name}>`))
    .join('');
}
