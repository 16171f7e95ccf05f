/** One stack in one account and Region. A change set is checked before it is executed. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Capability,
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  DescribeStackEventsCommand,
  ExecuteChangeSetCommand,
  type Parameter,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import { CallerError } from '../../cli/connection/endings.ts';
import { describe, outputsOf } from '../../cli/connection/provider-stack.ts';
import { meansCancelled, meansNoChange } from './refusals.ts';

/** CloudFormation takes a template of at most this many bytes in the request itself. */
export const templateBodyLimit = 51_200;

export interface StackChange {
  stackName: string;
  template: string;
  /** Address of the same template in S3; needed above `templateBodyLimit`. */
  templateUrl?: string;
  /** A parameter that is not named keeps the stack's value, or takes the template's default. */
  parameters: Record<string, string>;
  tags?: Record<string, string>;
  /** Logical ids that an update must not replace, such as the function behind a ServiceToken. */
  mustStay?: readonly string[];
  /** Gets each event of the stack as one line. */
  onEvent?: (line: string) => void;
  /** The longest pause between two looks, in milliseconds; the first pauses are short. Default 5000. */
  pollMs?: number;
}

export interface StackResult {
  stackId: string;
  change: 'created' | 'updated' | 'unchanged';
  outputs: Record<string, string>;
}

/** Defaults of a template's parameters, as the text that CloudFormation makes of them. */
export function parameterDefaults(template: string): Record<string, string> {
  const { Parameters = {} } = (parse(template, { logLevel: 'silent' }) ?? {}) as {
    Parameters?: Record<string, { Default?: unknown }>;
  };
  return Object.fromEntries(
    Object.entries(Parameters).flatMap(([name, { Default }]) =>
      Default === undefined ? [] : [[name, String(Default)]],
    ),
  );
}

/** The names of a template's parameters. */
export function parameterNames(template: string): string[] {
  const { Parameters = {} } = parse(template, { logLevel: 'silent' }) as { Parameters?: object };
  return Object.keys(Parameters);
}

/**
 * Creates or updates a stack and waits for the end.
 * @throws Error with the reasons of failed resources, or with the resources that would be replaced
 */
export async function deployStack(client: CloudFormationClient, change: StackChange): Promise<StackResult> {
  const { stackName, pollMs = 5000 } = change;
  const existing = await describe(client, stackName);
  const status = existing?.StackStatus;
  if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED') {
    throw new Error(
      `The stack ${stackName} is ${status}: its creation failed. Delete it, mend the cause, deploy again.`,
    );
  }
  if (status?.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') {
    throw new Error(`The stack ${stackName} is ${status}; wait until it has settled.`);
  }
  const isNew = existing === undefined || status === 'REVIEW_IN_PROGRESS';
  const changeSet = await createChangeSet(client, change, isNew ? undefined : existing);
  if (changeSet === undefined) {
    return { stackId: existing?.StackId ?? '', change: 'unchanged', outputs: outputsOf(existing) };
  }
  const replaced = (changeSet.Changes ?? []).flatMap(({ ResourceChange: resource }) =>
    (resource?.Replacement === 'True' || resource?.Action === 'Remove') &&
    change.mustStay?.includes(resource.LogicalResourceId ?? '')
      ? [`${resource.LogicalResourceId} (${resource.ResourceType})`]
      : [],
  );
  const stackId = changeSet.StackId ?? '';
  const ChangeSetName = changeSet.ChangeSetId ?? '';
  if (replaced.length > 0) {
    await client.send(new DeleteChangeSetCommand({ ChangeSetName }));
    throw new Error(
      `The update would replace or remove ${replaced.join(', ')}, which must stay. Nothing was changed.`,
    );
  }
  const since = isNew ? undefined : await newestEvent(client, stackId);
  await client.send(new ExecuteChangeSetCommand({ ChangeSetName }));
  const stack = await settle(client, stackId, {
    pollMs,
    ...(since === undefined ? {} : { since }),
    ...(change.onEvent === undefined ? {} : { onEvent: change.onEvent }),
  });
  if (stack.StackStatus !== 'CREATE_COMPLETE' && stack.StackStatus !== 'UPDATE_COMPLETE') {
    throw new Error(await failure(client, stack, since));
  }
  return { stackId, change: isNew ? 'created' : 'updated', outputs: outputsOf(stack) };
}

/** Deletes a stack and waits for the end. @throws Error with the reason when it stays */
export async function deleteStack(
  client: CloudFormationClient,
  stackName: string,
  options: { onEvent?: (line: string) => void; pollMs?: number } = {},
): Promise<'deleted' | 'not there'> {
  const existing = await describe(client, stackName);
  if (existing?.StackId === undefined) return 'not there';
  const since = await newestEvent(client, existing.StackId);
  await client.send(new DeleteStackCommand({ StackName: existing.StackId }));
  const stack = await settle(client, existing.StackId, {
    pollMs: options.pollMs ?? 5000,
    ...(since === undefined ? {} : { since }),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
  });
  if (stack.StackStatus !== 'DELETE_COMPLETE') throw new Error(await failure(client, stack, since));
  return 'deleted';
}

