/**
 * The ground under every other folder: settings, clock and deadlines, errors, logger, redaction, AWS clients.
 * It knows neither CloudFormation's protocol nor Genesys Cloud.
 *
 * There is nothing to import here. Each file is imported by its name, so that an entry loads only the files
 * it uses.
 */
export {};
