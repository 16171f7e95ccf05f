/**
 * The plan of a request, decided by facts alone: no call, no clock, no state. The plan asks by name for a
 * fact that the ledger does not have, and is called again with the answer. So whether a stack rolls back, or
 * an object is still there, is asked only where the answer decides something.
 */
import {
  describeOwner,
  type Form,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  sameOwner,
} from '../ledger/index.ts';
import type { PhysicalId } from '../protocol/index.ts';
import { sameForm, wasApplied } from './form.ts';
import type { RemoteObject } from './resource-type.ts';

/** The end of an object. */
export type End = 'delete' | 'retain' | 'put back';

/** A question about the outside. */
export type Question =
  | { ask: 'is the stack rolling back'; deciding: 'what is removed beside it' | 'what becomes of the object' }
  | { ask: 'is the object there'; id: string }
  /** Whether what is wanted differs from what the object is in a property that cannot change in place. */
  | { ask: 'can it change in place'; object: RemoteObject; appliedBefore: boolean };

/** Answers about the outside so far; a missing one has not been asked for. */
export interface Known {
  isRollingBack?: boolean;
  /** By id. */
  isThere?: Readonly<Record<string, boolean>>;
  /** Of the object that the last question named. */
  canChangeInPlace?: boolean;
}

export const isQuestion = <Plan extends object>(plan: Plan | Question): plan is Question => 'ask' in plan;

// ---- Update

/** The facts of ledger and request before an Update. */
export interface UpdateFacts {
  /** The logical resource that asks. */
  asking: Owner;
  /** The object that the request names. */
  named: RemoteObject;
  /** The logical resource in the ledger. */
  owner: OwnerRecord;
  /** Records of its other objects of this type. */
  others: readonly ObjectRecord[];
  /** Ids of what an earlier delivery of this request made. */
  madeByThisRequest: readonly string[];
  /** The wanted form. */
  form: Form;
  /** The id of an object that the properties name to be taken over, where that name is new. */
  newlyNamedId: string | undefined;
}

interface UpdateAct {
  /** The wanted form was applied before: this is a rollback, so nothing of it is judged again. */
  appliedBefore: boolean;
  /** Objects that CloudFormation will never name again. */
  remove: readonly ObjectRecord[];
}

export type UpdatePlan =
  /** The object belongs to another logical resource. */
  | { do: 'refuse'; message: string }
  /** Nothing to write: the object is as it is wanted. */
  | ({ do: 'answer'; object: RemoteObject } & UpdateAct)
  /** Write what differs. */
  | ({ do: 'converge'; object: RemoteObject } & UpdateAct)
  /** Make a new object; CloudFormation then deletes the old one. */
  | ({ do: 'replace'; object: RemoteObject } & UpdateAct);

/** @returns what an Update does, or what has to be known first */
export function planUpdate(facts: UpdateFacts, known: Known = {}): UpdatePlan | Question {
  const { asking, named, owner, others, form, newlyNamedId } = facts;
  if (named.record && !sameOwner(named.record.owner, asking)) {
    return {
      do: 'refuse',
      message: `${named.id} belongs to ${describeOwner(named.record.owner)}: this resource may not change it.`,
    };
  }
  const leftOver = others.filter((record) => isLeftOver(owner, record) && !isOwnWork(facts, record));
  const suspects = others.filter((record) => mayBeTakenBack(facts, record));
  if (suspects.length > 0 && known.isRollingBack === undefined)
    return { ask: 'is the stack rolling back', deciding: 'what is removed beside it' };
  const takenBack = known.isRollingBack ? suspects : [];

  const candidates = others.filter((record) => !takenBack.includes(record));
  const earlier = wasApplied(named.record, form)
    ? undefined
    : candidates.find((one) => wasApplied(one, form));
  const appliedBefore = earlier !== undefined || wasApplied(named.record, form);
  let object: RemoteObject = earlier ? { id: earlier.id, record: earlier } : named;
  const remove = [...leftOver, ...takenBack].filter(({ id }) => id !== object.id);
  if (earlier) {
    const isThere = known.isThere?.[earlier.id];
    if (isThere === undefined) return { ask: 'is the object there', id: earlier.id };
    if (!isThere) {
      // Somebody deleted it by hand. The object that has taken its place goes on.
      remove.push(earlier);
      object = named;
    }
  }
  const act = { object, appliedBefore, remove };
  if (isAsWanted(object, form)) return { do: 'answer', ...act };
  if (newlyNamedId !== undefined && newlyNamedId !== object.id) return { do: 'replace', ...act };
  if (known.canChangeInPlace === undefined) return { ask: 'can it change in place', object, appliedBefore };
  return { do: known.canChangeInPlace ? 'converge' : 'replace', ...act };
}

/** Clean, and the last applied form is the wanted one: a write would change nothing. */
const isAsWanted = ({ record }: RemoteObject, form: Form) =>
  record !== undefined && !record.dirty && sameForm(record.applied[0], form);

/** A repeat of this request meets the objects that its first delivery made. */
const isOwnWork = ({ madeByThisRequest }: UpdateFacts, { id }: ObjectRecord) =>
  madeByThisRequest.includes(id);

/** A replacement that was taken back made it, or its Delete failed: a later request removes it. */
export const isLeftOver = ({ objects }: OwnerRecord, { kind, id }: Pick<ObjectRecord, 'kind' | 'id'>) =>
  objects.some((object) => object.leftover && object.kind === kind && object.id === id);

/**
 * Whether a rollback may be about this object: it was made after the one that is named now. Outside of a
 * rollback such an object may be retained on purpose; so may one that is older than the last answer without
 * being its object.
 */
