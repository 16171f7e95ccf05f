/**
 * How long the provider's code takes to load in a fresh process, beside a bundle of the SDK's own entry and the Secrets
 * Manager client, minified by esbuild: the part of `make bench` that takes seconds. All are measured in one run, in
 * turns, so that a busy machine slows all. `node scripts/cold-load.ts [runs]`; ends with 1 above the goal.
 */
import { measureColdLoad } from './bench/cold-load.ts';
import { shown } from './bench/statistics.ts';

/** The provider's time, as a share of the SDK's and the client's. */
const GOAL = 0.45;
const LEAST_RUNS = 15;

const runs = Math.max(Number(process.argv[2] ?? 21), LEAST_RUNS);
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
process.exitCode = met ? 0 : 1;
