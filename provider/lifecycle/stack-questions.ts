/** The questions of plans to CloudFormation, and the notes that follow from its answers. */
import { RefusedError } from '../../common/errors.ts';
import { describeOwner, type ObjectRecord, type OpenAttempt } from '../ledger/index.ts';
import type { Job } from './job.ts';
import { ownerOf } from './operation.ts';
import type { DeleteQuestion, Known } from './plan.ts';
import type { RemoteObject } from './resource-type.ts';
import { patienceEnd, until } from './waiting.ts';

const LOOK_AT_STACK_MILLISECONDS = 5_000;

/** @throws AwsError where CloudFormation gives no answer */
export async function askStack(job: Job, question: DeleteQuestion): Promise<Known> {
  const { request, deadline, parts } = job;
  const { stackId } = request;
  const wasCompleteWith = async (physicalId: string, since: number) =>
    (await parts.aws.wasCompleteAfter({ stackId, physicalId }, since, deadline)) ?? 'unknown';
  switch (question.ask) {
    case 'is the stack rolling back':
      return { isRollingBack: (await job.isRollingBack()) ?? 'unknown' };
    case 'is the adoption final': {
      const { id, record } = question.object;
      return { isFinal: await wasCompleteWith(id, record?.createdAt ?? 0) };
    }
    case 'was the stack complete with the object':
      return { wasComplete: await wasCompleteWith(question.id, question.since) };
    case 'has the object moved here': {
      // A rollback deletes what this stack has made or taken over. Its repeat finds the former owner again.
      if (request.type === 'Delete' && (await job.isRollingBack()) === true) return { hasMoved: false };
      return { hasMoved: await hasMoved(job, question.record) };
    }
  }
}

/**
 * Whether CloudFormation has moved the object's resource here. The answer waits for the end of an operation
 * of the former stack. @throws RefusedError where that takes too long
 */
async function hasMoved({ request, deadline, parts }: Job, { id, owner }: ObjectRecord): Promise<boolean> {
  const { clock, aws } = parts;
  const waiting = { clock, deadline };
  const ask = async () => {
    const said = await aws.hasMoved(id, owner, request, deadline);
    return said === 'not settled' ? undefined : said;
  };
  const end = patienceEnd(Number.POSITIVE_INFINITY, waiting);
  const said = await until(ask, end - clock.now(), waiting, LOOK_AT_STACK_MILLISECONDS);
  if (said !== undefined) return said;
  throw new RefusedError(
    `${id} belongs to ${describeOwner(owner)}, and whether it has moved here cannot be told while that stack is being changed. Wait until that stack is complete; then deploy or delete this one again.`,
  );
}

/** Makes this logical resource the owner of an object that CloudFormation has moved to it. */
export async function takeAlong(
  job: Job,
  attempt: OpenAttempt,
  record: ObjectRecord,
): Promise<RemoteObject & { record: ObjectRecord }> {
  // CloudFormation moves resources only between stacks that are complete (docs/assumptions.md).
  const ours = asFinal({ ...record, owner: ownerOf(job) });
  job.parts.log.info('CloudFormation has moved the object here', { id: record.id, from: record.owner });
  await attempt.follow(ours, record.owner);
  return { id: record.id, record: ours };
}

export const asFinal = (record: ObjectRecord): ObjectRecord => ({ ...record, isFinal: true });
