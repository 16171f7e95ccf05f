/** A data action as a definition and properties that take it over without a change. */
import type { Models } from 'purecloud-platform-client-v2';
import { RefusedError } from '../../common/errors.ts';
import { isUniqueName } from '../../provider/lifecycle/making.ts';
import { sealedFor } from '../../provider/lifecycle/operation.ts';
import type { Looking } from '../../provider/lifecycle/resource-type.ts';
import { ROOM_OF_FORMER_STATE } from '../../provider/lifecycle/room.ts';
import { PropertyError, parseProperties } from '../../provider/properties/index.ts';
import { checkContract } from '../../provider/resources/data-action/contract.ts';
import { deadEnds } from '../../provider/resources/data-action/dead-actions.ts';
import { complete, inlineDefinition, MAX_BYTES } from '../../provider/resources/data-action/definition.ts';
import { dataAction } from '../../provider/resources/data-action/index.ts';
import { stateOf } from '../../provider/resources/data-action/mapping.ts';
import { type DataActionProperties, schema } from '../../provider/resources/data-action/schema.ts';
import { isAsWanted, refuseOther } from '../../provider/resources/data-action/taking-over.ts';
import type { Connection } from '../connection/connect.ts';
import { NotExported } from './findings.ts';
import { mayBeSecret } from './headers.ts';
import { refuseUnwritable } from './integration.ts';
import { type TextPath, tellingNames, textsOfSecret } from './texts.ts';
import { jsonText, sorted } from './yaml.ts';

/** The function that a Lambda integration calls, in the parts that differ by environment. */
export interface LambdaFunction {
  partition: string;
  region: string;
  account: string;
  /** Name, with a version or alias behind a colon. */
  name: string;
}

export interface ExportedAction {
  id: string;
  name: string;
  integrationId: string;
  /** The definition, as its file has it. Headers and texts that may be secret are left out. */
  definition: string;
  /** All headers, where one of them may be secret: its value is null. */
  headers: Record<string, string | null> | undefined;
  /** The texts that are left out, and why; the words continue as a remark does. */
  withheld: { texts: TextPath[]; why: string };
  lambda: LambdaFunction | undefined;
  /** Each continues the sentence that begins with the action. */
  remarks: string[];
}

/** Characters of a former state that certainly fit into the ledger. */
const FITS = ROOM_OF_FORMER_STATE / 2;
const LAMBDA =
  /^arn:(aws[a-z-]*):lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)?)$/;

/** An action with everything that it has in Genesys Cloud: three calls. @throws NotFoundError */
export async function readAction(
  id: string,
  { session }: Looking,
): Promise<{ action: Models.Action; state: ReturnType<typeof stateOf> }> {
  const { integrations } = session;
  const action = await integrations.getIntegrationsAction(id, { expand: 'contract', includeConfig: true });
  const text = (known: string | undefined, uri: string | undefined, file: string) =>
    known === undefined && uri !== undefined ? integrations.getIntegrationsActionTemplate(id, file) : known;
  const { request, response } = action.config ?? {};
  const [requestText, success] = await Promise.all([
    text(request?.requestTemplate, request?.requestTemplateUri, 'requesttemplate.vm'),
    text(response?.successTemplate, response?.successTemplateUri, 'successtemplate.vm'),
  ]);
  return { action, state: stateOf(action, { request: requestText ?? '', success: success ?? '' }) };
}

/**
 * @param about `callsLambda`: whether its integration calls functions; undefined where nobody knows.
 * `isSecret`: its definition is in a secret
 * @throws NotExported where a deployment could not take it over
 */
export async function actionOf(
  { action, state }: Awaited<ReturnType<typeof readAction>>,
  { callsLambda, isSecret }: { callsLambda: boolean | undefined; isSecret: boolean },
  connection: Connection,
): Promise<ExportedAction> {
  const { id = '', integrationId = '', contract, secure = false } = action;
  const { name, category } = state;
  if (isUniqueName(name))
    throw new NotExported(
      'has a name that ends in 12 hex digits in brackets, as unfinished objects of the provider have',
    );
  refuseUnwritable([name]);
  const definition = {
    name,
    category,
    secure,
    contract: {
      input: { inputSchema: contract?.input?.inputSchema },
      output: { successSchema: contract?.output?.successSchema },
    },
    config: configOf(state, action.config),
  };
  const { headers } = definition.config.request;
  const text = jsonText(definition);
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new NotExported(`has a definition of more than ${MAX_BYTES / 1024} KB`);
  const properties = await judged({
    ExistingId: id,
    IntegrationId: integrationId,
    Name: name,
    Definition: text,
  });
  await refuseUnusable(properties, action, state, callsLambda, connection);
  const secret = Object.keys(headers).filter((header) => mayBeSecret(header, headers[header] ?? ''));
  refuseFunctionNames(secret.length > 0 ? Object.keys(headers) : []);
  const shown = Object.fromEntries(Object.entries(headers).filter(([header]) => !secret.includes(header)));
  const withheld = withheldOf(properties, isSecret);
  return {
    id,
    name,
    integrationId,
    definition: jsonText(
      without(withheld.texts, secret.length === 0 ? definition : withHeaders(definition, shown)),
    ),
    withheld,
    headers:
      secret.length === 0
        ? undefined
        : Object.fromEntries(
            Object.entries(headers).map(([header, value]) => [
              header,
              secret.includes(header) ? null : value,
            ]),
          ),
    lambda: withheld.texts.includes('Request.UrlTemplate')
      ? undefined
      : lambdaOf(properties.Request.UrlTemplate),
    remarks: isAsWanted(state, properties) ? [] : [await changesOf(action, properties, connection)],
  };
}

