/**
 * The subcommands that reach AWS and Genesys Cloud. The package has them in a file of its own (remote.mjs).
 */
export { runDrift } from './drift/run.ts';
export { runExport } from './export/run.ts';
