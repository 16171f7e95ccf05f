/**
 * A name server on 127.0.0.1 (RFC 1035) with A and AAAA records by name. It can stay silent or answer with an
 * error.
 */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import type { Lookup } from '../../../provider/connectivity/names.ts';

export interface NameServer {
  /** `127.0.0.1:port`. */
  address: string;
  /** The names that callers asked for. */
  asked: string[];
  /** Resolves with this server alone, as for callers whose DHCP options name it. */
  lookup: Lookup;
  close(): Promise<void>;
}

/**
 * Addresses by name. `silent` never answers, `broken` answers SERVFAIL. A name without an entry does not
 * exist.
 */
export type Records = Record<string, string[] | 'silent' | 'broken'>;

const A = 1;
const AAAA = 28;
const SERVFAIL = 2;
const NXDOMAIN = 3;

export async function nameServer(records: Records): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type, end } = question(query);
    asked.push(name);
    const record = records[name];
    if (record === 'silent') return;
    const fits = type === A ? isIPv4 : type === AAAA ? isIPv6 : () => false;
    const addresses = Array.isArray(record) ? record.filter((address) => fits(address)) : [];
    const code = record === undefined ? NXDOMAIN : record === 'broken' ? SERVFAIL : 0;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 | code, 2); // a response; recursion asked for and available
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const answers = addresses.map((address) => answer(type, address));
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const address = `127.0.0.1:${socket.address().port}`;
  return {
    address,
    asked,
    async lookup(name) {
      const resolver = new Resolver({ timeout: 1000, tries: 1 });
      resolver.setServers([address]);
      const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      const found = [ipv4, ipv6].flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
      if (found.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
      return found;
    },
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(type: number, address: string): Buffer {
  const data = type === A ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4); // internet
  head.writeUInt32BE(60, 6); // seconds to live
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [front = '', back] = address.split('::');
  const words = (text: string) =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [head, tail] = [words(front), words(back ?? '')];
  const all = [...head, ...new Array(8 - head.length - tail.length).fill(0), ...tail];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}
