import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { actionBody, type Caller, callerOf, integrationBy, login } from './support.ts';

// The parts of an action come back as they were sent, of every kind that published definitions have.
let server: GenesysCloudServer;
let call: Caller;
let token: string;
let integrationId: string;
beforeEach(async () => {
  server = await startGenesysCloud();
  call = await callerOf(server);
  token = (await login(server)).body.access_token;
  integrationId = await integrationBy(call, 'custom-rest-actions');
});
afterEach(() => server.close());

/** The text with a byte order mark at its start, which a client that decodes would leave out. */
async function textOf(path: string): Promise<string> {
  const response = await fetch(`${server.url}/api/v2${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return Buffer.from(await response.arrayBuffer()).toString('utf8');
}

const contractOf = (properties: object, over: object = {}) => ({
  input: { inputSchema: { type: 'object', properties } },
  output: { successSchema: { type: 'object', properties: {}, additionalProperties: true, ...over } },
});

test.each<[string, { name?: string; contract?: object; template?: string; map?: Record<string, string> }]>([
  ['names and texts in Unicode', { name: 'Größe 尺寸 🚚', template: '{"größe": "${input.größe} 🚚"}' }],
  ['a template with CRLF', { template: '{\r\n  "a": "${input.a}"\r\n}\r\n' }],
  ['a template with a byte order mark', { template: '\uFEFF{"a": "${input.a}"}' }],
  ['an empty template', { template: '' }],
  ['a template that is JSON', { template: '{"a": 1}' }],
  ['escapes in a template', { template: '{"a": "$esc.jsonString(${input.a})\\n\\"\\\\"}' }],
  [
    'paths with filters, slices and functions',
    {
      map: { a: "$.items[?(@.type == 'x')].id", b: '$.items[-1:]', c: '$.items.length()', d: 'items[0]' },
    },
  ],
  [
    'a contract of draft 4',
    {
      contract: contractOf(
        { count: { id: '/properties/count', type: 'integer', minimum: 0, exclusiveMinimum: true } },
        { $schema: 'http://json-schema.org/draft-04/schema#', id: '/', items: { id: '/items' } },
      ),
    },
  ],
  [
    'null in a contract',
    {
      contract: contractOf({ a: { type: ['string', 'null'], default: null, enum: ['x', null] } }),
    },
  ],
  ['a property without a type', { contract: contractOf({ a: { description: 'anything' } }) }],
  [
    'a list as output',
    {
      contract: contractOf(
        {},
        { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
      ),
    },
  ],
])('%s', async (_, { name, contract, template, map }) => {
  const body = actionBody(integrationId);
  const { request, response } = body.config;
  const requestTemplate = template ?? request.requestTemplate;
  const translationMap = map ?? {};
  const wanted = {
    ...body,
    name: name ?? body.name,
    contract: contract ?? body.contract,
    config: {
      request: { ...request, requestTemplate },
      response: { ...response, translationMap, successTemplate: requestTemplate },
    },
  };
  const made = await call('POST', '/integrations/actions', wanted);
  expect(made).toMatchObject({ status: 200 });
  const self = `/integrations/actions/${made.body.id}`;
  const { body: read } = await call('GET', `${self}?expand=contract&includeConfig=true`);
  expect(read.name).toBe(wanted.name);
  expect({
    input: { inputSchema: read.contract.input.inputSchema },
    output: { successSchema: read.contract.output.successSchema },
  }).toEqual(wanted.contract);
  expect(read.config.response.translationMap).toEqual(translationMap);
  expect(await textOf(`${self}/templates/requesttemplate.vm`)).toBe(requestTemplate);
  expect(await textOf(`${self}/templates/successtemplate.vm`)).toBe(requestTemplate);
});
