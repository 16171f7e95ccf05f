/** Publishing: packages, templates and definitions of data actions go to the bucket of each Region. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aws, deploy, outputs } from '../../../local/aws/cli.ts';
import {
  bucketPrefix,
  type Ended,
  home,
  oldVersion,
  RolloutWorld,
  regions,
  root,
  rows,
  zipOf,
} from './world.ts';

let world: RolloutWorld;
beforeAll(async () => {
  world = await RolloutWorld.start();
}, 120_000);
afterAll(() => world?.stop());

describe('publish', () => {
  test('a second run finds everything in place, sends nothing and writes the same manifest', async () => {
    const args = ['--bucket-prefix', bucketPrefix, '--regions', regions.join(',')];
    const again = await world.publish(...args);
    expect(again).toMatchObject({ code: 0 });
    const manifest = await world.manifest();
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
    await world.publish(...args, '--create-buckets');
    const manifest = await world.manifest();
    const place = ['--bucket', `${prefix}-${home}`, '--key', zipOf(manifest).key];
    await aws(world.aws, ['s3api', 'delete-object', ...place]);
    const looked = await world.publish(...args, '--dry-run');
    expect(looked.text).toContain('provider.zip would upload');
    await expect(aws(world.aws, ['s3api', 'head-object', ...place])).rejects.toThrow('404');
    const resumed = await world.publish(...args);
    expect(resumed.text.match(/ uploaded$/gm)).toHaveLength(1);
    const others = String(manifest.artifacts.length - 1);
    expect(rows(resumed, home, `${prefix}-${home}`, '1', others, 'verified')).toHaveLength(1);
  });

  test('other bytes under a digest fail the Region, and only that', async () => {
    const prefix = 'exchanged';
    const args = ['--bucket-prefix', prefix, '--regions', 'us-east-1,eu-west-1'];
    await world.publish(...args, '--create-buckets');
    const manifest = await world.manifest();
    const file = join(world.folder, 'exchanged.zip');
    await writeFile(file, 'not what was built');
    const { key } = zipOf(manifest);
    await aws(
      world.aws,
      ['s3api', 'put-object', '--bucket', `${prefix}-eu-west-1`, '--key', key, '--body', file],
      {
        region: 'eu-west-1',
      },
    );
    const ended = await world.publish(...args);
    expect(ended.code).toBe(1);
    expect(ended.text).toMatch(/eu-west-1 .*FAILED: s3:\/\/exchanged-eu-west-1\/.*holds other bytes/);
    expect(rows(ended, 'us-east-1')).toEqual([expect.stringMatching(/verified$/)]);
    expect(ended.text).toContain('1 of 2 Regions failed');
  });

  test('a missing bucket is named with what makes it, a missing argument by its name', async () => {
    const missing = await world.publish('--bucket-prefix', 'nowhere', '--regions', home);
    expect(missing.code).toBe(2);
    expect(missing.text).toContain(`There is no bucket nowhere-${home}. Make it from templates/stacksets/`);
    const usage = await world.publish('--bucket-prefix', bucketPrefix);
    expect(usage.code).toBe(2);
    expect(usage.text).toContain('REGIONS (--regions) is missing');
  });
});

describe('definitions of data actions', () => {
  const prefix = 'defined';
  const publishDefinitions = (from: string, ...more: string[]) =>
    world.publish('--bucket-prefix', bucketPrefix, '--regions', home, '--definitions', from, ...more);

  /** Deploys the action with the printed property; answers the outputs. */
  async function deployAction({ text }: Ended, integrationId: string): Promise<Record<string, string>> {
    const [, bucket = '', key = '', version = ''] =
      /Definition: \{S3: \{Bucket: (\S+), Key: '(.+)', VersionId: '(.+)'\}\}/.exec(text) ?? [];
    await deploy(world.aws, {
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
    return outputs(world.aws, 'from-file', { region: home });
  }

  test('are published, and the printed property and grant make the data action; a changed file updates it', async () => {
    const definitions = await mkdtemp(join(world.folder, 'definitions-'));
    const exported = await readFile(join(root, 'test/provider/exported-action.json'), 'utf8');
    await writeFile(join(definitions, 'look-up.json'), exported);
    const published = await publishDefinitions(definitions);
    expect(published).toMatchObject({ code: 0 });
    const grant = /us-east-1 {2}(arn:aws:s3:::\S+)$/m.exec(published.text)?.[1] ?? '';
    await world.deployProviders(prefix, [home], '--parameter', `DefinitionObjectArns=${grant}`);
    await world.consumer(prefix, home, 'integration-of-the-file', 'export', { SharedWith: 'from-file' });
    const { IntegrationId = '' } = await outputs(world.aws, 'integration-of-the-file', { region: home });
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
    const definitions = await mkdtemp(join(world.folder, 'definitions-'));
    await writeFile(join(definitions, 'other.json'), '{"version": 1}');
    const ended = await publishDefinitions(definitions, '--regions', 'eu-north-1', '--create-buckets');
    expect(ended.code).toBe(2);
    expect(ended.text).toContain(`${join(definitions, 'other.json')} is no exported data action`);
    await expect(
      aws(world.aws, ['s3api', 'head-bucket', '--bucket', `${bucketPrefix}-eu-north-1`]),
    ).rejects.toThrow('404');
  });
});
