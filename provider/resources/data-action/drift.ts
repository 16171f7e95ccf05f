/** Looks at data actions by their list, and reads one by itself only where its version has moved. */
import type { Models } from 'purecloud-platform-client-v2';
import { entitiesOf } from '../../genesys/index.ts';
import { differencesBetween } from '../../lifecycle/differences.ts';
import type { AppliedForm, Difference, DriftRules, Looking } from '../../lifecycle/resource-type.ts';
import { configOf, stateOf } from './mapping.ts';
import type { DataActionProperties } from './schema.ts';

export const drift: DriftRules<DataActionProperties, Models.Action> = {
  list: ({ session }) =>
    entitiesOf((page) => session.integrations.getIntegrationsActions({ includeConfig: true, ...page })),

  read: (id, { session }) => session.integrations.getIntegrationsAction(id, {}),

  async differences(listed, applied, looking) {
    const { properties, record } = applied;
    // The list has neither contract nor templates. Every change of an action makes another version.
    const isAsWritten =
      listed.config !== undefined && String(listed.version) === record.attributes['Version'];
    const { id = '' } = listed;
    const action = isAsWritten
      ? listed
      : await looking.session.integrations.getIntegrationsAction(id, {
          expand: 'contract',
          includeConfig: true,
        });
    const templates = isAsWritten ? templatesOf(properties) : await templatesThere(action, looking);
    return differencesOf(action, isAsWritten, applied, templates);
  },

  troubles: async () => [],
};

interface Templates {
  request: string | undefined;
  success: string | undefined;
}

function differencesOf(
  action: Models.Action,
  isAsWritten: boolean,
  { properties, record }: AppliedForm<DataActionProperties>,
  templates: Templates,
): Difference[] {
  const { name, category, config } = stateOf(action, templates);
  const now = {
    ...asProperties({ name, category, config }),
    IntegrationId: action.integrationId,
    Secure: action.secure ?? false,
    ...(isAsWritten
      ? {}
      : {
          Contract: {
            Input: action.contract?.input?.inputSchema,
            Output: action.contract?.output?.successSchema,
          },
        }),
  };
  const { Name, Category, IntegrationId, Secure, Contract } = properties;
  const applied = {
    ...asProperties({ name: Name, category: Category, config: configOf(properties) }),
    IntegrationId,
    Secure,
    ...(isAsWritten ? {} : { Contract }),
  };
  const isFromOutside = record.applied[0]?.outside !== undefined;
  return differencesBetween(applied, now, '').map((difference) =>
    mayBeSecret(difference.path, isFromOutside) ? { ...difference, isSecret: true } : difference,
  );
}

/** Texts of a definition in a secret are secret. */
const OF_SECRET = ['Request.UrlTemplate', 'Request.Template', 'Response.SuccessTemplate'];

/** @param isFromOutside the definition is in S3 or in a secret; the ledger does not say in which of them */
const mayBeSecret = (path: string, isFromOutside: boolean) =>
  path.startsWith('Request.Headers') || (isFromOutside && OF_SECRET.includes(path));

/** The fields of an action by the names of the properties. */
function asProperties({
  name,
  category,
  config,
}: {
  name: string;
  category: string;
  config: Models.ActionConfig;
}) {
  const { request, response, timeoutSeconds } = config;
  return {
    Name: name,
    Category: category,
    TimeoutSeconds: timeoutSeconds,
    Request: {
      UrlTemplate: request?.requestUrlTemplate,
      Type: request?.requestType,
      Template: request?.requestTemplate,
      Headers: request?.headers ?? {},
    },
    Response: {
      TranslationMap: response?.translationMap ?? {},
      TranslationMapDefaults: response?.translationMapDefaults ?? {},
      SuccessTemplate: response?.successTemplate,
    },
  };
}

function templatesOf(properties: DataActionProperties): Templates {
  const { request, response } = configOf(properties);
  return { request: request?.requestTemplate, success: response?.successTemplate };
}

/** The API answers the places of the templates instead of their text. */
async function templatesThere({ id = '', config }: Models.Action, { session }: Looking): Promise<Templates> {
  const text = (uri: string | undefined, file: string) =>
    uri === undefined ? undefined : session.integrations.getIntegrationsActionTemplate(id, file);
  const [request, success] = await Promise.all([
    text(config?.request?.requestTemplateUri, 'requesttemplate.vm'),
    text(config?.response?.successTemplateUri, 'successtemplate.vm'),
  ]);
  return { request, success };
}
