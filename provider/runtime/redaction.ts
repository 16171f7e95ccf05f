/**
 * Values that must never leave the process: OAuth secrets, tokens, fields of credentials. The code that reads
 * one registers it; the logger and the answer pass every text through `redact`. This is the second line of
 * defence. The first one is that no error and no log entry is built from such a value.
 */
const secrets = new Set<string>();

/** Shorter values would blank out ordinary words. */
const SHORTEST = 6;

/** Remembers a secret for the life of the container. */
export function registerSecret(value: string): void {
  if (value.length >= SHORTEST) secrets.add(value);
}

/** The text without registered secrets and without signatures of presigned URLs. */
export function redact(text: string): string {
  let result = text.replace(
    /([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|Signature)=)[^&\s"']+/gi,
    '$1[redacted]',
  );
  for (const secret of secrets) {
    result = result.replaceAll(secret, '[redacted]');
    // Inside JSON text the secret stands with escapes.
    const quoted = JSON.stringify(secret).slice(1, -1);
    if (quoted !== secret) result = result.replaceAll(quoted, '[redacted]');
  }
  return result;
}
