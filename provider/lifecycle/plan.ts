/**
 * The plan of a request, decided by facts alone: no call, no clock, no state. The plan asks by name for a
 * fact that the ledger does not have, and is called again with the answer. So whether a stack rolls back, or
 * an object is still there, is asked only where the answer decides something.
 */
import {
  describeOwner,
  type Form,
  type FormerEnd,
  lineOf,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  sameForm,
  sameOwner,
} from '../ledger/index.ts';
import type { PhysicalId } from '../protocol/index.ts';
import { type End, isLeftOver, undoingOf } from './ends.ts';
import { wasApplied } from './form.ts';
import type { RemoteObject } from './resource-type.ts';

/**
 * Where an object is. `gone`: it answered 404 for a minute, and no list shows it. `listed`: it answers 404,
 * but a list shows it. `unclear`: it answers 404, and too little time was left to tell.
 */
export type Sight = 'there' | 'gone' | 'listed' | 'unclear';

/** A question of a plan about the stack. */
export type StackQuestion =
  | { ask: 'is the stack rolling back' }
  /** Whether the stack was complete after the adoption, so that no rollback undoes it any more. */
  | { ask: 'is the adoption final'; object: RemoteObject }
  /** Whether CloudFormation has moved the object's resource here from the owner that the ledger knows. */
  | { ask: 'has the object moved here'; record: ObjectRecord };

/** A question of a Delete's plan. */
export type DeleteQuestion =
  | StackQuestion
  /** Whether the stack was complete since the object is the current one of its logical resource. */
  | { ask: 'was the stack complete with the object'; id: string; since: number };

/** A question of a plan about the outside. */
export type Question =
  | StackQuestion
  | { ask: 'where is the object'; id: string }
  /** Whether what is wanted differs from what the object is in a property that cannot change in place. */
  | { ask: 'can it change in place'; object: RemoteObject; appliedBefore: boolean };

/**
 * The ledger's owner of an object is not the one that CloudFormation has given it to: the record follows
 * first.
 */
export interface TakeAlong {
  do: 'take along';
  record: ObjectRecord;
}

/** `unknown` where nobody answers, or the provider may not ask. */
export type Said = boolean | 'unknown';

/** Answers about the outside so far; a missing one has not been asked for. */
export interface Known {
  isRollingBack?: Said;
  isFinal?: Said;
  wasComplete?: Said;
  hasMoved?: boolean;
  /** By id. */
  sights?: Readonly<Record<string, Sight>>;
  /** Of the object that the last question named. */
  canChangeInPlace?: boolean;
}

export const isQuestion = <Asked extends Question | DeleteQuestion>(
  plan: { do: string } | Asked,
): plan is Asked => 'ask' in plan;

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
  /** The form that CloudFormation believes was applied last; undefined where it does not say. */
  oldForm: Form | undefined;
  /** The id of an object that the properties name to be taken over, where that name is new. */
  newlyNamedId: string | undefined;
}

interface UpdateAct {
  /** One of the last two forms is wanted again, by a rollback or a person, so nothing of it is judged. */
  appliedBefore: boolean;
  /** Objects that CloudFormation will never name again. */
  remove: readonly ObjectRecord[];
  /** Objects that are gone, by another hand. Their records say so from now on. */
  gone: readonly ObjectRecord[];
  /** The record of the named object says from now on that its adoption is final. */
  noteFinal: boolean;
}

export type UpdatePlan =
  | TakeAlong
  /** The object belongs to another logical resource. */
  | { do: 'refuse'; message: string }
  /** Nothing to write: the object is as it is wanted. */
  | ({ do: 'answer'; object: RemoteObject } & UpdateAct)
  /**
   * A rollback to an object that is not to be seen: it is believed to be there, and written by the next
   * update.
   */
  | ({ do: 'answer unseen'; object: RemoteObject } & UpdateAct)
  /** The object is not to be seen, and the stack does not roll back. */
  | { do: 'refuse unseen'; object: RemoteObject; isListed: boolean }
  /** Write what differs. */
  | ({ do: 'converge'; object: RemoteObject } & UpdateAct)
  /** Make a new object; CloudFormation then deletes the old one. */
  | ({ do: 'replace'; object: RemoteObject } & UpdateAct);

