/**
 * The things outside of a template that its properties name, such as a definition in S3. They may change, or
 * be forbidden, between an update and its rollback. So the ledger keeps them with the form that was applied,
 * and the typed form beside them.
 */
import { timeLimit } from '../../common/deadline.ts';
import { DeadlineError, messageOf, ProviderError } from '../../common/errors.ts';
import type { Form, ObjectRecord } from '../ledger/index.ts';
import type { SealedFor } from '../runtime/sealing.ts';
import { appliedLike } from './form.ts';
import type { Job } from './job.ts';
import { type Operation, sealedFor } from './operation.ts';
import type { UpdateFacts } from './plan.ts';
import { ROOM_OF_FORM } from './room.ts';

/** A request that has written must not wait long for what only a later one may need. */
const SEALING_MILLISECONDS = 5_000;

/**
 * The sealed texts that a form keeps: what is outside, for a rollback, and the typed properties, for
 * `drift`. A text that finds no room, or cannot be sealed, is left out. A rollback then looks outside again.
 */
export async function keepSealed(
  kind: string,
  id: string,
  operation: Operation,
): Promise<Pick<Form, 'outside' | 'typed'>> {
  const of = sealedFor(operation.organization.id, kind, id);
  const outside = await sealedIn(ROOM_OF_FORM, 'definition', operation.outside, of, operation);
  const { outside: _, ...typed } = (operation.properties ?? {}) as Record<string, unknown>;
  const room = ROOM_OF_FORM - (outside?.length ?? 0);
  const properties = operation.properties === undefined ? undefined : typed;
  const sealed = await sealedIn(room, 'form', properties, of, operation);
  return {
    ...(outside === undefined ? {} : { outside }),
    ...(sealed === undefined ? {} : { typed: sealed }),
  };
}

async function sealedIn(
  room: number,
  what: 'definition' | 'form',
  value: unknown,
  of: SealedFor,
  { sealing, deadline, log, clock }: Operation,
): Promise<string | undefined> {
  if (value === undefined) return undefined;
  const tooLate = () => new DeadlineError('time limit');
  const limit = timeLimit(clock, SEALING_MILLISECONDS, tooLate, deadline.signal);
  try {
    const sealed = await sealing.seal(JSON.stringify(value), of, limit);
    if (sealed.length <= room) return sealed;
    log.warn(`a ${what} is too large to be kept`, { object: of.object, characters: sealed.length });
  } catch (error) {
    if (!(error instanceof ProviderError) || deadline.signal.aborted) throw error;
    log.warn(`a ${what} is not kept`, { object: of.object, problem: messageOf(error) });
  } finally {
    limit.dispose();
  }
  return undefined;
}

/** The value that was kept when the wanted form was applied; undefined where there is none. */
export async function keptOutside(
  { parts, type, deadline }: Job,
  { named, others, form }: UpdateFacts,
): Promise<unknown> {
  const applied = appliedLike([named.record, ...others], form);
  const sealed = applied?.form.outside;
  if (applied === undefined || sealed === undefined) return undefined;
  const { organization, id }: ObjectRecord = applied.record;
  try {
    const text = await parts.sealing.unseal(sealed, sealedFor(organization, type.kind, id), deadline);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (!(error instanceof ProviderError) || deadline.signal.aborted) throw error;
    parts.log.warn('a definition that was kept cannot be read', { id, problem: messageOf(error) });
    return undefined;
  }
}
