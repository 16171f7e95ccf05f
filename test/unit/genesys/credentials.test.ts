import { inspect } from 'node:util';
import { SettingsError } from '../../../common/errors.ts';
import { parseOAuthSecret } from '../../../provider/genesys/index.ts';

test.each([
  ['without environment', { client_id: 'a', client_secret: 'b' }, { clientId: 'a', clientSecret: 'b' }],
  [
    'with environment',
    { client_id: 'a', client_secret: 'b', environment: 'mypurecloud.ie', more: 1 },
    { clientId: 'a', clientSecret: 'b', environment: 'mypurecloud.ie' },
  ],
  [
    'with a null environment',
    { client_id: 'a', client_secret: 'b', environment: null },
    { clientId: 'a', clientSecret: 'b' },
  ],
  [
    'with white space around values',
    { client_id: ' a', client_secret: 'b\n' },
    { clientId: 'a', clientSecret: 'b' },
  ],
])('a secret %s is read', (_, content, expected) => {
  expect(parseOAuthSecret(JSON.stringify(content), 'name')).toEqual(expected);
});

test.each<string[]>([
  ['text', 'canary-1 canary-2', 'not a JSON object'],
  ['half JSON', '{"client_secret": "canary-1', 'not a JSON object'],
  ['a list', '["canary-1"]', 'not a JSON object'],
  ['null', 'null', 'not a JSON object'],
  ['no id', '{"client_secret": "canary-1"}', 'has no field "client_id"'],
  ['no secret', '{"client_id": "canary-1"}', 'has no field "client_secret".'],
  ...['clientId', 'client-id', 'CLIENT_ID', 'Client Id', 'clientid', 'client_ids', 'id'].map((name) => [
    `an id that is called ${name}`,
    JSON.stringify({ [name]: 'canary-1', client_secret: 'canary-2' }),
    `has no field "client_id": "${name}" has to be called so.`,
  ]),
  ...['clientSecret', 'client-secret', 'CLIENT_SECRET', 'secret'].map((name) => [
    `a secret that is called ${name}`,
    JSON.stringify({ client_id: 'canary-1', [name]: 'canary-2' }),
    `has no field "client_secret": "${name}" has to be called so.`,
  ]),
  ...['accessToken', 'access_token', 'TOKEN'].map((name) => [
    `an ${name} instead of a client`,
    JSON.stringify({ [name]: 'canary-1' }),
    'A token does not do: put the id and the secret of an OAuth client',
  ]),
  ['an empty secret', '{"client_id": "canary-1", "client_secret": " "}', 'non-empty text in "client_secret"'],
  ['a number', '{"client_id": 17, "client_secret": "canary-1"}', 'non-empty text in "client_id"'],
  ['an object', '{"client_id": {"canary-1": 1}, "client_secret": "canary-1"}', '"client_id"'],
  [
    'a wrong environment',
    '{"client_id": "canary-1", "client_secret": "x", "environment": 5}',
    '"environment"',
  ],
])('%s is refused: the secret and the field are named, no content is shown', (_, text = '', message = '') => {
  const parse = () => parseOAuthSecret(text, 'arn:aws:secretsmanager:eu-west-1:1:secret:/genesys/oauth/x');
  expect(parse).toThrow(SettingsError);
  expect(parse).toThrow(message);
  expect(parse).toThrow('secret:/genesys/oauth/x');
  try {
    parse();
  } catch (error) {
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('canary');
  }
});
