import type { TypeDescription } from '../../lifecycle/resource-type.ts';
import { adoptionDescriptions, commonDescriptions } from '../common-descriptions.ts';

export const about: TypeDescription = {
  description:
    'An integration of Genesys Cloud with AWS Lambda or with web services, its credential included. Ref returns its id.',
  oneSetOf: [['RoleArn'], ['IntegrationType'], ['ExistingId']],
  properties: {
    ...commonDescriptions,
    Name: 'Name of the integration in Genesys Cloud, 1 to 256 characters.',
    IntegrationType:
      'aws-lambda-data-actions (default) calls functions by a role; custom-rest-actions calls HTTP endpoints. A change replaces the integration.',
    RoleArn:
      "ARN of the role that Genesys Cloud assumes. Required for aws-lambda-data-actions without ExistingId, and for it only. The role trusts Genesys Cloud's account with the organization's id as ExternalId.",
    CredentialType:
      'Kind of credential of custom-rest-actions; needed together with CredentialsSecretArn. With ExistingId and without both, the credential stays as it is.',
    CredentialsSecretArn:
      'ARN of a secret under /genesys/credentials/ whose JSON fields become the credential. Its tag genesys-cloud-cfn:stacks names the stacks that may use it.',
    CredentialsSecretVersion: 'Any text. Another one makes the provider read the secret again.',
    Enabled:
      'Whether the integration is switched on (default true). The provider waits until Genesys Cloud reports it active.',
    Notes: 'Notes that Genesys Cloud shows beside the integration.',
    Properties:
      "The integration type's own properties: an object, typed by the schema that Genesys Cloud publishes, or JSON text.",
    Advanced: "The integration type's advanced configuration, as Properties.",
    SharedWith:
      "Other stacks whose data actions may use the integration (default none, at most 50): a name in the provider's own account, <account>/<name>, or an id; * and ? stand for characters. They use its credential, too.",
    DeletionGuard:
      'Deleting an integration deletes its data actions in Genesys Cloud. Actions (default) refuses while any is not of this stack; None gives up those that no stack owns.',
    ...adoptionDescriptions,
  },
  attributes: {
    IntegrationId: 'Id of the integration; the same as Ref.',
    CredentialId: 'Id of the credential that was made for it, or empty.',
    ReportedState:
      'State that Genesys Cloud reported last, such as ACTIVE. It does not prove that the role works; the SmokeTest of a data action does.',
    OrganizationId: 'Id of the Genesys Cloud organization.',
  },
  permissions: [
    'integrations:integration:view',
    'integrations:integration:add',
    'integrations:integration:edit',
    'integrations:integration:delete',
    'integrations:action:view',
  ],
};
