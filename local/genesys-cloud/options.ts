import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { type Clock, systemClock } from './clock.ts';

/** State of Architect's dependency tracking: DependencyStatus.status in the Java SDK. */
export type BuildStatus =
  | 'OPERATIONAL'
  | 'OPERATIONALNEEDSREBUILD'
  | 'BUILDINITIALIZING'
  | 'BUILDINPROGRESS'
  | 'BUILDINCOMPLETE'
  | 'NOTBUILT';

/** The times until a change is visible. All in milliseconds. */
export interface Delays {
  /** Until a data action is found by a new name. Genesys' Terraform provider waits up to 15 s. */
  nameIndexMs: number;
  /** Until a new integration, credential or action can be read by its id, and a new action be changed. */
  readAfterWriteMs: number;
  /** Until a deleted one can no longer be read by its id. */
  readAfterDeleteMs: number;
  /** Until a deleted action no longer stands in the list of actions. */
  listAfterDeleteMs: number;
  /** Until a new integration takes data actions. Before, the POST of an action answers 400. */
  integrationReadyMs: number;
  /** Until Genesys Cloud can assume a role, from its first use of the role's ARN. */
  roleVisibleMs: number;
  /** Until a KMS key policy admits Genesys Cloud, from its first use of the alias. */
  keyPolicyVisibleMs: number;
  /** From ENABLED to ACTIVE or ERROR, and from DISABLED to INACTIVE. */
  activationMs: number;
  /** Until an integration in ERROR checks its role again. */
  roleRecheckMs: number;
}

/** Every change is visible at once. This is the default. */
export const noDelays: Delays = {
  nameIndexMs: 0,
  readAfterWriteMs: 0,
  readAfterDeleteMs: 0,
  listAfterDeleteMs: 0,
  integrationReadyMs: 0,
  roleVisibleMs: 0,
  keyPolicyVisibleMs: 0,
  activationMs: 0,
  roleRecheckMs: 0,
};

/** Guesses for an ordinary day of a real organization. */
export const realisticDelays: Delays = {
  nameIndexMs: 5_000,
  readAfterWriteMs: 500,
  readAfterDeleteMs: 1_000,
  listAfterDeleteMs: 5_000,
  integrationReadyMs: 3_000,
  roleVisibleMs: 10_000,
  keyPolicyVisibleMs: 10_000,
  activationMs: 1_000,
  roleRecheckMs: 2_000,
};

/**
 * Behaviours that Genesys does not document, or that sources describe in more than one way. README.md has the
 * sources. The first value is the default.
 */
export interface Behaviour {
  /** Status for an id that is none by its form. */
  malformedIdStatus: 404 | 400;
  /**
   * Whether an enabled integration assumes its role before it is ACTIVE, or only a run of an action does.
   */
  roleCheckedAt: 'activation' | 'execution';
  /** The intended state of an integration that was just made. */
  newIntegrationState: 'DISABLED' | 'ENABLED';
  /** Status of `invalid_client` at the token endpoint. */
  invalidClientStatus: 400 | 401;
  /** Status for a stale version: 409, or 400 with "… does not match the current version". */
  versionConflictStatus: 409 | 400;
  /**
   * The `config.request` of an action that has none, such as a built-in one: an empty URL, or no request at
   * all.
   */
  missingRequest: 'empty URL' | 'absent';
  /** Whether PATCH of an action replaces `config` or merges it into the old one. */
  actionConfigPatch: 'replace' | 'merge';
  /** Whether POST of a second key configuration adds it or replaces the first one. */
  secondKeyConfiguration: 'add' | 'replace';
  /** Whether saving a key configuration also makes a new recording key. */
  recordingKeyOnSave: boolean;
  /**
   * The key in `kmsKeyArn` of a recording key: one of Genesys Cloud's own ("ARN of internal key to be wrapped
   * by AWS KMS Symmetric key", Go SDK, EncryptionKey), or the key or the alias of the configuration.
   */
  recordingKeyArn: 'internal' | 'key' | 'alias';
  /** The order in the list of recording keys. */
  recordingKeyOrder: 'newest first' | 'oldest first';
  /** Whether a credential can be deleted while an integration uses it. */
  deleteCredentialInUse: 'refuse' | 'allow';
  /** The answer for empty notes of an integration. Genesys' Terraform provider handles the second one. */
  emptyNotes: '' | 'node_dynamodb_empty_string';
  /** Whether the tokens of a client stay valid after a reset of its secret. */
  tokensAfterSecretReset: 'stay' | 'revoked';
  /** Whether an OAuth client is edited by whoever has its roles, or by whoever has the permission alone. */
  clientEditNeeds: 'roles' | 'permission';
  /** The type of a secure data action in dependency tracking. */
  secureActionType: 'SECUREACTION' | 'DATAACTION';
  /** Whether `flowFilter` filters only flows, or also removes other objects, such as scripts. */
  flowFilter: 'flows' | 'everything';
  /** Whether dependency tracking lists every version of an object that uses an action, or the newest only. */
  trackedVersions: 'all' | 'newest';
  /** Whether `rateLimitPerMinute` counts the requests of each token, or of each client. */
  rateLimitOver: 'token' | 'client';
}

