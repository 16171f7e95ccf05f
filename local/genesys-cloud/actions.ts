import { refuseYoung, rememberDeleted, stillShown } from './consistency.ts';
import { contractProblems, depth, flattened } from './contract.ts';
import { badRequest, notFound } from './errors.ts';
import { executeAction, testAction } from './execution.ts';
import { type Call, noContent, ok, param, type Reply, type Route } from './http.ts';
import { checkVersion, customAuthId } from './integrations.ts';
import type { JsonObject } from './json.ts';
import { list, page, sorted } from './listing.ts';
import {
  type Action,
  type ActionConfig,
  type ActionContract,
  type ActionVersion,
  newActionId,
} from './store.ts';

export const actionsBase = '/api/v2/integrations/actions';
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
      return ok(
        page(
          `${actionsBase}/categories`,
          call.query,
          names.map((name) => ({ name })),
        ),
      );
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
      call.organization.actions.delete(action.id);
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

/** The actions that the query's filters let through; integration ids are no filter of the API. */
export function matching(call: Call, versionOf: (action: Action) => ActionVersion | undefined): JsonObject[] {
  const { query, organization } = call;
  const ids = list(query, 'ids');
  if (ids.length > 50) throw badRequest('ids: at most 50', 'invalid.query.parameter');
  const name = query.get('name')?.toLowerCase() ?? '';
  const category = query.get('category');
  const secure = query.get('secure');
  const authActions = query.get('includeAuthActions') === 'true';
  const found = [...organization.actions.values()].flatMap((action) => {
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

/** The name under which the index finds the action now; undefined as long as it is unknown there. */
function indexedName(call: Call, action: Action): string | undefined {
  const seenUntil = call.fixed.clock.now() - call.settings.delays.nameIndexMs;
  return action.names.findLast(({ at }) => at <= seenUntil)?.name;
}

export function rename(call: Call, action: Action, name: string): void {
  if (action.names.at(-1)?.name !== name) action.names.push({ name, at: call.fixed.clock.now() });
}

/** Makes an action with a draft out of the body. */
export function newAction(call: Call): Action {
  const { organization, fixed, settings, world } = call;
  const body = call.body as Omit<ActionVersion, 'version' | 'secure'> & {
    integrationId: string;
    secure?: boolean;
  };
  const integration = organization.integrations.get(body.integrationId);
  const now = fixed.clock.now();
  if (integration === undefined || now - integration.createdAt < settings.delays.integrationReadyMs)
    throw badRequest(`There is no integration ${body.integrationId}`, 'invalid.integration');
  if (world.integrationTypes.get(integration.typeId)?.dataActions !== true)
    throw badRequest(`An integration of type ${integration.typeId} takes no data actions by this call`);
  const version: ActionVersion = {
    version: 1,
    name: body.name,
    category: body.category,
    secure: body.secure ?? false,
    config: body.config,
    contract: body.contract,
  };
  const action: Action = {
    id: newActionId(),
    integrationId: integration.id,
    published: undefined,
    draft: version,
    createdAt: now,
    names: [{ name: body.name, at: now }],
  };
  checkConfig(action, body.config);
  checkContract(body.contract);
  organization.actions.set(action.id, action);
  return action;
}

/** The next version, with what the body changes. */
export function changed(call: Call, current: ActionVersion, body: Partial<ActionVersion>): ActionVersion {
  const merge = call.settings.behaviour.actionConfigPatch === 'merge';
  const config =
    body.config === undefined
      ? current.config
      : merge
        ? {
            ...current.config,
            ...body.config,
            request: { ...current.config.request, ...body.config.request },
            response: { ...current.config.response, ...body.config.response },
          }
        : body.config;
  return {
    version: current.version + 1,
    name: body.name ?? current.name,
    category: body.category ?? current.category,
    secure: body.secure ?? current.secure,
    config,
    contract: body.contract ?? current.contract,
  };
}

export function checkConfig(action: Action, config: ActionConfig): void {
  // Go SDK, ActionConfig.timeoutSeconds: "invalid for Custom Auth Actions"
  if (config.timeoutSeconds !== undefined && action.id === customAuthId(action.integrationId))
    throw badRequest('config.timeoutSeconds is not supported for custom auth actions');
  if (depth(config) > 50) throw badRequest('config is nested deeper than 50');
}

export function checkContract(contract: ActionContract): void {
  const problems = contractProblems(contract);
  if (problems.length > 0) throw badRequest(problems.join('; '), 'invalid.contract');
}

/** Actions that Genesys Cloud ships; their ids start with `static`. */
export function refuseStatic(action: Action): void {
  if (action.id.startsWith('static')) throw badRequest('Built-in actions cannot be changed or deleted');
}

export function actionOf(call: Call): Action {
  const id = param(call, 'actionId');
  const action = call.organization.actions.get(id);
  if (action === undefined) throw notFound('action', id);
  return action;
}

function published(action: Action): ActionVersion {
  if (action.published === undefined) throw notFound('action', action.id);
  return action.published;
}

/** `requesttemplate.vm` or `successtemplate.vm`, as plain text. */
export function templateFile(version: ActionVersion, fileName: string): Reply {
  const { request, response } = version.config;
  const name = fileName.toLowerCase();
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  if (name === 'requesttemplate.vm') return { status: 200, text: request?.requestTemplate ?? '', headers };
  if (name === 'successtemplate.vm') return { status: 200, text: response?.successTemplate ?? '', headers };
  throw notFound('template', fileName);
}

export function schemaFile(version: ActionVersion, fileName: string, query: URLSearchParams): Reply {
  const shown = (schema: JsonObject) => (query.get('flatten') === 'true' ? flattened(schema) : schema);
  const name = fileName.toLowerCase();
  if (name === 'inputschema.json') return ok(shown(version.contract.input.inputSchema));
  if (name === 'successschema.json') return ok(shown(version.contract.output.successSchema));
  if (name === 'errorschema.json') return ok(errorSchema);
  throw notFound('schema', fileName);
}

const errorSchema: JsonObject = { type: 'object', properties: {}, additionalProperties: true };

/**
 * An action as the API shows it: the configuration only with `includeConfig=true` and with URIs in place of the
 * templates, the contract only with `expand=contract`.
 */
export function entity(call: Call, action: Action, version: ActionVersion, draft = false): JsonObject {
  const self = `${actionsBase}/${action.id}${draft ? '/draft' : ''}`;
  const { request, response } = version.config;
  const { requestTemplate: _template, ...requestRest } = request ?? {};
  const { successTemplate: _success, ...responseRest } = response ?? {};
  const flatten = call.query.get('flatten') === 'true';
  const input = version.contract.input.inputSchema;
  const success = version.contract.output.successSchema;
  return {
    id: action.id,
    name: version.name,
    integrationId: action.integrationId,
    category: version.category,
    ...(list(call.query, 'expand').includes('contract')
      ? {
          contract: {
            input: {
              ...(flatten ? { inputSchemaFlattened: flattened(input) } : { inputSchema: input }),
              inputSchemaUri: `${self}/schemas/inputschema.json`,
            },
            output: {
              ...(flatten
                ? { successSchemaFlattened: flattened(success), errorSchemaFlattened: errorSchema }
                : { successSchema: success, errorSchema }),
              successSchemaUri: `${self}/schemas/successschema.json`,
              errorSchemaUri: `${self}/schemas/errorschema.json`,
            },
          },
        }
      : {}),
    version: version.version,
    secure: version.secure,
    ...(call.query.get('includeConfig') === 'true'
      ? {
          config: {
            // "default 60" (Go SDK, ActionConfig.timeoutSeconds): it stays unset when it was not set.
            ...(version.config.timeoutSeconds === undefined
              ? {}
              : { timeoutSeconds: version.config.timeoutSeconds }),
            request: {
              headers: {},
              ...requestRest,
              requestTemplateUri: `${self}/templates/requesttemplate.vm`,
            },
            response: {
              translationMap: {},
              translationMapDefaults: {},
              ...responseRest,
              successTemplateUri: `${self}/templates/successtemplate.vm`,
            },
          },
        }
      : {}),
    selfUri: self,
  };
}
