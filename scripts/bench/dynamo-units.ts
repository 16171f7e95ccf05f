/**
 * The request units that DynamoDB on demand would charge, computed from the calls on the wire.
 * A consistent read costs one unit for each 4 KB begun, a write one for each 1 KB begun, and twice that in a
 * transaction. A write that replaces a larger item costs by the larger one. The ledger's items grow, so the
 * new item is taken.
 */
import type { ProxiedCall } from './recording-proxy.ts';

export interface Units {
  readUnits: number;
  writeUnits: number;
}

export function consumedUnits(
  calls: readonly Pick<ProxiedCall, 'operation' | 'request' | 'response'>[],
): Units {
  let readUnits = 0;
  let writeUnits = 0;
  for (const { operation, request, response } of calls) {
    switch (operation) {
      case 'DynamoDB GetItem':
        readUnits += Math.max(1, Math.ceil(itemBytes(JSON.parse(response.toString()).Item) / 4096));
        break;
      case 'DynamoDB PutItem':
        writeUnits += writeUnitsOf(JSON.parse(request.toString()).Item);
        break;
      case 'DynamoDB DeleteItem':
        writeUnits += 1;
        break;
      case 'DynamoDB TransactWriteItems':
        for (const { Put } of JSON.parse(request.toString()).TransactItems) {
          writeUnits += 2 * writeUnitsOf(Put?.Item);
        }
        break;
      default:
        throw new Error(`${operation} has no price here`);
    }
  }
  return { readUnits, writeUnits };
}

const writeUnitsOf = (item: Item | undefined) => Math.max(1, Math.ceil(itemBytes(item) / 1024));

type Item = Record<string, { S?: string; N?: string }>;

/**
 * Names and texts count by their UTF-8 bytes, a number by about half its digits and one (DynamoDB Developer
 * Guide).
 */
function itemBytes(item: Item | undefined): number {
  return Object.entries(item ?? {}).reduce(
    (sum, [name, { S, N }]) =>
      sum +
      Buffer.byteLength(name) +
      (S === undefined ? Math.ceil((N?.length ?? 0) / 2) + 1 : Buffer.byteLength(S)),
    0,
  );
}
