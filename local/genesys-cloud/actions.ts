import { changed, checkConfig, newAction, refuseStatic, rename } from './action-content.ts';
import { actionsBase, entity, schemaFile, templateFile } from './action-entity.ts';
import {
  deleteAction,
  listedActions,
  noSuch,
  refuseYoung,
  rememberDeleted,
  stillShown,
} from './consistency.ts';
import { customAuthId } from './custom-auth.ts';
import { badRequest, notFound } from './errors.ts';
import { executeAction, testAction } from './execution.ts';
import { type Call, noContent, ok, param, type Reply, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { list, page, sorted } from './listing.ts';
import type { Action, ActionVersion } from './store.ts';
import { checkVersion } from './versions.ts';

export const viewActions = ['integrations:action:view', 'bridge:actions:view'];
export const editActions = ['integrations:action:edit'];
const execute = ['integrations:action:execute', 'bridge:actions:execute'];

export const actionRoutes: Route[] = [
  { method: 'GET', template: actionsBase, permissions: viewActions, handle: listActions },
  {
    method: 'POST',
    template: actionsBase,
    permissions: ['integrations:action:add'],
    body: 'PostActionInput',
    handle(call) {
      const action = newAction(call);
      action.published = action.draft;
      action.draft = undefined;
      return ok(entity(call, action, published(action)));
    },
  },
  {
    method: 'GET',
    template: `${actionsBase}/categories`,
    permissions: viewActions,
    handle(call) {
      const versions = [...call.organization.actions.values()].flatMap(({ published }) => published ?? []);
      const names = [...new Set(versions.map(({ category }) => category))].sort();
      const listed = page(
        `${actionsBase}/categories`,
        call.query,
        names.map((name) => ({ name })),
      );
      // The SDK's `CategoryEntityListing` has no URIs.
      const { entities, pageSize, pageNumber, total, pageCount } = listed;
      return ok({ entities, pageSize, pageNumber, total, pageCount });
    },
  },
  {
    method: 'GET',
    template: `${actionsBase}/{actionId}`,
    permissions: viewActions,
    handle(call) {
      const gone = stillShown(call, param(call, 'actionId'));
      if (gone !== undefined) return ok(gone);
      const action = actionOf(call);
      refuseYoung(call, 'action', action.id, action.createdAt);
      return ok(entity(call, action, published(action)));
    },
  },
  {
    method: 'PATCH',
    template: `${actionsBase}/{actionId}`,
    permissions: editActions,
    body: 'UpdateActionInput',
    handle(call) {
      const action = actionOf(call);
      refuseYoung(call, 'action', action.id, action.createdAt);
      const current = published(action);
      refuseStatic(action);
      const body = call.body as Partial<ActionVersion> & { version: number };
      checkVersion(call, body.version, current.version);
      if (body.config !== undefined) checkConfig(action, body.config);
      action.published = changed(call, current, body);
      rename(call, action, action.published.name);
      return ok(entity(call, action, action.published));
    },
  },
  {
    method: 'DELETE',
    template: `${actionsBase}/{actionId}`,
    permissions: ['integrations:action:delete'],
    handle(call) {
      const action = actionOf(call);
      refuseStatic(action);
      if (action.id === customAuthId(action.integrationId))
        throw badRequest('A custom auth action is removed by Genesys Cloud with its credential');
      rememberDeleted(call, action.id, entity(call, action, published(action)));
      deleteAction(call, action);
      return noContent;
    },
  },
  {
    method: 'GET',
    template: `${actionsBase}/{actionId}/templates/{fileName}`,
    permissions: viewActions,
    handle: (call) => templateFile(published(actionOf(call)), param(call, 'fileName')),
  },
  {
    method: 'GET',
    template: `${actionsBase}/{actionId}/schemas/{fileName}`,
    permissions: viewActions,
    handle: (call) => schemaFile(published(actionOf(call)), param(call, 'fileName'), call.query),
  },
  {
    method: 'POST',
    template: `${actionsBase}/{actionId}/test`,
    permissions: execute,
    body: 'object',
    async handle(call) {
      const action = actionOf(call);
      return ok(await testAction(call, action, published(action), call.body as JsonObject));
    },
  },
  {
    method: 'POST',
    template: `${actionsBase}/{actionId}/execute`,
    permissions: execute,
    body: 'object',
    async handle(call) {
      const action = actionOf(call);
      return ok(await executeAction(call, action, published(action), call.body as JsonObject));
    },
  },
];

function listActions(call: Call): Reply {
  const found = matching(call, (action) => action.published);
  return ok(page(actionsBase, call.query, found));
}

/** The actions that pass the filters of the query. The API has no filter by integration. */
export function matching(call: Call, versionOf: (action: Action) => ActionVersion | undefined): JsonObject[] {
  const { query } = call;
  const ids = list(query, 'ids');
  if (ids.length > 50) throw badRequest('ids: at most 50', 'invalid.query.parameter');
  const name = query.get('name')?.toLowerCase() ?? '';
  const category = query.get('category');
  const secure = query.get('secure');
  const authActions = query.get('includeAuthActions') === 'true';
  const found = listedActions(call).flatMap((action) => {
    const version = versionOf(action);
    const included =
      version !== undefined &&
      (ids.length === 0 || ids.includes(action.id)) &&
      (name === '' || indexedName(call, action)?.toLowerCase().includes(name) === true) &&
      (category === null || version.category === category) &&
      (secure === null || String(version.secure) === secure) &&
      (authActions || action.id !== customAuthId(action.integrationId));
    return included ? [{ id: action.id, name: version.name, action, version }] : [];
  });
  return sorted(query, found).map(({ action, version }) => entity(call, action, version));
}

/** The name of the action in the late name index; undefined if the index does not know it yet. */
function indexedName(call: Call, action: Action): string | undefined {
  const seenUntil = call.fixed.clock.now() - call.settings.delays.nameIndexMs;
  return action.names.findLast(({ at }) => at <= seenUntil)?.name;
}

export function actionOf(call: Call): Action {
  const id = param(call, 'actionId');
  const action = call.organization.actions.get(id);
  if (action === undefined) throw noSuch(call, 'action', id);
  return action;
}

function published(action: Action): ActionVersion {
  if (action.published === undefined) throw notFound('action', action.id);
  return action.published;
}
