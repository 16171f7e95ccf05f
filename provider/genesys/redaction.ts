import { isPlainObject } from '../../common/objects.ts';

/**
 * Masks the secrets of one call. Genesys Cloud's messages may quote them, so every text of an answer passes
 * here.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    // A shorter value may be part of an ordinary word.
    if (secret.length >= 4) result = result.replaceAll(secret, '***');
  }
  return result;
}

/** Secrets in a request's body: fields of a credential, the key manager's API key, an action's headers. */
export function secretsIn(body: unknown): string[] {
  if (!isPlainObject(body)) return [];
  const { credentialFields, apiKey, config } = body;
  const request = isPlainObject(config) ? config['request'] : undefined;
  const values = isPlainObject(credentialFields) ? Object.values(credentialFields) : [];
  return [
    ...[...values, apiKey]
      .filter((value) => typeof value === 'string')
      // A role's ARN is no secret, and a message about a role needs it.
      .filter((value) => !value.startsWith('arn:')),
    ...secretsInHeaders(isPlainObject(request) ? request['headers'] : undefined),
  ];
}

/** Shorter values of a header are ordinary words. */
const SHORTEST_IN_HEADER = 6;

/** The same for a piece of a value, such as one cookie of several. */
const SHORTEST_PIECE = 8;
/** Placeholders and separators: a service may repeat what stands between them. */
const BETWEEN_PIECES = /\$!?\{[^{}]*\}|[\s;,=&]+/;

/**
 * Values of a data action's headers, longest first; the last word of each, which is the token of
 * `Bearer <token>`; and longer pieces between placeholders and separators.
 * A value that only names fields of input or credential is no secret.
 */
export function secretsInHeaders(headers: unknown): string[] {
  if (!isPlainObject(headers)) return [];
  return Object.values(headers)
    .map(String)
    .flatMap((value) => [
      value,
      ...value.split(' ').slice(-1),
      ...value.split(BETWEEN_PIECES).filter(({ length }) => length >= SHORTEST_PIECE),
    ])
    .filter((value) => !/^(Bearer|Basic)?$/i.test(value.replaceAll(/\$\{[^{}]*\}/g, '').trim()))
    .filter(({ length }) => length >= SHORTEST_IN_HEADER)
    .sort((one, other) => other.length - one.length);
}
