import { contract } from './support.ts';

/**
 * The calls of Genesys' own tools, and the parts of an answer that they cannot do without. Written down from
 * the sources of the tools; none of their code is here.
 */
export interface Scenario {
  /** The purpose of the calls, as the name of a test. */
  does: string;
  /** The place in the tool. */
  source: string;
  steps: Step[];
}

export interface Step {
  /** Method, path and query. `{name}` stands for a value that an earlier step kept. */
  request: string;
  body?: object;
  status: number;
  /** The part of the answer that the tool reads. */
  has?: unknown;
  /** Fields of the answer that later steps need, by the names that they get. */
  keep?: Record<string, string>;
  /** The statuses after which the tool sends the call again. By any other one it fails. */
  repeatedAfter?: number[];
  /** Whether the tool also sends the call again until the answer has the part. */
  untilItHas?: true;
}

const any = { text: expect.any(String), number: expect.any(Number) };

const base = '/api/v2/integrations';

const newIntegration = (typeId: string): Step => ({
  request: `POST ${base}`,
  // Without a name.
  body: { integrationType: { id: typeId } },
  status: 200,
  has: { id: any.text, integrationType: { id: typeId } },
  keep: { integration: 'id' },
});

const configuration = (over: object = {}) => ({
  name: 'Customers',
  notes: '',
  version: 1,
  properties: {},
  advanced: {},
  credentials: {},
  ...over,
});

