/** A ledger's table as the move of a ledger reads and writes it: whole items, whatever they hold. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { canonicalJson } from '../../common/canonical-json.ts';
import { LEDGER_FORMAT } from '../../provider/ledger/store.ts';

export type Item = Record<string, AttributeValue>;

export interface LedgerTable {
  readonly arn: string;
  /** Every item, as it was written last. */
  items(): AsyncIterable<Item>;
  get(key: string): Promise<Item | undefined>;
  /** Writes an item in place of `before`, or where there is none. @throws Error where another one is there */
  put(item: Item, before: Item | undefined): Promise<void>;
  /** @throws Error where another item is there */
  remove(before: Item): Promise<void>;
}

export const keyOf = (item: Item) => item['pk']?.S ?? '';
/** The JSON in an item; undefined where it holds none. */
export const bodyOf = (item: Item | undefined): unknown =>
  JSON.parse(item?.['body']?.S ?? 'null') ?? undefined;
export const formatOf = (item: Item) => Number(item['format']?.N ?? 0);
export const revisionOf = (item: Item) => Number(item['revision']?.N ?? 0);

export const itemOf = (key: string, body: unknown, revision = 1): Item => ({
  pk: { S: key },
  body: { S: JSON.stringify(body) },
  revision: { N: String(revision) },
  format: { N: String(LEDGER_FORMAT) },
});

/** Whether two items hold the same attributes. */
export const sameItem = (a: Item, b: Item): boolean => canonicalJson(a) === canonicalJson(b);

/** Whether DynamoDB may have dropped the item, or is about to. */
export const isExpired = (item: Item, now: number) =>
  Number(item['expiresAt']?.N ?? Number.POSITIVE_INFINITY) * 1000 <= now;

/** A table of DynamoDB. The client has to be of the table's Region. */
export function dynamoTable(client: DynamoDBClient, arn: string): LedgerTable {
  const where = { TableName: arn };
  const condition = (before: Item | undefined) =>
    before === undefined
      ? {
          ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
          ExpressionAttributeValues: { ':now': { N: String(Math.floor(Date.now() / 1000)) } },
        }
      : {
          ConditionExpression: 'revision = :revision',
          ExpressionAttributeValues: { ':revision': { N: String(revisionOf(before)) } },
        };
  return {
    arn,
    async *items() {
      for await (const { Items = [] } of paginateScan({ client }, { ...where, ConsistentRead: true }))
        yield* Items;
    },
    async get(key) {
      const command = new GetItemCommand({ ...where, Key: { pk: { S: key } }, ConsistentRead: true });
      return (await client.send(command)).Item;
    },
    async put(item, before) {
      await client.send(new PutItemCommand({ ...where, Item: item, ...condition(before) }));
    },
    async remove(before) {
      const Key = { pk: { S: keyOf(before) } };
      await client.send(new DeleteItemCommand({ ...where, Key, ...condition(before) }));
    },
  };
}
