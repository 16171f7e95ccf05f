/**
 * Templates as other tools write them have no fault, and their resources of Genesys Cloud are seen all the
 * same. `cdk.template.json` is the output of aws-cdk-lib 2.276, `sam-translated.json` that of sam-translator
 * 1.115 for `sam.yaml`, `packaged.yaml` that of `aws cloudformation package` for a template with a merge key;
 * the others are written by hand after the output of their tools.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateTemplate } from '../../cli/validate/validate.ts';

const folder = join(import.meta.dirname, 'others');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

const RESOURCES: Record<string, number> = {
  'cdk.template.json': 11,
  'language-extensions.yaml': 4,
  'packaged.yaml': 3,
  'sam-translated.json': 4,
  'sam.yaml': 4,
  'serverless.json': 2,
  'stack-set.yaml': 1,
};

test('each file has its number of resources here', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(RESOURCES));
});

test.each(Object.entries(RESOURCES))(
  'nothing is wrong in %s, which has %i resources of Genesys Cloud',
  (name, resources) => {
    expect(validateTemplate(name, read(name))).toEqual({ resources, findings: [] });
  },
);

test('a fault in the output of the CDK is found, where a value is joined from parts too', () => {
  const template = JSON.parse(read('cdk.template.json'));
  const { ByArn, Integration } = template.Resources;
  ByArn.Properties.Request.UrlTemplate = { Ref: ByArn.Properties.Request.UrlTemplate['Fn::GetAtt'][0] };
  Integration.Properties.RoleArn = { Ref: Integration.Properties.RoleArn['Fn::GetAtt'][0] };
  const { findings } = validateTemplate('cdk.template.json', JSON.stringify(template, null, 1));
  expect(findings.map(({ rule, path }) => `${rule}: ${path}`).sort()).toEqual([
    'reference: ByArn.Request.UrlTemplate',
    'reference: Integration.RoleArn',
  ]);
});
