/** Names and values of properties that do not exist, and properties that are missing. */
import { contract, recordingKey } from '../../support/templates.ts';
import { action, ofLambda, ofWebServices, stack } from './attempts.ts';
import { aliasArn } from './base.ts';
import type { Mistake } from './mistake.ts';

const NO_VALUE = { Ref: 'AWS::NoValue' };
const request = { UrlTemplate: 'arn:aws:lambda:us-east-1:000000000000:function:orders', Type: 'POST' };

/** Mistakes that one message names together; it shows five at most. */
const namesOfAnAction = stack(
  action({
    timeoutSeconds: 10,
    Contract: { Inputs: contract.Input, Output: contract.Output },
    Request: { ...request, Methd: 'POST' },
    Response: { SucessTemplate: '${rawResult}' },
  }),
);
const formsOfAnAction = stack(
  action({ TimeoutSeconds: 'ten', Name: { en: 'Get order' }, Request: [request], Response: '${rawResult}' }),
);
const valuesOfAnAction = stack(
  action({
    TimeoutSeconds: 10_000,
    Name: 'x'.repeat(300),
    Request: { ...request, Type: 'HEAD', Headers: [{ Name: 'x-a', Value: 'b' }] },
  }),
);
const partsOfAnAction = stack(
  action({
    Category: NO_VALUE,
    IntegrationId: NO_VALUE,
    Request: { Type: 'POST' },
    SmokeTest: { ExpectOutput: {} },
  }),
);
const formsOfAnIntegration = stack(
  ofLambda({ Enabled: 'yes', Nonce: ['1'], SharedWith: 'orders-actions', Name: '', ServiceTimeout: '20m' }),
);
const valuesOfAnIntegration = stack(ofLambda({ SharedWith: ['*'], Properties: '{ sound: loud }' }));

export const misspelt: Mistake[] = [
  {
    what: 'a property of an integration',
    make: stack(ofLambda({ RollArn: 'x' })),
    names: ['RollArn is unknown'],
    advice: 'did you mean RoleArn?',
  },
  {
    what: 'a property of a data action in camelCase',
    make: namesOfAnAction,
    names: ['timeoutSeconds is unknown'],
    advice: 'did you mean TimeoutSeconds?',
  },
  {
    what: 'a short name of the request',
    make: namesOfAnAction,
    names: ['Request.Methd is unknown'],
    advice: 'Request takes UrlTemplate, Type, Template, Headers',
  },
  {
    what: 'a property of the response',
    make: namesOfAnAction,
    names: ['Response.SucessTemplate is unknown'],
    advice: 'did you mean Response.SuccessTemplate?',
  },
  {
    what: 'a part of the contract',
    make: namesOfAnAction,
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
    make: formsOfAnAction,
    names: ['TimeoutSeconds must'],
    advice: 'TimeoutSeconds must be a whole number from 1 to 60',
  },
  {
    what: 'milliseconds for seconds',
    make: valuesOfAnAction,
    names: ['TimeoutSeconds must'],
    advice: 'TimeoutSeconds must be a whole number from 1 to 60',
  },
  {
    what: 'yes for true',
    make: formsOfAnIntegration,
    names: ['Enabled'],
    advice: 'Enabled must be true or false',
  },
  {
    what: 'a list for the request',
    make: formsOfAnAction,
    names: ['Request'],
    advice: 'Request must be an object',
  },
  {
    what: 'a text for the response',
    make: formsOfAnAction,
    names: ['Response'],
    advice: 'Response must be an object',
  },
  {
    what: 'a list of headers as Name and Value',
    make: valuesOfAnAction,
    names: ['Request.Headers'],
    advice: 'Request.Headers must be an object with text values',
  },
  {
    what: 'an object as the value of a header',
    make: stack(action({ Request: { ...request, Headers: { 'x-a': { Value: 'b' } } } })),
    names: ['Request.Headers'],
    advice: 'must hold text under x-a',
  },
  {
    what: 'an object for the name',
    make: formsOfAnAction,
    names: ['Name'],
    advice: 'Name must be text',
  },
  {
    what: 'a list for the nonce',
    make: formsOfAnIntegration,
    names: ['Nonce'],
    advice: 'Nonce must be text',
  },
  {
    what: 'one text for SharedWith',
    make: formsOfAnIntegration,
    names: ['SharedWith'],
    advice: 'SharedWith must be a list of texts',
  },
  {
    what: 'every stack in SharedWith',
    make: valuesOfAnIntegration,
    names: ['SharedWith', 'entry 1'],
    advice: 'must be the name of a stack',
  },
  {
    what: 'an empty name',
    make: formsOfAnIntegration,
    names: ['Name'],
    advice: 'Name must not be empty',
  },
  {
    what: 'a name that is too long',
    make: valuesOfAnAction,
    names: ['Name', '300'],
    advice: 'Name must have at most 256 characters',
  },
  {
    what: 'properties of an integration that are no JSON',
    make: valuesOfAnIntegration,
    names: ['Properties', 'no valid JSON'],
    advice: 'Properties is text, but no valid JSON: check its commas, quotes and braces',
  },
  {
    what: 'an HTTP method that Genesys Cloud lacks',
    make: valuesOfAnAction,
    names: ['Request.Type'],
    advice: 'Request.Type must be one of GET, POST, PUT, PATCH, DELETE',
  },
  {
    what: 'a ServiceTimeout of minutes in words',
    make: formsOfAnIntegration,
    names: ['ServiceTimeout'],
    advice: 'ServiceTimeout must be a whole number from 1 to 3600',
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
    make: partsOfAnAction,
    names: ['Category is required'],
    advice: 'Category is required',
  },
  {
    what: 'the URL of a request',
    make: partsOfAnAction,
    names: ['Request.UrlTemplate'],
    advice: 'Request.UrlTemplate is required',
  },
  {
    what: 'contract and request of a data action',
    make: stack(action({ Contract: NO_VALUE, Request: NO_VALUE })),
    names: ['Contract is required'],
    advice: 'Request is required',
  },
  {
    what: 'the integration of a data action',
    make: partsOfAnAction,
    names: ['IntegrationId'],
    advice: 'IntegrationId is required',
  },
  {
    what: 'the alias of a recording key',
    make: stack({ Key: recordingKey() }),
    names: ['KeyAliasArn'],
    advice: 'is required',
  },
  {
    what: 'the input of a smoke test',
    make: partsOfAnAction,
    names: ['SmokeTest.Input'],
    advice: 'SmokeTest.Input is required',
  },
];
