/** The last write of a request that succeeded, and its answer. */
import type { ObjectRecord, OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { AwsError, messageOf } from '../runtime/errors.ts';
import { formOf, withForm } from './form.ts';
import type { Job } from './job.ts';
import { newRecord, type Operation } from './operation.ts';
import type { Result } from './resource-type.ts';

export async function succeed(
  job: Job,
  operation: Operation,
  result: Result,
  appliedBefore: boolean,
  known?: ObjectRecord,
): Promise<Verdict> {
  const { type, request } = job;
  const { id, attributes, details, claims } = result;
  const base =
    known ?? (await operation.attempt.object(type.kind, id)) ?? newRecord(operation, type.kind, id);
  const object: ObjectRecord = {
    ...base,
    id,
    applied: withForm(base.applied, formOf(type, request.properties)),
    dirty: false,
    identity: operation.identity,
    attributes,
    details: { ...base.details, ...details },
    ...(claims ? { claims } : {}),
  };
  // The object is in use again, so no rollback is putting it back.
  if (object.adoption) {
    const { rollback: _, ...adoption } = object.adoption;
    object.adoption = adoption;
  }
  const leftover = await leftBehind(job, id, appliedBefore);
  await operation.attempt.succeed({ physicalId: id, data: attributes }, { object, leftover });
  return { status: 'SUCCESS', physicalId: id, data: attributes };
}

export async function answer(
  attempt: OpenAttempt,
  physicalId: string,
  data: Record<string, string>,
  leftover?: { kind: string; id: string },
): Promise<Verdict> {
  await attempt.succeed({ physicalId, data }, { leftover });
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
): Promise<{ kind: string; id: string } | undefined> {
  const { physicalId } = job.request;
  if (!appliedBefore || physicalId === undefined || physicalId === answeredId) return undefined;
  return (await isKnownToRollBack(job)) ? { kind: job.type.kind, id: physicalId } : undefined;
}

/**
 * An update must not fail for want of CloudFormation's answer, which only decides what else may be removed.
 */
export async function isKnownToRollBack({ isRollingBack, parts, deadline }: Job): Promise<boolean> {
  try {
    return await isRollingBack();
  } catch (error) {
    if (!(error instanceof AwsError) || deadline.signal.aborted) throw error;
    parts.log.warn('whether the stack rolls back is not known: nothing else is removed', {
      problem: messageOf(error),
    });
    return false;
  }
}
