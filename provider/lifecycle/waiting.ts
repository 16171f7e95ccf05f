/** Ways of waiting for what Genesys Cloud shows late. All of them end with the request's deadline. */
import { NotFoundError, VersionConflictError } from '../genesys/index.ts';
import { DeadlineError } from '../runtime/errors.ts';
import type { Operation } from './operation.ts';
import { GoneError } from './resource-type.ts';

type Waiting = Pick<Operation, 'clock' | 'deadline'>;

/** Genesys Cloud's index shows new names this late (its Terraform provider looks for 15 s). */
export const INDEX_LAG_MILLISECONDS = 15_000;
/** A role, key policy or integration made seconds ago is often not visible yet. */
export const YOUNG_MILLISECONDS = 90_000;
/** An object that answers 404 for this long is gone (Genesys Cloud is eventually consistent). */
export const GONE_AFTER_MILLISECONDS = 10_000;
const LOOK_AGAIN_MILLISECONDS = 2_000;
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
  for (let wait = 1_000; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await call();
    } catch (error) {
      if (clock.now() + wait > end || !(await isYoung(error))) throw error;
      await clock.sleep(wait, deadline.signal);
    }
  }
}

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

/** Reads an object that has to be there. @throws GoneError when it answered 404 for long enough. */
export async function readExisting<T>(read: () => Promise<T>, waiting: Waiting): Promise<T> {
  const found = await until(
    async () => {
      try {
        return { value: await read() };
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
    GONE_AFTER_MILLISECONDS,
    waiting,
  );
  if (found === undefined) throw new GoneError();
  return found.value;
}

/**
 * Deletes, and waits until the object answers 404. The deletion's own 404 is not enough: an object that was
 * made just now is not known everywhere.
 * @param what the object as a person calls it, for the message
 * @throws DeadlineError when it is still shown after 30 seconds
 */
export async function deleteAndWait(
  remove: () => Promise<unknown>,
  read: () => Promise<unknown>,
  what: string,
  waiting: Waiting,
): Promise<void> {
  let unknown = await isGone(remove);
  const gone = await until(
    async () => {
      if (await isGone(read)) return true;
      if (unknown) unknown = await isGone(remove);
      return undefined;
    },
    DELETION_MILLISECONDS,
    waiting,
    1_000,
  );
  if (!gone)
    throw new DeadlineError(
      `Genesys Cloud took the deletion of ${what}, but still shows it after 30 seconds. Delete the stack again.`,
    );
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
