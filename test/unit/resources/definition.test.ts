import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reading } from '../../../provider/lifecycle/resource-type.ts';
import { parseProperties } from '../../../provider/properties/index.ts';
import { dataAction } from '../../../provider/resources/data-action/index.ts';
import { awsServices } from '../../../provider/runtime/aws-services.ts';
import { readSettings } from '../../../provider/runtime/settings.ts';

const exported = JSON.parse(
  await readFile(join(import.meta.dirname, '../../provider/exported-action.json'), 'utf8'),
);

/** Services of AWS that no test here calls: without credentials a call would fail. */
const reading: Reading = {
  aws: awsServices(),
  settings: readSettings({
    GENESYS_OAUTH_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/oauth/x-123456',
    DEFINITION_OBJECT_ARNS: 'arn:aws:s3:::granted/actions/*,arn:aws:s3:::other/one.json',
  }),
  stack: {
    stackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/orders/1',
    ownAccount: '000000000000',
  },
  appliedBefore: false,
  kept: undefined,
  deadline: { signal: new AbortController().signal },
};

const common = { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:p', IntegrationId: 'i-1' };

/** Parses and completes properties as the lifecycle does. */
async function resolved(properties: Record<string, unknown>) {
  const written = parseProperties(dataAction.schema, { ...common, ...properties });
  return dataAction.resolve?.(written as never, reading);
}

/** Makes every scalar a string, as CloudFormation does. */
const asSent = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(asSent)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asSent(part)]))
      : String(value);

const edited = (edit: (file: typeof exported) => void) => {
  const file = structuredClone(exported);
  edit(file);
  return file;
};

const expected = {
  ...common,
  Name: 'Look up customer',
  Category: 'Customers',
  Secure: false,
  TimeoutSeconds: 5,
  Contract: {
    Input: exported.contract.input.inputSchema,
    Output: exported.contract.output.successSchema,
  },
  Request: {
    UrlTemplate: exported.config.request.requestUrlTemplate,
    Type: 'POST',
    Template: '{"customer": "${input.customerId}"}',
    Headers: {},
  },
  Response: {
    TranslationMap: { name: '$.name' },
    TranslationMapDefaults: { name: '""' },
    SuccessTemplate: '{"name": ${name}}',
  },
};

test('the exported file as JSON text is the whole action', async () => {
  expect(await resolved({ Definition: JSON.stringify(exported) })).toEqual(expected);
});

test('a byte order mark before JSON text does no harm', async () => {
  expect(await resolved({ Definition: `\uFEFF${JSON.stringify(exported)}` })).toEqual(expected);
});

test('the exported file as an object is typed by its schema, whatever CloudFormation made of its scalars', async () => {
  expect(await resolved({ Definition: asSent(exported) })).toEqual(expected);
});

test.each([
  ['Get order - Exported 2026-11-20 @ 9:05', 'Get order'],
  ['Get order - Exported 11/20/2026 @ 09:05:12 PM', 'Get order'],
  ['Orders - Exported', 'Orders - Exported'],
  ['Orders - Exported goods', 'Orders - Exported goods'],
])('the name %s is the action "%s", as the UI adds the time of its export', async (name, Name) => {
  expect(await resolved({ Definition: { ...exported, name } })).toMatchObject({ Name });
  expect(await resolved({ Definition: exported, Name: name })).toMatchObject({ Name: name });
});

test.each([
  ['actionType', 'customAuth'],
  ['integrationType', 'function-data-actions'],
])('a definition whose %s is %s is refused by name, as text and as an object', async (member, value) => {
  for (const Definition of [
    { ...exported, [member]: value },
    JSON.stringify({ ...exported, [member]: value }),
  ])
    await expect(resolved({ Definition })).rejects.toThrow(`${member} must not be ${value}`);
});

test('a reference to a secret inside of a file is refused by name, also where the text spells it in escapes', async () => {
  const file = edited((action) => {
    action.config.request.headers = { authorization: '{{resolve:secretsmanager:orders:SecretString:token}}' };
  });
  const Definition = JSON.stringify(file).replaceAll('{{', String.raw`\u007b\u007b`);
  await expect(resolved({ Definition })).rejects.toThrow(
    /config\.request\.headers\.authorization holds a \{\{resolve:…\}\}.*CredentialsSecretArn/,
  );
});

test('a rollback takes an inline definition that was applied with a reference before', async () => {
  const file = edited((action) => {
    action.config.request.headers = { authorization: '{{resolve:secretsmanager:orders:SecretString:token}}' };
  });
  const properties = { ...common, Definition: JSON.stringify(file) };
  const written = parseProperties(dataAction.schema, properties, { references: 'accepted' });
  const found = await dataAction.resolve?.(written as never, { ...reading, appliedBefore: true });
  expect(found).toMatchObject({ Request: { Headers: file.config.request.headers } });
});

test('a category may have any words: the type of the integration decides what an action is', async () => {
  expect(await resolved({ Definition: exported, Category: 'Function data actions' })).toMatchObject({
    Category: 'Function data actions',
  });
});

test('JSON text is taken as it is: what is a string there stays one', async () => {
  const file = edited(({ contract }) => {
    contract.input.inputSchema.properties.limit.default = '5';
  });
  expect(await resolved({ Definition: JSON.stringify(file) })).toMatchObject({
    Contract: { Input: { properties: { limit: { default: '5' } } } },
  });
});

