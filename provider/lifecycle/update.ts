import { messageOf, ProviderError, RefusedError } from '../../common/errors.ts';
import { type OpenAttempt, type OwnerRecord, sameForm, sameOwner } from '../ledger/index.ts';
import { parseProperties } from '../properties/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { noteGone, notSeen, sightOf } from './absence.ts';
import { refuseNotAdmitted } from './admission.ts';
import { answerAsItIs, answerUnseen, converge, replace, type Work } from './changing.ts';
import { updateFacts } from './facts.ts';
import { hasIdentity, identityOf, rawIdentityOf } from './form.ts';
import { type Job, openOperation, refuseOtherOrganization, resolveProperties } from './job.ts';
import { saidBy, saysRollback } from './outcome.ts';
import { keptOutside } from './outside.ts';
import {
  isQuestion,
  type Known,
  planUpdate,
  type Question,
  type Sight,
  type TakeAlong,
  type UpdateFacts,
  type UpdatePlan,
} from './plan.ts';
import type { RemoteObject } from './resource-type.ts';
import { asFinal, askStack, takeAlong } from './stack-questions.ts';
import { leaveUnansweredOver } from './unanswered.ts';
import { removeObjectOrLeave, undoRequestOrLeave, undoUnfinished } from './undo.ts';

/**
 * An Update of an object: facts are read, a plan is made from them, and carried out.
 * @param id of the object that the Update names
 */
export async function update(
  job: Job,
  attempt: OpenAttempt,
  given: OwnerRecord,
  id: string,
): Promise<Verdict> {
  const owner = await leaveUnansweredOver(job, attempt, given, id);
  const madeParts = await undoUnfinished(job, owner);
  const facts = await updateFacts(job, attempt, owner, id);
  try {
    parseWhatIsNotApplied(job);
    const resolve = resolveOnce(job, facts);
    const plan = await decideUpdate(job, attempt, facts, resolve);
    const verdict = await carryOutUpdate(job, attempt, facts, plan, resolve);
    for (const attemptId of madeParts) await undoRequestOrLeave(job, attemptId);
    return verdict;
  } catch (error) {
    await noteRefused(job, attempt, facts);
    throw error;
  }
}

/**
 * Notes that the wanted form was refused before it was written. The rollback of this request then finds the
 * object as it was, and writes nothing, which matters where writes are what is refused.
 */
async function noteRefused(job: Job, attempt: OpenAttempt, { named, form }: UpdateFacts): Promise<void> {
  const { type, deadline, parts } = job;
  if (named.record === undefined || deadline.signal.aborted) return;
  try {
    const record = await attempt.object(type.kind, named.id);
    const isAsBefore = record !== undefined && !record.dirty && sameOwner(record.owner, job.request);
    if (isAsBefore && !sameForm(record.refused, form)) await attempt.keep({ ...record, refused: form });
  } catch (problem) {
    parts.log.warn('the refusal could not be noted', { problem: messageOf(problem) });
  }
}

/**
 * `OnDelete` is not compared with what was applied, but a later Delete reads it. So a new one is judged here.
 */
export function parseWhatIsNotApplied({ type, request: { properties, oldProperties } }: Job): void {
  const changed = (type.notApplied ?? []).some((name) => properties[name] !== oldProperties?.[name]);
  if (changed) parseProperties(type.schema, properties, { references: 'accepted' });
}

/** The properties as the type takes them: read once, when the plan first needs them. */
export type Resolve = (appliedBefore: boolean) => Promise<unknown>;

export function resolveOnce(job: Job, facts: UpdateFacts): Resolve {
  let resolved: Promise<unknown> | undefined;
  return (appliedBefore) => {
    if (!appliedBefore) refuseNotAdmitted(job.parts.settings, job.parts.types, job.request);
    resolved ??= keptOutside(job, facts).then((kept) =>
      resolveProperties(job, job.request.properties, appliedBefore, kept),
    );
    return resolved;
  };
}

