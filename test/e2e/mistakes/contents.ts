/** Contracts, templates and definitions of data actions that are none. */
import { contract } from '../../support/templates.ts';
import { action, stack } from './attempts.ts';
import { ACCOUNT, from, sha256 } from './base.ts';
import type { Mistake } from './mistake.ts';

const input = (schema: unknown) => stack(action({ Contract: { Input: schema, Output: contract.Output } }));
const output = (schema: unknown) => stack(action({ Contract: { Input: contract.Input, Output: schema } }));

export const inContracts: Mistake[] = [
  {
    what: 'JSON text without its last brace',
    make: input('{"type": "object", "properties": {'),
    names: ['Contract.Input', 'no valid JSON'],
    advice: 'check its commas, quotes and braces',
  },
  {
    what: 'a list as the schema',
    make: output('[{"type": "string"}]'),
    names: ['Contract.Output'],
    advice: 'must be a JSON Schema: an object',
  },
  {
    what: 'a misspelt type',
    make: input({ type: 'object', properties: { orderId: { type: 'strin' } } }),
    names: ['Contract.Input.properties.orderId.type'],
    advice: 'did you mean string?',
  },
  {
    what: 'a format as the type',
    make: output({ type: 'object', properties: { day: { type: 'date-time' } } }),
    names: ['Contract.Output.properties.day.type'],
    advice: 'must be one of string, integer, number, boolean, null, object, array',
  },
  {
    what: 'an object in the input',
    make: input({ type: 'object', properties: { customer: { type: 'object' } } }),
    names: ['Contract.Input.properties.customer', 'flat'],
    advice: 'must be string, integer, number, boolean, null',
  },
  {
    what: 'a $ref',
    make: output({ type: 'object', properties: { a: { $ref: '#/definitions/a' } } }),
    names: ['Contract.Output.properties.a.$ref'],
    advice: 'write the schema out',
  },
  {
    what: 'an array in an array',
    make: output({ type: 'object', properties: { a: { type: 'array', items: { type: 'array' } } } }),
    names: ['Contract.Output.properties.a.items', 'array in an array'],
    advice: 'put an object in between',
  },
  {
    what: 'required beside a property, as draft 3 had it',
    make: input({ type: 'object', properties: { orderId: { type: 'string', required: true } } }),
    names: ['Contract.Input.properties.orderId.required'],
    advice: 'must be a list of names',
  },
  {
    what: 'a name that Genesys Cloud uses itself',
    make: input({ type: 'object', properties: { orgId: { type: 'string' } } }),
    names: ['Contract.Input.properties.orgId'],
    advice: 'choose another name',
  },
  {
    what: 'a blank in a name',
    make: input({ type: 'object', properties: { 'order id': { type: 'string' } } }),
    names: ['Contract.Input.properties.order id'],
    advice: 'use a letter first, then letters, digits, _ and -',
  },
  {
    what: 'an array as the whole input',
    make: input({ type: 'array', items: { type: 'string' } }),
    names: ['Contract.Input'],
    advice: 'must be a JSON Schema of type object',
  },
  {
    what: 'properties as a list',
    make: input({ type: 'object', properties: ['orderId'] }),
    names: ['Contract.Input.properties'],
    advice: 'must be an object',
  },
  {
    what: 'an intrinsic function as text',
    make: input('!Ref InputSchema'),
    names: ['Contract.Input', 'no valid JSON'],
    advice: 'check its commas, quotes and braces',
  },
];

const request = { UrlTemplate: from('LookUp'), Type: 'POST' };

