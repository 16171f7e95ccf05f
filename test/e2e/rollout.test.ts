/**
 * The roll-out as a team does it, by the commands that they type: the packages go to a bucket in each of three Regions,
 * the provider is deployed to each, other teams' stacks use it, it is upgraded beneath them and removed in the end.
 * Every group of stacks has an ExportPrefix of its own, so that the tests do not meet.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { aws, deleteStack, deploy, describeStack, outputs, stackEvents } from '../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { packageAll, zip } from '../../scripts/package.ts';
import { startStackSets } from '../rollout/stack-sets-server.ts';

const root = resolve(import.meta.dirname, '../..');
const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const;
const [home] = regions;
const account = '000000000000';
const roleArn = `arn:aws:iam::${account}:role/genesys-data-actions`;
const bucketPrefix = 'contact-centre-artifacts';
const oldVersion: string = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
const newVersion = '99.0.0';

let world: MiniStack;
let genesys: GenesysCloudServer;
let folder: string;
/** The next release, unpacked. */
let newRelease: string;
const secretArns: Record<string, string> = {};

interface Ended {
  code: number;
  text: string;
}

/** Runs a script as `make` does; resolves to its exit code and what it wrote. */
const script = (name: string, ...args: string[]) => scriptWith({}, name, ...args);

