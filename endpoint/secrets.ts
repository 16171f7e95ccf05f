/** A secret of Secrets Manager in its current and previous version, cached for minutes. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '../provider/runtime/clock.ts';
import { timeLimit } from '../provider/runtime/deadline.ts';
import { EndpointError } from './errors.ts';
import { inTime } from './time.ts';

/** Wrong guesses make a container read the secret again no more often than this. */
const refreshPauseMs = 1000;

/** A request waits no longer than this for a secret of which earlier values are known. */
const rereadPatienceMs = 1000;

export interface SecretOptions {
  secretId: string;
  /** The field of the secret's JSON; a secret that is no JSON object is taken as a whole. */
  field: string;
  cacheMs: number;
  clock?: Clock;
}

/** Reads the text of a secret's version; undefined where there is none. */
export type ReadSecret = (secretId: string, stage: string) => Promise<string | undefined>;

/** Secrets Manager; its client is loaded when it is first asked. */
export const readSecret: ReadSecret = async (secretId, stage) =>
  (await import('./aws/secrets-manager.ts')).secretText(secretId, stage);

export class RotatingSecret {
  readonly #readText: ReadSecret;
  readonly #options: SecretOptions;
  readonly #clock: Clock;
  #values: readonly string[] = [];
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: SecretOptions, readText: ReadSecret = readSecret) {
    this.#readText = readText;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Whether a value, known to `accepts`, is current or previous. On a mismatch the secret is read once more:
   * it may have been rotated since.
   * @param signal aborted when the caller's time is over.
   * @throws EndpointError 503 `SecretUnavailable` when it was never read and cannot be, or not in time.
   */
  async matches(accepts: (value: string) => boolean, signal?: AbortSignal): Promise<boolean> {
    const fresh = this.#clock.now() - this.#readAtMs < this.#options.cacheMs;
    if (!fresh) await this.#read(signal);
    if (this.#matchesNow(accepts)) return true;
    if (!fresh || this.#clock.now() - this.#readAtMs < refreshPauseMs) return false;
    await this.#read(signal);
    return this.#matchesNow(accepts);
  }

  /** Both versions are always tried: how long a check takes does not tell which one was right. */
  #matchesNow(accepts: (value: string) => boolean): boolean {
    return this.#values.map(accepts).includes(true);
  }

  async #read(signal: AbortSignal | undefined): Promise<void> {
    // Requests share one reading; none of them ends it for the others.
    this.#reading ??= this.#readBoth().finally(() => {
      this.#reading = undefined;
    });
    const known = this.#values.length > 0;
    const limit = timeLimit(
      this.#clock,
      known ? rereadPatienceMs : 2 ** 31 - 1,
      () => new Error('Secrets Manager took too long'),
      signal,
    );
    try {
      await inTime(this.#reading, limit.signal);
    } catch (error) {
      // Secrets Manager's bad minute is no reason to turn away what was right a minute ago.
      if (!known) {
        throw new EndpointError(503, 'SecretUnavailable', 'The secret to compare with could not be read.', {
          cause: error,
        });
      }
    } finally {
      limit.dispose();
    }
    this.#readAtMs = this.#clock.now();
  }

  async #readBoth(): Promise<void> {
    const [current, previous] = await Promise.all([
      this.#readText(this.#options.secretId, 'AWSCURRENT'),
      this.#readText(this.#options.secretId, 'AWSPREVIOUS'),
    ]);
    this.#values = [current, previous]
      .map((text) => fieldOf(text, this.#options.field))
      .filter((value): value is string => value !== undefined && value !== '');
  }
}

/** Compares in a time that depends on neither value. */
export function sameSecret(one: string, other: string): boolean {
  // Digests have one length, which timingSafeEqual asks for; the texts' lengths stay untold.
  return timingSafeEqual(digest(one), digest(other));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

function fieldOf(text: string | undefined, field: string): string | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) {
      const value = (parsed as Record<string, unknown>)[field];
      return typeof value === 'string' ? value : undefined;
    }
  } catch {
    // Not JSON: the whole text is the secret.
  }
  return text;
}
