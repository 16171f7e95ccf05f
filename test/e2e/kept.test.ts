/** The commands that `make demo KEEP=1` prints do what their titles say, one after the other in one shell. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type LocalWorld, root, startLocalWorld } from '../../local/world.ts';
import { type Errand, errands } from '../../scripts/demo/kept.ts';

jest.setTimeout(240_000);

let world: LocalWorld;
let home: string;
beforeAll(async () => {
  world = await startLocalWorld();
  home = await mkdtemp(join(tmpdir(), 'kept-'));
});
afterAll(async () => {
  await world?.stop();
  await rm(home, { recursive: true, force: true });
});

/**
 * Runs errands in one shell, as a person would; returns what each printed. @throws Error when a command fails
 */
async function inShell(all: readonly Errand[]): Promise<string[]> {
  const mark = '---- next errand ----';
  const script = all.map(({ commands }) => commands.join('\n')).join(`\necho '${mark}'\n`);
  const child = spawn('/bin/bash', ['--norc', '-e', '-o', 'pipefail', '-c', script], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`exit ${code}\n${printed.stdout}\n${printed.stderr}`);
  return printed.stdout.split(mark);
}

test('prepare, deploy a change, run the action, look, reset', async () => {
  const prepared = await world.prepare();
  await world.deployProvider(prepared);
  const deployment = {
    stackName: 'quickstart',
    templateFile: 'templates/examples/quickstart.yaml',
    parameters: { GenesysOrganizationId: world.genesys.organizationId, ActionCategory: 'Customers' },
    s3Bucket: prepared.bucket,
  };
  const all = errands(world, deployment);
  expect(all.map(({ title }) => title.split(/[: ]/)[0])).toEqual([
    'Prepare',
    'Deploy',
    'Run',
    'Look',
    'Reset',
  ]);
  const [, deployed, ran, seen] = await inShell(all);
  expect(deployed).toContain('Successfully created/updated stack - quickstart');
  expect(JSON.parse(ran ?? '')).toMatchObject({ success: true, finalResult: { found: true, name: 'Ada' } });
  expect(seen).toMatch(/CREATE_COMPLETE +CustomerAction +Custom::GenesysDataAction/);
  expect(seen).toContain('"category":"Sales"');
  const [action] = world.genesys.state().organizations[0]?.actions ?? [];
  expect(action?.published?.category).toBe('Customers');
});