/** @returns what an Update does, or what has to be known first */
export function planUpdate(facts: UpdateFacts, known: Known = {}): UpdatePlan | Question {
  const { asking, named, owner, others, form, newlyNamedId } = facts;
  if (named.record && !sameOwner(named.record.owner, asking)) {
    if (known.hasMoved === undefined) return { ask: 'has the object moved here', record: named.record };
    if (known.hasMoved) return { do: 'take along', record: named.record };
    return {
      do: 'refuse',
      message: `${named.id} belongs to ${describeOwner(named.record.owner)}: this resource may not change it.`,
    };
  }
  if (isProvisional(named) && known.isFinal === undefined)
    return { ask: 'is the adoption final', object: named };
  const removable = others.filter((record) => record.believedGoneAt === undefined);
  const leftOver = removable.filter((record) => isLeftOver(owner, record) && !isOwnWork(facts, record));
  const suspects = removable.filter((record) => mayBeTakenBack(facts, record));
  if (suspects.length > 0 && known.isRollingBack === undefined) return { ask: 'is the stack rolling back' };
  const takenBack = known.isRollingBack === true ? suspects : [];

  const candidates = others.filter((record) => !takenBack.includes(record));
  const earlier = wasApplied(named.record, form)
    ? undefined
    : candidates.find((one) => wasApplied(one, form));
  const appliedBefore = earlier !== undefined || wasApplied(named.record, form);
  const sight = earlier && known.sights?.[earlier.id];
  if (earlier && sight === undefined) return { ask: 'where is the object', id: earlier.id };
  // If the earlier object was deleted by hand, the object that replaced it stays in use.
  const object: RemoteObject = earlier && sight !== 'gone' ? { id: earlier.id, record: earlier } : named;
  const act = {
    object,
    appliedBefore,
    remove: [...leftOver, ...takenBack].filter(({ id }) => id !== object.id && id !== earlier?.id),
    gone: earlier && sight === 'gone' ? [earlier] : [],
    noteFinal: isProvisional(named) && known.isFinal === true,
  };
  if (sight === 'listed' || sight === 'unclear') {
    const absence = planAbsence({ sight, appliedBefore }, known);
    if (isQuestion(absence)) return absence;
    return absence.do === 'refuse'
      ? { do: 'refuse unseen', object, isListed: sight === 'listed' }
      : { do: 'answer unseen', ...act };
  }
  if (isAsWanted(object, form) && isInStep(facts)) return { do: 'answer', ...act };
  if (newlyNamedId !== undefined && newlyNamedId !== object.id) return { do: 'replace', ...act };
  if (known.canChangeInPlace === undefined) return { ask: 'can it change in place', object, appliedBefore };
  return { do: known.canChangeInPlace ? 'converge' : 'replace', ...act };
}

/** The plan of an Update whose object is missing. */
export interface AbsencePlan {
  do: 'make anew' | 'answer unseen' | 'refuse';
}

/**
 * A flow that uses an object does not prove that it exists; only Genesys Cloud can show it. So an object that
 * is gone is made anew, and one that is merely not to be seen never gets a successor.
 */
export function planAbsence(
  { sight, appliedBefore }: { sight: Exclude<Sight, 'there'>; appliedBefore: boolean },
  { isRollingBack }: Known = {},
): AbsencePlan | StackQuestion {
  if (sight === 'gone') return { do: 'make anew' };
  if (isRollingBack === undefined) return { ask: 'is the stack rolling back' };
  // Where nobody says so, going back to what was applied before counts as a rollback, which must not fail.
  const isRollback = isRollingBack === 'unknown' ? appliedBefore : isRollingBack;
  return { do: isRollback ? 'answer unseen' : 'refuse' };
}

/** A rollback may still undo the adoption, as far as the ledger knows. */
const isProvisional = ({ record }: RemoteObject) => record?.adoption !== undefined && record.isFinal !== true;

/** Clean, and the last applied form is the wanted one: a write would change nothing. */
const isAsWanted = ({ record }: RemoteObject, form: Form) =>
  record !== undefined &&
  record.believedGoneAt === undefined &&
  !record.dirty &&
  sameForm(record.applied[0], form);

/**
 * Whether the ledger and CloudFormation agree on what was applied last, or failed without a write. A ledger
 * that was restored from a backup may know less than CloudFormation.
 */