test('properties beside the definition win, member by member', async () => {
  const url = 'arn:aws:lambda:us-east-1:111111111111:function:of-this-stack';
  const full = await resolved({
    Definition: JSON.stringify(exported),
    Name: 'Another name',
    Secure: 'true',
    Request: { UrlTemplate: url, Headers: { 'x-team': 'a' } },
    Response: { SuccessTemplate: '' },
  });
  expect(full).toEqual({
    ...expected,
    Name: 'Another name',
    Secure: true,
    Request: { ...expected.Request, UrlTemplate: url, Headers: { 'x-team': 'a' } },
    Response: { ...expected.Response, SuccessTemplate: '' },
  });
});

test('nulls in the file say nothing', async () => {
  const file = edited((action) => {
    action.config.timeoutSeconds = null;
    action.category = null;
    action.config.response.successTemplate = null;
  });
  const full = await resolved({ Definition: JSON.stringify(file), Category: 'Mine' });
  expect(full).toMatchObject({ Category: 'Mine' });
  expect(full).not.toHaveProperty('TimeoutSeconds');
  expect(full).not.toHaveProperty('Response.SuccessTemplate');
});

test.each<[string, Record<string, unknown>, string]>([
  [
    'no definition and nothing written',
    {},
    'Invalid properties: Name is required; Category is required; Contract is required; Request is required.',
  ],
  [
    'members that are missing without a definition',
    { Name: 'a', Category: 'b', Contract: { Input: {} }, Request: { Type: 'GET' } },
    'Invalid properties: Contract.Output is required; Request.UrlTemplate is required.',
  ],
  [
    'what neither the definition nor the resource has',
    {
      Definition: JSON.stringify(
        edited((action) => {
          delete action.category;
          delete action.contract.output;
        }),
      ),
    },
    'Invalid properties, even with what Definition holds: Category is required; Contract.Output is required.',
  ],
  [
    'a value out of range in the file, by its path there',
    { Definition: JSON.stringify(edited(({ config }) => Object.assign(config, { timeoutSeconds: 61 }))) },
    'Invalid definition in Definition: config.timeoutSeconds must be a whole number from 1 to 60.',
  ],
  [
    'a value out of range in the object, by its path in the properties',
    { Definition: asSent(edited(({ config }) => Object.assign(config, { timeoutSeconds: 61 }))) },
    'Invalid properties: Definition.config.timeoutSeconds must be a whole number from 1 to 60.',
  ],
  [
    'text that is no JSON',
    { Definition: '{"name": canary' },
    "Invalid definition in Definition: it is no JSON: export the data action in Genesys Cloud's UI, and store the file in UTF-8, as it is.",
  ],
  [
    'JSON that is no object',
    { Definition: '["canary"]' },
    'Invalid definition in Definition: it must be one JSON object, as Genesys Cloud exports it.',
  ],
  [
    'the API’s answer, which names templates instead of holding them',
    {
      Definition: JSON.stringify(
        edited(({ config }) => {
          delete config.request.requestTemplate;
          config.request.requestTemplateUri = '/api/v2/integrations/actions/x/templates/requesttemplate.vm';
        }),
      ),
    },
    "Invalid definition in Definition: config.request.requestTemplateUri names a template that is not in the file. Export the data action in Genesys Cloud's UI, or put the text under config.request.requestTemplate.",
  ],
  [
    'an object of S3 without version and checksum',
    { Definition: { S3: { Bucket: 'granted', Key: 'actions/a.json' } } },
    'Invalid properties: Definition.S3 needs VersionId or Sha256, so that a changed file is seen.',
  ],
  [
    'an object of S3 without a bucket',
    { Definition: { S3: { Key: 'actions/a.json', VersionId: '1' } } },
    'Invalid properties: Definition.S3.Bucket is required.',
  ],
  [
    'a checksum that is none',
    { Definition: { S3: { Bucket: 'granted', Key: 'actions/a.json', Sha256: 'abc' } } },
    'Invalid properties: Definition.S3.Sha256 must be a SHA-256 of 64 hex digits.',
  ],
  [
    'a secret without a version',
    {
      Definition: {
        SecretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/definitions/a-123456',
      },
    },
    'Invalid properties: Definition.VersionId is required.',
  ],
  [
    'a secret of another prefix, such as the OAuth client’s',
    {
      Definition: {
        SecretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/oauth/credentials-123456',
        VersionId: 'v',
      },
    },
    'Invalid properties: Definition.SecretArn must be the ARN of a secret whose name begins with /genesys/definitions/.',
  ],
  [
    'an object outside what the administrator granted',
    { Definition: { S3: { Bucket: 'granted', Key: 'other/a.json', VersionId: '1' } } },
    "This provider may not read s3://granted/other/a.json; its administrator has to add it to the provider's parameter DefinitionObjectArns.",
  ],
  [
    'a bucket whose name only begins like a granted one',
    { Definition: { S3: { Bucket: 'other-bucket', Key: 'one.json', VersionId: '1' } } },
    "This provider may not read s3://other-bucket/one.json; its administrator has to add it to the provider's parameter DefinitionObjectArns.",
  ],
])('%s is refused by name', async (_what, properties, message) => {
  await expect(resolved(properties)).rejects.toThrow(new Error(message));
});
