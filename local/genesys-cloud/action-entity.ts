import { flattened } from './contract.ts';
import { notFound } from './errors.ts';
import { type Call, ok, type Reply } from './http.ts';
import type { JsonObject } from './json.ts';
import { list } from './listing.ts';
import type { Action, ActionVersion } from './store.ts';

export const actionsBase = '/api/v2/integrations/actions';

/** `requesttemplate.vm` or `successtemplate.vm` as plain text. @throws ApiError 404 */
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
 * An action in the answers of the API. `includeConfig=true` adds the configuration, with URIs instead of the
 * templates. `expand=contract` adds the contract.
 */
export function entity(call: Call, action: Action, version: ActionVersion, draft = false): JsonObject {
  const self = `${actionsBase}/${action.id}${draft ? '/draft' : ''}`;
  const { response } = version.config;
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
            // The default of 60 (Go SDK, ActionConfig.timeoutSeconds) is not written into the configuration.
            ...(version.config.timeoutSeconds === undefined
              ? {}
              : { timeoutSeconds: version.config.timeoutSeconds }),
            ...requestEntity(call, version, self),
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

/** The request of a configuration, under the key `request`. */
function requestEntity(call: Call, version: ActionVersion, self: string): JsonObject {
  const { request } = version.config;
  if (request === undefined && call.settings.behaviour.missingRequest === 'absent') return {};
  const { requestTemplate: _, ...rest } = request ?? {};
  return {
    request: {
      // Never missing: Genesys' Terraform provider reads it without a check (FlattenActionConfigRequest).
      requestUrlTemplate: '',
      headers: {},
      ...rest,
      requestTemplateUri: `${self}/templates/requesttemplate.vm`,
    },
  };
}