const request = {
  requestUrlTemplate: 'https://example.com/customers',
  requestType: 'GET',
  requestTemplate: '${input.rawRequest}',
  headers: { 'Cache-Control': 'no-cache' },
};
const response = { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' };
const action = {
  name: 'Look up customer',
  category: 'Customers',
  integrationId: '{integration}',
  secure: false,
  contract,
  config: { request, response },
};
const read = { requestUrlTemplate: any.text, requestTemplateUri: any.text, headers: expect.any(Object) };

/** Genesys' Terraform provider (MyPureCloud/terraform-provider-genesyscloud 1.84.1), by its packages. */
export const terraform: Scenario[] = [
  {
    does: 'starts with the products, of which it counts the total and reads the ids',
    source: 'provider/provider.go',
    steps: [
      {
        request: 'GET /api/v2/authorization/products',
        status: 200,
        has: { total: any.number, entities: expect.arrayContaining([{ id: any.text }]) },
      },
      { request: 'GET /api/v2/organizations/me', status: 200, has: { id: any.text, name: any.text } },
    ],
  },
  {
    does: 'makes, reads, changes and deletes a credential',
    source: 'integration_credential: resource and proxy',
    steps: [
      {
        request: `POST ${base}/credentials`,
        body: {
          name: 'Login',
          type: { name: 'basicAuth' },
          credentialFields: { userName: 'u', password: 'p' },
        },
        status: 200,
        has: { id: any.text },
        keep: { credential: 'id' },
      },
      {
        request: `GET ${base}/credentials/{credential}`,
        status: 200,
        has: { name: 'Login', type: { name: 'basicAuth' } },
        repeatedAfter: [404],
      },
      {
        request: `PUT ${base}/credentials/{credential}`,
        body: {
          name: 'Renamed',
          type: { name: 'basicAuth' },
          credentialFields: { userName: 'u', password: 'q' },
        },
        status: 200,
        has: { id: '{credential}' },
      },
      { request: `GET ${base}/credentials/{credential}`, status: 200, has: { name: 'Renamed' } },
      { request: `DELETE ${base}/credentials/{credential}`, status: 204 },
      { request: `GET ${base}/credentials/{credential}`, status: 404, repeatedAfter: [200] },
    ],
  },
  {
    does: 'exports credentials page by page, after the id of the last one, until a page is empty',
    source: 'integration_credential: proxy, getAllIntegrationCredsFn',
    steps: [
      {
        request: `POST ${base}/credentials`,
        body: { name: 'Only', type: { name: 'basicAuth' }, credentialFields: { userName: 'u' } },
        status: 200,
        keep: { credential: 'id' },
      },
      {
        request: `GET ${base}/credentials/listing?before=&after=&pageSize=100`,
        status: 200,
        has: { entities: [{ id: '{credential}', name: 'Only', type: { name: 'basicAuth' } }] },
      },
      {
        request: `GET ${base}/credentials/listing?before=&after={credential}&pageSize=100`,
        status: 200,
        has: { entities: [] },
      },
    ],
  },
  {
    does: 'makes an integration, and reads its configuration at once',
    source: 'integration: resource, createIntegration; utils, updateIntegrationConfigFromResourceData',
    steps: [
      newIntegration('custom-rest-actions'),
      { request: `GET ${base}/{integration}/config/current`, status: 200, has: { version: 1 } },
      {
        request: `PUT ${base}/{integration}/config/current`,
        body: configuration(),
        status: 200,
        has: { version: 2 },
      },
      {
        request: `PATCH ${base}/{integration}?pageSize=25&pageNumber=1&sortBy=&nextPage=&previousPage=`,
        body: { intendedState: 'ENABLED' },
        status: 200,
        has: { intendedState: 'ENABLED' },
      },
      {
        request: `GET ${base}/{integration}?pageSize=100&pageNumber=1&sortBy=&nextPage=&previousPage=`,
        status: 200,
        has: {
          name: 'Customers',
          integrationType: { id: 'custom-rest-actions' },
          intendedState: 'ENABLED',
        },
        repeatedAfter: [404],
      },
      {
        request: `GET ${base}/{integration}/config/current`,
        status: 200,
        has: { ...configuration(), version: 2 },
      },
    ],
  },
  {
    does: 'changes a configuration whose version has moved, after a conflict, by the latest version',
    source: 'integration: utils, RetryWhen(IsVersionMismatch)',
    steps: [
      newIntegration('custom-rest-actions'),
      { request: `PUT ${base}/{integration}/config/current`, body: configuration(), status: 200 },
      { request: `PUT ${base}/{integration}/config/current`, body: configuration(), status: 409 },
      {
        request: `GET ${base}/{integration}/config/current`,
        status: 200,
        has: { version: 2 },
      },
      {
        request: `PUT ${base}/{integration}/config/current`,
        body: configuration({ version: 2, notes: 'Moved' }),
        status: 200,
        has: { version: 3, notes: 'Moved' },
      },
    ],
  },
  {
    does: 'lists integrations until a page beyond the last one is empty, and deletes one',
    source: 'integration: proxy, getAllIntegrationsFn; resource, deleteIntegration',
    steps: [
      newIntegration('custom-rest-actions'),
      {
        request: `GET ${base}?pageSize=100&pageNumber=1&sortBy=&expand=&nextPage=&previousPage=`,
        status: 200,
        has: { entities: [{ id: '{integration}', name: any.text }] },
      },
      { request: `GET ${base}?pageSize=100&pageNumber=2`, status: 200, has: { entities: [] } },
      { request: `DELETE ${base}/{integration}`, status: 200 },
      { request: `GET ${base}/{integration}/config/current`, status: 404 },
      { request: `GET ${base}/{integration}`, status: 404, repeatedAfter: [200] },
    ],
  },
  {
    does: 'makes an action under a new integration, which may take none yet, and reads it with its templates',
    source: 'integration_action: resource, RetryWhen(IsStatus400) and readIntegrationAction',
    steps: [
      newIntegration('custom-rest-actions'),
      {
        request: `POST ${base}/actions`,
        body: action,
        status: 200,
        has: { id: any.text },
        keep: { action: 'id' },
        repeatedAfter: [400],
      },
      {
        request: `GET ${base}/actions/{action}?expand=contract&includeConfig=true`,
        status: 200,
        has: {
          name: action.name,
          category: action.category,
          integrationId: '{integration}',
          secure: false,
          version: 1,
          contract: {
            input: { inputSchema: contract.input.inputSchema },
            output: { successSchema: contract.output.successSchema },
          },
          config: { request: { ...read, requestType: 'GET' }, response: { translationMap: {} } },
        },
        repeatedAfter: [404],
      },
      {
        request: `GET ${base}/actions/{action}/templates/requesttemplate.vm`,
        status: 200,
        has: request.requestTemplate,
      },
      {
        request: `GET ${base}/actions/{action}/templates/successtemplate.vm`,
        status: 200,
        has: response.successTemplate,
      },
    ],
  },
  {
    does: 'changes an action by its latest version, and takes a 404 of its deletion for success',
    source: 'integration_action: resource, updateIntegrationAction and deleteIntegrationAction',
    steps: [
      newIntegration('custom-rest-actions'),
      {
        request: `POST ${base}/actions`,
        body: action,
        status: 200,
        keep: { action: 'id' },
        repeatedAfter: [400],
      },
      {
        request: `GET ${base}/actions/{action}?expand=contract&includeConfig=true`,
        status: 200,
        has: { version: 1 },
        repeatedAfter: [404],
      },
      {
        request: `PATCH ${base}/actions/{action}`,
        body: {
          name: 'Renamed',
          category: 'Customers',
          version: 1,
          config: { timeoutSeconds: 5, request, response },
        },
        status: 200,
        has: { version: 2, name: 'Renamed' },
      },
      {
        request: `PATCH ${base}/actions/{action}`,
        body: { name: 'Late', version: 1 },
        status: 409,
      },
      { request: `DELETE ${base}/actions/{action}`, status: 204 },
      { request: `GET ${base}/actions/{action}`, status: 404, repeatedAfter: [200] },
      { request: `DELETE ${base}/actions/{action}`, status: 404 },
    ],
  },
  {
    does: 'looks for an action by its name until the search knows it, and exports page by page',
    source:
      'integration_action: data source and proxy, getIntegrationActionsByNameFn, getAllIntegrationActionsFn',
    steps: [
      newIntegration('custom-rest-actions'),
      {
        request: `POST ${base}/actions`,
        body: action,
        status: 200,
        keep: { action: 'id' },
        repeatedAfter: [400],
      },
      {
        request: `GET ${base}/actions?pageSize=100&pageNumber=1&name=Look%20up%20customer&includeConfig=false`,
        status: 200,
        has: { entities: [{ id: '{action}', name: action.name }] },
        untilItHas: true,
      },
      {
        request: `GET ${base}/actions?pageSize=100&pageNumber=1&nextPage=&previousPage=&includeConfig=false`,
        status: 200,
        has: { entities: [{ id: '{action}', name: action.name, category: action.category }] },
      },
      { request: `GET ${base}/actions?pageSize=100&pageNumber=2`, status: 200, has: { entities: [] } },
    ],
  },
  {
    does: 'sets the custom auth action of an integration, which comes with its credential',
    source: 'integration_custom_auth_action: resource, createIntegrationCustomAuthAction',
    steps: [
      {
        request: `POST ${base}/credentials`,
        body: {
          name: 'Login',
          type: { name: 'userDefinedOAuth' },
          credentialFields: { clientId: 'x', clientSecret: 'y', loginUrl: 'https://login.example' },
        },
        status: 200,
        keep: { credential: 'id' },
      },
      newIntegration('custom-rest-actions'),
      {
        request: `PUT ${base}/{integration}/config/current`,
        body: configuration({ credentials: { basicAuth: { id: '{credential}' } } }),
        status: 200,
        has: { credentials: { basicAuth: { id: '{credential}' } } },
      },
      {
        request: `GET ${base}/{integration}?pageSize=100&pageNumber=1`,
        status: 200,
        has: { integrationType: { id: 'custom-rest-actions' } },
        repeatedAfter: [404],
      },
      {
        request: `GET ${base}/credentials/{credential}`,
        status: 200,
        has: { type: { name: 'userDefinedOAuth' } },
      },
      {
        request: `GET ${base}/actions/customAuth_-_{integration}?expand=contract&includeConfig=true`,
        status: 200,
        has: { version: 1, config: { request: read } },
        repeatedAfter: [404],
      },
      {
        request: `PATCH ${base}/actions/customAuth_-_{integration}`,
        body: { name: 'Login', version: 1, config: { request, response } },
        status: 200,
        has: { name: 'Login', version: 2 },
      },
      {
        request: `GET ${base}/actions/customAuth_-_{integration}/templates/requesttemplate.vm`,
        status: 200,
        has: request.requestTemplate,
      },
    ],
  },
  {
    does: 'looks up a role by its name, and makes an OAuth client with it, whose secret comes once',
    source: 'auth_role: data source; oauth_client: resource, createOAuthClient',
    steps: [
      {
        request: 'GET /api/v2/authorization/roles?pageSize=100&pageNumber=1&name=Master%20Admin',
        status: 200,
        has: { entities: [{ id: any.text, name: 'Master Admin' }] },
        keep: { role: 'entities.0.id' },
      },
      {
        request: 'POST /api/v2/oauth/clients',
        body: {
          name: 'Pipeline',
          authorizedGrantType: 'CLIENT-CREDENTIALS',
          accessTokenValiditySeconds: 86_400,
          roleDivisions: [{ roleId: '{role}', divisionId: 'home' }],
        },
        status: 200,
        has: { id: any.text, secret: any.text },
        keep: { client: 'id' },
      },
      {
        request: 'GET /api/v2/oauth/clients/{client}',
        status: 200,
        has: { name: 'Pipeline', roleDivisions: [{ roleId: '{role}' }] },
      },
    ],
  },
  {
    does: 'reads id and URL of a webhook from its attributes',
    source: 'integration: data source integration_webhook',
    steps: [
      newIntegration('webhook'),
      {
        request: `GET ${base}?pageSize=100&pageNumber=1`,
        status: 200,
        has: { entities: [{ attributes: { webhookId: any.text, invocationUrl: any.text } }] },
      },
    ],
  },
];

/** Genesys' CLI (MyPureCloud/platform-client-sdk-cli 166): `gc`. */
export const cli: Scenario[] = [
  {
    does: 'tells whose token it has',
    source: 'gc tokens me',
    steps: [
      { request: 'GET /api/v2/tokens/me', status: 200, has: { organization: { id: any.text } } },
      { request: 'HEAD /api/v2/tokens/me', status: 200 },
    ],
  },
  {
    does: 'lists with autopagination by page numbers, until a page is empty',
    source: 'services/commandservice.go, List: entityPagination',
    steps: [
      newIntegration('custom-rest-actions'),
      newIntegration('custom-rest-actions'),
      {
        request: `GET ${base}?pageSize=1`,
        status: 200,
        has: { entities: [{ id: any.text }], pageCount: 2 },
      },
      {
        request: `GET ${base}?pageSize=1&pageNumber=2`,
        status: 200,
        has: { entities: [{ id: '{integration}' }] },
      },
      { request: `GET ${base}?pageSize=1&pageNumber=3`, status: 200, has: { entities: [] } },
    ],
  },
  {
    does: 'lists with autopagination by the cursor in nextUri, until there is none',
    source: 'services/commandservice.go, List: cursorPagination',
    steps: [
      ...['one', 'two'].map((name) => ({
        request: `POST ${base}/credentials`,
        body: { name, type: { name: 'userDefined' } },
        status: 200,
        keep: { [name]: 'id' },
      })),
      {
        request: `GET ${base}/credentials/listing?pageSize=1`,
        status: 200,
        has: { entities: [{ id: '{one}' }], nextUri: expect.stringContaining('after=') },
        keep: { next: 'nextUri' },
      },
      {
        request: 'GET {next}',
        status: 200,
        has: { entities: [{ id: '{two}' }] },
      },
    ],
  },
  {
    does: 'filters integrations by their state in any case, and by a credential',
    source: 'gc integrations list: --reportedState, --credentialId',
    steps: [
      newIntegration('custom-rest-actions'),
      {
        request: `GET ${base}?reportedState=inactive`,
        status: 200,
        has: { entities: [{ id: '{integration}' }] },
      },
      { request: `GET ${base}?credentialId=none`, status: 200, has: { entities: [] } },
    ],
  },
  {
    does: 'lists certificates, runtimes and users',
    source:
      'gc integrations actions certificates list; gc integrations actions functions runtimes; gc users list',
    steps: [
      { request: `GET ${base}/actions/certificates`, status: 200, has: { entities: [] } },
      { request: `GET ${base}/actions/certificates/truststore`, status: 200, has: { total: 0 } },
      { request: `GET ${base}/actions/functions/runtimes`, status: 200, has: [{ name: any.text }] },
      { request: 'GET /api/v2/users', status: 200, has: { entities: [] } },
    ],
  },
];
