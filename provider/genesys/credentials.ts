import { SettingsError } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';
import { spelledOtherwise } from '../../common/text.ts';

/** An OAuth client of Genesys Cloud with the grant type "client credentials". */
export interface OAuthSecret {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Domain or AWS region name; wins over the provider's setting. */
  readonly environment?: string;
}

const FIELDS = ['client_id', 'client_secret', 'environment'];

/**
 * Reads the JSON of an OAuth secret: `client_id`, `client_secret` and, optionally, `environment`.
 * @param secretName name or ARN, for the message.
 * @throws SettingsError that names the field that is missing or malformed and never shows any content.
 */
export function parseOAuthSecret(text: string, secretName: string): OAuthSecret {
  const fields = parseObject(text);
  if (!fields) {
    throw new SettingsError(
      `The secret ${secretName} is not a JSON object. It must hold {"client_id": "…", "client_secret": "…"} ` +
        'and may hold "environment".',
    );
  }
  const clientId = required(fields, 'client_id', secretName);
  const clientSecret = required(fields, 'client_secret', secretName);
  if (fields['environment'] === undefined || fields['environment'] === null) {
    return { clientId, clientSecret };
  }
  return { clientId, clientSecret, environment: required(fields, 'environment', secretName) };
}

// The error of JSON.parse is dropped, because its message quotes the text.
function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function required(fields: Record<string, unknown>, field: string, secretName: string): string {
  const value = fields[field];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (value !== undefined && value !== null)
    throw new SettingsError(`The secret ${secretName} must have a non-empty text in "${field}".`);
  const others = Object.keys(fields).filter((name) => !FIELDS.includes(name));
  const near = spelledOtherwise(field, others);
  if (near !== undefined)
    throw new SettingsError(
      `The secret ${secretName} has no field "${field}": "${near}" has to be called so.`,
    );
  if (others.some((name) => /token/i.test(name))) {
    throw new SettingsError(
      `The secret ${secretName} has no field "${field}". A token does not do: put the id and the secret of an OAuth client with the grant type Client Credentials there, as "client_id" and "client_secret".`,
    );
  }
  throw new SettingsError(`The secret ${secretName} has no field "${field}". Add it.`);
}
