/**
 * Deploying: what a first, a repeated and a failed deployment leave, by stacks, by a stack set, and for the
 * stacks of other teams.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aws, deleteStack, deploy, describeStack, outputs, stackEvents } from '../../../local/aws/cli.ts';
import { startStackSets } from '../../rollout/stack-sets-server.ts';
import {
  account,
  bucketPrefix,
  functionArn,
  home,
  oldVersion,
  RolloutWorld,
  regions,
  roleArn,
  root,
  rows,
  zipOf,
} from './world.ts';

let world: RolloutWorld;
beforeAll(async () => {
  world = await RolloutWorld.start();
}, 120_000);
afterAll(() => world?.stop());

test('a stack that was made with a bucket’s prefix and an object’s version is taken up', async () => {
  const prefix = 'taken-up';
  const manifest = await world.manifest();
  const { key } = zipOf(manifest);
  await deploy(world.aws, {
    stackName: prefix,
    templateFile: join(root, 'templates/provider.yaml'),
    parameters: {
      CodeS3BucketPrefix: bucketPrefix,
      CodeS3Key: key,
      CodeS3ObjectVersion: manifest.regions[home]?.versionIds['provider.zip'] ?? '',
      GenesysEnvironment: home,
      GenesysApiBaseUrl: world.genesys.url,
      GenesysLoginBaseUrl: world.genesys.url,
      ExportPrefix: prefix,
      OAuthSecretArn: world.secretArns[home] ?? '',
    },
  });
  const taken = await world.deployProviders(prefix, [home]);
  expect(rows(taken, account, home, 'updated')).toHaveLength(1);
  const { Parameters = [] } = await describeStack(world.aws, prefix);
  expect(Object.fromEntries(Parameters.map((one) => [one.ParameterKey, one.ParameterValue]))).toMatchObject({
    CodeS3Bucket: `${bucketPrefix}-${home}`,
    CodeS3BucketPrefix: '',
    CodeS3ObjectVersion: '',
  });
});

test('a second deployment of the same version changes nothing', async () => {
  expect(rows(await world.deployProviders('idle', [home]), account, home, 'created')).toHaveLength(1);
  const again = await world.deployProviders('idle', [home]);
  expect(again.code).toBe(0);
  expect(rows(again, account, home, 'unchanged')).toHaveLength(1);
});

describe('a failure', () => {
  test('in the first Region stops the roll-out before the others, and the exit code says so', async () => {
    const prefix = 'stopped';
    const ended = await world.deployProviders(
      prefix,
      regions,
      ...[
        '--parameter',
        `${home}:OAuthSecretArn=arn:aws:secretsmanager:us-east-1:${account}:secret:elsewhere-AbCdEf`,
      ],
    );
    expect(ended.code).toBe(1);
    expect(rows(ended, account, home)[0]).toMatch(/FAILED: .*OAuthSecretArn/);
    for (const region of regions.slice(1)) {
      expect(rows(ended, account, region, 'not started')).toHaveLength(1);
      await expect(describeStack(world.aws, prefix, { region })).rejects.toThrow('does not exist');
    }
    expect(ended.text).toContain(`3 of 3 stacks are not at ${oldVersion}`);
  });

  test('that is tolerated lets the other Regions go on', async () => {
    const prefix = 'tolerant';
    const ended = await world.deployProviders(
      prefix,
      ['us-east-1', 'eu-west-1'],
      ...['--failure-tolerance', '1', '--parameter', 'us-east-1:MemorySize=1'],
    );
    expect(ended.code).toBe(1);
    expect(rows(ended, account, 'us-east-1')[0]).toMatch(/FAILED: .*MemorySize/);
    expect(rows(ended, account, 'eu-west-1', 'created')).toHaveLength(1);
  });

  test('of a version that was never published is one before anything is made', async () => {
    const ended = await world.deployProviders('unpublished', [home], '--version', '0.0.9');
    expect(ended.code).toBe(2);
    expect(ended.text).toContain('publish version 0.0.9 there first');
    await expect(describeStack(world.aws, 'unpublished')).rejects.toThrow('does not exist');
  });
});

describe('a stack set', () => {
  test('is brought out by its command: the published template, the package from the bucket of each Region, a table at the end', async () => {
    const stackSets = await startStackSets();
    try {
      const plan = join(world.folder, 'stack-set.yaml');
      await writeFile(
        plan,
        `
parameters:
  GenesysEnvironment: mypurecloud.com
  OAuthSecretArn: arn:aws:secretsmanager:{region}:111122223333:secret:/genesys/oauth/credentials-AbCdEf
ownLedgers: true
stackSet: { failureToleranceCount: 1 }
`,
      );
      const run = () =>
        world.scriptWith(
          { AWS_ENDPOINT_URL_CLOUDFORMATION: stackSets.url },
          'deploy-stackset',
          ...['--bucket-prefix', bucketPrefix, '--regions', 'us-east-1,eu-west-1', '--plan', plan],
          ...['--accounts', '111122223333,444455556666', '--poll-seconds', '0.01'],
        );
      stackSets.failing.set('444455556666 eu-west-1', 'the secret cannot be read');
      const first = await run();
      expect(first.code).toBe(1);
      expect(rows(first, '111122223333', 'eu-west-1', 'CURRENT', 'SUCCEEDED')).toHaveLength(1);
      expect(rows(first, '444455556666', 'eu-west-1', 'OUTDATED', 'FAILED')[0]).toMatch(
        /the secret cannot be read$/,
      );
      expect(first.text).toContain(`1 of 4 instances are not at ${oldVersion}`);

      stackSets.failing.clear();
      expect(await run()).toMatchObject({ code: 0 });
      const { instances, template } = stackSets.set('genesys-cloud-provider') ?? {};
      expect(template).toBe(await readFile(join(root, 'templates/provider.yaml'), 'utf8'));
      expect(instances?.at(-1)?.applied?.parameters).toMatchObject({
        CodeS3BucketPrefix: bucketPrefix,
        CodeS3Key: expect.stringMatching(/^genesys-cloud-cfn\/objects\/[0-9a-f]{64}\/provider\.zip$/),
        OAuthSecretArn:
          'arn:aws:secretsmanager:eu-west-1:111122223333:secret:/genesys/oauth/credentials-AbCdEf',
      });
    } finally {
      await stackSets.close();
    }
  });
});

describe('the ledger of a roll-out', () => {
  test('is shared: several ledgers on one organization are refused before anything is made, unless told to', async () => {
    const one = [
      '--bucket-prefix',
      bucketPrefix,
      '--regions',
      'us-east-1,eu-west-1',
      '--stack-name',
      'apart',
    ];
    const parameters = [
      ...['--parameter', 'GenesysEnvironment=mypurecloud.com'],
      ...['--parameter', `OAuthSecretArn=${world.secretArns[home]}`],
    ];
    const refused = await world.script('deploy', ...one, ...parameters);
    expect(refused.code).toBe(2);
    expect(refused.text).toMatch(/several ledgers: .*eu-west-1.*ownLedgers: true/s);
    await expect(describeStack(world.aws, 'apart')).rejects.toThrow('does not exist');
    const told = await world.script(
      'deploy',
      ...one,
      ...parameters,
      '--parameter',
      'ExportPrefix=apart',
      '--own-ledgers',
    );
    expect(told).toMatchObject({ code: 0 });
    const { Parameters = [] } = await describeStack(world.aws, 'apart', { region: 'eu-west-1' });
    expect(Parameters).toContainEqual(
      expect.objectContaining({ ParameterKey: 'OtherLedgers', ParameterValue: 'true' }),
    );
  });

  test('is given to every instance of a stack set, once the providers that are there have moved to it', async () => {
    const stackSets = await startStackSets();
    try {
      await deploy(world.aws, {
        stackName: 'set-ledger',
        templateFile: join(root, 'templates/ledger.yaml'),
        parameters: { TableName: 'set-ledger', MemberAccountIds: '111122223333,444455556666' },
      });
      const { LedgerTableArn: tableArn = '' } = await outputs(world.aws, 'set-ledger');
      const plan = join(world.folder, 'set-ledger.yaml');
      const set = (ledger: string) =>
        writeFile(
          plan,
          `
parameters:
  GenesysEnvironment: mypurecloud.com
  OAuthSecretArn: arn:aws:secretsmanager:us-east-1:111122223333:secret:/genesys/oauth/credentials-AbCdEf
${ledger}
`,
        );
      const run = () =>
        world.scriptWith(
          { AWS_ENDPOINT_URL_CLOUDFORMATION: stackSets.url },
          'deploy-stackset',
          ...['--bucket-prefix', bucketPrefix, '--regions', 'us-east-1', '--plan', plan],
          ...['--accounts', '111122223333,444455556666', '--poll-seconds', '0.01'],
        );
      await set('');
      const refused = await run();
      expect(refused).toMatchObject({ code: 2, text: expect.stringContaining('several ledgers') });
      expect(stackSets.set('genesys-cloud-provider')).toBeUndefined();

      await set('ownLedgers: true');
      expect(await run()).toMatchObject({ code: 0 });
      await set(`ledger: { tableArn: '${tableArn}' }`);
      const unmoved = await run();
      expect(unmoved.code).toBe(1);
      expect(unmoved.text).toMatch(/2 of 2 instances have another ledger .*make move-ledger/);
      const applied = () =>
        stackSets
          .set('genesys-cloud-provider')
          ?.instances.map((one) => one.applied?.parameters['LedgerTableArn']);
      expect(applied()).toEqual([undefined, undefined]);

      for (const one of ['111122223333', '444455556666']) {
        const provider = `arn:aws:lambda:us-east-1:${one}:function:genesys-cloud-provider`;
        const item = { pk: { S: `PROVIDER#${provider}` }, body: { S: '{}' }, revision: { N: '1' } };
        await aws(world.aws, [
          'dynamodb',
          'put-item',
          '--table-name',
          'set-ledger',
          '--item',
          JSON.stringify(item),
        ]);
      }
      expect(await run()).toMatchObject({ code: 0 });
      expect(applied()).toEqual([tableArn, tableArn]);
    } finally {
      await stackSets.close();
    }
  });
});

describe('other teams', () => {
  const prefix = 'shared';
  const common = () => ({
    ExportPrefix: prefix,
    RoleArn: roleArn,
    FunctionArn: functionArn,
  });

  beforeAll(async () => {
    await world.deployProviders(prefix, [home]);
  });

  test('put two actions in order by DependsOn', async () => {
    await deploy(world.aws, {
      stackName: 'two-actions',
      templateFile: join(root, 'templates/examples/two-actions.yaml'),
      parameters: { ...common(), IntegrationName: 'Two actions', Enabled: 'false' },
    });
    const done = (await stackEvents(world.aws, 'two-actions'))
      .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE')
      .map(({ LogicalResourceId }) => LogicalResourceId);
    expect(done).toEqual(['Integration', 'LookUpOrder', 'CancelOrder', 'two-actions']);
  });

  test('nest a consumer, whose template comes from where it was published', async () => {
    await world.publish('--bucket-prefix', bucketPrefix, '--regions', home);
    const manifest = await world.manifest();
    const { key } =
      manifest.artifacts.find(({ name }) => name === 'templates/examples/consumer-by-export.yaml') ?? {};
    await deploy(world.aws, {
      stackName: 'nested',
      templateFile: join(root, 'templates/examples/nested-stack.yaml'),
      parameters: { ...common(), TemplateUrl: `${world.aws.url}/${bucketPrefix}-${home}/${key}` },
    });
    expect(await outputs(world.aws, 'nested')).toMatchObject({
      DataActionId: expect.stringMatching(/^custom_-_/),
    });
    await deleteStack(world.aws, 'nested');
    expect(world.integrationNames()).not.toContain('nested orders');
  });
});
