import { LambdaClient } from '@aws-sdk/client-lambda';
import { client } from './limits.ts';

/**
 * One attempt only, because an Invoke that was reset may have run and the SDK would send it again. There is
 * no time limit, because the customer's function may take all the time of its caller; the signal of the call
 * ends it.
 */
export const lambda = client(
  (options) => new LambdaClient({ requestHandler: { ...options, requestTimeout: 0 }, maxAttempts: 1 }),
);
