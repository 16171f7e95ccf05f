import { attemptExpiry, type ObjectRecord, type Owner, type OwnerRecord, ownerKey } from './records.ts';
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

export const withoutObject =
  ({ kind, id }: ObjectKey): OwnerChange =>
  (owner) => ({
    ...owner,
    objects: owner.objects.filter((other) => other.kind !== kind || other.id !== id),
  });

export const withObject =
  ({ kind, id, organization }: ObjectRecord): OwnerChange =>
  (owner) => {
    const { objects } = withoutObject({ kind, id })(owner);
    return { ...owner, objects: [...objects, { kind, id, organization }] };
  };

export const withLeftover =
  ({ kind, id }: ObjectKey): OwnerChange =>
  (owner) => ({
    ...owner,
    objects: owner.objects.map((object) =>
      object.kind === kind && object.id === id ? { ...object, leftover: true } : object,
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

export const withAnswered =
  (id: string, now: number): OwnerChange =>
  (owner) => ({ ...owner, answered: { id, at: now } });

/** A request that begins: the newest one, and the one that is worked on. */
export const withBegun =
  (request: { requestId: string; type: string; signedAt?: number; namesObject?: boolean }): OwnerChange =>
  ({ newestCreate, ...owner }) => {
    const newestSignedAt = Math.max(owner.newestSignedAt ?? 0, request.signedAt ?? 0);
    // A request that names an object follows an answered Create, so no Delete will ask for the newest Create.
    const create =
      request.type === 'Create' ? request.requestId : request.namesObject ? undefined : newestCreate;
    return {
      ...owner,
      current: request.requestId,
      ...(newestSignedAt > 0 ? { newestSignedAt } : {}),
      ...(create === undefined ? {} : { newestCreate: create }),
    };
  };

/** The request has sent a write, which has to be undone if the request does not succeed. */
export const withUnfinished =
  (requestId: string): OwnerChange =>
  (owner) => ({
    ...owner,
    unfinished: [...owner.unfinished.filter((other) => other !== requestId), requestId],
  });

/** Nobody works on the request any more. */
export const withEnded =
  (requestId: string): OwnerChange =>
  ({ current, ...owner }) =>
    current === undefined || current === requestId ? owner : { ...owner, current };

/** Nobody works on the request any more, and nothing of it is left to undo. */
export const withFinished =
  (requestId: string): OwnerChange =>
  (owner) => ({
    ...withEnded(requestId)(owner),
    unfinished: owner.unfinished.filter((other) => other !== requestId),
  });

/**
 * The write of an owner record. A logical resource that owns nothing is remembered for a week, so that the
 * order of its requests is known.
 */
export function ownerWrite(read: Versioned<OwnerRecord> | undefined, body: OwnerRecord, now: number): Change {
  const isNeeded = body.objects.length > 0 || body.unfinished.length > 0;
  return { key: ownerKey(body), body, read, ...(isNeeded ? {} : { expiresAt: attemptExpiry(now) }) };
}
