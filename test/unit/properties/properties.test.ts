import * as z from 'zod/mini';
import {
  choice,
  flag,
  freeForm,
  jsonSchema,
  nearest,
  parseProperties,
  text,
  textMap,
  wholeNumber,
} from '../../../provider/properties/vocabulary.ts';

const schema = z.strictObject({
  Name: text({ max: 5 }),
  Size: z.optional(wholeNumber(1, 60)),
  On: z.optional(flag()),
  Mode: z.optional(choice('Fast', 'Slow')),
  Headers: z.optional(textMap()),
  Contract: z.optional(jsonSchema()),
  Extra: z.optional(freeForm()),
  Request: z.optional(z.strictObject({ UrlTemplate: text() })),
});
const parse = (input: Record<string, unknown>) => parseProperties(schema, input);

test('scalars are read from text by their own rule', () => {
  expect(parse({ Name: 'x', Size: '60', On: 'false', Mode: 'Fast', Headers: { a: 'true', b: '7' } })).toEqual(
    {
      Name: 'x',
      Size: 60,
      On: false,
      Mode: 'Fast',
      Headers: { a: 'true', b: '7' },
    },
  );
});

test('a schema as JSON text is taken as it is, and as an object is typed', () => {
  expect(parse({ Name: 'x', Contract: '{"minLength": "3"}' }).Contract).toEqual({ minLength: '3' });
  expect(parse({ Name: 'x', Contract: { minLength: '3' } }).Contract).toEqual({ minLength: 3 });
});

test('a free form keeps whether its types are known', () => {
  expect(parse({ Name: 'x', Extra: '{"a": 1}' }).Extra).toEqual({ typed: { a: 1 } });
  expect(parse({ Name: 'x', Extra: { a: '1' } }).Extra).toEqual({ untyped: { a: '1' } });
});

test.each<[string, Record<string, unknown>, string]>([
  ['required', {}, 'Name is required'],
  ['empty', { Name: '' }, 'Name must not be empty'],
  ['too long', { Name: 'sixsix' }, 'Name must have at most 5 characters, not 6'],
  ['no text', { Name: {} }, 'Name must be text'],
  ['null', { Name: null }, 'Name must be text'],
  ['out of range', { Name: 'x', Size: '61' }, 'Size must be a whole number from 1 to 60'],
  ['a number of text', { Name: 'x', Size: '6x' }, 'Size must be a whole number'],
  ['no boolean', { Name: 'x', On: 'yes' }, 'On must be true or false'],
  ['not of the list', { Name: 'x', Mode: 'fast' }, 'Mode must be one of Fast, Slow'],
  ['no JSON', { Name: 'x', Contract: '{' }, 'Contract is text, but no valid JSON'],
  ['no object', { Name: 'x', Contract: '[]' }, 'Contract must be a JSON Schema'],
  ['nested and required', { Name: 'x', Request: {} }, 'Request.UrlTemplate is required'],
  ['nested and no object', { Name: 'x', Request: 'y' }, 'Request must be an object'],
  ['unknown', { Name: 'x', Siz: '1' }, 'Siz is unknown: did you mean Size?'],
  [
    'nested and unknown',
    { Name: 'x', Request: { UrlTemplate: 'y', UrlTemplat: 'z' } },
    'Request.UrlTemplat is unknown: did you mean Request.UrlTemplate?',
  ],
  ['like nothing known', { Name: 'x', Qwertyuiop: '1' }, 'Qwertyuiop is unknown'],
])('a property that is %s is named', (_what, input, message) => {
  expect(() => parse(input)).toThrow(message);
});

test('a key that would change prototypes is an unknown property', () => {
  expect(() => parse(JSON.parse('{"Name":"x","__proto__":{"On":"true"}}'))).toThrow(/unknown/);
});

test('many problems are counted, not listed', () => {
  const input = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`Wrong${index}`, 'x']));
  expect(() => parse({ Name: 'x', ...input })).toThrow(/and 25 more/);
});

test('a name is near when few letters differ', () => {
  expect(nearest('rolearn', ['RoleArn', 'Name'])).toBe('RoleArn');
  expect(nearest('zzzzzzzz', ['RoleArn', 'Name'])).toBeUndefined();
});
