/**
 * The world of a roll-out: MiniStack with three Regions, the local Genesys Cloud, the packages published to a
 * bucket in each Region, and the commands that a team types. Every group of stacks has an ExportPrefix of its
 * own, so that the tests of one file do not meet.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { aws, deploy } from '../../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../../local/aws/ministack.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { packageAll, zip } from '../../../scripts/build/package.ts';

export const root = resolve(import.meta.dirname, '../../..');
export const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const;
export const [home] = regions;
export const account = '000000000000';
export const roleArn = `arn:aws:iam::${account}:role/genesys-data-actions`;
export const functionArn = `arn:aws:lambda:${home}:${account}:function:orders`;
export const bucketPrefix = 'contact-centre-artifacts';
/** The version of this checkout. */
export const oldVersion: string = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
export const newVersion = '99.0.0';

/** A script that has ended, with everything that it wrote. */
export interface Ended {
  code: number;
  text: string;
}

export interface Manifest {
  version: string;
  artifacts: { name: string; key: string; sha256: string; size: number }[];
  regions: Record<string, { bucket: string; versionIds: Record<string, string> }>;
}

export function zipOf({ artifacts }: Manifest): Manifest['artifacts'][number] {
  const found = artifacts.find(({ name }) => name === 'provider.zip');
  if (found === undefined) throw new Error('no provider.zip in the manifest');
  return found;
}

/** The lines of the table at the end that begin with these cells. */
export const rows = ({ text }: Ended, ...cells: string[]) =>
  text.split('\n').filter((line) => cells.every((cell, column) => line.split(/\s{2,}/)[column] === cell));

export class RolloutWorld {
  readonly aws: MiniStack;
  readonly genesys: GenesysCloudServer;
  /** For files of the tests; removed at the end. */
  readonly folder: string;
  /** ARN of the OAuth secret in each Region. */
  readonly secretArns: Record<string, string> = {};

  /** Starts everything and publishes this checkout. */
  static async start(): Promise<RolloutWorld> {
    // `make test` has built the packages. Several tests must not build them at once.
    if (!existsSync(join(root, 'dist/provider.zip'))) await packageAll();
    const folder = await mkdtemp(join(tmpdir(), 'rollout-test-'));
    const [ministack, genesys] = await Promise.all([startMiniStack(), startGenesysCloud()]);
    const world = new RolloutWorld(ministack, genesys, folder);
    await world.#makeSecrets();
    await world.#publishEverywhere('--create-buckets');
    return world;
  }

  private constructor(ministack: MiniStack, genesys: GenesysCloudServer, folder: string) {
    this.aws = ministack;
    this.genesys = genesys;
    this.folder = folder;
  }

  async stop(): Promise<void> {
    await Promise.all([this.aws.stop(), this.genesys.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #makeSecrets(): Promise<void> {
    const { clientId, clientSecret } = this.genesys;
    const secret = JSON.stringify({ client_id: clientId, client_secret: clientSecret });
    const create = ['secretsmanager', 'create-secret', '--name', '/genesys/oauth/credentials'];
    for (const region of regions) {
      const made = aws<{ ARN: string }>(this.aws, [...create, '--secret-string', secret], { region });
      this.secretArns[region] = (await made).ARN;
    }
  }

  async #publishEverywhere(...more: string[]): Promise<void> {
    const where = ['--bucket-prefix', bucketPrefix, '--regions', regions.join(',')];
    const published = await this.publish(...where, ...more);
    if (published.code !== 0) throw new Error(published.text);
  }

  /** Publishes this checkout as the next version: other bytes in the zip, the version in every template. */
  async publishNextRelease(): Promise<void> {
    const release = join(this.folder, newVersion);
    await mkdir(join(release, 'dist'), { recursive: true });
    await cp(join(root, 'dist/provider'), join(release, 'provider'), { recursive: true });
    await writeFile(join(release, 'provider/RELEASE'), newVersion);
    await zip(join(release, 'provider'), join(release, 'dist/provider.zip'));
    const templates = join(release, 'templates');
    await cp(join(root, 'templates'), templates, { recursive: true });
    const names = await readdir(templates, { recursive: true });
    for (const file of names.filter((name) => name.endsWith('.yaml')).map((name) => join(templates, name))) {
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replaceAll(`Value: ${oldVersion}\n`, `Value: ${newVersion}\n`));
    }
    await writeFile(join(release, 'package.json'), JSON.stringify({ version: newVersion }));
    await this.#publishEverywhere('--from', release);
  }

