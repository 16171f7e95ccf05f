import type { Unreachable } from './errors.ts';

/** A failed connection in words, and whether the request may have reached Genesys Cloud. */
export interface ConnectionFailure {
  readonly kind: Unreachable;
  readonly what: string;
  /** False only where the request certainly was not sent. */
  readonly maybeExecuted: boolean;
  /** A later attempt may succeed. */
  readonly passing: boolean;
}

/**
 * The failure behind an error of `fetch`. Undici wraps the cause, which has a code of Node's net, dns or tls,
 * or one of its own (UND_ERR_…). The error itself is dropped, because its message may quote a header.
 */
export function connectionFailure(thrown: unknown, host: string): ConnectionFailure {
  const { code, text, syscall } = rootOf(thrown);
  const sent = { maybeExecuted: true, passing: true };
  const unsent = { maybeExecuted: false, passing: true };

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL' || code === 'EAI_NODATA') {
    return {
      kind: 'dns',
      what: `The name ${host} cannot be resolved (${code}). Check the environment, and DNS in the function's VPC`,
      ...unsent,
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      kind: 'refused',
      what: `${host} refuses the connection. Check the address, and security groups and proxies on the way`,
      ...unsent,
    };
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL' || code === 'ENETDOWN') {
    return {
      kind: 'other',
      what: `There is no route to ${host} (${code}). A function in a VPC needs a NAT gateway`,
      ...unsent,
    };
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || (code === 'ETIMEDOUT' && syscall === 'connect')) {
    return {
      kind: 'timeout',
      what: `${host} does not take the connection in time. A function in a VPC needs a NAT gateway and open security groups`,
      ...unsent,
    };
  }
  if (isCertificate(code)) {
    return {
      kind: 'tls',
      what: `The certificate of ${host} is not accepted (${code}). Is there a proxy in between that opens TLS?`,
      maybeExecuted: false,
      passing: false,
    };
  }
  if (/^(ERR_SSL|EPROTO)/.test(code) || /before secure TLS connection/.test(text)) {
    return { kind: 'tls', what: `No TLS connection to ${host} comes about (${code})`, ...unsent };
  }
  if (/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/.test(code) || code.startsWith('HPE_')) {
    return { kind: 'reset', what: `${host} broke the connection off (${code})`, ...sent };
  }
  if (/TIMEOUT|TIMEDOUT/.test(code)) {
    return { kind: 'timeout', what: `${host} fell silent (${code})`, ...sent };
  }
  return { kind: 'other', what: `The connection to ${host} failed${code ? ` (${code})` : ''}`, ...sent };
}

// In a test's vm context these errors come from another realm, where `instanceof` is always false.
function rootOf(thrown: unknown): { code: string; text: string; syscall: string } {
  let error: unknown = thrown;
  let found = { code: '', text: '', syscall: '' };
  for (let depth = 0; depth < 5 && typeof error === 'object' && error !== null; depth++) {
    const { code, message, syscall, cause, errors } = error as Record<string, unknown>;
    if (typeof code === 'string') {
      found = {
        code,
        text: typeof message === 'string' ? message : '',
        syscall: typeof syscall === 'string' ? syscall : '',
      };
    }
    error = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return found;
}

function isCertificate(code: string): boolean {
  return (
    /^(CERT_|ERR_TLS_CERT)/.test(code) ||
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|HOSTNAME_MISMATCH|INVALID_CA)$/.test(code) ||
    code.startsWith('UNABLE_TO_')
  );
}
