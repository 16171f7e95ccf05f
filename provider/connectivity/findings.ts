import { isIPv6 } from 'node:net';
import { cut } from '../../common/text.ts';
import type { Certificate, Connection } from './connection.ts';
import { answered, type Resolution, type ResolverAnswer } from './names.ts';
import type { CheckPlan, Host } from './plan.ts';

/** The observations of one host. */
export interface HostFacts {
  host: Host;
  /** The callers' own resolution of the name. */
  resolution: Resolution;
  /** The direct answer of the VPC's resolver; missing for an address. */
  vpcResolver?: ResolverAnswer;
  /** One for each address that was tried. */
  connections: Connection[];
}

export type FindingCode =
  | 'name-not-found'
  | 'name-not-resolved'
  | 'public-address'
  | 'resolvers-differ'
  | 'tcp-timeout'
  | 'tcp-refused'
  | 'tcp-no-route'
  | 'tcp-failed'
  | 'tls-timeout'
  | 'tls-closed'
  | 'tls-version'
  | 'tls-failed'
  | 'certificate-untrusted'
  | 'certificate-name'
  | 'certificate-expired'
  | 'certificate-expires-soon';

export interface Finding {
  code: FindingCode;
  /** A failure keeps callers from working as intended; a warning does not yet. */
  severity: 'failure' | 'warning';
  /** `api.mypurecloud.ie:443`. */
  host: string;
  /** The addresses that have the problem; none where it is a problem of the name. */
  addresses: string[];
  /** The observation. */
  problem: string;
  /** The remedy. */
  advice: string;
}

/** Last days of a certificate that bring a warning. Public certificates are renewed earlier. */
const SOON_DAYS = 14;

/** The findings about a host, in the order of the steps: name, address, connection, TLS, certificate. */
export function findingsOf(facts: HostFacts, plan: Pick<CheckPlan, 'expectPrivate' | 'stepMs'>): Finding[] {
  const { host, connections } = facts;
  const where = `${host.name}:${host.port}`;
  const found = [...aboutName(facts, plan), ...aboutConnections(connections, plan)];
  return grouped(found.map((finding) => ({ ...finding, host: where })));
}

type HostFinding = Omit<Finding, 'host'>;

const failure = (
  code: FindingCode,
  problem: string,
  advice: string,
  addresses: string[] = [],
): HostFinding => ({
  code,
  severity: 'failure',
  addresses,
  problem,
  advice,
});

const addressesOf = ({ addresses }: Resolution, scope?: string) =>
  addresses.filter((each) => scope === undefined || each.scope === scope).map(({ address }) => address);

function aboutName(
  { host, resolution, vpcResolver }: HostFacts,
  plan: Pick<CheckPlan, 'expectPrivate'>,
): HostFinding[] {
  const { name } = host;
  const direct = vpcResolver !== undefined && answered(vpcResolver) ? vpcResolver : undefined;
  const directPrivate = direct === undefined ? [] : addressesOf(direct, 'private');
  if (resolution.error !== undefined) {
    const rest =
      direct !== undefined && direct.addresses.length > 0
        ? `The VPC's resolver (${direct.server}) knows it as ${list(addressesOf(direct))}, so the name servers in the DHCP options of the VPC do not ask it: let them forward ${name} to it, or use AmazonProvidedDNS.`
        : undefined;
    if (resolution.error === 'ENOTFOUND' || resolution.error === 'ENODATA')
      return [
        failure(
          'name-not-found',
          `${name} has no address`,
          rest ??
            'Look for a misspelt name, a private hosted zone that covers the name and lacks the record, or a Resolver rule that forwards the domain to servers that do not know it.',
        ),
      ];
    return [
      failure(
        'name-not-resolved',
        `${name} was not resolved (${resolution.error})`,
        rest ??
          'The name servers did not answer: look at the DHCP options of the VPC, its DNS support, and the way to the servers of a Resolver rule that forwards the domain.',
      ),
    ];
  }
  const found: HostFinding[] = [];
  const publicOnes = addressesOf(resolution, 'public');
  if (plan.expectPrivate && publicOnes.length > 0) {
    const advice =
      directPrivate.length > 0 && direct !== undefined
        ? `The VPC's resolver (${direct.server}) answers ${list(directPrivate)}, so the name servers in the DHCP options of the VPC do not ask it: let them forward ${name} to it, or use AmazonProvidedDNS.`
        : 'Switch private DNS of the endpoint on, or associate the private hosted zone with this VPC; look for a Resolver rule that forwards the domain, since it wins over a hosted zone.';
    found.push(
      failure(
        'public-address',
        `${name} resolves to ${list(publicOnes)}, which ${publicOnes.length === 1 ? 'is' : 'are'} public: private DNS is overridden or off`,
        advice,
        publicOnes,
      ),
    );
    return found;
  }
  if (direct !== undefined && differ(resolution, direct)) {
    found.push({
      code: 'resolvers-differ',
      severity: 'warning',
      addresses: addressesOf(resolution),
      problem: `${name} resolves to ${list(addressesOf(resolution))}, but the VPC's resolver (${direct.server}) answers ${list(addressesOf(direct)) || 'that it has no address'}`,
      advice:
        'The callers ask other name servers (DHCP options of the VPC). That is right where these forward on purpose; otherwise let them forward the domain to the VPC resolver.',
    });
  }
  return found;
}

