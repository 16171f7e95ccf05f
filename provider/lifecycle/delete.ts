import {
  asOf,
  lineOf,
  type OpenAttempt,
  OwnerChangedError,
  type OwnerRecord,
  sameOwner,
} from '../ledger/index.ts';
import { nothingCreated, type PhysicalId, readPhysicalId, type Verdict } from '../protocol/index.ts';
import { isLeftOver, withEndRules } from './ends.ts';
import { deleteFacts } from './facts.ts';
import { type Job, openOperation } from './job.ts';
import { NotRemovedError } from './noting.ts';
import { answer, saysRollback } from './outcome.ts';
import {
  type DeleteFacts,
  type DeletePlan,
  isQuestion,
  type Known,
  planDelete,
  type TakeAlong,
  wantedEndOf,
} from './plan.ts';
import { asFinal, askStack, takeAlong } from './stack-questions.ts';
import { leaveUnansweredOver } from './unanswered.ts';
import { endObject, needsNoGuard, removeObject, undoGenerations, undoRequest } from './undo.ts';

/** A Delete: facts are read, a plan is made from them, and carried out, for one object after the other. */
export async function remove(job: Job, attempt: OpenAttempt, given: OwnerRecord): Promise<Verdict> {
  const { physicalId, stackId, logicalId, attemptId } = job.request;
  let physical = readPhysicalId(physicalId, stackId, logicalId);
  let owner =
    physical.kind === 'object' ? await leaveUnansweredOver(job, attempt, given, physical.id) : given;
  let current = job;
  for (;;) {
    const next = await endOneAsItIsNow(current, attempt, owner, physical);
    // An answer has to name an id, even where the request named none.
    if (next === undefined) return answer(attempt, physicalId ?? nothingCreated(attemptId), {});
    physical = { kind: 'object', id: next };
    current = withRulesOf(next, owner, current);
    owner = asOf(next)((await job.parts.ledger.owner(job.request, job.deadline)) ?? owner);
  }
}

/** The job with the rules of an object that was to be replaced. The request has those of the new one. */
function withRulesOf(id: string, owner: OwnerRecord, job: Job): Job {
  const rules = lineOf(owner).find((object) => object.id === id)?.rules;
  if (rules === undefined) return job;
  return { ...job, request: { ...job.request, properties: withEndRules(job.request.properties, rules) } };
}

/** Ends one object, and decides again where another Delete has changed what was known of it. */
async function endOneAsItIsNow(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  physical: PhysicalId,
): Promise<string | undefined> {
  try {
    return await endOne(job, attempt, owner, physical);
  } catch (error) {
    if (!(error instanceof OwnerChangedError)) throw error;
    const now = await job.parts.ledger.owner(job.request, job.deadline);
    return endOne(job, attempt, now ?? owner, physical);
  }
}

/** @returns the id of an object that has to end after this one */
async function endOne(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  physical: PhysicalId,
): Promise<string | undefined> {
  const facts = await deleteFacts(job, attempt, owner, physical);
  const plan = await decideDelete(job, attempt, facts);
  if (plan.do === 'undo') {
    await undoRequest(job, plan.attemptId);
    await undoGenerations(job, owner, plan.attemptId);
    await removeLeftOver(job, attempt, owner);
  }
  if (plan.do === 'leave') await leave(job, attempt, plan);
  if (plan.do === 'end') await endNamed(job, attempt, owner, plan);
  if (plan.do === 'finish') await endRest(job, attempt, owner, plan, [plan.object.id]);
  if (plan.do === 'leave the end to another')
    await attempt.leaveEndTo({ kind: job.type.kind, id: plan.object.id }, plan.end);
  if ((plan.do === 'answer' || plan.do === 'leave the end to another') && facts.object)
    job.parts.log.info('deleted by a resource that does not own it: it stays', { id: facts.object.id });
  return plan.do === 'end' || plan.do === 'finish' ? plan.next : undefined;
}

export async function decideDelete(
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
