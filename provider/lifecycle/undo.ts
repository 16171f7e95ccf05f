/** Takes back what requests made, and ends objects that CloudFormation will never name again. */
import { messageOf, RefusedError } from '../../common/errors.ts';
import {
  type FormerEnd,
  type ObjectRecord,
  type OpenAttempt,
  type OwnerRecord,
  type Step,
  sameOwner,
  unfinishedGenerations,
} from '../ledger/index.ts';
import { noteGone } from './absence.ts';
import { type End, isLeftOver, undoingOf } from './ends.ts';
import { type Job, openOperation, refuseOtherOrganization } from './job.ts';
import { underLease } from './lease.ts';
import { NotRemovedError, noteFailure } from './noting.ts';
import { type Operation, sealedFor } from './operation.ts';
import {
  type DeletionGuard,
  missingAndListed,
  NotSeenError,
  type RawProperties,
  type RemoteObject,
  type Removal,
} from './resource-type.ts';

/** Undoes everything that this request made. @throws where something of it is still there */
export async function undoOwnSteps(job: Job, attempt: OpenAttempt): Promise<void> {
  const operation = await openOperation(job, attempt, { exists: true });
  await attempt.undo((step) => undoStep(job, step, operation));
}

/**
 * Undoes what another request of this logical resource made.
 * @param gone ids of what needs no call any more
 */
export async function undoRequest(job: Job, attemptId: string, gone: readonly string[] = []): Promise<void> {
  const { parts, request, deadline } = job;
  const attempt = await parts.ledger.takeOver(request.stackId, attemptId, request.requestId, deadline);
  if (attempt === undefined) return;
  try {
    await underLease(attempt, job, async (leased) => {
      let operation: Operation | undefined;
      await attempt.undo(async (step) => {
        if (step.id !== undefined && gone.includes(step.id)) return;
        operation ??= await openOperation(leased, attempt, { exists: true });
        await undoStep(leased, step, operation);
      });
    });
  } catch (error) {
    // The next request can then take the attempt over at once, without waiting for our lease to end.
    await noteFailure(job, attempt, messageOf(error));
    throw error;
  }
}

/** Undoes another request as far as that is possible now. The next request tries again. */
export async function undoRequestOrLeave(job: Job, attemptId: string): Promise<void> {
  try {
    await undoRequest(job, attemptId);
  } catch (error) {
    if (job.deadline.signal.aborted) throw error;
    job.parts.log.warn('what an earlier request made is still there', {
      attemptId,
      problem: messageOf(error),
    });
  }
}

/** Undoes what the other generations of a request left: to CloudFormation they are one request. */
export async function undoGenerations(
  job: Job,
  owner: OwnerRecord,
  attemptId = job.request.attemptId,
): Promise<void> {
  for (const other of unfinishedGenerations(owner, attemptId)) await undoRequest(job, other);
}

/**
 * Undoes replacements that died half-way, before anything else is done for their logical resource; as far as
 * possible, since a rollback must not fail by it.
 * @returns requests that made mere parts, such as a credential: the object may use those until it is
 * converged
 */
export async function undoUnfinished(job: Job, owner: OwnerRecord): Promise<string[]> {
  const { parts, type, request, deadline } = job;
  const madeParts: string[] = [];
  for (const attemptId of owner.unfinished) {
    if (attemptId === request.attemptId || attemptId === owner.newestCreate) continue;
    const steps = await parts.ledger.steps(request.stackId, attemptId, deadline);
    if (steps.some(({ kind }) => kind === type.kind)) await undoRequestOrLeave(job, attemptId);
    else madeParts.push(attemptId);
  }
  return madeParts;
}

/**
 * Gives an adopted object back to its former owner without a write, after the first write to it was clearly
 * refused. The object is unchanged, and a write that puts it back could be refused as well.
 */
export async function giveBackUntouched(job: Job, { attempt, session, progress }: Operation): Promise<void> {
  if (session.mayHaveWritten || job.deadline.signal.aborted) return;
  try {
    for (const { step, index } of attempt.steps) {
      if (step.adoptedBy === undefined) continue;
      await attempt.unmade(index);
      progress.hasNoObject();
    }
  } catch (problem) {
    job.parts.log.warn('what was taken over in vain is left to the rollback', {
      problem: messageOf(problem),
    });
  }
}

/** Undoes a step of an attempt, unless another logical resource owns by now what it made. */
export async function undoStep(job: Job, step: Step, operation: Operation): Promise<void> {
  const { attempt, request } = operation;
  const record = step.id === undefined ? undefined : await attempt.object(step.kind, step.id);
  if (record && !sameOwner(record.owner, request)) return;
  if (step.adoptedBy === undefined) return job.type.undo(step, operation);
  // A record that says nothing of this adoption means that the object was put back already.
  if (record?.adoption?.attemptId !== step.adoptedBy) return;
  const object = { id: record.id, record };
  // Its former owner is deleted, and wanted the object deleted.
  const end = (await attempt.formerEnd(record)) === 'delete' ? 'delete' : 'put back';
  await removeOrPutBack(job, end, object, {}, operation);
}

/** A clean-up may delete the object without asking a guard first. */
export const needsNoGuard = ({ deletionGuard: guard }: Job['type'], properties: RawProperties): boolean =>
  guard === undefined || !guard.applies(properties) || guard.holdsInCleanUp;

