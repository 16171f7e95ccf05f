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

/** How long Genesys Cloud takes until something that was just made is visible. All in milliseconds. */
export interface Delays {
  /** Until a data action is found by its (new) name. Terraform's provider waits up to 15 s. */
  nameIndexMs: number;
  /** Until an integration, credential or action that was just made can be read by its id. */
  readAfterWriteMs: number;
  /** Until one that was deleted can no longer be read by its id. */
  readAfterDeleteMs: number;
  /** Until data actions can be made under an integration that was just made; until then POST answers 400. */
  integrationReadyMs: number;
  /** Until Genesys Cloud can assume a role, counted from the first time that it met the role's ARN. */
  roleVisibleMs: number;
  /** Until a KMS key policy admits Genesys Cloud, counted from the first time that it met the alias. */
  keyPolicyVisibleMs: number;
  /** From ENABLED to ACTIVE or ERROR (and from DISABLED to INACTIVE). */
  activationMs: number;
  /** How long an integration in ERROR waits until it looks at its role again. */
  roleRecheckMs: number;
}

/** Nothing is late: the default, for tests of something else. */
export const noDelays: Delays = {
  nameIndexMs: 0,
  readAfterWriteMs: 0,
  readAfterDeleteMs: 0,
  integrationReadyMs: 0,
  roleVisibleMs: 0,
  keyPolicyVisibleMs: 0,
  activationMs: 0,
  roleRecheckMs: 0,
};

/** What a real organization shows on an ordinary day. */
export const realisticDelays: Delays = {
  nameIndexMs: 5_000,
  readAfterWriteMs: 500,
  readAfterDeleteMs: 1_000,
  integrationReadyMs: 3_000,
  roleVisibleMs: 10_000,
  keyPolicyVisibleMs: 10_000,
  activationMs: 1_000,
  roleRecheckMs: 2_000,
};

/**
 * What is not documented, or was seen in more than one form; README.md says what is known about each.
 * The first value is the default.
 */
export interface Behaviour {
  /** Status of `invalid_client` at the token endpoint. */
  invalidClientStatus: 400 | 401;
  /** A stale version is a 409, or a 400 "… does not match the current version". */
  versionConflictStatus: 409 | 400;
  /** Whether PATCH of an action puts the new `config` in the old one's place or merges them. */
  actionConfigPatch: 'replace' | 'merge';
  /** Whether POST of a second key configuration adds one or takes the first one's place. */
  secondKeyConfiguration: 'add' | 'replace';
  /** Whether saving a key configuration makes a new recording key too. */
  recordingKeyOnSave: boolean;
  /**
   * What `kmsKeyArn` of a recording key names. "ARN of internal key to be wrapped by AWS KMS Symmetric key" (Go
   * SDK, EncryptionKey): a key of Genesys Cloud's own, not the customer's; or else the configuration's key or alias.
   */
  recordingKeyArn: 'internal' | 'key' | 'alias';
  /** In which order recording keys are listed. */
  recordingKeyOrder: 'newest first' | 'oldest first';
  /** Whether a credential that an integration still uses can be deleted. */
  deleteCredentialInUse: 'refuse' | 'allow';
  /** What empty notes of an integration read as. Genesys' Terraform provider was answered the second, too. */
  emptyNotes: '' | 'node_dynamodb_empty_string';
  /** Whether the tokens of a client stay valid when its secret is set anew. */
  tokensAfterSecretReset: 'stay' | 'revoked';
  /** The type under which dependency tracking knows a secure data action. */
  secureActionType: 'SECUREACTION' | 'DATAACTION';
  /** What `flowFilter` looks at: flows alone, or it leaves out what is no flow, such as a script. */
  flowFilter: 'flows' | 'everything';
  /** What `rateLimitPerMinute` counts: the requests of each token, or those of a client, whatever its tokens. */
  rateLimitOver: 'token' | 'client';
}

export const defaultBehaviour: Behaviour = {
  invalidClientStatus: 400,
  versionConflictStatus: 409,
  actionConfigPatch: 'replace',
  secondKeyConfiguration: 'add',
  recordingKeyOnSave: false,
  recordingKeyArn: 'internal',
  recordingKeyOrder: 'newest first',
  deleteCredentialInUse: 'refuse',
  emptyNotes: '',
  tokensAfterSecretReset: 'stay',
  secureActionType: 'SECUREACTION',
  flowFilter: 'flows',
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
  /** Default 0: a free one. Always on 127.0.0.1. */
  port?: number;
  /** Where AWS is (a local emulator). Without it nothing on the AWS side is looked at: see README.md. */
  awsEndpointUrl?: string;
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
  /** Time that every answer takes at least, in milliseconds; default 0. */
  latencyMs?: number;
  /** State of Architect's dependency tracking; default OPERATIONAL. */
  dependencyTracking?: BuildStatus;
  clock?: Clock;
  /** The AWS account that Genesys Cloud acts from; default 765628985471, the one of the commercial regions. */
  genesysAccountId?: string;
  /** Stands between the server and its clients; for faults that are to be the same at several servers. */
  around?: (listener: RequestListener) => RequestListener;
}

/** The options with every default filled in; `/_control/settings` changes them while the server runs. */
export interface Settings {
  rateLimitPerMinute: number;
  tokenRateLimitPerMinute: number | undefined;
  tokenSeconds: number;
  latencyMs: number;
  dependencyTracking: BuildStatus;
  delays: Delays;
  behaviour: Behaviour;
}

/** What stays as it is while the server runs. */
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
