import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** Unpacks a zip into a folder, as Lambda does: stored and deflated entries, no zip64, no encryption. */
export async function unzip(archive: Buffer, folder: string): Promise<void> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06'));
  if (end === -1) throw new Error('not a zip: no end of central directory');
  const entries = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < entries; i += 1) {
    if (archive.readUInt32LE(at) !== 0x02014b50) throw new Error('not a zip: broken central directory');
    const method = archive.readUInt16LE(at + 10);
    const size = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const extrasLength = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const header = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + extrasLength;

    const file = normalize(name);
    if (file.startsWith('..') || file.startsWith('/')) throw new Error(`${name} leads out of the folder`);
    if (name.endsWith('/')) continue;
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const packed = archive.subarray(start, start + size);
    if (method !== 0 && method !== 8) throw new Error(`${name} is packed with method ${method}`);
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), method === 8 ? inflateRawSync(packed) : packed);
  }
}
