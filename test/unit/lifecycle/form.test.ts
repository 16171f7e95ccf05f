/** Equal properties have equal forms, however they are written. */
import { formOf, sameForm, wasApplied } from '../../../provider/lifecycle/form.ts';
import { PropertyError } from '../../../provider/properties/index.ts';
import { resourceTypes } from '../../../provider/resources/index.ts';

const typeNamed = (name: string) => {
  const type = resourceTypes.find(({ typeName }) => typeName === name);
  if (type === undefined) throw new Error(name);
  return type as unknown as Parameters<typeof formOf>[0];
};
const integration = typeNamed('Custom::GenesysAwsIntegration');
const action = typeNamed('Custom::GenesysDataAction');

const base = { ServiceToken: 'token', Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/genesys' };
const formWith = (more: object) => formOf(integration, { ...base, ...more });

test.each<[string, object, object, boolean]>([
  ['plain texts, as object and as text', { Advanced: { a: 'b' } }, { Advanced: '{"a": "b"}' }, true],
  [
    'defaults that are written out',
    {},
    { Enabled: 'true', Notes: '', Properties: '{}', SharedWith: [], DeletionGuard: 'Actions' },
    true,
  ],
  ['a number and its text in JSON text', { Advanced: '{"a": 1}' }, { Advanced: '{"a": "1"}' }, false],
  // Only the published schema could say that these are equal.
  ['a text that may be a number', { Advanced: { a: '1' } }, { Advanced: '{"a": 1}' }, false],
  ['a text that may be a boolean', { Advanced: { a: 'true' } }, { Advanced: '{"a": "true"}' }, false],
  ['other stacks that share it', { SharedWith: ['a'] }, { SharedWith: ['b'] }, false],
  [
    'another secret',
    {},
    { OAuthSecretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/oauth/a' },
    false,
  ],
  ['properties that steer the protocol', { ServiceTimeout: '9' }, { ServiceTimeout: '10' }, true],
])('forms of an integration with %s', (_what, one, other, isEqual) => {
  expect(sameForm(formWith(one), formWith(other))).toBe(isEqual);
});

test('a Nonce makes another form of the same properties, which counts as applied', () => {
  const form = formWith({});
  const other = formWith({ Nonce: '1' });
  expect(sameForm(form, other)).toBe(false);
  expect(wasApplied({ applied: [form] } as never, other)).toBe(true);
});

test('a form that a version of the code reads otherwise is known by its text', () => {
  const form = formWith({});
  expect(sameForm({ ...form, fingerprint: 'of another version' }, form)).toBe(true);
  expect(sameForm({ fingerprint: 'of another version' }, form)).toBe(false);
});

test('properties that do not parse any more have the form of their text', () => {
  const form = formWith({ NotKnown: 'x' });
  expect(sameForm(form, formWith({ NotKnown: 'x' }))).toBe(true);
  expect(sameForm(form, formWith({}))).toBe(false);
});

test.each(['constructor', 'toString', '__proto__'])('a property named %s tells forms apart', (name) => {
  const named = (value: string) => formWith(JSON.parse(`{"Advanced": {"${name}": "${value}"}}`));
  expect(sameForm(named('a'), named('a'))).toBe(true);
  expect(sameForm(named('a'), named('b'))).toBe(false);
});

test('properties of 100,000 levels are refused by name instead of breaking the process', () => {
  let Contract: object = {};
  for (let level = 0; level < 100_000; level += 1) Contract = { Input: Contract };
  expect(() => formOf(action, { Contract })).toThrow(PropertyError);
  expect(() => formOf(action, { Contract })).toThrow('Contract is nested too deeply');
});
