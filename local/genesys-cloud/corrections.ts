import type { JsonObject } from './json.ts';

/** A rule of the API that the types of the SDK lack or contradict, with its source. */
export interface Correction {
  model: string;
  source: string;
  apply(schema: Schema): void;
}

/** The part of a JSON Schema that corrections change. */
export interface Schema extends JsonObject {
  properties: Record<string, JsonObject>;
  required?: string[];
}

const property = (schema: Schema, name: string, rules: JsonObject): void => {
  schema.properties[name] = { ...schema.properties[name], ...rules };
};

export const corrections: Correction[] = [
  {
    model: 'JsonSchemaDocument',
    source:
      'Any JSON Schema (draft 4 and later) is a contract: items, enum, format and additionalProperties: false ' +
      'are in the examples of help.mypurecloud.com "Add contracts to custom actions"; the Terraform provider ' +
      'posts raw JSON for this reason (genesyscloud/integration_action, utils.go)',
    apply(schema) {
      property(schema, 'type', { type: ['string', 'array'], items: { type: 'string' } });
      property(schema, 'additionalProperties', { type: ['boolean', 'object'] });
      schema['additionalProperties'] = true;
    },
  },
  {
    model: 'CreateIntegrationRequest',
    source: 'The Terraform provider sends no name (genesyscloud/integration, resource: create)',
    apply(schema) {
      schema.required = ['integrationType'];
      property(schema, 'name', { minLength: 1, maxLength: 256 });
    },
  },
  {
    model: 'CredentialType',
    source: 'A credential is of a named type (API docs of Credential.type: required)',
    apply(schema) {
      schema.required = ['name'];
    },
  },
  {
    model: 'CredentialInfo',
    source: 'The configuration of an integration refers to its credentials by id',
    apply(schema) {
      schema.required = ['id'];
    },
  },
  {
    model: 'Integration',
    source: 'Enumeration of Integration.intendedState in the Java SDK',
    apply(schema) {
      property(schema, 'intendedState', { enum: ['ENABLED', 'DISABLED', 'DELETED', 'RESTORED'] });
    },
  },
  {
    model: 'IntegrationConfiguration',
    source: '"Version number required for updates" (Go SDK): a whole number',
    apply(schema) {
      property(schema, 'version', { type: 'integer', minimum: 0 });
      property(schema, 'name', { minLength: 1, maxLength: 256 });
    },
  },
  {
    model: 'OAuthClientRequest',
    source:
      'The grants and the bounds of the validity, 5 minutes to 450 days, in the schema of oauth_client of the ' +
      'Terraform provider',
    apply(schema) {
      property(schema, 'name', { minLength: 1 });
      property(schema, 'authorizedGrantType', {
        enum: ['CODE', 'TOKEN', 'SAML2BEARER', 'SAML2-BEARER', 'PASSWORD', 'CLIENT-CREDENTIALS'],
      });
      property(schema, 'accessTokenValiditySeconds', { type: 'integer', minimum: 300, maximum: 38_880_000 });
    },
  },
  {
    model: 'Function',
    source: 'timeoutSeconds: 1 to 15; description: at most 255 characters (SDKs, Function)',
    apply(schema) {
      property(schema, 'timeoutSeconds', { type: 'integer', minimum: 1, maximum: 15 });
      property(schema, 'description', { maxLength: 255 });
    },
  },
  {
    model: 'FunctionUploadRequest',
    source: 'The characters of a name, and 1 to 604800 seconds (SDKs, FunctionUploadRequest)',
    apply(schema) {
      property(schema, 'fileName', { pattern: '^[A-Za-z0-9 +_.()-]+$' });
      property(schema, 'signedUrlTimeoutSeconds', { type: 'integer', minimum: 1, maximum: 604_800 });
    },
  },
  {
    model: 'ActionConfig',
    source: 'timeoutSeconds: 1 to 60 (Go SDK, ActionConfig)',
    apply(schema) {
      property(schema, 'timeoutSeconds', { type: 'integer', minimum: 1, maximum: 60 });
    },
  },
  {
    model: 'RequestConfig',
    source:
      'The five methods of help.mypurecloud.com "Request configuration"; the templates’ URIs are read only',
    apply(schema) {
      property(schema, 'requestType', { enum: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] });
    },
  },
  ...['PostActionInput', 'UpdateActionInput', 'UpdateDraftInput'].map(
    (model): Correction => ({
      model,
      source: 'name and category: 1 to 256 characters (Go SDK, PostActionInput)',
      apply(schema) {
        property(schema, 'name', { minLength: 1, maxLength: 256 });
        property(schema, 'category', { minLength: 1, maxLength: 256 });
      },
    }),
  ),
  ...['UpdateActionInput', 'UpdateDraftInput', 'PublishDraftInput'].map(
    (model): Correction => ({
      model,
      source: 'Versions are whole numbers',
      apply(schema) {
        property(schema, 'version', { type: 'integer' });
      },
    }),
  ),
  {
    model: 'RecordingEncryptionConfiguration',
    source: 'Enumeration of RecordingEncryptionConfiguration.keyConfigurationType in the Java SDK',
    apply(schema) {
      property(schema, 'keyConfigurationType', {
        enum: ['KmsSymmetric', 'LocalKeyManager', 'Native', 'None'],
      });
    },
  },
  {
    model: 'KeyRotationSchedule',
    source: 'Enumeration of KeyRotationSchedule.period in the Java SDK',
    apply(schema) {
      property(schema, 'period', { enum: ['DISABLED', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] });
    },
  },
];
