/**
 * The real CLI deploys every template on the local AWS, with the outputs of earlier templates as parameters,
 * and deletes all of them again. Only resources that MiniStack does not know are left out
 * (test/templates/not-emulated.ts).
 */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type AwsCliError, aws, deploy, type Stack, stackEvents } from '../../local/aws/cli.ts';
import { loopbackCertificate } from '../../local/cloudformation/certificate.ts';
import { type LocalWorld, oauthSecret, root, startLocalWorld } from '../../local/world.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { readTemplate, type Template, templateFiles } from '../../scripts/build/templates/template.ts';
import { notEmulated, without } from '../templates/not-emulated.ts';
import { type Listener, nobody, tls } from '../unit/connectivity/listeners.ts';
import { bucket, bucketTemplate, type Deployment, deployments, lambda, type Outputs } from './deployments.ts';

jest.setTimeout(300_000);

const definition = {
  name: 'Look up',
  category: 'From files',
  contract: {
    input: { inputSchema: { type: 'object', properties: {} } },
    output: { successSchema: { type: 'object', properties: {} } },
  },
  config: { request: { requestUrlTemplate: lambda, requestType: 'POST' } },
};

/** MiniStack knows no resource of these, so nothing of them would be deployed. */
const nothingLeft = ['stacksets/provider.yaml'];

interface Outcome {
  stackId: string;
  outputs: Outputs;
  status: string;
  /** Resources of the template under these parameters that were left out. */
  left: string[];
  /** `yes`, or the reason why not. */
  removed?: string;
}

const certificate = loopbackCertificate(Date.now(), 90);
const outcomes = new Map<string, Outcome>();
let world: LocalWorld;
let folder: string;
let listener: Listener;
let definitionVersion = '';
let secretArn = '';
let invoked: unknown;
let recordingKeyCheck: unknown;
let driftCheck: unknown;
let driftEvents: string[] = [];
let dashboardBody = '';
let failedCheck: string;

const rows = () =>
  deployments({
    organizationId: world.genesys.organizationId,
    genesysUrl: world.genesys.url,
    awsUrl: world.ministack.url,
    listenerPort: listener.port,
    secretArn,
    definitionVersion,
  });

const stackName = (file: string) => file.replace(/\.yaml$/, '').replaceAll('/', '-');

function outputsOf(file: string): Outputs {
  const outcome = outcomes.get(file);
  if (outcome === undefined) throw new Error(`${file} is not deployed yet`);
  return outcome.outputs;
}

/**
 * The template itself, or a copy without the resources that MiniStack does not know and that no condition
 * leaves out.
 */
async function deployable({ file, gone = [] }: Deployment, parameters: Outputs) {
  const template = readTemplate(file);
  const resolved = resolve(template, parameters, {
    imports: { 'genesys-cloud-ServiceToken': lambda, 'private-ServiceToken': lambda },
  });
  const missing = Object.entries(resolved.Resources).filter(([, { Type }]) => Type in notEmulated);
  if (missing.length + gone.length === 0) return { templateFile: join(root, 'templates', file), left: [] };
  const rest = withoutNotEmulated(template, gone);
  const templateFile = join(folder, `${stackName(file)}.json`);
  await writeFile(templateFile, JSON.stringify(rest));
  return { templateFile, left: Object.keys(resolved.Resources).filter((id) => !(id in rest.Resources)) };
}

function withoutNotEmulated(template: Template, gone: string[] = []): Template {
  const types = Object.entries(template.Resources).filter(([, { Type }]) => Type in notEmulated);
  return without(template, [...types.map(([id]) => id), ...gone]);
}

/** Deploys the templates of a row at once. One call then reads the state of all of them. */
async function make(row: Deployment[]): Promise<void> {
  const made = await Promise.all(
    row.map(async (deployment) => [deployment.file, await begin(deployment)] as const),
  );
  const { Stacks } = await aws<{ Stacks: Stack[] }>(world.ministack, ['cloudformation', 'describe-stacks']);
  for (const [file, outcome] of made) {
    const stack = Stacks.find(({ StackName }) => StackName === stackName(file));
    outcome.stackId = stack?.StackId ?? '';
    outcome.status ||= stack?.StackStatus ?? 'no stack';
    for (const { OutputKey, OutputValue } of stack?.Outputs ?? []) outcome.outputs[OutputKey] = OutputValue;
    outcomes.set(file, outcome);
  }
}

