/**
 * The order of a roll-out: one target first, the others in waves, and no further wave after too many
 * failures.
 */

export interface WaveOptions {
  /** Targets of a wave at once. */
  concurrency: number;
  /** Number of failed targets with which the roll-out still goes on. */
  failureTolerance: number;
}

export type Outcome<Target, Result> =
  | { target: Target; status: 'done'; result: Result }
  | { target: Target; status: 'failed'; error: unknown }
  | { target: Target; status: 'not started' };

/** The first target alone, so that a common error fails once; then `concurrency` at a time. */
export function waves<Target>(targets: readonly Target[], concurrency: number): Target[][] {
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new Error('The concurrency is at least 1.');
  const result = targets.length === 0 ? [] : [targets.slice(0, 1)];
  for (let start = 1; start < targets.length; start += concurrency) {
    result.push(targets.slice(start, start + concurrency));
  }
  return result;
}

/**
 * Runs a change wave by wave. A wave that has begun is finished. Once more targets have failed than are
 * tolerated, later waves are not started. Outcomes are in the order of the targets.
 */
export async function rollOut<Target, Result>(
  targets: readonly Target[],
  { concurrency, failureTolerance }: WaveOptions,
  run: (target: Target) => Promise<Result>,
): Promise<Outcome<Target, Result>[]> {
  if (!Number.isInteger(failureTolerance) || failureTolerance < 0) {
    throw new Error('The failure tolerance is at least 0.');
  }
  const outcomes: Outcome<Target, Result>[] = [];
  let failures = 0;
  for (const wave of waves(targets, concurrency)) {
    if (failures > failureTolerance) {
      outcomes.push(...wave.map((target) => ({ target, status: 'not started' as const })));
      continue;
    }
    const ended = await Promise.all(
      wave.map(async (target): Promise<Outcome<Target, Result>> => {
        try {
          return { target, status: 'done', result: await run(target) };
        } catch (error) {
          return { target, status: 'failed', error };
        }
      }),
    );
    failures += ended.filter(({ status }) => status === 'failed').length;
    outcomes.push(...ended);
  }
  return outcomes;
}

/** Runs `run` for every target, at most `limit` at once; outcomes are in the order of the targets. */
export async function inParallel<Target, Result>(
  targets: readonly Target[],
  limit: number,
  run: (target: Target) => Promise<Result>,
): Promise<Outcome<Target, Result>[]> {
  if (!Number.isInteger(limit) || limit < 1) throw new Error('The limit is at least 1.');
  const outcomes: Outcome<Target, Result>[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < targets.length; index = next++) {
      const target = targets[index] as Target;
      try {
        outcomes[index] = { target, status: 'done', result: await run(target) };
      } catch (error) {
        outcomes[index] = { target, status: 'failed', error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, targets.length) }, worker));
  return outcomes;
}