function isInStep({ named, others, owner, oldForm }: UpdateFacts): boolean {
  if (oldForm === undefined) return false;
  const answered = others.find(({ id }) => id === owner.answered?.id);
  return [named.record, answered]
    .flatMap((record) => [record?.applied[0], record?.refused])
    .some((form) => sameForm(form, oldForm));
}

/** A repeat of this request meets the objects that its first delivery made. */
const isOwnWork = ({ madeByThisRequest }: UpdateFacts, { id }: ObjectRecord) =>
  madeByThisRequest.includes(id);

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
  /** The end that the object's former owner wants; undefined where it takes the object back. */
  formerEnd: FormerEnd | undefined;
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
  | TakeAlong
  /** There is nothing of this logical resource to end. */
  | { do: 'answer' }
  /** An earlier delivery has let the object go. The rest of the logical resource ends now. */
  | { do: 'finish'; object: RemoteObject; end: End; next: string | undefined }
  /** Another logical resource has adopted the object, and learns the end that this Delete wants for it. */
  | { do: 'leave the end to another'; object: RemoteObject; end: FormerEnd }
  /** The object is believed gone, and its own deletion was not asked for: its record stays. */
  | { do: 'leave'; object: RemoteObject & { record: ObjectRecord } }
  /** Undo what a Create of this logical resource made. */
  | { do: 'undo'; attemptId: string }
  | {
      do: 'end';
      object: RemoteObject;
      end: End;
      /** The end that the object's former owner wants, as it was when this plan was made. */
      formerEnd: FormerEnd | undefined;
      /** Others may need the object: the type's guard is asked. */
      guarded: boolean;
      /** The record says from now on that a rollback has begun to put the object back. */
      noteRollback: boolean;
      /** The record says from now on that its adoption is final. */
      noteFinal: boolean;
      /** The object that this one was to replace, and that CloudFormation will never name: it ends next. */
      next: string | undefined;
    };

/**
 * An answer that came when CloudFormation had just given up is taken by its bucket all the same. So a Create
 * that was answered this recently may be the one that a Delete with an invented id is about.
 */
const GIVEN_UP_MILLISECONDS = 15 * 60_000;

/** @returns what a Delete does, or what has to be known first */
export function planDelete(facts: DeleteFacts, known: Known = {}): DeletePlan | DeleteQuestion {
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
  const { record } = object;
  const isOurs = record !== undefined && sameOwner(record.owner, asking);
  // The object is a former owner's again, or nobody's. CloudFormation names it until a Delete succeeds.
  if (!isOurs && isLetGo(owner, object)) {
    const next = nextOf(object, facts, known);
    if (isAsked(next)) return next;
    return { do: 'finish', object, end: wantedEndOf({ id: object.id, record: undefined }, facts), next };
  }
  if (record && !isOurs) {
    if (known.hasMoved === undefined) return { ask: 'has the object moved here', record };
    return known.hasMoved ? { do: 'take along', record } : planForeign(record, facts, known);
  }
  if (record?.believedGoneAt !== undefined) {
    const isFollowedByAnother = isFollowed(object, facts);
    if (!isFollowedByAnother && known.isRollingBack === undefined)
      return { ask: 'is the stack rolling back' };
    if (isFollowedByAnother || known.isRollingBack !== false)
      return { do: 'leave', object: { id: object.id, record } };
  }
  const own = endOf(object, facts, known);
  if (typeof own !== 'string') return own;
  const next = nextOf(object, facts, known);
  if (isAsked(next)) return next;
  const end = own === 'put back' && isWantedByNobody(object, facts) ? 'delete' : own;
  return {
    do: 'end',
    object,
    end,
    formerEnd: facts.formerEnd,
    guarded: end === 'delete' && hasSucceeded(object) && !isFollowed(object, facts),
    noteRollback: end === 'put back' && hasSucceeded(object) && record?.adoption?.rollback !== 'begun',
    noteFinal: isProvisional(object) && known.isFinal === true,
    next,
  };
}

/**
 * A Delete of what another logical resource owns: a renamed logical id, for instance. The new owner keeps the
 * object. As long as its adoption may be undone, it has to know that the object cannot come back.
 */
