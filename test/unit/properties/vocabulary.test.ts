/** Each kind of property: the values that it takes, as CloudFormation sends them, and the bounds. */
import * as z from 'zod/mini';
import {
  canonicalFreeForm,
  choice,
  type FreeForm,
  flag,
  forms,
  freeForm,
  isPlainText,
  jsonSchema,
  kindOf,
  type PropertySchema,
  parseProperties,
  problemsIn,
  text,
  textList,
  textMap,
  typedBy,
  untyped,
  wholeNumber,
} from '../../../provider/properties/index.ts';

const nested = (levels: number): unknown => (levels === 0 ? {} : { properties: nested(levels - 1) });
const code = { pattern: /^[A-Z]+$/, hint: 'must be capitals' };
const explained = {
  ...code,
  explain: (value: string) => (value === 'arn' ? 'must be an id, no ARN' : undefined),
};

test.each<[string, z.ZodMiniType, unknown, unknown]>([
  ['a text', text(), 'x', 'x'],
  ['a number as text', text(), 7, '7'],
  ['a boolean as text', text(), false, 'false'],
  ['a text of the most characters', text({ max: 3 }), 'abc', 'abc'],
  ['a text of the fewest characters', text({ min: 3 }), 'abc', 'abc'],
  ['an empty text where it may be empty', text({ min: 0 }), '', ''],
  ['a text of a pattern', text(code), 'ABC', 'ABC'],
  ['a pair of surrogates', text(), '😀', '😀'],
  ['true', flag(), true, true],
  ['true as text', flag(), 'true', true],
  ['false', flag(), false, false],
  ['false as text', flag(), 'false', false],
  ['the least whole number', wholeNumber(-5, 5), '-5', -5],
  ['the greatest whole number', wholeNumber(-5, 5), 5, 5],
  ['a whole number of 15 digits', wholeNumber(0, 1e15), '123456789012345', 123456789012345],
  ['the first of a choice', choice('A', 'B'), 'A', 'A'],
  ['the last of a choice', choice('A', 'B'), 'B', 'B'],
  ['a map with numbers', textMap(), { a: 1, b: 'x', c: true }, { a: '1', b: 'x', c: 'true' }],
  ['an empty map', textMap(), {}, {}],
  ['a list of the most texts', textList(2), ['a', 7], ['a', '7']],
  ['a list without its empty texts', textList(2), ['', 'a'], ['a']],
  ['an empty list', textList(2), [], []],
  ['a JSON Schema that is an object', jsonSchema(), { minLength: '3' }, { minLength: 3 }],
  ['a JSON Schema that has its types', jsonSchema({ typed: true }), { minLength: '3' }, { minLength: '3' }],
  ['a JSON Schema as text', jsonSchema(), '{"minLength":"3"}', { minLength: '3' }],
  ['a JSON Schema with 200 levels below it', jsonSchema({ typed: true }), nested(200), nested(200)],
  ['a free form', freeForm(), { a: '1' }, { untyped: { a: '1' } }],
  ['a free form as text', freeForm(), '{"a":1}', { typed: { a: 1 } }],
])('%s is taken', (_what, kind, sent, expected) => {
  expect(parseProperties(z.strictObject({ P: kind }) as PropertySchema<unknown>, { P: sent })).toEqual({
    P: expected,
  });
});

