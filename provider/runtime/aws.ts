import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import type { Abortable } from '../../common/deadline.ts';
import { messageOf } from '../../common/errors.ts';

/** A KMS key as this account sees it. */
export interface KeyDescription {
  arn: string;
  enabled: boolean;
  symmetric: boolean;
  /** KMS's word for it: `Enabled`, `PendingDeletion`, …; `unknown` where KMS names none. */
  state: string;
  /** The key policy as JSON; missing where this account may not read it. */
  policy?: string;
}

/** The calls to AWS beside those of the ledger. */
export interface AwsServices {
  /**
   * The text of a secret: of its current version, of the named one, or of the one that a rotation has made.
   * @throws AwsError
   */
  secretText(
    arn: string,
    options: Abortable & { versionId?: string; versionStage?: 'AWSPENDING' },
  ): Promise<string>;
  /** The tags of a secret. @throws AwsError */
  secretTags(arn: string, deadline: Abortable): Promise<Record<string, string>>;
  /**
   * The key behind an alias ARN; undefined where this account may not look. @throws AwsError for an unknown
   * alias
   */
  describeKey(aliasArn: string, deadline: Abortable): Promise<KeyDescription | undefined>;
  /**
   * The text of an S3 object of at most `maxBytes`: of its current version, or of the named one. @throws
   * AwsError
   */
  objectText(
    bucket: string,
    key: string,
    options: { versionId?: string | undefined; maxBytes: number },
    deadline: Abortable,
  ): Promise<string>;
  /**
   * The status of a stack; undefined where the provider may not ask. @throws AwsError where there was no
   * answer
   */
  stackStatus(stackId: string, deadline: Abortable): Promise<string | undefined>;
  /**
   * Whether CloudFormation is undoing an operation of this stack, or of the stack that it is nested in;
   * undefined where the provider may not ask.
   * @throws AwsError where there was no answer
   */
  isRollingBack(stackId: string, deadline: Abortable): Promise<boolean | undefined>;
  /**
   * Whether a stack, and each stack that it is nested in, was complete after one of its resources got a
   * physical id; from then on no rollback takes that back. Undefined where the provider may not ask, or the
   * events do not reach back.
   * @param since milliseconds since the epoch, from which on the resource may have the id; 0 where nobody
   * knows
   * @throws AwsError where there was no answer
   */
  wasCompleteAfter(
    resource: { stackId: string; physicalId: string },
    since: number,
    deadline: Abortable,
  ): Promise<boolean | undefined>;
  /**
   * The topmost stack above a stack, which is the stack itself where it is not nested; undefined where the
   * provider may not ask. @throws AwsError where there was no answer
   */
  rootStack(stackId: string, deadline: Abortable): Promise<string | undefined>;
  /**
   * Whether a stack's logical resource has this physical id, or may get it by the operation that is under
   * way. A deleted stack holds nothing; undefined where nobody can tell.
   */
  stackHolds(
    owner: { stackId: string; logicalId: string },
    physicalId: string,
    deadline: Abortable,
  ): Promise<boolean | undefined>;
  /**
   * Whether CloudFormation has moved a resource with its physical id from one logical resource to another, as
   * stack refactoring does; false where the provider may not ask. It is not settled while an operation of the
   * former stack is under way: that stack may be about to name the object. @throws AwsError where there was
   * no answer
   */
  hasMoved(
    physicalId: string,
    from: { stackId: string; logicalId: string },
    to: { stackId: string; logicalId: string },
    deadline: Abortable,
  ): Promise<boolean | 'not settled'>;
}

/** Options of every AWS client of the provider. */
export type AwsClientOptions = Pick<
  SecretsManagerClientConfig,
  'maxAttempts' | 'requestHandler' | 'retryStrategy' | 'endpoint'
>;

/** Time limits of one attempt, in milliseconds; the SDK makes three. */
export const awsClientDefaults: AwsClientOptions = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
};

/** The Region that an ARN names, as options of a client; none where the ARN names none. */
export const regionOfArn = (arn: string) => {
  const region = arn.split(':')[3];
  return region === undefined || region === '' ? {} : { region };
};

/** Whether AWS denied a call, in the error itself or in its cause. */
export function isAccessDenied(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  return name === 'AccessDeniedException' || (cause !== undefined && isAccessDenied(cause));
}

/** An error of an AWS SDK as one sentence without its full stop. */
export function describeAwsError(error: unknown): string {
  const name = error instanceof Error ? error.name : 'error';
  return `${name}: ${messageOf(error)}`.slice(0, 300).replace(/\.$/, '');
}
