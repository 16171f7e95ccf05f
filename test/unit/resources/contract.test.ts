import { checkContract } from '../../../provider/resources/data-action/contract.ts';

const object = (properties: object) => ({ type: 'object', properties }) as Record<string, unknown>;
const check = (Input: Record<string, unknown>, Output: Record<string, unknown> = { type: 'object' }) =>
  checkContract({ Input, Output });

test('a flat input and a nested output are fine', () => {
  expect(() =>
    check(
      object({
        orderId: { type: 'string' },
        any: {},
        draft4: { exclusiveMinimum: true },
        'with-dash_1': { type: ['integer', 'null'] },
      }),
      object({ a: object({ b: { type: 'array', items: object({}) } }) }),
    ),
  ).not.toThrow();
});

test.each<[string, Record<string, unknown>, Record<string, unknown> | undefined, string]>([
  [
    'an input that is no object',
    { type: 'array' },
    undefined,
    'Contract.Input must be a JSON Schema of type object',
  ],
  [
    'an input with an object in it',
    object({ a: object({}) }),
    undefined,
    'Contract.Input.properties.a must be string',
  ],
  [
    'an input with an array in it',
    object({ a: { type: 'array' } }),
    undefined,
    'Contract.Input.properties.a must be string',
  ],
  [
    'a name that begins with a digit',
    object({ '1a': { type: 'string' } }),
    undefined,
    'Contract.Input.properties.1a has a name',
  ],
  [
    'a name that Genesys Cloud uses',
    object({ rawRequest: { type: 'string' } }),
    undefined,
    'has a name that Genesys Cloud uses itself',
  ],
  ['$ref', object({ a: { $ref: '#/x' } }), undefined, '$ref is not allowed'],
  [
    '$ref deep in the output',
    object({}),
    object({ a: { type: 'array', items: { $ref: '#/x' } } }),
    'Contract.Output.properties.a.items.$ref',
  ],
  [
    '$ref in an alternative',
    object({ a: { anyOf: [{ type: 'string' }, { $ref: '#/x' }] } }),
    undefined,
    'Contract.Input.properties.a.anyOf.1.$ref',
  ],
  [
    '$ref below other keywords',
    object({}),
    { type: 'object', additionalProperties: { not: { $ref: '#/x' } } },
    'Contract.Output.additionalProperties.not.$ref',
  ],
  [
    'the input as the API wraps it',
    { inputSchema: object({}) },
    undefined,
    'Contract.Input.inputSchema is one level too many: write the schema under Contract.Input itself',
  ],
  [
    'the output as the API wraps it',
    object({}),
    { successSchema: object({}) },
    'Contract.Output.successSchema is one level too many',
  ],
  [
    'an array in an array by an alternative',
    object({}),
    object({ a: { type: 'array', items: { oneOf: [{ type: 'array' }] } } }),
    'is an array in an array',
  ],
  [
    'an array in an array',
    object({}),
    object({ a: { type: 'array', items: { type: 'array' } } }),
    'is an array in an array',
  ],
  [
    'a type that JSON Schema does not know',
    object({}),
    { type: 'strin' },
    'Contract.Output.type must be one of string, integer, number, boolean, null, object, array: did you mean string?',
  ],
  [
    'properties that are a list',
    { type: 'object', properties: [] },
    undefined,
    'Contract.Input.properties must be an object',
  ],
  [
    'required that is no list',
    { type: 'object', required: 'a' },
    undefined,
    'Contract.Input.required must be a list of names',
  ],
])('%s is refused with its path', (_what, input, output, message) => {
  expect(() => check(input, output)).toThrow(message);
});
