import { coerceBySchema, coerceJsonSchema, coerceValue } from '../../../provider/properties/index.ts';

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

/** The type of each keyword of JSON Schema that is no text (json-schema.org, drafts 4 to 2020-12). */
const keywords = {
  number: [
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
    'minContains',
    'maxContains',
    'minimum',
    'maximum',
    'multipleOf',
    'exclusiveMinimum',
    'exclusiveMaximum',
  ],
  boolean: ['uniqueItems', 'readOnly', 'writeOnly', 'deprecated', 'nullable'],
  schema: [
    'additionalProperties',
    'additionalItems',
    'unevaluatedProperties',
    'unevaluatedItems',
    'items',
    'contains',
    'propertyNames',
    'not',
    'if',
    'then',
    'else',
  ],
  'map of schemas': ['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas'],
  'list of schemas': ['allOf', 'anyOf', 'oneOf', 'prefixItems'],
};
const [sentSchema, typedSchema] = [{ minLength: '3' }, { minLength: 3 }];
const samples: Record<keyof typeof keywords, [sent: unknown, typed: unknown][]> = {
  number: [['3', 3]],
  boolean: [
    ['true', true],
    ['false', false],
  ],
  schema: [
    ['true', true],
    ['false', false],
    [sentSchema, typedSchema],
    [
      [sentSchema, 'true'],
      [typedSchema, true],
    ],
  ],
  'map of schemas': [
    [
      { a: sentSchema, b: 'false' },
      { a: typedSchema, b: false },
    ],
    ['true', 'true'],
  ],
  'list of schemas': [
    [
      [sentSchema, 'false'],
      [typedSchema, false],
    ],
    ['true', 'true'],
  ],
};
test.each(
  Object.entries(keywords).flatMap(([kind, names]) =>
    names.flatMap((name) =>
      samples[kind as keyof typeof keywords].map(([sent, typed]) => ({ name, kind, sent, typed })),
    ),
  ),
)('$name is a $kind: $sent', ({ name, sent, typed }) => {
  expect(coerceJsonSchema({ [name]: sent })).toEqual({ [name]: typed });
});

test.each(['exclusiveMinimum', 'exclusiveMaximum'])('%s is a boolean in draft 4', (name) => {
  expect(coerceJsonSchema({ [name]: 'true' })).toEqual({ [name]: true });
  expect(coerceJsonSchema({ [name]: 'false' })).toEqual({ [name]: false });
});

test.each([
  ['enum', ['1', '2'], [1, 2]],
  ['examples', ['1'], [1]],
  ['const', '1', 1],
  ['default', '1', 1],
  ['enum', '1', '1'],
])('%s has values of the type beside it: %j', (name, sent, typed) => {
  expect(coerceJsonSchema({ type: 'integer', [name]: sent })).toEqual({ type: 'integer', [name]: typed });
});

test.each<[unknown, unknown, unknown]>([
  ['1', 'integer', 1],
  ['1.5', 'number', 1.5],
  ['-12.25e-2', 'number', -0.1225],
  ['2E+3', 'number', 2000],
  ['1.', 'number', '1.'],
  ['.5', 'number', '.5'],
  ['x1', 'number', 'x1'],
  ['1x', 'number', '1x'],
  ['10', ['null', 'integer'], 10],
  ['true', 'boolean', true],
  ['false', 'boolean', false],
  ['yes', 'boolean', 'yes'],
  ['null', 'null', null],
  ['nil', 'null', 'nil'],
  ['true', ['boolean', 'string'], 'true'],
  ['1', undefined, '1'],
  ['true', 'integer', 'true'],
  ['null', 'integer', 'null'],
  [1, 'boolean', 1],
])('%j of the type %j is %j', (sent, type, expected) => {
  expect(coerceValue(sent, type)).toBe(expected);
});

describe('a value that no schema describes stays as it came', () => {
  test.each<[string, unknown, unknown]>([
    ['without a schema', { a: '1' }, undefined],
    ['of a schema that is a boolean', { a: '1' }, true],
    ['of an item without a schema', ['1'], { type: 'array' }],
    ['of properties that are no object', { a: '1' }, { properties: 'x' }],
    ['of a name that every object inherits', JSON.parse('{"constructor":"1"}'), { properties: {} }],
  ])('%s', (_what, value, schema) => {
    expect(coerceBySchema(value, schema)).toEqual(value);
  });
});

describe('what lies deeper than 60 levels is left as it came', () => {
  const wrap = (levels: number, inner: unknown): unknown =>
    levels === 0 ? inner : { items: wrap(levels - 1, inner) };
  const lists = (levels: number, inner: unknown): unknown =>
    levels === 0 ? inner : [lists(levels - 1, inner)];
  test.each([
    [60, 3],
    [61, '3'],
  ])('of a schema at level %s', (levels, expected) => {
    const schema = wrap(levels, { minLength: '3' }) as Record<string, unknown>;
    expect(coerceJsonSchema(schema)).toEqual(wrap(levels, { minLength: expected }));
  });
  test.each([
    [60, 3],
    [61, '3'],
  ])('of a value at level %s', (levels, expected) => {
    const schema = wrap(levels, { type: 'integer' });
    expect(coerceBySchema(lists(levels, '3'), schema)).toEqual(lists(levels, expected));
  });
});
