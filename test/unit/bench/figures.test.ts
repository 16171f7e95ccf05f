/** The arithmetic of the bench. A figure that is computed wrongly is worse than none. */
import { consumedUnits } from '../../../scripts/bench/dynamo-units.ts';
import { covered, trips } from '../../../scripts/bench/operations.ts';
import { dependencyBytes, packageOf } from '../../../scripts/bench/package.ts';
import { flattened } from '../../../scripts/bench/report.ts';
import { line, pairedRatio, quantile, summary } from '../../../scripts/bench/statistics.ts';

test('quantiles lie between neighbours, in whatever order the values come', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(summary([30, 10, 20, 40, 50])).toEqual({ median: 30, quartiles: [20, 40], runs: 5 });
  expect(() => quantile([], 0.5)).toThrow('no values');
});

test('a paired ratio is not moved by what slows both down', () => {
  expect(pairedRatio([10, 100, 12], [20, 200, 24])).toBe(0.5);
});

test('a line through points knows its slope and how well it fits', () => {
  expect(
    line([
      [10, 3],
      [20, 5],
      [30, 7],
    ]),
  ).toEqual({ slope: 0.2, start: 1, fit: 1 });
  expect(
    line([
      [0, 0],
      [1, 10],
      [2, 0],
    ]).fit,
  ).toBe(0);
});

test('time is covered once, however many calls are under way', () => {
  const calls = [
    { from: 0, to: 10 },
    { from: 5, to: 12 },
    { from: 20, to: 25 },
    { from: 21, to: 22 },
  ];
  expect(covered(calls)).toBe(17);
});

test('calls side by side are one trip, calls that wait for each other are several', () => {
  expect(
    trips([
      { from: 0, to: 10 },
      { from: 1, to: 9 },
    ]),
  ).toBe(1);
  expect(
    trips([
      { from: 0, to: 10 },
      { from: 10, to: 20 },
      { from: 12, to: 30 },
    ]),
  ).toBe(2);
  expect(trips([])).toBe(0);
});

test('DynamoDB units count kilobytes begun, in a transaction twice', () => {
  const item = (bytes: number) => ({ pk: { S: 'k'.repeat(8) }, body: { S: 'x'.repeat(bytes - 14) } });
  const call = (operation: string, request: unknown, response: unknown = {}) => ({
    operation: `DynamoDB ${operation}`,
    request: Buffer.from(JSON.stringify(request)),
    response: Buffer.from(JSON.stringify(response)),
  });
  expect(
    consumedUnits([
      call('GetItem', {}, { Item: item(4097) }),
      call('GetItem', {}, {}),
      call('PutItem', { Item: item(1024) }),
      call('TransactWriteItems', { TransactItems: [{ Put: { Item: item(1025) } }, { Delete: {} }] }),
    ]),
  ).toEqual({ readUnits: 3, writeUnits: 1 + 2 * 2 + 2 });
  expect(() => consumedUnits([call('Scan', {})])).toThrow('no price');
});

test('bytes that a dynamic import brings are not loaded at start', () => {
  const inputs = (path: string, bytesInOutput: number) => ({ [path]: { bytesInOutput } });
  const output = { bytes: 0, exports: [] };
  const metafile = {
    inputs: {},
    outputs: {
      'out/index.mjs': {
        ...output,
        inputs: inputs('provider/index.ts', 10),
        imports: [
          { path: 'out/a.mjs', kind: 'import-statement' as const },
          { path: 'out/b.mjs', kind: 'dynamic-import' as const },
        ],
      },
      'out/a.mjs': { ...output, inputs: inputs('node_modules/@x/y/z.js', 20), imports: [] },
      'out/b.mjs': { ...output, inputs: inputs('node_modules/@x/y/w.js', 30), imports: [] },
    },
  };
  expect(dependencyBytes(metafile)).toEqual([
    { name: '@x/y', eager: 20, lazy: 30 },
    { name: 'provider/index.ts', eager: 10, lazy: 0 },
  ]);
  expect(packageOf('../node_modules/a/node_modules/b/c.js')).toBe('b');
});

test('figures of a section without a table are listed by their path', () => {
  expect(flattened({ a: { b: 1, c: ['x'] }, d: true })).toEqual([
    ['a.b', 1],
    ['a.c.0', 'x'],
    ['d', 'true'],
  ]);
});
