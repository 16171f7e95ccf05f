import type { ObjectRecord, OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import { parseProperties } from '../properties/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { messageOf, ProviderError, RefusedError } from '../runtime/errors.ts';
import { refuseNotAdmitted } from './admission.ts';
import { updateFacts } from './facts.ts';
import { formOf, hasIdentity, identityOf, rawIdentityOf } from './form.ts';
import { type Job, openOperation, refuseOtherOrganization, resolveProperties } from './job.ts';
import { newRecord, type Operation } from './operation.ts';
import { answer, isKnownToRollBack, leftBehind, ownIdsOf, succeed } from './outcome.ts';
import {
  isQuestion,
  type Known,
  planUpdate,
  type Question,
  type UpdateFacts,
  type UpdatePlan,
  wantedEndOf,
} from './plan.ts';
import { GoneError, type RemoteObject, type Result } from './resource-type.ts';
import { removeObjectOrLeave, undoRequestOrLeave, undoStep, undoUnfinished } from './undo.ts';
import { GONE_AFTER_MILLISECONDS, until } from './waiting.ts';

/**
 * An Update of an object: facts are read, a plan is made from them, and carried out.
 * @param id of the object that the Update names
 */
export async function update(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  id: string,
): Promise<Verdict> {
  const madeParts = await undoUnfinished(job, owner);
  parseWhatIsNotApplied(job);
  const facts = await updateFacts(job, attempt, owner, id);
  const resolve = resolveOnce(job);
  const plan = await decideUpdate(job, attempt, facts, resolve);
  const verdict = await carryOutUpdate(job, attempt, facts, plan, resolve);
  for (const attemptId of madeParts) await undoRequestOrLeave(job, attemptId);
  return verdict;
}

/**
 * `OnDelete` is not compared with what was applied, but a later Delete reads it. So a new one is judged here.
 */
function parseWhatIsNotApplied({ type, request: { properties, oldProperties } }: Job): void {
  const changed = (type.notApplied ?? []).some((name) => properties[name] !== oldProperties?.[name]);
  if (changed) parseProperties(type.schema, properties);
}

/** The properties as the type takes them: read once, when the plan first needs them. */
type Resolve = (appliedBefore: boolean) => Promise<unknown>;

function resolveOnce(job: Job): Resolve {
  let resolved: Promise<unknown> | undefined;
  return (appliedBefore) => {
    if (!appliedBefore) refuseNotAdmitted(job.parts.settings, job.parts.types, job.request);
    resolved ??= resolveProperties(job, job.request.properties, appliedBefore);
    return resolved;
  };
}

async function decideUpdate(
  job: Job,
  attempt: OpenAttempt,
  facts: UpdateFacts,
  resolve: Resolve,
): Promise<UpdatePlan> {
  let known: Known = {};
  for (;;) {
    const plan = planUpdate(facts, known);
    if (!isQuestion(plan)) return plan;
    known = { ...known, ...(await answerOf(plan, job, attempt, facts, resolve)) };
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
      return { isRollingBack: await isKnownToRollBack(job) };
    case 'is the object there': {
      const record = facts.others.find(({ id }) => id === question.id);
      const isThere = await isStillThere(job, attempt, facts.owner, { id: question.id, record });
      return { isThere: { [question.id]: isThere } };
    }
    case 'can it change in place': {
      const wanted = await resolve(question.appliedBefore);
      return { canChangeInPlace: await canChangeInPlace(job, question, wanted) };
    }
  }
}

/**
 * Whether an object of before a replacement is there. Nothing is parsed for it, since it was applied before.
 */
async function isStillThere(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  earlier: RemoteObject,
): Promise<boolean> {
  const operation = await openOperation(job, attempt, { exists: true });
  refuseOtherOrganization(job, owner, earlier, operation);
  const isThere = async () => (await job.type.exists(earlier.id, operation)) || undefined;
  return (await until(isThere, GONE_AFTER_MILLISECONDS, operation)) ?? false;
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
  { owner }: UpdateFacts,
  plan: UpdatePlan,
  resolve: Resolve,
): Promise<Verdict> {
  if (plan.do === 'refuse') throw new RefusedError(plan.message);
  const { object, appliedBefore } = plan;
  const properties = plan.do === 'answer' ? undefined : await resolve(appliedBefore);
  for (const record of plan.remove) await removeObjectOrLeave(job, attempt, owner, record);
  const leftOver = await leftBehind(job, object.id, appliedBefore);
  if (plan.do === 'answer') return answer(attempt, object.id, object.record?.attributes ?? {}, leftOver);
  const ownIds = ownIdsOf(job, owner);
  const open = (markDirty?: Operation['markDirty']) =>
    openOperation(job, attempt, {
      properties,
      appliedBefore,
      exists: appliedBefore,
      ownIds,
      ...(markDirty ? { markDirty } : {}),
    });
  if (plan.do === 'converge') return converge(job, attempt, owner, plan, properties, open);
  const operation = await open();
  refuseOtherOrganization(job, owner, object, operation);
  await guardReplacement(job, object, properties, operation);
  return replace(job, object, properties, operation, appliedBefore);
}

/** Writes what differs into the existing object; makes it anew when it is gone. */
async function converge(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  { object, appliedBefore }: { object: RemoteObject; appliedBefore: boolean },
  properties: unknown,
  open: (markDirty: Operation['markDirty']) => Promise<Operation>,
): Promise<Verdict> {
  let record = object.record;
  let isNoted = false;
  const operation: Operation = await open(async (details, claim) => {
    if (isNoted && details === undefined) return;
    const before: ObjectRecord = record ?? recordOfUnknown(job, object.id, operation);
    const claims = [...new Set([...(before.claims ?? []), ...(claim === undefined ? [] : [claim])])];
    const dirty: ObjectRecord = {
      ...before,
      dirty: true,
      details: { ...before.details, ...details },
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
    if (!(error instanceof GoneError)) throw error;
    job.parts.log.warn('the object is gone: making it anew', { id: object.id });
    return replace(job, object, properties, operation, appliedBefore);
  }
  return succeed(job, operation, result, appliedBefore, record ?? recordOfUnknown(job, object.id, operation));
}

/** The record of an object that the ledger does not know, though an Update names it. */
function recordOfUnknown({ type, request }: Job, id: string, operation: Operation): ObjectRecord {
  const { properties, oldProperties } = request;
  return {
    ...newRecord(operation, type.kind, id),
    // The ledger does not say its origin any more, so the properties have to.
    origin: type.adoption?.saysAdopted(properties) ? 'adopted' : 'created',
    // CloudFormation names an object only after a request that succeeded with it.
    applied: oldProperties ? [formOf(type, oldProperties)] : [],
  };
}

/** The guard of a replacement whose clean-up would delete the old object. */
async function guardReplacement(
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
async function replace(
  job: Job,
  predecessor: RemoteObject,
  properties: unknown,
  operation: Operation,
  appliedBefore: boolean,
): Promise<Verdict> {
  try {
    const result = await job.type.create(properties, operation, predecessor);
    return await succeed(job, operation, result, appliedBefore);
  } catch (error) {
    // The answer names the old id, so CloudFormation would never delete the new object.
    await operation.attempt
      .undo((step) => undoStep(job, step, operation))
      .catch((problem: unknown) => {
        job.parts.log.warn('what a failed replacement made is still there', { problem: messageOf(problem) });
      });
    throw error;
  }
}
