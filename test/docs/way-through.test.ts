/** The way that README.md and the page about removal print is gone in the local world, command by command. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startMiniStack } from '../../local/aws/ministack.ts';
import { startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { oauthSecret } from '../../local/world.ts';
import { packageAll } from '../../scripts/build/package.ts';
import { run } from './blocks.ts';
import { codeBlocks, readPage, root, section } from './markdown.ts';

/** Some thirty calls of the AWS CLI, on a machine that may be busy. */
jest.setTimeout(240_000);

let account: string;

beforeAll(async () => {
  account = await mkdtemp(join(tmpdir(), 'account-'));
  if (!existsSync(join(root, 'dist/provider.zip'))) await packageAll();
  // npx finds the command of a checkout by its package.json, and builds it by the script `prepare`.
  for (const name of ['templates', 'dist', 'scripts', 'package.json'])
    await symlink(join(root, name), join(account, name));
});
afterAll(() => rm(account, { recursive: true, force: true }));

test('README.md leads from an empty account to a first stack, and the page about removal back', async () => {
  const readme = await readPage('README.md');
  const steps = ['## Write a template, and check it', '## Deploy it'].flatMap((heading) =>
    codeBlocks(section(readme, heading), 'sh'),
  );
  expect(steps).toHaveLength(5);
  const removal = codeBlocks(section(await readPage('docs/operations.md'), '### One provider'), 'sh');
  expect(removal).toHaveLength(2);
  const [remove = '', forget = ''] = removal;

  const world = await startMiniStack({ region: 'eu-west-1' });
  const genesys = await startGenesysCloud({ awsEndpointUrl: world.url, awsRegion: 'eu-west-1' });
  try {
    await writeFile(join(account, 'credentials.json'), oauthSecret(genesys));
    const answers: Record<string, string> = {
      // The local Genesys Cloud is not where the region says.
      '<the ARN of step 2>': `$(cat arn) GenesysApiBaseUrl=${genesys.url} GenesysLoginBaseUrl=${genesys.url}`,
      '<organization id>': genesys.organizationId,
    };
    const fill = (text: string) => text.replaceAll(/<[A-Za-z][^<>\n]*>/g, (what) => answers[what] ?? what);
    const session = (all: readonly string[]) =>
      run(
        '/bin/bash',
        ['--norc', '-e', '-o', 'pipefail', '-c', ['make() { test "$*" = package; }', ...all].join('\n')],
        { cwd: account, env: world.env },
      );
    // The fourth step needs the output of the second.
    const outputs = "aws cloudformation describe-stacks --stack-name quickstart --query 'Stacks[0].Outputs'";
    const up = await session([
      ...steps.map((text) => (text.includes('create-secret') ? `{ ${fill(text)} } > arn` : fill(text))),
      outputs,
    ]);
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toContain('"OutputKey": "DataActionId"');
    const names = () =>
      genesys
        .state()
        .organizations.flatMap(({ integrations }) => integrations.map(({ config }) => config.name));
    expect(names()).toHaveLength(1);

    const down = await session([remove]);
    expect(down).toMatchObject({ code: 0 });
    expect(names()).toEqual([]);
    const ledger = 'aws dynamodb describe-table --table-name genesys-cloud-ledger';
    expect(await session([ledger])).toMatchObject({ code: 0 });
    expect(await session([forget])).toMatchObject({ code: 0 });
    expect((await session([ledger])).stderr).toContain('ResourceNotFoundException');
  } finally {
    await genesys.close();
    await world.stop();
  }
});
