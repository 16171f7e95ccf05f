import { any, base, exactly, newIntegration, type Scenario } from './client-calls.ts';
import { action, newAction, planOfAction, read, request, response } from './terraform-action.ts';

const configuration = (over: object = {}) => ({
  name: 'Customers',
  notes: '',
  version: 1,
  properties: {},
  advanced: {},
  credentials: {},
  ...over,
});

const functionSettings = { description: 'Looks up', handler: 'src/index.handler', runtime: 'nodejs22.x' };
/** The headers of an upload, without `x-amz-` and with `_` for the first `-`, as steps keep them. */
const uploadHeaders = [
  'meta_correlationid',
  'meta_filename',
  'meta_functionid',
  'meta_organizationid',
  'tagging',
];
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
        has: {
          ...configuration(),
          version: 2,
          properties: exactly({}),
          advanced: exactly({}),
          credentials: exactly({}),
        },
      },
    ],
  },
  {
    does: 'imports an integration and its action by their ids, with an empty plan',
    source:
      'integration and integration_action: resource, Importer (ImportStatePassthroughContext, then a read)',
    steps: [
      newIntegration('custom-rest-actions'),
      {
        request: `PUT ${base}/{integration}/config/current`,
        body: configuration({ notes: 'By hand' }),
        status: 200,
      },
      newAction,
      {
        request: `GET ${base}/{integration}?pageSize=100&pageNumber=1&sortBy=&nextPage=&previousPage=`,
        status: 200,
        has: { name: 'Customers', integrationType: { id: 'custom-rest-actions' }, intendedState: 'DISABLED' },
      },
      {
        request: `GET ${base}/{integration}/config/current`,
        status: 200,
        has: {
          name: 'Customers',
          notes: 'By hand',
          properties: exactly({}),
          advanced: exactly({}),
          credentials: exactly({}),
        },
      },
      ...planOfAction('{action}'),
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
    does: 'makes an action under a new integration, which may take none yet; the next plan is empty',
    source: 'integration_action: resource, RetryWhen(IsStatus400) and readIntegrationAction',
    steps: [newIntegration('custom-rest-actions'), newAction, ...planOfAction('{action}')],
  },
  {
    does: 'changes an action by its latest version, after which the plan is empty, and takes a 404 of its deletion for success',
    source: 'integration_action: resource, updateIntegrationAction and deleteIntegrationAction',
    steps: [
      newIntegration('custom-rest-actions'),
      newAction,
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
      ...planOfAction('{action}', { name: 'Renamed', timeoutSeconds: 5 }),
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
      newAction,
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
    does: 'makes a function data action: draft, package, settings, and publication by the draft’s version',
    source: 'integration_action: resource, createFunctionDataActionDraft; proxy',
    steps: [
      newIntegration('function-data-actions'),
      {
        request: `POST ${base}/actions/drafts`,
        body: { ...action, category: 'Function Data Actions' },
        status: 200,
        has: { id: any.text },
        keep: { action: 'id' },
        repeatedAfter: [400],
      },
      {
        request: `POST ${base}/actions/{action}/draft/function/upload`,
        body: { fileName: 'code.zip', signedUrlTimeoutSeconds: 1200 },
        status: 200,
        keep: {
          url: 'url',
          ...Object.fromEntries(
            uploadHeaders.map((name) => [name, `headers.x-amz-${name.replace('_', '-')}`]),
          ),
        },
      },
      {
        request: 'PUT {url}',
        headers: {
          ...Object.fromEntries(
            uploadHeaders.map((name) => [`x-amz-${name.replace('_', '-')}`, `{${name}}`]),
          ),
          'content-type': 'application/zip',
        },
        body: 'PK\u0003\u0004',
        status: 200,
      },
      {
        request: `GET ${base}/actions/{action}/draft/function`,
        status: 200,
        // Without settings there is no function, whose fields the tool would read unchecked.
        has: { zip: { id: any.text } },
        keep: { zip: 'zip.id' },
      },
      {
        request: `PUT ${base}/actions/{action}/draft/function`,
        body: { ...functionSettings, timeoutSeconds: 15, zipId: '{zip}' },
        status: 200,
      },
      {
        request: `GET ${base}/actions/{action}/draft?expand=contract&includeConfig=true&flatten=true`,
        status: 200,
        has: { version: 1 },
      },
      { request: `POST ${base}/actions/{action}/draft/publish`, body: { version: 1 }, status: 200 },
      {
        request: `GET ${base}/actions/{action}/function`,
        status: 200,
        has: { function: { ...functionSettings, timeoutSeconds: 15, zipId: '{zip}' } },
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
        repeatedAfter: [404],
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
