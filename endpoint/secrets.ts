/**
 * A secret of Secrets Manager, which is accepted in its current and its previous version and cached for
 * minutes.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '../common/clock.ts';
import { timeLimit, unlessAborted } from '../common/deadline.ts';
import { EndpointError } from './errors.ts';

/** The shortest time between two reads, so that wrong guesses cause few calls to Secrets Manager. */
const refreshPauseMs = 1000;

/** The longest wait for a new value while an earlier one is known. */
const rereadPatienceMs = 1000;

export interface SecretOptions {
  secretId: string;
  /** The field of the secret's JSON. A secret that is not a JSON object counts as a whole. */
  field: string;
  cacheMs: number;
  clock?: Clock;
}

/** Reads the text of a secret's version; undefined if there is no such version. */
export type ReadSecret = (secretId: string, stage: string) => Promise<string | undefined>;

/** Reads from Secrets Manager, whose client is loaded with the first call. */
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
   * Whether `accepts` takes the current or the previous value. After a mismatch the secret is read once more,
   * because it may have been rotated.
   * @param signal aborts when the caller's time is over.
   * @throws EndpointError 503 `SecretUnavailable` if no value was ever read and none can be read in time.
   */
  async matches(accepts: (value: string) => boolean, signal?: AbortSignal): Promise<boolean> {
    const wasFresh = this.#ageMs() < this.#options.cacheMs;
    if (!wasFresh) await this.#read(signal);
    if (this.#matchesNow(accepts)) return true;
    const isJustRead = !wasFresh || this.#ageMs() < refreshPauseMs;
    if (isJustRead) return false;
    await this.#read(signal);
    return this.#matchesNow(accepts);
  }

  /** Time since the last read, in ms. */
  #ageMs(): number {
    return this.#clock.now() - this.#readAtMs;
  }

  /** Tries both versions always, so that the duration of a check does not reveal which one was right. */
  #matchesNow(accepts: (value: string) => boolean): boolean {
    return this.#values.map(accepts).includes(true);
  }

  async #read(signal: AbortSignal | undefined): Promise<void> {
    // Simultaneous requests share one read, and no request ends it for the others.
    this.#reading ??= this.#readBoth().finally(() => {
      this.#reading = undefined;
    });
    const isKnown = this.#values.length > 0;
    const limit = timeLimit(
      this.#clock,
      isKnown ? rereadPatienceMs : 2 ** 31 - 1,
      () => new Error('Secrets Manager took too long'),
      signal,
    );
    try {
      await unlessAborted(this.#reading, limit.signal);
    } catch (error) {
      // A failure of Secrets Manager must not refuse a credential that was right a minute ago.
      if (!isKnown) {
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

/** Compares in a time that reveals nothing about either value. */
export function sameSecret(one: string, other: string): boolean {
  // timingSafeEqual needs equal lengths, and digests do not reveal the lengths of the texts.
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
    // The text is not JSON, so it is the secret as a whole.
  }
  return text;
}
