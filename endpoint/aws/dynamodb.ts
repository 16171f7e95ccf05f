import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { client, maxAttempts } from './limits.ts';

export const dynamoDB = client((requestHandler) => new DynamoDBClient({ requestHandler, maxAttempts }));