function scriptWith(more: Record<string, string>, name: string, ...args: string[]): Promise<Ended> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join('scripts', `${name}.ts`), ...args],
      { cwd: root, env: { ...world.env, ...more }, timeout: 55_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` }),
    );
  });
}

const publish = (...args: string[]) =>
  script('publish', '--manifest', join(folder, 'manifest.json'), ...args);

/** The lines of the table at the end that begin with these cells. */
const rows = ({ text }: Ended, ...cells: string[]) =>
  text.split('\n').filter((line) => cells.every((cell, column) => line.split(/\s{2,}/)[column] === cell));

/** `--parameter` for the provider beside the local Genesys Cloud. */
const providerParameters = (prefix: string, more: Record<string, string> = {}) =>
  Object.entries({
    GenesysEnvironment: home,
    GenesysApiBaseUrl: genesys.url,
    GenesysLoginBaseUrl: genesys.url,
    ExportPrefix: prefix,
    ...Object.fromEntries(
      Object.entries(secretArns).map(([region, arn]) => [`${region}:OAuthSecretArn`, arn]),
    ),
    ...more,
  }).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]);

const deployProviders = (prefix: string, where: readonly string[], ...more: string[]) =>
  script(
    'deploy',
    '--bucket-prefix',
    bucketPrefix,
    '--regions',
    where.join(','),
    '--stack-name',
    prefix,
    ...providerParameters(prefix),
    ...more,
  );

const consumer = (
  prefix: string,
  region: string,
  stackName: string,
  how: 'export' | 'ssm',
  parameters: Record<string, string> = {},
) =>
  deploy(world, {
    stackName,
    region,
    templateFile: join(root, `templates/examples/consumer-by-${how}.yaml`),
    parameters: {
      ...(how === 'export'
        ? { ExportPrefix: prefix }
        : { ServiceToken: `/${prefix}/provider/service-token` }),
      IntegrationName: `${stackName} ${region}`,
      RoleArn: roleArn,
      FunctionArn: `arn:aws:lambda:${home}:${account}:function:orders`,
      Enabled: 'false',
      ...parameters,
    },
  });

const integrationNames = () =>
  genesys.state().organizations.flatMap(({ integrations }) => integrations.map(({ config }) => config.name));

beforeAll(async () => {
  // `make test` has built it; several tests must not build at once.
  if (!existsSync(join(root, 'dist/provider.zip'))) await packageAll();
  folder = await mkdtemp(join(tmpdir(), 'rollout-test-'));
  newRelease = await makeRelease(newVersion);
  [world, genesys] = await Promise.all([startMiniStack(), startGenesysCloud()]);
  for (const region of regions) {
    const { ARN } = await aws<{ ARN: string }>(
      world,
      [
        'secretsmanager',
        'create-secret',
        '--name',
        '/genesys/oauth/credentials',
        '--secret-string',
        JSON.stringify({ client_id: genesys.clientId, client_secret: genesys.clientSecret }),
      ],
      { region },
    );
    secretArns[region] = ARN;
  }
  const first = await publish(
    '--bucket-prefix',
    bucketPrefix,
    '--regions',
    regions.join(','),
    '--create-buckets',
  );
  if (first.code !== 0) throw new Error(first.text);
  const next = await publish(
    '--bucket-prefix',
    bucketPrefix,
    '--regions',
    regions.join(','),
    '--from',
    newRelease,
  );
  if (next.code !== 0) throw new Error(next.text);
}, 120_000);

afterAll(async () => {
  await Promise.all([world?.stop(), genesys?.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** This checkout as another version: other bytes in the zip, the version in every template. */
async function makeRelease(version: string): Promise<string> {
  const release = join(folder, version);
  await mkdir(join(release, 'dist'), { recursive: true });
  await cp(join(root, 'dist/provider'), join(release, 'provider'), { recursive: true });
  await writeFile(join(release, 'provider/RELEASE'), version);
  await zip(join(release, 'provider'), join(release, 'dist/provider.zip'));
  await cp(join(root, 'templates'), join(release, 'templates'), { recursive: true });
  for (const file of await yamlFiles(release)) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(`Value: ${oldVersion}\n`, `Value: ${version}\n`));
  }
  await writeFile(join(release, 'package.json'), JSON.stringify({ version }));
  return release;
}

async function yamlFiles(release: string): Promise<string[]> {
  const folder = join(release, 'templates');
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name));
}

interface Manifest {
  version: string;
  artifacts: { name: string; key: string; sha256: string; size: number }[];
  regions: Record<string, { bucket: string; versionIds: Record<string, string> }>;
}

const zipOf = ({ artifacts }: Manifest) => {
  const found = artifacts.find(({ name }) => name === 'provider.zip');
  if (found === undefined) throw new Error('no provider.zip in the manifest');
  return found;
};

describe('publish', () => {
  test('a second run finds everything in place, sends nothing and writes the same manifest', async () => {
    const args = ['--bucket-prefix', bucketPrefix, '--regions', regions.join(',')];
    const again = await publish(...args);
    expect(again).toMatchObject({ code: 0 });
    const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    for (const region of regions) {
      const bucket = `${bucketPrefix}-${region}`;
      expect(rows(again, region, bucket, '0', String(manifest.artifacts.length), 'verified')).toHaveLength(1);
      expect(manifest.regions[region]).toMatchObject({ bucket });
      expect(manifest.regions[region]?.versionIds['provider.zip']).toMatch(/./);
    }
    expect(manifest.version).toBe(oldVersion);
    expect(zipOf(manifest).key).toBe(`genesys-cloud-cfn/objects/${zipOf(manifest).sha256}/provider.zip`);
  });

  test('a run after an interruption sends what is missing and nothing else', async () => {
    const prefix = 'interrupted';
    const args = ['--bucket-prefix', prefix, '--regions', home];
    await publish(...args, '--create-buckets');
    const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const place = ['--bucket', `${prefix}-${home}`, '--key', zipOf(manifest).key];
    await aws(world, ['s3api', 'delete-object', ...place]);
    const looked = await publish(...args, '--dry-run');
    expect(looked.text).toContain('provider.zip would upload');
    await expect(aws(world, ['s3api', 'head-object', ...place])).rejects.toThrow('404');
    const resumed = await publish(...args);
    expect(resumed.text.match(/ uploaded$/gm)).toHaveLength(1);
    const others = String(manifest.artifacts.length - 1);
    expect(rows(resumed, home, `${prefix}-${home}`, '1', others, 'verified')).toHaveLength(1);
  });

  test('other bytes under a digest fail the Region, and only that', async () => {
    const prefix = 'exchanged';
    const args = ['--bucket-prefix', prefix, '--regions', 'us-east-1,eu-west-1'];
    await publish(...args, '--create-buckets');
    const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const file = join(folder, 'exchanged.zip');
    await writeFile(file, 'not what was built');
    const { key } = zipOf(manifest);
    await aws(
      world,
      ['s3api', 'put-object', '--bucket', `${prefix}-eu-west-1`, '--key', key, '--body', file],
      {
        region: 'eu-west-1',
      },
    );
    const ended = await publish(...args);
    expect(ended.code).toBe(1);
    expect(ended.text).toMatch(/eu-west-1 .*FAILED: s3:\/\/exchanged-eu-west-1\/.*holds other bytes/);
    expect(rows(ended, 'us-east-1')).toEqual([expect.stringMatching(/verified$/)]);
    expect(ended.text).toContain('1 of 2 Regions failed');
  });

  test('a missing bucket is named with what makes it, a missing argument by its name', async () => {
    const missing = await publish('--bucket-prefix', 'nowhere', '--regions', home);
    expect(missing.code).toBe(1);
    expect(missing.text).toContain(`There is no bucket nowhere-${home}. Make it from templates/stacksets/`);
    const usage = await publish('--bucket-prefix', bucketPrefix);
    expect(usage.code).toBe(2);
    expect(usage.text).toContain('REGIONS (--regions) is missing');
  });
});

describe('definitions of data actions', () => {
  const prefix = 'defined';
  const publishDefinitions = (from: string, ...more: string[]) =>
    publish('--bucket-prefix', bucketPrefix, '--regions', home, '--definitions', from, ...more);

  /** The action's stack from the property that was printed for the file. */
  async function deployAction({ text }: Ended, integrationId: string): Promise<Record<string, string>> {
    const [, bucket = '', key = '', version = ''] =
      /Definition: \{S3: \{Bucket: (\S+), Key: '(.+)', VersionId: '(.+)'\}\}/.exec(text) ?? [];
    await deploy(world, {
      stackName: 'from-file',
      region: home,
      templateFile: join(root, 'templates/examples/definition-in-s3.yaml'),
      parameters: {
        ExportPrefix: prefix,
        IntegrationId: integrationId,
        DefinitionBucket: bucket,
        DefinitionKey: key,
        DefinitionVersionId: version,
      },
    });
    return outputs(world, 'from-file', { region: home });
  }

  test('are published, and the printed property and grant make the data action; a changed file updates it', async () => {
    const definitions = await mkdtemp(join(folder, 'definitions-'));
    const exported = await readFile(join(root, 'test/provider/exported-action.json'), 'utf8');
    await writeFile(join(definitions, 'look-up.json'), exported);
    const published = await publishDefinitions(definitions);
    expect(published).toMatchObject({ code: 0 });
    const grant = /us-east-1 {2}(arn:aws:s3:::\S+)$/m.exec(published.text)?.[1] ?? '';
    await deployProviders(prefix, [home], '--parameter', `DefinitionObjectArns=${grant}`);
    await consumer(prefix, home, 'integration-of-the-file', 'export');
    const { IntegrationId = '' } = await outputs(world, 'integration-of-the-file', { region: home });
    const made = await deployAction(published, IntegrationId);
    expect(made['DataActionName']).toBe('Look up customer');

    await writeFile(
      join(definitions, 'look-up.json'),
      exported.replace('Look up customer', 'Look up caller'),
    );
    const changed = await deployAction(await publishDefinitions(definitions), IntegrationId);
    expect(changed).toEqual({ ...made, DataActionName: 'Look up caller' });
  }, 60_000);

  test('are sent to no Region when one file is no data action, and the file is named', async () => {
    const definitions = await mkdtemp(join(folder, 'definitions-'));
    await writeFile(join(definitions, 'other.json'), '{"version": 1}');
    const ended = await publishDefinitions(definitions, '--regions', 'eu-north-1', '--create-buckets');
    expect(ended.code).toBe(1);
    expect(ended.text).toContain(`${join(definitions, 'other.json')} is no exported data action`);
    await expect(
      aws(world, ['s3api', 'head-bucket', '--bucket', `${bucketPrefix}-eu-north-1`]),
    ).rejects.toThrow('404');
  });
});

describe('a fleet of providers with consumers', () => {
  const prefix = 'fleet';
  const stacks = regions.map((region) => ({ region, stackName: 'orders' }));
  let deployed: Ended;

  beforeAll(async () => {
    deployed = await deployProviders(prefix, regions);
    for (const { region, stackName } of stacks) await consumer(prefix, region, stackName, 'export');
    await consumer(prefix, 'eu-west-1', 'billing', 'ssm');
  }, 120_000);

  test('stands in three Regions, and the table says where each ServiceToken is', async () => {
    expect(deployed).toMatchObject({ code: 0 });
    for (const region of regions) {
      const token = `arn:aws:lambda:${region}:${account}:function:fleet-provider`;
      expect(rows(deployed, account, region, 'created', oldVersion, token)).toHaveLength(1);
      expect(await outputs(world, 'orders', { region })).toMatchObject({
        IntegrationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        LookUpOrderId: expect.stringMatching(/^custom_-_/),
      });
    }
    const names = integrationNames();
    for (const region of regions) expect(names).toContain(`orders ${region}`);
  });

  test('is upgraded and downgraded beneath its consumers: other code, the same ARN, no event to any custom resource', async () => {
    const look = async () =>
      Promise.all(
        stacks.map(async ({ region, stackName }) => {
          const [stack, events, fn] = await Promise.all([
            outputs(world, stackName, { region }),
            stackEvents(world, stackName, { region }),
            aws<{ Configuration: { FunctionArn: string; CodeSha256: string } }>(
              world,
              ['lambda', 'get-function', '--function-name', 'fleet-provider'],
              { region },
            ),
          ]);
          const { FunctionArn, CodeSha256 } = fn.Configuration;
          return { stack, events: events.length, FunctionArn, CodeSha256 };
        }),
      );
    const before = await look();
    genesys.resetCalls();
    const upgraded = await deployProviders(prefix, regions, '--version', newVersion);
    expect(upgraded).toMatchObject({ code: 0 });
    for (const region of regions) {
      expect(rows(upgraded, account, region, 'updated', newVersion)).toHaveLength(1);
      expect(await outputs(world, prefix, { region })).toMatchObject({ TemplateVersion: newVersion });
    }
    const after = await look();
    for (const [index, was] of before.entries()) {
      const { CodeSha256, ...is } = after[index] ?? { CodeSha256: '' };
      expect({ ...is, CodeSha256: was.CodeSha256 }).toEqual(was);
      expect(CodeSha256).not.toBe(was.CodeSha256);
    }
    expect(genesys.calls().filter(({ path }) => path.startsWith('/api/'))).toEqual([]);

    // The new code serves the old stack.
    await consumer(prefix, 'eu-west-1', 'billing', 'ssm', { IntegrationName: 'billing renamed' });
    expect(integrationNames()).toContain('billing renamed');

    expect(await deployProviders(prefix, regions)).toMatchObject({ code: 0 });
    expect((await look()).map(({ CodeSha256 }) => CodeSha256)).toEqual(
      before.map(({ CodeSha256 }) => CodeSha256),
    );
  }, 120_000);

  test('is not removed while it is used: importing stacks and the ledger’s owners are named', async () => {
    const refused = await script('remove', '--regions', regions.join(','), '--stack-name', prefix);
    expect(refused.code).toBe(1);
    expect(refused.text).toMatch(
      /eu-west-1 {2}orders imports the ServiceToken; owns Integration \([0-9a-f-]{36}\)/,
    );
    expect(refused.text).toMatch(
      /eu-west-1 {2}billing of account 000000000000 names the ServiceToken by SSM parameter or ARN; owns .*LookUpOrder \(custom_-_/,
    );
    expect(refused.text).toMatch(/us-east-1 +REFUSED: still used by orders;/);
    expect(refused.text).toMatch(/eu-west-1 +REFUSED: still used by orders, billing;/);
    for (const region of regions) {
      expect(await describeStack(world, prefix, { region })).toMatchObject({
        StackStatus: expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
      });
    }
    // CloudFormation itself refuses too, but knows of imports only.
    await expect(deleteStack(world, prefix, { region: home })).rejects.toThrow(
      'Export fleet-ServiceToken is imported by stack orders',
    );
  });

  test('lists who uses it without removing anything', async () => {
    const listed = await script('remove', '--list', '--regions', 'eu-west-1', '--stack-name', prefix);
    expect(listed.code).toBe(0);
    expect(rows(listed, account, 'eu-west-1', 'used by 2')).toHaveLength(1);
  });
});

describe('removal', () => {
  test('finds the provider by its export, whatever its stack is called, and finds nothing only where nothing is', async () => {
    const prefix = 'renamed';
    const name = 'StackSet-fleet-0f3c9a52-7a3e-4c1b-9d26-1b2a5c8e4f70';
    expect(await deployProviders(prefix, [home], '--stack-name', name)).toMatchObject({ code: 0 });
    const look = (...more: string[]) =>
      script('remove', '--regions', home, '--export-prefix', prefix, ...more);
    expect(rows(await look('--list'), account, home, 'nobody uses it')).toHaveLength(1);
    // A stack set would make the stack again, or keep an instance without one.
    const refused = await look();
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('is an instance of the stack set fleet: remove it there');
    await deleteStack(world, name);
    expect(rows(await look(), account, home, 'not there')).toHaveLength(1);
    const listed = await look('--list');
    expect(listed.code).toBe(1);
    expect(listed.text).toMatch(/us-east-1 +REFUSED: not there/);
  });

  test('deletes a stack whose first deployment failed, and no stack that is no provider', async () => {
    const [failed, other] = ['never-was', 'no-provider'];
    const files = [
      [
        failed,
        {
          Function: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              Handler: 'index.handler',
              Runtime: 'nodejs22.x',
              Role: roleArn,
              Code: { S3Bucket: 'no-such-bucket', S3Key: 'none.zip' },
            },
          },
        },
      ],
      [other, { Topic: { Type: 'AWS::SNS::Topic' } }],
    ] as const;
    for (const [stackName, Resources] of files) {
      const templateFile = join(folder, `${stackName}.json`);
      await writeFile(templateFile, JSON.stringify({ Resources }));
      await deploy(world, { stackName, templateFile }).catch(() => undefined);
    }
    expect(await describeStack(world, failed)).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
    const removed = await script('remove', '--regions', home, '--stack-name', failed);
    expect(rows(removed, account, home, 'deleted')).toHaveLength(1);
    await expect(describeStack(world, failed)).rejects.toThrow('does not exist');
    const refused = await script('remove', '--regions', home, '--stack-name', other);
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('exports no ServiceToken: no provider');
  });

  test('goes consumers first; a stack that names the token by SSM parameter keeps the provider as an importing one does', async () => {
    const prefix = 'leaving';
    const remove = () => script('remove', '--regions', home, '--stack-name', prefix);
    await deployProviders(prefix, [home]);
    await consumer(prefix, home, 'leaving-ssm', 'ssm');
    const refused = await remove();
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('still used by leaving-ssm; remove or move them first');

    await deleteStack(world, 'leaving-ssm');
    const removed = await remove();
    expect(removed.code).toBe(0);
    expect(removed.text).toMatch(/us-east-1 +deleted; the ledger leaving-ledger is retained/);
    await aws(world, ['dynamodb', 'describe-table', '--table-name', 'leaving-ledger']);
    await expect(describeStack(world, prefix)).rejects.toThrow('does not exist');
    expect(await remove()).toMatchObject({ code: 0, text: expect.stringMatching(/us-east-1 +not there/) });
  });
});

test('a stack that was made with a bucket’s prefix and an object’s version is taken up', async () => {
  const prefix = 'taken-up';
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const { key } = zipOf(manifest);
  await deploy(world, {
    stackName: prefix,
    templateFile: join(root, 'templates/provider.yaml'),
    parameters: {
      CodeS3BucketPrefix: bucketPrefix,
      CodeS3Key: key,
      CodeS3ObjectVersion: manifest.regions[home]?.versionIds['provider.zip'] ?? '',
      GenesysEnvironment: home,
      GenesysApiBaseUrl: genesys.url,
      GenesysLoginBaseUrl: genesys.url,
      ExportPrefix: prefix,
      OAuthSecretArn: secretArns[home] ?? '',
    },
  });
  const taken = await deployProviders(prefix, [home]);
  expect(rows(taken, account, home, 'updated')).toHaveLength(1);
  const { Parameters = [] } = await describeStack(world, prefix);
  expect(Object.fromEntries(Parameters.map((one) => [one.ParameterKey, one.ParameterValue]))).toMatchObject({
    CodeS3Bucket: `${bucketPrefix}-${home}`,
    CodeS3BucketPrefix: '',
    CodeS3ObjectVersion: '',
  });
});

test('a second deployment of the same version changes nothing', async () => {
  expect(rows(await deployProviders('idle', [home]), account, home, 'created')).toHaveLength(1);
  const again = await deployProviders('idle', [home]);
  expect(again.code).toBe(0);
  expect(rows(again, account, home, 'unchanged')).toHaveLength(1);
});

describe('a failure', () => {
  test('in the first Region stops the roll-out before the others, and the exit code says so', async () => {
    const prefix = 'stopped';
    const ended = await deployProviders(
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
      await expect(describeStack(world, prefix, { region })).rejects.toThrow('does not exist');
    }
    expect(ended.text).toContain(`3 of 3 stacks are not at ${oldVersion}`);
  });

  test('that is tolerated lets the other Regions go on', async () => {
    const prefix = 'tolerant';
    const ended = await deployProviders(
      prefix,
      ['us-east-1', 'eu-west-1'],
      ...['--failure-tolerance', '1', '--parameter', 'us-east-1:MemorySize=1'],
    );
    expect(ended.code).toBe(1);
    expect(rows(ended, account, 'us-east-1')[0]).toMatch(/FAILED: .*MemorySize/);
    expect(rows(ended, account, 'eu-west-1', 'created')).toHaveLength(1);
  });

  test('of a version that was never published is one before anything is made', async () => {
    const ended = await deployProviders('unpublished', [home], '--version', '0.0.9');
    expect(ended.code).toBe(1);
    expect(ended.text).toContain('publish version 0.0.9 there first');
    await expect(describeStack(world, 'unpublished')).rejects.toThrow('does not exist');
  });
});

describe('a stack set', () => {
  test('is brought out by its command: the published template, the package from the bucket of each Region, a table at the end', async () => {
    const stackSets = await startStackSets();
    try {
      const plan = join(folder, 'stack-set.yaml');
      await writeFile(
        plan,
        `
parameters:
  GenesysEnvironment: mypurecloud.com
  OAuthSecretArn: arn:aws:secretsmanager:{region}:111122223333:secret:/genesys/oauth/credentials-AbCdEf
stackSet: { failureToleranceCount: 1 }
`,
      );
      const run = () =>
        scriptWith(
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

test('a stack moves to another token by copies under other logical ids, and then the old provider can go', async () => {
  await Promise.all(['old-home', 'new-home'].map((prefix) => deployProviders(prefix, [home])));
  const integration = (prefix: string) => ({
    Type: 'Custom::GenesysAwsIntegration',
    Properties: {
      ServiceToken: { 'Fn::ImportValue': `${prefix}-ServiceToken` },
      ServiceTimeout: 60,
      Name: `moving by ${prefix}`,
      RoleArn: roleArn,
      Enabled: false,
    },
  });
  const bring = async (Resources: object) => {
    const templateFile = join(folder, 'moving.json');
    await writeFile(templateFile, JSON.stringify({ Resources }));
    await deploy(world, { stackName: 'moving', templateFile });
    return integrationNames().filter((name) => name.startsWith('moving'));
  };
  const [before, after] = [integration('old-home'), integration('new-home')];
  expect(await bring({ Integration: before })).toEqual(['moving by old-home']);
  expect(await bring({ Integration: before, MovedIntegration: after })).toHaveLength(2);
  expect(await script('remove', '--regions', home, '--stack-name', 'old-home')).toMatchObject({ code: 1 });
  expect(await bring({ MovedIntegration: after })).toEqual(['moving by new-home']);
  expect(await script('remove', '--regions', home, '--stack-name', 'old-home')).toMatchObject({ code: 0 });
});

describe('other teams', () => {
  const prefix = 'shared';
  const common = () => ({
    ExportPrefix: prefix,
    RoleArn: roleArn,
    FunctionArn: `arn:aws:lambda:${home}:${account}:function:orders`,
  });

  beforeAll(async () => {
    await deployProviders(prefix, [home]);
  });

  test('put two actions in order by DependsOn', async () => {
    await deploy(world, {
      stackName: 'two-actions',
      templateFile: join(root, 'templates/examples/two-actions.yaml'),
      parameters: { ...common(), IntegrationName: 'Two actions', Enabled: 'false' },
    });
    const done = (await stackEvents(world, 'two-actions'))
      .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE')
      .map(({ LogicalResourceId }) => LogicalResourceId);
    expect(done).toEqual(['Integration', 'LookUpOrder', 'CancelOrder', 'two-actions']);
  });

  test('nest a consumer, whose template comes from where it was published', async () => {
    await publish('--bucket-prefix', bucketPrefix, '--regions', home);
    const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const { key } =
      manifest.artifacts.find(({ name }) => name === 'templates/examples/consumer-by-export.yaml') ?? {};
    await deploy(world, {
      stackName: 'nested',
      templateFile: join(root, 'templates/examples/nested-stack.yaml'),
      parameters: { ...common(), TemplateUrl: `${world.url}/${bucketPrefix}-${home}/${key}` },
    });
    expect(await outputs(world, 'nested')).toMatchObject({
      DataActionId: expect.stringMatching(/^custom_-_/),
    });
    await deleteStack(world, 'nested');
    expect(integrationNames()).not.toContain('nested orders');
  });
});
