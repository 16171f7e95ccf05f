/** Ways of waiting for what Genesys Cloud shows late. All of them end with the request's deadline. */
import { endOfRepeats } from '../../common/deadline.ts';
import { DeadlineError } from '../../common/errors.ts';
import {
  BadRequestError,
  entitiesOf,
  NotFoundError,
  type Page,
  VersionConflictError,
} from '../genesys/index.ts';
import { INDEX_LAG_MILLISECONDS } from './listings.ts';
import type { Operation } from './operation.ts';
import { GoneError, NotSeenError } from './resource-type.ts';

type Waiting = Pick<Operation, 'clock' | 'deadline'>;

/** A role, key policy or integration made seconds ago is often not visible yet. */
export const YOUNG_MILLISECONDS = 90_000;
/**
 * An object that answers 404 for this long is gone, unless a list shows it (Genesys Cloud is eventually
 * consistent).
 */
export const GONE_AFTER_MILLISECONDS = 60_000;
/** An id that is 404 for this long counts as no object, where only a deletion or a name depends on it. */
export const NO_OBJECT_AFTER_MILLISECONDS = 15_000;
const LOOK_AGAIN_MILLISECONDS = 2_000;
const LONGEST_WAIT_MILLISECONDS = 10_000;
const DELETION_MILLISECONDS = 30_000;
/** Share of the time until the deadline that waiting may take; the rest is for saying what is wrong. */
const PATIENT_SHARE = 0.9;
const MAX_VERSION_CONFLICTS = 8;

/** Asks until there is an answer, for at most so many milliseconds; undefined when there was none. */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  forMilliseconds: number,
  { clock, deadline }: Waiting,
  everyMilliseconds = LOOK_AGAIN_MILLISECONDS,
): Promise<T | undefined> {
  const end = clock.now() + forMilliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (clock.now() + everyMilliseconds > end) return undefined;
    await clock.sleep(everyMilliseconds, deadline.signal);
  }
}

/** Asks until there is an answer, for as long as the index of names may lag. */
export const untilIndexed = <T>(
  ask: () => Promise<T | undefined>,
  waiting: Waiting,
): Promise<T | undefined> => until(ask, INDEX_LAG_MILLISECONDS, waiting);

/**
 * When waiting for something young has to end, milliseconds since the epoch; time is left to say what is
 * wrong.
 */
export function patienceEnd(forMilliseconds: number, { clock, deadline }: Waiting): number {
  const now = clock.now();
  return now + Math.min(forMilliseconds, (deadline.at - now) * PATIENT_SHARE);
}

/**
 * Repeats a call while `isYoung` says that its error may come from something made seconds ago; at the end of
 * the time that error is thrown.
 */
export async function patiently<T>(
  call: () => Promise<T>,
  isYoung: (error: unknown) => boolean | Promise<boolean>,
  waiting: Waiting,
  forMilliseconds = YOUNG_MILLISECONDS,
): Promise<T> {
  const { clock, deadline } = waiting;
  const end = patienceEnd(forMilliseconds, waiting);
  for (let wait = 1_000; ; wait = Math.min(wait * 2, LONGEST_WAIT_MILLISECONDS)) {
    try {
      return await call();
    } catch (error) {
      if (clock.now() + wait > end || !(await isYoung(error))) throw error;
      await clock.sleep(wait, deadline.signal);
    }
  }
}

/**
 * Reads a list. Genesys Cloud always has it, so a 404 tells nothing about an object. The read is repeated for
 * as long as a missing object is looked for.
 */
export const ofList = <T>(read: () => Promise<T>, waiting: Waiting): Promise<T> =>
  patiently(read, isMissing, waiting, GONE_AFTER_MILLISECONDS);

/** Every entity of a paged list, each page read as a list that is always there. */
export const listed = <T>(
  read: (page: { pageSize: number; pageNumber: number }) => Promise<Page<T>>,
  waiting: Waiting,
): AsyncGenerator<T> => entitiesOf((page) => ofList(() => read(page), waiting));

/** Repeats read-and-write while somebody else wrote in between. */
export async function withFreshVersion<T>(
  readAndWrite: () => Promise<T>,
  { clock, deadline }: Waiting,
): Promise<T> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await readAndWrite();
    } catch (error) {
      if (!(error instanceof VersionConflictError) || conflicts >= MAX_VERSION_CONFLICTS) throw error;
      await clock.sleep(Math.min(250 * 2 ** conflicts, 2_000), deadline.signal);
    }
  }
}

/**
 * Makes a call on an object that has to be there, and repeats it while it is answered 404.
 * @throws GoneError, NotSeenError
 */
export const onExisting = <T>(id: string, call: () => Promise<T>, waiting: Waiting): Promise<T> =>
  untilSeen(id, () => unlessMissing(call), waiting);

/**
 * Asks until an object that has to be there is seen. `ask` answers a list of one, or undefined where it is
 * missing.
 * @throws GoneError when it was missing for a minute, NotSeenError where there is not so much time
 */