  /** Runs a script as `make` does, with further variables of the environment. */
  scriptWith(more: Record<string, string>, name: string, ...args: string[]): Promise<Ended> {
    return new Promise((done) => {
      execFile(
        process.execPath,
        [join('scripts/rollout/commands', `${name}.ts`), ...args],
        { cwd: root, env: { ...this.aws.env, ...more }, timeout: 55_000, maxBuffer: 16 * 1024 * 1024 },
        (error, stdout, stderr) =>
          done({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` }),
      );
    });
  }

  script(name: string, ...args: string[]): Promise<Ended> {
    return this.scriptWith({}, name, ...args);
  }

  publish(...args: string[]): Promise<Ended> {
    return this.script('publish', '--manifest', join(this.folder, 'manifest.json'), ...args);
  }

  /** The output of the last `publish`. */
  async manifest(): Promise<Manifest> {
    return JSON.parse(await readFile(join(this.folder, 'manifest.json'), 'utf8'));
  }

  /** A plan with one ledger for all providers of a prefix, in the last Region. */
  async planWithLedger(prefix: string): Promise<string> {
    const plan = join(this.folder, `${prefix}.yaml`);
    const ledger = {
      region: regions.at(-1),
      stackName: `${prefix}-shared-ledger`,
      parameters: { TableName: `${prefix}-shared-ledger` },
    };
    await writeFile(plan, JSON.stringify({ ledger }));
    return plan;
  }

  /**
   * Deploys providers that use the local Genesys Cloud; more than one share a ledger. The prefix names stacks
   * and exports.
   */
  async deployProviders(prefix: string, where: readonly string[], ...more: string[]): Promise<Ended> {
    const parameters = {
      GenesysEnvironment: home,
      GenesysApiBaseUrl: this.genesys.url,
      GenesysLoginBaseUrl: this.genesys.url,
      ExportPrefix: prefix,
      ...Object.fromEntries(
        Object.entries(this.secretArns).map(([region, arn]) => [`${region}:OAuthSecretArn`, arn]),
      ),
    };
    return this.script(
      'deploy',
      ...['--bucket-prefix', bucketPrefix, '--regions', where.join(','), '--stack-name', prefix],
      ...(where.length > 1 ? ['--plan', await this.planWithLedger(prefix)] : []),
      ...Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]),
      ...more,
    );
  }

  /**
   * Deploys another team's stack, which finds the ServiceToken by export or by SSM parameter; answers what
   * the CLI said.
   */
  consumer(
    prefix: string,
    region: string,
    stackName: string,
    how: 'export' | 'ssm',
    parameters: Record<string, string> = {},
  ): Promise<string> {
    return deploy(this.aws, {
      stackName,
      region,
      templateFile: join(root, `templates/examples/consumer-by-${how}.yaml`),
      parameters: {
        ...(how === 'export'
          ? { ExportPrefix: prefix }
          : { ServiceToken: `/${prefix}/provider/service-token` }),
        IntegrationName: `${stackName} ${region}`,
        RoleArn: roleArn,
        FunctionArn: functionArn,
        Enabled: 'false',
        ...parameters,
      },
    });
  }

  integrationNames(): string[] {
    return this.genesys
      .state()
      .organizations.flatMap(({ integrations }) => integrations.map(({ config }) => config.name));
  }
}
