import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import type { Abortable } from './deadline.ts';
import { messageOf } from './errors.ts';

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
  /** The text of a secret: of its current version, or of the named one. @throws AwsError */
  secretText(arn: string, options: Abortable & { versionId?: string }): Promise<string>;
  /** The tags of a secret. @throws AwsError */
  secretTags(arn: string, deadline: Abortable): Promise<Record<string, string>>;
  /**
   * The key behind an alias ARN; undefined where this account may not look. @throws AwsError for an unknown
   * alias
   */
  describeKey(aliasArn: string, deadline: Abortable): Promise<KeyDescription | undefined>;
  /** A new data key under a KMS key: plain, and encrypted for keeping. @throws AwsError */
  newDataKey(
    keyArn: string,
    context: Record<string, string>,
    deadline: Abortable,
  ): Promise<{ key: Uint8Array; encrypted: string }>;
  /** A data key that was kept encrypted. @throws AwsError for another KMS key or another context */
  openDataKey(
    keyArn: string,
    encrypted: string,
    context: Record<string, string>,
    deadline: Abortable,
  ): Promise<Uint8Array>;
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
   * Whether CloudFormation is undoing an operation of this stack, or of the stack that it is nested in; false
   * where the provider may not ask.
   * @throws AwsError where there was no answer: after a wrong guess an adopted object could not be put back
   */
  isRollingBack(stackId: string, deadline: Abortable): Promise<boolean>;
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

/** An error of an AWS SDK as one sentence without its full stop. */
export function describeAwsError(error: unknown): string {
  const name = error instanceof Error ? error.name : 'error';
  return `${name}: ${messageOf(error)}`.slice(0, 300).replace(/\.$/, '');
}