export async function untilSeen<T>(
  id: string,
  ask: () => Promise<[T] | undefined>,
  { clock, deadline }: Waiting,
): Promise<T> {
  const end = endOfRepeats(deadline, clock.now());
  let missingSince: number | undefined;
  for (let wait = 1_000; ; wait = Math.min(wait * 2, LONGEST_WAIT_MILLISECONDS)) {
    const answer = await ask();
    if (answer !== undefined) return answer[0];
    const now = clock.now();
    missingSince ??= now;
    const left = missingSince + GONE_AFTER_MILLISECONDS - now;
    if (left <= 0) throw new GoneError();
    if (now >= end) throw new NotSeenError(id);
    await clock.sleep(Math.min(wait, left, end - now), deadline.signal);
  }
}

/** The end of a deletion: `missing` where Genesys Cloud never took one, because it never knew the object. */
export type Deletion = 'deleted' | 'missing';

/**
 * Deletes, and waits until a read of the object answers 404. A 404 of the deletion itself proves nothing: an
 * object may not be known everywhere. So both are repeated for a while.
 * @param what the object as a person calls it, for the message
 * @throws DeadlineError when it is still shown after 30 seconds
 */
export async function deleteAndWait(
  remove: () => Promise<unknown>,
  read: () => Promise<unknown>,
  what: string,
  waiting: Waiting,
): Promise<Deletion> {
  const { clock, deadline } = waiting;
  const begunAt = clock.now();
  let isTaken = false;
  for (let wait = 1_000; ; wait = LOOK_AGAIN_MILLISECONDS) {
    isTaken ||= await isDeletionTaken(remove, read);
    const isShown = !(await isNoObject(read));
    if (isTaken && !isShown) return 'deleted';
    const passed = clock.now() - begunAt;
    if (!isShown && passed >= NO_OBJECT_AFTER_MILLISECONDS) return 'missing';
    if (passed + wait > DELETION_MILLISECONDS) break;
    await clock.sleep(wait, deadline.signal);
  }
  throw new DeadlineError(
    `Genesys Cloud ${isTaken ? 'took' : 'answered 404 to'} the deletion of ${what}, but still shows it after 30 seconds. Delete the stack again.`,
  );
}

/** False where Genesys Cloud does not know what is to be deleted. */
async function isDeletionTaken(
  remove: () => Promise<unknown>,
  read: () => Promise<unknown>,
): Promise<boolean> {
  try {
    return !(await isGone(remove));
  } catch (error) {
    // A malformed id may be answered 400. For an object that is there, a 400 has another reason and is
    // thrown.
    if (error instanceof BadRequestError && error.status === 400 && (await isNoObject(read))) return false;
    throw error;
  }
}

/** Whether a read by an id finds nothing at this moment. */
export async function isNoObject(read: () => Promise<unknown>): Promise<boolean> {
  return (await readObject(read)) === undefined;
}

/** Whether a read by an id finds an object within a while. An id that answers 404 for longer is no object. */
export const isSeenSoon = async (read: () => Promise<unknown>, waiting: Waiting): Promise<boolean> =>
  (await readSoon(read, waiting)) !== undefined;

/**
 * Those of some objects that are seen within a while. A list goes on showing what was deleted a moment ago.
 */
export async function seenSoon<T>(
  objects: readonly T[],
  readingOf: (object: T) => () => Promise<unknown>,
  waiting: Waiting,
): Promise<T[]> {
  const isSeen = await Promise.all(objects.map((object) => isSeenSoon(readingOf(object), waiting)));
  return objects.filter((_, index) => isSeen[index]);
}

/** The answer of a read by an id within a while, in a list of one; undefined where it finds no object. */
export const readSoon = <T>(read: () => Promise<T>, waiting: Waiting): Promise<[T] | undefined> =>
  until(() => readObject(read), NO_OBJECT_AFTER_MILLISECONDS, waiting);

/**
 * The answer of a read by an id, in a list of one; undefined for 404, and for 400: the id is none by its
 * form.
 */
export async function readObject<T>(read: () => Promise<T>): Promise<[T] | undefined> {
  try {
    return await unlessMissing(read);
  } catch (error) {
    if (error instanceof BadRequestError && error.status === 400) return undefined;
    throw error;
  }
}

/** Whether a call ends in 404, for once or for long enough. */
export async function isGone(call: () => Promise<unknown>): Promise<boolean> {
  return (await unlessMissing(call)) === undefined;
}

/** The answer of a call, in a list of one; undefined where it ends in 404. */
export async function unlessMissing<T>(call: () => Promise<T>): Promise<[T] | undefined> {
  try {
    return [await call()];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Genesys Cloud answered 404 for an object. */
export const isMissing = (error: unknown): boolean =>
  error instanceof NotFoundError || error instanceof GoneError;
