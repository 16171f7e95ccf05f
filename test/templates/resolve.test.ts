/** The resolver works as CloudFormation's documentation describes its functions. */
import { Refused, resolve, type World } from '../../scripts/build/templates/resolve.ts';
import type { Json, Template } from '../../scripts/build/templates/template.ts';

const template = (value: Json, more: Partial<Template> = {}): Template => ({
  Description: '',
  Metadata: {},
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket' },
    Subject: { Type: 'AWS::SSM::Parameter', Properties: { Value: value } },
  },
  ...more,
});
const value = (
  json: Json,
  more: Partial<Template> = {},
  given: Record<string, string> = {},
  world: World = {},
) => resolve(template(json, more), given, world).Resources['Subject']?.Properties?.['Value'];

test.each<[string, Json, Json]>([
  ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['Ref of a resource stays', { Ref: 'Bucket' }, { Ref: 'Bucket' }],
  ['Sub', { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::x' }, 'arn:aws:s3:::x'],
  [
    'Sub with variables',
    { 'Fn::Sub': ['${A}-${B}', { A: 'a', B: { Ref: 'AWS::AccountId' } }] },
    'a-111122223333',
  ],
  [
    'Sub with an escape',
    { 'Fn::Sub': '${!input.rawRequest} ${AWS::Region}' },
    '${input.rawRequest} eu-west-1',
  ],
  ['Sub of a resource stays', { 'Fn::Sub': '${Bucket.Arn}/*' }, { 'Fn::Sub': '${Bucket.Arn}/*' }],
  ['Join', { 'Fn::Join': [',', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a,b'],
  ['Split and Select', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
  [
    'Cidr',
    { 'Fn::Cidr': ['192.168.0.0/24', 6, 5] },
    [
      '192.168.0.0/27',
      '192.168.0.32/27',
      '192.168.0.64/27',
      '192.168.0.96/27',
      '192.168.0.128/27',
      '192.168.0.160/27',
    ],
  ],
  ['AWS::NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
  ['AWS::NoValue in an object', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  [
    'a statement whose Condition is no condition',
    { Effect: 'Allow', Condition: { Bool: {} } },
    { Effect: 'Allow', Condition: { Bool: {} } },
  ],
])('%s', (_name, json, expected) => {
  expect(value(json)).toEqual(expected);
});

test('If takes the branch that its condition names, and conditions build on each other', () => {
  const more: Partial<Template> = {
    Parameters: { Size: { Type: 'Number', Default: 3 }, Names: { Type: 'CommaDelimitedList', Default: '' } },
    Conditions: {
      IsThree: { 'Fn::Equals': [{ Ref: 'Size' }, '3'] },
      HasNames: { 'Fn::Not': [{ 'Fn::Equals': [{ 'Fn::Join': ['', { Ref: 'Names' }] }, ''] }] },
      Both: { 'Fn::And': [{ Condition: 'IsThree' }, { Condition: 'HasNames' }] },
      Either: { 'Fn::Or': [{ Condition: 'IsThree' }, { Condition: 'HasNames' }] },
    },
  };
  const branch = (condition: string, given: Record<string, string>) =>
    value({ 'Fn::If': [condition, 'yes', 'no'] }, more, given);
  expect(['IsThree', 'HasNames', 'Both', 'Either'].map((name) => branch(name, {}))).toEqual([
    'yes',
    'no',
    'no',
    'yes',
  ]);
  expect(
    ['IsThree', 'HasNames', 'Both', 'Either'].map((name) => branch(name, { Size: '2', Names: 'a' })),
  ).toEqual(['no', 'yes', 'no', 'yes']);
  expect(branch('Both', { Names: 'a' })).toBe('yes');
});

test('resources and outputs whose condition is false are not there', () => {
  const more: Partial<Template> = {
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Outputs: { Gone: { Condition: 'Never', Value: { Ref: 'Bucket' } } },
  };
  const document = resolve(
    { ...template('x', more), Resources: { Bucket: { Type: 'AWS::S3::Bucket', Condition: 'Never' } } },
    {},
  );
  expect(document).toEqual({ Conditions: { Never: false }, Resources: {}, Outputs: {} });
});

test.each<[string, Record<string, string>]>([
  ['one member of a list that violates the pattern', { List: 'a,B' }],
  ['a part of a value that fits the pattern', { Text: 'aB' }],
  ['a value that is not offered', { Choice: 'three' }],
  ['a number that is too large', { Count: '11' }],
  ['a number that is none', { Count: 'ten' }],
  ['a missing value', {}],
])('refuses %s', (_name, given) => {
  const Parameters = {
    List: { Type: 'CommaDelimitedList', Default: 'a', AllowedPattern: '[a-z]+' },
    Text: { Type: 'String', Default: 'a', AllowedPattern: '[a-z]+' },
    Choice: { Type: 'String', Default: 'one', AllowedValues: ['one', 'two'] },
    Count: { Type: 'Number', Default: 1, MinValue: 1, MaxValue: 10 },
    Required: { Type: 'String' },
  };
  const required: Record<string, string> = Object.keys(given).length === 0 ? {} : { Required: 'x' };
  expect(() => resolve(template('x', { Parameters }), { Required: 'x' })).not.toThrow();
  expect(() => resolve(template('x', { Parameters }), { ...required, ...given })).toThrow(Refused);
});

test('a rule refuses only where its condition holds', () => {
  const more: Partial<Template> = {
    Parameters: { A: { Type: 'String', Default: '' }, B: { Type: 'String', Default: '' } },
    Rules: {
      BNeedsA: {
        RuleCondition: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'B' }, ''] }] },
        Assertions: [
          { Assert: { 'Fn::Contains': [['x', 'y'], { Ref: 'A' }] }, AssertDescription: 'B needs A' },
        ],
      },
    },
  };
  expect(() => value('v', more)).not.toThrow();
  expect(() => value('v', more, { A: 'x', B: 'b' })).not.toThrow();
  expect(() => value('v', more, { A: 'z', B: 'b' })).toThrow('B needs A');
});

test('a name that is defined nowhere is an error, not an empty text', () => {
  expect(() => value({ Ref: 'Nowhere' })).toThrow('Nowhere');
  expect(() => value({ 'Fn::If': ['Nowhere', 1, 2] })).toThrow('Nowhere');
  expect(() => value({ 'Fn::Length': ['a'] })).toThrow('not resolved here');
});
