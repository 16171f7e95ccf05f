/**
 * The stack of the baseline's provider, updated to the template and the package at hand by a change set, as a
 * person would. The function behind the ServiceToken, the ledger and the export stay, and no custom resource
 * is touched.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws, deploy, describeStack, outputs } from '../../local/aws/cli.ts';
import { type LocalWorld, type Prepared, providerParameters, startLocalWorld } from '../../local/world.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import {
  parseTemplate,
  readTemplate,
  type Template,
  templateFiles,
} from '../../scripts/build/templates/template.ts';
import { compare, schemas } from '../../scripts/release/update-check.ts';
import { source } from './versions.ts';

const root = join(import.meta.dirname, '../..');
const STACK = 'genesys-cloud-provider';

interface Change {
  ResourceChange: { Action: string; LogicalResourceId: string; ResourceType: string; Replacement?: string };
}

let world: LocalWorld;
let prepared: Prepared;
beforeAll(async () => {
  world = await startLocalWorld();
  prepared = await world.prepare();
  const old = 'provider/baseline.zip';
  const zip = join(source, 'dist/provider.zip');
  const templateFile = join(source, 'templates/provider.yaml');
  // The baseline may offer fewer types than the template at hand.
  const types = parseTemplate(readFileSync(templateFile, 'utf8')).Parameters?.['ResourceTypes'];
  await aws(world.ministack, ['s3', 'cp', '--only-show-errors', zip, `s3://${prepared.bucket}/${old}`]);
  await deploy(world.ministack, {
    stackName: STACK,
    templateFile,
    parameters: {
      ...providerParameters(world.genesys, { ...prepared, key: old }),
      ResourceTypes: (types?.AllowedValues ?? []).join(','),
    },
    s3Bucket: prepared.bucket,
  });
  await deploy(world.ministack, {
    stackName: 'quickstart',
    templateFile: join(source, 'templates/examples/quickstart.yaml'),
    parameters: { GenesysOrganizationId: organization().id },
  });
}, 300_000);
afterAll(() => world.stop());

function organization() {
  const [only] = world.genesys.state().organizations;
  if (only === undefined) throw new Error('no organization');
  return only;
}

test('an update of the provider replaces neither function nor ledger, and calls nobody in Genesys Cloud', async () => {
  const { ministack, genesys } = world;
  const before = await outputs(ministack, STACK);
  const madeBefore = await outputs(ministack, 'quickstart');
  const parameters = Object.entries(providerParameters(genesys, prepared)).map(
    ([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }),
  );
  genesys.resetCalls();
  const changeSet = ['--stack-name', STACK, '--change-set-name', 'update'];
  await aws(ministack, [
    ...['cloudformation', 'create-change-set', ...changeSet, '--capabilities', 'CAPABILITY_IAM'],
    ...['--template-body', `file://${join(root, 'templates/provider.yaml')}`],
    ...['--parameters', JSON.stringify(parameters)],
  ]);
  await aws(ministack, ['cloudformation', 'wait', 'change-set-create-complete', ...changeSet]);
  const { Changes } = await aws<{ Changes: Change[] }>(ministack, [
    ...['cloudformation', 'describe-change-set', ...changeSet],
  ]);
  const changes = Changes.map(({ ResourceChange }) => ResourceChange);
  const losing = changes.filter(({ Action, Replacement }) => Action === 'Remove' || Replacement === 'True');
  // Of "Conditional" the schemas of AWS know more than the emulator; the last test asks them.
  const stays = /DynamoDB::Table|Lambda::Function|SecretsManager|SSM::Parameter|Logs::LogGroup|SQS::Queue$/;
  expect(losing.filter(({ ResourceType }) => stays.test(ResourceType))).toEqual([]);
  expect(changes.map(({ LogicalResourceId }) => LogicalResourceId)).toContain('ProviderFunction');

  await aws(ministack, ['cloudformation', 'execute-change-set', ...changeSet]);
  await aws(ministack, ['cloudformation', 'wait', 'stack-update-complete', '--stack-name', STACK]);
  expect((await describeStack(ministack, STACK))?.StackStatus).toBe('UPDATE_COMPLETE');
  const { ServiceToken, LedgerTableArn, FunctionName } = await outputs(ministack, STACK);
  expect({ ServiceToken, LedgerTableArn, FunctionName }).toEqual({
    ServiceToken: before['ServiceToken'],
    LedgerTableArn: before['LedgerTableArn'],
    FunctionName: before['FunctionName'],
  });
  expect(genesys.calls()).toEqual([]);

  // A stack of before goes on with the function at hand.
  await deploy(ministack, {
    stackName: 'quickstart',
    templateFile: join(source, 'templates/examples/quickstart.yaml'),
    parameters: { GenesysOrganizationId: organization().id, ActionCategory: 'After the update' },
  });
  expect(await outputs(ministack, 'quickstart')).toMatchObject({
    DataActionId: madeBefore['DataActionId'],
    IntegrationId: madeBefore['IntegrationId'],
  });
}, 300_000);

test('by the schemas of AWS no update from the baseline replaces what holds data, or drops it', () => {
  const createOnly = schemas();
  const findings = templateFiles().flatMap((name) => {
    const before = join(source, 'templates', name);
    if (!existsSync(before)) return [];
    const text = readFileSync(before, 'utf8');
    return compare(name, parseTemplate(text), readTemplate(name), createOnly, scenarios[name]);
  });
  expect(findings.filter(({ level }) => level === 'never')).toEqual([]);
});

test('no custom resource of the provider has another property than in the baseline, so none is sent a request', () => {
  const name = 'provider.yaml';
  const custom = (template: Template) =>
    Object.fromEntries(
      Object.entries(resolve(template, scenarios[name]?.base ?? {}, {}).Resources)
        .filter(([, { Type }]) => Type.startsWith('Custom::'))
        .map(([id, { Type, Properties }]) => [id, { Type, Properties }]),
    );
  const before = custom(parseTemplate(readFileSync(join(source, 'templates', name), 'utf8')));
  expect(Object.keys(before)).not.toEqual([]);
  expect(custom(readTemplate(name))).toEqual(before);
});
