import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { type AwsClientOptions, type AwsServices, describeAwsError } from './aws.ts';
import type { Abortable } from './deadline.ts';
import { AwsError, messageOf } from './errors.ts';

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
): Promise<boolean> {
  const { StackStatus = '', ParentId } = (await stackOf(stackId, deadline, options)) ?? {};
  if (ROLLING_BACK.includes(StackStatus)) return true;
  // A nested stack whose creation succeeded is simply deleted when its parent rolls back.
  return StackStatus === 'DELETE_IN_PROGRESS' && ParentId
    ? isRollingBack(ParentId, deadline, options)
    : false;
}

/** A stack; undefined where the provider may not ask. @throws AwsError where there was no answer */
async function stackOf(
  stackId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<Stack | undefined> {
  const client = new CloudFormationClient({ ...options, maxAttempts: ATTEMPTS });
  try {
    return await describeStack(client, stackId, deadline);
  } catch (error) {
    if (isAccessDenied(error) || isValidationError(error)) return undefined;
    throw new AwsError(
      `CloudFormation does not say how ${stackId} is: ${describeAwsError(error)}. Nothing was done; try again.`,
      { cause: error },
    );
  }
}

export async function stackHolds(
  { stackId, logicalId }: Parameters<AwsServices['stackHolds']>[0],
  physicalId: string,
  deadline: Abortable,
  options: AwsClientOptions,
): Promise<boolean | undefined> {
  const client = new CloudFormationClient(options);
  try {
    const status = (await describeStack(client, stackId, deadline))?.StackStatus;
    if (status === 'DELETE_COMPLETE') return false;
    // In the middle of an operation the stack's list of resources may still change.
    if (status === undefined || status.endsWith('_IN_PROGRESS')) return true;
    const { StackResources = [] } = await client.send(
      new DescribeStackResourcesCommand({ StackName: stackId, LogicalResourceId: logicalId }),
      { abortSignal: deadline.signal },
    );
    return StackResources.some(
      ({ PhysicalResourceId, ResourceStatus = '' }) =>
        PhysicalResourceId === physicalId && !LET_GO.includes(ResourceStatus),
    );
  } catch (error) {
    return saysThereIsNone(error) ? false : undefined;
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
