import { randomUUID } from 'node:crypto';

interface Version {
  /** Missing in the version that Secrets Manager makes for a rotation. */
  text?: string;
  labels: Set<string>;
}

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';

/**
 * A secret with versions and labels, for the calls of a rotation function (API reference of Secrets Manager:
 * PutSecretValue, UpdateSecretVersionStage, RotateSecret). A version without a label counts as deleted.
 */
export class RotatedSecret {
  /** Whether it has a rotation. */
  isRotated = true;
  readonly #versions = new Map<string, Version>();

  constructor(text: string) {
    this.#versions.set(randomUUID(), { text, labels: new Set([CURRENT]) });
  }

  get text(): string {
    return this.#labelled(CURRENT)?.[1].text ?? '';
  }

  get pending(): string | undefined {
    return this.#labelled(PENDING)?.[1].text;
  }

  get versions(): Record<string, string> {
    return Object.fromEntries(
      [...this.#versions].flatMap(([id, { text }]) => (text === undefined ? [] : [[id, text]])),
    );
  }

  /** A rotation begins, or the unfinished one is taken up again; its token. */
  begin(): string {
    const pending = this.#labelled(PENDING);
    if (pending && !pending[1].labels.has(CURRENT)) return pending[0];
    const token = randomUUID();
    this.#versions.set(token, { labels: new Set() });
    this.#label(PENDING, token);
    return token;
  }

  /** The part of DescribeSecret about versions. */
  described() {
    const VersionIdsToStages = Object.fromEntries(
      [...this.#versions]
        .filter(([, { labels }]) => labels.size > 0)
        .map(([id, { labels }]) => [id, [...labels]]),
    );
    return { VersionIdsToStages, RotationEnabled: this.isRotated };
  }

  /** Stores a version; the code of the error where it is refused. */
  put(input: unknown): string | undefined {
    const {
      ClientRequestToken: id,
      SecretString: text,
      VersionStages = [CURRENT],
    } = input as { ClientRequestToken: string; SecretString: string; VersionStages?: string[] };
    const there = this.#versions.get(id);
    if (there?.text !== undefined && there.text !== text) return 'ResourceExistsException';
    this.#versions.set(id, { text, labels: there?.labels ?? new Set() });
    for (const label of VersionStages) this.#label(label, id);
    return undefined;
  }

  /** Moves a label, or takes it away; the code of the error where it is refused. */
  move(input: unknown): string | undefined {
    const { VersionStage, MoveToVersionId, RemoveFromVersionId } = input as Record<string, string>;
    if (VersionStage === undefined) return 'InvalidParameterException';
    const holder = this.#labelled(VersionStage)?.[0];
    if (MoveToVersionId === undefined) {
      if (holder === undefined || holder !== RemoveFromVersionId) return 'InvalidParameterException';
      this.#versions.get(holder)?.labels.delete(VersionStage);
      return undefined;
    }
    if (!this.#versions.has(MoveToVersionId)) return 'ResourceNotFoundException';
    if (holder !== undefined && holder !== MoveToVersionId && holder !== RemoveFromVersionId)
      return 'InvalidParameterException';
    this.#label(VersionStage, MoveToVersionId);
    return undefined;
  }

  #labelled(label: string): [string, Version] | undefined {
    return [...this.#versions].find(([, { labels }]) => labels.has(label));
  }

  /** A label is on one version. */
  #label(label: string, id: string): void {
    for (const { labels } of this.#versions.values()) labels.delete(label);
    this.#versions.get(id)?.labels.add(label);
  }
}
