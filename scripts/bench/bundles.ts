/**
 * The bundles that the provider's package is compared with. The same esbuild builds them from the same
 * sources.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundle, packages } from '../build/package.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Bundles {
  /** The provider as it is shipped. */
  provider: string;
  /** The provider's entry by a plain esbuild call, with the SDK's own entry point. */
  plain: string;
  /** The SDK's own entry point and the Secrets Manager client, without any provider code. */
  sdk: string;
  /** A Secrets Manager client alone, with the bundler options of the package. */
  secretsClient: string;
}

/**
 * Imports the SDK as its documentation does. The provider imports single API classes; here they come from the
 * members of the package's entry point.
 */
const throughSdkEntry: Plugin = {
  name: 'through-sdk-entry',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^purecloud-platform-client-v2\/src\// }, ({ path }) => ({
      path: /(\w+)\.js$/.exec(path)?.[1] ?? path,
      namespace: 'sdk-entry',
    }));
    pluginBuild.onLoad({ filter: /.*/, namespace: 'sdk-entry' }, ({ path }) => ({
      contents: `import client from 'purecloud-platform-client-v2'; export default client.${path};`,
      resolveDir: root,
    }));
  },
};

/** `esbuild --bundle --minify --platform=node --target=node24 --outfile=index.js`, as tutorials have it. */
export const plainOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  logLevel: 'error',
} satisfies BuildOptions;

const sdkEntry = `
export { default as platformClient } from 'purecloud-platform-client-v2';
export { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
`;

const secretsClientEntry = `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
const client = new SecretsManagerClient({});
export const handler = (SecretId) => client.send(new GetSecretValueCommand({ SecretId }));
`;

/** Builds all bundles into a folder; returns the entry file of each. */
export async function buildBundles(folder: string): Promise<Bundles> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  await bundle(provider, join(folder, 'provider'));
  await build({
    ...plainOptions,
    entryPoints: ['provider/index.ts'],
    outfile: join(folder, 'plain/index.cjs'),
    plugins: [throughSdkEntry],
    // The SDK's own bundle asks for files beside it that it never uses.
    logOverride: { 'require-resolve-not-external': 'silent' },
  });
  await build({
    ...plainOptions,
    stdin: { contents: sdkEntry, resolveDir: root },
    mainFields: ['module', 'main'],
    outfile: join(folder, 'sdk/index.cjs'),
    logOverride: { 'require-resolve-not-external': 'silent' },
  });
  // The file lies beside the sources during the build, so that esbuild finds the packages from there.
  const entry = join(root, 'scripts/bench/.secrets-client.mjs');
  await writeFile(entry, secretsClientEntry);
  try {
    await bundle({ name: 'secrets-client', entries: { index: entry } }, join(folder, 'secrets-client'));
  } finally {
    await rm(entry);
  }
  return {
    provider: join(folder, 'provider/index.mjs'),
    plain: join(folder, 'plain/index.cjs'),
    sdk: join(folder, 'sdk/index.cjs'),
    secretsClient: join(folder, 'secrets-client/index.mjs'),
  };
}

/** Builds the provider of the tutorials into a folder; returns the folder. */
export async function buildTutorialProvider(folder: string): Promise<string> {
  await build({
    ...plainOptions,
    entryPoints: ['scripts/bench/tutorial-provider.ts'],
    outfile: join(folder, 'index.cjs'),
    logOverride: { 'require-resolve-not-external': 'silent' },
  });
  return folder;
}
