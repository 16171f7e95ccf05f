/** The calls of Genesys Cloud's API for data actions. */
import type { Models } from 'purecloud-platform-client-v2';
import { registerSecretOfRequest } from '../../../common/redaction.ts';
import { BadRequestError, collect, NotFoundError, secretsInHeaders } from '../../genesys/index.ts';
import type { CollectionApi } from '../../lifecycle/collection.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { PlaceGoneError } from '../../lifecycle/resource-type.ts';
import { isNoObject, listed, onExisting, patiently, withFreshVersion } from '../../lifecycle/waiting.ts';
import { type ActionState, bodyOf, changesOf, stateOf } from './mapping.ts';
import type { DataActionProperties } from './schema.ts';

/** Genesys Cloud may not know everywhere an object that is younger than this. */
const YOUNG_OBJECT_MILLISECONDS = 120_000;
/** How long the action service may answer 400 for the integration that it does not know yet. */
const YOUNG_INTEGRATION_MILLISECONDS = 30_000;

export const api: CollectionApi<DataActionProperties, Models.Action, undefined> = {
  read: (id, { session }) =>
    session.integrations.getIntegrationsAction(id, { expand: 'contract', includeConfig: true }),

  list: (id, operation) => allActions(id === undefined ? {} : { ids: id }, operation),

  async named(name, properties, operation) {
    const found = await collect(allActions({ name }, operation));
    // The API's filter takes parts of names.
    return found.filter(
      (action) =>
        action.name === name &&
        (properties === undefined || action.integrationId === properties.IntegrationId),
    );
  },

  async make(name, { properties }, operation) {
    try {
      return await patiently(
        () => operation.session.integrations.postIntegrationsActions(bodyOf(name, properties)),
        async (error) => isOfMissing(error) && (await isIntegrationYoung(properties, operation)),
        operation,
        YOUNG_INTEGRATION_MILLISECONDS,
      );
    } catch (error) {
      throw isOfMissing(error) ? await missingIntegration(error, properties, operation) : error;
    }
  },

  change: (id, { properties }, known, operation) => patch(id, changesOf(properties), known, operation),

  remove: (id, { session }) => session.integrations.deleteIntegrationsAction(id),
};

/** The errors with which the action service may answer for an integration that it does not know. */
const isOfMissing = (error: unknown): error is BadRequestError | NotFoundError =>
  error instanceof BadRequestError || error instanceof NotFoundError;

/** The refusal of a new action in other words, where its integration is not there; else as it is. */
async function missingIntegration(
  refusal: BadRequestError | NotFoundError,
  { IntegrationId }: DataActionProperties,
  { session }: Operation,
): Promise<BadRequestError | NotFoundError> {
  if (!(await isNoObject(() => session.integrations.getIntegration(IntegrationId, {})))) return refusal;
  const said = new PlaceGoneError(
    `The integration ${IntegrationId} is not in Genesys Cloud any more: it was deleted by another hand, and its data actions with it. Change the Nonce of its resource and deploy: the provider makes it anew with another id, and what refers to it follows. Or name another integration`,
    refusal,
  );
  // After a call of unknown outcome a refusal does not prove that nothing was made.
  said.isAfterUnknown = refusal.isAfterUnknown;
  return said;
}

/** Every data action, of all integrations: the API has no filter for one. */
export const allActions = (
  filter: { name?: string; ids?: string },
  operation: Operation,
): AsyncGenerator<Models.Action> =>
  listed((page) => operation.session.integrations.getIntegrationsActions({ ...filter, ...page }), operation);

/** Writes name, category and configuration. @param known the action as it was just read or made */
export function patch(
  id: string,
  state: ActionState,
  known: Models.Action | undefined,
  operation: Operation,
): Promise<Models.Action> {
  const { integrations } = operation.session;
  let version = known?.version;
  return withFreshVersion(async () => {
    version ??=
      (await onExisting(id, () => integrations.getIntegrationsAction(id, {}), operation)).version ?? 1;
    const body = { ...state, version };
    // After a conflict the version is read again.
    version = undefined;
    return onExisting(id, () => integrations.patchIntegrationsAction(id, body), operation);
  }, operation);
}

/**
 * An action in the form that a PATCH takes. Reading an action answers the places of its templates instead of
 * their text (Genesys' Terraform provider reads them so, too).
 */
export async function readState(action: Models.Action, { session }: Operation): Promise<ActionState> {
  const { id = '', config = {} } = action;
  const { request, response } = config;
  keepHeadersSecret(config);
  const text = async (known: string | undefined, uri: string | undefined, file: string) =>
    known === undefined && uri !== undefined
      ? session.integrations.getIntegrationsActionTemplate(id, file)
      : known;
  const [requestTemplate, successTemplate] = await Promise.all([
    text(request?.requestTemplate, request?.requestTemplateUri, 'requesttemplate.vm'),
    text(response?.successTemplate, response?.successTemplateUri, 'successtemplate.vm'),
  ]);
  return stateOf(action, { request: requestTemplate, success: successTemplate });
}

/** Somebody may have written a secret into a header: no message shows a header's value. */
export function keepHeadersSecret({ request }: Models.ActionConfig): void {
  for (const secret of secretsInHeaders(request?.headers)) registerSecretOfRequest(secret);
}

/** Whether Genesys Cloud may not know the action's integration everywhere yet. */
async function isIntegrationYoung(
  { IntegrationId }: Pick<DataActionProperties, 'IntegrationId'>,
  { ledger, deadline, clock }: Operation,
): Promise<boolean> {
  return isYoung((await ledger.object('integration', IntegrationId, deadline))?.createdAt, clock.now());
}

/**
 * Whether the integration's role may be so new that AWS does not admit Genesys Cloud yet. An update of the
 * integration may name another role.
 */
export async function isRoleYoung(
  { IntegrationId }: Pick<DataActionProperties, 'IntegrationId'>,
  { ledger, deadline, clock }: Operation,
): Promise<boolean> {
  const record = await ledger.object('integration', IntegrationId, deadline);
  const configuredAt = Number(record?.details['configuredAt'] ?? record?.createdAt);
  return isYoung(Number.isNaN(configuredAt) ? undefined : configuredAt, clock.now());
}

/** @param createdAt milliseconds since the epoch; undefined for an object that the ledger does not know */
export const isYoung = (createdAt: number | undefined, now: number) =>
  createdAt !== undefined && now - createdAt < YOUNG_OBJECT_MILLISECONDS;
