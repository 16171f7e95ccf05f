/** The last write of a request that succeeded, and its answer. */
import { AwsError, messageOf } from '../../common/errors.ts';
import type {
  Form,
  ObjectKey,
  ObjectRecord,
  OpenAttempt,
  OwnerRecord,
  SuccessNotes,
} from '../ledger/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { endRulesOf } from './ends.ts';
import { formOf, withForm } from './form.ts';
import type { Job } from './job.ts';
import { newRecord, type Operation } from './operation.ts';
import { keepSealed } from './outside.ts';
import type { Said } from './plan.ts';
import type { Result } from './resource-type.ts';

/** A write, or more, brought the object to what is wanted. @param known its record, where it had one */
export async function succeed(
  job: Job,
  operation: Operation,
  result: Result,
  known?: ObjectRecord,
): Promise<Verdict> {
  const { type, request } = job;
  const { id, attributes, details, claims } = result;
  const {
    refused: _,
    believedGoneAt: __,
    ...base
  } = known ?? (await operation.attempt.object(type.kind, id)) ?? newRecord(operation, type.kind, id);
  const object: ObjectRecord = {
    ...base,
    id,
    applied: withForm(base.applied, await formToKeep(job, operation, id)),
    dirty: false,
    identity: operation.identity,
    attributes,
    details: { ...base.details, ...details },
    ...(claims ? { claims } : {}),
  };
  // The object is in use again, so no rollback is putting it back.
  if (object.adoption) {
    const { rollback: ___, ...adoption } = object.adoption;
    object.adoption = adoption;
  }
  const leftover = await leftBehind(job, id, operation.appliedBefore);
  const { physicalId: named, oldProperties } = request;
  const before = named && oldProperties ? { id: named, rules: endRulesOf(oldProperties) } : undefined;
  return answer(operation.attempt, id, attributes, { leftover, object, before });
}

/** The form that was applied now, with what is kept of it sealed. */
async function formToKeep({ type, request }: Job, operation: Operation, id: string): Promise<Form> {
  return { ...formOf(type, request.properties), ...(await keepSealed(type.kind, id, operation)) };
}

/** Notes the success of a request and answers it. */
export async function answer(
  attempt: OpenAttempt,
  physicalId: string,
  data: Record<string, string>,
  notes: SuccessNotes = {},
): Promise<Verdict> {
  await attempt.succeed({ physicalId, data }, notes);
  return { status: 'SUCCESS', physicalId, ...(Object.keys(data).length > 0 ? { data } : {}) };
}

/** Ids of the objects of the type that this logical resource owns at the beginning. */
export const ownIdsOf = ({ type }: Job, { objects }: OwnerRecord): string[] =>
  objects.filter(({ kind }) => kind === type.kind).map(({ id }) => id);

/**
 * The object that the request names, where a rollback answers another one: CloudFormation may forget it, so a
 * later request removes it. In an ordinary update CloudFormation deletes it, or retains it on purpose.
 */
export async function leftBehind(
  job: Job,
  answeredId: string,
  appliedBefore: boolean,
): Promise<ObjectKey | undefined> {
  const { physicalId } = job.request;
  if (!appliedBefore || physicalId === undefined || physicalId === answeredId) return undefined;
  return (await saysRollback(job)) === true ? { kind: job.type.kind, id: physicalId } : undefined;
}

/** Whether the stack rolls back. An update must not fail for want of CloudFormation's answer. */
export const saysRollback = (job: Job): Promise<Said> => saidBy(job, job.isRollingBack());

/** The answer of CloudFormation; unknown where it gives none, or may not be asked. */
export async function saidBy({ parts, deadline }: Job, asked: Promise<boolean | undefined>): Promise<Said> {
  try {
    return (await asked) ?? 'unknown';
  } catch (error) {
    if (!(error instanceof AwsError) || deadline.signal.aborted) throw error;
    parts.log.warn('CloudFormation gave no answer', { problem: messageOf(error) });
    return 'unknown';
  }
}
