import {
  type EndRules,
  type FormerEnd,
  inAWeek,
  type ObjectRecord,
  type Overtaken,
  type Owner,
  type OwnerRecord,
  ownerKey,
} from './records.ts';
import type { Change, Versioned } from './store.ts';

/** A change of the objects of a logical resource, or of the order of its requests. */
export type OwnerChange = (owner: OwnerRecord) => OwnerRecord;

/** Changes one after the other; a missing one changes nothing. */
export const inOrder =
  (...changes: (OwnerChange | undefined)[]): OwnerChange =>
  (owner) =>
    changes.reduce((changed, change) => change?.(changed) ?? changed, owner);

export type ObjectKey = Pick<ObjectRecord, 'kind' | 'id'>;

/** A logical resource that no request has come to yet. */
export const newOwner = ({ stackId, logicalId }: Owner): OwnerRecord => ({
  stackId,
  logicalId,
  objects: [],
  unfinished: [],
});

const isSameObject = (a: ObjectKey, b: ObjectKey) => a.kind === b.kind && a.id === b.id;

const without = <T extends ObjectKey>(object: ObjectKey, all: readonly T[]): T[] =>
  all.filter((other) => !isSameObject(other, object));

export const withoutObject =
  (object: ObjectKey): OwnerChange =>
  (owner) => ({ ...owner, objects: without(object, owner.objects) });

export const withObject = ({ kind, id, organization }: ObjectRecord): OwnerChange =>
  inOrder(
    changingLetGo((letGo) => without({ kind, id }, letGo)),
    withoutObject({ kind, id }),
    (owner) => ({ ...owner, objects: [...owner.objects, { kind, id, organization }] }),
  );

/** The logical resource has ended the object, or given it up. */
export const withLetGo = ({ kind, id }: ObjectKey, end?: FormerEnd): OwnerChange => {
  const note = { kind, id, ...(end === undefined ? {} : { end }) };
  return inOrder(
    changingLetGo((letGo) => [...without(note, letGo), note]),
    withoutObject(note),
  );
};

/** The end that a logical resource wants for an object that it had; undefined where it takes it back. */
export const formerEndOf = (owner: OwnerRecord | undefined, object: ObjectKey): FormerEnd | undefined =>
  owner?.letGo?.find((other) => isSameObject(other, object))?.end;

/** A Create or Update has succeeded. So no repeat of an earlier Delete comes any more. */
const withoutOver = changingLetGo((letGo) => letGo.filter(({ isOver }) => isOver !== true));

/** A Delete has succeeded. It may come again for a while, because its answer may be lost. */
export const withDeleted = (physicalId: string): OwnerChange =>
  inOrder(
    changingLetGo((letGo) =>
      letGo
        .filter(({ id, isOver }) => isOver !== true || id === physicalId)
        .map((object) => ({ ...object, isOver: true })),
    ),
    ({ predecessors, ...owner }) => {
      const others = predecessors?.filter(({ id }) => id !== physicalId) ?? [];
      return { ...owner, ...(others.length > 0 ? { predecessors: others } : {}) };
    },
  );

type LetGo = NonNullable<OwnerRecord['letGo']>;

/** Changes the objects that a logical resource has let go. A record without any has no list of them. */
function changingLetGo(change: (letGo: LetGo) => LetGo): OwnerChange {
  return ({ letGo: before = [], ...owner }) => {
    const letGo = change(before);
    return { ...owner, ...(letGo.length > 0 ? { letGo } : {}) };
  };
}

export const withLeftover =
  (leftover: ObjectKey): OwnerChange =>
  (owner) => ({
    ...owner,
    objects: owner.objects.map((object) =>
      isSameObject(object, leftover) ? { ...object, leftover: true } : object,
    ),
  });

/** The object is in use, whatever was noted of it before. */
export const withoutLeftover =
  (id: string): OwnerChange =>
  (owner) => ({
    ...owner,
    objects: owner.objects.map(({ leftover, ...object }) =>
      leftover && object.id !== id ? { ...object, leftover } : object,
    ),
  });

/** The object that an Update names. `rules`: those of the properties that it had until then. */
export interface Before {
  id: string;
  rules: EndRules;
}

export const withAnswered =
  (id: string, by: string, now: number, before?: Before): OwnerChange =>
  (owner) => {
    // A Create replaces nothing, so an earlier object was retained on purpose.
    const line = owner.newestCreate === undefined ? lineOf(owner) : [];
    const place = line.findIndex((object) => object.id === id);
    const since = line[place]?.since;
    const { predecessors: _, ...rest } = withoutOver(owner);
    const predecessors = line
      .slice(place + 1)
      .filter((object) => owner.objects.some((other) => other.id === object.id))
      .map((object) => (object.id === before?.id ? { ...object, rules: before.rules } : object));
    return {
      ...rest,
      answered: { id, by, at: now, ...(since === undefined ? {} : { since }) },
      ...(predecessors.length > 0 ? { predecessors } : {}),
    };
  };

/** CloudFormation has moved the object here. An earlier object was retained on purpose. */
export const withMovedHere =
  (id: string, now: number): OwnerChange =>
  ({ predecessors: _, ...owner }) => ({ ...owner, answered: { id, at: now } });

/** The objects that were the answer of a Create or Update, the current one first, and since when. */
export const lineOf = ({
  answered,
  predecessors = [],
}: OwnerRecord): NonNullable<OwnerRecord['predecessors']> =>
  answered === undefined ? [] : [{ id: answered.id, since: answered.since ?? answered.at }, ...predecessors];

