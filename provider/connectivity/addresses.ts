import { BlockList, isIP } from 'node:net';

/** A CIDR range. */
export interface Range {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

export type AddressScope = 'private' | 'public';

/**
 * Ranges that the internet does not route (IANA special-purpose address registries): private use, shared
 * (carriers, and VPCs with secondary ranges), loopback, link-local, benchmarking, unspecified, unique local.
 * NAT64 addresses (64:ff9b::/96) count as public, because a NAT gateway leads from them to the internet.
 */
const PRIVATE_RANGES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '::/128',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/** A range such as `10.0.0.0/8`; undefined for other text. */
export function parseRange(text: string): Range | undefined {
  const [, address = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text.trim()) ?? [];
  const version = isIP(address);
  const prefix = Number(bits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Tells private addresses from public ones. */
export function scopes(furtherPrivate: readonly Range[] = []): (address: string) => AddressScope {
  const list = new BlockList();
  const ranges = PRIVATE_RANGES.map(parseRange).filter((range) => range !== undefined);
  for (const { address, prefix, family } of [...ranges, ...furtherPrivate])
    list.addSubnet(address, prefix, family);
  return (address) => (list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ? 'private' : 'public');
}
