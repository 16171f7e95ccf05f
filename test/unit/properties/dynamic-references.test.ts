import { parseProperties } from '../../../provider/properties/index.ts';
import { awsIntegration } from '../../../provider/resources/aws-integration/index.ts';
import { dataAction } from '../../../provider/resources/data-action/index.ts';

const token = 'arn:aws:lambda:us-east-1:000000000000:function:provider';
const action = { ServiceToken: token, IntegrationId: 'i', Definition: '{}' };
const secret = 'Bearer {{resolve:secretsmanager:orders/api:SecretString:token}}';

test.each([
  ['Request.Headers.authorization', { Request: { Headers: { authorization: secret } } }],
  ['Name', { Name: secret }],
  ['Definition', { Definition: `{"name": "${secret}"}` }],
  [
    'Contract.Input.properties.a.enum.1',
    { Contract: { Input: { properties: { a: { enum: ['x', secret] } } } } },
  ],
  ['Name', { Name: '{{resolve:ssm-secure:/orders/name:1}}' }],
  ['Request.Headers.a name', { Request: { Headers: { [secret]: 'x' } } }],
])(
  '%s that holds a reference to a secret is refused by name, with the right way, and without the reference',
  (path, properties) => {
    const parse = () => parseProperties(dataAction.schema, { ...action, ...properties });
    expect(parse).toThrow(
      `Invalid properties: ${path} holds a {{resolve:…}} that CloudFormation does not resolve`,
    );
    expect(parse).toThrow('CredentialsSecretArn');
    expect(parse).not.toThrow(/orders/);
  },
);

test('one fault is one problem: a reference in place of an ARN', () => {
  const properties = { ServiceToken: token, Name: 'x', RoleArn: '{{resolve:secretsmanager:role}}' };
  expect(() => parseProperties(awsIntegration.schema, properties)).toThrow(
    /^Invalid properties: RoleArn holds a \{\{resolve:…\}\}[^;]*$/,
  );
});

test('other braces are the author’s own', () => {
  const Request = { Template: '{{resolve:nothing}} {{name}}', UrlTemplate: 'https://example.com/{{resolve' };
  expect(() => parseProperties(dataAction.schema, { ...action, Request })).not.toThrow();
});

test('a rollback takes what was applied before, references and all', () => {
  const properties = { ...action, Request: { Headers: { authorization: secret } } };
  const parse = () => parseProperties(dataAction.schema, properties, { references: 'accepted' });
  expect(parse).not.toThrow();
});
