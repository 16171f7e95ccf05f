import { type Clock, systemClock } from '../../common/clock.ts';
import type { Redelivery } from './deliveries.ts';
import type { CustomResourceEvent } from './events.ts';
import type { Invoker } from './invoker.ts';
import type { LambdaHook } from './lambda-hook.ts';
import type { ResponseServer } from './response-server.ts';

/**
 * The order of requests after an Update that answered a new id, when the stack's update fails later or that
 * answer was itself FAILED. Reports from the field differ, so a provider has to work with each order:
 * - `update-back-then-delete-new`: an Update of the new object with old and new properties swapped. Its
 *   answer
 *   names the resource from now on. The clean-up deletes the new object, unless the answer named it again.
 * - `update-old-then-delete-new`: the same, but the Update names the old object.
 * - `delete-new-only`: no Update. The resource has its old object again, and the clean-up deletes the new
 *   one.
 * - `update-back`: an Update of the new object, and no Delete.
 */
export type ReplacementRollback =
  | 'update-back-then-delete-new'
  | 'update-old-then-delete-new'
  | 'delete-new-only'
  | 'update-back';

export interface CloudFormationOptions {
  invoker: Invoker;
  responses: ResponseServer;
  /** For resources whose properties have no ServiceToken. */
  serviceToken?: string;
  region?: string;
  accountId?: string;
  /** Resources in progress at a time. Default: no limit. */
  concurrency?: number;
  /**
   * The fate of resources in progress when another one fails. CloudFormation cancels them, the default.
   */
  whenOneFails?: 'cancel' | 'wait';
  replacementRollback?: ReplacementRollback;
  /** Called for every event before it is delivered. Default: 'once'. */
  redelivery?: (event: CustomResourceEvent) => Redelivery;
  /** Waits before Lambda's two retries of an invocation that did not return. Default: 60,000 and 120,000. */
  retryDelaysMs?: readonly number[];
  /**
   * How long CloudFormation waits after an invocation of a request has crashed before it gives the request up
   * and sends what follows, as it does at once when another resource fails. Default: it waits for Lambda's
   * repeat.
   */
  givesUpAfterCrashMs?: (event: CustomResourceEvent) => number | undefined;
  /** Length of one second of ServiceTimeout, so that a test can shorten it. Default: 1000. */
  serviceTimeoutSecondMs?: number;
  /** Date of the signature of an event's ResponseURL, milliseconds since the epoch. Default: now. */
  signedAtMs?: (event: Omit<CustomResourceEvent, 'ResponseURL'>) => number;
  /** Asked before a stack is created or updated. */
  hooks?: readonly LambdaHook[];
  clock?: Clock;
}

/** The options with every default filled in. */
export type Settings = Required<CloudFormationOptions>;

export function settle(options: CloudFormationOptions): Settings {
  const region = options.region ?? 'us-east-1';
  const accountId = options.accountId ?? '123456789012';
  const clock = options.clock ?? systemClock;
  return {
    serviceToken: `arn:aws:lambda:${region}:${accountId}:function:provider`,
    region,
    accountId,
    concurrency: Number.POSITIVE_INFINITY,
    whenOneFails: 'cancel',
    replacementRollback: 'update-back-then-delete-new',
    redelivery: () => 'once',
    retryDelaysMs: [60_000, 120_000],
    givesUpAfterCrashMs: () => undefined,
    serviceTimeoutSecondMs: 1000,
    signedAtMs: () => clock.now(),
    hooks: [],
    clock,
    ...options,
  };
}
