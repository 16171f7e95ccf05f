import { randomUUID } from 'node:crypto';
import { badRequest } from './errors.ts';
import type { Simulator } from './http.ts';
import type { CredentialType, IntegrationType } from './integration-types.ts';
import { newIntegration } from './integrations.ts';
import type { JsonObject } from './json.ts';
import type { ClientOptions } from './options.ts';
import {
  type ActionConfig,
  type ActionContract,
  endTokens,
  type Integration,
  newActionId,
  newOrganization,
  type Organization,
} from './store.ts';

/** Objects that exist before a test begins. Each takes `organizationId`; default: the first organization. */
export interface Seed {
  organizations?: { id?: string; name?: string; region?: string }[];
  /** A known id gets the new secret and permissions, and keeps its tokens. */
  clients?: (Partial<ClientOptions> & { id?: string })[];
  /** Clients that somebody made over the API. `clients` are those that a test logs in with. */
  oauthClients?: (InOrganization & { name: string; description?: string; grantType?: string })[];
  /** Ids of clients. Their tokens end now. */
  revokeTokens?: string[];
  /** Roles for OAuth clients that are made over the API. */
  roles?: (InOrganization & { name: string; permissions: string[] })[];
  /** More types of credentials. Without `fields` a type takes any. */
  credentialTypes?: (Pick<CredentialType, 'name'> & Partial<CredentialType>)[];
  /** More integration types, for example with another schema of the properties. */
  integrationTypes?: (Pick<IntegrationType, 'id'> & Partial<IntegrationType>)[];
  credentials?: (InOrganization & { name?: string; typeName: string; fields: Record<string, string> })[];
  integrations?: (InOrganization & {
    name: string;
    typeId: string;
    enabled?: boolean;
    notes?: string;
    properties?: JsonObject;
    advanced?: JsonObject;
    /** Ids of credentials by the key in the integration type. */
    credentials?: Record<string, string>;
  })[];
  /** An id that starts with `static` makes a built-in action. */
  actions?: (InOrganization & {
    name: string;
    integrationId: string;
    category?: string;
    secure?: boolean;
    config?: ActionConfig;
    contract?: ActionContract;
  })[];
  /**
   * Versions of Architect flows, or of objects of another `type` in dependency tracking, that call an action.
   * A known version of a known id is replaced.
   */
  flows?: (InOrganization & {
    name: string;
    actionId: string;
    /** Default INBOUNDCALLFLOW. */
    type?: string;
    version?: string;
    /** Default true. */
    published?: boolean;
    deleted?: boolean;
  })[];
  keyConfigurations?: (InOrganization & {
    url: string;
    keyConfigurationType: string;
    apiId?: string;
    apiKey?: string;
  })[];
  recordingKeys?: (InOrganization & { keyConfigurationType: string; kmsKeyArn?: string })[];
}

interface InOrganization {
  id?: string;
  organizationId?: string;
}

/** The ids of the new objects, in the order of the seed. */
export type Seeded = Record<keyof Seed, string[]>;

/** The time of seeded objects: old enough to be visible everywhere. */
const age = 24 * 3600 * 1000;

type Entry<Name extends keyof Seed> = NonNullable<Seed[Name]>[number];
type Makers = { [Name in keyof Required<Seed>]: (simulator: Simulator, entry: Entry<Name>) => string };

/**
 * Makes one object of each kind and answers its id. The order is the order in which kinds refer to one
 * another.
 */
