import { type OpenAttempt, type OwnerRecord, sameOwner } from '../ledger/index.ts';
import { nothingCreated, type Verdict } from '../protocol/index.ts';
import { deleteFacts } from './facts.ts';
import { type Job, openOperation } from './job.ts';
import { NotRemovedError } from './noting.ts';
import { answer, saysRollback } from './outcome.ts';
import {
  type DeleteFacts,
  type DeletePlan,
  isLeftOver,
  isQuestion,
  type Known,
  planDelete,
  type TakeAlong,
  wantedEndOf,
} from './plan.ts';
import { asFinal, askStack, takeAlong } from './stack-questions.ts';
import { endObject, needsNoGuard, removeObject, undoGenerations, undoRequest } from './undo.ts';

/** A Delete: facts are read, a plan is made from them, and carried out. */
export async function remove(job: Job, attempt: OpenAttempt, owner: OwnerRecord): Promise<Verdict> {
  const facts = await deleteFacts(job, attempt, owner);
  const plan = await decideDelete(job, attempt, facts);
  if (plan.do === 'undo') {
    await undoRequest(job, plan.attemptId);
    await undoGenerations(job, owner, plan.attemptId);
    await removeLeftOver(job, attempt, owner);
  }
  if (plan.do === 'leave') await leave(job, attempt, plan);
  if (plan.do === 'end') await endNamed(job, attempt, owner, plan);
  if (plan.do === 'finish') await endRest(job, attempt, owner, plan, [plan.object.id]);
  if (plan.do === 'answer' && facts.object)
    job.parts.log.info('deleted by a resource that does not own it: it stays', { id: facts.object.id });
  const { physicalId, attemptId } = job.request;
  // An answer has to name an id, even where the request named none.
  return answer(attempt, physicalId ?? nothingCreated(attemptId), {});
}

async function decideDelete(
  job: Job,
  attempt: OpenAttempt,
  given: DeleteFacts,
): Promise<Exclude<DeletePlan, TakeAlong>> {
  let facts = given;
  let known: Known = {};
  try {
    for (;;) {
      const plan = planDelete(facts, known);
      if (isQuestion(plan)) known = { ...known, ...(await askStack(job, plan)) };
      else if (plan.do !== 'take along') return plan;
      else facts = { ...facts, object: await takeAlong(job, attempt, plan.record) };
    }
  } catch (error) {
    const { object } = facts;
    throw object && isRemovalOwed(job, facts)
      ? new NotRemovedError({ kind: job.type.kind, id: object.id }, error)
      : error;
  }
}

/** The object is to be deleted, and no guard has to be asked before. */
const isRemovalOwed = ({ type, request }: Job, facts: DeleteFacts): boolean =>
  facts.object !== undefined &&
  facts.object.record?.believedGoneAt === undefined &&
  wantedEndOf(facts.object, facts) === 'delete' &&
  needsNoGuard(type, request.properties);

/** An object that is believed gone gives its names up, and keeps its record. */
async function leave(
  job: Job,
  attempt: OpenAttempt,
  { object }: DeletePlan & { do: 'leave' },
): Promise<void> {
  const { id, record } = object;
  job.parts.log.info('the object is believed gone: no deletion is sent for it', { id });
  if (record.claims !== undefined && record.claims.length > 0) await attempt.keep({ ...record, claims: [] });
}

/** Ends the object of a Delete, and after it all that is left of its logical resource. */
async function endNamed(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  plan: DeletePlan & { do: 'end' },
): Promise<void> {
  const gone = await endObject(job, attempt, owner, await withNotes(attempt, plan));
  await endRest(job, attempt, owner, plan, gone);
}

/** @param gone ids of what needs no call any more */
async function endRest(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  { object: { id }, end }: DeletePlan & { do: 'end' | 'finish' },
  gone: readonly string[],
): Promise<void> {
  try {
    for (const attemptId of owner.unfinished) await undoRequest(job, attemptId, gone);
  } catch (error) {
    throw end === 'delete' ? new NotRemovedError({ kind: job.type.kind, id }, error) : error;
  }
  await removeLeftOver(job, attempt, owner, id);
  if (end === 'delete') await removePartsOfGone(job, attempt, owner);
}

/** Removes the left-over objects of the logical resource. @throws where one of them is still there */
async function removeLeftOver(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  exceptId?: string,
): Promise<void> {
  for (const other of owner.objects) {
    if (!isLeftOver(owner, other) || other.id === exceptId) continue;
    const leftOver = await job.parts.ledger.object(other.kind, other.id, job.deadline);
    if (leftOver && leftOver.believedGoneAt === undefined && sameOwner(leftOver.owner, job.request))
      await removeObject(job, attempt, owner, leftOver);
  }
}

/**
 * Removes the credentials of objects that were believed gone, and are still not there. They were kept until
 * now, because an object that is seen again needs its own.
 */
async function removePartsOfGone(job: Job, attempt: OpenAttempt, owner: OwnerRecord): Promise<void> {
  const { type, request, parts, deadline } = job;
  if (type.removeParts === undefined) return;
  const records = await Promise.all(
    owner.objects.map(({ kind, id }) => parts.ledger.object(kind, id, deadline)),
  );
  for (const record of records) {
    if (record?.believedGoneAt === undefined || !sameOwner(record.owner, request)) continue;
    const operation = await openOperation(job, attempt);
    const isThere =
      (await type.exists(record.id, operation)) || (await type.isListed(record.id, {}, operation));
    if (!isThere && (await saysRollback(job)) === false)
      await type.removeParts({ id: record.id, record }, operation);
  }
}

/** Notes in the record what a repeat of this Delete could not find out any more. */
async function withNotes(
  attempt: OpenAttempt,
  plan: DeletePlan & { do: 'end' },
): Promise<DeletePlan & { do: 'end' }> {
  const { record, id } = plan.object;
  if (record?.adoption === undefined || !(plan.noteRollback || plan.noteFinal)) return plan;
  const noted = plan.noteFinal
    ? asFinal(record)
    : { ...record, adoption: { ...record.adoption, rollback: 'begun' as const } };
  await attempt.keep(noted);
  return { ...plan, object: { id, record: noted } };
}
