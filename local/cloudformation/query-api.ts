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

/** Events in one answer of DescribeStackEvents. CloudFormation does not say how many it has. */
const EVENTS_IN_A_PAGE = 10;

/**
 * DescribeStacks, DescribeStackResources, DescribeStackEvents and ListExports over HTTP (Query protocol,
 * XML), answered from the state of a driver. AWS_ENDPOINT_URL_CLOUDFORMATION leads the AWS SDK of a function
 * here.
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
    if (this.refusal === 'Throttling') return fail(response, 400, 'Throttling', 'Rate exceeded');
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
    if (action === 'ListExports') return { Exports: [...this.standing.values()].flatMap(exportMembers) };
    if (action === 'DescribeStackEvents') return this.#eventsOf(StackName ?? '', parameters['NextToken']);
    return undefined;
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
