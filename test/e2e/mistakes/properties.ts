/** Names and values of properties that do not exist, and properties that are missing. */
import { contract, recordingKey } from '../../support/templates.ts';
import { action, ofLambda, ofWebServices, stack } from './attempts.ts';
import { aliasArn } from './base.ts';
import type { Mistake } from './mistake.ts';

const NO_VALUE = { Ref: 'AWS::NoValue' };
const request = { UrlTemplate: 'arn:aws:lambda:us-east-1:000000000000:function:orders', Type: 'POST' };

export const misspelt: Mistake[] = [
  {
    what: 'a property of an integration',
    make: stack(ofLambda({ RollArn: 'x' })),
    names: ['RollArn is unknown'],
    advice: 'did you mean RoleArn?',
  },
  {
    what: 'a property of a data action in camelCase',
    make: stack(action({ timeoutSeconds: 10 })),
    names: ['timeoutSeconds is unknown'],
    advice: 'did you mean TimeoutSeconds?',
  },
  {
    what: 'a property of the request',
    make: stack(action({ Request: { ...request, Tpye: 'GET' } })),
    names: ['Request.Tpye is unknown'],
    advice: 'did you mean Request.Type?',
  },
  {
    what: 'a short name of the request',
    make: stack(action({ Request: { ...request, Methd: 'POST' } })),
    names: ['Request.Methd is unknown'],
    advice: 'Request takes UrlTemplate, Type, Template, Headers',
  },
  {
    what: 'a property of the response',
    make: stack(action({ Response: { SucessTemplate: '${rawResult}' } })),
    names: ['Response.SucessTemplate is unknown'],
    advice: 'did you mean Response.SuccessTemplate?',
  },
  {
    what: 'a part of the contract',
    make: stack(action({ Contract: { Inputs: contract.Input, Output: contract.Output } })),
    names: ['Contract.Inputs is unknown', 'Contract.Input is required'],
    advice: 'did you mean Contract.Input?',
  },
  {
    what: 'a property of the smoke test',
    make: stack(action({ SmokeTest: { Input: { orderId: '1' }, ExpectedOutput: {} } })),
    names: ['SmokeTest.ExpectedOutput is unknown'],
    advice: 'did you mean SmokeTest.ExpectOutput?',
  },
  {
    what: 'a part of the definition in S3',
    make: stack(action({ Definition: { S3: { Bucket: 'any-bucket', Key: 'a.json', Version: '1' } } })),
    names: ['Definition.S3.Version is unknown'],
    advice: 'did you mean Definition.S3.VersionId?',
  },
  {
    what: 'a property of the recording key',
    make: stack({ Key: recordingKey({ KeyArn: aliasArn('good') }) }),
    names: ['KeyArn is unknown'],
    advice: 'KeyAliasArn is required',
  },
  {
    what: 'a name that is like no other',
    make: stack(ofLambda({ Colour: 'blue' })),
    names: ['Colour is unknown'],
    advice: 'remove it',
  },
  {
    what: 'five faults at once',
    make: stack(
      ofLambda({ Nmae: 'a', Enabeld: true, Note: 'x', RoleARN: 'x', DeletionGaurd: 'None', SharedWit: [] }),
    ),
    names: ['Nmae is unknown', 'Enabeld is unknown', 'Note is unknown', 'RoleARN is unknown'],
    advice: 'did you mean Enabled?',
  },
  {
    what: 'the type of a resource',
    make: stack({ Wrong: { ...ofLambda()['Integration'], Type: 'Custom::GenesysAwsIntegrations' } as never }),
    names: ['Custom::GenesysAwsIntegrations'],
    advice: 'did you mean Custom::GenesysAwsIntegration?',
  },
  {
    what: 'a value of DeletionGuard',
    make: stack(action({ DeletionGuard: 'Flows' })),
    names: ['DeletionGuard'],
    advice: 'must be one of All, Replacement, None',
  },
  {
    what: 'OnDelete in other words',
    make: stack(ofLambda({ OnDelete: 'Keep' })),
    names: ['OnDelete'],
    advice: 'must be one of Delete, Retain',
  },
  {
    what: 'the type of an integration',
    make: stack(ofLambda({ IntegrationType: 'aws-lambda-data-action' })),
    names: ['IntegrationType'],
    advice: 'did you mean aws-lambda-data-actions?',
  },
  {
    what: 'the type of a credential in other letters',
    make: stack(ofWebServices({ CredentialType: 'BasicAuth', CredentialsSecretArn: 'x' })),
    names: ['CredentialType'],
    advice: 'did you mean basicAuth?',
  },
  {
    what: 'the rotation period of a recording key',
    make: stack({ Key: recordingKey({ KeyAliasArn: aliasArn('good'), RotationPeriod: 'Anually' }) }),
    names: ['RotationPeriod'],
    advice: 'must be one of DISABLED, DAILY, WEEKLY, MONTHLY, YEARLY',
  },
];