export const defaultBehaviour: Behaviour = {
  malformedIdStatus: 404,
  roleCheckedAt: 'activation',
  newIntegrationState: 'DISABLED',
  invalidClientStatus: 400,
  versionConflictStatus: 409,
  missingRequest: 'empty URL',
  actionConfigPatch: 'replace',
  secondKeyConfiguration: 'add',
  recordingKeyOnSave: false,
  recordingKeyArn: 'internal',
  recordingKeyOrder: 'newest first',
  deleteCredentialInUse: 'refuse',
  emptyNotes: '',
  tokensAfterSecretReset: 'stay',
  clientEditNeeds: 'roles',
  secureActionType: 'SECUREACTION',
  flowFilter: 'flows',
  trackedVersions: 'all',
  rateLimitOver: 'token',
};

/** An OAuth client for client credentials. */
export interface ClientOptions {
  id: string;
  secret: string;
  /** Permissions of its roles, such as `integrations:action:add`; `*` stands for any part. Default: all. */
  permissions?: string[];
  /** Default: the first organization. */
  organizationId?: string;
  /** Lifetime of its tokens, in seconds. Default: the server's `tokenSeconds`. */
  tokenSeconds?: number;
}

export interface GenesysCloudOptions {
  /** Default 0: a free port. The address is always 127.0.0.1. */
  port?: number;
  /** The URL of a local AWS. Without it nothing in AWS is checked: see README.md. */
  awsEndpointUrl?: string | undefined;
  /** Home region of the organization. Default us-east-1. */
  awsRegion?: string;
  /** Default: a new UUID. */
  organizationId?: string;
  /** Default: one client with a random id and secret and every permission. */
  clients?: ClientOptions[];
  /** Requests a minute and token (`rateLimitOver`: or client); default 300. */
  rateLimitPerMinute?: number;
  /** Logins a minute and client; default: no limit. */
  tokenRateLimitPerMinute?: number;
  /** Lifetime of a token in seconds; default 86400. */
  tokenSeconds?: number;
  delays?: Partial<Delays>;
  behaviour?: Partial<Behaviour>;
  /** The least time of every answer, in milliseconds. Default: 0. */
  latencyMs?: number;
  /** State of Architect's dependency tracking; default OPERATIONAL. */
  dependencyTracking?: BuildStatus;
  clock?: Clock;
  /**
   * The AWS account that Genesys Cloud acts from; default 765628985471, the one of the commercial regions.
   */
  genesysAccountId?: string;
  /** Wraps the listener of the server, for faults that several servers share. */
  around?: (listener: RequestListener) => RequestListener;
}

/** Options with their defaults. `/_control/settings` changes them while the server runs. */
export interface Settings {
  rateLimitPerMinute: number;
  tokenRateLimitPerMinute: number | undefined;
  tokenSeconds: number;
  latencyMs: number;
  dependencyTracking: BuildStatus;
  delays: Delays;
  behaviour: Behaviour;
}

/** Options with their defaults that do not change while the server runs. */
export interface Fixed {
  awsEndpointUrl: string | undefined;
  awsRegion: string;
  organizationId: string;
  clients: ClientOptions[];
  clock: Clock;
  genesysAccountId: string;
}

export function settle(options: GenesysCloudOptions): { settings: Settings; fixed: Fixed } {
  return {
    settings: {
      rateLimitPerMinute: options.rateLimitPerMinute ?? 300,
      tokenRateLimitPerMinute: options.tokenRateLimitPerMinute,
      tokenSeconds: options.tokenSeconds ?? 86_400,
      latencyMs: options.latencyMs ?? 0,
      dependencyTracking: options.dependencyTracking ?? 'OPERATIONAL',
      delays: { ...noDelays, ...options.delays },
      behaviour: { ...defaultBehaviour, ...options.behaviour },
    },
    fixed: {
      awsEndpointUrl: options.awsEndpointUrl,
      awsRegion: options.awsRegion ?? 'us-east-1',
      organizationId: options.organizationId ?? randomUUID(),
      clients: options.clients ?? [{ id: randomUUID(), secret: randomUUID() }],
      clock: options.clock ?? systemClock,
      genesysAccountId: options.genesysAccountId ?? '765628985471',
    },
  };
}
