/**
 * Genesys Cloud may quote what it was sent in its messages. Every text that goes from an answer into an error
 * passes here first.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    // Shorter values would blank out ordinary words, and are no secrets worth the name.
    if (secret.length >= 4) result = result.replaceAll(secret, '***');
  }
  return result;
}

/** Values of a request body that must not be quoted: fields of a credential, and the key manager's API key. */
export function secretsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const { credentialFields, apiKey } = body as { credentialFields?: unknown; apiKey?: unknown };
  const values =
    typeof credentialFields === 'object' && credentialFields !== null ? Object.values(credentialFields) : [];
  return (
    [...values, apiKey]
      .filter((value) => typeof value === 'string')
      // A role's ARN stands in the template anyway, and a message about it is useless without it.
      .filter((value) => !value.startsWith('arn:'))
  );
}
