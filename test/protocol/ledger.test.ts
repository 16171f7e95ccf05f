/** The ledger keeps its rules over MiniStack's DynamoDB as it does over the small local table. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startMiniStack } from '../../local/aws/ministack.ts';
import { credentials, ledgerRules, TABLE } from '../unit/ledger/rules.ts';

describe("over MiniStack's DynamoDB", () =>
  ledgerRules(async () => {
    const ministack = await startMiniStack();
    const client = new DynamoDBClient({ endpoint: ministack.url, region: 'us-east-1', credentials });
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    client.destroy();
    return { endpoint: ministack.url, stop: () => ministack.stop() };
  }));
