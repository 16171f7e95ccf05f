/** The questions of plans to CloudFormation, and the notes that follow from its answers. */
import type { ObjectRecord, OpenAttempt } from '../ledger/index.ts';
import type { Job } from './job.ts';
import { ownerOf } from './operation.ts';
import type { Known, StackQuestion } from './plan.ts';
import type { RemoteObject } from './resource-type.ts';

/** @throws AwsError where CloudFormation gives no answer */
export async function askStack(job: Job, question: StackQuestion): Promise<Known> {
  const { request, deadline, parts } = job;
  const { stackId } = request;
  switch (question.ask) {
    case 'is the stack rolling back':
      return { isRollingBack: (await job.isRollingBack()) ?? 'unknown' };
    case 'is the adoption final': {
      const { id, record } = question.object;
      const since = record?.createdAt ?? 0;
      const said = await parts.aws.wasCompleteAfter({ stackId, physicalId: id }, since, deadline);
      return { isFinal: said ?? 'unknown' };
    }
    case 'has the object moved here': {
      const { id, owner } = question.record;
      // A rollback deletes what this stack has made or taken over. Its repeat finds the former owner again.
      if (request.type === 'Delete' && (await job.isRollingBack()) === true) return { hasMoved: false };
      return { hasMoved: await parts.aws.hasMoved(id, owner, request, deadline) };
    }
  }
}

/** Makes this logical resource the owner of an object that CloudFormation has moved to it. */
export async function takeAlong(
  job: Job,
  attempt: OpenAttempt,
  record: ObjectRecord,
): Promise<RemoteObject & { record: ObjectRecord }> {
  // CloudFormation moves resources only of stacks that are complete.
  const ours = asFinal({ ...record, owner: ownerOf(job) });
  job.parts.log.info('CloudFormation has moved the object here', { id: record.id, from: record.owner });
  await attempt.follow(ours, record.owner);
  return { id: record.id, record: ours };
}

export const asFinal = (record: ObjectRecord): ObjectRecord => ({ ...record, isFinal: true });
