import { notFound } from './errors.ts';
import type { Call } from './http.ts';
import type { JsonObject } from './json.ts';

/**
 * Reads of single objects are late: a new one is 404 for a while, a deleted one is still there for a while.
 * Genesys' Terraform provider repeats a GET for both reasons (util: WithRetriesForRead, WithRetries on delete).
 */

/** @throws ApiError 404 for what was made less than `readAfterWriteMs` ago. */
export function refuseYoung(call: Call, what: string, id: string, createdAt: number): void {
  if (call.fixed.clock.now() - createdAt < call.settings.delays.readAfterWriteMs) throw notFound(what, id);
}

/** Keeps what is shown of a deleted object. */
export function rememberDeleted(call: Call, id: string, shown: JsonObject): void {
  call.organization.deleted.set(id, { shown, at: call.fixed.clock.now() });
}

/** What is still shown of an object that was deleted less than `readAfterDeleteMs` ago. */
export function stillShown(call: Call, id: string): JsonObject | undefined {
  const deleted = call.organization.deleted.get(id);
  if (deleted === undefined) return undefined;
  const age = call.fixed.clock.now() - deleted.at;
  return age < call.settings.delays.readAfterDeleteMs ? deleted.shown : undefined;
}
