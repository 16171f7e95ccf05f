import { LambdaClient } from '@aws-sdk/client-lambda';
import { client } from './limits.ts';

/**
 * One attempt: an Invoke that was reset may have run, and the SDK would send it again. The customer's function
 * takes the time that its caller has; the call's signal ends it.
 */
export const lambda = client(
  (options) => new LambdaClient({ requestHandler: { ...options, requestTimeout: 0 }, maxAttempts: 1 }),
);
