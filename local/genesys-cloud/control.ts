import { badRequest } from './errors.ts';
import type { FaultSpec, Faults } from './faults.ts';
import { noContent, ok, type Reply, type Simulator } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Behaviour, Delays, Settings } from './options.ts';
import { applySeed, type Seed } from './seed.ts';
import type {
  Action,
  Client,
  ConversationKeyConfiguration,
  Credential,
  Integration,
  KeyConfiguration,
  Organization,
} from './store.ts';

/** One request, in order of arrival. Requests to the control surface are not recorded. */
export interface RecordedCall {
  method: string;
  path: string;
  /** With the `?`; empty if there is no query. */
  query: string;
  /** The route, such as `/api/v2/integrations/{integrationId}`; the path itself if there is no route. */
  template: string;
  /** The OAuth client; undefined if the request named none that exists. */
  clientId: string | undefined;
  /** The number of the login that issued its token, from 1; missing if the token is unknown. */
  token?: number;
  /** `Retry-After` of the answer. */
  retryAfterSeconds?: number;
  /** 0 while there is no answer, and for ever after a reset or hang. */
  status: number;
  /** The injected fault, as JSON. */
  fault?: string;
  /** Time by the clock of the server, in milliseconds. */
  at: number;
}

/** The content of the organizations. Credential values and OAuth secrets are in it only on request. */
export interface State {
  organizations: OrganizationState[];
  clients: { id: string; organizationId: string; permissions: string[]; secret?: string }[];
}

export interface OrganizationState {
  id: string;
  name: string;
  region: string;
  integrations: Integration[];
  credentials: (Omit<Credential, 'fields'> & { fields: Record<string, string> })[];
  actions: Action[];
  keyConfigurations: KeyConfiguration[];
  conversationKeyConfigurations: ConversationKeyConfiguration[];
  recordingKeys: Organization['recordingKeys'];
  rotationPeriod: string;
  flows: Organization['flows'];
  /** Clients that were made over the API. `clients` of the whole state has those of the tests, too. */
  oauthClients: Pick<Client, 'id' | 'name' | 'description' | 'grantType' | 'tokenSeconds'>[];
}

export function stateOf({ world }: Simulator, withSecrets = false): State {
  const state = {
    organizations: [...world.organizations.values()].map((organization) => ({
      id: organization.id,
      name: organization.name,
      region: organization.region,
      integrations: [...organization.integrations.values()],
      credentials: [...organization.credentials.values()].map((credential) => ({
        ...credential,
        fields: withSecrets ? credential.fields : redacted(credential.fields),
      })),
      actions: [...organization.actions.values()],
      keyConfigurations: [...organization.keyConfigurations.values()].map((configuration) =>
        withSecrets || configuration.apiKey === undefined
          ? configuration
          : { ...configuration, apiKey: '*****' },
      ),
      conversationKeyConfigurations: [...organization.conversationKeyConfigurations.values()],
      recordingKeys: organization.recordingKeys,
      rotationPeriod: organization.rotationPeriod,
      flows: organization.flows,
      oauthClients: [...world.clients.values()]
        .filter(({ organizationId, madeAt }) => organizationId === organization.id && madeAt !== undefined)
        .map(({ id, name, description, grantType, tokenSeconds }) => ({
          id,
          name,
          description,
          grantType,
          tokenSeconds,
        })),
    })),
    clients: [...world.clients.values()].map((client: Client) => ({
      id: client.id,
      organizationId: client.organizationId,
      permissions: client.permissions,
      ...(withSecrets ? { secret: client.secret } : {}),
    })),
  };
  // A copy, because later calls change the objects.
  return structuredClone(state);
}

const redacted = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, '*****']));

/** Changes settings while the server runs. @throws ApiError 400 for an unknown name */
export function changeSettings(
  settings: Settings,
  change: Partial<Omit<Settings, 'delays' | 'behaviour'>> & {
    delays?: Partial<Delays>;
    behaviour?: Partial<Behaviour>;
  },
): void {
  const { delays, behaviour, ...rest } = change;
  assignKnown(settings, rest);
  assignKnown(settings.delays, delays ?? {});
  assignKnown(settings.behaviour, behaviour ?? {});
}

function assignKnown(target: object, change: object): void {
  for (const name of Object.keys(change))
    if (!Object.hasOwn(target, name)) throw badRequest(`There is no setting ${name}`);
  Object.assign(target, change);
}

/**
 * The control surface under `/_control/`. It needs no authentication, as the server listens on 127.0.0.1
 * only.
 */
export function control(
  simulator: Simulator,
  faults: Faults,
  calls: RecordedCall[],
  request: { method: string; path: string; query: URLSearchParams; body: unknown },
): Reply {
  const { method, path, query } = request;
  const body = (request.body ?? {}) as JsonObject;
  switch (`${method} ${path.replace('/_control/', '')}`) {
    case 'GET faults':
      return ok(faults.all());
    case 'POST faults':
      return ok(faults.add((Array.isArray(body) ? body : [body]) as FaultSpec[]));
    case 'DELETE faults':
      faults.clear(query.get('id') ?? undefined);
      return noContent;
    case 'POST seed':
      return ok(applySeed(simulator, body as Seed));
    case 'GET state':
      return ok(stateOf(simulator, query.get('secrets') === 'true'));
    case 'GET calls':
      return ok(calls);
    case 'DELETE calls':
      calls.length = 0;
      return noContent;
    case 'GET settings':
      return ok(simulator.settings);
    case 'PATCH settings':
      changeSettings(simulator.settings, body);
      return ok(simulator.settings);
    default:
      return { status: 404, body: { message: `There is no ${method} ${path}; see README.md` } };
  }
}
