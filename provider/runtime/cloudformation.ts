import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { awsClientDefaults, type Limit } from './aws.ts';

/** The status of a stack of this account and region; undefined where it cannot be asked. */
export async function stackStatus(stackId: string, { signal }: Limit): Promise<string | undefined> {
  const client = new CloudFormationClient(awsClientDefaults);
  return client.send(new DescribeStacksCommand({ StackName: stackId }), { abortSignal: signal }).then(
    ({ Stacks }) => Stacks?.[0]?.StackStatus,
    () => undefined,
  );
}
