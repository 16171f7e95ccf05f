import { isDeepStrictEqual } from 'node:util';
import { changed, checkConfig, checkContract, newAction, refuseStatic, rename } from './action-content.ts';
import { actionsBase, entity, schemaFile, templateFile } from './action-entity.ts';
import { actionOf, editActions, matching, viewActions } from './actions.ts';
import { contractProblems } from './contract.ts';
import { badRequest, notFound } from './errors.ts';
import { testAction } from './execution.ts';
import { functionProblems } from './function-state.ts';
import { type Call, noContent, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { page } from './listing.ts';
import type { Action, ActionVersion } from './store.ts';
import { checkDraftVersion } from './versions.ts';

const draftOfAction = `${actionsBase}/{actionId}/draft`;

export const draftRoutes: Route[] = [
  {
    method: 'GET',
    template: `${actionsBase}/drafts`,
    permissions: viewActions,
    handle: (call) =>
      ok(
        page(
          `${actionsBase}/drafts`,
          call.query,
          matching(call, (action) => action.draft),
        ),
      ),
  },
  {
    method: 'POST',
    template: `${actionsBase}/drafts`,
    permissions: ['integrations:action:add'],
    body: 'PostActionInput',
    handle(call) {
      const action = newAction(call, true);
      return ok(entity(call, action, draftOf(action), true));
    },
  },
  {
    method: 'GET',
    template: draftOfAction,
    permissions: viewActions,
    handle(call) {
      const action = actionOf(call);
      return ok(entity(call, action, draftOf(action), true));
    },
  },
  {
    method: 'POST',
    template: draftOfAction,
    permissions: editActions,
    handle(call) {
      const action = actionOf(call);
      refuseStatic(action);
      if (action.published === undefined) throw notFound('published action', action.id);
      if (action.draft !== undefined) throw badRequest('The action has a draft already', 'draft.exists');
      // A copy, because the function of a draft changes in place.
      action.draft = { ...structuredClone(action.published), version: 1 };
      return ok(entity(call, action, action.draft, true));
    },
  },
  {
    method: 'PATCH',
    template: draftOfAction,
    permissions: editActions,
    body: 'UpdateDraftInput',
    handle(call) {
      const action = actionOf(call);
      const draft = draftOf(action);
      const body = call.body as Partial<ActionVersion> & { version: number };
      checkDraftVersion(body.version, draft.version);
      if (body.config !== undefined) checkConfig(action, body.config);
      if (body.contract !== undefined) checkContract(body.contract);
      action.draft = changed(call, draft, body);
      return ok(entity(call, action, action.draft, true));
    },
  },
  {
    method: 'DELETE',
    template: draftOfAction,
    permissions: ['integrations:action:delete'],
    handle(call) {
      const action = actionOf(call);
      draftOf(action);
      action.draft = undefined;
      if (action.published === undefined) call.organization.actions.delete(action.id);
      return noContent;
    },
  },
  {
    method: 'GET',
    template: `${draftOfAction}/validation`,
    permissions: editActions,
    handle(call) {
      const action = actionOf(call);
      const problems = draftProblems(action, draftOf(action));
      return ok({
        valid: problems.length === 0,
        errors: problems.map((problem) => badRequest(problem, 'invalid.draft').body(call.contextId)),
      });
    },
  },
  {
    method: 'POST',
    template: `${draftOfAction}/publish`,
    permissions: editActions,
    body: 'PublishDraftInput',
    handle(call) {
      const action = actionOf(call);
      const draft = draftOf(action);
      checkDraftVersion((call.body as { version: number }).version, draft.version);
      const problems = draftProblems(action, draft);
      if (problems.length > 0) throw badRequest(problems.join('; '), 'invalid.draft');
      action.published = { ...draft, version: (action.published?.version ?? 0) + 1 };
      action.draft = undefined;
      rename(call, action, action.published.name);
      return ok(entity(call, action, action.published));
    },
  },
  {
    method: 'POST',
    template: `${draftOfAction}/test`,
    permissions: ['integrations:action:execute'],
    body: 'object',
    async handle(call: Call) {
      const action = actionOf(call);
      return ok(await testAction(call, action, draftOf(action), call.body as JsonObject));
    },
  },
  {
    method: 'GET',
    template: `${draftOfAction}/templates/{fileName}`,
    permissions: viewActions,
    handle: (call) => templateFile(draftOf(actionOf(call)), param(call, 'fileName')),
  },
  {
    method: 'GET',
    template: `${draftOfAction}/schemas/{fileName}`,
    permissions: viewActions,
    handle: (call) => schemaFile(draftOf(actionOf(call)), param(call, 'fileName'), call.query),
  },
];

function draftOf(action: Action): ActionVersion {
  if (action.draft === undefined) throw notFound('draft of action', action.id);
  return action.draft;
}

/** "You cannot change the contracts after you publish the action" (help.mypurecloud.com, ?p=141876). */
function draftProblems(action: Action, draft: ActionVersion): string[] {
  const problems = contractProblems(draft.contract);
  if (action.published !== undefined) {
    if (!isDeepStrictEqual(action.published.contract, draft.contract))
      problems.push('The contract of a published action cannot be changed');
    if (action.published.secure !== draft.secure)
      problems.push('secure cannot be changed once the action is published');
  }
  if (draft.function !== undefined) return [...problems, ...functionProblems(draft.function)];
  if (!draft.config.request?.requestUrlTemplate)
    problems.push('config.request.requestUrlTemplate is missing');
  if (!draft.config.request?.requestType) problems.push('config.request.requestType is missing');
  return problems;
}
