/** Reads a whole ledger for a command. The function reads single items (store.ts). */
import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { LedgerError } from '../../common/errors.ts';
import { describeAwsError } from '../runtime/aws.ts';
import {
  type Attempt,
  isAtWork,
  type ObjectRecord,
  type OwnerRecord,
  standing,
  successOf,
} from './records.ts';
import { LEDGER_FORMAT, NewerLedgerError } from './store.ts';

/** The items of a ledger, as far as they say what is managed. */
export interface LedgerContents {
  owners: OwnerRecord[];
  objects: ObjectRecord[];
  /** Requests that failed, and whose steps nobody has undone. */
  unfinished: Attempt[];
  /** Requests without a standing step whose invocation has ended without an end of the request. */
  abandoned: Attempt[];
  /** Requests that an invocation works on. */
  atWork: Attempt[];
}

/**
 * Reads every page of the table and writes nothing. It costs half a read unit for each 4 KB of the table.
 * @param onPage gets the number of items so far
 * @throws LedgerError; NewerLedgerError where a newer version of the provider has written an item
 */
export async function readLedger(
  client: DynamoDBClient,
  table: string,
  now: number,
  onPage: (items: number) => void = () => {},
): Promise<LedgerContents> {
  const contents: LedgerContents = { owners: [], objects: [], unfinished: [], abandoned: [], atWork: [] };
  let items = 0;
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) {
      for (const item of Items) take(item, contents, now);
      items += Items.length;
      onPage(items);
    }
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw new LedgerError(
      `The provider's ledger, DynamoDB table ${table}, cannot be read: ${describeAwsError(error)}.`,
      { cause: error },
    );
  }
  return contents;
}

function take(item: Record<string, AttributeValue>, contents: LedgerContents, now: number): void {
  const key = item['pk']?.S ?? '';
  const format = Number(item['format']?.N);
  if (format > LEDGER_FORMAT) throw new NewerLedgerError(key, format);
  if (Number(item['expiresAt']?.N ?? Number.POSITIVE_INFINITY) * 1000 <= now) return;
  const body = () => JSON.parse(item['body']?.S ?? 'null');
  if (key.startsWith('OWNER#')) contents.owners.push(body() as OwnerRecord);
  if (key.startsWith('OBJECT#')) contents.objects.push(body() as ObjectRecord);
  if (!key.startsWith('ATTEMPT#')) return;
  const attempt = body() as Attempt;
  if (successOf(attempt) !== undefined) return;
  if (isAtWork(attempt, now)) {
    contents.atWork.push(attempt);
    return;
  }
  if (standing(attempt.steps).length > 0) contents.unfinished.push(attempt);
  else if (attempt.state === 'running') contents.abandoned.push(attempt);
}