/** Each of these would be deployed green, and fail at the first call of a customer. */
export const inTemplates: Mistake[] = [
  {
    what: 'the name of the function for its ARN',
    make: stack(action({ Request: { ...request, UrlTemplate: from('FunctionName') } })),
    names: ['Request.UrlTemplate'],
    advice: 'write !GetAtt',
  },
  {
    what: 'GET for a Lambda function',
    make: stack(action({ Request: { ...request, Type: 'GET' } })),
    names: ['Request.Type'],
    advice: 'must be POST',
  },
  {
    what: 'a brace that is never closed in the request',
    make: stack(action({ Request: { ...request, Template: '{"orderId": "${input.orderId}"' } })),
    names: ['Request.Template is no JSON'],
    advice: '} is missing at the end',
  },
  {
    what: 'a quote that is never closed in the answer',
    make: stack(action({ Request: request, Response: { SuccessTemplate: '{"total: ${total}}' } })),
    names: ['Response.SuccessTemplate is no JSON'],
    advice: 'a text in quotes is not closed',
  },
  {
    what: 'a JSONPath without its point',
    make: stack(action({ Request: request, Response: { TranslationMap: { total: '$total' } } })),
    names: ['Response.TranslationMap.total is no JSONPath'],
    advice: 'after $ comes a point or a bracket, as in $.total',
  },
  {
    what: 'a {{resolve:secretsmanager:…}} in a header',
    make: stack(
      action({
        Request: {
          ...request,
          Headers: { Authorization: '{{resolve:secretsmanager:/any:SecretString:token}}' },
        },
      }),
    ),
    names: ['Request.Headers.Authorization holds a {{resolve:'],
    advice: "name the secret in the integration's CredentialsSecretArn",
  },
  {
    what: 'a function in another Region',
    make: stack(
      action({ Request: { ...request, UrlTemplate: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders` } }),
    ),
    names: ['Request.UrlTemplate names a function in eu-west-1', 'us-east-1'],
    advice: 'deploy the function in us-east-1',
  },
];

const file = (name: string, more: object = { Sha256: sha256(name) }) =>
  stack(({ provider }) =>
    action({
      Contract: { Ref: 'AWS::NoValue' },
      Request: { Ref: 'AWS::NoValue' },
      Category: { Ref: 'AWS::NoValue' },
      Definition: { S3: { Bucket: provider.prepared.bucket, Key: `definitions/${name}`, ...more } },
    }),
  );

export const inDefinitions: Mistake[] = [
  {
    what: 'neither version nor checksum',
    make: file('good.json', {}),
    names: ['Definition.S3'],
    advice: 'needs VersionId or Sha256',
  },
  {
    what: 'a checksum of another kind',
    make: file('good.json', { Sha256: 'd41d8cd98f00b204e9800998ecf8427e' }),
    names: ['Definition.S3.Sha256'],
    advice: 'must be a SHA-256 of 64 hex digits',
  },
  {
    what: 'a file that was changed since',
    make: file('good.json', { Sha256: 'a'.repeat(64) }),
    names: ['Definition.S3.Sha256', 'definitions/good.json'],
    advice: 'upload the right one, or write its checksum here',
  },
  {
    what: 'a key that does not exist',
    make: file('nothing.json', { Sha256: 'a'.repeat(64) }),
    names: ['definitions/nothing.json', 'NoSuchKey'],
    advice: 'Check Bucket, Key and VersionId',
  },
  {
    what: 'a version that does not exist',
    make: file('good.json', { VersionId: 'nothing' }),
    names: ['definitions/good.json', 'version nothing'],
    advice: 'Check Bucket, Key and VersionId',
  },
  {
    what: 'a bucket that the provider may not read',
    make: stack(action({ Definition: { S3: { Bucket: 'my-own-bucket', Key: 'a.json', VersionId: '1' } } })),
    names: ['s3://my-own-bucket/a.json', 'DefinitionObjectArns'],
    advice: 'its administrator has to add it',
  },
  {
    what: 'the ARN of the bucket for its name',
    make: stack(
      action({ Definition: { S3: { Bucket: 'arn:aws:s3:::any', Key: 'a.json', VersionId: '1' } } }),
    ),
    names: ['Definition.S3.Bucket'],
    advice: 'must be the name of an S3 bucket',
  },
  {
    what: 'a file of 300 KB',
    make: file('large.json'),
    names: ['definitions/large.json', '262144'],
    advice: 'Make the file smaller',
  },
  {
    what: 'a file in UTF-16',
    make: file('utf-16.json'),
    names: ['definitions/utf-16.json'],
    advice: 'store the file in UTF-8, as it is',
  },
  {
    what: 'YAML',
    make: file('not.json'),
    names: ['definitions/not.json'],
    advice: "export the data action in Genesys Cloud's UI",
  },
  {
    what: 'a list of actions',
    make: file('list.json'),
    names: ['definitions/list.json'],
    advice: 'must be one JSON object, as Genesys Cloud exports it',
  },
  {
    what: 'JSON that is no export',
    make: file('package.json'),
    names: ['definitions/package.json', 'Contract', 'Request'],
    advice: 'is required',
  },
  {
    what: "an answer of Genesys Cloud's API",
    make: file('of-the-api.json'),
    names: ['config.request.requestTemplateUri'],
    advice: "Export the data action in Genesys Cloud's UI",
  },
  {
    what: 'the export of a custom auth action',
    make: file('custom-auth.json'),
    names: ['actionType', 'customAuth'],
    advice: 'must not be customAuth',
  },
  {
    what: 'the export of a function data action',
    make: file('function.json'),
    names: ['integrationType', 'function-data-actions'],
    advice: 'must not be function-data-actions',
  },
  {
    what: 'text that is no JSON in the template',
    make: stack(action({ Definition: 'name: Get order' })),
    names: ['Definition'],
    advice: "export the data action in Genesys Cloud's UI",
  },
];
