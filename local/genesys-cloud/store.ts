import { randomUUID } from 'node:crypto';
import {
  type CredentialType,
  credentialTypes,
  type IntegrationType,
  integrationTypes,
} from './integration-types.ts';
import type { JsonObject } from './json.ts';

/** The whole state of this Genesys Cloud. Times are milliseconds by the clock of the server. */
export interface World {
  organizations: Map<string, Organization>;
  clients: Map<string, Client>;
  tokens: Map<string, Token>;
  /** Every token so far, in order. */
  issued: string[];
  integrationTypes: Map<string, IntegrationType>;
  credentialTypes: Map<string, CredentialType>;
  /** Signed URLs by the key at their end. */
  uploads: Map<string, Upload>;
}

export interface Organization {
  id: string;
  name: string;
  /** The home region in AWS. */
  region: string;
  roles: Map<string, Role>;
  integrations: Map<string, Integration>;
  credentials: Map<string, Credential>;
  actions: Map<string, Action>;
  keyConfigurations: Map<string, KeyConfiguration>;
  conversationKeyConfigurations: Map<string, ConversationKeyConfiguration>;
  /** Oldest first. */
  recordingKeys: RecordingKey[];
  rotationPeriod: string;
  flows: Flow[];
  /** Deleted objects by id, because they can still be read for a while. */
  deleted: Map<string, { shown: JsonObject; at: number }>;
  /** Deleted actions by id, because the list still shows them for a while. */
  leavingTheList: Map<string, { action: Action; at: number }>;
  /** The time of the first use of the ARN of a role or alias. */
  firstMet: Map<string, number>;
}

/** A role: permissions under a name. */
export interface Role {
  id: string;
  name: string;
  permissions: string[];
}

/** An OAuth client. */
export interface Client {
  id: string;
  name: string;
  description: string | undefined;
  /** Only `CLIENT-CREDENTIALS` can log in here. */
  grantType: string;
  secret: string;
  organizationId: string;
  roleDivisions: { roleId: string; divisionId: string }[];
  permissions: string[];
  tokenSeconds: number | undefined;
  /** The time of its creation; undefined for a client that a test logs in with. */
  madeAt: number | undefined;
  /** Logins in the current minute. */
  logins: Window;
  /** Requests in the current minute, with any token. */
  requests: Window;
}

export interface Token {
  value: string;
  /** The number of the login, from 1. */
  number: number;
  clientId: string;
  expiresAt: number;
  requests: Window;
}

/** A fixed window of a minute. */
export interface Window {
  startedAt: number;
  count: number;
}

export interface Credential {
  id: string;
  name: string | undefined;
  typeName: string;
  fields: Record<string, string>;
  createdAt: number;
  modifiedAt: number;
}

export type IntendedState = 'ENABLED' | 'DISABLED' | 'DELETED' | 'RESTORED';
export type ReportedState = 'ACTIVE' | 'ACTIVATING' | 'INACTIVE' | 'DEACTIVATING' | 'ERROR';

export interface Integration {
  id: string;
  typeId: string;
  intendedState: IntendedState;
  reported: { code: ReportedState; detail?: string; updatedAt: number };
  /** The time of the next check of the reported state; undefined if the state is settled. */
  nextLookAt: number | undefined;
  createdAt: number;
  config: IntegrationConfig;
  /** Read-only values that Genesys Cloud itself sets. */
  attributes: Record<string, string>;
}

export interface IntegrationConfig {
  name: string;
  version: number;
  notes: string;
  properties: JsonObject;
  advanced: JsonObject;
  /** Credential ids by the key in the integration type. */
  credentials: Record<string, string>;
}

export interface Action {
  id: string;
  integrationId: string;
  /** The version that flows run; undefined while there is only a draft. */
  published: ActionVersion | undefined;
  draft: ActionVersion | undefined;
  createdAt: number;
  /** All names so far, newest last, because the name index is late. */
  names: { name: string; at: number }[];
}

export interface ActionVersion {
  version: number;
  name: string;
  category: string;
  secure: boolean;
  config: ActionConfig;
  contract: ActionContract;
  /** Only of a function data action. */
  function?: FunctionState;
}

