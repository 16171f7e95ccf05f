import { randomUUID } from 'node:crypto';
import { badRequest } from './errors.ts';
import type { Simulator } from './http.ts';
import type { IntegrationType } from './integration-types.ts';
import { newIntegration } from './integrations.ts';
import type { JsonObject } from './json.ts';
import type { ClientOptions } from './options.ts';
import {
  type ActionConfig,
  type ActionContract,
  type Integration,
  newActionId,
  newOrganization,
  type Organization,
} from './store.ts';

/** What others have made before. Everything takes `organizationId`; default is the first organization. */
export interface Seed {
  organizations?: { id?: string; name?: string; region?: string }[];
  /** A client whose id is known gets the new secret and permissions; its tokens stay as they are. */
  clients?: (Partial<ClientOptions> & { id?: string })[];
  /** Ids of clients whose tokens end now. */
  revokeTokens?: string[];
  /** Further integration types, for instance with a properties schema of your own. */
  integrationTypes?: (Pick<IntegrationType, 'id'> & Partial<IntegrationType>)[];
  credentials?: (InOrganization & { name?: string; typeName: string; fields: Record<string, string> })[];
  integrations?: (InOrganization & {
    name: string;
    typeId: string;
    enabled?: boolean;
    notes?: string;
    properties?: JsonObject;
    advanced?: JsonObject;
    /** Ids of credentials by the type's key. */
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
   * Versions of Architect flows, or of what else dependency tracking knows (`type`), that call an action. A known
   * version of a known id is replaced.
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

/** The ids of what was made, in the order of the seed. */
export type Seeded = Record<keyof Seed, string[]>;

const seedNames = new Set<string>([
  'organizations',
  'clients',
  'revokeTokens',
  'integrationTypes',
  'credentials',
  'integrations',
  'actions',
  'flows',
  'keyConfigurations',
  'recordingKeys',
] satisfies (keyof Seed)[]);

export function applySeed({ world, fixed }: Simulator, seed: Seed): Seeded {
  const unknown = Object.keys(seed).filter((name) => !seedNames.has(name));
  if (unknown.length > 0)
    throw badRequest(`A seed has ${[...seedNames].join(', ')}; unknown: ${unknown.join(', ')}`);
  const now = fixed.clock.now();
  // What others made is not new any more.
  const longAgo = now - 24 * 3600 * 1000;
  const organizationOf = (entry: { organizationId?: string }): Organization => {
    const id = entry.organizationId ?? fixed.organizationId;
    const organization = world.organizations.get(id);
    if (organization === undefined) throw badRequest(`There is no organization ${id}`);
    return organization;
  };
  const ids = <T>(entries: T[] | undefined, make: (entry: T) => string): string[] =>
    (entries ?? []).map(make);

  // In the order in which they refer to one another.
  const organizations = ids(seed.organizations, ({ id = randomUUID(), name = 'Another', region }) => {
    world.organizations.set(id, newOrganization(id, name, region ?? fixed.awsRegion));
    return id;
  });
  const clients = ids(seed.clients, (entry) => {
    const id = entry.id ?? randomUUID();
    const present = world.clients.get(id);
    world.clients.set(id, {
      id,
      secret: entry.secret ?? present?.secret ?? randomUUID(),
      organizationId: entry.organizationId ?? present?.organizationId ?? fixed.organizationId,
      permissions: entry.permissions ?? present?.permissions ?? ['*'],
      tokenSeconds: entry.tokenSeconds ?? present?.tokenSeconds,
      logins: { startedAt: now, count: 0 },
      requests: { startedAt: now, count: 0 },
    });
    return id;
  });
  const revokeTokens = ids(seed.revokeTokens, (clientId) => {
    for (const token of [...world.tokens.values()])
      if (token.clientId === clientId) world.tokens.delete(token.value);
    return clientId;
  });
  const integrationTypes = ids(seed.integrationTypes, (type) => {
    world.integrationTypes.set(type.id, {
      name: type.id,
      description: '',
      provider: 'clientapps',
      category: 'other',
      credentials: {},
      propertiesSchema: { type: 'object' },
      advancedSchema: { type: 'object' },
      dataActions: false,
      ...type,
    });
    return type.id;
  });
  const credentials = ids(seed.credentials, (entry) => {
    const id = entry.id ?? randomUUID();
    organizationOf(entry).credentials.set(id, {
      id,
      name: entry.name ?? `Integration-${id}`,
      typeName: entry.typeName,
      fields: entry.fields,
      createdAt: longAgo,
      modifiedAt: longAgo,
    });
    return id;
  });
  const integrations = ids(seed.integrations, (entry) => {
    const type = world.integrationTypes.get(entry.typeId);
    if (type === undefined) throw badRequest(`There is no integration type ${entry.typeId}`);
    const integration: Integration = newIntegration(type, entry.name, longAgo);
    integration.id = entry.id ?? integration.id;
    const { notes = '', properties = {}, advanced = {}, credentials = {} } = entry;
    Object.assign(integration.config, { notes, properties, advanced, credentials });
    if (entry.enabled === true) {
      integration.intendedState = 'ENABLED';
      integration.reported = { code: 'ACTIVE', updatedAt: longAgo };
    }
    organizationOf(entry).integrations.set(integration.id, integration);
    return integration.id;
  });
  const actions = ids(seed.actions, (entry) => {
    const id = entry.id ?? newActionId();
    organizationOf(entry).actions.set(id, {
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
  });
  const flows = ids(seed.flows, (entry) => {
    const { id = randomUUID(), version = '1.0' } = entry;
    const organization = organizationOf(entry);
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
  });
  const keyConfigurations = ids(seed.keyConfigurations, ({ organizationId, id = randomUUID(), ...entry }) => {
    organizationOf(organizationId === undefined ? {} : { organizationId }).keyConfigurations.set(id, {
      id,
      savedAt: now,
      ...entry,
    });
    return id;
  });
  const recordingKeys = ids(seed.recordingKeys, ({ organizationId, id = randomUUID(), ...entry }) => {
    organizationOf(organizationId === undefined ? {} : { organizationId }).recordingKeys.push({
      id,
      createdAt: now,
      clientId: 'seed',
      keydataSummary: 'seed',
      ...entry,
    });
    return id;
  });
  return {
    organizations,
    clients,
    revokeTokens,
    integrationTypes,
    credentials,
    integrations,
    actions,
    flows,
    keyConfigurations,
    recordingKeys,
  };
}
