import { connect, isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  getCACertificates,
  type PeerCertificate,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls';
import type { Host } from './plan.ts';
import { type StepLimits, type StepOutcome, step } from './step.ts';

/** The behaviour of one address of a host. */
export interface Connection {
  address: string;
  tcp: StepOutcome;
  /** Missing where no connection was made. */
  tls?: Handshake;
  /** Missing where no handshake was made. */
  certificate?: Certificate;
}

export interface Handshake extends StepOutcome {
  /**
   * The version that was negotiated, such as `TLSv1.3`; for a server that is too old, the version that it
   * has.
   */
  version?: string;
  cipher?: string;
}

export interface Certificate {
  subject: string;
  issuer: string;
  /** The names as the certificate has them: `DNS:*.mypurecloud.ie, DNS:mypurecloud.ie`. */
  names: string;
  /** ISO 8601. */
  validTo: string;
  /** Whole days until its end; negative after it. */
  daysLeft: number;
  /** OpenSSL's word for a fault in the chain to a public authority, such as SELF_SIGNED_CERT_IN_CHAIN. */
  chainError?: string;
  validForName: boolean;
}

/** The versions that callers negotiate: TLS 1.2 and 1.3. */
const asCallersDo: ConnectionOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' };

/** Any version that a server may have, in order to name it. Nothing is sent over such a connection. */
const asOldAsItGets: ConnectionOptions = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.3',
  ciphers: 'DEFAULT@SECLEVEL=0',
};

/**
 * Opens a connection to one address of the host, negotiates TLS as callers do, and closes it. No request is
 * sent.
 * @param extraCa certificates (PEM) that are trusted beside the public authorities
 */
export async function tryConnection(
  { name, port }: Host,
  address: string,
  limits: StepLimits,
  extraCa: readonly string[] = [],
): Promise<Connection> {
  const { value: socket, ...tcp } = await step(limits, (signal) => openTcp(address, port, signal));
  if (socket === undefined) return { address, tcp };
  const trust = extraCa.length === 0 ? {} : { ca: [...getCACertificates('default'), ...extraCa] };
  const { value: secure, ...how } = await step(limits, (signal) =>
    openTls(socket, name, { ...asCallersDo, ...trust }, signal),
  );
  if (secure === undefined) {
    socket.destroy();
    // A server that is silent or hangs up answers an older client no better.
    const silent = how.error === 'TIMEOUT' || how.error === 'ECONNRESET';
    const version = silent ? undefined : await oldVersion(name, port, address, limits);
    return { address, tcp, tls: { ...how, ...(version === undefined ? {} : { version }) } };
  }
  // Node's types do not know that the cipher is missing where the time was over in the moment of success.
  const cipher = (secure.getCipher() as { name: string } | undefined)?.name ?? 'none';
  const tls = { ...how, version: secure.getProtocol() ?? 'none', cipher };
  const certificate = certificateOf(secure, name, limits.clock.now());
  // The socket is destroyed after its end was sent, so that the server counts a complete handshake.
  secure.end(() => secure.destroy());
  return { address, tcp, tls, ...(certificate === undefined ? {} : { certificate }) };
}

/** The version below TLS 1.2 that the server negotiates, if it has no newer one. */
async function oldVersion(name: string, port: number, address: string, limits: StepLimits) {
  const { value } = await step(limits, async (signal) => {
    const socket = await openTcp(address, port, signal);
    try {
      return (await openTls(socket, name, asOldAsItGets, signal)).getProtocol();
    } finally {
      socket.destroy();
    }
  });
  return value === 'TLSv1' || value === 'TLSv1.1' ? value : undefined;
}

function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const cancel = () => socket.destroy();
    signal.addEventListener('abort', cancel, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', cancel);
      // An error from now on belongs to a later step, which has its own listener.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function openTls(
  socket: Socket,
  name: string,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      ...options,
      socket,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      // The certificate and its name are judged afterwards, so that a finding can name every fault.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const cancel = () => secure.destroy();
    signal.addEventListener('abort', cancel, { once: true });
    secure.once('secureConnect', () => {
      signal.removeEventListener('abort', cancel);
      secure.on('error', () => undefined);
      resolve(secure);
    });
    secure.once('error', reject);
  });
}

function certificateOf(socket: TLSSocket, name: string, now: number): Certificate | undefined {
  const x509 = socket.getPeerX509Certificate();
  if (x509 === undefined) return undefined;
  const validTo = new Date(x509.validTo);
  // The types say Error, but Node gives a string.
  const chainError = socket.authorized ? undefined : String(socket.authorizationError);
  return {
    subject: nameOf(x509.subject),
    issuer: nameOf(x509.issuer),
    names: x509.subjectAltName ?? '',
    validTo: validTo.toISOString(),
    daysLeft: Math.floor((validTo.getTime() - now) / 86_400_000),
    ...(chainError === undefined ? {} : { chainError }),
    validForName: checkServerIdentity(name, x509.toLegacyObject() as PeerCertificate) === undefined,
  };
}

/** The lines of a distinguished name as one: `C=US, O=Amazon, CN=Amazon RSA 2048 M02`. */
const nameOf = (distinguishedName: string | undefined) => (distinguishedName ?? '').split('\n').join(', ');