export interface FunctionState {
  id: string;
  settings?: FunctionSettings;
  /** The last package that was taken. */
  zip?: FunctionZip;
  /** Packages that were not taken, newest first. */
  failures: FunctionZip[];
}

export interface FunctionSettings {
  description: string;
  handler: string;
  runtime: string;
  timeoutSeconds: number;
  zipId: string;
  createdAt: number;
}

export interface FunctionZip {
  id: string;
  name: string;
  status: 'Available' | 'InvalidFormat';
  errorMessage?: string;
  createdAt: number;
  requestId: string;
}

/** A signed URL for the package of a draft. */
export interface Upload {
  action: Action;
  fileName: string;
  requestId: string;
  headers: Record<string, string>;
  expiresAt: number;
}

export interface ActionConfig {
  timeoutSeconds?: number;
  request?: {
    requestUrlTemplate?: string;
    requestTemplate?: string;
    requestType?: string;
    headers?: Record<string, string>;
  };
  response?: {
    translationMap?: Record<string, string>;
    translationMapDefaults?: Record<string, string>;
    successTemplate?: string;
  };
}

export interface ActionContract {
  input: { inputSchema: JsonObject };
  output: { successSchema: JsonObject };
}

export interface KeyConfiguration {
  id: string;
  url: string;
  apiId?: string;
  apiKey?: string;
  keyConfigurationType: string;
  lastError?: JsonObject;
  savedAt: number;
}

export interface ConversationKeyConfiguration {
  id: string;
  /** The ARN of the alias of a KMS key. */
  url: string;
  keyConfigurationType: 'KmsSymmetric' | 'None';
  lastError?: JsonObject;
}

export interface RecordingKey {
  id: string;
  createdAt: number;
  keyConfigurationType: string;
  kmsKeyArn?: string;
  clientId: string;
  keydataSummary: string;
}

/** A version of an Architect flow, or of something else such as a script, that calls a data action. */
export interface Flow {
  id: string;
  name: string;
  type: string;
  version: string;
  actionId: string;
  /** Whether this version is published. */
  published: boolean;
  deleted: boolean;
}

export function newWorld(): World {
  return {
    organizations: new Map(),
    clients: new Map(),
    tokens: new Map(),
    issued: [],
    integrationTypes: new Map(integrationTypes.map((type) => [type.id, type])),
    credentialTypes: new Map(credentialTypes.map((type) => [type.name, type])),
    uploads: new Map(),
  };
}

export function newOrganization(id: string, name: string, region: string): Organization {
  const admin: Role = { id: randomUUID(), name: 'Master Admin', permissions: ['*'] };
  return {
    id,
    name,
    region,
    roles: new Map([[admin.id, admin]]),
    integrations: new Map(),
    credentials: new Map(),
    actions: new Map(),
    keyConfigurations: new Map(),
    conversationKeyConfigurations: new Map(),
    recordingKeys: [],
    rotationPeriod: 'DISABLED',
    flows: [],
    deleted: new Map(),
    leavingTheList: new Map(),
    firstMet: new Map(),
  };
}

/** An id in the form of Genesys Cloud's. Clients treat ids as opaque. */
export const newActionId = (): string => `custom_-_${randomUUID()}`;

/** Counts one more in the window of a minute. Above the limit it returns the seconds to wait. */
export function countInMinute(window: Window, now: number, limit: number): number | undefined {
  if (now - window.startedAt >= 60_000) {
    window.startedAt = now;
    window.count = 0;
  }
  window.count += 1;
  if (window.count <= limit) return undefined;
  return Math.max(1, Math.ceil((window.startedAt + 60_000 - now) / 1000));
}

/** Milliseconds since the first use of the ARN. A new ARN is first used now. */
export function metSince(organization: Organization, arn: string, now: number): number {
  const first = organization.firstMet.get(arn) ?? now;
  organization.firstMet.set(arn, first);
  return now - first;
}

/** Ends every token of a client now. */
export function endTokens({ tokens }: World, clientId: string): void {
  for (const token of [...tokens.values()]) if (token.clientId === clientId) tokens.delete(token.value);
}
