import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { AwsClientOptions, Limit } from './aws.ts';

/** The status of a stack of this account and region; undefined where it cannot be asked. */
export async function stackStatus(
  stackId: string,
  { signal }: Limit,
  options: AwsClientOptions,
): Promise<string | undefined> {
  const client = new CloudFormationClient(options);
  return client.send(new DescribeStacksCommand({ StackName: stackId }), { abortSignal: signal }).then(
    ({ Stacks }) => Stacks?.[0]?.StackStatus,
    () => undefined,
  );
}
