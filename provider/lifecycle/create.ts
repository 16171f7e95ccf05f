import type { OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import { parseProperties } from '../properties/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { refuseNotAdmitted } from './admission.ts';
import { type Job, openOperation, resolveProperties } from './job.ts';
import { ownIdsOf, succeed } from './outcome.ts';
import { giveBackUntouched, undoGenerations, undoRequestOrLeave, undoUnfinished } from './undo.ts';

/** A Create, and an Update that names no object. */
export async function create(job: Job, attempt: OpenAttempt, owner: OwnerRecord): Promise<Verdict> {
  refuseNotAdmitted(job.parts.settings, job.parts.types, job.request);
  parseProperties(job.type.schema, job.request.properties);
  const isRepeat = attempt.steps.length > 0;
  await undoGenerations(job, owner);
  const madeParts = await undoUnfinished(job, owner);
  const properties = await resolveProperties(job, job.request.properties, false);
  const operation = await openOperation(job, attempt, { properties, ownIds: ownIdsOf(job, owner) });
  const result = await job.type.create(properties, operation).catch(async (error: unknown) => {
    if (!isRepeat) await giveBackUntouched(job, operation);
    throw error;
  });
  const verdict = await succeed(job, operation, result);
  for (const attemptId of madeParts) await undoRequestOrLeave(job, attemptId);
  return verdict;
}
