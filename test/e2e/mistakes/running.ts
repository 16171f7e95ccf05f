/** Roles, functions, keys and networks that do not work, and requests that cannot end in time. */
import { dataAction, integration, recordingKey } from '../../support/templates.ts';
import { action, inStack, ofLambda, ofWebServices, stack } from './attempts.ts';
import { ACCOUNT, aliasArn, from } from './base.ts';
import type { Mistake } from './mistake.ts';

const token = (prefix: string) => ({ ServiceToken: { 'Fn::ImportValue': `${prefix}-ServiceToken` } });
const role = (RoleArn: unknown) => stack(ofLambda({ RoleArn, Enabled: true, ServiceTimeout: 60 }));

export const ofRoles: Mistake[] = [
  {
    what: 'the name of a role for its ARN',
    make: stack(ofLambda({ RoleArn: from('RoleName') })),
    names: ['RoleArn'],
    advice: 'write !GetAtt',
  },
  {
    what: 'a user for a role',
    make: stack(ofLambda({ RoleArn: `arn:aws:iam::${ACCOUNT}:user/ada` })),
    names: ['RoleArn'],
    advice: 'must be the ARN of an IAM role',
  },
  {
    what: 'an account id without its leading zeros',
    make: stack(ofLambda({ RoleArn: 'arn:aws:iam::123456789:role/orders' })),
    names: ['RoleArn'],
    advice: 'must be the ARN of an IAM role',
  },
  {
    what: 'the ARN of the function for the role',
    make: stack(ofLambda({ RoleArn: from('LookUp') })),
    names: ['RoleArn'],
    advice: 'must be the ARN of an IAM role',
  },
  {
    what: 'a role that trusts another account',
    make: role(from('RoleOfOtherAccount')),
    names: [/^Integration \S+ is enabled, but Genesys Cloud reports ERROR/],
    advice: "Check that the role trusts Genesys Cloud's account with the organization id",
    waits: true,
  },
  {
    what: 'a role with the ExternalId of another organization',
    make: role(from('RoleOfOtherOrganization')),
    names: [/^Integration \S+ is enabled, but Genesys Cloud reports ERROR/, 'as ExternalId'],
    advice: "Check that the role trusts Genesys Cloud's account with the organization id",
    waits: true,
  },
  {
    what: 'a role that does not exist',
    make: role(`arn:aws:iam::${ACCOUNT}:role/nobody`),
    names: [/^Integration \S+ is enabled, but Genesys Cloud reports ERROR/],
    advice: 'Check that the role',
    waits: true,
  },
];

/** A smoke test of an action that calls this function. */
const run = (
  name: string,
  { Request, ...properties }: Record<string, unknown> = {},
  input: object = { orderId: '1' },
) =>
  stack(
    action({
      Request: { UrlTemplate: from(name), Type: 'POST', ...(Request as object) },
      SmokeTest: { Input: input, ExpectOutput: properties['ExpectOutput'] ?? { Ref: 'AWS::NoValue' } },
      ...Object.fromEntries(Object.entries(properties).filter(([key]) => key !== 'ExpectOutput')),
      ServiceTimeout: 60,
    }),
  );

const MEND = 'Mend the action or what it calls, or change SmokeTest, and deploy again';

