/** Between the properties of an integration and Genesys Cloud's models. */
import type { Models } from 'purecloud-platform-client-v2';
import {
  configurationOf,
  type Prepared,
  roleCredential,
  stateDetail,
  stateOf,
} from '../../../provider/resources/aws-integration/mapping.ts';

const prepared: Prepared = {
  credential: { do: 'without' },
  config: { properties: { a: 1 }, advanced: {} },
};

test.each([
  ['a Lambda integration', 'aws-lambda-data-actions', { AmazonWebServicesARN: { id: 'c-1' } }],
  ['web services', 'custom-rest-actions', { basicAuth: { id: 'c-1' } }],
] as const)('%s keeps its credential in the one place of its type', (_what, type, credentials) => {
  expect(configurationOf({ Name: 'a' }, type, prepared, 'c-1')).toEqual({
    name: 'a',
    notes: '',
    properties: { a: 1 },
    advanced: {},
    credentials,
  });
});

test('without a credential the place is empty', () => {
  const type = 'custom-rest-actions';
  expect(configurationOf({ Name: 'a', Notes: 'n' }, type, prepared, '')).toMatchObject({
    notes: 'n',
    credentials: {},
  });
});

test('credentials that are kept stay in all of their places', () => {
  const credentials = { basicAuth: { id: 'c-1' }, another: { id: 'c-2' } };
  const kept: Prepared = { ...prepared, credential: { do: 'keep', credentials, details: {}, obsolete: [] } };
  expect(configurationOf({ Name: 'a' }, 'custom-rest-actions', kept, '')).toMatchObject({ credentials });
});

test('the credential of a role has the type and field of Genesys Cloud blueprints', () => {
  expect(roleCredential('arn:aws:iam::111122223333:role/a')).toEqual({
    type: { name: 'amazonWebServicesARN' },
    credentialFields: { ARN: 'arn:aws:iam::111122223333:role/a' },
  });
});

test('a state names credentials by id only, and notes that the API writes for empty ones are empty', () => {
  const integration = { intendedState: 'ENABLED' } as Models.Integration;
  const configuration = {
    name: 'a',
    version: 3,
    notes: 'node_dynamodb_empty_string',
    properties: {},
    advanced: {},
    credentials: { basicAuth: { id: 'c-1', name: 'secret name' } },
  } as unknown as Models.IntegrationConfiguration;
  expect(stateOf(integration, configuration)).toEqual({
    intendedState: 'ENABLED',
    name: 'a',
    notes: '',
    properties: {},
    advanced: {},
    credentials: { basicAuth: { id: 'c-1' } },
  });
});

test.each<[rule: string, reported: object | undefined, detail: string]>([
  ['nothing reported says nothing', undefined, ''],
  ['an empty detail says nothing', { code: 'ERROR' }, ''],
  [
    'all parts are told in one sentence',
    { effective: 'Error', detail: { localizableMessageCode: 'x.y', message: 'No role' } },
    'Error, x.y, No role.',
  ],
  ['a long detail is cut', { effective: 'e'.repeat(900) }, `${'e'.repeat(400)}.`],
])('%s', (_rule, reportedState, detail) => {
  expect(stateDetail({ reportedState } as Models.Integration)).toBe(detail);
});