/** The logical resource as it was when an earlier object was its answer. */
export const asOf =
  (id: string): OwnerChange =>
  (owner) => {
    const line = lineOf(owner);
    const place = line.findIndex((object) => object.id === id);
    const [current, ...predecessors] = line.slice(Math.max(place, 0));
    return current === undefined
      ? owner
      : { ...owner, answered: { ...current, at: current.since }, predecessors };
  };

/** The generation of a request that is the newest one from now on. */
export const withNewest =
  ({ requestId, attemptId, signedAt }: Generation): OwnerChange =>
  (owner) => {
    const newestSignedAt = Math.max(owner.newestSignedAt ?? 0, signedAt ?? 0);
    return {
      ...owner,
      newest: { requestId, attemptId, ...(signedAt === undefined ? {} : { signedAt }) },
      ...(newestSignedAt > 0 ? { newestSignedAt } : {}),
    };
  };

type Generation = { requestId: string; attemptId: string; signedAt?: number };

/** The object that an attempt answered, remembered while its request is the newest one. */
export const withAnsweredObject =
  (attemptId: string, { kind, id }: ObjectKey): OwnerChange =>
  ({ newest, ...owner }) => ({
    ...owner,
    ...(newest
      ? { newest: newest.attemptId === attemptId ? { ...newest, object: { kind, id } } : newest }
      : {}),
  });

/**
 * A new generation of a request that succeeded before, and whose answer is not repeated. Where CloudFormation
 * does not name the object of that answer, a later request of the logical resource removes it.
 */
export const withForgotten =
  ({ requestId, physicalId }: { requestId: string; physicalId?: string }): OwnerChange =>
  (owner) => {
    const { newest } = owner;
    const object = newest?.requestId === requestId ? newest.object : undefined;
    return object === undefined || object.id === physicalId ? owner : withLeftover(object)(owner);
  };

/** An attempt takes the place of another one, whose steps and answer it has. */
export const withAttemptReplaced =
  (attemptId: string, by: string): OwnerChange =>
  (owner) => ({
    ...owner,
    ...(owner.newestCreate === attemptId ? { newestCreate: by } : {}),
    ...(owner.answered?.by === attemptId ? { answered: { ...owner.answered, by } } : {}),
  });

/** The part of a request that shows its place among the requests of its logical resource. */
export interface Beginning {
  requestId: string;
  attemptId: string;
  type: string;
  /** Fingerprint of its properties. */
  wanted: string;
  /** Fingerprint of its old properties; of an Update only. */
  wantedBefore?: string;
  /** Milliseconds since the epoch. */
  signedAt?: number;
  /** The thing that its PhysicalResourceId names. */
  names?: 'an object' | 'an unanswered Create';
}

/** An attempt that begins: an invocation works on it. */
export const withBegun =
  ({ attemptId, type, names, wanted }: Beginning): OwnerChange =>
  ({ newestCreate, ...owner }) => {
    // A request that names an object follows an answered Create, so no Delete will ask for the newest Create.
    const create = type === 'Create' ? attemptId : names === 'an object' ? undefined : newestCreate;
    return {
      ...owner,
      current: attemptId,
      ...(type === 'Delete' ? {} : { wanted }),
      ...(create === undefined ? {} : { newestCreate: create }),
    };
  };

/** Notes the request that this one has overtaken, where there is one. */
export const withOvertaken =
  (request: Beginning): OwnerChange =>
  (owner) => {
    const overtaken = overtakenBy(request, owner);
    return overtaken ? { ...owner, overtaken } : owner;
  };

function overtakenBy(
  { requestId, type, names, wanted, wantedBefore, signedAt }: Beginning,
  { wanted: lastWanted, newest, newestCreate }: OwnerRecord,
): Overtaken | undefined {
  // Without a date nothing is assumed. Dates that are far apart show the order anyway.
  if (signedAt === undefined) return undefined;
  // A new generation starts from the same properties as the one before.
  if (newest?.requestId === requestId) return undefined;
  if (type === 'Update' && wantedBefore !== undefined && lastWanted !== undefined)
    return wantedBefore === lastWanted
      ? undefined
      : { signedAt, wanted: wantedBefore, wantedBefore: lastWanted };
  const isOfUnknownCreate = newestCreate === undefined || lastWanted !== wanted;
  const isShown = type === 'Delete' && names === 'an unanswered Create' && isOfUnknownCreate;
  return isShown ? { signedAt, wanted } : undefined;
}

/** The attempt has sent a write, which has to be undone if the request does not succeed. */
export const withUnfinished =
  (attemptId: string): OwnerChange =>
  (owner) => ({
    ...owner,
    unfinished: [...owner.unfinished.filter((other) => other !== attemptId), attemptId],
  });

/** Nobody works on the attempt any more. */
export const withEnded =
  (attemptId: string): OwnerChange =>
  ({ current, ...owner }) =>
    current === undefined || current === attemptId ? owner : { ...owner, current };

/** Nobody works on the attempt any more, and nothing of it is left to undo. */
export const withFinished =
  (attemptId: string): OwnerChange =>
  (owner) => ({
    ...withEnded(attemptId)(owner),
    unfinished: owner.unfinished.filter((other) => other !== attemptId),
  });

/**
 * The write of an owner record. A logical resource that owns nothing, and that owes no Delete, is remembered
 * for a week, so that the order of its requests is known.
 */
export function ownerWrite(read: Versioned<OwnerRecord> | undefined, body: OwnerRecord, now: number): Change {
  const isDeleteOwed = body.letGo?.some(({ isOver }) => isOver !== true) ?? false;
  const isNeeded = body.objects.length > 0 || body.unfinished.length > 0 || isDeleteOwed;
  return { key: ownerKey(body), body, read, ...(isNeeded ? {} : { expiresAt: inAWeek(now) }) };
}
