import { type ApiError, badRequest, notFound } from './errors.ts';
import type { Call } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Action } from './store.ts';

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

/** Deletes an action, which the list goes on showing for `listAfterDeleteMs`. */
export function deleteAction(call: Call, action: Action): void {
  call.organization.actions.delete(action.id);
  call.organization.leavingTheList.set(action.id, { action, at: call.fixed.clock.now() });
}

/** The actions that the list shows: those that are there, and those that were deleted a moment ago. */
export function listedActions({ organization, settings, fixed }: Call): Action[] {
  const since = fixed.clock.now() - settings.delays.listAfterDeleteMs;
  const leaving = [...organization.leavingTheList.values()].filter(({ at }) => at > since);
  return [...organization.actions.values(), ...leaving.map(({ action }) => action)];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The error for an object that is not there. An id of another form may be a bad request. */
export function noSuch(call: Call, what: string, id: string): ApiError {
  const isWellFormed = UUID.test(id.replace(/^custom(Auth)?_-_/, '')) || id.startsWith('static');
  return !isWellFormed && call.settings.behaviour.malformedIdStatus === 400
    ? badRequest(`${id} is no valid id`, 'invalid.value')
    : notFound(what, id);
}