/** Deploys one template. A failure becomes the status of the outcome. */
async function begin(deployment: Deployment): Promise<Outcome> {
  const outcome: Outcome = { stackId: '', outputs: {}, status: '', left: [] };
  const name = stackName(deployment.file);
  try {
    const parameters = deployment.parameters(outputsOf);
    const { templateFile, left } = await deployable(deployment, parameters);
    outcome.left = left.sort();
    const s3Bucket = outcomes.has(bucketTemplate) ? { s3Bucket: bucket } : {};
    const capabilities = ['CAPABILITY_IAM'] as const;
    await deploy(world.ministack, { stackName: name, templateFile, parameters, capabilities, ...s3Bucket });
  } catch (error) {
    const events = await stackEvents(world.ministack, name).catch(() => []);
    const reasons = events.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '');
    outcome.status = [String(error), ...reasons].join('\n');
  }
  return outcome;
}

async function remove({ file }: Deployment): Promise<void> {
  const outcome = outcomes.get(file);
  if (outcome?.status !== 'CREATE_COMPLETE') return;
  const stack = ['--stack-name', outcome.stackId];
  try {
    await aws(world.ministack, ['cloudformation', 'delete-stack', ...stack]);
    await aws(world.ministack, ['cloudformation', 'wait', 'stack-delete-complete', ...stack]);
    outcome.removed = 'yes';
  } catch (error) {
    outcome.removed = String(error);
  }
}

/** Fills bucket and secret, as an administrator does before the third row. */
async function fillBucketAndSecret(): Promise<void> {
  const s3 = (from: string, to: string) =>
    aws(world.ministack, ['s3', 'cp', '--only-show-errors', from, `s3://${bucket}/${to}`]);
  const definitionFile = join(folder, 'definition.json');
  await writeFile(definitionFile, JSON.stringify(definition));
  const templates = join(folder, 'templates');
  const nested = templateFiles().map((file) => {
    const template = withoutNotEmulated(readTemplate(file));
    // As a nested stack it would connect to the hosts of Genesys Cloud itself. No test calls those.
    return [
      file,
      file === 'network/connectivity-check.yaml' ? without(template, ['Check']) : template,
    ] as const;
  });
  for (const [file, template] of nested) {
    await mkdir(join(templates, file, '..'), { recursive: true });
    await writeFile(join(templates, file), JSON.stringify(template));
  }
  await Promise.all([
    s3(join(root, 'dist/provider.zip'), 'provider.zip'),
    s3(join(root, 'dist/endpoint.zip'), 'endpoint.zip'),
    s3(join(root, 'dist/operations.zip'), 'operations.zip'),
    aws(world.ministack, [
      's3',
      'cp',
      '--recursive',
      '--only-show-errors',
      templates,
      `s3://${bucket}/templates`,
    ]),
    aws<{ VersionId: string }>(world.ministack, [
      's3api',
      'put-object',
      '--bucket',
      bucket,
      '--key',
      'definitions/look-up.json',
      '--body',
      definitionFile,
    ]).then(({ VersionId }) => {
      definitionVersion = VersionId;
    }),
    aws<{ ARN: string }>(world.ministack, [
      'secretsmanager',
      'put-secret-value',
      '--secret-id',
      '/genesys/oauth/credentials',
      '--secret-string',
      oauthSecret(world.genesys),
    ]).then(({ ARN }) => {
      secretArn = ARN;
    }),
  ]);
}

/** The result of a function for a person who invokes it with nothing. */
async function invokeByHand(functionName: string): Promise<unknown> {
  const out = join(folder, `${functionName}.json`);
  await aws(world.ministack, ['lambda', 'invoke', '--function-name', functionName, '--payload', 'e30=', out]);
  return JSON.parse(readFileSync(out, 'utf8'));
}

/**
 * A queue that a rule fills with the events of drift, as a user would make it. The CLI takes SQS's address
 * from an option only.
 */
