import { contractProblems, depth } from './contract.ts';
import { customAuthId } from './custom-auth.ts';
import { badRequest } from './errors.ts';
import { newFunction } from './function-state.ts';
import type { Call } from './http.ts';
import {
  type Action,
  type ActionConfig,
  type ActionContract,
  type ActionVersion,
  newActionId,
} from './store.ts';

/** Keeps the old names too, because the name index is late. */
export function rename(call: Call, action: Action, name: string): void {
  if (action.names.at(-1)?.name !== name) action.names.push({ name, at: call.fixed.clock.now() });
}

/** Makes an action with a draft from the body. @throws ApiError 400 */
export function newAction(call: Call, isToStayDraft = false): Action {
  const { organization, fixed, settings, world } = call;
  const body = call.body as Omit<ActionVersion, 'version' | 'secure'> & {
    integrationId: string;
    secure?: boolean;
  };
  const integration = organization.integrations.get(body.integrationId);
  const now = fixed.clock.now();
  if (integration === undefined || now - integration.createdAt < settings.delays.integrationReadyMs)
    throw badRequest(`There is no integration ${body.integrationId}`, 'invalid.integration');
  const kind = world.integrationTypes.get(integration.typeId)?.actions ?? 'none';
  // "Not supported for 'Function Integration' actions. Function integrations must be created as drafts"
  // (SDKs, postIntegrationsActions).
  if (kind === 'none' || (kind === 'function' && !isToStayDraft))
    throw badRequest(`An integration of type ${integration.typeId} takes no data actions by this call`);
  const version: ActionVersion = {
    version: 1,
    name: body.name,
    category: body.category,
    secure: body.secure ?? false,
    config: body.config,
    contract: body.contract,
    ...(kind === 'function' ? { function: newFunction() } : {}),
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

/** The next version, with the changes of the body. */
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
    ...(current.function === undefined ? {} : { function: current.function }),
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

/** @throws ApiError 400 for an action that Genesys Cloud ships. The ids of those start with `static`. */
export function refuseStatic(action: Action): void {
  if (action.id.startsWith('static')) throw badRequest('Built-in actions cannot be changed or deleted');
}
