import * as z from 'zod/mini';
import {
  choice,
  flag,
  forms,
  freeForm,
  jsonSchema,
  missingIssue,
  PropertyError,
  parseProperties,
  problemAt,
  text,
  textMap,
  wholeNumber,
} from '../../../provider/properties/index.ts';

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

test.each<[string, Record<string, unknown>, string | RegExp]>([
  ['required', {}, 'Name is required'],
  ['empty', { Name: '' }, 'Name must not be empty'],
  ['too long', { Name: 'sixsix' }, 'Name must have at most 5 characters, not 6'],
  ['no text', { Name: {} }, 'Name must be text'],
  ['null', { Name: null }, 'Name must be text'],
  ['out of range', { Name: 'x', Size: '61' }, 'Size must be a whole number from 1 to 60'],
  ['a number of text', { Name: 'x', Size: '6x' }, 'Size must be a whole number'],
  ['no boolean', { Name: 'x', On: 'yes' }, 'On must be true or false'],
  ['not of the list', { Name: 'x', Mode: 'Other' }, /: Mode must be one of Fast, Slow\.$/],
  [
    'not of the list by a slip',
    { Name: 'x', Mode: 'fast' },
    /: Mode must be one of Fast, Slow: did you mean Fast\?$/,
  ],
  ['no boolean by a slip', { Name: 'x', On: 'True' }, 'On must be true or false: did you mean true?'],
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
  [
    'like nothing known in its group',
    { Name: 'x', Request: { UrlTemplate: 'y', Methd: 'z' } },
    'Request.Methd is unknown: Request takes UrlTemplate.',
  ],
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

test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
  'a property named %s, as every object inherits one, is unknown like any other',
  (name) => {
    const inside = JSON.parse(`{"Name":"x","Request":{"UrlTemplate":"y","${name}":"z"}}`);
    expect(problemsOf(() => parse(inside))).toEqual([
      {
        path: `Request.${name}`,
        fault: 'unknown',
        problem: 'is unknown: Request takes UrlTemplate',
        nearest: undefined,
      },
    ]);
    // Free keys may have these names.
    const headers = JSON.parse(`{"Name":"x","Headers":{"${name}":"z"}}`);
    expect(Object.entries(parse(headers).Headers ?? {})).toEqual([[name, 'z']]);
  },
);

/** The problems of the PropertyError that a function throws. */
function problemsOf(run: () => unknown): PropertyError['problems'] {
  try {
    run();
  } catch (error) {
    if (error instanceof PropertyError) return error.problems;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an error about properties says in fields what its message says', () => {
  const ruled = schema.check(
    z.refine<z.infer<typeof schema>>(({ On, Mode }) => On !== true || Mode !== undefined, {
      path: ['Mode'],
      message: 'goes with On',
    }),
    z.check<z.infer<typeof schema>>((context) => {
      if (context.value.Request === undefined)
        context.issues.push(missingIssue(['Request', 'UrlTemplate'], context.value));
    }),
  );

  test.each<[string, Record<string, unknown>, object[]]>([
    [
      'an unknown name, with the whole path of the nearest',
      { Name: 'x', Request: { UrlTemplate: 'y', UrlTemplat: 'z' } },
      [
        {
          path: 'Request.UrlTemplat',
          fault: 'unknown',
          problem: 'is unknown',
          nearest: 'Request.UrlTemplate',
        },
      ],
    ],
    [
      'a missing property',
      { Request: { UrlTemplate: 'y' } },
      [{ path: 'Name', fault: 'missing', problem: 'is required', nearest: undefined }],
    ],
    [
      'a missing property that a check of the whole finds',
      { Name: 'x' },
      [{ path: 'Request.UrlTemplate', fault: 'missing', problem: 'is required', nearest: undefined }],
    ],
    [
      'a value that is none of its kind',
      { Name: 'x', Mode: 'Slo', Request: { UrlTemplate: 'y' } },
      [{ path: 'Mode', fault: 'value', problem: 'must be one of Fast, Slow', nearest: 'Slow' }],
    ],
    [
      'a group that is no object',
      { Name: 'x', Request: 'y' },
      [{ path: 'Request', fault: 'value', problem: 'must be an object', nearest: undefined }],
    ],
    [
      'a rule about a property that is not there',
      { Name: 'x', On: 'true', Request: { UrlTemplate: 'y' } },
      [{ path: 'Mode', fault: 'rule', problem: 'goes with On', nearest: undefined }],
    ],
  ])('%s', (_what, input, problems) => {
    expect(problemsOf(() => parseProperties(ruled, input))).toEqual(problems);
  });

  test('all problems are in the fields, also those that the message only counts', () => {
    const input = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`Wrong${index}`, 'x']));
    expect(problemsOf(() => parse({ Name: 'x', ...input }))).toHaveLength(30);
  });

  test.each<[string, PropertyError, string]>([
    [
      'several problems',
      new PropertyError([problemAt('A', 'is required'), problemAt('B', 'must be text')]),
      'Invalid properties: A is required; B must be text.',
    ],
    [
      'a question at the end',
      new PropertyError([problemAt('A', 'is unknown', { nearest: 'B' })]),
      'Invalid properties: A is unknown: did you mean B?',
    ],
    [
      'the whole of a file',
      new PropertyError([problemAt('', 'is no JSON')], 'definition in a.json'),
      'Invalid definition in a.json: it is no JSON.',
    ],
    [
      'a path without an end',
      new PropertyError([problemAt('x'.repeat(200), 'is unknown')]),
      `Invalid properties: ${'x'.repeat(119)}… is unknown.`,
    ],
  ])('the message of %s', (_what, { message }, expected) => {
    expect(message).toBe(expected);
  });
});

test('where a property has several forms, the nearest name is one of the form that was meant', () => {
  const place = z.strictObject({
    Place: forms(
      { A: z.strictObject({ Bucket: text(), Key: z.optional(text()) }), B: z.strictObject({ Arn: text() }) },
      (input) => (Object.hasOwn(input as object, 'Arn') ? 'B' : 'A'),
    ),
  });
  const wrong = (Place: object) => () => parseProperties(place, { Place });
  expect(wrong({ Bucket: 'b', Kay: 'k' })).toThrow('Place.Kay is unknown: did you mean Place.Key?');
  expect(wrong({ Arn: 'a', Arm: 'b' })).toThrow('Place.Arm is unknown: did you mean Place.Arn?');
});

test('a fault of the code is no fault of the author', () => {
  const broken = z.strictObject({
    Place: forms({ A: text() }, () => {
      throw new TypeError('of its own');
    }),
  });
  expect(() => parseProperties(broken, { Place: 'x' })).toThrow(new TypeError('of its own'));
});