/** The guard that is asked before an object ends; undefined where none is. */
export function guardOf({ type, request }: Job, end: End, guarded: boolean): DeletionGuard | undefined {
  const guard = type.deletionGuard;
  if (end !== 'delete' || guard === undefined || !guard.applies(request.properties)) return undefined;
  return guarded || guard.holdsInCleanUp ? guard : undefined;
}

interface Ending {
  object: RemoteObject;
  end: End;
  /** The end that its former owner wants, as it was when `end` was decided. */
  formerEnd: FormerEnd | undefined;
}

/**
 * Ends the object of a Delete.
 * @param guarded others may need it: the type's guard is asked
 * @returns ids of everything that is gone
 * @throws NotRemovedError where it was to be deleted, no guard refused, and it may still be there;
 * OwnerChangedError where its former owner's Delete has come meanwhile
 */
export async function endObject(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  { guarded, ...ending }: Ending & { guarded: boolean },
): Promise<string[]> {
  const { type, request } = job;
  const { object, end } = ending;
  const guard = guardOf(job, end, guarded);
  let isRemovalOwed = end === 'delete' && needsNoGuard(type, request.properties);
  try {
    const operation = await openOperation(job, attempt);
    refuseOtherOrganization(job, owner, object, operation);
    if (guard) {
      const isSeen = await guard.refuse(object, request.properties, operation).then(
        () => true,
        (error: unknown) => {
          if (error instanceof NotSeenError) return false;
          if (error instanceof RefusedError) isRemovalOwed = false;
          throw error;
        },
      );
      if (!isSeen) return await endUnseen(job, object, request.properties, operation);
    }
    isRemovalOwed = end === 'delete';
    return await bringToEnd(job, ending, request.properties, operation);
  } catch (error) {
    throw isRemovalOwed ? new NotRemovedError({ kind: type.kind, id: object.id }, error) : error;
  }
}

/**
 * Ends an object whose guard could not be asked, because it is missing. No deletion is sent: the object may
 * be there, and in use. @throws NotSeenError where the list shows it
 */
async function endUnseen(
  job: Job,
  { id, record }: RemoteObject,
  properties: RawProperties,
  operation: Operation,
): Promise<string[]> {
  if (await job.type.isListed(id, properties, operation)) throw missingAndListed(id);
  if (record) await noteGone(job, operation.attempt, record, { claims: [] });
  return [id];
}

/** Removes an object that CloudFormation will never name again, or puts it back. */
export async function removeObject(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  record: ObjectRecord,
): Promise<void> {
  const object = { id: record.id, record };
  const operation = await openOperation(job, attempt);
  refuseOtherOrganization(job, owner, object, operation);
  const end = undoingOf(object);
  const guard = job.type.deletionGuard;
  if (end === 'delete' && guard?.holdsInCleanUp && guard.applies({}))
    await guard.refuse(object, {}, operation);
  await bringToEnd(job, { object, end, formerEnd: await attempt.formerEnd(record) }, {}, operation);
}

/** Removes an object as far as that is possible now: an update back must not fail by it. */
export async function removeObjectOrLeave(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  record: ObjectRecord,
): Promise<void> {
  try {
    await removeObject(job, attempt, owner, record);
  } catch (error) {
    if (job.deadline.signal.aborted) throw error;
    job.parts.log.warn('an object that nothing names any more is still there', {
      id: record.id,
      problem: messageOf(error),
    });
    if (!isLeftOver(owner, record)) await attempt.leaveOver(job.type.kind, record.id);
  }
}

async function bringToEnd(
  job: Job,
  { object, end, formerEnd }: Ending,
  properties: RawProperties,
  operation: Operation,
): Promise<string[]> {
  const { gone, wasMissing } = await removeOrPutBack(job, end, object, properties, operation);
  const { attempt } = operation;
  // Nobody saw its end. So its record stays, without the names that another object may get.
  if (wasMissing && object.record) await noteGone(job, attempt, object.record, { claims: [] });
  else
    await attempt.release(
      { kind: job.type.kind, id: object.id },
      { wasPutBack: end === 'put back', formerEnd },
    );
  return gone;
}

async function removeOrPutBack(
  job: Job,
  end: End,
  object: RemoteObject,
  properties: RawProperties,
  operation: Operation,
): Promise<Removal> {
  if (end === 'delete') return job.type.remove(object, properties, operation);
  if (end === 'put back') return putBack(job, object, operation);
  job.parts.log.info('retained: from now on nobody owns it', { id: object.id });
  return { gone: [object.id], wasMissing: false };
}

/** Makes an adopted object again what it was. */
async function putBack(job: Job, object: RemoteObject, operation: Operation): Promise<Removal> {
  const { id, record } = object;
  const { sealing, organization, deadline } = operation;
  const before = await sealing.unseal(
    record?.adoption?.before ?? '',
    sealedFor(organization.id, job.type.kind, id),
    deadline,
  );
  if (before === undefined || job.type.adoption === undefined) {
    throw new RefusedError(
      `The state of ${id} before its adoption cannot be read: it was sealed with a key that is none of this provider's. Leave the object as it is, by delete-stack with --retain-resources.`,
    );
  }
  return job.type.adoption.putBack(object, JSON.parse(before), operation);
}
