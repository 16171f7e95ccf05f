/** Replacements whose answer CloudFormation never had: it goes on naming the old object. */
import type { OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import type { Job } from './job.ts';
import { saysRollback } from './outcome.ts';

/**
 * Notes that the new object of such a replacement is left over, if this request names the old object as the
 * current one.
 * @param id of the object that the request names
 * @returns the logical resource as it is then
 * @throws AwsError where a Delete depends on CloudFormation's answer, and there is none
 */
export async function leaveUnansweredOver(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  id: string,
): Promise<OwnerRecord> {
  const { parts, type, request, deadline } = job;
  const { answered, predecessors = [] } = owner;
  if (answered?.by === undefined || !predecessors.some((object) => object.id === id)) return owner;
  if (!(await parts.ledger.isAnswerOwed(request.stackId, answered.by, deadline))) return owner;
  if (!(await isOfBefore(job))) return owner;
  await attempt.leaveOver(type.kind, answered.id);
  return (await parts.ledger.owner(request, deadline)) ?? owner;
}

/**
 * Whether CloudFormation takes the named object for the current one. An Update names the current object; in a
 * rollback the plan decides about the new one. A stack that is deleted names current objects only. Any other
 * Delete may be the clean-up after the replacement, so the new object stays.
 */
async function isOfBefore(job: Job): Promise<boolean> {
  const { parts, request, deadline } = job;
  if (request.type === 'Update') return (await saysRollback(job)) === false;
  return (await parts.aws.stackStatus(request.stackId, deadline)) === 'DELETE_IN_PROGRESS';
}
