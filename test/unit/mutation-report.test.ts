/** The report of `make mutation`: every change counts once, and one that no test noticed is shown. */
import {
  percentOf,
  type Report,
  scoresOf,
  sumOf,
  survivorsOf,
} from '../../scripts/checks/mutation/report.ts';

const source = "const a = 1;\nif (\n  a > 0\n)\n  run('x');\n";
type Change = Report['files'][string]['mutants'][number];
const change = (
  status: Change['status'],
  from: [number, number],
  to: [number, number],
  replacement = 'x',
) => ({
  mutatorName: 'Any',
  replacement,
  location: { start: { line: from[0], column: from[1] }, end: { line: to[0], column: to[1] } },
  status,
});
const report: Report = {
  files: {
    'a.ts': {
      source,
      mutants: [
        change('Killed', [1, 11], [1, 12]),
        change('Timeout', [1, 11], [1, 12]),
        change('RuntimeError', [1, 11], [1, 12]),
        change('Survived', [3, 3], [3, 8], 'a >= 0'),
        change('Survived', [2, 1], [5, 11], ''),
        change('NoCoverage', [5, 7], [5, 10], '""'),
        change('Ignored', [5, 7], [5, 10], '""'),
      ],
    },
    'b.ts': { source: '', mutants: [] },
  },
};

test('a change that ends the program, or never ends, is noticed; an ignored one does not count', () => {
  expect(scoresOf(report).get('a.ts')).toEqual({ noticed: 3, survived: 2, notRun: 1 });
});

test('the score is the share of what is noticed in code that the tests run', () => {
  const scores = scoresOf(report);
  expect(sumOf(scores.values())).toEqual({ noticed: 3, survived: 2, notRun: 1 });
  expect(percentOf(sumOf(scores.values()))).toBe(60);
  expect(percentOf({ noticed: 0, survived: 0, notRun: 5 })).toBe(100);
});

test('a change that no test noticed is shown in one line, before and after', () => {
  expect(survivorsOf(report)).toEqual(['a.ts:3  a > 0  →  a >= 0', "a.ts:2  if ( a > 0 ) run('x')  →  "]);
});