test.each<[string, z.ZodMiniType, unknown, string]>([
  ['half a character', text(), 'a\ud800', 'must be text of whole characters'],
  ['a list for a text', text(), ['x'], 'must be text'],
  ['an empty text', text(), '', 'must not be empty'],
  ['a text that is too short', text({ min: 3 }), 'ab', 'must have at least 3 characters'],
  ['a text that is too long', text({ max: 3 }), 'abcd', 'must have at most 3 characters, not 4'],
  ['another pattern, with its hint', text(code), 'abc', 'must be capitals'],
  ['another pattern without a hint', text({ pattern: /^[A-Z]+$/ }), 'abc', 'must match ^[A-Z]+$'],
  ['another pattern that is explained', text(explained), 'arn', 'must be an id, no ARN'],
  ['another pattern that is not explained', text(explained), 'abc', 'must be capitals'],
  ['a number for a flag', flag(), 1, 'must be true or false'],
  ['a fraction', wholeNumber(1, 5), 1.5, 'must be a whole number from 1 to 5'],
  ['a fraction as text', wholeNumber(1, 5), '1.5', 'must be a whole number from 1 to 5'],
  ['a number below', wholeNumber(1, 5), 0, 'must be a whole number from 1 to 5'],
  ['a number above', wholeNumber(1, 5), 6, 'must be a whole number from 1 to 5'],
  ['a number with a blank', wholeNumber(1, 5), ' 3', 'must be a whole number from 1 to 5'],
  ['an empty text for a number', wholeNumber(0, 5), '', 'must be a whole number from 0 to 5'],
  ['a number of 16 digits', wholeNumber(0, 1e17), '1234567890123456', 'must be a whole number from 0 to'],
  ['a list for a number', wholeNumber(1, 5), [3], 'must be a whole number from 1 to 5'],
  ['a number for a choice', choice('A', 'B'), 7, 'must be one of A, B'],
  ['a text for a map', textMap(), 'x', 'must be an object with text values'],
  ['a list for a map', textMap(), ['x'], 'must be an object with text values'],
  ['an object in a map', textMap(), { a: {} }, 'must hold text under a'],
  ['a text for a list', textList(2), 'x', 'must be a list of texts'],
  ['a list that is too long', textList(2), ['a', 'b', 'c'], 'must have at most 2 entries, not 3'],
  ['a wrong entry', textList(2, code), ['A', 'b'], 'has a wrong entry 2, which must be capitals'],
  ['an object in a list', textList(2), [{}], 'has a wrong entry 1, which must be text'],
  ['a number for a JSON Schema', jsonSchema(), 7, 'must be a JSON Schema, as an object or as JSON text'],
  ['a list as text for a JSON Schema', jsonSchema(), '[]', 'must be a JSON Schema: an object'],
  ['a JSON Schema with 201 levels below it', jsonSchema(), nested(201), 'is nested too deeply'],
  [
    'a JSON Schema as text with 201 levels below it',
    jsonSchema(),
    JSON.stringify(nested(201)),
    'is nested too deeply',
  ],
  ['a number for a free form', freeForm(), 7, 'must be an object, or JSON text of an object'],
  ['a list as text for a free form', freeForm(), '[]', 'must be a JSON object'],
  [
    'half a JSON for a free form',
    freeForm(),
    '{',
    'is text, but no valid JSON: check its commas, quotes and braces',
  ],
  ['a free form with 201 levels below it', freeForm(), nested(201), 'is nested too deeply'],
])('%s is refused', (_what, kind, sent, problem) => {
  const problems = problemsIn(z.strictObject({ P: kind }) as PropertySchema<unknown>, { P: sent });
  expect(problems).toEqual([
    { path: 'P', fault: 'value', problem: expect.stringMatching(/./), nearest: undefined },
  ]);
  expect(problems[0]?.problem.startsWith(problem)).toBe(true);
});

test.each([
  ['Slw', 'Slow'],
  ['slow', 'Slow'],
  ['S', undefined],
  ['Slxx', undefined],
])('a choice that is spelt %s probably means %s', (sent, nearest) => {
  const schema = z.strictObject({ P: choice('Fast', 'Slow') });
  expect(problemsIn(schema as PropertySchema<unknown>, { P: sent })).toMatchObject([{ nearest }]);
});

test('what is right has no problems', () => {
  expect(problemsIn(z.strictObject({ P: text() }) as PropertySchema<unknown>, { P: 'x' })).toEqual([]);
});

test.each([
  [text(), { kind: 'text', min: 1 }],
  [text({ min: 2, max: 5, pattern: /x/ }), { kind: 'text', min: 2, max: 5, pattern: /x/ }],
  [flag(), { kind: 'flag' }],
  [wholeNumber(1, 5), { kind: 'wholeNumber', min: 1, max: 5 }],
  [choice('A'), { kind: 'choice', values: ['A'] }],
  [textMap(), { kind: 'textMap' }],
  [textList(2, { max: 3 }), { kind: 'textList', max: 2, each: { kind: 'text', min: 1, max: 3 } }],
  [jsonSchema(), { kind: 'jsonSchema' }],
  [freeForm(), { kind: 'freeForm' }],
  [
    forms({ A: text() }, () => 'A'),
    { kind: 'forms', forms: expect.anything(), choose: expect.any(Function) },
  ],
])('a tool can ask for the kind of a property: %#', (schema, expected) => {
  expect(kindOf(schema)).toEqual(expected);
});

describe('a free form', () => {
  test('that has its types keeps them, whatever the schema says', () => {
    expect(typedBy({ typed: { a: '1' } }, { properties: { a: { type: 'integer' } } })).toEqual({ a: '1' });
  });
  test('without types gets them from the schema', () => {
    expect(typedBy({ untyped: { a: '1' } }, { properties: { a: { type: 'integer' } } })).toEqual({ a: 1 });
  });
  test.each<[FreeForm, FreeForm]>([
    [{ untyped: { a: 'x' } }, { typed: { a: 'x' } }],
    [{ untyped: { a: '1' } }, { untyped: { a: '1' } }],
    [{ typed: { a: 'x' } }, { typed: { a: 'x' } }],
  ])('%j is the same as %j', (form, expected) => {
    expect(canonicalFreeForm(form)).toEqual(expected);
  });
});

test.each<[unknown, boolean]>([
  ['x', true],
  ['', true],
  ['1', false],
  ['-1.5e+3', false],
  ['true', false],
  ['false', false],
  ['null', false],
  [1, false],
  [null, false],
  [{ a: 'x', b: ['y'] }, true],
  [{ a: 'x', b: ['1'] }, false],
])('%j is text that no schema makes another type of: %s', (value, expected) => {
  expect(isPlainText(value)).toBe(expected);
});

test('a value without types has every scalar as text', () => {
  const value = { a: 1, b: [true, null, 'x'], c: { d: undefined } };
  expect(untyped(value)).toEqual({ a: '1', b: ['true', 'null', 'x'], c: { d: undefined } });
});
