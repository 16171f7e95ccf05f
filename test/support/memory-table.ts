import { type Item, keyOf, type LedgerTable, revisionOf } from '../../scripts/rollout/ledger-table.ts';

/** A ledger's table over a map, with the conditions of the real one. */
export function memoryTable(
  arn: string,
  items: Map<string, Item>,
  onCall: () => void = () => {},
): LedgerTable {
  const expect = (key: string, before: Item | undefined) => {
    const there = items.get(key);
    const isAsExpected =
      before === undefined ? there === undefined : there && revisionOf(there) === revisionOf(before);
    if (!isAsExpected) throw new Error(`ConditionalCheckFailedException: ${key}`);
  };
  return {
    arn,
    async *items() {
      onCall();
      for (const item of [...items.values()]) yield structuredClone(item);
    },
    async get(key) {
      onCall();
      return structuredClone(items.get(key));
    },
    async put(item, before) {
      onCall();
      expect(keyOf(item), before);
      items.set(keyOf(item), structuredClone(item));
    },
    async remove(before) {
      onCall();
      expect(keyOf(before), before);
      items.delete(keyOf(before));
    },
  };
}