export const ofSmokeTests: Mistake[] = [
  {
    what: 'a function that throws',
    make: run('Broken'),
    names: ['smoke test', 'ACTION.REMOTE_ENDPOINT', 'the database is away'],
    advice: MEND,
  },
  {
    what: 'a function that is too slow for TimeoutSeconds',
    make: run('Slow', { TimeoutSeconds: 1 }),
    names: ['smoke test', 'did not end within 1 seconds'],
    advice: MEND,
  },
  {
    what: 'a role that may not invoke the function',
    make: stack(
      action({
        IntegrationId: from('SharedWithoutInvoke'),
        Request: { UrlTemplate: from('LookUp'), Type: 'POST' },
        SmokeTest: { Input: { orderId: '1' } },
        ServiceTimeout: 60,
      }),
    ),
    names: ['smoke test', 'lambda:InvokeFunction'],
    advice: MEND,
    waits: true,
  },
  {
    what: 'a function that does not exist',
    make: run('LookUp', { Request: { UrlTemplate: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:nothing` } }),
    names: ['smoke test', 'nothing'],
    advice: MEND,
  },
  {
    what: 'a Velocity directive that is never ended',
    make: run('Strict', { Request: { Template: '#if($input.orderId){"a": 1}' } }),
    names: ['smoke test'],
    advice: MEND,
  },
  {
    what: 'a macro that Genesys Cloud does not have',
    make: run('Strict', { Request: { Template: '{"orderId": "$util.escape($input.orderId)"}' } }),
    names: ['smoke test', '$util.escape'],
    advice: MEND,
  },
  {
    what: 'a root that a request template does not have',
    make: run('Strict', { Request: { Template: '{"orderId": ${inputs.orderId}}' } }),
    names: ['smoke test', 'Invoked function failed'],
    advice: MEND,
  },
  {
    what: 'an answer that is not of the contract',
    make: run('LookUp', { Response: { SuccessTemplate: '{"total": "a lot"}' } }),
    names: ['smoke test', 'total'],
    advice: MEND,
  },
  {
    what: 'another answer than the expected one',
    make: run('LookUp', { ExpectOutput: { name: 'Grace' } }),
    names: ['SmokeTest.ExpectOutput', 'name differs'],
    advice: 'Run the action in Genesys Cloud',
  },
  {
    what: 'an input without a required property',
    make: run('LookUp', {}, {}),
    names: ['smoke test', 'orderId'],
    advice: MEND,
  },
];

const key = (KeyAliasArn: unknown, more: object = {}) =>
  stack({ Key: recordingKey({ KeyAliasArn, ...more }) });

export const ofRecordingKeys: Mistake[] = [
  {
    what: 'the ARN of the key for that of its alias',
    make: key(`arn:aws:kms:us-east-1:${ACCOUNT}:key/01234567-89ab-4cde-8f01-23456789abcd`),
    names: ['KeyAliasArn'],
    advice: 'must be the ARN of a KMS alias of your own',
  },
  {
    what: 'the name of the alias for its ARN',
    make: key('alias/genesys-cloud-good'),
    names: ['KeyAliasArn'],
    advice: 'must be the ARN of a KMS alias of your own',
  },
  {
    what: 'a key in another Region',
    make: key(aliasArn('good', 'eu-west-1')),
    names: ['KeyAliasArn is in eu-west-1', 'us-east-1'],
    advice: "must be in the organization's region",
  },
  {
    what: 'an alias that does not exist',
    make: key(aliasArn('nothing')),
    names: [aliasArn('nothing'), 'does not exist'],
    advice: 'Check KeyAliasArn',
  },
  {
    what: 'a key that cannot encrypt',
    make: key(aliasArn('signing')),
    names: ['not a symmetric encryption key'],
    advice: 'Make one with the key spec SYMMETRIC_DEFAULT',
  },
  {
    what: 'a disabled key',
    make: key(aliasArn('disabled')),
    names: ['not enabled', 'Disabled'],
    advice: 'Enable it, or name another',
  },
  {
    what: 'a key policy without the statement for Genesys Cloud',
    make: key(aliasArn('nostatement')),
    names: ['kms:EncryptionContext:genesys-cloud-organization-id', 'lacks the statement'],
    advice: 'Copy it from templates/kms/recording-key.yaml',
  },
  {
    what: 'a key policy for another organization',
    make: key(aliasArn('otherorganization')),
    names: ['11111111-2222-4333-8444-555555555555'],
    advice: 'Add this one to it',
  },
  {
    what: 'a key policy that allows too little',
    make: key(aliasArn('encryptonly')),
    names: ['kms:Decrypt', 'kms:GenerateDataKey'],
    advice: 'Add them',
  },
  {
    what: 'a second configuration of the recording key',
    make: async (world, stackName) => {
      const resources = { Key: recordingKey({ ...token('trouble'), KeyAliasArn: aliasArn('good') }) };
      await world.provider.deployResources(`${stackName}-first`, resources);
      return stack(resources)(world, stackName);
    },
    names: ['an organization has one', '-first'],
    advice: 'Change KeyAliasArn there, and leave this resource out',
  },
  {
    what: 'an organization that has another key already',
    make: stack((world) => ({
      Key: recordingKey({ KeyAliasArn: aliasArn('good'), OAuthSecretArn: world.secret('with-key') }),
    })),
    names: [aliasArn('former')],
    advice: 'Set Takeover: true',
  },
  {
    what: 'an organization with a key manager of its own',
    make: stack((world) => ({
      Key: recordingKey({ KeyAliasArn: aliasArn('good'), OAuthSecretArn: world.secret('with-key-manager') }),
    })),
    names: ['local key manager'],
    advice: 'switch it off in Genesys Cloud first',
  },
];

export const ofTheProvider: Mistake[] = [
  {
    what: 'a stack that AllowedStacks does not name',
    make: inStack('stranger', stack(ofLambda())),
    names: ['AllowedStacks'],
    advice: 'its administrator has to add it',
  },
  {
    what: 'a type that the provider does not serve',
    make: stack({ Key: recordingKey({ ...token('unreachable'), KeyAliasArn: aliasArn('good') }) }),
    names: ['Custom::GenesysRecordingKey', 'ResourceTypes'],
    advice: 'its administrator has to add it',
  },
  {
    what: 'an API that cannot be reached',
    make: stack(ofLambda(token('unreachable'))),
    names: ['127.0.0.1:47 refuses the connection'],
    advice: 'Check the address',
    waits: true,
  },
  {
    what: 'an API that answers 503',
    make: stack(ofLambda(token('trouble'))),
    names: ['503'],
    advice: 'Deploy again when Genesys Cloud works',
    waits: true,
  },
  {
    what: 'a ServiceTimeout of a few seconds',
    make: stack(ofWebServices({ ...token('trouble'), Enabled: true, ServiceTimeout: 30 })),
    names: ['ServiceTimeout'],
    advice: 'Set ServiceTimeout: 1200',
    waits: true,
  },
  {
    what: 'a short ServiceTimeout and a slow API',
    make: stack({
      Integration: ofWebServices(token('trouble'))['Integration'] ?? integration(),
      Action: dataAction({
        ...token('trouble'),
        ServiceTimeout: 14,
        Request: { UrlTemplate: 'https://crm.example.com/orders', Type: 'POST' },
      }),
    }),
    names: ['ServiceTimeout of 14 seconds'],
    advice: 'Set ServiceTimeout: 1200',
    waits: true,
  },
];
