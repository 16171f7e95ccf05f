/**
 * The merge of one ledger's records into another: pure, from the items of both. An object that both
 * ledgers know has two owners; a person decides which one keeps it.
 */
import {
  describeOwner,
  type NameRecord,
  nameKey,
  type ObjectRecord,
  type OwnerRecord,
  ownerKey,
  sameOwner,
} from '../../provider/ledger/records.ts';
import { bodyOf, type Item, isExpired, keyOf, revisionOf, sameItem } from './ledger-table.ts';

/** The ledger whose record of an object is kept, by the key of the item. */
export type Decisions = ReadonlyMap<string, 'source' | 'target'>;

/** An item that both ledgers have, with different contents. */
export interface Conflict {
  key: string;
  /** The two owners in words, where the item has one. */
  source: string;
  target: string;
}

/** One write in the target. */
export interface Change {
  key: string;
  /** The item as it is there now. */
  before: Item | undefined;
  /** The item as it has to be; undefined for one that goes. */
  after: Item | undefined;
}

export interface Merge {
  /** Items of the source that belong to it: no locks, and nothing of moves. */
  moving: Map<string, Item>;
  /** Conflicts without a decision. */
  undecided: Conflict[];
  /** Writes that are left to do. None is left once the move was made. */
  changes: Change[];
}

type Items = ReadonlyMap<string, Item>;

/** Locks end by themselves. Registrations and the notes of a move are about one table. */
const STAYS = /^(LOCK|PROVIDER|MOVE|MOVE-BACKUP)#/;

export function mergeLedgers(source: Items, target: Items, decisions: Decisions, now: number): Merge {
  const living = (items: Items) =>
    new Map([...items].filter(([key, item]) => !STAYS.test(key) && !isExpired(item, now)));
  const moving = living(source);
  const there = living(target);
  const conflicting = [...moving].filter(([key, item]) => {
    const other = there.get(key);
    return other !== undefined && !sameItem(item, other);
  });
  const wanted = new Map<string, Item | undefined>(moving);
  const decided = decideObjects(conflicting, there, decisions, wanted);
  const undecided = conflicting
    .filter(([key]) => !decided.has(key) && !isAsWanted(key, wanted, there))
    .map(([key, item]) => ({ key, source: ownerIn(item), target: ownerIn(there.get(key)) }));
  const open = new Set(undecided.map(({ key }) => key));
  const changes = [...wanted].flatMap(([key, after]): Change[] => {
    const before = there.get(key);
    if (open.has(key) || (before === undefined && after === undefined)) return [];
    if (before !== undefined && after !== undefined && sameItem(before, after)) return [];
    return [{ key, before, after }];
  });
  // Objects are written last. If a run dies earlier, the next run still finds the object's conflict, which
  // decides about the object's names too.
  changes.sort((one, other) => Number(isObject(one)) - Number(isObject(other)));
  return { moving, undecided, changes };
}

const isObject = ({ key }: Change) => key.startsWith('OBJECT#');

const isAsWanted = (key: string, wanted: ReadonlyMap<string, Item | undefined>, there: Items) => {
  const [after, before] = [wanted.get(key), there.get(key)];
  return after !== undefined && before !== undefined && sameItem(after, before);
};

/**
 * Applies the decisions to the wanted items. The owner that gives an object up also gives up its place in
 * the list of that owner's objects, and the names that were kept for the object.
 * @returns keys of conflicts that are decided
 */
function decideObjects(
  conflicting: readonly (readonly [string, Item])[],
  there: Items,
  decisions: Decisions,
  wanted: Map<string, Item | undefined>,
): Set<string> {
  const decided = new Set<string>();
  for (const [key, item] of conflicting) {
    const decision = decisions.get(key);
    const other = there.get(key);
    if (decision === undefined || other === undefined) continue;
    decided.add(key);
    // The kept item of the target may have been written more often; a later write must find its revision.
    if (decision === 'target') wanted.set(key, other);
    if (!key.startsWith('OBJECT#')) continue;
    const [winner, loser] = decision === 'source' ? [item, other] : [other, item];
    const kept = (bodyOf(winner) as ObjectRecord).claims ?? [];
    const lost = bodyOf(loser) as ObjectRecord;
    const items = decision === 'source' ? there : wanted;
    disown(lost, items, wanted);
    for (const claim of lost.claims ?? []) {
      const name = nameKey(claim);
      decided.add(name);
      if (kept.includes(claim)) wanted.set(name, decision === 'source' ? wanted.get(name) : there.get(name));
      else if (ownsName(items.get(name), lost)) wanted.set(name, undefined);
    }
  }
  return decided;
}

/** Takes an object out of the list of its owner. */
function disown(
  { owner, kind, id }: ObjectRecord,
  items: ReadonlyMap<string, Item | undefined>,
  wanted: Map<string, Item | undefined>,
): void {
  const key = ownerKey(owner);
  const item = wanted.get(key) ?? items.get(key);
  const record = bodyOf(item) as OwnerRecord | undefined;
  if (item === undefined || record === undefined) return;
  const objects = record.objects.filter((one) => one.kind !== kind || one.id !== id);
  if (objects.length === record.objects.length) return;
  wanted.set(key, {
    ...item,
    body: { S: JSON.stringify({ ...record, objects }) },
    revision: { N: String(revisionOf(item) + 1) },
  });
}

const ownsName = (item: Item | undefined, { owner }: ObjectRecord) => {
  const record = bodyOf(item) as NameRecord | undefined;
  return record !== undefined && sameOwner(record.owner, owner);
};

function ownerIn(item: Item | undefined): string {
  const { owner } = (bodyOf(item) ?? {}) as Partial<ObjectRecord>;
  return owner === undefined ? keyOf(item ?? {}) : describeOwner(owner);
}
