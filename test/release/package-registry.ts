/** A registry for npm and pip on this machine: tiny packages, over https, by a certificate of its own. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loopbackCertificate } from '../../local/cloudformation/certificate.ts';

const run = promisify(execFile);
const VERSION = '1.0.0';

export interface Registry {
  url: string;
  /** The certificate that a client has to trust, as PEM. */
  authority: string;
  /** Paths of all requests. */
  asked: string[];
  stop(): Promise<void>;
}

/** A file of a package, and its digests as a lockfile and a file of requirements have them. */
export interface Packed {
  bytes: Buffer;
  integrity: string;
  sha256: string;
}

const packed = (bytes: Buffer): Packed => ({
  bytes,
  integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/**
 * A package for npm.
 * @param files by their paths in the package; all of them can be executed
 */
export async function npmPackage(
  folder: string,
  name: string,
  files: Record<string, string>,
): Promise<Packed> {
  const at = join(folder, name, 'package');
  for (const [path, text] of Object.entries({
    'package.json': JSON.stringify({ name, version: VERSION }),
    ...files,
  })) {
    await mkdir(join(at, path, '..'), { recursive: true });
    await writeFile(join(at, path), text, { mode: 0o755 });
  }
  const file = join(folder, `${name}.tgz`);
  await run('python3', ['-m', 'tarfile', '-c', file, 'package'], { cwd: join(folder, name) });
  return packed(await readFile(file));
}

/** A wheel for pip. @param python a Python that writes the zip */
export async function wheel(folder: string, name: string, python: string): Promise<Packed> {
  const info = `${name}-${VERSION}.dist-info`;
  const files = {
    [`${name}.py`]: '',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${VERSION}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: `${name}.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  };
  const script =
    'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n, t in json.loads(sys.argv[2]).items(): z.writestr(n, t)';
  const file = join(folder, wheelName(name));
  await run(python, ['-c', script, file, JSON.stringify(files)]);
  return packed(await readFile(file));
}

const wheelName = (name: string) => `${name}-${VERSION}-py3-none-any.whl`;

/** The lockfile of a package that needs these. */
export function lockfile(name: string, needed: Record<string, Packed>): string {
  const dependencies = Object.fromEntries(Object.keys(needed).map((one) => [one, VERSION]));
  const packages = Object.entries(needed).map(([one, { integrity }]) => [
    `node_modules/${one}`,
    { version: VERSION, integrity },
  ]);
  return JSON.stringify({
    name,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name, dependencies }, ...Object.fromEntries(packages) },
  });
}

/** The package.json of a package that needs these. */
export const manifest = (name: string, needed: Record<string, Packed>): string =>
  JSON.stringify({
    name,
    dependencies: Object.fromEntries(Object.keys(needed).map((one) => [one, VERSION])),
  });

/** Lines of a file of requirements. */
export const requirements = (needed: Record<string, Packed>): string =>
  Object.entries(needed)
    .map(([name, { sha256 }]) => `${name}==${VERSION} --hash=sha256:${sha256}\n`)
    .join('');

/** Starts the registry. */
export async function startRegistry(
  npm: Record<string, Packed>,
  pip: Record<string, Packed>,
): Promise<Registry> {
  const { key, cert } = loopbackCertificate();
  const asked: string[] = [];
  const server = createServer({ key, cert }, ({ url: path = '' }, response) => {
    asked.push(path);
    const [, area = '', name = '', file] = path.split('/');
    const one = { npm, simple: pip }[area]?.[name];
    if (one === undefined) return response.writeHead(404).end();
    if (file) return response.end(one.bytes);
    if (area === 'simple') {
      response.setHeader('content-type', 'text/html');
      return response.end(`<a href="/simple/${name}/${wheelName(name)}">${wheelName(name)}</a>`);
    }
    const dist = { tarball: `${url}/npm/${name}/${VERSION}.tgz`, integrity: one.integrity };
    return response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: VERSION },
        versions: { [VERSION]: { name, version: VERSION, dist } },
      }),
    );
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    authority: cert,
    asked,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
