/**
 * What each property and attribute is, by its path: the one source of the JSON Schemas (schemas/), which the pages
 * under docs/ follow. No part of the function imports it, so it costs the package nothing.
 */

export interface TypeDescription {
  description: string;
  /** By path. */
  properties: Record<string, string>;
  attributes: Record<string, string>;
  /** Sets of properties of which one has to be there, beside what is always required. */
  oneSetOf?: string[][];
}

const common = {
  ServiceToken:
    "ARN of the provider's function: Fn::ImportValue of <ExportPrefix>-ServiceToken, or the SSM parameter /<ExportPrefix>/provider/service-token. CloudFormation cannot change it in place.",
  ServiceTimeout:
    'Seconds that CloudFormation waits for the answer, 1 to 3600 (its default is 3600). 1200 leaves time for what Genesys Cloud takes long to show.',
  Nonce:
    'Any text. Another one makes the provider read the object in Genesys Cloud and put right what was changed there by hand.',
  OAuthSecretArn:
    "ARN of the secret of another OAuth client of the same organization. The provider's parameter AdditionalOAuthSecretArns must list it.",
};

const adoption = {
  AdoptExisting:
    'Whether the object of the same name that is there already is taken over instead of making one (default false). Where there is none, one is made; where there are several, ExistingId says which.',
  ExistingId:
    'Id of an object that is there already, to be taken over. Another id replaces this one by that; in place of AdoptExisting.',
  OnDelete:
    'What a deletion leaves: Delete (default for what was made here) nothing, Retain (default for what was taken over) the object as it is, owned by nobody.',
};

