import { Logger } from '@aws-lambda-powertools/logger';
import { redact } from '../../common/redaction.ts';

/** A log entry is a message for a person and flat facts beside it. */
export interface Log {
  debug(message: string, facts?: Record<string, unknown>): void;
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

const powertools = new Logger({
  serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'genesys-cloud-cfn',
  jsonReplacerFn: (_key, value) => (typeof value === 'string' ? redact(value) : value),
});

/**
 * Writes each entry as one line of JSON, with every string redacted. No event is logged whole, because it
 * carries the signed ResponseURL.
 */
export const log: Log = {
  debug: (message, facts = {}) => powertools.debug(message, facts),
  info: (message, facts = {}) => powertools.info(message, facts),
  warn: (message, facts = {}) => powertools.warn(message, facts),
  error: (message, facts = {}) => powertools.error(message, facts),
};