/**
 * Whether two answers have different sources: the scopes differ, or private addresses have none in common.
 */
function differ(one: Resolution, other: Resolution): boolean {
  const [a, b] = [addressesOf(one), addressesOf(other)];
  if (b.length === 0) return a.length > 0;
  const allPrivate = (answer: Resolution) => answer.addresses.every(({ scope }) => scope === 'private');
  if (allPrivate(one) !== allPrivate(other)) return true;
  // A public name may have other addresses at every look-up.
  return allPrivate(one) && !a.some((address) => b.includes(address));
}

function aboutConnections(connections: Connection[], plan: Pick<CheckPlan, 'stepMs'>): HostFinding[] {
  const ipv4Works = connections.some(
    ({ address, tls }) => !isIPv6(address) && tls?.error === undefined && tls,
  );
  return connections.flatMap((connection) => {
    const found = aboutTcp(connection, plan) ?? aboutTls(connection, plan);
    if (found === undefined) return aboutCertificate(connection);
    // Callers go on to the next address, and a subnet without IPv6 is no fault.
    const harmless = found.code === 'tcp-no-route' && isIPv6(connection.address) && ipv4Works;
    return [harmless ? { ...found, severity: 'warning' as const } : found];
  });
}

function aboutTcp(
  { address, tcp }: Connection,
  { stepMs }: Pick<CheckPlan, 'stepMs'>,
): HostFinding | undefined {
  switch (tcp.error) {
    case undefined:
      return undefined;
    case 'TIMEOUT':
    case 'ETIMEDOUT':
      return failure(
        'tcp-timeout',
        `no connection in ${stepMs / 1000} s`,
        'Packets are dropped: look at the security group of the endpoint (it has to admit the security group of the callers on this port), that of the callers, the network ACLs and the route table.',
        [address],
      );
    case 'ECONNREFUSED':
      return failure(
        'tcp-refused',
        'the connection was refused',
        'The way is open, but nothing listens there: look at the target, its port and its health.',
        [address],
      );
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return failure(
        'tcp-no-route',
        `there is no route (${tcp.error})`,
        'Look at the route table of the subnet; an IPv6 address needs IPv6 in the subnet and in the function.',
        [address],
      );
    default:
      return failure(
        'tcp-failed',
        `the connection failed (${tcp.error})`,
        'Something on the way ends connections: look at firewalls and at the targets of the load balancer.',
        [address],
      );
  }
}

