import type { Clock } from '../../common/clock.ts';
import type { Deadline } from '../../common/deadline.ts';
import type { GenesysSession, Organization } from '../genesys/index.ts';
import type { Ledger, ObjectRecord, OpenAttempt, Owner, Step } from '../ledger/index.ts';
import type { CustomResourceRequest, Progress } from '../protocol/index.ts';
import type { AwsServices } from '../runtime/aws.ts';
import type { Log } from '../runtime/logger.ts';
import type { SealedFor, Sealing } from '../runtime/sealing.ts';
import type { Settings } from '../runtime/settings.ts';
import type { Listings } from './listings.ts';

/** The means of a type's flow for one request. Nothing in it changes while the flow runs. */
export interface Operation {
  readonly request: CustomResourceRequest;
  readonly session: GenesysSession;
  readonly organization: Organization;
  readonly settings: Settings;
  readonly attempt: OpenAttempt;
  readonly ledger: Ledger;
  readonly listings: Listings;
  readonly aws: AwsServices;
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly log: Log;
  readonly deadline: Deadline;
  readonly progress: Progress;
  /**
   * The properties were applied before: guards and checks of what is remote are skipped, so that rollbacks
   * work.
   */
  readonly appliedBefore: boolean;
  /** Fingerprint of the properties that cannot change in place. */
  readonly identity: string;
  /** Typed and resolved; undefined where an operation only undoes, removes or looks. */
  readonly properties: unknown;
  /** The things outside of the template that the properties name; undefined where there is none. */
  readonly outside: unknown;
  /** Ids of the objects of the type that this logical resource owned when the request began. */
  readonly ownIds: readonly string[];
  /**
   * Whether CloudFormation undoes the stack's operation; undefined where it may not be asked. @throws
   * AwsError
   */
  isRollingBack(): Promise<boolean | undefined>;
  /**
   * Notes that the object is not any more what was applied last. An update calls it before its first write,
   * and again with details that must not be forgotten should the process die. In a create it does nothing.
   * @param claim a name that the object is about to get
   * @throws NameClaimedError when another logical resource keeps that name
   */
  markDirty(details?: Record<string, string>, claim?: string): Promise<void>;
}

/** The logical resource that the operation works for. */
export const ownerOf = ({ request: { stackId, logicalId } }: Pick<Operation, 'request'>): Owner => ({
  stackId,
  logicalId,
});

/**
 * The step of this request that made something of a kind; undefined where it made nothing, or it was undone.
 */
export const stepOf = ({ attempt }: Operation, kind: string): Step | undefined =>
  attempt.steps.find(({ step }) => step.kind === kind)?.step;

/** The object that a former state is sealed for. */
export const sealedFor = (organization: string, kind: string, id: string): SealedFor => ({
  organization,
  object: `${kind}#${id}`,
});

/** The record of an object that this logical resource owns from here on. */
export function newRecord(operation: Operation, kind: string, id: string): ObjectRecord {
  return {
    kind,
    id,
    organization: operation.organization.id,
    owner: ownerOf(operation),
    origin: 'created',
    createdAt: operation.clock.now(),
    applied: [],
    dirty: true,
    identity: operation.identity,
    attributes: {},
    details: {},
  };
}
