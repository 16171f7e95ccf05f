/** The commands of docs/export.md: from clicks to a stack, by the real `aws` CLI and the built command. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { aws, deploy } from '../../local/aws/cli.ts';
import { root } from '../../local/world.ts';
import { bundleCli, bundleRemote } from '../../scripts/build/package.ts';
import { type HandMade, madeByHand } from '../cli/export/organization.ts';
import { filesOf } from '../cli/export/running.ts';
import { section } from '../docs/markdown.ts';
import { ProviderWorld } from './provider-world.ts';

jest.setTimeout(300_000);

const BUCKET = 'acme-definitions';

let there: ProviderWorld;
let folder: string;
let made: HandMade;
beforeAll(async () => {
  there = await ProviderWorld.start();
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  made = madeByHand(there);
  await aws(there.ministack, ['s3', 'mb', `s3://${BUCKET}`]);
  await there.world.deployProvider(there.prepared, {
    DefinitionObjectArns: `arn:aws:s3:::${BUCKET}/genesys-cloud/definitions/*`,
  });
  await Promise.all([bundleCli(join(folder, 'cli.mjs')), bundleRemote(join(folder, 'remote.mjs'))]);
});
afterAll(async () => {
  await there?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  code: unknown;
  out: string;
  problems: string;
}

/** A program outside of the checkout, with a person's environment. */
const program = (file: string, ...args: string[]) =>
  new Promise<Ended>((done) => {
    const { env } = there.ministack;
    execFile(file, args, { env, cwd: folder }, (error, out, problems) =>
      done({ code: error === null ? 0 : error.code, out, problems }),
    );
  });

/** The built command. */
const command = (...args: string[]) => program(process.execPath, join(folder, 'cli.mjs'), ...args);

const content = () => {
  const { integrations, actions, credentials } = there.organization();
  return structuredClone({ integrations, actions, credentials });
};

const writes = () =>
  there.genesys.calls().filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token');

async function resourcesOf(stack: string): Promise<string[]> {
  const { StackResourceSummaries: all } = await aws<{
    StackResourceSummaries: { PhysicalResourceId: string }[];
  }>(there.ministack, ['cloudformation', 'list-stack-resources', '--stack-name', stack]);
  return all.map(({ PhysicalResourceId: id }) => id).sort();
}

test('the commands of the worked example, in one shell: nothing changes', async () => {
  const page = await readFile(join(root, 'docs/export.md'), 'utf8');
  const blocks = [...section(page, '## A worked example').matchAll(/```sh\n([\s\S]+?)```/g)];
  expect(blocks).toHaveLength(4);
  const npx = `npx() { shift; '${process.execPath}' '${join(folder, 'cli.mjs')}' "$@"; }\n`;
  const before = content();
  there.genesys.resetCalls();
  const script = npx + blocks.map(([, text]) => text).join('\n');
  const { code, out, problems } = await program('/bin/bash', '--norc', '-e', '-c', script);
  expect({ code, problems }).toEqual({ code: 0, problems: '' });
  expect(out).toContain('nothing differs');
  expect(writes()).toEqual([]);
  expect(content()).toEqual(before);
  const own = made.actions.filter((_, index) => index % 5 === 2);
  expect(await resourcesOf('orders')).toEqual([made.basic, ...own].sort());
});

test('everything else: exported, deployed, unchanged, no drift, the same bytes', async () => {
  const { ministack } = there;
  const output = join(folder, 'clicks');
  expect(await command('export', '--all', '--output', output)).toMatchObject({ code: 0, problems: '' });
  const before = content();
  there.genesys.resetCalls();
  await aws(ministack, [
    ...['s3', 'cp', '--recursive', '--only-show-errors', join(output, 'definitions')],
    `s3://${BUCKET}/genesys-cloud/definitions/`,
  ]);
  await deploy(ministack, {
    stackName: 'clicks',
    templateFile: join(output, 'template.yaml'),
    parameters: { DefinitionsBucket: BUCKET },
  });
  expect(writes()).toEqual([]);
  expect(content()).toEqual(before);
  const all = [...(await resourcesOf('orders')), ...(await resourcesOf('clicks'))];
  expect(all.sort()).toEqual([...made.integrations, ...made.actions].sort());
  expect(await command('drift')).toMatchObject({ code: 0, problems: '' });
  const again = await command('export', '--stack', 'clicks', '--output', join(folder, 'again'));
  expect(again).toMatchObject({ code: 0, problems: '' });
  expect(await filesOf(join(folder, 'again'))).toEqual(await filesOf(output));
});