function mayBeTakenBack(facts: UpdateFacts, record: ObjectRecord): boolean {
  const { owner, named } = facts;
  if (isLeftOver(owner, record) || isOwnWork(facts, record)) return false;
  const isNewer = record.createdAt > (named.record?.createdAt ?? Number.POSITIVE_INFINITY);
  const { answered } = owner;
  const isRetained = answered !== undefined && answered.id !== record.id && record.createdAt <= answered.at;
  return isNewer && !isRetained;
}

// ---- Delete

/** The facts of ledger and request before a Delete. */
export interface DeleteFacts {
  asking: Owner;
  physical: PhysicalId;
  /** The object that the request names; undefined where it names none. */
  object: RemoteObject | undefined;
  owner: OwnerRecord;
  /** Records of the logical resource's other objects of this type. */
  others: readonly ObjectRecord[];
  /**
   * When CloudFormation took the answer of the newest Create; undefined where it did not. Milliseconds since
   * the epoch.
   */
  newestCreateAnsweredAt: number | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** The type can put an adopted object back. */
  canPutBack: boolean;
  /**
   * The end that the properties ask for; undefined where they leave it to the default of its origin.
   */
  wantedEnd: Exclude<End, 'put back'> | undefined;
  /**
   * Whether the properties say that the object was there before; for an object that the ledger does not know.
   */
  saysAdopted: boolean;
}

export type DeletePlan =
  /** There is nothing of this logical resource to end. */
  | { do: 'answer' }
  /** Undo what a Create of this logical resource made. */
  | { do: 'undo'; attemptId: string }
  | {
      do: 'end';
      object: RemoteObject;
      end: End;
      /** Others may need the object: the type's guard is asked. */
      guarded: boolean;
      /** The record says from now on that a rollback has begun to put the object back. */
      noteRollback: boolean;
    };

/**
 * An answer that came when CloudFormation had just given up is taken by its bucket all the same. So a Create
 * that was answered this recently may be the one that a Delete with an invented id is about.
 */
const GIVEN_UP_MILLISECONDS = 15 * 60_000;

/** @returns what a Delete does, or what has to be known first */
export function planDelete(facts: DeleteFacts, known: Known = {}): DeletePlan | Question {
  const { asking, physical, object, owner } = facts;
  if (physical.kind === 'failed-create' || physical.kind === 'nothing-created')
    return { do: 'undo', attemptId: physical.attemptId };
  if (object === undefined) {
    // CloudFormation never had an answer of the newest Create: it sends an invented id, or none.
    const { newestCreate } = owner;
    return newestCreate === undefined || wasAnsweredLongAgo(facts)
      ? { do: 'answer' }
      : { do: 'undo', attemptId: newestCreate };
  }
  // A renamed logical id: the new owner keeps the object.
  if (object.record && !sameOwner(object.record.owner, asking)) return { do: 'answer' };
  const ending = endOf(object, facts, known);
  if (typeof ending !== 'string') return ending;
  return {
    do: 'end',
    object,
    end: ending,
    guarded: ending === 'delete' && hasSucceeded(object) && !isFollowed(object, facts),
    noteRollback:
      known.isRollingBack === true && ending === 'put back' && object.record?.adoption?.rollback !== 'begun',
  };
}

/**
 * The end of an object at its Delete: a rollback undoes its Create, otherwise `OnDelete` decides. A rollback
 * that has begun to put the object back goes on after the stack has left that state.
 */
function endOf(object: RemoteObject, facts: DeleteFacts, { isRollingBack }: Known): End | Question {
  const { record } = object;
  if (!facts.canPutBack) return 'delete';
  const undone = undoingOf(object);
  if (record !== undefined && !hasSucceeded(object)) return undone;
  const wanted = wantedEndOf(object, facts);
  if (record === undefined || wanted === undone) return wanted;
  if (record.adoption?.rollback === 'begun') return 'put back';
  if (isRollingBack === undefined)
    return { ask: 'is the stack rolling back', deciding: 'what becomes of the object' };
  if (isRollingBack) return undone;
  // An earlier delivery could not ask, and the stack may have left the rollback since.
  return record.adoption?.rollback === 'unknown' ? 'retain' : wanted;
}

/** The end by `OnDelete`, or by its default: an object that was there before stays. */
export function wantedEndOf(
  { record }: RemoteObject,
  { wantedEnd, saysAdopted }: Pick<DeleteFacts, 'wantedEnd' | 'saysAdopted'>,
): End {
  const isAdopted = record ? record.origin === 'adopted' : saysAdopted;
  return wantedEnd ?? (isAdopted ? 'retain' : 'delete');
}

/** Undoing goes by origin: an object that was there before is put back. */
export const undoingOf = ({ record }: RemoteObject): End => (record?.adoption ? 'put back' : 'delete');

/** A request succeeded with the object; so it counts for an object that the ledger does not know. */
const hasSucceeded = ({ record }: RemoteObject) => record?.applied.length !== 0;

const wasAnsweredLongAgo = ({ newestCreateAnsweredAt, now }: DeleteFacts) =>
  newestCreateAnsweredAt !== undefined && now - newestCreateAnsweredAt > GIVEN_UP_MILLISECONDS;

/** A replacement has followed this object: its Delete is the replacement's clean-up. */
function isFollowed({ id, record }: RemoteObject, { owner, others }: DeleteFacts): boolean {
  const { answered } = owner;
  if (answered !== undefined)
    return (
      answered.id !== id &&
      owner.objects.some((object) => object.leftover !== true && object.id === answered.id)
    );
  const createdAt = record?.createdAt ?? Number.POSITIVE_INFINITY;
  return others.some((other) => !isLeftOver(owner, other) && other.createdAt >= createdAt);
}
