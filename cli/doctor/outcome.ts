/** The outcome of a check, and the facts that checks share. */

/**
 * `fine`: as it has to be. `fault`: somebody has to do something. `not-looked-at`: the caller may not look,
 * or another fault stands in the way. `nothing`: there is nothing to look at. `as-assumed`, `otherwise`: an
 * assumption of docs/assumptions.md, which the provider copes with either way.
 */
export type State = 'fine' | 'fault' | 'not-looked-at' | 'nothing' | 'as-assumed' | 'otherwise';

export interface Outcome {
  state: State;
  /** The thing that was found, in a sentence; missing where the title says it all. */
  detail?: string;
  /** The remedy of a fault. */
  fix?: string;
  /** The reason why nobody could look: a permission, an answer that failed, or the fault of another check. */
  because?: 'permission' | 'failed' | 'other-fault';
}

export const fine = (detail?: string): Outcome => ({ state: 'fine', ...(detail ? { detail } : {}) });
export const fault = (detail: string, fix: string): Outcome => ({ state: 'fault', detail, fix });
export const nothing = (detail: string): Outcome => ({ state: 'nothing', detail });
export const asAssumed = (detail: string): Outcome => ({ state: 'as-assumed', detail });
export const otherwise = (detail: string): Outcome => ({ state: 'otherwise', detail });

/** The option of the AWS CLI for the Region of an ARN. */
export const inRegionOf = (arn: string): string => `--region ${arn.split(':')[3]}`;

/** The faults, or `fine` where there is none. */
export const faultsOr = (faults: Outcome[], detail?: string): Outcome | Outcome[] =>
  faults.length > 0 ? faults : fine(detail);

/** A check cannot look, which is neither a fault nor fine. */
export class NotLookedAtError extends Error {
  readonly because: NonNullable<Outcome['because']>;

  constructor(because: NonNullable<Outcome['because']>, message: string) {
    super(message);
    this.because = because;
  }
}

/** The caller lacks a permission. */
export const needs = (permission: string) => new NotLookedAtError('permission', `needs ${permission}`);

/** A value that many checks need, read once. */
export interface Fact<T> {
  /** @throws NotLookedAtError where it cannot be had; the check that owns the fact says why */
  (): Promise<T>;
  /** For the check that owns it. @throws the error itself */
  orError(): Promise<T>;
}

/** @param owner id of the check that reports a failure */
export function factOf<T>(owner: string, read: () => Promise<T>): Fact<T> {
  let value: Promise<T> | undefined;
  const orError = () => {
    value ??= read();
    return value;
  };
  const get = async () => {
    try {
      return await orError();
    } catch (error) {
      if (error instanceof NotLookedAtError) throw error;
      throw new NotLookedAtError('other-fault', `see ${owner}`);
    }
  };
  return Object.assign(get, { orError });
}
