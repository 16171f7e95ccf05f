import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of AWS's runtime client (npm package aws-lambda-ric), if the toolchain installed it. */
export const ricFolder = resolve(import.meta.dirname, '../../.tools/ric/node_modules/aws-lambda-ric');

/**
 * AWS's runtime client with its native transport, the same client with our transport, or our small bootstrap.
 */
export type Runtime = 'aws-lambda-ric' | 'aws-lambda-ric without its native part' | 'own bootstrap';

/** AWS's client if it is installed, with its native part if that could be built; else our bootstrap. */
export function bestRuntime(folder = ricFolder): Runtime {
  if (!existsSync(join(folder, 'index.mjs'))) return 'own bootstrap';
  return existsSync(join(folder, 'rapid-client.node'))
    ? 'aws-lambda-ric'
    : 'aws-lambda-ric without its native part';
}

/** The arguments of `node` that start a runtime. */
export function runtimeArguments(runtime: Runtime, folder: string): string[] {
  const here = import.meta.dirname;
  if (runtime === 'own bootstrap') return [join(here, 'bootstrap.ts')];
  const preload = runtime === 'aws-lambda-ric' ? [] : ['--import', join(here, 'ric-without-native.ts')];
  return [...preload, join(folder, 'index.mjs')];
}
