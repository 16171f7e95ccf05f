/**
 * `make demo` shows the first day of a platform team. AWS is MiniStack and Genesys Cloud is
 * local/genesys-cloud/; the zip, the templates and the AWS CLI are the real ones, and nothing between them is
 * mocked.
 * KEEP=1 leaves everything running.
 */
import { join } from 'node:path';
import { type Deployment, outputs } from '../../local/aws/cli.ts';
import type { GenesysCloudServer } from '../../local/genesys-cloud/index.ts';
import {
  type LocalWorld,
  type Prepared,
  providerParameters,
  root,
  startLocalWorld,
} from '../../local/world.ts';
import { packageAll } from '../build/package.ts';
import { errands } from './kept.ts';
import { deleteShown, deployShown, note, step } from './steps.ts';

const keep = process.env['KEEP'] === '1';
const template = (name: string) => join('templates', `${name}.yaml`);
const PROVIDER = 'genesys-cloud-provider';
const KEY = 'recording-key';
const QUICKSTART = 'quickstart';

/** Runs the demo; resolves when it has ended. KEEP=1 keeps it running until Ctrl-C. */
export async function run(): Promise<void> {
  process.chdir(root);
  const started = performance.now();
  const world = await step('A local AWS (MiniStack) and a local Genesys Cloud', async () => {
    const local = await startLocalWorld({ genesys: { delays: { activationMs: 500, roleVisibleMs: 1_000 } } });
    note(`AWS            ${local.ministack.url}`);
    note(`Genesys Cloud  ${local.genesys.url}  organization ${local.genesys.organizationId}`);
    return local;
  });
  let ended = false;
  const stop = async () => {
    if (ended) return;
    ended = true;
    await world.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)));

  try {
    const quickstart = await show(world);
    console.log();
    console.log(`The demo took ${((performance.now() - started) / 1000).toFixed(0)} s.`);
    if (keep) await keepRunning(world, quickstart);
  } finally {
    await stop();
  }
}

/** Goes through all steps; returns the quickstart as it was deployed last. */
async function show(world: LocalWorld): Promise<Deployment> {
  const { ministack, genesys } = world;
  await step('The provider is packaged', packageAll);
  const prepared = await step(
    'What an administrator prepares once: a bucket with the zip, a secret with the OAuth client',
    async () => {
      const result = await world.prepare();
      note(`s3://${result.bucket}/${result.key}`);
      note(result.secretArn);
      return result;
    },
  );

  await step('The provider: one function behind a ServiceToken, for every stack of the account', () =>
    deployShown(ministack, {
      stackName: PROVIDER,
      templateFile: template('provider'),
      parameters: providerParameters(genesys, prepared),
      s3Bucket: prepared.bucket,
    }),
  );
  await step('A KMS key that Genesys Cloud may use for this organization', () =>
    deployShown(ministack, {
      stackName: KEY,
      templateFile: template('kms/recording-key'),
      parameters: keyParameters(genesys),
      s3Bucket: prepared.bucket,
    }),
  );
  const { KeyAliasArn = '' } = await outputs(ministack, KEY);
  const quickstart = {
    GenesysOrganizationId: genesys.organizationId,
    RecordingKeyAliasArn: KeyAliasArn,
  };

  await step('The first stack: role, function, integration, data action, recording key', () =>
    deployQuickstart(ministack, quickstart, prepared),
  );
  const created = await outputs(ministack, QUICKSTART);
  showValues('stack outputs', created);
  await step('What Genesys Cloud has now', async () => {
    showOrganization(genesys);
    expect(
      organizationOf(genesys).actions.some(({ id }) => id === created['DataActionId']),
      'the data action of the outputs exists',
    );
  });
  await step('Genesys Cloud runs the data action: it assumes the role and invokes the function', async () => {
    const result = await testAction(genesys, created['DataActionId'] ?? '', { customerId: '1001' });
    note(`{"customerId":"1001"} → ${JSON.stringify(result.finalResult)}`);
    expect(
      (result.finalResult as { name?: string } | undefined)?.name === 'Ada',
      'the answer is what the function computed',
    );
  });

  const changed = { ...quickstart, ActionCategory: 'Customers' };
  await step('An update in place: another category', () => deployQuickstart(ministack, changed, prepared));
  const updated = await outputs(ministack, QUICKSTART);
  expect(updated['DataActionId'] === created['DataActionId'], 'the data action kept its id');

  await step('A failing update: a key that does not exist. Everything goes back to what it was', async () => {
    const parameters = {
      ...quickstart,
      ActionCategory: 'Elsewhere',
      RecordingKeyAliasArn: KeyAliasArn.replace(/alias\/.*/, 'alias/no-such-key'),
    };
    const failed = await deployQuickstart(ministack, parameters, prepared).then(
      () => false,
      () => true,
    );
    expect(failed, 'the CLI ended with an error');
    const action = organizationOf(genesys).actions.find(({ id }) => id === created['DataActionId']);
    expect(action?.published?.category === 'Customers', 'the data action has its category of before');
    expect(
      organizationOf(genesys).keyConfigurations.some(({ url }) => url === KeyAliasArn),
      'recordings are under the key of before',
    );
    note('rolled back: same data action, same category, same key');
  });

  const last = quickstartDeployment(changed, prepared);
  if (keep) return last;
  await step('The stacks are deleted', async () => {
    for (const stackName of [QUICKSTART, KEY, PROVIDER]) await deleteShown(ministack, stackName);
  });
  await step('What is left', async () => {
    const { integrations, actions, credentials } = organizationOf(genesys);
    expect(
      integrations.length + actions.length + credentials.length === 0,
      'no integration, action or credential is left',
    );
    note('In Genesys Cloud (no API deletes these):');
    showOrganization(genesys);
    note('In AWS, retained because it holds data:');
    note('  the ledger (DynamoDB table genesys-cloud-ledger) and the secret that seals what it keeps');
    note('  the KMS key of the recordings and its alias');
    note('  and the bucket and the OAuth secret, which the administrator made');
  });
  return last;
}

