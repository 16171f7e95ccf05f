/** Which headers of a data action may hold a secret. Their values are written nowhere. */
import { secretsInHeaders } from '../../provider/genesys/index.ts';

/** Headers that say what is sent, and to nobody who sends it. */
const HARMLESS = [
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'cache-control', 'content-encoding'],
  ...['content-language', 'content-type', 'pragma', 'user-agent'],
];
/** Names of headers whose shortest values are secret, too. */
export const TELLING = /auth|cookie|credential|key|passw|secret|session|signature|token/i;

/** A field that Velocity fills in, in both spellings. */
export const REFERENCE = /\$!?(?:\{[^{}]*\}|(?:input|credentials|authResponse)(?:\.[A-Za-z_]\w*)+)/g;

/**
 * The provider's rule for its messages and for `drift`, and the names beside it. A value that only names
 * fields of the input or of the credential is no secret.
 */
export function mayBeSecret(name: string, value: string): boolean {
  if (HARMLESS.includes(name.toLowerCase())) return false;
  const literal = value.replaceAll(REFERENCE, '').trim();
  if (literal === '' || /^(?:Bearer|Basic)$/i.test(literal)) return false;
  return TELLING.test(name) || secretsInHeaders({ [name]: literal }).length > 0;
}