export const descriptions: Record<string, TypeDescription> = {
  'Custom::GenesysAwsIntegration': {
    description:
      'An integration of Genesys Cloud with AWS Lambda or with web services, its credential included. Ref returns its id.',
    oneSetOf: [['RoleArn'], ['IntegrationType']],
    properties: {
      ...common,
      Name: 'Name of the integration in Genesys Cloud, 1 to 256 characters.',
      IntegrationType:
        'aws-lambda-data-actions (default) calls functions by a role; custom-rest-actions calls HTTP endpoints. A change replaces the integration.',
      RoleArn:
        "ARN of the role that Genesys Cloud assumes. Required for aws-lambda-data-actions, and for it only. The role trusts Genesys Cloud's account with the organization's id as ExternalId.",
      CredentialType: 'Kind of credential of custom-rest-actions; needed together with CredentialsSecretArn.',
      CredentialsSecretArn:
        'ARN of a secret under /genesys/credentials/ whose JSON fields become the credential. Its tag genesys-cloud-cfn:stacks names the stacks that may use it.',
      CredentialsSecretVersion: 'Any text. Another one makes the provider read the secret again.',
      Enabled:
        'Whether the integration is switched on (default true). The provider waits until Genesys Cloud reports it active.',
      Notes: 'Notes that Genesys Cloud shows beside the integration.',
      Properties:
        "The integration type's own properties: an object, typed by the schema that Genesys Cloud publishes, or JSON text.",
      Advanced: "The integration type's advanced configuration, as Properties.",
      DeletionGuard:
        'Deleting an integration deletes its data actions in Genesys Cloud. Actions (default) refuses while any is not of this stack; None does not look.',
      ...adoption,
    },
    attributes: {
      IntegrationId: 'Id of the integration; the same as Ref.',
      CredentialId: 'Id of the credential that was made for it, or empty.',
      ReportedState: 'State that Genesys Cloud reported last, such as ACTIVE.',
      OrganizationId: 'Id of the Genesys Cloud organization.',
    },
  },
  'Custom::GenesysDataAction': {
    description: 'A data action of Genesys Cloud, published. Ref returns its id.',
    oneSetOf: [['Definition'], ['Name', 'Category', 'Contract', 'Request']],
    properties: {
      ...common,
      IntegrationId:
        'Id of the integration that it belongs to: Ref of a Custom::GenesysAwsIntegration. A change replaces the action.',
      Definition:
        'The file that the Genesys Cloud UI exports: as an object, as JSON text, in S3 or in a secret. What is written beside it wins, member by member.',
      'Definition.S3': "The file in S3. The provider's parameter DefinitionObjectArns must grant it.",
      'Definition.S3.Bucket': 'Name of the bucket.',
      'Definition.S3.Key': 'Key of the file, at most 256 KB.',
      'Definition.S3.VersionId':
        'Version of the object. Needed without Sha256, so that a changed file is seen.',
      'Definition.S3.Sha256':
        'SHA-256 of the file in hex. Alone, it needs a key that changes with the file, since a rollback reads the file of before.',
      'Definition.SecretArn':
        'ARN of a secret under /genesys/definitions/ that holds the file, and whose tag genesys-cloud-cfn:stacks names the stack.',
      'Definition.VersionId': 'Version of the secret.',
      Name: 'Name, unique in its integration, 1 to 256 characters. Required unless the definition has it.',
      Category:
        'Category under which Genesys Cloud lists it. Required unless the definition has it; exported files often have none.',
      Secure: 'Whether it is for secure flows only (default false). A change replaces the action.',
      TimeoutSeconds: 'Seconds that Genesys Cloud waits for the answer (its default is 60).',
      Contract:
        'What goes in and what comes out. A change replaces the action. Required unless the definition has it.',
      'Contract.Input':
        'JSON Schema of the input, as an object or as JSON text. Flat: strings, numbers, booleans; no $ref.',
      'Contract.Output':
        'JSON Schema of the output, as an object or as JSON text. No arrays in arrays; no $ref.',
      Request: 'The request. Required unless the definition has it.',
      'Request.UrlTemplate':
        "ARN of the Lambda function, in the organization's own region, or the URL; may hold ${input.<name>}.",
      'Request.Type': 'HTTP method (default POST; a Lambda integration takes POST).',
      'Request.Template':
        'Velocity template of the request body (default ${input.rawRequest}). In Fn::Sub, ${ is written ${!.',
      'Request.Headers': 'Headers by name.',
      Response: 'What becomes of the answer.',
      'Response.TranslationMap': 'JSONPath expressions by name: values taken from the answer.',
      'Response.TranslationMapDefaults': 'Defaults by name, as JSON text, for what is missing in the answer.',
      'Response.SuccessTemplate': 'Velocity template of the output (default ${rawResult}).',
      ...adoption,
      SmokeTest:
        'Runs the action once, really, after it was created or updated. Where that fails, so does the request, and the stack is rolled back.',
      'SmokeTest.Input': 'The input, as an object, typed by Contract.Input, or as JSON text.',
      'SmokeTest.ExpectOutput':
        'What the output has to hold at least, as an object, typed by Contract.Output, or as JSON text.',
      DeletionGuard:
        'Replacement (default) refuses a replacement while flows, scripts or others use the action; All refuses a deletion as well; None does not look.',
    },
    attributes: {
      DataActionId: 'Id of the data action; the same as Ref.',
      Name: 'Name of the data action.',
      Version: 'Version that Genesys Cloud counts up with every change.',
      IntegrationId: 'Id of the integration that it belongs to.',
    },
  },
  'Custom::GenesysRecordingKey': {
    description:
      "The organization's key configuration of recording encryption, set to a KMS key of one's own. An organization has one. Ref returns its id.",
    properties: {
      ...common,
      KeyAliasArn: "ARN of the key's alias, in the organization's home region. The key must be symmetric.",
      RotationPeriod: 'How often Genesys Cloud makes a new recording key. Left as it is when missing.',
      Takeover: 'Whether a customer key that the organization uses already may be replaced (default false).',
      OnDelete:
        "What a deletion leaves: Retain (default) this configuration, Native Genesys Cloud's own keys, RestorePrevious what was there before.",
    },
    attributes: {
      KeyConfigurationId: 'Id of the key configuration; the same as Ref.',
      KeyConfigurationType: 'Type of the key configuration, KmsSymmetric.',
      PreviousKeyConfigurationType: 'Type of the key configuration that was there before, or Native.',
      ActiveKeyId: 'Id of the newest recording key.',
    },
  },
};
