/**
 * Between the properties of the resource and Genesys Cloud's models of a data action. Nothing here makes a
 * call.
 */
import type { Models } from 'purecloud-platform-client-v2';
import type { Result } from '../../lifecycle/resource-type.ts';
import type { DataActionProperties } from './schema.ts';

/** Genesys Cloud's own default, written out: a PATCH that merges would keep the value of before. */
const DEFAULT_TIMEOUT_SECONDS = 60;

/** The action by which an integration logs in (Genesys' Terraform provider, guide to custom_auth_action). */
export const isCustomAuth = (id: string) => id.startsWith('customAuth_-_');

/** Actions that Genesys Cloud makes itself; they have no owner. */
export const isOwnOfGenesysCloud = (id: string) => isCustomAuth(id) || id.startsWith('static');

/**
 * The `config` of the models. Templates are given in full, since a PATCH may replace what it does not name.
 */
export function configOf({
  TimeoutSeconds,
  Request,
  Response = {},
}: Pick<DataActionProperties, 'TimeoutSeconds' | 'Request' | 'Response'>): Models.ActionConfig {
  return {
    timeoutSeconds: TimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    request: {
      requestUrlTemplate: Request.UrlTemplate,
      requestType: Request.Type ?? 'POST',
      requestTemplate: Request.Template ?? '${input.rawRequest}',
      headers: Request.Headers ?? {},
    },
    response: {
      translationMap: Response.TranslationMap ?? {},
      translationMapDefaults: Response.TranslationMapDefaults ?? {},
      successTemplate: Response.SuccessTemplate ?? '${rawResult}',
    },
  };
}

/** The body of a POST. */
export function bodyOf(name: string, properties: DataActionProperties): Models.PostActionInput {
  return {
    name,
    category: properties.Category,
    integrationId: properties.IntegrationId,
    secure: properties.Secure,
    // The SDK types a JSON Schema narrowly; the API takes any (Genesys' Terraform provider posts raw JSON).
    contract: {
      input: { inputSchema: properties.Contract.Input },
      output: { successSchema: properties.Contract.Output },
    } as unknown as Models.ActionContractInput,
    config: configOf(properties),
  };
}

/** The body of a PATCH, without the version. */
export const changesOf = (properties: DataActionProperties): ActionState => ({
  name: properties.Name,
  category: properties.Category,
  config: configOf(properties),
});

/** The resource's attributes. */
export const attributesOf = (
  id: string,
  { Name, IntegrationId }: DataActionProperties,
  version: number,
): Result['attributes'] => ({ DataActionId: id, Name, Version: String(version), IntegrationId });

/** The part of an action that a PATCH changes. */
export type ActionState = Required<Pick<Models.UpdateActionInput, 'name' | 'category' | 'config'>>;

/** An action in the form that a PATCH takes. Templates that it names by URI are given as `templates`. */
export function stateOf(
  { name = '', category = '', config = {} }: Models.Action,
  templates: { request?: string | undefined; success?: string | undefined },
): ActionState {
  const { requestTemplateUri: _, ...request } = config.request ?? {};
  const { successTemplateUri: __, ...response } = config.response ?? {};
  const requestTemplate = request.requestTemplate ?? templates.request;
  const successTemplate = response.successTemplate ?? templates.success;
  return {
    name,
    category,
    config: {
      timeoutSeconds: config.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      request: { ...request, ...(requestTemplate === undefined ? {} : { requestTemplate }) },
      response: { ...response, ...(successTemplate === undefined ? {} : { successTemplate }) },
    },
  };
}

/** The part of the properties that cannot change in place. */
export type Fixed = Pick<DataActionProperties, 'IntegrationId' | 'Secure' | 'Contract'>;
