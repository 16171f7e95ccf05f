import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { connectionTimeout, once, requestTimeout } from './limits.ts';

export const dynamoDB = once(
  () => new DynamoDBClient({ requestHandler: { connectionTimeout, requestTimeout }, maxAttempts: 3 }),
);
