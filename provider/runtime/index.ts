/**
 * The ground under every other folder of the provider: settings, logger, metrics, AWS clients, sealing.
 * It knows neither CloudFormation's protocol nor Genesys Cloud.
 *
 * There is nothing to import here. Each file is imported by its name, so that an entry loads only the files
 * it uses.
 */
export {};
