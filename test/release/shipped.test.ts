/**
 * Audit, SBOM and licences cover the packages of which the bundles contain code: no fewer, so that nothing
 * ships unseen, and no more, so that a tool of the tests stops no release.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { licences, packageName, shippedIn } from '../../scripts/release/licences.ts';
import { manifestOf, shippedMetafiles, shippedPackages } from '../../scripts/release/shipped.ts';

const root = resolve(import.meta.dirname, '../..');
const shipped = shippedPackages();
const names = shipped.map(packageName).sort();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipped-test-'));
  const { code, stderr } = await run(process.execPath, [join(root, 'scripts/release/shipped.ts'), folder]);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rm(folder, { recursive: true }));

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env } };
    execFile(command, args, { ...options, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });

test('the list has the packages of the bundles; node scripts/release/shipped.ts writes it', async () => {
  expect(shipped.length).toBeGreaterThan(20);
  expect(shipped).toEqual(shippedIn(await shippedMetafiles()));
});

test('a package counts when a byte of it is in a bundle, a nested copy for itself', () => {
  const inputs = {
    '../elsewhere/node_modules/@a/b/x.js': { bytesInOutput: 1 },
    'node_modules/c/node_modules/d/y.js': { bytesInOutput: 1 },
    'node_modules/e/z.js': { bytesInOutput: 0 },
    'provider/index.ts': { bytesInOutput: 1 },
  };
  const output = { bytes: 2, inputs, imports: [], exports: [] };
  expect(shippedIn([{ inputs: {}, outputs: { 'index.mjs': output } }])).toEqual([
    'node_modules/@a/b',
    'node_modules/c/node_modules/d',
  ]);
});

test('a package that the lockfile does not have is an error', async () => {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  expect(() => manifestOf(['node_modules/gone'], lock)).toThrow('package-lock.json has no node_modules/gone');
});

test('npm lists exactly these packages in the SBOM, with version, licence and hash', async () => {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { code, stdout, stderr } = await run('npm', args, { npm_config_offline: 'true' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { components } = JSON.parse(stdout) as {
    components: { name: string; version: string; hashes: unknown[]; licenses: unknown[] }[];
  };
  expect(components.map(({ name }) => name).sort()).toEqual(names);
  const bare = components.filter((one) => !one.version || !one.hashes?.length || !one.licenses?.length);
  expect(bare).toEqual([]);
});

/** A registry that knows one vulnerability, and which packages it was asked for. */
async function registry(): Promise<{ server: Server; asked: string[]; url: string }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(404).end('{}');
      return;
    }
    const body = await bodyOf(request);
    asked.push(...Object.keys(body));
    const advisory = { id: 1, url: 'https://example.com/1', title: 'bad', severity: 'high', cwe: [] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ yaml: [{ ...advisory, vulnerable_versions: '*', cvss: { score: 8 } }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** npm sends the names and versions compressed. */
async function bodyOf(request: AsyncIterable<Buffer> & NodeJS.ReadableStream & { headers: object }) {
  if (!('content-encoding' in request.headers)) return (await json(request)) as object;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(gunzipSync(Buffer.concat(parts)).toString()) as object;
}

test('npm audit asks for exactly these packages, and a vulnerability in one of them stops the release', async () => {
  const { server, asked, url } = await registry();
  try {
    const { code, stdout } = await run('npm', ['audit', '--audit-level=moderate'], {
      npm_config_registry: url,
      npm_config_fetch_retries: '0',
    });
    expect(asked.sort()).toEqual(names);
    expect(stdout).toContain('yaml');
    expect(code).toBe(1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('the licences name every package with its version, and give each text once', () => {
  const text = licences(shipped);
  for (const name of names) expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\S+ \\(.+\\)$`, 'm'));
  expect(text).toContain('Permission to use, copy, modify');
  expect(text.match(/Licensed under the Apache License/g)?.length ?? 0).toBeLessThan(10);
});