/** The part of a configuration that properties describe. Absent members stay absent. */
function configOf({ config }: ReturnType<typeof stateOf>, there: Models.ActionConfig | undefined) {
  const { request, response } = config;
  const { requestUrlTemplate, requestType, requestTemplate, headers } = request ?? {};
  const { translationMap, translationMapDefaults, successTemplate } = response ?? {};
  return {
    timeoutSeconds: there?.timeoutSeconds,
    request: { requestUrlTemplate, requestType, requestTemplate, headers: texts(headers) },
    response: {
      translationMap: sorted(translationMap),
      translationMapDefaults: sorted(translationMapDefaults),
      successTemplate,
    },
  };
}

const texts = (headers: object | undefined): Record<string, string> =>
  sorted(Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])));

const withHeaders = <T extends { config: { request: object } }>(definition: T, headers: object) => ({
  ...definition,
  config: { ...definition.config, request: { ...definition.config.request, headers } },
});

const FROM_SECRET =
  'has a definition that is, or may be, in a secret (name it again by Definition.SecretArn and VersionId)';

function withheldOf(
  { Request, Response }: DataActionProperties,
  isSecret: boolean,
): ExportedAction['withheld'] {
  const texts = {
    'Request.UrlTemplate': Request.UrlTemplate,
    'Request.Template': Request.Template,
    'Response.SuccessTemplate': Response?.SuccessTemplate,
  };
  if (isSecret) return { texts: textsOfSecret(texts), why: FROM_SECRET };
  const names = tellingNames(Request.UrlTemplate).map((name) => JSON.stringify(name));
  const why = `has an address whose query may hold a secret (${names.join(', ')})`;
  return names.length > 0 ? { texts: ['Request.UrlTemplate'], why } : { texts: [], why: '' };
}

/** A definition without some of its texts. */
function without<T extends { config: { request: object; response: object } }>(
  texts: readonly TextPath[],
  definition: T,
) {
  const left = (path: TextPath, member: string) => (texts.includes(path) ? { [member]: undefined } : {});
  const { request, response } = definition.config;
  return {
    ...definition,
    config: {
      ...definition.config,
      request: {
        ...request,
        ...left('Request.UrlTemplate', 'requestUrlTemplate'),
        ...left('Request.Template', 'requestTemplate'),
      },
      response: { ...response, ...left('Response.SuccessTemplate', 'successTemplate') },
    },
  };
}

/** The properties as a deployment would have them. @throws NotExported */
async function judged(written: Record<string, unknown>): Promise<DataActionProperties> {
  try {
    const { Definition, ...typed } = parseProperties(schema, {
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
      ...written,
    });
    const properties = complete(typed, inlineDefinition(String(Definition)), 'Definition');
    checkContract(properties.Contract);
    return properties;
  } catch (error) {
    if (error instanceof PropertyError) throw new NotExported(`cannot be described: ${error.message}`);
    throw error;
  }
}

/** @throws NotExported where the provider would refuse to take it over */
async function refuseUnusable(
  properties: DataActionProperties,
  action: Models.Action,
  state: ReturnType<typeof stateOf>,
  callsLambda: boolean | undefined,
  { session, sealing, organization, deadline }: Connection,
): Promise<void> {
  const { id = '' } = action;
  try {
    refuseOther(action, properties);
  } catch (error) {
    if (error instanceof RefusedError) throw new NotExported(`cannot be taken over: ${error.message}`);
    throw error;
  }
  const [dead] = deadEnds(properties, callsLambda);
  if (dead !== undefined)
    throw new NotExported(`can never run, so the provider refuses it: ${dead.path} ${dead.problem}`);
  const lambda = lambdaOf(properties.Request.UrlTemplate);
  const region = lambda === undefined ? undefined : await session.region();
  if (lambda !== undefined && region !== undefined && lambda.region !== region)
    throw new NotExported(
      `calls a function in ${lambda.region}, and Genesys Cloud calls only those in ${region}`,
    );
  const text = JSON.stringify(state);
  if (text.length <= FITS) return;
  const sealed = await sealing.seal(text, sealedFor(organization.id, 'action', id), deadline);
  if (sealed.length > ROOM_OF_FORMER_STATE)
    throw new NotExported('is too large: the ledger has no room for its state, which a rollback needs');
}

/** A map with one such name is a call of CloudFormation's, and nothing else. @throws NotExported */
function refuseFunctionNames(names: readonly string[]): void {
  const [one, ...others] = names;
  if (others.length === 0 && /^(?:Ref|Condition|Fn::.*)$/.test(one ?? ''))
    throw new NotExported(`has a secret header named ${one}, which CloudFormation takes for a function`);
}

function lambdaOf(url: string): LambdaFunction | undefined {
  const [, partition = '', region = '', account = '', name = ''] = LAMBDA.exec(url) ?? [];
  return name === '' ? undefined : { partition, region, account, name };
}

/** The fields that a deployment would write. */
async function changesOf(
  action: Models.Action,
  properties: DataActionProperties,
  connection: Connection,
): Promise<string> {
  const record = { attributes: {}, applied: [] } as never;
  const applied = { properties, record } as never;
  const fields = await dataAction.drift.differences({ id: action.id } as never, applied, connection);
  const paths = fields.map(({ path }) => path).join(', ');
  return `is written by the deployment, because properties always say ${paths || 'more than it has'}`;
}
