import { createHash } from 'node:crypto';
import { ProviderError, RefusedError } from '../../common/errors.ts';
import { isRefusal, OutcomeUnknownError } from '../genesys/index.ts';
import type { ObjectRecord, Step } from '../ledger/index.ts';
import { newRecord, type Operation, ownerOf, sealedFor } from './operation.ts';
import { ROOM_OF_FORMER_STATE } from './room.ts';
import { untilIndexed } from './waiting.ts';

/** One thing that a request makes in Genesys Cloud. */
export interface Making<T> {
  kind: string;
  /** Finds the thing again, or undoes it; stands in the ledger before the call. */
  marker: Record<string, string>;
  /** The name that the object will go by, where nobody else may have it: see `NameRecord` in the ledger. */
  claim?: string | undefined;
  send(): Promise<T>;
  /** Looks for the result of a call of unknown outcome; asked again while the index may lag. */
  find(): Promise<T | undefined>;
  /** The record of the object that this logical resource owns from here on; missing for a mere part. */
  object?(id: string): Pick<ObjectRecord, 'details'> & Partial<Pick<ObjectRecord, 'origin'>>;
}

const MAX_SENDS = 4;
/** Characters that Genesys Cloud allows in a name. */
const LONGEST_NAME = 256;

/** 12 hex digits that belong to this attempt alone: they make a name that no other object has. */
const markOf = ({ stackId, logicalId, attemptId }: Operation['request']): string =>
  createHash('sha256').update(`${stackId} ${logicalId} ${attemptId}`).digest('hex').slice(0, 12);

/** `<name> [<mark>]`, within the characters that Genesys Cloud allows. */
export function uniqueName(name: string, { request }: Operation): string {
  const suffix = ` [${markOf(request)}]`;
  // By code points: half a surrogate pair is no character.
  const kept: string[] = [];
  let length = suffix.length;
  for (const character of name) {
    length += character.length;
    if (length > LONGEST_NAME) break;
    kept.push(character);
  }
  return kept.join('') + suffix;
}

/** Whether a name is one that a request made up until the object gets its own. */
export const isUniqueName = (name: string | undefined) => / \[[0-9a-f]{12}\]$/.test(name ?? '');

/**
 * Makes a thing once, whatever happens: noted before it is sent, looked for before it is sent again, and
 * taken from the ledger when an earlier delivery of this request made it.
 * @returns its id, and the answer of the call or the look-up; without an answer when the ledger knew the id
 */
export async function makeOnce<T extends { id?: string }>(
  making: Making<T>,
  operation: Operation,
): Promise<{ id: string; value?: T }> {
  const { attempt, progress, organization, log } = operation;
  const known = attempt.steps.find(({ step }) => step.kind === making.kind);
  if (known) {
    progress.mayHaveWritten();
    if (known.step.id !== undefined) {
      if (making.object) progress.hasObject(known.step.id);
      return { id: known.step.id };
    }
    const found = await untilIndexed(() => making.find(), operation);
    if (found) return noteMade(known.index, found, making, operation);
  }
  const step: Omit<Step, 'state'> = {
    kind: making.kind,
    marker: making.marker,
    ...(making.claim === undefined ? {} : { claim: making.claim }),
  };
  const index = known?.index ?? (await attempt.intend(step, organization.id));
  progress.mayHaveWritten();
  for (let sends = 1; ; sends += 1) {
    try {
      return await noteMade(index, await making.send(), making, operation);
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) {
        // After any other failure the thing may be there, and the step stays noted.
        const madeNothing = isRefusal(error) && sends === 1 && !known && !operation.deadline.signal.aborted;
        if (madeNothing) await attempt.unmade(index);
        throw error;
      }
      log.warn('outcome of a write unknown: looking for what it made', { kind: making.kind });
      const found = await untilIndexed(() => making.find(), operation);
      if (found) return noteMade(index, found, making, operation);
      if (sends >= MAX_SENDS) throw new NotMadeError(making.kind, error);
    }
  }
}

async function noteMade<T extends { id?: string }>(
  index: number,
  value: T,
  making: Making<T>,
  operation: Operation,
): Promise<{ id: string; value: T }> {
  const id = value.id;
  if (id === undefined || id === '') throw new OutcomeWithoutIdError(making.kind);
  const details = making.object?.(id);
  if (details) operation.progress.hasObject(id);
  await operation.attempt.made(
    index,
    id,
    details && { ...newRecord(operation, making.kind, id), ...details },
  );
  return { id, value };
}

/** An object that is there already, to be taken over. */
export interface Adopting {
  kind: string;
  id: string;
  /** Its record as it was found: undefined where nobody owns it. */
  record: ObjectRecord | undefined;
  /** Its state, which putting it back restores, as JSON; it may hold secrets. */
  before: unknown;
  details?: Record<string, string>;
  /** As of `Making`. */
  claim?: string | undefined;
}

/**
 * Takes over an object that is there. From here on this logical resource owns it, and undoing puts it back.
 * Nothing is written to Genesys Cloud; the object's state stands in the ledger before that.
 * @throws LedgerError, RefusedError where that state is too large for the ledger
 */
export async function takeOver(
  { kind, id, record, before, details = {}, claim }: Adopting,
  operation: Operation,
): Promise<void> {
  const { sealing, organization, deadline } = operation;
  const sealed = await sealing.seal(JSON.stringify(before), sealedFor(organization.id, kind, id), deadline);
  if (sealed.length > ROOM_OF_FORMER_STATE) {
    throw new RefusedError(
      `The state of ${id} is too large to take it over: encrypted it has ${sealed.length} characters, and the ledger keeps at most ${ROOM_OF_FORMER_STATE} for a rollback. Nothing was done. Leave AdoptExisting and ExistingId out to make a new object, or shorten the contract and the templates of ${id} in Genesys Cloud first.`,
    );
  }
  // The ledger may note it even if its answer is lost. The rollback then puts the object back.
  operation.progress.mayHaveWritten();
  const from = record?.owner;
  // An object that goes from one logical resource of a stack to another is as much its stack's as before.
  const origin = record && from?.stackId === ownerOf(operation).stackId ? record.origin : 'adopted';
  await operation.attempt.adopt(
    {
      ...newRecord(operation, kind, id),
      origin,
      details,
      adoption: { attemptId: operation.request.attemptId, before: sealed },
    },
    from,
    claim,
  );
  operation.progress.hasObject(id);
}

/** Calls of unknown outcome made nothing that can be seen. */
class NotMadeError extends ProviderError {
  constructor(kind: string, cause: OutcomeUnknownError) {
    super(
      `No ${kind} was made in ${MAX_SENDS} attempts. Deploy again when Genesys Cloud works (status.mypurecloud.com); the rollback removes what a call may have made after all. ${cause.message}`,
      { cause },
    );
  }
}

/** Genesys Cloud answered a create without an id, so the new object cannot be named. */
class OutcomeWithoutIdError extends ProviderError {
  constructor(kind: string) {
    super(`Genesys Cloud took the ${kind}, but answered without its id.`);
  }
}
