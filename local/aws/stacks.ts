/** Stacks by the SDK, for tests that make many. A call takes milliseconds; the CLI takes half a second. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import type { MiniStack } from './ministack.ts';

export interface StackOptions {
  parameters?: Record<string, string>;
  capabilities?: ('CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM')[];
  disableRollback?: boolean;
}

export interface Settled {
  stackId: string;
  status: string;
  statusReason: string;
  outputs: Record<string, string>;
  /** Physical ids by logical id. */
  resources: Record<string, string>;
  /** Every event so far as `<logical id> <status>`, oldest first. Events of the stack have its name. */
  history: string[];
  /** The reasons of events, by the same text. */
  reasons: Record<string, string>;
}

export function cloudFormation(server: MiniStack, region = server.region): CloudFormationClient {
  return new CloudFormationClient({
    endpoint: server.url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

const TemplateBody = (template: object) => JSON.stringify(template);
const Parameters = (values: Record<string, string> = {}) =>
  Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

/** Creates a stack and waits until it has settled, in success or failure. */
export async function create(
  client: CloudFormationClient,
  StackName: string,
  template: object,
  { parameters, capabilities = ['CAPABILITY_NAMED_IAM'], disableRollback = false }: StackOptions = {},
): Promise<Settled> {
  const { StackId = '' } = await client.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: TemplateBody(template),
      Parameters: Parameters(parameters),
      Capabilities: capabilities,
      DisableRollback: disableRollback,
    }),
  );
  return settled(client, StackId);
}

/** Updates a stack and waits until it has settled, in success or failure. */
export async function update(
  client: CloudFormationClient,
  StackName: string,
  template: object,
  { parameters, capabilities = ['CAPABILITY_NAMED_IAM'] }: StackOptions = {},
): Promise<Settled> {
  const { StackId = '' } = await client.send(
    new UpdateStackCommand({
      StackName,
      TemplateBody: TemplateBody(template),
      Parameters: Parameters(parameters),
      Capabilities: capabilities,
    }),
  );
  return settled(client, StackId);
}

/** Deletes a stack and waits until it has settled, in success or failure. */
export async function remove(client: CloudFormationClient, stackId: string): Promise<Settled> {
  await client.send(new DeleteStackCommand({ StackName: stackId }));
  return settled(client, stackId);
}

export async function stackStatus(client: CloudFormationClient, stackId: string): Promise<string> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
  return Stacks?.[0]?.StackStatus ?? '';
}

async function settled(client: CloudFormationClient, stackId: string): Promise<Settled> {
  // MiniStack starts the operation a moment after it has answered the request.
  for (;;) {
    await delay(40);
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
    const stack = Stacks?.[0];
    if (stack === undefined) throw new Error(`No stack ${stackId}`);
    if (stack.StackStatus?.endsWith('_IN_PROGRESS')) continue;
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
    const events = StackEvents.reverse();
    const { StackResources = [] } =
      stack.StackStatus === 'DELETE_COMPLETE'
        ? {}
        : await client.send(new DescribeStackResourcesCommand({ StackName: stackId }));
    const line = (event: StackEvent) => `${event.LogicalResourceId} ${event.ResourceStatus}`;
    return {
      stackId,
      status: stack.StackStatus ?? '',
      statusReason: stack.StackStatusReason ?? '',
      outputs: Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey, o.OutputValue ?? ''])),
      resources: Object.fromEntries(
        StackResources.map((r) => [r.LogicalResourceId, r.PhysicalResourceId ?? '']),
      ),
      history: events.map(line),
      reasons: Object.fromEntries(
        events.flatMap((event) =>
          event.ResourceStatusReason ? [[line(event), event.ResourceStatusReason]] : [],
        ),
      ),
    };
  }
}
