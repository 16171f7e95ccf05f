/**
 * Measures how long the provider takes to load in a fresh process, beside an esbuild bundle of the SDK's
 * entry and the Secrets Manager client. This is the part of `make bench` that takes seconds.
 * All candidates take turns in one run, so that a busy machine slows all of them.
 * `node scripts/bench/check-cold-load.ts [runs]` exits with 1 when the provider is slower than the goal.
 */
import { measureColdLoad } from './cold-load.ts';
import { shown } from './statistics.ts';

/** The provider's time as a share of the time of the SDK and the client. */
const GOAL = 0.45;
const LEAST_RUNS = 15;

/** Measures and prints; resolves to the exit code. */
export async function run([given]: string[]): Promise<number> {
  const runs = Math.max(Number(given ?? 21), LEAST_RUNS);
  const { milliseconds, ratioToSdkAlone } = await measureColdLoad(runs);
  console.log(
    `Cold load in fresh processes, Node ${process.version}, ${runs} runs each, in turns: median (quartiles) in milliseconds`,
  );
  for (const [name, load] of [
    ['provider/index.mjs', milliseconds.provider],
    ['the SDK and the Secrets Manager client', milliseconds.sdk],
    ['our entry with the SDK, plainly bundled', milliseconds.plain],
    ['the Secrets Manager client alone', milliseconds.secretsClient],
  ] as const) {
    console.log(`  ${name.padEnd(40)} ${shown(load)}`);
  }
  const met = ratioToSdkAlone <= GOAL;
  console.log(
    `  provider to SDK and client, median of the runs' ratios: ${ratioToSdkAlone}, goal ${GOAL}: ${met ? 'met' : 'missed'}`,
  );
  return met ? 0 : 1;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
