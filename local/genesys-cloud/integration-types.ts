import type { JsonObject } from './json.ts';

/** An integration type, with the schemas of its configuration. */
export interface IntegrationType {
  id: string;
  name: string;
  description: string;
  provider: string;
  category: string;
  /** By the key in `config.credentials`. */
  credentials: Record<string, { required: boolean; title: string; credentialTypes: string[] }>;
  propertiesSchema: JsonObject;
  advancedSchema: JsonObject;
  /** The kind of actions under it. The category of an action says nothing about its kind. */
  actions: 'custom' | 'function' | 'none';
}

/** The fields of a type of credentials. */
export interface CredentialType {
  name: string;
  required: string[];
  /** Undefined if the type takes any fields. */
  fields: string[] | undefined;
}

const nothing: JsonObject = { type: 'object', properties: {}, additionalProperties: false };

const dataActionType = (
  id: string,
  name: string,
  key: string,
  required: boolean,
  credentialTypes: string[],
): IntegrationType => ({
  id,
  name,
  description: `${name} integration`,
  provider: 'clientapps',
  category: 'dataActions',
  credentials: { [key]: { required, title: `${name} credentials`, credentialTypes } },
  propertiesSchema: nothing,
  advancedSchema: nothing,
  actions: 'custom',
});

/**
 * The types for data actions, one type with properties (Client Application) and one with attributes
 * (Webhook). Keys and credential types come from Genesys' Terraform modules and from the examples of its
 * Terraform provider (GenesysCloudDevOps/integration-lambda-module and
 * terraform-provider-genesyscloud/examples).
 */
export const integrationTypes: IntegrationType[] = [
  dataActionType('aws-lambda-data-actions', 'AWS Lambda Data Actions', 'AmazonWebServicesARN', true, [
    'amazonWebServicesARN',
  ]),
  // The key is the same for every credential type (Terraform provider, guide "custom auth action").
  dataActionType('custom-rest-actions', 'Web Services Data Actions', 'basicAuth', false, [
    'basicAuth',
    'userDefined',
    'userDefinedOAuth',
  ]),
  dataActionType('purecloud-data-actions', 'Genesys Cloud Data Actions', 'pureCloudOAuthClient', true, [
    'pureCloudOAuthClient',
  ]),
  {
    ...dataActionType('function-data-actions', 'Function Data Actions', 'functionCredentials', false, [
      'userDefined',
    ]),
    actions: 'function',
  },
  {
    // Its attributes: Genesys' Terraform provider, data source integration_webhook.
    id: 'webhook',
    name: 'Webhook',
    description: 'Receives events over HTTP',
    provider: 'clientapps',
    category: 'webhook',
    credentials: {},
    propertiesSchema: { type: 'object' },
    advancedSchema: { type: 'object' },
    actions: 'none',
  },
  {
    id: 'embedded-client-app',
    name: 'Client Application',
    description: 'Embeds a web page in the client',
    provider: 'clientapps',
    category: 'clientApps',
    credentials: {},
    propertiesSchema: {
      type: 'object',
      properties: {
        url: { type: 'string' },
        displayType: { type: 'string', enum: ['standalone', 'widget'] },
        featureCategory: { type: 'string' },
        sandbox: { type: 'string' },
        permissions: { type: 'string' },
        groups: { type: 'array', items: { type: 'string' } },
      },
      additionalProperties: false,
    },
    advancedSchema: { type: 'object', additionalProperties: true },
    actions: 'none',
  },
];

export const credentialTypes: CredentialType[] = [
  { name: 'amazonWebServicesARN', required: ['ARN'], fields: ['ARN'] },
  // Acceptance tests of Genesys' Terraform provider make one with a user name only (integration_credential).
  { name: 'basicAuth', required: [], fields: ['userName', 'password'] },
  { name: 'userDefined', required: [], fields: undefined },
  { name: 'userDefinedOAuth', required: [], fields: undefined },
  {
    name: 'pureCloudOAuthClient',
    required: ['clientId', 'clientSecret'],
    fields: ['clientId', 'clientSecret'],
  },
];
