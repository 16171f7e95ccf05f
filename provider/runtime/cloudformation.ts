import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { AwsClientOptions, AwsServices, Limit } from './aws.ts';
import { messageOf } from './errors.ts';

/** The status of a stack of this account and region; undefined where it cannot be asked. */
export async function stackStatus(
  stackId: string,
  limit: Limit,
  options: AwsClientOptions,
): Promise<string | undefined> {
  return statusOf(new CloudFormationClient(options), stackId, limit).catch(() => undefined);
}

export async function stackHolds(
  { stackId, logicalId }: Parameters<AwsServices['stackHolds']>[0],
  physicalId: string,
  limit: Limit,
  options: AwsClientOptions,
): Promise<boolean | undefined> {
  const client = new CloudFormationClient(options);
  try {
    const status = await statusOf(client, stackId, limit);
    if (status === 'DELETE_COMPLETE') return false;
    // What it lists now is not what it will be.
    if (status === undefined || status.endsWith('_IN_PROGRESS')) return true;
    const { StackResources = [] } = await client.send(
      new DescribeStackResourcesCommand({ StackName: stackId, LogicalResourceId: logicalId }),
      { abortSignal: limit.signal },
    );
    return StackResources.some(
      ({ PhysicalResourceId, ResourceStatus = '' }) =>
        PhysicalResourceId === physicalId && !['DELETE_COMPLETE', 'DELETE_SKIPPED'].includes(ResourceStatus),
    );
  } catch (error) {
    // "Stack with id … does not exist", "Resource … does not exist for stack …"
    return isValidationError(error) && /does not exist/.test(messageOf(error)) ? false : undefined;
  }
}

async function statusOf(
  client: CloudFormationClient,
  stackId: string,
  { signal }: Limit,
): Promise<string | undefined> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), {
    abortSignal: signal,
  });
  return Stacks?.[0]?.StackStatus;
}

const isValidationError = (error: unknown) => error instanceof Error && error.name === 'ValidationError';
