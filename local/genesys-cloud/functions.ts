import { actionsBase } from './action-entity.ts';
import { functionRuntimes } from './action-environment.ts';
import { actionOf } from './actions.ts';
import { badRequest, notFound } from './errors.ts';
import { newUpload } from './function-uploads.ts';
import { type Call, ok, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Action, ActionVersion, FunctionSettings, FunctionState } from './store.ts';

/** The function of a function data action: its code is uploaded, and its settings are part of the draft. */
const ofDraft = `${actionsBase}/{actionId}/draft/function`;
const view = ['integrations:actionFunction:view'];
const edit = ['integrations:actionFunction:edit'];

export const functionRoutes: Route[] = [
  {
    method: 'GET',
    template: `${actionsBase}/{actionId}/function`,
    permissions: view,
    handle(call) {
      const action = actionOf(call);
      return ok(entity(action, functionOf(action, action.published)));
    },
  },
  {
    method: 'GET',
    template: ofDraft,
    permissions: view,
    handle(call) {
      const action = actionOf(call);
      return ok(entity(action, functionOf(action, action.draft), '/draft'));
    },
  },
  {
    method: 'PUT',
    template: ofDraft,
    permissions: edit,
    body: 'Function',
    handle(call) {
      const action = actionOf(call);
      const state = functionOf(action, action.draft);
      state.settings = settingsOf(call, state);
      return ok(entity(action, state, '/draft'));
    },
  },
  {
    method: 'POST',
    template: `${ofDraft}/upload`,
    permissions: edit,
    body: 'FunctionUploadRequest',
    handle(call) {
      const action = actionOf(call);
      functionOf(action, action.draft);
      return ok(newUpload(call, action));
    },
  },
];

/** @throws ApiError 404 for an action of another kind, or without this version */
function functionOf(action: Action, version: ActionVersion | undefined): FunctionState {
  if (version?.function === undefined) throw notFound('function of action', action.id);
  return version.function;
}

function settingsOf({ body, fixed }: Call, { zip }: FunctionState): FunctionSettings {
  const { description, handler, runtime, timeoutSeconds = 15, zipId } = body as FunctionSettings;
  if (!functionRuntimes.some(({ name }) => name === runtime))
    throw badRequest(`There is no runtime ${runtime}`, 'invalid.runtime');
  if (zip === undefined || (zipId !== undefined && zipId !== zip.id))
    throw badRequest(`There is no uploaded package ${zipId ?? ''}`, 'invalid.zip');
  return { description, handler, runtime, timeoutSeconds, zipId: zip.id, createdAt: fixed.clock.now() };
}

function entity(action: Action, { settings, zip, failures }: FunctionState, at = ''): JsonObject {
  return {
    id: action.id,
    ...(settings === undefined ? {} : { function: settingsEntity(action, settings) }),
    ...(zip === undefined ? {} : { zip: zipEntity(zip) }),
    uploadExceptionHistory: failures.map(zipEntity),
    selfUri: `${actionsBase}/${action.id}${at}/function`,
  };
}

function settingsEntity(action: Action, { createdAt, ...settings }: FunctionSettings): JsonObject {
  // "Function name. This is automatically created based on the Action Id." (SDKs, Function)
  const name = action.id.replace(/^custom_-_/, '');
  return { id: name, name, ...settings, dateCreated: new Date(createdAt).toISOString() };
}

function zipEntity({ createdAt, ...zip }: NonNullable<FunctionState['zip']>): JsonObject {
  return { ...zip, dateCreated: new Date(createdAt).toISOString() };
}
