/**
 * The decisions of a person after `node scripts/build/new-type.ts GenesysOAuthClient --replace`. The type is
 * for people and devices that log in; the local Genesys Cloud serves its calls. A mark that no edit names is
 * deleted alone, because the generator's draft is right.
 */
export interface Edit {
  file: string;
  /** A text that the file holds once. */
  find: string;
  put: string;
}

const MARK = 'TODO(new-type)';
const source = (name: string) => `provider/resources/oauth-client/${name}.ts`;
const input = (what: string) => `local/provider/inputs/GenesysOAuthClient/inputs_1_${what}.json`;
const page = 'docs/resources/oauth-client.md';
const mappingTest = 'test/unit/resources/oauth-client-mapping.test.ts';

/** Edits of one file. */
const of = (file: string, ...pairs: [find: string, put: string][]): Edit[] =>
  pairs.map(([find, put]) => ({ file, find, put }));

export const filling: Edit[] = [
  ...of(
    source('schema'),
    [
      "import { text } from '../../properties/index.ts';",
      "import { choice, text, wholeNumber } from '../../properties/index.ts';",
    ],
    [
      `  // OAuthClientRequest has authorizedGrantType (required), accessTokenValiditySeconds
  // registeredRedirectUri, roleIds, scope, roleDivisions, state, dateToDelete
`,
      `  AuthorizedGrantType: choice('CODE', 'TOKEN', 'SAML2-BEARER'),
  /** Seconds, five minutes to 450 days (Genesys' Terraform provider, schema of oauth_client). */
  AccessTokenValiditySeconds: z.optional(wholeNumber(300, 38_880_000)),
`,
    ],
    [
      `  Description: written.Description ?? '',
`,
      `  Description: written.Description ?? '',
  AccessTokenValiditySeconds: written.AccessTokenValiditySeconds ?? 86_400,
`,
    ],
  ),
  ...of(
    source('mapping'),
    [
      '({ Name, Description }: OAuthClientProperties)',
      '({ Name, Description, ...written }: OAuthClientProperties)',
    ],
    [
      `  description: Description ?? '',
`,
      `  description: Description ?? '',
  authorizedGrantType: written.AuthorizedGrantType,
  accessTokenValiditySeconds: written.AccessTokenValiditySeconds ?? 86_400,
`,
    ],
    ['  authorizedGrantType: undefined as never,\n', ''],
  ),
  ...of(
    source('index'),
    [
      "import { collection } from '../../lifecycle/collection.ts';",
      "import { RefusedError } from '../../../common/errors.ts';\nimport { collection } from '../../lifecycle/collection.ts';",
    ],
    ['replacement: []', "replacement: ['AuthorizedGrantType']"],
    [
      `    refuseOther() {
      // ${MARK}: refuse one that differs in what cannot change in place, as data-action/ does.
    },
`,
      `    refuseOther({ id, authorizedGrantType }, { AuthorizedGrantType: wanted }) {
      if (authorizedGrantType === wanted) return;
      throw new RefusedError(
        \`The OAuth client \${id} cannot be taken over: its grant is \${authorizedGrantType}, not \${wanted}.\`,
      );
    },
`,
    ],
  ),
  ...of(
    source('api'),
    [
      "import { collect } from '../../genesys/index.ts';",
      "import { registerSecretOfRequest } from '../../../common/redaction.ts';\nimport { collect } from '../../genesys/index.ts';",
    ],
    [
      `  make: async (name, { properties }, operation) =>
    (await apiOf(operation)).postOauthClients(bodyOf(name, properties)),
`,
      `  async make(name, { properties }, operation) {
    const made = await (await apiOf(operation)).postOauthClients(bodyOf(name, properties));
    if (made.secret !== undefined) registerSecretOfRequest(made.secret);
    return made;
  },
`,
    ],
  ),
  ...of(source('description'), [
    `    ...adoptionDescriptions,
`,
    `    AuthorizedGrantType: 'Kind of login: CODE, TOKEN or SAML2-BEARER. A change replaces the OAuth client.',
    AccessTokenValiditySeconds: 'Seconds that a token is valid, 300 to 38880000 (default 86400).',
    ...adoptionDescriptions,
`,
  ]),
  ...of(
    input('create'),
    [
      '"Description": "made by a test"',
      '"Description": "made by a test",\n    "AuthorizedGrantType": "CODE"',
    ],
    ['"description": "made by a test"', '"description": "made by a test",\n    "grantType": "CODE"'],
  ),
  ...of(
    input('update'),
    [
      '"Name": "Orders EU"',
      '"Name": "Orders EU",\n    "AuthorizedGrantType": "CODE",\n    "AccessTokenValiditySeconds": 600',
    ],
    ['"description": ""', '"description": "",\n    "tokenSeconds": 600'],
  ),
  ...of(
    input('replace'),
    [
      '"Description": "made by a test"',
      '"Description": "made by a test",\n    "AuthorizedGrantType": "TOKEN"',
    ],
    ['"name": "Orders"', '"name": "Orders",\n    "grantType": "TOKEN"'],
  ),
  ...of(input('invalid'), [
    '"Description": "made by a test"',
    '"Description": "made by a test",\n    "AuthorizedGrantType": "CODE"',
  ]),
  ...of(
    mappingTest,
    ["  Name: 'Orders',\n", "  Name: 'Orders',\n  AuthorizedGrantType: 'CODE',\n"],
    [
      "  ['the name is written', {}, { name: 'Orders' }],\n",
      `  ['the name is written', {}, { name: 'Orders' }],
  ['the grant is written', {}, { authorizedGrantType: 'CODE' }],
  ['a token is valid for a day', {}, { accessTokenValiditySeconds: 86_400 }],
  ['a time is taken as it is', { AccessTokenValiditySeconds: 300 }, { accessTokenValiditySeconds: 300 }],
`,
    ],
  ),
  ...of('test/protocol/adoption/adoptable.ts', [
    "    byHand: () => '',\n",
    "    byHand: (world) => world.genesys.seed({ oauthClients: [{ name: 'Orders' }] }).oauthClients[0] ?? '',\n",
  ]),
  ...of(
    page,
    ['An OAuth client.\n', 'An OAuth client by which people or devices log in.\n'],
    [
      '    "Description": String,\n',
      '    "Description": String,\n    "AuthorizedGrantType": String,\n    "AccessTokenValiditySeconds": Number,\n',
    ],
    [
      '  Description: String\n',
      '  Description: String\n  AuthorizedGrantType: String\n  AccessTokenValiditySeconds: Number\n',
    ],
    [
      '### AdoptExisting\n',
      `### AuthorizedGrantType

Kind of login.

- *Required*: Yes
- *Type*: String, one of \`CODE\`, \`TOKEN\`, \`SAML2-BEARER\`
- *Update requires*: Replacement

### AccessTokenValiditySeconds

Seconds that a token is valid.

- *Required*: No (default 86400)
- *Type*: Number, 300 to 38880000
- *Update requires*: No interruption

### AdoptExisting
`,
    ],
    ['    Name: Orders\n', '    Name: Orders\n    AuthorizedGrantType: CODE\n'],
  ),
  ...of('docs/troubleshooting.md', [
    '> `The integration … cannot be taken over: its type is …, not …, and cannot change. Check ExistingId and IntegrationType.`\n',
    `> \`The OAuth client … cannot be taken over: its grant is …, not ….\`

The grant of an OAuth client replaces it. Set \`AuthorizedGrantType\` to its own.

> \`The integration … cannot be taken over: its type is …, not …, and cannot change. Check ExistingId and IntegrationType.\`
`,
  ]),
];
