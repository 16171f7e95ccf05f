/** The resources of the baseline's examples, resolved for a world, without the resources of AWS. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Template } from '../../local/cloudformation/template.ts';
import { CREDENTIALS_SECRET, KEY_ALIAS } from '../../local/provider/world.ts';
import type { ZipWorld } from '../../local/provider/zip-world.ts';
import { resolve as resolveTemplate } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';
import { source } from './versions.ts';

const TEMPLATES = resolve(import.meta.dirname, '../../templates');
const EXAMPLES = join(source, 'templates/examples');
const DEFINITION = join(source, 'test/provider/exported-action.json');
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:orders';

/** Values of attributes and references of the resources that CloudFormation itself would make. */
const VALUES: [RegExp, string][] = [
  [/Secret/, CREDENTIALS_SECRET],
  [/Url/, 'https://actions.example.com/'],
  [/Role/, 'arn:aws:iam::123456789012:role/genesys-data-actions'],
  [/Function|Endpoint/, FUNCTION],
];

const isOurs = (type: string | undefined) => type?.startsWith('Custom::Genesys') === true;

const read = (file: string) => readTemplate(relative(TEMPLATES, join(EXAMPLES, file)));

/** Files of the examples that have a resource of Genesys Cloud. */
export const examples = readdirSync(EXAMPLES).filter((file) =>
  Object.values(read(file).Resources).some(({ Type }) => isOurs(Type)),
);

/** Puts the file that an example refers to into its bucket, as the version that the template names. */
export function putDefinition({ aws }: ZipWorld): void {
  aws.putObject('definitions/action.json', readFileSync(DEFINITION, 'utf8'));
}

/** The template of an example in a world. `serviceTimeout` changes the template and nothing else. */
export function exampleIn(world: ZipWorld, file: string, serviceTimeout: number): Template {
  const template = read(file);
  const parameters = {
    ...scenarios[`examples/${file}`]?.base,
    KeyAliasArn: KEY_ALIAS,
    IntegrationId: world.integrationId,
    FunctionArn: FUNCTION,
    DefinitionBucket: 'definitions',
    DefinitionKey: 'action.json',
    DefinitionVersionId: 'version-1',
  };
  const known = Object.entries(parameters).filter(([name]) => name in (template.Parameters ?? {}));
  const { Resources } = resolveTemplate(template, Object.fromEntries(known), {
    region: 'us-east-1',
    accountId: '123456789012',
    attributes: (logicalId, attribute) =>
      isOurs(template.Resources[logicalId]?.Type)
        ? undefined
        : VALUES.find(([name]) => name.test(`${logicalId}.${attribute}`))?.[1],
  });
  const ours = Object.entries(Resources).filter(([, { Type }]) => isOurs(Type));
  return {
    Resources: Object.fromEntries(
      ours.map(([logicalId, { Type, Properties: { ServiceToken: _, ...properties } = {} }]) => [
        logicalId,
        { Type, Properties: { ...properties, ServiceTimeout: serviceTimeout } },
      ]),
    ),
  };
}
