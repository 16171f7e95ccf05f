import { badRequest } from './errors.ts';
import type { FaultSpec, Faults } from './faults.ts';
import { noContent, ok, type Reply, type Simulator } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Behaviour, Delays, Settings } from './options.ts';
import { applySeed, type Seed } from './seed.ts';
import type { Action, Client, Credential, Integration, KeyConfiguration, Organization } from './store.ts';

/** One request that was received, in order of arrival; the control surface's own are not in it. */
export interface RecordedCall {
  method: string;
  path: string;
  /** With the `?`; empty without. */
  query: string;
  /** The route, such as `/api/v2/integrations/{integrationId}`; the path itself where there is none. */
  template: string;
  /** The OAuth client, as far as it became known. */
  clientId: string | undefined;
  /** Which login its token is from, counted from 1; missing without a good one. */
  token?: number;
  /** What the answer said of when to come back. */
  retryAfterSeconds?: number;
  /** 0 as long as there is no answer, and when there never was one (reset, hang). */
  status: number;
  /** What the control surface did to it. */
  fault?: string;
  /** Milliseconds of the server's clock. */
  at: number;
}

/** What the organizations hold now. Credential values and OAuth secrets only when they are asked for. */
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
  recordingKeys: Organization['recordingKeys'];
  rotationPeriod: string;
  flows: Organization['flows'];
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
      recordingKeys: organization.recordingKeys,
      rotationPeriod: organization.rotationPeriod,
      flows: organization.flows,
    })),
    clients: [...world.clients.values()].map((client: Client) => ({
      id: client.id,
      organizationId: client.organizationId,
      permissions: client.permissions,
      ...(withSecrets ? { secret: client.secret } : {}),
    })),
  };
  // A copy: what is read is not changed by what happens next.
  return structuredClone(state);
}

const redacted = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, '*****']));

/** Changes settings while the server runs; unknown names are refused. */
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

/** The control surface: `/_control/…`, without authentication; the server listens on 127.0.0.1 only. */
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
