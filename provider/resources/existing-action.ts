import type { Models } from 'purecloud-platform-client-v2';
import type { Work } from '../lifecycle/work.ts';
import { fingerprint } from '../runtime/canonical.ts';
import { RefusedError } from '../runtime/errors.ts';
import { isPlainObject, ownMember } from '../runtime/objects.ts';
import { registerSecret } from '../runtime/redaction.ts';

/** Genesys Cloud's own default, written out. */
export const DEFAULT_TIMEOUT_SECONDS = 60;

/** Actions that Genesys Cloud makes itself; they have no owner. */
export const isOwnOfGenesysCloud = (id: string) => id.startsWith('customAuth_-_') || id.startsWith('static');

/** What of an action cannot change in place. */
interface Fixed {
  IntegrationId: string;
  Secure: boolean;
  Contract: { Input: Record<string, unknown>; Output: Record<string, unknown> };
}

/**
 * Refuses an action that the properties cannot mean: what they cannot change in place is another there.
 * @throws RefusedError that says what differs
 */
export function refuseOther(action: Models.Action, { IntegrationId, Secure, Contract }: Fixed): void {
  const { id = '', integrationId, secure = false, contract } = action;
  if (isOwnOfGenesysCloud(id)) {
    throw new RefusedError(`The data action ${id} is Genesys Cloud's own: nobody can change or delete it.`);
  }
  const differing = [
    ...(integrationId === IntegrationId ? [] : [`IntegrationId (there it is ${integrationId})`]),
    ...(secure === Secure ? [] : [`Secure (there it is ${secure})`]),
    ...differences(contract?.input?.inputSchema, Contract.Input, 'Contract.Input'),
    ...differences(contract?.output?.successSchema, Contract.Output, 'Contract.Output'),
  ];
  if (differing.length === 0) return;
  const shown = differing.slice(0, MOST_DIFFERENCES).join(', ');
  const more = differing.length > MOST_DIFFERENCES ? ` and ${differing.length - MOST_DIFFERENCES} more` : '';
  throw new RefusedError(
    `The data action ${id} cannot be taken over: ${shown}${more} cannot change in place, and differs. Make the properties as they are there; or make a new action beside it, with another Name or in another integration.`,
  );
}

const MOST_DIFFERENCES = 5;

/** Paths at which two JSON values differ. */
function differences(there: unknown, wanted: unknown, path: string): string[] {
  if (!isPlainObject(there) || !isPlainObject(wanted))
    return fingerprint(there) === fingerprint(wanted) ? [] : [path];
  const names = [...new Set([...Object.keys(there), ...Object.keys(wanted)])];
  return names.flatMap((name) =>
    differences(ownMember(there, name), ownMember(wanted, name), `${path}.${name}`),
  );
}

/** What an update of an action changes. */
export type ActionState = Required<Pick<Models.UpdateActionInput, 'name' | 'category' | 'config'>>;

/** An action as it is, in the form that a PATCH takes. */
export async function stateOf(action: Models.Action, work: Work): Promise<ActionState> {
  const { id = '', name = '', category = '', config = {} } = action;
  const { requestTemplateUri, ...request } = config.request ?? {};
  const { successTemplateUri, ...response } = config.response ?? {};
  keepHeadersSecret(config);
  // Reading an action answers the templates' places instead of their text (CX as Code reads them so, too).
  const text = async (known: string | undefined, uri: string | undefined, file: string) =>
    known === undefined && uri !== undefined
      ? work.session.integrations.getIntegrationsActionTemplate(id, file)
      : known;
  const [requestTemplate, successTemplate] = await Promise.all([
    text(request.requestTemplate, requestTemplateUri, 'requesttemplate.vm'),
    text(response.successTemplate, successTemplateUri, 'successtemplate.vm'),
  ]);
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

/** Somebody may have written a secret into a header: no message shows what is in one. */
export function keepHeadersSecret({ request }: Models.ActionConfig): void {
  for (const value of Object.values(request?.headers ?? {})) registerSecret(String(value));
}
