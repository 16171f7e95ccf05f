/**
 * The ground that provider, endpoint, command, scripts and local world share: clock and deadlines, errors,
 * canonical JSON, text, globs, redaction. It knows neither AWS nor Genesys Cloud, and imports no other
 * folder.
 *
 * There is nothing to import here. Each file is imported by its name, so that an entry loads only the files
 * it uses.
 */
export {};
