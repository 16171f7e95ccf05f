/**
 * The subcommands that reach AWS and Genesys Cloud. The package has them in a file of its own (remote.mjs).
 */
export { runDoctor } from './doctor/run.ts';
export { runDrift } from './drift/run.ts';
export { runExport } from './export/run.ts';
export { runPlan } from './plan/run.ts';
export { runUnstick } from './unstick/run.ts';