function aboutTls(
  { address, tls }: Connection,
  { stepMs }: Pick<CheckPlan, 'stepMs'>,
): HostFinding | undefined {
  if (tls === undefined || tls.error === undefined) return undefined;
  if (tls.version !== undefined)
    return failure(
      'tls-version',
      `${tls.version} is the newest that is negotiated`,
      'Genesys Cloud and its callers need TLS 1.2 or newer: set a security policy with TLS 1.2 on the load balancer or server.',
      [address],
    );
  if (tls.error === 'TIMEOUT')
    return failure(
      'tls-timeout',
      `no answer to the TLS handshake in ${stepMs / 1000} s`,
      'The connection is open, but nobody speaks: look at the targets behind the load balancer, and at firewalls that inspect TLS.',
      [address],
    );
  if (tls.error === 'ECONNRESET' || tls.error === 'EPIPE')
    return failure(
      'tls-closed',
      'the connection was closed in the TLS handshake',
      'Look at firewalls that filter by server name, at the health of the targets behind the load balancer, and whether TLS is spoken on this port.',
      [address],
    );
  return failure(
    'tls-failed',
    `the TLS handshake failed (${tls.error})`,
    tls.error === 'ERR_SSL_WRONG_VERSION_NUMBER' || tls.error === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
      ? 'What listens there does not speak TLS: look at the port and at the protocol of the listener.'
      : 'Client and server have no protocol version and cipher in common: look at the security policy of the load balancer or server.',
    [address],
  );
}

function aboutCertificate({ address, certificate }: Connection): HostFinding[] {
  if (certificate === undefined) return [];
  const { chainError, validForName, daysLeft, names, issuer, validTo } = certificate;
  const found: HostFinding[] = [];
  if (daysLeft < 0) {
    found.push(
      failure('certificate-expired', `the certificate ended on ${day(validTo)}`, 'Renew the certificate.', [
        address,
      ]),
    );
  } else if (chainError !== undefined) {
    found.push(
      failure(
        'certificate-untrusted',
        `the certificate of ${cut(issuer, LONGEST_NAMES)} is not from a public authority (${chainError})`,
        adviceOnChain(certificate),
        [address],
      ),
    );
  }
  if (!validForName)
    found.push(
      failure(
        'certificate-name',
        `the certificate is for ${cut(names, LONGEST_NAMES) || 'no name'}`,
        'Connect by a name of the certificate, or use a certificate for this name; an endpoint needs private DNS or a hosted zone so that the name stays.',
        [address],
      ),
    );
  if (daysLeft >= 0 && daysLeft < SOON_DAYS)
    found.push({
      code: 'certificate-expires-soon',
      severity: 'warning',
      addresses: [address],
      problem: `the certificate ends on ${day(validTo)}, in ${daysLeft} days`,
      advice: 'Renew the certificate.',
    });
  return found;
}

const adviceOnChain = ({ chainError }: Certificate) =>
  chainError === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' || chainError === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
    ? 'The server leaves its intermediate certificates out, has a private authority, or a firewall on the way decrypts TLS: send the whole chain of a public certificate, and except this name from inspection.'
    : chainError === 'CERT_NOT_YET_VALID'
      ? 'The certificate is not valid yet.'
      : 'The server has a certificate of its own or of a private authority, or a firewall on the way decrypts TLS: use a public certificate, and except this name from inspection.';

/** One finding for the same problem of several addresses, in the order of their first appearance. */
function grouped(findings: Finding[]): Finding[] {
  const groups = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.code} ${finding.severity} ${finding.problem}`;
    const group = groups.get(key);
    if (group) group.addresses.push(...finding.addresses);
    else groups.set(key, { ...finding, addresses: [...finding.addresses] });
  }
  return [...groups.values()];
}

/** `api.mypurecloud.ie:443 (10.0.1.5, 10.0.2.5): the connection was refused. …` */
export function sentence({ code, host, addresses, problem, advice }: Finding): string {
  const named = code === 'public-address' || code === 'resolvers-differ' || addresses.length === 0;
  return `${host}${named ? '' : ` (${list(addresses)})`}: ${problem}. ${advice}`;
}

const LISTED = 6;
export function list(items: string[]): string {
  return items.length <= LISTED
    ? items.join(', ')
    : `${items.slice(0, LISTED).join(', ')} and ${items.length - LISTED} more`;
}

const day = (iso: string) => iso.slice(0, 10);
const LONGEST_NAMES = 200;
