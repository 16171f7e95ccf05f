/** A new resource type is finished when a person has decided everything that its generator left open. */
import { MARK, openPoints, pointsIn } from '../../../scripts/build/new-type/open-points.ts';

test('no resource type has an open point: fill in each of these, and delete its mark', () => {
  expect(openPoints()).toEqual([]);
});

test.each([
  ['of a source', `  // ${MARK}: name the properties.`, ['1: name the properties.']],
  ['of an input', `{\n  "${MARK}": "Give a value.",\n`, ['2: Give a value.']],
  ['of a page', `<!-- ${MARK}: Say what it is. -->`, ['1: Say what it is.']],
  ['nothing of another comment', '// TODO: later', []],
])('an open point is found by its line: %s', (_what, text, points) => {
  expect(pointsIn(text)).toEqual(points);
});
