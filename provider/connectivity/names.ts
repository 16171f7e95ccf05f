import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressScope } from './addresses.ts';
import { type StepLimits, type StepOutcome, step } from './step.ts';

/**
 * Finds the addresses of a name, in the order in which callers try them. Rejects with an error that has a
 * `code`.
 */
export type Lookup = (name: string) => Promise<string[]>;

export interface ResolvedAddress {
  address: string;
  scope: AddressScope;
}

/** The addresses of a name. */
export interface Resolution extends StepOutcome {
  addresses: ResolvedAddress[];
}

/** The addresses of a name, as one server answers. */
export interface ResolverAnswer extends Resolution {
  server: string;
}

/** The callers' way: the operating system (getaddrinfo) with its name servers, IPv4 and IPv6. */
export const systemLookup: Lookup = async (name) => {
  const found = await lookup(name, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

export async function resolveName(
  name: string,
  lookUp: Lookup,
  scopeOf: (address: string) => AddressScope,
  limits: StepLimits,
): Promise<Resolution> {
  const { value = [], ...how } = await step(limits, () => lookUp(name));
  return { addresses: value.map((address) => ({ address, scope: scopeOf(address) })), ...how };
}

/**
 * Asks the VPC's resolver directly, past the name servers in the VPC's DHCP options. Undefined for an
 * address, which needs no name server.
 */
export async function askResolvers(
  name: string,
  servers: readonly string[],
  scopeOf: (address: string) => AddressScope,
  limits: StepLimits,
): Promise<ResolverAnswer | undefined> {
  if (isIP(name) !== 0) return undefined;
  let answer: ResolverAnswer | undefined;
  for (const server of servers) {
    const { value = [], ...how } = await step(limits, (signal) => ask(server, name, limits.stepMs, signal));
    answer = { server, addresses: value.map((address) => ({ address, scope: scopeOf(address) })), ...how };
    if (answered(answer)) return answer;
  }
  return answer;
}

/** Whether the server answered; "there is no such name" is an answer, too. */
export const answered = ({ error }: StepOutcome) =>
  error === undefined || error === 'ENOTFOUND' || error === 'ENODATA';

async function ask(server: string, name: string, timeout: number, signal: AbortSignal): Promise<string[]> {
  const resolver = new Resolver({ timeout, tries: 1 });
  resolver.setServers([server]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = [ipv4, ipv6].flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    if (addresses.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
    return addresses;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
