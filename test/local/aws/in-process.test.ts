import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { LocalAws } from '../../../local/aws/in-process.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const TABLE = 'ledger';
const clock = new FakeClock();
let aws: LocalAws;
let dynamo: DynamoDBClient;

beforeEach(async () => {
  aws = await LocalAws.start(undefined, clock);
  aws.tables.set(TABLE, new Map());
  dynamo = new DynamoDBClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  dynamo.destroy();
  await aws.stop();
});

/** Writes an item as the ledger does: over a known revision, or as a new one. */
const write = (pk: string, revision: number) => {
  const condition: Partial<PutItemCommandInput> =
    revision === 1
      ? {
          ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
          ExpressionAttributeValues: { ':now': { N: '0' } },
        }
      : {
          ConditionExpression: 'revision = :revision',
          ExpressionAttributeValues: { ':revision': { N: String(revision - 1) } },
        };
  const Item = { pk: { S: pk }, revision: { N: String(revision) }, body: { S: '{}' } };
  return dynamo.send(new PutItemCommand({ TableName: TABLE, Item, ...condition }));
};

const revisionOf = async (pk: string) => {
  const read = new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk } }, ConsistentRead: true });
  return (await dynamo.send(read)).Item?.['revision']?.N;
};

test('a table that is restored has the items of its backup, and a later write has to fit them', async () => {
  await write('a', 1);
  const backup = aws.backUp(TABLE);
  await write('a', 2);
  await write('b', 1);
  aws.restore(TABLE, backup);
  expect([await revisionOf('a'), await revisionOf('b')]).toEqual(['1', undefined]);
  await expect(write('a', 3)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  await write('a', 2);
  aws.restore(TABLE, backup);
  expect(await revisionOf('a')).toBe('1');
});

test('a table that is emptied has no item', async () => {
  await write('a', 1);
  aws.empty(TABLE);
  expect(await revisionOf('a')).toBeUndefined();
});

test('tables are throttled for as long as it was said', async () => {
  aws.throttleTables(10_000);
  await expect(write('a', 1)).rejects.toMatchObject({ name: 'ThrottlingException' });
  clock.advance(9_999);
  await expect(revisionOf('a')).rejects.toMatchObject({ name: 'ThrottlingException' });
  clock.advance(1);
  await write('a', 1);
  expect(await revisionOf('a')).toBe('1');
});
