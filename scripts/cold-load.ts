/**
 * How long the provider's code takes to load in a fresh process, beside what a plain bundle would take: the SDK's own
 * entry and the Secrets Manager client, bundled by esbuild with nothing but minification. Both are measured in one
 * run, in turns, so that a busy machine slows both. `node scripts/cold-load.ts [runs]`; ends with 1 above the goal.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundle, packages } from './package.ts';

const root = resolve(import.meta.dirname, '..');

/** The provider's time, as a share of the plain bundle's. */
export const GOAL = 0.45;
const LEAST_RUNS = 15;

export interface Load {
  /** Milliseconds, in the order of the runs. */
  milliseconds: number[];
  median: number;
  /** Half of the runs lie between these two. */
  quartiles: [number, number];
}

export interface ColdLoad {
  node: string;
  runs: number;
  provider: Load;
  plain: Load;
  /** Median of the provider over median of the plain bundle. */
  ratio: number;
}

/**
 * Builds both bundles, the provider's into dist/provider/, and measures them.
 * @throws Error when loading the provider opens a connection: it has to wait for a request with that.
 */
export async function coldLoad(runs = 21): Promise<ColdLoad> {
  const [provider] = packages;
  if (provider === undefined) throw new Error('scripts/package.ts knows no package');
  const scratch = await mkdtemp(join(tmpdir(), 'cold-load-'));
  try {
    await bundle(provider);
    const files = {
      provider: join(root, 'dist', provider.name, 'index.mjs'),
      plain: await plainBundle(scratch),
    };
    const times = { provider: [] as number[], plain: [] as number[] };
    // The first load of each fills the operating system's cache and is not counted.
    for (let run = 0; run <= Math.max(runs, LEAST_RUNS); run += 1) {
      for (const name of run % 2 === 0
        ? (['provider', 'plain'] as const)
        : (['plain', 'provider'] as const)) {
        const { milliseconds, connections } = await loadOnce(files[name], scratch);
        if (name === 'provider' && connections.length > 0)
          throw new Error(`Loading the provider opens connections: ${connections.join(', ')}`);
        if (run > 0) times[name].push(milliseconds);
      }
    }
    const [ours, plain] = [summary(times.provider), summary(times.plain)];
    const ratio = ours.median / plain.median;
    return { node: process.version, runs: times.plain.length, provider: ours, plain, ratio };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** CommonJS: as ESM the SDK's own entry does not load ("Dynamic require … is not supported"). */
async function plainBundle(folder: string): Promise<string> {
  const outfile = join(folder, 'plain.cjs');
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `
        export { default as platformClient } from 'purecloud-platform-client-v2';
        export { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    logLevel: 'error',
  });
  return outfile;
}

const LOADER = `
  const began = performance.now();
  await import(process.argv[1]);
  const milliseconds = performance.now() - began;
  const connections = process.getActiveResourcesInfo().filter((name) => /TCP|UDP|TLS|ADDRINFO|DNS/i.test(name));
  process.stdout.write(JSON.stringify({ milliseconds, connections }), () => process.exit(0));`;

/** Loads a file in a process of its own, with an environment as bare as Lambda's and an empty home directory. */
async function loadOnce(
  file: string,
  home: string,
): Promise<{ milliseconds: number; connections: string[] }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', LOADER, file],
    { env: { HOME: home, AWS_REGION: 'us-east-1', TZ: 'UTC' }, timeout: 30_000 },
  );
  return JSON.parse(stdout);
}

function summary(milliseconds: number[]): Load {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { milliseconds, median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}

if (import.meta.main) {
  const { node, runs, provider, plain, ratio } = await coldLoad(Number(process.argv[2] ?? 21));
  console.log(`Cold load in fresh processes, Node ${node}, ${runs} runs each, in turns (milliseconds)`);
  for (const [name, load] of Object.entries({
    'provider/index.mjs': provider,
    'plain bundle of the SDK': plain,
  })) {
    const [low, high] = load.quartiles.map((value) => value.toFixed(1));
    console.log(
      `  ${name.padEnd(25)} median ${load.median.toFixed(1).padStart(6)}   half of them ${low} to ${high}`,
    );
  }
  const met = ratio <= GOAL;
  console.log(`  ratio ${ratio.toFixed(3)}, goal ${GOAL}: ${met ? 'met' : 'missed'}`);
  process.exitCode = met ? 0 : 1;
}