function planForeign(record: ObjectRecord, facts: DeleteFacts, known: Known): DeletePlan | StackQuestion {
  const previous = record.adoption?.previous;
  if (previous === undefined || record.isFinal || !sameOwner(previous.owner, facts.asking))
    return { do: 'answer' };
  const end = endOf({ id: record.id, record: previous }, facts, known);
  if (typeof end !== 'string') return end;
  const object = { id: record.id, record };
  return { do: 'leave the end to another', object, end: end === 'delete' ? 'delete' : 'retain' };
}

/** The former owner is deleted and wanted the object deleted, and so does this one. */
const isWantedByNobody = (object: RemoteObject, facts: DeleteFacts) =>
  facts.formerEnd === 'delete' && wantedEndOf(object, facts) === 'delete';

/**
 * The object that the named one was to replace. An update may fail with its rollback disabled; a deletion of
 * the stack then names the new object alone (docs/assumptions.md). If the stack was complete since,
 * CloudFormation has named the old object already, or retains it on purpose.
 */
function nextOf(
  { id }: RemoteObject,
  { owner, others }: DeleteFacts,
  { wasComplete, isRollingBack }: Known,
): string | undefined | DeleteQuestion {
  const line = lineOf(owner);
  const place = line.findIndex((object) => object.id === id);
  const next = line[place + 1];
  if (place < 0 || next === undefined) return undefined;
  const isKnown = others.some((other) => other.id === next.id) || isLetGo(owner, { id: next.id });
  if (!isKnown) return undefined;
  if (wasComplete === undefined)
    return { ask: 'was the stack complete with the object', id, since: line[place]?.since ?? 0 };
  if (wasComplete !== false) return undefined;
  if (isRollingBack === undefined) return { ask: 'is the stack rolling back' };
  return isRollingBack === false ? next.id : undefined;
}

const isAsked = (next: string | undefined | DeleteQuestion): next is DeleteQuestion =>
  typeof next === 'object';

const isLetGo = ({ letGo = [] }: OwnerRecord, { id }: Pick<RemoteObject, 'id'>) =>
  letGo.some((object) => object.id === id);

/** For so long an adoption that nobody can ask about counts as one that a rollback may undo. */
const PROVISIONAL_MILLISECONDS = 24 * 3600_000;

/**
 * The end of an object at its Delete: an adoption is undone until the stack was complete after it, and a
 * rollback undoes the Create; otherwise `OnDelete` decides.
 */
function endOf(object: RemoteObject, facts: DeleteFacts, known: Known): End | StackQuestion {
  const { record } = object;
  if (!facts.canPutBack) return 'delete';
  const undone = undoingOf(object);
  if (record !== undefined && !hasSucceeded(object)) return undone;
  const wanted = wantedEndOf(object, facts);
  if (record?.adoption) {
    if (record.isFinal) return wanted;
    if (record.adoption.rollback === 'begun') return 'put back';
    if (known.isFinal === undefined) return { ask: 'is the adoption final', object };
    const isYoung = facts.now - record.createdAt < PROVISIONAL_MILLISECONDS;
    return (known.isFinal === 'unknown' ? !isYoung : known.isFinal) ? wanted : 'put back';
  }
  if (record === undefined) {
    // The ledger has lost what the object was before. So it cannot be put back, and must not be deleted
    // instead.
    if (wanted === 'retain' || !facts.saysAdopted) return wanted;
    if (known.isFinal === undefined) return { ask: 'is the adoption final', object };
    return known.isFinal === true ? wanted : 'retain';
  }
  if (wanted === undone) return wanted;
  if (known.isRollingBack === undefined) return { ask: 'is the stack rolling back' };
  return known.isRollingBack === true ? undone : wanted;
}

/** The end by `OnDelete`, or by its default: an object that was there before stays. */
export function wantedEndOf(
  { record }: RemoteObject,
  { wantedEnd, saysAdopted }: Pick<DeleteFacts, 'wantedEnd' | 'saysAdopted'>,
): End {
  const isAdopted = record ? record.origin === 'adopted' : saysAdopted;
  return wantedEnd ?? (isAdopted ? 'retain' : 'delete');
}

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
  return others.some(
    (other) =>
      !isLeftOver(owner, other) && other.believedGoneAt === undefined && other.createdAt >= createdAt,
  );
}
