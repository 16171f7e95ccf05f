/** Wrong parameters of the templates of examples/. */
import { account, keyId } from '../../../scripts/build/templates/scenarios.ts';
import type { Refusal } from './refusal.ts';

export const examples: Refusal[] = [
  [
    'examples/consumer-by-ssm.yaml',
    "a parameter that is not a provider's",
    { ServiceToken: '/payroll/token' },
    /name of the provider's SSM parameter/,
  ],
  [
    'examples/quickstart.yaml',
    'a key instead of its alias',
    { RecordingKeyAliasArn: `arn:aws:kms:eu-west-1:${account}:key/${keyId}` },
    /no key ARN/,
  ],
  [
    'examples/quickstart.yaml',
    'an organization id that is no UUID',
    { GenesysOrganizationId: 'demo' },
    /a UUID in lower case/,
  ],
  [
    'examples/definition-in-s3.yaml',
    'a file that may change unseen',
    { DefinitionVersionId: '' },
    /set DefinitionVersionId or DefinitionSha256/,
  ],
  [
    'examples/recording-key.yaml',
    'a key instead of its alias',
    { KeyAliasArn: `arn:aws:kms:eu-west-1:${account}:key/${keyId}` },
    /no key ARN/,
  ],
  [
    'examples/private-network.yaml',
    'templates without TLS',
    { TemplatesUrl: 'http://packages.example.com' },
    /https address/,
  ],
  [
    'examples/nested-stack.yaml',
    'a template without a URL',
    { TemplateUrl: 'consumer.yaml' },
    /URL of a template/,
  ],
  [
    'examples/consumer-by-ssm.yaml',
    'another parameter',
    { ServiceToken: '/other' },
    /provider's SSM parameter/,
  ],
];
