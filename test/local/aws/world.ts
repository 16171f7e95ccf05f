import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type MiniStack, startMiniStack } from '../../../local/aws/ministack.ts';
import { cloudFormation, create } from '../../../local/aws/stacks.ts';
import { type Probe, type ProbeEvent, probeTemplate, startProbe } from './probe.ts';

/** The patched server of a test file, with the stack `probe`, which exports the token of the probe. */
export let server: MiniStack;
export let client: CloudFormationClient;
export let probe: Probe;
/** For files of a test. */
export let folder: string;
let count = 0;

/** For `beforeAll`. */
export async function startWorld(): Promise<void> {
  [probe, server, folder] = await Promise.all([
    startProbe(),
    startMiniStack(),
    mkdtemp(join(tmpdir(), 'world-test-')),
  ]);
  client = cloudFormation(server);
  await create(client, 'probe', probeTemplate);
}

/** For `afterAll`. */
export async function stopWorld(): Promise<void> {
  await Promise.all([server?.stop(), probe?.stop(), rm(folder, { recursive: true, force: true })]);
}

/** A new name. */
export const stackName = () => {
  count += 1;
  return `w${count}`;
};

/** A `Custom::Probe` of a stack that imports the token. */
export const thing = (properties: object = {}, attributes: object = {}) => ({
  Type: 'Custom::Probe',
  Properties: {
    ServiceToken: { 'Fn::ImportValue': 'ProbeToken' },
    ServiceTimeout: 20,
    Probe: probe.url,
    ...properties,
  },
  ...attributes,
});

export const parameter = (Value: unknown, attributes: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value },
  ...attributes,
});

/** `<request type> <physical id>`; for a Create `<request type> <logical id>`. */
export const said = (event: ProbeEvent) =>
  `${event.RequestType} ${event.PhysicalResourceId ?? event.LogicalResourceId}`;

/** A file with the template. */
export async function templateFile(template: object): Promise<string> {
  count += 1;
  const file = join(folder, `template-${count}.json`);
  await writeFile(file, JSON.stringify(template));
  return file;
}

/** The name and message of the error, or `accepted`. */
export const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => `${error.name}: ${error.message}`,
  );