/** Creates a change set and waits until it can be executed; undefined when there is nothing to change. */
async function createChangeSet(
  client: CloudFormationClient,
  { stackName, template, templateUrl, parameters, tags = {}, pollMs = 5000 }: StackChange,
  existing: Stack | undefined,
): Promise<DescribeChangeSetCommandOutput | undefined> {
  const names = parameterNames(template);
  const unknown = Object.keys(parameters).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new CallerError(`The template has no parameter ${unknown.join(', ')}.`);
  const before = new Set((existing?.Parameters ?? []).map(({ ParameterKey }) => ParameterKey));
  const Parameters = names.flatMap((ParameterKey): Parameter[] => {
    const ParameterValue = parameters[ParameterKey];
    if (ParameterValue !== undefined) return [{ ParameterKey, ParameterValue }];
    return before.has(ParameterKey) ? [{ ParameterKey, UsePreviousValue: true }] : [];
  });
  const inline = Buffer.byteLength(template) <= templateBodyLimit;
  if (!inline && templateUrl === undefined) {
    throw new CallerError(
      `The template of ${stackName} has ${Buffer.byteLength(template)} bytes, and CloudFormation takes ${templateBodyLimit} in a request. Make it shorter, or deploy it from S3.`,
    );
  }
  const { Id, StackId } = await client.send(
    new CreateChangeSetCommand({
      StackName: stackName,
      ChangeSetName: `genesys-cloud-cfn-${randomUUID()}`,
      ChangeSetType: existing === undefined ? 'CREATE' : 'UPDATE',
      ...(inline ? { TemplateBody: template } : { TemplateURL: templateUrl }),
      Parameters,
      Capabilities: ['CAPABILITY_IAM'] satisfies Capability[],
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  for (let look = 0; ; look += 1) {
    const changeSet = await client.send(new DescribeChangeSetCommand({ ChangeSetName: Id }));
    if (changeSet.Status === 'CREATE_COMPLETE') return { ...changeSet, ChangeSetId: Id, StackId };
    if (changeSet.Status === 'FAILED') {
      await client.send(new DeleteChangeSetCommand({ ChangeSetName: Id }));
      const reason = changeSet.StatusReason ?? '';
      if (meansNoChange(reason)) return undefined;
      throw new Error(`The change set of ${stackName} failed: ${reason}`);
    }
    await delay(pause(look, pollMs));
  }
}

/**
 * Pauses begin short and grow, because fast changes end at once and CloudFormation limits calls per account.
 */
const pause = (look: number, most: number) => Math.min(most, 100 * 1.5 ** look);

interface Watch {
  pollMs: number;
  /** The newest event that was told already; undefined tells all. */
  since?: string;
  onEvent?: (line: string) => void;
}

async function settle(
  client: CloudFormationClient,
  stackId: string,
  { pollMs, since, onEvent }: Watch,
): Promise<Stack> {
  let told = since;
  for (let look = 0; ; look += 1) {
    const stack = await describe(client, stackId);
    if (stack === undefined) throw new Error(`The stack ${stackId} is gone.`);
    if (onEvent !== undefined) {
      const events = await eventsSince(client, stackId, told);
      told = events.at(-1)?.EventId ?? told;
      for (const one of events) onEvent(`${one.LogicalResourceId} ${one.ResourceStatus}`);
    }
    if (!stack.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
    await delay(pause(look, pollMs));
  }
}

/** Events after the named one, oldest first. */
async function eventsSince(client: CloudFormationClient, stackId: string, since: string | undefined) {
  const events = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === since) return events.reverse();
      events.push(event);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return events.reverse();
}

async function newestEvent(client: CloudFormationClient, stackId: string): Promise<string | undefined> {
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0]?.EventId;
}

/** The status of the stack and the reasons of its failed resources, first failure first. */
async function failure(
  client: CloudFormationClient,
  stack: Stack,
  since: string | undefined,
): Promise<string> {
  const events = await eventsSince(client, stack.StackId ?? '', since);
  const reasons = events
    .filter(
      (event) => event.ResourceStatus?.endsWith('_FAILED') && event.StackId !== event.PhysicalResourceId,
    )
    .map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason ?? event.ResourceStatus}`)
    .filter((reason) => !meansCancelled(reason));
  return [`${stack.StackName} is ${stack.StackStatus}`, ...new Set(reasons), stack.StackStatusReason]
    .filter(Boolean)
    .join('; ');
}