async function queueOfDriftEvents(): Promise<string> {
  const QueueName = 'drift';
  const { QueueUrl } = await aws<{ QueueUrl: string }>(world.ministack, [
    ...['sqs', '--endpoint-url', world.ministack.url, 'create-queue', '--queue-name', QueueName],
  ]);
  const pattern = JSON.stringify({ source: ['genesys-cloud-cfn'] });
  await aws(world.ministack, ['events', 'put-rule', '--name', QueueName, '--event-pattern', pattern]);
  const { Attributes } = await aws<{ Attributes: { QueueArn: string } }>(world.ministack, [
    ...['sqs', '--endpoint-url', world.ministack.url, 'get-queue-attributes'],
    ...['--queue-url', QueueUrl, '--attribute-names', 'QueueArn'],
  ]);
  const target = `Id=queue,Arn=${Attributes.QueueArn}`;
  await aws(world.ministack, ['events', 'put-targets', '--rule', QueueName, '--targets', target]);
  return QueueUrl;
}

async function bodiesIn(queueUrl: string): Promise<string[]> {
  const { Messages = [] } = await aws<{ Messages?: { Body: string }[] }>(world.ministack, [
    ...['sqs', '--endpoint-url', world.ministack.url, 'receive-message', '--queue-url', queueUrl],
    ...['--max-number-of-messages', '10', '--wait-time-seconds', '10'],
  ]);
  return Messages.map(({ Body }) => Body);
}

async function lookAtOperations(): Promise<void> {
  const names = outputsOf('operations.yaml');
  const { RecordingKeyCheckName = '', DriftCheckName = '', DashboardName = '' } = names;
  recordingKeyCheck = await invokeByHand(RecordingKeyCheckName);
  const queueUrl = await queueOfDriftEvents();
  driftCheck = await invokeByHand(DriftCheckName);
  driftEvents = await bodiesIn(queueUrl);
  const dashboard = ['cloudwatch', 'get-dashboard', '--dashboard-name', DashboardName];
  ({ DashboardBody: dashboardBody } = await aws<{ DashboardBody: string }>(world.ministack, dashboard));
}

/** The check by hand; and by a stack that it fails. */
async function checkByHandAndInVain(): Promise<void> {
  const file = 'network/connectivity-check.yaml';
  invoked = await invokeByHand(outputsOf(file)['FunctionName'] ?? '');
  const deployment = rows()
    .flat()
    .find((each) => each.file === file);
  if (deployment === undefined) throw new Error('unreachable');
  const parameters = { ...deployment.parameters(outputsOf), Hosts: `127.0.0.1:${await nobody()}` };
  const failing = { stackName: 'no-way', templateFile: join(root, 'templates', file), parameters };
  failedCheck = await deploy(world.ministack, failing).then(
    () => 'deployed',
    async (_error: AwsCliError) =>
      (await stackEvents(world.ministack, 'no-way'))
        .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
        .map(({ ResourceStatusReason }) => ResourceStatusReason)
        .join('\n'),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'templates-e2e-'));
  await writeFile(join(folder, 'ca.pem'), certificate.cert);
  listener = await tls({ ...certificate });
  world = await startLocalWorld({
    ministack: { lambdaEnv: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } },
  });
  for (const [i] of rows().entries()) {
    // The parameters are built anew for each row, from the outputs so far.
    await make(rows()[i] ?? []);
    if (i === 1) await fillBucketAndSecret();
  }
  await checkByHandAndInVain();
  await lookAtOperations();
  for (const row of rows().reverse()) await Promise.all(row.map(remove));
});

afterAll(async () => {
  await world?.stop();
  await listener?.close();
  await rm(folder, { recursive: true, force: true });
});

test('every template has its place in the order', () => {
  const placed = rows()
    .flat()
    .map(({ file }) => file);
  expect([...placed, ...nothingLeft].sort()).toEqual(templateFiles());
});

