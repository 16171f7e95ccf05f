/**
 * Size and content of the packages, the code that a cold start loads, and that loading makes no call and
 * reads no file. None of this depends on the machine; `make bench` measures the times.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { type DependencyBytes, dependencyBytes, zipBytesLimit } from '../../scripts/bench/package.ts';
import { bundle, functionsOf, packages, zip } from '../../scripts/build/package.ts';

/** Packages from npm that a zip may hold, beside the AWS SDK's own parts. A new one needs a decision. */
const ALLOWED: Record<string, readonly string[]> = {
  provider: [
    '@aws-lambda-powertools/commons',
    '@aws-lambda-powertools/logger',
    'is-network-error',
    'p-retry',
    'purecloud-platform-client-v2',
    'zod',
  ],
  endpoint: [
    '@aws-lambda-powertools/commons',
    '@aws-lambda-powertools/jmespath',
    '@aws-lambda-powertools/logger',
    '@aws-lambda-powertools/metrics',
    'aws-jwt-verify',
    'zod',
  ],
  operations: [
    '@aws-lambda-powertools/commons',
    '@aws-lambda-powertools/logger',
    'is-network-error',
    'p-retry',
    'purecloud-platform-client-v2',
    'yaml',
    'zod',
  ],
};
/** The parts of the AWS SDK. The DynamoDB client brings mnemonist and obliterator. */
const AWS_SDK = /^(@aws-sdk\/|@smithy\/|@aws\/lambda-invoke-store$|mnemonist$|obliterator$)/;

/** Bytes of code that a cold start may parse. Now it parses some 2,000 fewer. */
const EAGER_BYTES_LIMIT = 444_000;
/** The first answer does not need these. Requests that need them load them. */
const LAZY = ['@aws-sdk/client-s3', '@aws-sdk/client-kms', '@aws-sdk/client-cloudformation'];

const root = resolve(import.meta.dirname, '../..');
let folder: string;
const built = new Map<
  string,
  { metafile: Metafile; dependencies: DependencyBytes[]; file: string; hash: string }
>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
  for (const pack of packages) {
    const metafile = await bundle(pack, join(folder, pack.name));
    const file = join(folder, `${pack.name}.zip`);
    const hash = await zip(join(folder, pack.name), file);
    built.set(pack.name, { metafile, dependencies: dependencyBytes(metafile), file, hash });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const of = (name: string) => {
  const found = built.get(name);
  if (found === undefined) throw new Error(`${name} was not built`);
  return found;
};

test(`the provider's zip has at most ${zipBytesLimit} bytes`, async () => {
  expect((await stat(of('provider').file)).size).toBeLessThanOrEqual(zipBytesLimit);
});

test.each(packages.map(({ name }) => name))('the same source gives the same %s.zip twice', async (name) => {
  const pack = packages.find((one) => one.name === name);
  if (pack === undefined) throw new Error(`there is no package ${name}`);
  const again = join(folder, 'again', name);
  await bundle(pack, again);
  expect(await zip(again, join(folder, `${name}-again.zip`))).toBe(of(name).hash);
});

test.each(Object.keys(ALLOWED))(
  '%s.zip holds the AWS SDK and the dependencies that were decided on',
  (name) => {
    const { metafile } = of(name);
    const foreign = Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([input, { bytesInOutput }]) => bytesInOutput > 0 && input.includes('node_modules/'))
      .map(([input]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? input)
      .filter((one) => !AWS_SDK.test(one) && !ALLOWED[name]?.includes(one));
    expect([...new Set(foreign)]).toEqual([]);
  },
);

test("the Genesys Cloud SDK's own client, its HTTP library, logger and browser code stay out", () => {
  const inputs = Object.values(of('provider').metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 100)
      .map(([input]) => input),
  );
  expect(inputs.filter((input) => /ApiClient|axios|winston|bowser|configparser/.test(input))).toEqual([]);
});

test.each(packages.map(({ name }) => name))('the error classes of %s.zip keep their names', async (name) => {
  const declared = (await sources(name)).flatMap((text) =>
    [...text.matchAll(/class (\w+) extends \w*Error\b/g)].map(([, className = '']) => className),
  );
  expect(declared.length).toBeGreaterThan(0);
  const files = (await readdir(join(folder, name), { recursive: true })).filter((file) =>
    file.endsWith('.mjs'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(folder, name, file), 'utf8')));
  const kept = new Set(
    texts.flatMap((text) => [...text.matchAll(/"name",\{value:"(\w+)"\}/g)].map(([, kept]) => kept)),
  );
  expect(declared.filter((className) => !kept.has(className))).toEqual([]);
});

/** This repository's own files in a package. */
async function sources(name: string): Promise<string[]> {
  const inputs = Object.values(of(name).metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  const ours = [...new Set(inputs)].filter((input) => /^(provider|endpoint)\//.test(input));
  return Promise.all(ours.map((file) => readFile(join(root, file), 'utf8')));
}

/** Methods of every API class of the SDK that went into the provider. */
async function sdkMethods(): Promise<Set<string>> {
  const inputs = Object.values(of('provider').metafile.outputs).flatMap((output) =>
    Object.keys(output.inputs),
  );
  const classes = [...new Set(inputs)].filter((input) =>
    /^[^:]*purecloud-platform-client-v2\/.*Api\.js$/.test(input),
  );
  const texts = await Promise.all(classes.map((file) => readFile(join(root, file), 'utf8')));
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/^\t((?:get|post|put|patch|delete)[A-Z]\w*)\(/gm)].map(([, name = '']) => name),
    ),
  );
}

