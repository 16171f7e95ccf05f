/**
 * docs/migration.md has a property for every attribute of Terraform's resources, and each property exists.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../cli/main.ts';
import { codeBlocks, readPage, root, section } from './markdown.ts';

const page = await readPage('docs/migration.md');

/** Attributes from docs/resources/ of MyPureCloud/terraform-provider-genesyscloud (v1.84). */
const terraform: Record<string, string[]> = {
  genesyscloud_integration: [
    ...['integration_type', 'intended_state', 'id'],
    ...['config.name', 'config.notes', 'config.properties', 'config.advanced', 'config.credentials'],
  ],
  genesyscloud_integration_credential: ['name', 'credential_type_name', 'fields', 'id'],
  genesyscloud_integration_action: [
    ...['name', 'category', 'integration_id', 'secure', 'id', 'contract_input', 'contract_output'],
    ...['config_timeout_seconds', 'function_config', 'config_request.request_url_template'],
    ...['config_request.request_type', 'config_request.request_template', 'config_request.headers'],
    ...['config_response.translation_map', '.translation_map_defaults', 'config_response.success_template'],
  ],
};

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
}

/** Paths of a type's properties and attributes, such as `Request.UrlTemplate`. */
async function namesOf(type: string): Promise<string[]> {
  const names = ({ properties = {} }: JsonSchema): string[] =>
    Object.entries(properties).flatMap(([name, inner]) => [
      name,
      ...names(inner).map((one) => `${name}.${one}`),
    ]);
  return names(JSON.parse(await readFile(join(root, 'schemas', `${type}.json`), 'utf8')));
}

describe.each(Object.entries(terraform))('%s', (resource, attributes) => {
  const text = section(page, `### ${resource}`);
  const rows = [...text.matchAll(/^\| (`.*|other kinds.*) \| (.*) \|$/gm)].map(
    ([, left = '', right = '']) => ({
      left,
      right,
    }),
  );

  test('has every attribute of Terraform’s in its table, and none that there is not', () => {
    const named = rows.flatMap(({ left }) =>
      [...left.matchAll(/`([a-z_.]+)(?:\[[^\]]*\])?(?: = [^`]*)?`/g)].map(([, name = '']) => name),
    );
    expect(attributes.filter((name) => !named.includes(name))).toEqual([]);
    const examples = ['fields.ARN', 'basicAuth', 'userDefined', 'userDefinedOAuth', 'pureCloudOAuthClient'];
    expect(named.filter((name) => !attributes.includes(name) && !examples.includes(name))).toEqual([]);
  });

  test('names properties and attributes that the type has', async () => {
    const [, type = ''] = /\[Custom::(Genesys\w+)\]/.exec(text) ?? [];
    const has = await namesOf(type);
    const named = rows.flatMap(({ right }) =>
      [...right.matchAll(/`(?:Fn::GetAtt: )?([A-Z][a-z][A-Za-z]*(?:\.[A-Z][A-Za-z]+)?)(?:: [a-z]+)?`/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => name !== 'Ref' && !has.includes(name))).toEqual([]);
  });
});

test('the template that it shows is sound', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migration-'));
  try {
    const [yaml = ''] = codeBlocks(page, 'yaml');
    const file = join(folder, 'template.yaml');
    await writeFile(file, `Resources:\n${yaml.replaceAll(/^(?=.)/gm, '  ')}`);
    let said = '';
    await run(['validate', file], { out: { write: (text) => (said += text) } });
    expect(said).toContain('2 resources of Genesys Cloud in 1 template: nothing found');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.each(['GenesysAwsIntegration', 'GenesysDataAction'])(
  'it takes over by properties that a %s has',
  async (type) => {
    const has = await namesOf(type);
    for (const name of ['ExistingId', 'AdoptExisting', 'OnDelete']) {
      expect(has).toContain(name);
      expect(page).toContain(`\`${name}`);
    }
  },
);
