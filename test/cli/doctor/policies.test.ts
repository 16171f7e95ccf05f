/** Policies are judged by their text: a refusal counts, and a condition leaves the question open. */
import { mayDo, type Statement, statementsOf, trustOf } from '../../../cli/doctor/policies.ts';

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:orders:live';
const INVOKE = 'lambda:InvokeFunction';

const statements = (...Statement: object[]): Statement[] =>
  statementsOf(JSON.stringify({ Version: '2012-10-17', Statement }));
const allow = (more: object = {}) => ({ Effect: 'Allow', Action: INVOKE, Resource: ARN, ...more });
const deny = (more: object = {}) => ({ ...allow(more), Effect: 'Deny' });
const condition = { Condition: { Bool: { 'aws:SecureTransport': 'true' } } };

test.each<[name: string, Statement[], ReturnType<typeof mayDo>]>([
  ['nothing', statements(), 'no'],
  ['its own ARN', statements(allow()), 'yes'],
  ['the ARN without the alias', statements(allow({ Resource: ARN.replace(':live', '') })), 'no'],
  [
    'the ARN and everything behind it',
    statements(allow({ Resource: `${ARN.replace(':live', '')}*` })),
    'yes',
  ],
  ['everything', statements(allow({ Action: '*', Resource: '*' })), 'yes'],
  ['other capitals', statements(allow({ Action: 'LAMBDA:invoke*' })), 'yes'],
  ['another action', statements(allow({ Action: 'lambda:GetFunction' })), 'no'],
  ['all other actions', statements(allow({ Action: undefined, NotAction: INVOKE })), 'no'],
  ['all but other actions', statements(allow({ Action: undefined, NotAction: 's3:*' })), 'yes'],
  ['all other functions', statements(allow({ Resource: undefined, NotResource: ARN })), 'no'],
  ['an allowance with a condition', statements(allow(condition)), 'perhaps'],
  ['one with and one without', statements(allow(condition), allow()), 'yes'],
  ['a refusal beside it', statements(allow(), deny()), 'no'],
  ['a refusal of something else', statements(allow(), deny({ Resource: `${ARN}-2` })), 'yes'],
  ['a refusal with a condition', statements(allow(), deny(condition)), 'perhaps'],
])('a role with %s', (_name, given, expected) => {
  expect(mayDo(given, INVOKE, ARN)).toBe(expected);
});

const ID = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const GENESYS = '765628985471';
const trusting = (Principal: unknown, Condition?: object) =>
  JSON.stringify({
    Statement: [
      { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...(Condition ? { Condition } : {}) },
    ],
  });
const withId = (id: string | string[], operator = 'StringEquals', key = 'sts:ExternalId') => ({
  [operator]: { [key]: id },
});

test.each<[name: string, document: string, Partial<ReturnType<typeof trustOf>>]>([
  [
    'the root of an account',
    trusting({ AWS: `arn:aws:iam::${GENESYS}:root` }, withId(ID)),
    { withId: [GENESYS] },
  ],
  ['a bare account', trusting({ AWS: GENESYS }, withId(ID)), { withId: [GENESYS] }],
  [
    'one of several ids',
    trusting({ AWS: GENESYS }, withId(['x', ID])),
    { withId: [], withOthers: [GENESYS] },
  ],
  [
    'an id under another operator',
    trusting({ AWS: GENESYS }, withId(ID, 'StringLike')),
    { withId: [GENESYS], withOthers: [] },
  ],
  [
    'every id',
    trusting({ AWS: GENESYS }, withId('*', 'StringLike')),
    { withId: [], withOthers: [GENESYS], ids: ['*'] },
  ],
  [
    'every id that begins so',
    trusting({ AWS: GENESYS }, withId(`${ID.slice(0, 8)}*`, 'StringLike')),
    { withId: [], withOthers: [GENESYS] },
  ],
  [
    'every id and this one, under two operators',
    trusting({ AWS: GENESYS }, { ...withId('*', 'StringLike'), ...withId(ID) }),
    { withId: [GENESYS], withOthers: [] },
  ],
  [
    'an asterisk that stands for itself',
    trusting({ AWS: GENESYS }, withId('*')),
    { withId: [], withOthers: [], ids: ['*'] },
  ],
  [
    'other capitals',
    trusting({ AWS: GENESYS }, withId(ID, 'StringEquals', 'STS:externalid')),
    { withId: [GENESYS] },
  ],
  ['another id', trusting({ AWS: GENESYS }, withId('other')), { withId: [], ids: ['other'] }],
  ['no id', trusting({ AWS: GENESYS }), { withoutId: [GENESYS] }],
  ['anybody', trusting('*'), { withoutId: ['*'] }],
  ['a service', trusting({ Service: 'lambda.amazonaws.com' }), { withId: [], withoutId: [] }],
])('a role that trusts %s', (_name, document, expected) => {
  expect(trustOf(document, ID)).toMatchObject(expected);
  expect(trustOf(encodeURIComponent(document), ID)).toMatchObject(expected);
});
