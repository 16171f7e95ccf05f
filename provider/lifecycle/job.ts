import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import { RefusedError } from '../../common/errors.ts';
import type { GenesysCloud, GenesysSession } from '../genesys/index.ts';
import type { Ledger, OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import { parseProperties, referencesFor } from '../properties/index.ts';
import type { CustomResourceRequest, Invocation, Progress } from '../protocol/index.ts';
import type { AwsServices } from '../runtime/aws.ts';
import type { Log } from '../runtime/logger.ts';
import type { Sealing } from '../runtime/sealing.ts';
import type { Settings } from '../runtime/settings.ts';
import { askingStack } from '../runtime/stack-names.ts';
import { oauthSecretOf } from './admission.ts';
import { identityOf } from './form.ts';
import type { Listings } from './listings.ts';
import type { Operation } from './operation.ts';
import type { AnyResourceType, RemoteObject, ResourceType } from './resource-type.ts';

/** The parts of the provider that every request uses. */
export interface LifecycleParts {
  types: readonly AnyResourceType[];
  settings: Settings;
  ledger: Ledger;
  aws: AwsServices;
  sealing: Sealing;
  /** The organization that a secret leads to, one client a secret and container. */
  genesysCloud(secretArn: string): GenesysCloud;
  clock: Clock;
  log: Log;
}

/** Those parts, with what the requests of a container share. */
export interface ContainerParts extends LifecycleParts {
  listings: Listings;
}

/** One request of one type. Nothing in it changes while the request runs. */
export interface Job {
  readonly parts: ContainerParts;
  readonly type: ResourceType<unknown>;
  readonly request: CustomResourceRequest;
  /** Ends with the invocation's time, or earlier when CloudFormation has given the request up. */
  readonly deadline: Deadline;
  readonly progress: Progress;
  /**
   * Whether CloudFormation undoes the stack's operation, asked once a request; undefined where it may not be
   * asked.
   * @throws AwsError
   */
  isRollingBack(): Promise<boolean | undefined>;
}

export function jobOf(
  parts: ContainerParts,
  type: ResourceType<unknown>,
  request: CustomResourceRequest,
  { deadline, progress }: Invocation,
): Job {
  let rollingBack: Promise<boolean | undefined> | undefined;
  return {
    parts,
    type,
    request,
    deadline,
    progress,
    isRollingBack: () => {
      rollingBack ??= parts.aws.isRollingBack(request.stackId, deadline);
      return rollingBack;
    },
  };
}

/** Choices that an operation is opened with. */
export interface OperationOptions {
  /** Typed and resolved; missing where an operation only undoes, removes or looks. */
  properties?: unknown;
  /** See `Operation`. */
  appliedBefore?: boolean;
  /**
   * An object that exists can always be deleted and put back. Where its secret is not listed any more, the
   * provider's own client does it, in the same organization.
   */
  exists?: boolean;
  ownIds?: readonly string[];
  markDirty?: Operation['markDirty'];
}

/**
 * Opens Genesys Cloud for the type's flow. @throws RefusedError where the client leads to another
 * organization.
 */
export async function openOperation(
  job: Job,
  attempt: OpenAttempt,
  options: OperationOptions = {},
): Promise<Operation> {
  const { parts, type, request, deadline, progress } = job;
  const { properties, appliedBefore = false, exists = false } = options;
  const session = sessionOf(job, exists);
  const organization = await session.organization();
  const { organization: before, requestId, attemptId } = attempt.record;
  if (before !== undefined && before !== organization.id) {
    throw new RefusedError(
      `What this request made is in the Genesys Cloud organization ${before}, but the OAuth client leads to organization ${organization.id}: nothing was done. Put the right client into the secret.`,
    );
  }
  return {
    // Another request may undo the attempt: the names of its objects are made of the attempt's own ids.
    request: { ...request, requestId, attemptId },
    session,
    organization,
    settings: parts.settings,
    attempt,
    ledger: parts.ledger,
    listings: parts.listings,
    aws: parts.aws,
    sealing: parts.sealing,
    clock: parts.clock,
    log: parts.log,
    deadline,
    progress,
    appliedBefore,
    ownIds: options.ownIds ?? [],
    identity: properties === undefined ? '' : identityOf(type, properties),
    properties,
    outside: properties === undefined ? undefined : type.outside?.(properties),
    isRollingBack: job.isRollingBack,
    markDirty: options.markDirty ?? (async () => {}),
  };
}

/**
 * Genesys Cloud by the secret that the properties name. No secret is read that the administrator has not
 * listed.
 */
export function sessionOf(
  { parts, request, deadline }: Job,
  exists: boolean,
  within: Deadline = deadline,
): GenesysSession {
  const { settings, genesysCloud } = parts;
  let arn = settings.oauthSecretArn;
  try {
    arn = oauthSecretOf(settings, request.properties);
  } catch (error) {
    if (!exists && request.type !== 'Delete') throw error;
  }
  return genesysCloud(arn).session(within);
}

/**
 * An object of another organization answers 404, which means nothing: no call is made there. @throws
 * RefusedError
 */
export function refuseOtherOrganization(
  { parts, request }: Job,
  owner: OwnerRecord,
  { id, record }: RemoteObject,
  { organization }: Operation,
): void {
  const known = record?.organization ?? owner.objects.find((object) => object.id === id)?.organization;
  if (known === undefined) {
    // Nothing says whose the object is. So the client that is named must be the one that is used.
    oauthSecretOf(parts.settings, request.properties);
    return;
  }
  if (known === organization.id) return;
  throw new RefusedError(
    `${id} is in the Genesys Cloud organization ${known}, but the OAuth client leads to organization ${organization.id}: nothing was done. Put the right client into the secret, or set OAuthSecretArn.`,
  );
}

/**
 * Typed properties, completed by what they refer to.
 * @param kept what they referred to when they were applied before, where the ledger has it
 * @throws PropertyError, AwsError
 */
export async function resolveProperties(
  { parts, type, request, deadline }: Job,
  properties: Record<string, unknown>,
  appliedBefore: boolean,
  kept?: unknown,
): Promise<unknown> {
  const written = parseProperties(type.schema, properties, { references: referencesFor({ appliedBefore }) });
  if (type.resolve === undefined) return written;
  const { aws, settings } = parts;
  return type.resolve(written, {
    aws,
    settings,
    stack: askingStack(request),
    appliedBefore,
    kept,
    deadline,
  });
}
