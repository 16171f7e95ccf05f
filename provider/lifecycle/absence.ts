/** Objects that are missing: where they are, who uses them, and what the ledger keeps of them. */
import { messageOf } from '../../common/errors.ts';
import type { ObjectRecord, OpenAttempt } from '../ledger/index.ts';
import { metrics } from '../runtime/metrics.ts';
import type { Job } from './job.ts';
import type { Operation } from './operation.ts';
import type { Sight } from './plan.ts';
import { GoneError, NotSeenError, type RawProperties } from './resource-type.ts';
import { untilSeen } from './waiting.ts';

/** Calls on an object were answered 404 for long. */
export type Absence = GoneError | NotSeenError;

export const isAbsence = (error: unknown): error is Absence =>
  error instanceof GoneError || error instanceof NotSeenError;

/**
 * Looks for an object that nobody has asked for yet.
 * @param properties raw ones that the object was made from
 */
export async function sightOf(
  job: Job,
  id: string,
  properties: RawProperties,
  operation: Operation,
): Promise<Sight> {
  const read = async () => ((await job.type.exists(id, operation)) ? ([id] as [string]) : undefined);
  try {
    await untilSeen(id, read, operation);
    return 'there';
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return sightAfter(error, job, id, properties, operation);
  }
}

/** Where an object is after an absence. */
export async function sightAfter(
  absence: Absence,
  { type }: Job,
  id: string,
  properties: RawProperties,
  operation: Operation,
): Promise<Exclude<Sight, 'there'>> {
  if (absence instanceof NotSeenError) return 'unclear';
  return (await type.isListed(id, properties, operation)) ? 'listed' : 'gone';
}

/** The reason for which a missing object is not made anew. */
export async function notSeen(
  job: Job,
  id: string,
  isListed: boolean,
  operation: Operation,
): Promise<NotSeenError> {
  return new NotSeenError(id, { isListed, users: await usersOf(job, id, operation) });
}

/** The users of an object, for the words about its absence; nobody where they cannot be seen. */
export async function usersOf(
  { type, parts, deadline }: Job,
  id: string,
  operation: Operation,
): Promise<string[]> {
  try {
    return (await type.usersOf?.(id, operation)) ?? [];
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    parts.log.warn('who uses a missing object cannot be seen', { id, problem: messageOf(error) });
    return [];
  }
}

/** Notes that an object is believed gone. Its record stays, so that it is known again if it is seen again. */
export async function noteGone(
  { parts: { clock, log } }: Job,
  attempt: OpenAttempt,
  record: ObjectRecord,
  { users = [], claims = record.claims }: { users?: readonly string[]; claims?: string[] | undefined } = {},
): Promise<void> {
  const now = clock.now();
  await attempt.keep({ ...record, believedGoneAt: now, ...(claims ? { claims } : {}) });
  log.warn('an object is believed gone', {
    id: record.id,
    users,
    ...metrics({ ObjectsBelievedGone: 1, UsersOfObjectsBelievedGone: users.length }, now),
  });
}
