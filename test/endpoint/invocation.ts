import { randomUUID } from 'node:crypto';
import type { InvocationContext } from '../../endpoint/pipeline.ts';

/** Lambda's context of an invocation by an alias; without one, of the unqualified function. */
export function invocation(
  alias: string | undefined,
  { remainingMs = 10_000, awsRequestId = randomUUID() as string } = {},
): InvocationContext {
  const endMs = Date.now() + remainingMs;
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:endpoint-Handler-1ABC';
  return {
    invokedFunctionArn: alias === undefined ? functionArn : `${functionArn}:${alias}`,
    awsRequestId,
    getRemainingTimeInMillis: () => endMs - Date.now(),
  };
}