export async function decideUpdate(
  job: Job,
  attempt: OpenAttempt,
  given: UpdateFacts,
  resolve: Resolve,
): Promise<Exclude<UpdatePlan, TakeAlong>> {
  let facts = given;
  let known: Known = {};
  for (;;) {
    const plan = planUpdate(facts, known);
    if (isQuestion(plan)) known = { ...known, ...(await answerOf(plan, job, attempt, facts, resolve)) };
    else if (plan.do !== 'take along') return plan;
    else facts = { ...facts, named: await takeAlong(job, attempt, plan.record) };
  }
}

async function answerOf(
  question: Question,
  job: Job,
  attempt: OpenAttempt,
  facts: UpdateFacts,
  resolve: Resolve,
): Promise<Known> {
  switch (question.ask) {
    case 'is the stack rolling back':
      return { isRollingBack: await saysRollback(job) };
    case 'is the adoption final': {
      const said = askStack(job, question).then(({ isFinal }) =>
        isFinal === 'unknown' ? undefined : isFinal,
      );
      return { isFinal: await saidBy(job, said) };
    }
    case 'has the object moved here':
      return askStack(job, question);
    case 'where is the object': {
      const record = facts.others.find(({ id }) => id === question.id);
      return {
        sights: { [question.id]: await look(job, attempt, facts.owner, { id: question.id, record }) },
      };
    }
    case 'can it change in place': {
      const wanted = await resolve(question.appliedBefore);
      return { canChangeInPlace: await canChangeInPlace(job, question, wanted) };
    }
  }
}

/** Looks for an object of before a replacement. Nothing is parsed for it, since it was applied before. */
async function look(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  earlier: RemoteObject,
): Promise<Sight> {
  const operation = await openOperation(job, attempt, { exists: true });
  refuseOtherOrganization(job, owner, earlier, operation);
  return sightOf(job, earlier.id, job.request.properties, operation);
}

async function canChangeInPlace(
  job: Job,
  { object: { record }, appliedBefore }: Question & { ask: 'can it change in place' },
  wanted: unknown,
): Promise<boolean> {
  const { type, request, deadline } = job;
  if (record) return hasIdentity(type, wanted, record);
  // The ledger does not know the object. CloudFormation says what was applied, as far as it still parses.
  const old = request.oldProperties ?? {};
  try {
    return identityOf(type, await resolveProperties(job, old, appliedBefore)) === identityOf(type, wanted);
  } catch (error) {
    if (!(error instanceof ProviderError) || deadline.signal.aborted) throw error;
    return rawIdentityOf(type, old) === rawIdentityOf(type, request.properties);
  }
}

async function carryOutUpdate(
  job: Job,
  attempt: OpenAttempt,
  { owner, form }: UpdateFacts,
  plan: Exclude<UpdatePlan, TakeAlong>,
  resolve: Resolve,
): Promise<Verdict> {
  if (plan.do === 'refuse') throw new RefusedError(plan.message);
  if (plan.do === 'refuse unseen') {
    const operation = await openOperation(job, attempt, { exists: true });
    throw await notSeen(job, plan.object.id, plan.isListed, operation);
  }
  const { appliedBefore } = plan;
  const writes = plan.do === 'converge' || plan.do === 'replace';
  const properties = writes ? await resolve(appliedBefore) : undefined;
  const object = plan.noteFinal ? await noteFinal(attempt, plan.object) : plan.object;
  for (const record of plan.gone) await noteGone(job, attempt, record);
  for (const record of plan.remove) await removeObjectOrLeave(job, attempt, owner, record);
  const work: Work = { job, attempt, owner, object, appliedBefore, form, properties };
  switch (plan.do) {
    case 'answer':
      return answerAsItIs(work);
    case 'answer unseen':
      return answerUnseen(work);
    case 'converge':
      return converge(work);
    case 'replace':
      return replace(work);
  }
}

async function noteFinal(attempt: OpenAttempt, object: RemoteObject): Promise<RemoteObject> {
  if (object.record === undefined) return object;
  const record = asFinal(object.record);
  await attempt.keep(record);
  return { ...object, record };
}
