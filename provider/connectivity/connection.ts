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

/** What one address of a host does. */
export interface Connection {
  address: string;
  tcp: StepOutcome;
  /** Missing where no connection was made. */
  tls?: Handshake;
  /** Missing where no handshake was made. */
  certificate?: Certificate;
}

export interface Handshake extends StepOutcome {
  /** The version that was negotiated, as `TLSv1.3`. Also of a server that is too old for the callers. */
  version?: string;
  cipher?: string;
}

export interface Certificate {
  subject: string;
  issuer: string;
  /** As in the certificate: `DNS:*.mypurecloud.ie, DNS:mypurecloud.ie`. */
  names: string;
  /** ISO 8601. */
  validTo: string;
  /** Whole days from now on; negative when it is over. */
  daysLeft: number;
  /** OpenSSL's word for what is wrong with the chain to a public authority, such as SELF_SIGNED_CERT_IN_CHAIN. */
  chainError?: string;
  validForName: boolean;
}

/** The versions that callers negotiate: TLS 1.2 and 1.3. */
const asCallersDo: ConnectionOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' };

/** Whatever version the server may have, to name it. Nothing is sent over such a connection. */
const asOldAsItGets: ConnectionOptions = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.3',
  ciphers: 'DEFAULT@SECLEVEL=0',
};

/**
 * Opens a connection to one address of the host and negotiates TLS, as callers do, and closes it: no request is sent.
 * `extraCa`: certificates (PEM) trusted beside the public authorities.
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
    // A server that says nothing, or hangs up, says no more to an older client.
    const silent = how.error === 'TIMEOUT' || how.error === 'ECONNRESET';
    const version = silent ? undefined : await oldVersion(name, port, address, limits);
    return { address, tcp, tls: { ...how, ...(version === undefined ? {} : { version }) } };
  }
  // Gone already where the time was over in the moment of success: Node's types do not know that.
  const cipher = (secure.getCipher() as { name: string } | undefined)?.name ?? 'none';
  const tls = { ...how, version: secure.getProtocol() ?? 'none', cipher };
  const certificate = describe(secure, name, limits.clock.now());
  // After the end of the handshake was sent: a server counts it as one.
  secure.end(() => secure.destroy());
  return { address, tcp, tls, ...(certificate === undefined ? {} : { certificate }) };
}

/** The version below TLS 1.2 that the server negotiates, if that is why it failed. */
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
      // From now on an error ends a later step, which listens itself.
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
      // Both are looked at afterwards, so that what is wrong with the certificate can be told in full.
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

function describe(socket: TLSSocket, name: string, now: number): Certificate | undefined {
  const x509 = socket.getPeerX509Certificate();
  if (x509 === undefined) return undefined;
  const validTo = new Date(x509.validTo);
  // A string in fact, where the types say Error.
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

/** `C=US, O=Amazon, CN=Amazon RSA 2048 M02`, from one line an attribute. */
const nameOf = (distinguishedName: string | undefined) => (distinguishedName ?? '').split('\n').join(', ');