function quickstartDeployment(parameters: Record<string, string>, { bucket }: Prepared): Deployment {
  return {
    stackName: QUICKSTART,
    templateFile: template('examples/quickstart'),
    parameters,
    s3Bucket: bucket,
  };
}

function deployQuickstart(
  ministack: LocalWorld['ministack'],
  parameters: Record<string, string>,
  prepared: Prepared,
): Promise<void> {
  return deployShown(ministack, quickstartDeployment(parameters, prepared));
}

/** The template's own custom resource stays off, because the quickstart links the key. */
function keyParameters(genesys: GenesysCloudServer): Record<string, string> {
  return {
    GenesysOrganizationIds: genesys.organizationId,
    KeyAdministratorArns: 'arn:aws:iam::000000000000:role/KeyAdministrators',
  };
}

function organizationOf(genesys: GenesysCloudServer) {
  const found = genesys.state().organizations.find(({ id }) => id === genesys.organizationId);
  if (found === undefined) throw new Error('the organization is gone');
  return found;
}

function showOrganization(server: GenesysCloudServer): void {
  const { integrations, actions, keyConfigurations, recordingKeys } = organizationOf(server);
  for (const { id, config, intendedState } of integrations)
    note(`integration         ${id}  "${config.name}" ${intendedState}`);
  for (const { id, published } of actions)
    note(`data action         ${id}  "${published?.name}" in ${published?.category}`);
  for (const { id, keyConfigurationType, url } of keyConfigurations) {
    note(
      `key configuration   ${id}  ${keyConfigurationType}${keyConfigurationType === 'KmsSymmetric' ? ` ${url}` : ''}`,
    );
  }
  note(`recording keys      ${recordingKeys.length}`);
  note(`(${server.url}/_control/state)`);
}

/** Sends `POST …/test`, as the Genesys Cloud UI does. */
async function testAction(
  genesys: GenesysCloudServer,
  id: string,
  input: object,
): Promise<{ finalResult?: unknown; success?: boolean }> {
  const login = await fetch(`${genesys.url}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${genesys.clientId}:${genesys.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const response = await fetch(`${genesys.url}/api/v2/integrations/actions/${id}/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return (await response.json()) as { finalResult?: unknown; success?: boolean };
}

function showValues(title: string, values: Record<string, string>): void {
  note(`${title}:`);
  for (const [name, value] of Object.entries(values)) note(`  ${name.padEnd(28)} ${value}`);
}

function expect(truth: boolean, what: string): void {
  if (!truth) throw new Error(`The demo did not show what it should: ${what}.`);
}

/** Prints ready commands for a second shell, and waits until the demo is ended. */
async function keepRunning(world: LocalWorld, deployment: Deployment): Promise<void> {
  console.log('\nEverything keeps running until Ctrl-C. These commands work meanwhile:');
  for (const { title, commands } of errands(world, deployment)) {
    console.log();
    note(`# ${title}`);
    for (const line of commands) note(line);
  }
  await new Promise(() => {});
}

if (import.meta.main) await run();