test.each(templateFiles().filter((file) => !nothingLeft.includes(file)))(
  '%s is deployed, puts out what it says, and goes again',
  (file) => {
    const outcome = outcomes.get(file);
    expect(outcome).toMatchObject({ status: 'CREATE_COMPLETE', removed: 'yes' });
    expect(outcome?.outputs).toHaveProperty('TemplateVersion');
    expect(Object.entries(outcome?.outputs ?? {}).filter(([, value]) => value === '')).toEqual([]);
  },
);

test('nothing was left out but what MiniStack does not know, and what refers to it', () => {
  const left = [...outcomes].filter(([, outcome]) => outcome.left.length > 0);
  expect(Object.fromEntries(left.map(([file, outcome]) => [file, outcome.left]))).toEqual({
    'examples/private-endpoint.yaml': ['BalancerIngress', 'EndpointService'],
    'network/endpoint-service.yaml': ['EndpointService', 'Principals'],
    'network/genesys-endpoint.yaml': ['IngressFromCallers'],
    'network/vpc.yaml': [
      ...['A', 'B'].flatMap((zone) => [`Address${zone}`, `Nat${zone}`, `PrivateRoute${zone}`]),
      ...['A', 'B'].flatMap((zone) => [`Nat${zone}DropsAlarm`, `Nat${zone}PortErrorsAlarm`]),
      'FlowLog',
    ].sort(),
    'validate-hook.yaml': ['Hook'],
    'oauth-rotation.yaml': ['OwnSecretPolicy'],
  });
});

test('the check of the recording key asks Genesys Cloud about the key that a stack linked', () => {
  expect(recordingKeyCheck).toEqual({ checked: 1 });
});

test('the check for drift looks at everything that the provider made, and a rule passes its events on', () => {
  expect(driftCheck).toMatchObject({ objects: expect.any(Number), notCompared: 0 });
  expect((driftCheck as { objects: number }).objects).toBeGreaterThan(0);
  expect(driftEvents.map((body) => JSON.parse(body))).toContainEqual(
    expect.objectContaining({
      source: 'genesys-cloud-cfn',
      'detail-type': 'Genesys Cloud Drift Check Completed',
      detail: expect.objectContaining(driftCheck as object),
    }),
  );
});

test('the dashboard names the function, the queue and the ledger that the provider made', () => {
  const { FunctionName = '', FailureQueueUrl = '', LedgerTableArn = '' } = outputsOf('provider.yaml');
  const queue = FailureQueueUrl.slice(FailureQueueUrl.lastIndexOf('/') + 1);
  for (const name of [FunctionName, queue, LedgerTableArn.split('/')[1]])
    expect(dashboardBody).toContain(`"${name}"`);
});

describe('the connectivity check', () => {
  test('that the stack ran found a way that works, by a real listener', () => {
    expect(outcomes.get('network/connectivity-check.yaml')?.outputs).toMatchObject({
      Ok: 'true',
      Summary: `Reached 127.0.0.1:${listener.port} by 127.0.0.1 with TLSv1.3.`,
    });
  });

  test('by hand answers with its report', () => {
    expect(invoked).toMatchObject({
      ok: true,
      failures: 0,
      hosts: [
        {
          host: { name: '127.0.0.1', port: listener.port },
          connections: [
            { address: '127.0.0.1', tls: { version: 'TLSv1.3' }, certificate: { validForName: true } },
          ],
        },
      ],
    });
  });

  test('fails a stack with the finding and what to do', () => {
    expect(failedCheck).toMatch(
      /Connectivity check failed: 127\.0\.0\.1:\d+ \(127\.0\.0\.1\): the connection was refused\. The way is open/,
    );
  });
});

test('MiniStack refuses each type of the list of what it does not know', async () => {
  const types = Object.keys(notEmulated);
  const body = { Resources: Object.fromEntries(types.map((Type, i) => [`R${i}`, { Type }])) };
  const refused = await aws(world.ministack, [
    'cloudformation',
    'create-stack',
    '--stack-name',
    'unknown-types',
    '--template-body',
    JSON.stringify(body),
  ]).catch((error: AwsCliError) => error.message);
  const [, named = ''] = /Unrecognized resource types: \[([^\]]*)\]/.exec(String(refused)) ?? [];
  expect(named.split(/, */).sort()).toEqual(types);
});
