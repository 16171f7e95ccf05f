import { any, base, newIntegration, type Scenario } from './client-calls.ts';

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
