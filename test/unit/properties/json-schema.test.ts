import { coerceBySchema, coerceJsonSchema } from '../../../provider/properties/index.ts';

describe('a JSON Schema that went through CloudFormation', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'numbers by keyword',
      { minLength: '3', multipleOf: '0.5', maximum: '-1e3' },
      { minLength: 3, multipleOf: 0.5, maximum: -1000 },
    ],
    [
      'booleans by keyword',
      { uniqueItems: 'true', additionalProperties: 'false' },
      { uniqueItems: true, additionalProperties: false },
    ],
    [
      'exclusiveMinimum of draft 4 and later',
      { exclusiveMinimum: 'true', exclusiveMaximum: '7' },
      { exclusiveMinimum: true, exclusiveMaximum: 7 },
    ],
    ['enum by the type beside it', { type: 'integer', enum: ['1', '2'] }, { type: 'integer', enum: [1, 2] }],
    ['enum without a type stays text', { enum: ['1', 'true'] }, { enum: ['1', 'true'] }],
    [
      'enum of text stays text',
      { type: 'string', enum: ['1', 'true'] },
      { type: 'string', enum: ['1', 'true'] },
    ],
    [
      'const and default by type',
      { type: 'boolean', const: 'true', default: 'false' },
      { type: 'boolean', const: true, default: false },
    ],
    [
      'null in a list of types',
      { type: ['integer', 'null'], default: 'null' },
      { type: ['integer', 'null'], default: 'null' },
    ],
    [
      'titles and descriptions stay text',
      { title: '7', description: 'true' },
      { title: '7', description: 'true' },
    ],
    [
      'a property named like a keyword',
      { properties: { minLength: { type: 'string', maxLength: '5' } } },
      { properties: { minLength: { type: 'string', maxLength: 5 } } },
    ],
    [
      'nested',
      { items: { anyOf: [{ minimum: '1' }] }, $defs: { a: { minItems: '2' } } },
      { items: { anyOf: [{ minimum: 1 }] }, $defs: { a: { minItems: 2 } } },
    ],
  ])('%s', (_what, sent, expected) => {
    expect(coerceJsonSchema(sent)).toEqual(expected);
  });

  test('a value that is no number is left for Genesys Cloud to refuse', () => {
    expect(coerceJsonSchema({ minLength: 'three' })).toEqual({ minLength: 'three' });
  });
});

test('a free form is typed by the schema that describes it', () => {
  const schema = {
    type: 'object',
    properties: {
      retries: { type: 'integer' },
      flags: { type: 'array', items: { type: 'boolean' } },
      name: { type: 'string' },
    },
    additionalProperties: { type: 'number' },
  };
  expect(coerceBySchema({ retries: '3', flags: ['true', 'no'], name: '7', other: '1.5' }, schema)).toEqual({
    retries: 3,
    flags: [true, 'no'],
    name: '7',
    other: 1.5,
  });
});