const makers: Makers = {
  organizations({ world, fixed }, { id = randomUUID(), name = 'Another', region }) {
    world.organizations.set(id, newOrganization(id, name, region ?? fixed.awsRegion));
    return id;
  },

  roles(simulator, { id = randomUUID(), name, permissions, ...entry }) {
    organizationOf(simulator, entry).roles.set(id, { id, name, permissions });
    return id;
  },

  clients({ world, fixed }, entry) {
    const id = entry.id ?? randomUUID();
    const present = world.clients.get(id);
    const now = fixed.clock.now();
    world.clients.set(id, {
      id,
      name: present?.name ?? id,
      description: present?.description,
      grantType: present?.grantType ?? 'CLIENT-CREDENTIALS',
      roleDivisions: present?.roleDivisions ?? [],
      secret: entry.secret ?? present?.secret ?? randomUUID(),
      organizationId: entry.organizationId ?? present?.organizationId ?? fixed.organizationId,
      permissions: entry.permissions ?? present?.permissions ?? ['*'],
      tokenSeconds: entry.tokenSeconds ?? present?.tokenSeconds,
      madeAt: present?.madeAt,
      logins: { startedAt: now, count: 0 },
      requests: { startedAt: now, count: 0 },
    });
    return id;
  },

  oauthClients({ world, fixed }, { id = randomUUID(), organizationId = fixed.organizationId, ...entry }) {
    const window = { startedAt: fixed.clock.now(), count: 0 };
    world.clients.set(id, {
      id,
      name: entry.name,
      description: entry.description,
      grantType: entry.grantType ?? 'CODE',
      roleDivisions: [],
      secret: randomUUID(),
      organizationId,
      permissions: [],
      tokenSeconds: 86_400,
      madeAt: fixed.clock.now() - age,
      logins: { ...window },
      requests: { ...window },
    });
    return id;
  },

  revokeTokens({ world }, clientId) {
    endTokens(world, clientId);
    return clientId;
  },

  credentialTypes({ world }, { name, required = [], fields }) {
    world.credentialTypes.set(name, { name, required, fields });
    return name;
  },

  integrationTypes({ world }, type) {
    world.integrationTypes.set(type.id, {
      name: type.id,
      description: '',
      provider: 'clientapps',
      category: 'other',
      credentials: {},
      propertiesSchema: { type: 'object' },
      advancedSchema: { type: 'object' },
      actions: 'none',
      ...type,
    });
    return type.id;
  },

  credentials(simulator, entry) {
    const id = entry.id ?? randomUUID();
    const longAgo = simulator.fixed.clock.now() - age;
    organizationOf(simulator, entry).credentials.set(id, {
      id,
      name: entry.name ?? `Integration-${id}`,
      typeName: entry.typeName,
      fields: entry.fields,
      createdAt: longAgo,
      modifiedAt: longAgo,
    });
    return id;
  },

  integrations(simulator, entry) {
    const type = simulator.world.integrationTypes.get(entry.typeId);
    if (type === undefined) throw badRequest(`There is no integration type ${entry.typeId}`);
    const longAgo = simulator.fixed.clock.now() - age;
    const integration: Integration = newIntegration(type, entry.name, longAgo);
    integration.id = entry.id ?? integration.id;
    const { notes = '', properties = {}, advanced = {}, credentials = {} } = entry;
    Object.assign(integration.config, { notes, properties, advanced, credentials });
    if (entry.enabled === true) {
      integration.intendedState = 'ENABLED';
      integration.reported = { code: 'ACTIVE', updatedAt: longAgo };
    }
    organizationOf(simulator, entry).integrations.set(integration.id, integration);
    return integration.id;
  },

  actions(simulator, entry) {
    const id = entry.id ?? newActionId();
    const longAgo = simulator.fixed.clock.now() - age;
    organizationOf(simulator, entry).actions.set(id, {
      id,
      integrationId: entry.integrationId,
      draft: undefined,
      createdAt: longAgo,
      names: [{ name: entry.name, at: longAgo }],
      published: {
        version: 1,
        name: entry.name,
        category: entry.category ?? 'Seeded',
        secure: entry.secure ?? false,
        config: entry.config ?? {},
        contract: entry.contract ?? {
          input: { inputSchema: { type: 'object', properties: {} } },
          output: { successSchema: { type: 'object', properties: {} } },
        },
      },
    });
    return id;
  },

  flows(simulator, entry) {
    const { id = randomUUID(), version = '1.0' } = entry;
    const organization = organizationOf(simulator, entry);
    organization.flows = organization.flows.filter((flow) => flow.id !== id || flow.version !== version);
    organization.flows.push({
      id,
      name: entry.name,
      actionId: entry.actionId,
      type: entry.type ?? 'INBOUNDCALLFLOW',
      version,
      published: entry.published ?? true,
      deleted: entry.deleted ?? false,
    });
    return id;
  },

  keyConfigurations(simulator, entry) {
    const { organizationId: _, id = randomUUID(), ...configuration } = entry;
    const savedAt = simulator.fixed.clock.now();
    organizationOf(simulator, entry).keyConfigurations.set(id, { id, savedAt, ...configuration });
    return id;
  },

  recordingKeys(simulator, entry) {
    const { organizationId: _, id = randomUUID(), ...key } = entry;
    organizationOf(simulator, entry).recordingKeys.push({
      id,
      createdAt: simulator.fixed.clock.now(),
      clientId: 'seed',
      keydataSummary: 'seed',
      ...key,
    });
    return id;
  },
};

/** Makes the objects of a seed. @throws ApiError 400 for a name or a reference that does not exist. */
export function applySeed(simulator: Simulator, seed: Seed): Seeded {
  const unknown = Object.keys(seed).filter((name) => !Object.hasOwn(makers, name));
  if (unknown.length > 0)
    throw badRequest(`A seed has ${Object.keys(makers).join(', ')}; unknown: ${unknown.join(', ')}`);
  const made = Object.entries(makers).map(([name, make]) => {
    const entries: unknown[] = seed[name as keyof Seed] ?? [];
    return [name, entries.map((entry) => make(simulator, entry as never))];
  });
  return Object.fromEntries(made);
}

function organizationOf({ world, fixed }: Simulator, entry: { organizationId?: string }): Organization {
  const id = entry.organizationId ?? fixed.organizationId;
  const organization = world.organizations.get(id);
  if (organization === undefined) throw badRequest(`There is no organization ${id}`);
  return organization;
}
