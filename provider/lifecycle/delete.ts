import { type ObjectRecord, type OpenAttempt, type OwnerRecord, sameOwner } from '../ledger/index.ts';
import { nothingCreated, type Verdict } from '../protocol/index.ts';
import { AwsError } from '../runtime/errors.ts';
import { deleteFacts } from './facts.ts';
import type { Job } from './job.ts';
import { answer } from './outcome.ts';
import {
  type DeleteFacts,
  type DeletePlan,
  isLeftOver,
  isQuestion,
  planDelete,
  wantedEndOf,
} from './plan.ts';
import { endObject, NotRemovedError, removeObject, undoGenerations, undoRequest } from './undo.ts';

/** A Delete: facts are read, a plan is made from them, and carried out. */
export async function remove(job: Job, attempt: OpenAttempt, owner: OwnerRecord): Promise<Verdict> {
  const facts = await deleteFacts(job, attempt, owner);
  const plan = await decideDelete(job, attempt, facts);
  if (plan.do === 'undo') {
    await undoRequest(job, plan.attemptId);
    await undoGenerations(job, owner, plan.attemptId);
    await removeLeftOver(job, attempt, owner);
  }
  if (plan.do === 'end') await endNamed(job, attempt, owner, plan);
  if (plan.do === 'answer' && facts.object)
    job.parts.log.info('deleted by a resource that does not own it: it stays', { id: facts.object.id });
  const { physicalId, attemptId } = job.request;
  // An answer has to name an id, even where the request named none.
  return answer(attempt, physicalId ?? nothingCreated(attemptId), {});
}

async function decideDelete(job: Job, attempt: OpenAttempt, facts: DeleteFacts): Promise<DeletePlan> {
  try {
    let plan = planDelete(facts);
    while (isQuestion(plan)) plan = planDelete(facts, { isRollingBack: await job.isRollingBack() });
    return plan;
  } catch (error) {
    const { object } = facts;
    // A repeat of this Delete may come when the stack no longer says that it rolls back.
    if (object?.record && error instanceof AwsError && !job.deadline.signal.aborted)
      await noteRollback(attempt, object.record, 'unknown');
    throw object && isRemovalOwed(job, facts)
      ? new NotRemovedError({ kind: job.type.kind, id: object.id }, error)
      : error;
  }
}

/** The object is to be deleted, and no guard has to be asked before. */
const isRemovalOwed = ({ type, request }: Job, facts: DeleteFacts): boolean =>
  facts.object !== undefined &&
  wantedEndOf(facts.object, facts) === 'delete' &&
  !(type.deletionGuard?.applies(request.properties) && !type.deletionGuard.holdsInCleanUp);

async function noteRollback(
  attempt: OpenAttempt,
  record: ObjectRecord,
  rollback: 'begun' | 'unknown',
): Promise<void> {
  if (record.adoption) await attempt.keep({ ...record, adoption: { ...record.adoption, rollback } });
}

/** Ends the object of a Delete, and after it all that is left of its logical resource. */
async function endNamed(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  plan: DeletePlan & { do: 'end' },
): Promise<void> {
  const { record, id } = plan.object;
  if (plan.noteRollback && record) await noteRollback(attempt, record, 'begun');
  const gone = await endObject(job, attempt, owner, plan);
  try {
    for (const attemptId of owner.unfinished) await undoRequest(job, attemptId, gone);
  } catch (error) {
    throw plan.end === 'delete' ? new NotRemovedError({ kind: job.type.kind, id }, error) : error;
  }
  await removeLeftOver(job, attempt, owner, id);
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
    if (leftOver && sameOwner(leftOver.owner, job.request)) await removeObject(job, attempt, owner, leftOver);
  }
}