export const ofAnotherKind: Mistake[] = [
  {
    what: 'seconds as words',
    make: stack(action({ TimeoutSeconds: 'ten' })),
    names: ['TimeoutSeconds'],
    advice: 'must be a whole number from 1 to 60',
  },
  {
    what: 'milliseconds for seconds',
    make: stack(action({ TimeoutSeconds: 10_000 })),
    names: ['TimeoutSeconds'],
    advice: 'must be a whole number from 1 to 60',
  },
  {
    what: 'yes for true',
    make: stack(ofLambda({ Enabled: 'yes' })),
    names: ['Enabled'],
    advice: 'must be true or false',
  },
  {
    what: 'a list for the request',
    make: stack(action({ Request: [request] })),
    names: ['Request'],
    advice: 'must be an object',
  },
  {
    what: 'a text for the response',
    make: stack(action({ Response: '${rawResult}' })),
    names: ['Response'],
    advice: 'must be an object',
  },
  {
    what: 'a list of headers as Name and Value',
    make: stack(action({ Request: { ...request, Headers: [{ Name: 'x-a', Value: 'b' }] } })),
    names: ['Request.Headers'],
    advice: 'must be an object with text values',
  },
  {
    what: 'an object as the value of a header',
    make: stack(action({ Request: { ...request, Headers: { 'x-a': { Value: 'b' } } } })),
    names: ['Request.Headers'],
    advice: 'must hold text under x-a',
  },
  {
    what: 'an object for the name',
    make: stack(action({ Name: { en: 'Get order' } })),
    names: ['Name'],
    advice: 'must be text',
  },
  {
    what: 'a list for the nonce',
    make: stack(ofLambda({ Nonce: ['1'] })),
    names: ['Nonce'],
    advice: 'must be text',
  },
  {
    what: 'one text for SharedWith',
    make: stack(ofLambda({ SharedWith: 'orders-actions' })),
    names: ['SharedWith'],
    advice: 'must be a list of texts',
  },
  {
    what: 'every stack in SharedWith',
    make: stack(ofLambda({ SharedWith: ['*'] })),
    names: ['SharedWith', 'entry 1'],
    advice: 'must be the name of a stack',
  },
  {
    what: 'an empty name',
    make: stack(ofLambda({ Name: '' })),
    names: ['Name'],
    advice: 'must not be empty',
  },
  {
    what: 'a name that is too long',
    make: stack(action({ Name: 'x'.repeat(300) })),
    names: ['Name', '300'],
    advice: 'must have at most 256 characters',
  },
  {
    what: 'properties of an integration that are no JSON',
    make: stack(ofLambda({ Properties: '{ sound: loud }' })),
    names: ['Properties', 'no valid JSON'],
    advice: 'check its commas, quotes and braces',
  },
  {
    what: 'an HTTP method that Genesys Cloud lacks',
    make: stack(action({ Request: { ...request, Type: 'HEAD' } })),
    names: ['Request.Type'],
    advice: 'must be one of GET, POST, PUT, PATCH, DELETE',
  },
  {
    what: 'a ServiceTimeout of minutes in words',
    make: stack(ofLambda({ ServiceTimeout: '20m' })),
    names: ['ServiceTimeout'],
    advice: 'must be a whole number from 1 to 3600',
  },
];

export const missing: Mistake[] = [
  {
    what: 'the role of a Lambda integration',
    make: stack(ofLambda({ RoleArn: NO_VALUE })),
    names: ['RoleArn', 'aws-lambda-data-actions'],
    advice: 'is required',
  },
  {
    what: 'the name of an integration',
    make: stack(ofLambda({ Name: NO_VALUE })),
    names: ['Name'],
    advice: 'is required',
  },
  {
    what: 'the category of a data action',
    make: stack(action({ Category: NO_VALUE })),
    names: ['Category'],
    advice: 'is required',
  },
  {
    what: 'the URL of a request',
    make: stack(action({ Request: { Type: 'POST' } })),
    names: ['Request.UrlTemplate'],
    advice: 'is required',
  },
  {
    what: 'contract and request of a data action',
    make: stack(action({ Contract: NO_VALUE, Request: NO_VALUE })),
    names: ['Contract is required'],
    advice: 'Request is required',
  },
  {
    what: 'the integration of a data action',
    make: stack(action({ IntegrationId: NO_VALUE })),
    names: ['IntegrationId'],
    advice: 'is required',
  },
  {
    what: 'the alias of a recording key',
    make: stack({ Key: recordingKey() }),
    names: ['KeyAliasArn'],
    advice: 'is required',
  },
  {
    what: 'the input of a smoke test',
    make: stack(action({ SmokeTest: { ExpectOutput: {} } })),
    names: ['SmokeTest.Input'],
    advice: 'is required',
  },
];
