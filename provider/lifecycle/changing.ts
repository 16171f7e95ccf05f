/** Carries out what an Update is planned to do with its object: nothing, a write, or a new object. */
import { messageOf } from '../../common/errors.ts';
import type { Form, ObjectRecord, OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { type Absence, isAbsence, noteGone, notSeen, sightAfter, usersOf } from './absence.ts';
import { formOf, withForm } from './form.ts';
import { type Job, openOperation, refuseOtherOrganization } from './job.ts';
import { newRecord, type Operation } from './operation.ts';
import { answer, leftBehind, ownIdsOf, saysRollback, succeed } from './outcome.ts';
import { isQuestion, planAbsence, wantedEndOf } from './plan.ts';
import { CannotMakeAnewError, PlaceGoneError, type RemoteObject, type Result } from './resource-type.ts';
import { giveBackUntouched, undoStep } from './undo.ts';

/** An Update that is carried out. */
export interface Work {
  job: Job;
  attempt: OpenAttempt;
  owner: OwnerRecord;
  object: RemoteObject;
  appliedBefore: boolean;
  /** The wanted form. */
  form: Form;
  /** Typed and resolved; undefined where nothing is written. */
  properties: unknown;
}

// ---- nothing is written

/** The object is as it is wanted. */
export async function answerAsItIs({ job, attempt, object, appliedBefore }: Work): Promise<Verdict> {
  const { id, record } = object;
  const leftover = await leftBehind(job, id, appliedBefore);
  if (record?.refused === undefined) return answer(attempt, id, record?.attributes ?? {}, { leftover });
  // CloudFormation goes back from the refused form by this request, and never names it again.
  const { refused: _, ...asItIs } = record;
  return answer(attempt, id, record.attributes, { leftover, object: asItIs });
}

/** A rollback to an object that is not to be seen: the next update writes it. */
export async function answerUnseen({ job, attempt, object, appliedBefore, form }: Work): Promise<Verdict> {
  const { id, record } = object;
  job.parts.log.warn('the rollback goes back to an object that is not to be seen', { id });
  const leftover = await leftBehind(job, id, appliedBefore);
  const verdict = await answer(attempt, id, record?.attributes ?? {}, {
    leftover,
    ...(record ? { object: { ...record, applied: withForm(record.applied, form), dirty: true } } : {}),
  });
  return withRemark(
    verdict,
    `${id} is not to be seen at present: Genesys Cloud answers 404 for it. The rollback goes back to it all the same, and the next update writes it.`,
  );
}

/** The answer with news for a person. */
const withRemark = (verdict: Verdict, remark: string): Verdict =>
  verdict.status === 'SUCCESS' ? { ...verdict, remark } : verdict;

// ---- the object is written

/** Writes what differs into the existing object; makes it anew when it is gone. */
export async function converge(work: Work): Promise<Verdict> {
  const { job, attempt, owner, object, properties } = work;
  let record = object.record;
  let isNoted = false;
  const operation: Operation = await open(work, async (details, claim) => {
    if (isNoted && details === undefined) return;
    const last: ObjectRecord = record ?? recordOfUnknown(job, object.id, operation);
    const claims = [...new Set([...(last.claims ?? []), ...(claim === undefined ? [] : [claim])])];
    const dirty: ObjectRecord = {
      ...last,
      dirty: true,
      details: { ...last.details, ...details },
      ...(claims.length > 0 ? { claims } : {}),
    };
    await attempt.keep(dirty);
    record = dirty;
    isNoted = true;
  });
  refuseOtherOrganization(job, owner, object, operation);
  let result: Result;
  try {
    result = await job.type.update(object, properties, operation);
  } catch (error) {
    const last = record ?? recordOfUnknown(job, object.id, operation);
    if (isAbsence(error)) return withoutObject(work, error, operation, last);
    if (isNoted) await cleanIfUntouched(work, operation);
    throw error;
  }
  return succeed(job, operation, result, record ?? recordOfUnknown(job, object.id, operation));
}

/**
 * The first write was clearly refused, and none came before it. So an object that was clean still is, and
 * going back to what was applied last needs no write: that may be refused as well.
 */
async function cleanIfUntouched({ job, attempt, object, form }: Work, { session }: Operation): Promise<void> {
  const { record } = object;
  if (record === undefined || record.dirty || session.mayHaveWritten || job.deadline.signal.aborted) return;
  await attempt.keep({ ...record, refused: form }).catch((problem: unknown) => {
    job.parts.log.warn('the refusal could not be noted', { id: object.id, problem: messageOf(problem) });
  });
}

/** The record of an object that the ledger does not know, though an Update names it. */
export function recordOfUnknown({ type, request }: Job, id: string, operation: Operation): ObjectRecord {
  const { properties, oldProperties } = request;
  return {
    ...newRecord(operation, type.kind, id),
    // The ledger does not say its origin any more, so the properties have to.
    origin: type.adoption?.saysAdopted(properties) ? 'adopted' : 'created',
    // CloudFormation names an object only after a request that succeeded with it.
    applied: oldProperties ? [formOf(type, oldProperties)] : [],
  };
}

/** Goes on where the object is missing. @param record its record as it was noted last */
async function withoutObject(
  work: Work,
  absence: Absence,
  operation: Operation,
  record: ObjectRecord,
): Promise<Verdict> {
  const { job, attempt, object, appliedBefore } = work;
  const { oldProperties, properties } = job.request;
  const sight = await sightAfter(absence, job, object.id, oldProperties ?? properties, operation);
  let plan = planAbsence({ sight, appliedBefore });
  if (isQuestion(plan))
    plan = planAbsence({ sight, appliedBefore }, { isRollingBack: await saysRollback(job) });
  if (isQuestion(plan) || plan.do === 'refuse') {
    await cleanIfUntouched(work, operation);
    throw await notSeen(job, object.id, sight === 'listed', operation);
  }
  if (plan.do === 'answer unseen') return answerUnseen({ ...work, object: { id: object.id, record } });
  const users = await usersOf(job, object.id, operation);
  // From here on no clean-up deletes it, should it be seen again.
  await noteGone(job, attempt, record, { users });
  const verdict = await makeAnew(work, operation).catch(async (error: unknown) => {
    // No update can make it before its place is there again, and the rollback must not fail by that.
    const cannot = error instanceof PlaceGoneError || error instanceof CannotMakeAnewError;
    const isRollback = appliedBefore && cannot && (await saysRollback(job)) === true;
    if (!isRollback) throw error;
    const noted = await attempt.object(job.type.kind, object.id);
    return answerUnseen({ ...work, object: { id: object.id, record: noted ?? record } });
  });
  return verdict.status === 'SUCCESS'
    ? withRemark(verdict, remarkOn(object.id, verdict.physicalId, users))
    : verdict;
}

// ---- another object is made

/**
 * Makes another object, unless that takes something away from others. CloudFormation then deletes this one.
 */
export async function replace(work: Work): Promise<Verdict> {
  const { job, owner, object, properties } = work;
  const operation = await open(work);
  refuseOtherOrganization(job, owner, object, operation);
  try {
    await guardReplacement(job, object, properties, operation);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    const record = object.record ?? recordOfUnknown(job, object.id, operation);
    return withoutObject(work, error, operation, record);
  }
  return makeAnew(work, operation);
}

/** The guard of a replacement whose clean-up would delete the old object. */
export async function guardReplacement(
  { type, request }: Job,
  object: RemoteObject,
  properties: unknown,
  operation: Operation,
): Promise<void> {
  const old = request.oldProperties ?? {};
  const end = wantedEndOf(object, {
    wantedEnd: type.adoption?.wantedEnd(old),
    saysAdopted: type.adoption?.saysAdopted(old) ?? false,
  });
  if (end === 'delete') await type.guardReplacement?.(object, old, operation, properties);
}

/** Makes the new object and leaves the old one to CloudFormation; on failure nothing new is left. */
async function makeAnew(work: Work, operation: Operation): Promise<Verdict> {
  const { job, object, properties } = work;
  const { attempt } = operation;
  const isRepeat = attempt.steps.length > 0;
  try {
    const result = await job.type.create(properties, operation, object);
    return await succeed(job, operation, result);
  } catch (error) {
    if (!isRepeat) await giveBackUntouched(job, operation);
    // The answer names the old id, so CloudFormation would never delete the new object.
    await attempt
      .undo((step) => undoStep(job, step, operation))
      .catch((problem: unknown) => {
        job.parts.log.warn('what a failed replacement made is still there', { problem: messageOf(problem) });
      });
    throw error;
  }
}

/** @param users of the gone object, which go on naming it */
function remarkOn(gone: string, made: string, users: readonly string[]): string {
  const madeAnew = `${gone} is gone, and ${made} was made in its place: the id is new.`;
  return users.length === 0
    ? `${madeAnew} Point to it whatever names the former one by its id, such as flows.`
    : `${madeAnew} The former one was used by ${users.join(', ')}: point them to the new one.`;
}

/** @param markDirty missing where the old object is not written */
const open = (
  { job, attempt, owner, appliedBefore, properties }: Work,
  markDirty?: Operation['markDirty'],
): Promise<Operation> =>
  openOperation(job, attempt, {
    properties,
    appliedBefore,
    exists: appliedBefore,
    ownIds: ownIdsOf(job, owner),
    ...(markDirty ? { markDirty } : {}),
  });
