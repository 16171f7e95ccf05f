/**
 * The whole local world: AWS (MiniStack) and Genesys Cloud on this machine, with the bucket and the secret
 * that an administrator prepares once. The demo and the end-to-end tests deploy into it with the real CLI.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { aws, deploy, type RegionOption } from './aws/cli.ts';
import { type MiniStack, type MiniStackOptions, startMiniStack } from './aws/ministack.ts';
import {
  type GenesysCloudOptions,
  type GenesysCloudServer,
  startGenesysCloud,
} from './genesys-cloud/index.ts';

export const root = resolve(import.meta.dirname, '..');
const template = (name: string) => join(root, 'templates', `${name}.yaml`);

export interface LocalWorld {
  ministack: MiniStack;
  genesys: GenesysCloudServer;
  /** Uploads dist/provider.zip to a bucket of the region, and stores the OAuth client in a secret. */
  prepare(options?: RegionOption): Promise<Prepared>;
  /** Deploys templates/provider.yaml; `parameters` win over the defaults of the local world. */
  deployProvider(prepared: Prepared, parameters?: Record<string, string>, stackName?: string): Promise<void>;
  stop(): Promise<void>;
}

export interface Prepared {
  region: string;
  bucket: string;
  key: string;
  secretArn: string;
}

export interface LocalWorldOptions {
  ministack?: MiniStackOptions;
  genesys?: GenesysCloudOptions;
}

export async function startLocalWorld(options: LocalWorldOptions = {}): Promise<LocalWorld> {
  const ministack = await startMiniStack(options.ministack);
  try {
    const genesys = await startGenesysCloud({ awsEndpointUrl: ministack.url, ...options.genesys });
    return {
      ministack,
      genesys,
      prepare: ({ region = ministack.region } = {}) => prepare(ministack, genesys, region),
      deployProvider: (prepared, parameters = {}, stackName = 'genesys-cloud-provider') =>
        deployProvider(ministack, genesys, prepared, parameters, stackName),
      stop: async () => {
        await genesys.close();
        await ministack.stop();
      },
    };
  } catch (error) {
    await ministack.stop();
    throw error;
  }
}

/** The text of an OAuth secret, in the form of docs/getting-started.md. */
export const oauthSecret = ({
  clientId,
  clientSecret,
}: Pick<GenesysCloudServer, 'clientId' | 'clientSecret'>) =>
  JSON.stringify({ client_id: clientId, client_secret: clientSecret });

async function prepare(ministack: MiniStack, genesys: GenesysCloudServer, region: string): Promise<Prepared> {
  const zip = join(root, 'dist/provider.zip');
  await readFile(zip).catch(() => {
    throw new Error('dist/provider.zip is missing: run make package');
  });
  const bucket = `genesys-cloud-cfn-${region}`;
  const key = 'provider/demo.zip';
  const here = { region };
  await aws(ministack, ['s3', 'mb', `s3://${bucket}`], here);
  await aws(ministack, ['s3', 'cp', '--only-show-errors', zip, `s3://${bucket}/${key}`], here);
  const { ARN } = await aws<{ ARN: string }>(
    ministack,
    [
      'secretsmanager',
      'create-secret',
      '--name',
      '/genesys/oauth/credentials',
      '--secret-string',
      oauthSecret(genesys),
    ],
    here,
  );
  return { region, bucket, key, secretArn: ARN };
}

/** The parameters of templates/provider.yaml in the local world. */
export function providerParameters(genesys: GenesysCloudServer, prepared: Prepared): Record<string, string> {
  return {
    CodeS3Bucket: prepared.bucket,
    CodeS3Key: prepared.key,
    GenesysEnvironment: 'us-east-1',
    OAuthSecretArn: prepared.secretArn,
    GenesysApiBaseUrl: genesys.url,
    GenesysLoginBaseUrl: genesys.url,
    ResourceTypes: everyType().join(','),
  };
}

/** Every type that the template offers: recording keys too, which are no default. */
function everyType(): string[] {
  const [, values] =
    /^ {2}ResourceTypes:\n(?: {4}.*\n)*? {4}AllowedValues: \[(.+)\]$/m.exec(
      readFileSync(template('provider'), 'utf8'),
    ) ?? [];
  if (values === undefined) throw new Error('templates/provider.yaml has no list of ResourceTypes');
  return values.split(', ');
}

async function deployProvider(
  ministack: MiniStack,
  genesys: GenesysCloudServer,
  prepared: Prepared,
  parameters: Record<string, string>,
  stackName: string,
): Promise<void> {
  await deploy(ministack, {
    stackName,
    templateFile: template('provider'),
    parameters: { ...providerParameters(genesys, prepared), ...parameters },
    region: prepared.region,
    s3Bucket: prepared.bucket,
  });
}
