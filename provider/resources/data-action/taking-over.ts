/** Questions about an action that is to be taken over. No other request loads this file. */
import type { Models } from 'purecloud-platform-client-v2';
import { fingerprint } from '../../../common/canonical-json.ts';
import { RefusedError } from '../../../common/errors.ts';
import { differencesBetween } from '../../lifecycle/differences.ts';
import { untyped } from '../../properties/index.ts';
import { type ActionState, changesOf, type Fixed, isCustomAuth, isOwnOfGenesysCloud } from './mapping.ts';
import type { DataActionProperties } from './schema.ts';

const MOST_DIFFERENCES = 5;

/**
 * Refuses an action that the properties cannot mean, since it differs in what cannot change in place.
 * @throws RefusedError that names the paths
 */
export function refuseOther(action: Models.Action, fixed: Fixed): void {
  const { id = '' } = action;
  if (isCustomAuth(id)) {
    throw new RefusedError(
      `The data action ${id} is the custom auth action of an integration: Genesys Cloud makes and deletes it together with the integration's credential of the type userDefinedOAuth. Only its request and response can be configured, in Genesys Cloud (Admin > Integrations > Actions) or by CX as Code (genesyscloud_integration_custom_auth_action); leave it out here.`,
    );
  }
  if (isOwnOfGenesysCloud(id)) {
    throw new RefusedError(
      `The data action ${id} is built into Genesys Cloud: nobody can change or delete it. Leave it out; flows name it by its id.`,
    );
  }
  const differing = differencesOf(action, fixed);
  if (differing.length === 0) return;
  const shown = differing.slice(0, MOST_DIFFERENCES).join(', ');
  const more = differing.length > MOST_DIFFERENCES ? ` and ${differing.length - MOST_DIFFERENCES} more` : '';
  throw new RefusedError(
    `The data action ${id} cannot be taken over: ${shown}${more} cannot change in place, and differs. Make the properties as they are there; or make a new action beside it, with another Name or in another integration.`,
  );
}

/** In which properties that cannot change in place an action differs, each with its path. */
export function differencesOf(action: Models.Action, { IntegrationId, Secure, Contract }: Fixed): string[] {
  const { integrationId, secure = false, contract } = action;
  return [
    ...(integrationId === IntegrationId ? [] : [`IntegrationId (there it is ${integrationId})`]),
    ...(secure === Secure ? [] : [`Secure (there it is ${secure})`]),
    ...differingPaths(contract?.input?.inputSchema, Contract.Input, 'Contract.Input'),
    ...differingPaths(contract?.output?.successSchema, Contract.Output, 'Contract.Output'),
  ];
}

/** Paths at which two JSON values differ; the types of scalars do not count. */
const differingPaths = (there: unknown, wanted: unknown, path: string) =>
  differencesBetween(wanted, there, path).map((difference) => difference.path);

/** Whether a PATCH would change nothing. Fields that no property speaks of do not count. */
export const isAsWanted = (state: ActionState, properties: DataActionProperties): boolean =>
  fingerprint(untyped(managedPart(state))) === fingerprint(untyped(managedPart(changesOf(properties))));

/** An absent text and an empty one are equal, and so are an absent map and an empty one. */
const managedPart = ({ name, category, config: { timeoutSeconds, request, response } }: ActionState) => [
  name,
  category,
  timeoutSeconds,
  request?.requestUrlTemplate,
  request?.requestType,
  request?.requestTemplate ?? '',
  request?.headers ?? {},
  response?.translationMap ?? {},
  response?.translationMapDefaults ?? {},
  response?.successTemplate ?? '',
];
