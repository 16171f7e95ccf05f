/** Replacements whose answer CloudFormation never had, so it goes on naming the object of before. */
import type { OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import type { Job } from './job.ts';
import { saysRollback } from './outcome.ts';

/**
 * Notes that the new object of such a replacement is left over, as this request names the object of before.
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
 * Whether the named object is the current one to CloudFormation. A rollback goes its own way. In a clean-up
 * the new object is the current one, and only a stack that is deleted names current objects in its Deletes.
 */
async function isOfBefore(job: Job): Promise<boolean> {
  const { parts, request, deadline } = job;
  if (request.type === 'Update') return (await saysRollback(job)) === false;
  return (await parts.aws.stackStatus(request.stackId, deadline)) === 'DELETE_IN_PROGRESS';
}
