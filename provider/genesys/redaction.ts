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

/** The secrets in a request's body: fields of a credential, and the key manager's API key. */
export function secretsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const { credentialFields, apiKey } = body as { credentialFields?: unknown; apiKey?: unknown };
  const values =
    typeof credentialFields === 'object' && credentialFields !== null ? Object.values(credentialFields) : [];
  return (
    [...values, apiKey]
      .filter((value) => typeof value === 'string')
      // A role's ARN is no secret, and a message about a role needs it.
      .filter((value) => !value.startsWith('arn:'))
  );
}
