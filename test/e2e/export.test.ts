/** The commands of docs/export.md: from clicks to a stack, by the real `aws` CLI and the built command. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { aws, deploy } from '../../local/aws/cli.ts';
import { bundleCli, bundleRemote } from '../../scripts/build/package.ts';
import { madeByHand } from '../cli/export/organization.ts';
import { filesOf } from '../cli/export/running.ts';
import { ProviderWorld } from './provider-world.ts';

jest.setTimeout(300_000);

let there: ProviderWorld;
let folder: string;
beforeAll(async () => {
  there = await ProviderWorld.start();
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  await Promise.all([bundleCli(join(folder, 'cli.mjs')), bundleRemote(join(folder, 'remote.mjs'))]);
});
afterAll(async () => {
  await there?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The built command as a process of its own, outside of the checkout. */
const command = (...args: string[]) =>
  new Promise<{ code: unknown; out: string; problems: string }>((done) => {
    const { env } = there.ministack;
    execFile(process.execPath, [join(folder, 'cli.mjs'), ...args], { env }, (error, out, problems) =>
      done({ code: error === null ? 0 : error.code, out, problems }),
    );
  });

const content = () => {
  const { integrations, actions, credentials } = there.organization();
  return structuredClone({ integrations, actions, credentials });
};

test('5 integrations and 50 data actions: exported, deployed, unchanged, no drift, the same bytes', async () => {
  const { ministack, prepared, world, genesys } = there;
  const made = madeByHand(there);
  await aws(ministack, ['s3', 'mb', 's3://acme-definitions']);
  await world.deployProvider(prepared, {
    DefinitionObjectArns: 'arn:aws:s3:::acme-definitions/genesys-cloud/definitions/*',
  });
  const output = join(folder, 'clicks');
  const exported = await command('export', '--all', '--output', output);
  expect(exported).toMatchObject({ code: 0, problems: '' });
  const before = content();
  genesys.resetCalls();
  await aws(ministack, [
    ...['s3', 'cp', '--recursive', '--only-show-errors', join(output, 'definitions')],
    's3://acme-definitions/genesys-cloud/definitions/',
  ]);
  await deploy(ministack, {
    stackName: 'clicks',
    templateFile: join(output, 'template.yaml'),
    parameters: { DefinitionsBucket: 'acme-definitions' },
  });
  const changing = genesys.calls().filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token');
  expect(changing).toEqual([]);
  expect(content()).toEqual(before);
  const { StackResourceSummaries: resources } = await aws<{
    StackResourceSummaries: { PhysicalResourceId: string }[];
  }>(ministack, ['cloudformation', 'list-stack-resources', '--stack-name', 'clicks']);
  const ids = resources.map(({ PhysicalResourceId: id }) => id);
  expect(ids.sort()).toEqual([...made.integrations, ...made.actions].sort());
  expect(await command('drift')).toMatchObject({ code: 0, problems: '' });
  const again = await command('export', '--stack', 'clicks', '--output', join(folder, 'again'));
  expect(again).toMatchObject({ code: 0, problems: '' });
  expect(await filesOf(join(folder, 'again'))).toEqual(await filesOf(output));
});
