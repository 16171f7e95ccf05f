/** The documented way to the failures of a stack's last operation leaves out those of earlier ones. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { cloudFormation, create, update } from '../../local/aws/stacks.ts';
import { type Probe, probeTemplate, startProbe } from '../local/aws/probe.ts';
import { codeBlocks, readPage, section } from './markdown.ts';

const run = promisify(execFile);
const STACK = 'quickstart';

let world: MiniStack;
let probe: Probe;

beforeAll(async () => {
  world = await startMiniStack();
  probe = await startProbe();
});

afterAll(async () => {
  await probe.stop();
  await world.stop();
});

test('two updates fail, and the commands show the time and the reason of the second one only', async () => {
  const client = cloudFormation(world);
  const { outputs } = await create(client, 'probe', probeTemplate);
  const template = (text: string) => ({
    Resources: {
      Thing: {
        Type: 'Custom::Thing',
        Properties: { ServiceToken: outputs['ProbeToken'], Probe: probe.url, Text: text },
      },
    },
  });
  await create(client, STACK, template('first'));
  probe.behave(STACK, ({ ResourceProperties, PhysicalResourceId = '' }) => {
    const text = String(ResourceProperties['Text']);
    return text === 'first'
      ? { Status: 'SUCCESS', PhysicalResourceId }
      : { Status: 'FAILED', PhysicalResourceId, Reason: `refused: ${text}` };
  });
  for (const text of ['second', 'third']) {
    expect(await update(client, STACK, template(text))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  }

  const page = await readPage('docs/troubleshooting.md');
  const [commands = ''] = codeBlocks(section(page, '## Where the messages are'), 'sh');
  const script = commands.replaceAll('<stack>', STACK);
  const { stdout } = await run('/bin/bash', ['--norc', '-e', '-c', script], { env: world.env });
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+\tThing\t.*refused: third/m);
  expect(stdout).not.toContain('refused: second');
  client.destroy();
});
