import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { inWorldOf, types } from '../../local/provider/inputs.ts';
import { parseProperties } from '../../provider/properties/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { generateTypeSchemas, schemasFolder } from '../../scripts/build/schemas.ts';

const generated = generateTypeSchemas();

test('the published schemas are those of the provider (else: make generate)', async () => {
  const published = await readdir(schemasFolder);
  expect(published.sort()).toEqual([...generated.keys()].sort());
  for (const [file, content] of generated)
    expect(await readFile(join(schemasFolder, file), 'utf8')).toBe(content);
});

const documents = new Map(
  [...generated.values()].map((content) => {
    const document = JSON.parse(content);
    return [document.typeName as string, document];
  }),
);

test('every attribute is a property of the schema, and what cannot be written is marked read-only', () => {
  for (const { typeName, attributes } of resourceTypes) {
    const { properties, readOnlyProperties } = documents.get(typeName);
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...attributes]));
    for (const pointer of readOnlyProperties)
      expect(attributes).toContain(pointer.replace('/properties/', ''));
  }
});

const token = { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:provider' };
const integration = { ...token, Name: 'a', RoleArn: 'arn:aws:iam::000000000000:role/a' };
const action = {
  ...token,
  IntegrationId: 'i',
  Name: 'a',
  Category: 'b',
  Contract: { Input: { type: 'object' }, Output: '{"type": "object"}' },
  Request: { UrlTemplate: 'https://example.com' },
};
const key = { ...token, KeyAliasArn: 'arn:aws:kms:us-east-1:000000000000:alias/a' };
const without = (from: Record<string, unknown>, ...names: string[]) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

/** Finer cases. Type, whether the properties are valid, and the properties. */
const samples: [string, boolean, Record<string, unknown>][] = [
  ['Custom::GenesysAwsIntegration', true, integration],
  ['Custom::GenesysAwsIntegration', true, { ...integration, Enabled: false, Advanced: {}, Properties: '{}' }],
  ['Custom::GenesysAwsIntegration', true, { ...integration, Notes: '', ServiceTimeout: 3600 }],
  ['Custom::GenesysAwsIntegration', false, { ...integration, ServiceTimeout: 3601 }],
  ['Custom::GenesysAwsIntegration', false, { ...integration, RoleArn: 'arn:aws:iam::1:role/a' }],
  ['Custom::GenesysAwsIntegration', false, { ...integration, DeletionGuard: 'All' }],
  ['Custom::GenesysAwsIntegration', false, { ...integration, IntegrationId: ['a'] }],
  ['Custom::GenesysAwsIntegration', false, without(integration, 'Name')],
  ['Custom::GenesysDataAction', true, action],
  ['Custom::GenesysDataAction', true, { ...action, TimeoutSeconds: 60, Secure: true }],
  ['Custom::GenesysDataAction', false, { ...action, TimeoutSeconds: 61 }],
  ['Custom::GenesysDataAction', true, { ...action, Category: 'My FUNCTION data action' }],
  ['Custom::GenesysDataAction', false, { ...action, Category: 'x'.repeat(257) }],
  ['Custom::GenesysDataAction', false, without(action, 'Category')],
  ['Custom::GenesysDataAction', false, { ...action, Request: { ...action.Request, Type: 'HEAD' } }],
  ['Custom::GenesysDataAction', false, { ...action, Request: { ...action.Request, Url: 'x' } }],
  ['Custom::GenesysDataAction', false, { ...action, Response: { TranslationMap: { a: ['b'] } } }],
  ['Custom::GenesysDataAction', true, { ...token, IntegrationId: 'i', Definition: '{}' }],
  ['Custom::GenesysDataAction', true, { ...token, IntegrationId: 'i', Definition: { name: 'a' } }],
  [
    'Custom::GenesysDataAction',
    true,
    { ...token, IntegrationId: 'i', Definition: { S3: { Bucket: 'abc', Key: 'k', VersionId: 'v' } } },
  ],
  [
    'Custom::GenesysDataAction',
    false,
    { ...token, IntegrationId: 'i', Definition: { S3: { Bucket: 'ABC', Key: 'k', VersionId: 'v' } } },
  ],
  ['Custom::GenesysRecordingKey', true, { ...key, Takeover: true, OnDelete: 'Native' }],
  ['Custom::GenesysRecordingKey', false, { ...key, KeyAliasArn: 'arn:aws:kms:us-east-1:000000000000:key/a' }],
  ['Custom::GenesysRecordingKey', false, { ...key, RotationPeriod: 'HOURLY' }],
];

/** The ids and addresses that the inputs of the protocol tests name. */
const surroundings = { integrationId: 'i', webServicesId: 'w', service: { url: 'https://example.com' } };

/**
 * Samples of every type: its inputs are right; without one required property, or with an unknown one, they
 * are wrong.
 */
const derived = types.flatMap(({ type, inputs }): typeof samples => {
  const written = inputs
    .flatMap(({ create, update, replace }) => [create, update, ...(replace === undefined ? [] : [replace])])
    .map(({ properties }) => ({ ...token, ...inWorldOf(properties, surroundings) }));
  const required = documents.get(type).required as string[];
  return written.flatMap((properties): typeof samples => [
    [type, true, properties],
    [type, false, { ...properties, Unknown: 'a' }],
    ...required.map((name): (typeof samples)[number] => [type, false, without(properties, name)]),
  ]);
});

test('every resource type has samples', () => {
  expect(new Set(derived.map(([typeName]) => typeName))).toEqual(
    new Set(resourceTypes.map(({ typeName }) => typeName)),
  );
});

const ajv = new Ajv({ strict: false });

test.each([...samples, ...derived])(
  'schema and provider agree: %s, right: %s, %j',
  (typeName, right, properties) => {
    const type = resourceTypes.find((candidate) => candidate.typeName === typeName);
    const provider = () => parseProperties(type?.schema as never, properties);
    if (right) expect(provider).not.toThrow();
    else expect(provider).toThrow(/^Invalid properties: /);
    // The provider takes strings as well as numbers and booleans. The schema describes what people write.
    const { typeName: _, ...schema } = documents.get(typeName);
    expect(ajv.validate(schema, properties)).toBe(right);
  },
);
