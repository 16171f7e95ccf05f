import type { OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import { parseProperties } from '../properties/index.ts';
import type { Verdict } from '../protocol/index.ts';
import { refuseNotAdmitted } from './admission.ts';
import { type Job, openOperation, resolveProperties } from './job.ts';
import { ownIdsOf, succeed } from './outcome.ts';

/** A Create, and an Update that names no object. */
export async function create(job: Job, attempt: OpenAttempt, owner: OwnerRecord): Promise<Verdict> {
  refuseNotAdmitted(job.parts.settings, job.parts.types, job.request);
  parseProperties(job.type.schema, job.request.properties);
  const isRepeat = attempt.steps.length > 0;
  // A first Create has nothing to undo, so a cold start parses less.
  const undo = owner.unfinished.length > 0 ? await import('./undo.ts') : undefined;
  await undo?.undoGenerations(job, owner);
  const madeParts = (await undo?.undoUnfinished(job, owner)) ?? [];
  const properties = await resolveProperties(job, job.request.properties, false);
  const operation = await openOperation(job, attempt, { properties, ownIds: ownIdsOf(job, owner) });
  const result = await job.type.create(properties, operation).catch(async (error: unknown) => {
    if (!isRepeat) await (await import('./undo.ts')).giveBackUntouched(job, operation);
    throw error;
  });
  const verdict = await succeed(job, operation, result);
  for (const attemptId of madeParts) await undo?.undoRequestOrLeave(job, attemptId);
  return verdict;
}
