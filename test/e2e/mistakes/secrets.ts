/** OAuth clients that cannot log in or may too little, and secrets that hold no credential. */
import { action, ofLambda, ofWebServices, stack, update } from './attempts.ts';
import { ACCOUNT, from } from './base.ts';
import type { Mistake } from './mistake.ts';
import type { MistakesWorld } from './world.ts';

/** An integration that logs in by this secret. */
const login = (secret: string) => stack((world) => ofLambda({ OAuthSecretArn: world.secret(secret) }));

const inSecret = (name: string) => `/genesys/oauth/${name}-`;

export const ofTheOAuthClient: Mistake[] = [
  {
    what: 'a secret that is no JSON',
    make: login('no-json'),
    names: [inSecret('no-json'), 'not a JSON object'],
    advice: 'It must hold {"client_id": "…", "client_secret": "…"}',
  },
  {
    what: 'a secret that is a list',
    make: login('a-list'),
    names: [inSecret('a-list'), 'not a JSON object'],
    advice: 'It must hold {"client_id": "…", "client_secret": "…"}',
  },
  {
    what: 'a secret without client_secret',
    make: login('without-secret'),
    names: [inSecret('without-secret'), 'client_secret'],
    advice: 'Add it',
  },
  {
    what: 'a secret in camelCase',
    make: login('camel-case'),
    names: [inSecret('camel-case'), '"clientId"'],
    advice: 'has to be called',
  },
  {
    what: 'a secret with an empty id',
    make: login('empty-id'),
    names: [inSecret('empty-id'), '"client_id"'],
    advice: 'must have a non-empty text',
  },
  {
    what: 'a wrong client secret',
    make: login('wrong-password'),
    names: ['OAuth client', 'the client secret is wrong or was reset'],
    advice: 'Check client_id and client_secret in the OAuth secret',
  },
  {
    what: 'a client of another region',
    make: login('unknown-client'),
    names: ['99999999-8888-4777-8666-555555555555', 'the client belongs to another region'],
    advice: 'Check client_id and client_secret in the OAuth secret, and GENESYS_ENVIRONMENT',
  },
  {
    what: 'an environment that is no region',
    make: login('unknown-region'),
    names: ['"environment"', 'ireland'],
    advice: 'Give its domain or its AWS region name',
  },
  {
    what: 'no permission to make integrations',
    make: login('may-only-read'),
    names: ['integrations:integration:add'],
    advice: 'Add it to a role of the client (Admin > Integrations > OAuth)',
  },
  {
    what: 'no permission to run a smoke test',
    make: stack((world) =>
      action({
        OAuthSecretArn: world.secret('may-not-execute'),
        Request: { UrlTemplate: from('LookUp'), Type: 'POST' },
        SmokeTest: { Input: { orderId: '1' } },
      }),
    ),
    names: ['smoke test', 'integrations:action:execute'],
    advice: 'Grant it, or leave SmokeTest out',
  },
  {
    what: 'no permission to see which flows use an action',
    make: update(
      (world) => action({ OAuthSecretArn: world.secret('may-not-see-flows') }),
      (world) => action({ OAuthSecretArn: world.secret('may-not-see-flows'), Secure: true }),
    ),
    names: ['which flows use it cannot be seen', 'architect:dependencyTracking:view'],
    advice: 'Grant it, or set DeletionGuard: None',
  },
  {
    what: 'an OAuth secret that the administrator has not listed',
    make: stack(
      ofLambda({
        OAuthSecretArn: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/genesys/oauth/mine-AbCdEf`,
      }),
    ),
    names: ['OAuthSecretArn', 'AdditionalOAuthSecretArns'],
    advice: 'its administrator has to add it',
  },
];

const credential = (secret: string, CredentialType = 'userDefined') =>
  stack((world) => ofWebServices({ CredentialType, CredentialsSecretArn: world.secret(secret) }));

/** The ARN of a secret that exists, with another Region. */
const elsewhere = (world: MistakesWorld) => world.secret('good').replace('us-east-1', 'eu-west-1');

export const ofCredentials: Mistake[] = [
  {
    what: 'a secret that is text',
    make: credential('credential-text'),
    names: ['/genesys/credentials/text', 'no JSON'],
    advice: "it must be an object with the credential's fields",
  },
  {
    what: 'a secret that is a list',
    make: credential('credential-list'),
    names: ['/genesys/credentials/list'],
    advice: "must be a JSON object with the credential's fields",
  },
  {
    what: 'a secret without fields',
    make: credential('credential-empty'),
    names: ['/genesys/credentials/empty'],
    advice: "must be a JSON object with the credential's fields",
  },
  {
    what: 'a number as the password',
    make: credential('credential-number', 'basicAuth'),
    names: ['/genesys/credentials/number'],
    advice: 'must hold text under password',
  },
  {
    what: 'a field too many',
    make: credential('credential-extra', 'basicAuth'),
    names: ['basicAuth', 'tenant is unknown'],
    advice: 'Change what it names, and deploy again',
  },
  {
    what: 'fields of other names',
    make: credential('credential-misspelt', 'basicAuth'),
    names: ['/genesys/credentials/misspelt', 'userName and password'],
    advice: 'it has none of them; write them there',
  },
  {
    what: 'a secret without the tag',
    make: credential('credential-untagged'),
    names: ['/genesys/credentials/untagged', 'genesys-cloud-cfn:stacks'],
    advice: 'has to name the stack',
  },
  {
    what: 'a binary secret',
    make: credential('credential-binary'),
    names: ['/genesys/credentials/binary', 'holds no text'],
    advice: 'put it there as text (--secret-string)',
  },
  {
    what: 'a secret of another Region',
    make: stack((world) =>
      ofWebServices({ CredentialType: 'userDefined', CredentialsSecretArn: elsewhere(world) }),
    ),
    names: ['eu-west-1', 'ResourceNotFoundException'],
    advice: 'Check the ARN and its Region',
  },
  {
    what: 'the name of the secret for its ARN',
    make: stack(
      ofWebServices({ CredentialType: 'userDefined', CredentialsSecretArn: '/genesys/credentials/good' }),
    ),
    names: ['CredentialsSecretArn'],
    advice: 'must be the ARN of a secret whose name begins with /genesys/credentials/',
  },
  {
    what: 'a secret under a name of its own',
    make: stack(
      ofWebServices({
        CredentialType: 'userDefined',
        CredentialsSecretArn: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:crm-AbCdEf`,
      }),
    ),
    names: ['CredentialsSecretArn'],
    advice: 'must be the ARN of a secret whose name begins with /genesys/credentials/',
  },
  {
    what: 'a secret without a type',
    make: stack((world) => ofWebServices({ CredentialsSecretArn: world.secret('good') })),
    names: ['CredentialType'],
    advice: 'is required beside CredentialsSecretArn',
  },
  {
    what: 'a type without a secret',
    make: stack(ofWebServices({ CredentialType: 'basicAuth' })),
    names: ['CredentialsSecretArn'],
    advice: 'is required beside CredentialType',
  },
  {
    what: 'a credential for a Lambda integration',
    make: stack((world) =>
      ofLambda({ CredentialType: 'userDefined', CredentialsSecretArn: world.secret('good') }),
    ),
    names: ['CredentialType belongs to IntegrationType custom-rest-actions'],
    advice: 'aws-lambda-data-actions takes RoleArn',
  },
  {
    what: 'a role for a web-services integration',
    make: stack(ofLambda({ IntegrationType: 'custom-rest-actions' })),
    names: ['RoleArn belongs to IntegrationType aws-lambda-data-actions'],
    advice: 'custom-rest-actions takes CredentialsSecretArn',
  },
];
