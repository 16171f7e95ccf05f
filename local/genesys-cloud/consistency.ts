import { notFound } from './errors.ts';
import type { Call } from './http.ts';
import type { JsonObject } from './json.ts';

/**
 * Reads of single objects are late: for a while a new one is 404, and a deleted one can still be read.
 * Genesys' Terraform provider repeats a GET for both reasons (util: WithRetriesForRead, WithRetries on
 * delete).
 */

/** @throws ApiError 404 for an object that is younger than `readAfterWriteMs`. */
export function refuseYoung(call: Call, what: string, id: string, createdAt: number): void {
  if (call.fixed.clock.now() - createdAt < call.settings.delays.readAfterWriteMs) throw notFound(what, id);
}

/** Keeps the last answer about an object that is deleted now. */
export function rememberDeleted(call: Call, id: string, shown: JsonObject): void {
  call.organization.deleted.set(id, { shown, at: call.fixed.clock.now() });
}

/** The last answer about an object that was deleted less than `readAfterDeleteMs` ago. */
export function stillShown(call: Call, id: string): JsonObject | undefined {
  const deleted = call.organization.deleted.get(id);
  if (deleted === undefined) return undefined;
  const age = call.fixed.clock.now() - deleted.at;
  return age < call.settings.delays.readAfterDeleteMs ? deleted.shown : undefined;
}
