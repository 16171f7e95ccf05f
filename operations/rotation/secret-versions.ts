/** The versions of a secret, and the labels by which Secrets Manager tells them apart. */
import { randomUUID } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Abortable } from '../../common/deadline.ts';
import { AwsError } from '../../common/errors.ts';
import { describeAwsError } from '../../provider/runtime/aws.ts';

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';
/** The label of a version that only shows that the function may write. */
export const TRIAL = 'genesys-cloud-cfn-trial';

/** The versions with a label; a version without one counts as deleted. */
export interface Versions {
  isRotated: boolean;
  current: string | undefined;
  pending: string | undefined;
}

export class SecretVersions {
  readonly #client: Pick<SecretsManagerClient, 'send'>;
  readonly #arn: string;

  constructor(client: Pick<SecretsManagerClient, 'send'>, arn: string) {
    this.#client = client;
    this.#arn = arn;
  }

  /** @throws AwsError */
  async versions({ signal }: Abortable): Promise<Versions> {
    const { VersionIdsToStages = {}, RotationEnabled = false } = await this.#ask('be described', () =>
      this.#client.send(new DescribeSecretCommand({ SecretId: this.#arn }), { abortSignal: signal }),
    );
    const withLabel = (label: string) =>
      Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
    return { isRotated: RotationEnabled, current: withLabel(CURRENT), pending: withLabel(PENDING) };
  }

  /** The text of a version; undefined where it has none yet. @throws AwsError */
  async text(versionId: string, { signal }: Abortable): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId: this.#arn, VersionId: versionId });
    try {
      return (await this.#client.send(command, { abortSignal: signal })).SecretString;
    } catch (error) {
      // Secrets Manager makes the version of a rotation without a value.
      if ((error as Error).name === 'ResourceNotFoundException') return undefined;
      throw this.#failure('be read', error);
    }
  }

  /**
   * Writes a version that nobody reads, so that a missing permission shows before anything is void. The next
   * trial takes its label away, and Secrets Manager deletes it then.
   * @throws AwsError
   */
  async tryToWrite(text: string, deadline: Abortable): Promise<void> {
    await this.#put(text, { ClientRequestToken: randomUUID(), VersionStages: [TRIAL] }, deadline);
  }

  /**
   * Stores a text as the pending version and returns the version's id: the wanted one, or another one where
   * the wanted one holds another text already. A version's text never changes.
   * @throws AwsError
   */
  async putPending(text: string, wanted: string, deadline: Abortable): Promise<string> {
    const put = async (id: string) => {
      await this.#put(text, { ClientRequestToken: id, VersionStages: [PENDING] }, deadline);
      return id;
    };
    try {
      return await put(wanted);
    } catch (error) {
      const { name } = ((error as Error).cause ?? {}) as { name?: string };
      if (name !== 'ResourceExistsException') throw error;
      return await put(randomUUID());
    }
  }

  /** Makes a version the current one. @throws AwsError */
  async makeCurrent(versionId: string, { current }: Versions, { signal }: Abortable): Promise<void> {
    if (current === versionId) return;
    await this.#ask('get another current version', () =>
      this.#client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.#arn,
          VersionStage: CURRENT,
          MoveToVersionId: versionId,
          RemoveFromVersionId: current,
        }),
        { abortSignal: signal },
      ),
    );
  }

  /**
   * Takes the pending label off the current version, so that no later rotation takes that version up. A
   * rotation may end with the label on no version (API reference of Secrets Manager, RotateSecret).
   * @throws AwsError
   */
  async endPending({ pending }: Versions, { signal }: Abortable): Promise<void> {
    if (pending === undefined) return;
    await this.#ask('lose its pending label', () =>
      this.#client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.#arn,
          VersionStage: PENDING,
          RemoveFromVersionId: pending,
        }),
        { abortSignal: signal },
      ),
    );
  }

  async #put(
    text: string,
    version: { ClientRequestToken: string; VersionStages: string[] },
    { signal }: Abortable,
  ): Promise<void> {
    await this.#ask('get a version', () =>
      this.#client.send(new PutSecretValueCommand({ SecretId: this.#arn, SecretString: text, ...version }), {
        abortSignal: signal,
      }),
    );
  }

  async #ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.#failure(what, error);
    }
  }

  #failure(what: string, error: unknown): AwsError {
    return new AwsError(`The secret ${this.#arn} cannot ${what}: ${describeAwsError(error)}.`, {
      cause: error,
    });
  }
}