test('every call of the SDK in the sources is in the bundle, the calls of others are not', async () => {
  const files = (await readdir(join(folder, 'provider'), { recursive: true })).filter((file) =>
    file.endsWith('.mjs'),
  );
  const bundled = (
    await Promise.all(files.map((file) => readFile(join(folder, 'provider', file), 'utf8')))
  ).join('\n');
  const known = await sdkMethods();
  const called = (await sources('provider')).flatMap((text) =>
    [...text.matchAll(/\.(\w+)\(/g)].map(([, name = '']) => name).filter((name) => known.has(name)),
  );
  expect(new Set(called).size).toBeGreaterThan(15);
  const missing = called.filter((method) => !new RegExp(`[;{}]${method}\\([\\w,]*\\)\\{`).test(bundled));
  expect(missing).toEqual([]);
  expect(bundled).not.toContain('/api/v2/integrations/botconnectors');
});

describe('a cold start of the provider', () => {
  test(`parses at most ${EAGER_BYTES_LIMIT} bytes`, () => {
    const eager = of('provider').dependencies.reduce((sum, dependency) => sum + dependency.eager, 0);
    expect(eager).toBeLessThanOrEqual(EAGER_BYTES_LIMIT);
  });

  test('leaves for later what the first answer does not need', () => {
    const { dependencies, metafile } = of('provider');
    const early = dependencies.filter(({ name, eager }) => LAZY.includes(name) && eager > 0);
    expect(early).toEqual([]);
    // Dependency tracking, the largest API class of the SDK, has a file of its own.
    const entry = Object.entries(metafile.outputs).find(([name]) => name.endsWith('/index.mjs'))?.[1];
    expect(Object.keys(entry?.inputs ?? {}).filter((input) => input.includes('ArchitectApi'))).toEqual([]);
  });
});

/** The outputs that an entry loads at its start. */
function eagerOutputs(name: string, entry: string) {
  const { outputs } = of(name).metafile;
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file) || outputs[file] === undefined) return;
    loaded.add(file);
    for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement') load(path);
  };
  load(Object.keys(outputs).find((file) => file.endsWith(`/${entry}.mjs`)) ?? '');
  return [...loaded].flatMap((file) => outputs[file] ?? []);
}

describe('the check at deployment, for which every deployment waits,', () => {
  const bytesOf = (entry: string) =>
    eagerOutputs('operations', entry).reduce((sum, { bytes }) => sum + bytes, 0);

  test('loads some 12 KB for a template without types of ours, and the rules only for others', () => {
    expect(bytesOf('validate-hook')).toBeGreaterThan(0);
    expect(bytesOf('validate-hook')).toBeLessThanOrEqual(20_000);
    expect(bytesOf('validate-hook-judge')).toBeLessThanOrEqual(350_000);
  });

  test('loads no AWS SDK, and nothing later', () => {
    const outputs = ['validate-hook', 'validate-hook-judge'].flatMap((entry) =>
      eagerOutputs('operations', entry),
    );
    const inputs = outputs.flatMap(({ inputs }) => Object.keys(inputs));
    expect(inputs.filter((input) => /node_modules\/@(aws-sdk|smithy)/.test(input))).toEqual([]);
    expect(inputs.some((input) => input.startsWith('cli/validate/'))).toBe(true);
  });
});

/**
 * Loads an entry in a process that may read its own folder only, since Node's permission model throws
 * otherwise. Answers which connections and names the entry asked for.
 */
async function load(name: string, entry: string): Promise<{ exports: string[]; network: string[] }> {
  const script = `
    import net from 'node:net';
    import dns from 'node:dns';
    const network = [];
    const connect = net.Socket.prototype.connect;
    net.Socket.prototype.connect = function (...args) {
      network.push('connect');
      return connect.apply(this, args);
    };
    for (const [object, label] of [[dns, 'dns'], [dns.promises, 'dns']]) {
      object.lookup = (...args) => {
        network.push(label);
        throw new Error('no names here');
      };
    }
    const module = await import(process.argv[1]);
    // At the end of the event loop every call that was begun without waiting has run.
    process.once('beforeExit', () => console.log(JSON.stringify({ exports: Object.keys(module), network })));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--permission',
      `--allow-fs-read=${join(folder, name)}/`,
      '--no-warnings',
      '--input-type=module',
      '-e',
      script,
      join(folder, name, `${entry}.mjs`),
    ],
    { env: { AWS_REGION: 'us-east-1' }, timeout: 30_000 },
  );
  return JSON.parse(stdout);
}

const entries = packages.flatMap((pack) =>
  Object.keys(functionsOf(pack)).map((entry) => [pack.name, entry] as const),
);

test.each(entries)(
  '%s.zip: %s loads without a call and without a file outside of the package',
  async (name, entry) => {
    const { exports, network } = await load(name, entry);
    expect(exports).toContain('handler');
    expect(network).toEqual([]);
  },
);

test('a module that reads another file or opens a connection as it loads would be found out', async () => {
  const probe = join(folder, 'probe');
  await mkdir(probe);
  await writeFile(
    join(probe, 'reads.mjs'),
    "import { readFileSync } from 'node:fs'; readFileSync('/etc/hosts');",
  );
  await writeFile(join(probe, 'calls.mjs'), "fetch('http://127.0.0.1:65533').catch(() => {});");
  await expect(load('probe', 'reads')).rejects.toThrow('ERR_ACCESS_DENIED');
  expect((await load('probe', 'calls')).network).toEqual(['connect']);
});
