import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Values that must never leave the process: OAuth secrets, tokens, fields of credentials, headers. The code
 * that reads one registers it; the logger and the answer pass every text through `redact`. This is the second
 * line of defence. The first one is that no error and no log entry is built from such a value.
 */
const secretsOfContainer = new Set<string>();

/** A request's own: a team's header must not blank out words in the reasons of other teams. */
const secretsOfRequest = new AsyncLocalStorage<Set<string>>();

/** Shorter values would blank out ordinary words. */
const SHORTEST = 6;

/** Remembers a secret of the provider itself for the life of the container. */
export function registerSecret(value: string): void {
  if (value.length >= SHORTEST) secretsOfContainer.add(value);
}

/** Runs a request; everything that it waits for knows its secrets, and nothing else does. */
export const keepingSecrets = <T>(request: () => Promise<T>): Promise<T> =>
  secretsOfRequest.run(new Set(), request);

/** Remembers a secret that came with a request until that request has ended. */
export function registerSecretOfRequest(value: string): void {
  if (value.length >= SHORTEST) secretsOfRequest.getStore()?.add(value);
}

/** The text without registered secrets and without signatures of presigned URLs. */
export function redact(text: string): string {
  let result = text.replace(
    /([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|Signature)=)[^&\s"']+/gi,
    '$1[redacted]',
  );
  for (const secret of [...secretsOfContainer, ...(secretsOfRequest.getStore() ?? [])].sort(longestFirst)) {
    result = result.replaceAll(secret, '[redacted]');
    // Inside JSON text the secret stands with escapes.
    const quoted = JSON.stringify(secret).slice(1, -1);
    if (quoted !== secret) result = result.replaceAll(quoted, '[redacted]');
  }
  return result;
}

/** The longer secret first: if it begins with a shorter one, that one's mask would leave its rest. */
const longestFirst = (one: string, other: string) => other.length - one.length;
