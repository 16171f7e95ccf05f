import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import type { Abortable } from '../../common/deadline.ts';
import { AwsError, messageOf } from '../../common/errors.ts';
import { type AwsClientOptions, type AwsServices, describeAwsError } from './aws.ts';
import { placeOf } from './stack-names.ts';

/** States of a stack in which a Delete undoes a Create of the same operation. */
const ROLLING_BACK = [
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
];
/** States of a resource that its stack has let go of. */
const LET_GO = ['DELETE_COMPLETE', 'DELETE_SKIPPED'];

/** Attempts within some half a minute: a Delete that fails for want of an answer ends the rollback. */
const ATTEMPTS = 8;

export async function stackStatus(
  stackId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<string | undefined> {
  return (await stackOf(stackId, deadline, options))?.StackStatus;
}

export async function rootStack(
  stackId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<string | undefined> {
  const stack = await stackOf(stackId, deadline, options);
  return stack?.RootId ?? stack?.StackId;
}

export async function isRollingBack(
  stackId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<boolean | undefined> {
  const stack = await stackOf(stackId, deadline, options);
  if (stack === undefined) return undefined;
  const { StackStatus = '', ParentId } = stack;
  if (ROLLING_BACK.includes(StackStatus)) return true;
  // A nested stack whose creation succeeded is simply deleted when its parent rolls back.
  return StackStatus === 'DELETE_IN_PROGRESS' && ParentId
    ? isRollingBack(ParentId, deadline, options)
    : false;
}

/** A stack; undefined where the provider may not ask. @throws AwsError where there was no answer */
const stackOf = (
  stackId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<Stack | undefined> =>
  unlessForbidden(stackId, options, (client) => describeStack(client, stackId, deadline));

/** CloudFormation's answer about a stack; undefined where the provider may not ask. @throws AwsError */
async function unlessForbidden<T>(
  stackId: string,
  options: AwsClientOptions,
  ask: (client: CloudFormationClient) => Promise<T>,
): Promise<T | undefined> {
  const client = new CloudFormationClient({ ...options, maxAttempts: ATTEMPTS });
  try {
    return await ask(client);
  } catch (error) {
    if (isAccessDenied(error) || isValidationError(error)) return undefined;
    throw new AwsError(
      `CloudFormation does not say how ${stackId} is: ${describeAwsError(error)}. Nothing was done; try again.`,
      { cause: error },
    );
  }
}

// ---- whether what was done is final

/** States of a stack after which no rollback undoes its earlier changes. */
const COMPLETE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'];
/** States of a resource that has got its physical id, or keeps it. */
const HAS_ITS_ID = ['CREATE_COMPLETE', 'UPDATE_COMPLETE'];
/** States of a stack whose operation may still fail, or is being undone. */
const MAY_FAIL = /^(CREATE|UPDATE|IMPORT|ROLLBACK|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_IN_PROGRESS$/;
/** The clocks of CloudFormation and of Lambda differ by less. */
const CLOCKS_MILLISECONDS = 5_000;

export async function wasCompleteAfter(
  resource: Parameters<AwsServices['wasCompleteAfter']>[0],
  since: number,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<boolean | undefined> {
  let { stackId, physicalId } = resource;
  for (let isNested = false; ; isNested = true) {
    const said = await unlessForbidden(stackId, options, (client) =>
      sayEvents(client, { stackId, physicalId }, since - CLOCKS_MILLISECONDS, deadline),
    );
    if (said === undefined) return undefined;
    if (said === 'not complete' || (said === 'nothing of it' && !isNested)) return false;
    const stack = await stackOf(stackId, deadline, options);
    if (stack === undefined) return undefined;
    const { StackStatus = '', ParentId } = stack;
    // A nested stack may be updated by itself. Then its parent says nothing of it, and has no part in it.
    if (said === 'nothing of it' && MAY_FAIL.test(StackStatus)) return false;
    if (ParentId === undefined) return true;
    // The stack is complete; the one that it is nested in may still fail, and delete it.
    [stackId, physicalId] = [ParentId, stackId];
  }
}

/**
 * The words of a stack's events about a physical id that a resource got after a time (milliseconds since the
 * epoch); undefined where they do not reach back so far (CloudFormation keeps them for 90 days).
 */
async function sayEvents(
  client: CloudFormationClient,
  { stackId, physicalId }: { stackId: string; physicalId: string },
  after: number,
  deadline: Abortable,
): Promise<'complete' | 'not complete' | 'nothing of it' | undefined> {
  let isComplete = false;
  let said: 'not complete' | 'nothing of it' = 'nothing of it';
  // Newest first, in an order that differing clocks cannot disturb.
  for await (const event of eventsOf(client, stackId, deadline)) {
    if ((event.Timestamp?.getTime() ?? 0) < after) return said;
    const { PhysicalResourceId, ResourceStatus = '' } = event;
    if (PhysicalResourceId === stackId) {
      if (ResourceStatus === 'CREATE_IN_PROGRESS') return said;
      isComplete ||= COMPLETE.includes(ResourceStatus);
    }
    if (PhysicalResourceId !== physicalId || !HAS_ITS_ID.includes(ResourceStatus)) continue;
    if (isComplete) return 'complete';
    said = 'not complete';
  }
  return undefined;
}

/** The events of a stack, newest first. */
async function* eventsOf(
  client: CloudFormationClient,
  StackName: string,
  { signal }: Abortable,
): AsyncGenerator<StackEvent> {
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName, NextToken }), {
      abortSignal: signal,
    });
    yield* page.StackEvents ?? [];
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

// ---- whether a stack has an object

export async function stackHolds(
  owner: Parameters<AwsServices['stackHolds']>[0],
  physicalId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<boolean | undefined> {
  const client = new CloudFormationClient(options);
  try {
    const status = (await describeStack(client, owner.stackId, deadline))?.StackStatus;
    if (status === 'DELETE_COMPLETE') return false;
    // In the middle of an operation the stack's list of resources may still change.
    if (status === undefined || status.endsWith('_IN_PROGRESS')) return true;
    return await lists(client, owner, physicalId, deadline);
  } catch (error) {
    return saysThereIsNone(error) ? false : undefined;
  }
}

export async function hasMoved(
  physicalId: string,
  from: Parameters<AwsServices['hasMoved']>[1],
  to: Parameters<AwsServices['hasMoved']>[2],
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<boolean | 'not settled'> {
  // Resources move within an account and Region. A stack elsewhere cannot be seen, and would count as gone.
  if (placeOf(from.stackId) !== placeOf(to.stackId)) return false;
  const said = await unlessForbidden(from.stackId, options, async (client) => {
    if (!(await lists(client, to, physicalId, deadline))) return false;
    if (await lists(client, from, physicalId, deadline)) return false;
    // This stack is in the middle of an operation itself, which does not move anything.
    if (from.stackId === to.stackId) return true;
    const status = await statusOf(client, from.stackId, deadline);
    return status.endsWith('_IN_PROGRESS') ? 'not settled' : true;
  });
  return said ?? false;
}

/** The state of a stack; one that CloudFormation does not know any more is deleted. */
async function statusOf(client: CloudFormationClient, stackId: string, deadline: Abortable): Promise<string> {
  try {
    return (await describeStack(client, stackId, deadline))?.StackStatus ?? 'DELETE_COMPLETE';
  } catch (error) {
    if (saysThereIsNone(error)) return 'DELETE_COMPLETE';
    throw error;
  }
}

/** Whether a stack's logical resource has this physical id at this moment. */
async function lists(
  client: CloudFormationClient,
  { stackId, logicalId }: { stackId: string; logicalId: string },
  physicalId: string,
  { signal }: Abortable,
): Promise<boolean> {
  try {
    const { StackResources = [] } = await client.send(
      new DescribeStackResourcesCommand({ StackName: stackId, LogicalResourceId: logicalId }),
      { abortSignal: signal },
    );
    return StackResources.some(
      ({ PhysicalResourceId, ResourceStatus = '' }) =>
        PhysicalResourceId === physicalId && !LET_GO.includes(ResourceStatus),
    );
  } catch (error) {
    if (saysThereIsNone(error)) return false;
    throw error;
  }
}

async function describeStack(
  client: CloudFormationClient,
  stackId: string,
  { signal }: Abortable,
): Promise<Stack | undefined> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), {
    abortSignal: signal,
  });
  return Stacks?.[0];
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');
const isAccessDenied = (error: unknown) => /^AccessDenied/.test(nameOf(error));
/** CloudFormation's answer about a stack that is deleted, or of another Region. */
const isValidationError = (error: unknown) => nameOf(error) === 'ValidationError';
/** "Stack with id … does not exist", "Resource … does not exist for stack …" */
const saysThereIsNone = (error: unknown) =>
  isValidationError(error) && /does not exist/.test(messageOf(error));
