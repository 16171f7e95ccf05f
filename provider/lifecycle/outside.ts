/**
 * The things outside of a template that its properties name, such as a definition in S3. They may change, or
 * be forbidden, between an update and its rollback. So the ledger keeps them with the form that was applied.
 */

import { messageOf, ProviderError } from '../../common/errors.ts';
import type { ObjectRecord } from '../ledger/index.ts';
import { appliedLike } from './form.ts';
import type { Job } from './job.ts';
import { type Operation, sealedFor } from './operation.ts';
import type { UpdateFacts } from './plan.ts';
import { ROOM_OF_FORM } from './room.ts';

/**
 * The sealed text that the form keeps; undefined where nothing is outside, or it cannot be kept. A rollback
 * then looks outside again.
 */
export async function keepOutside(
  kind: string,
  id: string,
  { outside, sealing, organization, deadline, log }: Operation,
): Promise<string | undefined> {
  if (outside === undefined) return undefined;
  try {
    const of = sealedFor(organization.id, kind, id);
    const sealed = await sealing.seal(JSON.stringify(outside), of, deadline);
    if (sealed.length <= ROOM_OF_FORM) return sealed;
    log.warn('a definition is too large to be kept for a rollback', { id, characters: sealed.length });
  } catch (error) {
    if (!(error instanceof ProviderError) || deadline.signal.aborted) throw error;
    log.warn('a definition is not kept for a rollback', { id, problem: messageOf(error) });
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
