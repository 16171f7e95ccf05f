import type { TypeDescription } from '../../lifecycle/resource-type.ts';
import { adoptionDescriptions, commonDescriptions } from '../common-descriptions.ts';

export const about: TypeDescription = {
  description: 'A data action of Genesys Cloud, published. Ref returns its id.',
  oneSetOf: [['Definition'], ['Name', 'Category', 'Contract', 'Request']],
  properties: {
    ...commonDescriptions,
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
    ...adoptionDescriptions,
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
  permissions: [
    'integrations:action:view',
    'integrations:action:add',
    'integrations:action:edit',
    'integrations:action:delete',
  ],
  furtherPermissions: {
    SmokeTest: 'integrations:action:execute',
    'DeletionGuard, which by default asks for the flows of an action before it replaces one':
      'architect:dependencyTracking:view',
  },
  unique: {
    properties: ['IntegrationId', 'Name'],
    problem: 'has this name in the same integration, and the provider refuses a second one',
    fix: 'Give it another Name.',
  },
};
