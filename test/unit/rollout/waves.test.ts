import { inParallel, rollOut, waves } from '../../../scripts/rollout/waves.ts';

const targets = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A change that ends when the test says so, and the targets that are in progress. */
function stage(failing: readonly string[] = []) {
  const underWay = new Set<string>();
  const begun: string[] = [];
  let most = 0;
  const run = async (target: string) => {
    begun.push(target);
    underWay.add(target);
    most = Math.max(most, underWay.size);
    // Every other target of the wave begins before the first one ends.
    await new Promise<void>((done) => setImmediate(done));
    underWay.delete(target);
    if (failing.includes(target)) throw new Error(`${target} failed`);
    return target.toUpperCase();
  };
  return { run, begun, most: () => most };
}

const statuses = (outcomes: { status: string }[]) => outcomes.map(({ status }) => status);

describe('waves', () => {
  test.each([
    [1, [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    [2, [['a'], ['b', 'c'], ['d', 'e'], ['f']]],
    [9, [['a'], ['b', 'c', 'd', 'e', 'f']]],
  ])('the first target goes alone, the others %i at a time', (concurrency, expected) => {
    expect(waves(targets, concurrency)).toEqual(expected);
  });

  test('nothing to do is no wave; a concurrency below 1 is refused', () => {
    expect(waves([], 3)).toEqual([]);
    for (const concurrency of [0, -1, 1.5, Number.NaN]) {
      expect(() => waves(targets, concurrency)).toThrow('at least 1');
    }
  });
});

test('a count that is none is refused before anything begins', async () => {
  const { run, begun } = stage();
  for (const limit of [0, -1, 1.5, Number.NaN]) {
    await expect(inParallel(targets, limit, run)).rejects.toThrow('at least 1');
  }
  for (const failureTolerance of [-1, 0.5, Number.NaN]) {
    await expect(rollOut(targets, { concurrency: 1, failureTolerance }, run)).rejects.toThrow('at least 0');
  }
  expect(begun).toEqual([]);
});

describe('a roll-out', () => {
  test('keeps the order of the targets in its outcomes, and never has more under way than a wave', async () => {
    const { run, most } = stage();
    const outcomes = await rollOut(targets, { concurrency: 2, failureTolerance: 0 }, run);
    expect(outcomes).toEqual(
      targets.map((target) => ({ target, status: 'done', result: target.toUpperCase() })),
    );
    expect(most()).toBe(2);
  });

  test('that fails at the first target starts no other', async () => {
    const { run, begun } = stage(['a']);
    const outcomes = await rollOut(targets, { concurrency: 3, failureTolerance: 0 }, run);
    expect(begun).toEqual(['a']);
    expect(statuses(outcomes)).toEqual(['failed', ...Array(5).fill('not started')]);
  });

  test('finishes the wave in which too many fail, and starts none after it', async () => {
    const { run, begun } = stage(['b']);
    const outcomes = await rollOut(targets, { concurrency: 2, failureTolerance: 0 }, run);
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(statuses(outcomes)).toEqual(['done', 'failed', 'done', ...Array(3).fill('not started')]);
  });

  test.each([
    [1, ['failed', 'failed', 'done', 'not started', 'not started', 'not started']],
    [2, ['failed', 'failed', 'done', 'done', 'failed', 'not started']],
    [3, ['failed', 'failed', 'done', 'done', 'failed', 'done']],
  ])('with %i failures tolerated goes on until there are more', async (failureTolerance, expected) => {
    const { run } = stage(['a', 'b', 'e']);
    expect(statuses(await rollOut(targets, { concurrency: 2, failureTolerance }, run))).toEqual(expected);
  });

  test('in parallel tries every target, whatever fails, at most so many at once', async () => {
    const { run, begun, most } = stage(['a', 'b']);
    const outcomes = await inParallel(targets, 3, run);
    expect(statuses(outcomes)).toEqual(['failed', 'failed', 'done', 'done', 'done', 'done']);
    expect([...begun].sort()).toEqual(targets);
    expect(most()).toBe(3);
  });
});
